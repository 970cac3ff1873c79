package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"salamander/asl"
)

const logEverything = `{"level":"ALL","includeExecutionData":true,"destinations":[{"cloudWatchLogsLogGroup":{"logGroupArn":"arn:aws:logs:us-east-1:000000000000:log-group:/a/b:*"}}]}`

// flaky is a recorder that fails some times first.
type flaky struct {
	mu    sync.Mutex
	fail  int
	types []string
	place Records
}

func (f *flaky) Record(_ context.Context, r Records) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fail > 0 {
		f.fail--
		return errors.New("full")
	}
	for _, record := range r.Records {
		var m struct{ Type string }
		if err := json.Unmarshal([]byte(record.Message), &m); err != nil {
			return err
		}
		f.types = append(f.types, m.Type)
	}
	r.Records = nil
	f.place = r
	return nil
}

// Records of an express execution come in order, though the recorder fails,
// and though the engine is closed.
func TestExpressRecordsKeepTheirOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		opt := options(newMemory(), &runs{})
		recorder := &flaky{fail: 3}
		opt.Recorder = recorder
		e := New(opt)
		if err := e.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		req := request("x", "wait:1s task")
		req.Machine.Type, req.Machine.Logging = Express, json.RawMessage(logEverything)
		result, err := e.StartAndWait(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		e.Close()
		var want []string
		for _, ev := range result.Events {
			var m struct{ Type string }
			if err := json.Unmarshal(ev.Data, &m); err != nil {
				t.Fatal(err)
			}
			want = append(want, m.Type)
		}
		if len(want) < 3 || fmt.Sprint(recorder.types) != fmt.Sprint(want) {
			t.Errorf("got %v; want %v", recorder.types, want)
		}
		stream := recorder.place.Stream
		recorder.place.Stream = ""
		if fmt.Sprint(recorder.place) != fmt.Sprint(Records{Account: "000000000000", Region: "us-east-1", Group: "/a/b"}) || !strings.HasPrefix(stream, "states/m/2000-01-01-00-00/") {
			t.Errorf("place: got %+v, %s", recorder.place, stream)
		}
	})
}

// A turn carries the records of its events to the store, with the execution's
// first configuration.
func TestTurnsCarryRecords(t *testing.T) {
	store := newMemory()
	e := open(t, options(store, &runs{}))
	req := request("x", "pass")
	req.Machine.Logging = json.RawMessage(logEverything)
	if _, err := e.StartAndWait(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	var r Records
	kept := store.runs[ExecutionARN(req.Machine, "x", "")]
	if err := json.Unmarshal(kept.journal, &r); err != nil || len(r.Records) != len(kept.history) {
		t.Errorf("got %s, %v; want the records of %d events", kept.journal, err, len(kept.history))
	}
}

func TestLongRecordsAreCut(t *testing.T) {
	ex := Execution{ARN: "arn:x", Journal: &Journal{Level: "ALL", Data: true}}
	details, err := json.Marshal(map[string]any{"name": "S", "input": strings.Repeat("é\"", 200_000), "inputDetails": map[string]bool{"truncated": false}})
	if err != nil {
		t.Fatal(err)
	}
	var r Records
	if err := r.add(ex, asl.HistoryEvent{ID: 1, Type: "PassStateEntered", At: time.UnixMilli(5), Details: details}); err != nil {
		t.Fatal(err)
	}
	message := r.Records[0].Message
	if len(message) > maxRecord || !json.Valid([]byte(message)) || !strings.Contains(message, `"inputDetails":{"truncated":true}`) {
		t.Errorf("got %d bytes: %.80s…", len(message), message)
	}
}

func TestJournalOf(t *testing.T) {
	for doc, want := range map[string]*Journal{
		``: nil, `{}`: nil, `nonsense`: nil, `{"level":"ALL"}`: nil,
		`{"level":"OFF","destinations":[{"cloudWatchLogsLogGroup":{"logGroupArn":"g:*"}}]}`:   nil,
		`{"level":"FATAL","destinations":[{"cloudWatchLogsLogGroup":{"logGroupArn":"g:*"}}]}`: {Level: "FATAL", Group: "g"},
	} {
		if got := journalOf(json.RawMessage(doc)); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: got %v; want %v", doc, got, want)
		}
	}
}
