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

// workLargeMap is a process that runs a map run of many items, with the log
// before the tables as the server has it. Its parent kills it now and then.
func workLargeMap(dir string) error {
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
		Runner: integration.New(integration.Options{Registry: &operation.Registry{}, Log: log})})
	defer e.Close()
	if err := e.Recover(context.Background()); err != nil {
		return err
	}
	definition := mapped(fmt.Sprintf(`,"ToleratedFailureCount":%d,
		"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"JSONL"},"Parameters":{"Bucket":"b","Key":"items.jsonl"}},
		"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"b"},"WriterConfig":{"Transformation":"COMPACT","OutputType":"JSONL"}}`, largeItems/failingAt),
		`{"Type":"Choice","Choices":[{"Variable":"$.k","StringEquals":"w","Next":"W"},{"Variable":"$.k","StringEquals":"f","Next":"F"}],"Default":"P"},
		"W":{"Type":"Wait","Seconds":1,"Next":"P"},"F":{"Type":"Fail","Error":"E"},"P":{"Type":"Pass","End":true}`)
	if err := begin(e, definition, "x", "{}"); err != nil {
		return err
	}
	wait(e)
	return nil
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
