package states_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"salamander/engine"
	"salamander/engine/dataset"
	"salamander/engine/integration"
	"salamander/operation"
	"salamander/store"
)

const (
	largeItems = 20_000
	waiterAt   = 97   // each of so many items has a child that waits
	failingAt  = 1000 // … whose child fails
)

// folder is a bucket in a directory.
type folder string

func (f folder) Get(_ context.Context, arguments json.RawMessage) (io.ReadCloser, error) {
	var in struct{ Key string }
	if err := json.Unmarshal(arguments, &in); err != nil {
		return nil, err
	}
	return os.Open(filepath.Join(string(f), in.Key))
}

func (f folder) List(context.Context, json.RawMessage) (dataset.Page, error) {
	return dataset.Page{}, nil
}

func (f folder) Put(_ context.Context, _, key string, body []byte) error {
	return os.WriteFile(filepath.Join(string(f), filepath.Base(key)), body, 0o600)
}

// withLog has do use an engine over the store in dir, with the log before the
// tables as the server has it.
func withLog(dir string, reg *operation.Registry, do func(e *engine.Engine, s engine.Store) error) error {
	db, err := store.Open(dir, store.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	s, err := store.OpenEngine(context.Background(), db)
	if err != nil {
		return err
	}
	log := slog.New(slog.DiscardHandler)
	e := engine.New(engine.Options{Store: s, Log: log, Objects: func(engine.Execution) dataset.Objects { return folder(dir) },
		Runner: integration.New(integration.Options{Registry: reg, Log: log})})
	defer e.Close()
	if err := e.Recover(context.Background()); err != nil {
		return err
	}
	return do(e, s)
}

// workLargeMap is a process that runs a map run of many items. Its parent kills
// it now and then.
func workLargeMap(dir string) error {
	definition := mapped(fmt.Sprintf(`,"ToleratedFailureCount":%d,
		"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"JSONL"},"Parameters":{"Bucket":"b","Key":"items.jsonl"}},
		"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"b"},"WriterConfig":{"Transformation":"COMPACT","OutputType":"JSONL"}}`, largeItems/failingAt),
		`{"Type":"Choice","Choices":[{"Variable":"$.k","StringEquals":"w","Next":"W"},{"Variable":"$.k","StringEquals":"f","Next":"F"}],"Default":"P"},
		"W":{"Type":"Wait","Seconds":1,"Next":"P"},"F":{"Type":"Fail","Error":"E"},"P":{"Type":"Pass","End":true}`)
	return withLog(dir, &operation.Registry{}, func(e *engine.Engine, _ engine.Store) error {
		if err := begin(e, definition, "x", "{}"); err != nil {
			return err
		}
		wait(e)
		return nil
	})
}

// Whatever the moment of the kill, each of many items has one child, counts
// and tolerated failures are exact, and the results are whole and in order.
func TestKill9LargeMapRun(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a map run of 20,000 items through kills")
	}
	dir := t.TempDir()
	var items strings.Builder
	var lines []string
	failing := int64(0)
	for i := range largeItems {
		kind := "p"
		switch {
		case i%failingAt == failingAt-1:
			kind = "f"
			failing++
		case i%waiterAt == 0:
			kind = "w"
		}
		line := fmt.Sprintf(`{"n":%d,"k":%q}`, i, kind)
		items.WriteString(line + "\n")
		if kind != "f" {
			lines = append(lines, line)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "items.jsonl"), []byte(items.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	s := workThroughKillsIn(t, dir, "large map", 10, 400*time.Millisecond)
	ex, err := s.Execution(t.Context(), executionARN+"x")
	if err != nil || ex.Status != engine.Succeeded {
		t.Fatalf("got %+v, %v", ex, err)
	}
	runs, err := s.MapRuns(t.Context(), ex.ARN, 0, 10)
	if err != nil || len(runs) != 1 {
		t.Fatalf("map runs: got %+v, %v", runs, err)
	}
	want := engine.MapCounts{Succeeded: largeItems - failing, Failed: failing, Total: largeItems, ResultsWritten: largeItems}
	if diff := cmp.Diff([]engine.MapCounts{want, want}, []engine.MapCounts{runs[0].Items, runs[0].Executions}); diff != "" || runs[0].Status != engine.Succeeded {
		t.Errorf("%s (-want +got):\n%s", runs[0].Status, diff)
	}
	number := int64(0)
	for child, err := range s.AllChildren(t.Context(), runs[0].ARN, 0) {
		status := engine.Succeeded
		if child.Number%failingAt == failingAt-1 {
			status = engine.Failed
		}
		if err != nil || child.Number != number || child.Status != status || !strings.HasPrefix(child.Input, fmt.Sprintf(`{"n":%d,`, number)) {
			t.Fatalf("child %d: got %+v, %v", number, child, err)
		}
		number++
	}
	if number != largeItems {
		t.Errorf("got %d children; want %d", number, largeItems)
	}
	f, err := os.Open(filepath.Join(dir, "SUCCEEDED_0.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	scan := bufio.NewScanner(f)
	n := 0
	for ; scan.Scan(); n++ {
		if n >= len(lines) || scan.Text() != lines[n] {
			t.Fatalf("result %d: got %s", n, scan.Text())
		}
	}
	if n != len(lines) {
		t.Errorf("got %d results; want %d", n, len(lines))
	}
}

const (
	redrivenItems = 2000
	brokenAt      = 200 // the task of each of so many items fails until it is redriven
)

// workRedrivenMap is a process that runs a map run and redrives it until it
// succeeds. Its parent kills it now and then.
func workRedrivenMap(dir string) error {
	reg := &operation.Registry{}
	reg.Handle(operation.Spec{Service: "lambda", Name: "Invoke"}, func(_ context.Context, req *operation.Request) (*operation.Response, error) {
		var in struct{ Payload []byte }
		var doc struct{ N, Redrives int }
		err := json.Unmarshal(req.Input, &in)
		if err == nil {
			err = json.Unmarshal(in.Payload, &doc)
		}
		if err != nil {
			return nil, err
		}
		if doc.N%brokenAt == brokenAt-1 && doc.Redrives == 0 {
			return nil, operation.Errorf("TooManyRequestsException", "busy")
		}
		out, err := json.Marshal(map[string]any{"StatusCode": 200, "Payload": fmt.Append(nil, doc.N)})
		return &operation.Response{Output: out}, err
	})
	var items []int
	for i := range redrivenItems {
		items = append(items, i)
	}
	input, err := json.Marshal(items)
	if err != nil {
		return err
	}
	definition := mapped(`,"MaxConcurrency":100`, `{"Type":"Choice","Choices":[{"Variable":"$","NumericGreaterThan":1500,"Next":"P"}],"Default":"T"},"P":{"Type":"Pass","End":true},
		"T":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:111111111111:function:f","Parameters":{"n.$":"$","redrives.$":"$$.Execution.RedriveCount"},"End":true}`)
	return withLog(dir, reg, func(e *engine.Engine, s engine.Store) error {
		if err := begin(e, definition, "x", string(input)); err != nil {
			return err
		}
		for {
			wait(e)
			ex, err := s.Execution(context.Background(), executionARN+"x")
			if err != nil || ex.Status == engine.Succeeded {
				return err
			}
			if _, err := e.Redrive(context.Background(), ex.ARN, ""); err != nil {
				return err
			}
		}
	})
}

// Whatever the moment of the kill, a map run that is redriven until it succeeds
// has run every item, and what had succeeded is as it was.
func TestKill9RedrivenMapRun(t *testing.T) {
	s := workThroughKillsIn(t, t.TempDir(), "redriven map", 12, 150*time.Millisecond)
	ex, err := s.Execution(t.Context(), executionARN+"x")
	if err != nil || ex.Status != engine.Succeeded || *ex.Output != ex.Input {
		t.Fatalf("got %+v, %v", ex, err)
	}
	runs, err := s.MapRuns(t.Context(), ex.ARN, 0, 10)
	if err != nil || len(runs) != 1 {
		t.Fatalf("map runs: got %+v, %v", runs, err)
	}
	want := engine.MapCounts{Succeeded: redrivenItems, Total: redrivenItems, ResultsWritten: redrivenItems}
	if run := runs[0]; run.Items != want || run.Executions != want || run.Redrives == 0 || run.Redrives != ex.Redrives {
		t.Errorf("got %+v; want %+v and the %d redrives of the execution", run, want, ex.Redrives)
	}
	number := int64(0)
	for child, err := range s.AllChildren(t.Context(), runs[0].ARN, 0) {
		broken := number%brokenAt == brokenAt-1 && number <= 1500
		if err != nil || child.Number != number || child.Status != engine.Succeeded || *child.Output != fmt.Sprint(number) || broken && child.Redrives == 0 {
			t.Fatalf("child %d: got %+v, %v", number, child, err)
		}
		if child.Redrives > 0 {
			last := int64(0)
			events, err := s.History(t.Context(), engine.HistoryQuery{Key: child.Key, Limit: 1000})
			for _, ev := range events {
				if ev.ID != last+1 {
					t.Fatalf("history of child %d: event %d follows %d", number, ev.ID, last)
				}
				last = ev.ID
			}
			if err != nil || last == 0 {
				t.Fatalf("history of child %d: %d events, %v", number, last, err)
			}
		}
		number++
	}
	if number != redrivenItems {
		t.Errorf("got %d children; want %d", number, redrivenItems)
	}
}
