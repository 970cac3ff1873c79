package console

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"salamander/operation"
)

// longHistory is an execution of n events, of states that each run a job.
type longHistory struct {
	events []json.RawMessage
	runs   []Execution
}

const longARN = "arn:aws:states:us-east-1:000000000000:execution:m:long"

func newLongHistory(n int) *longHistory {
	h := &longHistory{}
	kinds := []string{
		`"type":"TaskStateEntered","stateEnteredEventDetails":{"name":"S%d","input":"{\"n\":1}"}`,
		`"type":"TaskScheduled","taskScheduledEventDetails":{"resourceType":"aws-sdk:s3","resource":"listBuckets","state":%d,"parameters":"{}"}`,
		`"type":"TaskStarted","taskStartedEventDetails":{"n":%d}`,
		`"type":"TaskSucceeded","taskSucceededEventDetails":{"output":"{\"value\":%d}"}`,
		`"type":"TaskStateExited","stateExitedEventDetails":{"name":"S%d","output":"{}"}`,
	}
	for i := range n {
		h.events = append(h.events, json.RawMessage(fmt.Sprintf(`{"id":%d,"previousEventId":%d,"timestamp":%d.125,`+kinds[i%5]+`}`, i+1, i, 1700000000+i, i/5)))
	}
	for i := range 10_000 {
		h.runs = append(h.runs, Execution{ARN: fmt.Sprint(longARN, i), Name: fmt.Sprint("run-", i), Machine: "arn:aws:states:us-east-1:000000000000:stateMachine:m", Status: "SUCCEEDED",
			Start: time.Unix(int64(1700000000-i), 0), Stop: time.Unix(int64(1700000001-i), 0), Input: `{"run_date":"2026-01-01"}`, Key: int64(10_000 - i)})
	}
	return h
}

func (h *longHistory) Executions(_ context.Context, q ExecutionQuery) (list []Execution, err error) {
	for _, ex := range h.runs {
		if (q.Before == 0 || ex.Key < q.Before) && (q.Status == "" || q.Status == ex.Status) && len(list) < q.Limit {
			list = append(list, ex)
		}
	}
	return list, nil
}

func (h *longHistory) Execution(context.Context, string) (Execution, error) {
	return Execution{ARN: longARN, Type: "EXPRESS", Status: "RUNNING", Start: time.Unix(1700000000, 0)}, nil
}

func (h *longHistory) History(_ context.Context, _ string, after int64, limit int) ([]json.RawMessage, error) {
	return h.events[after:min(after+int64(limit), int64(len(h.events)))], nil
}

func (h *longHistory) Definition(context.Context, string) (string, error) { return "{}", nil }

func (h *longHistory) Updated(context.Context, string) (time.Time, error) { return time.Time{}, nil }

func openLong(t testing.TB, n int) (*longHistory, func(path string) []byte) {
	t.Helper()
	h := newLongHistory(n)
	reg := &operation.Registry{}
	reg.Refuse("states", "DescribeExecution", "an express execution")
	d := &desk{t: t, now: time.Now()}
	c, err := New(Options{Registry: reg, Dir: t.TempDir(), Executions: h, Now: func() time.Time { return d.now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	d.Console = c
	secret, err := c.doors.begin()
	if err != nil {
		t.Fatal(err)
	}
	return h, func(path string) []byte {
		w := d.do("GET", path, "", "Cookie", "salamander_session_4567="+secret)
		if w.Code != http.StatusOK {
			t.Fatalf("%s: got %d, %s", path, w.Code, w.Body)
		}
		return w.Body.Bytes()
	}
}

// A history of AWS's greatest length is answered whole, page by page, and the
// tasks that it ran are found; what comes later is read alone.
func TestLongHistories(t *testing.T) {
	h, get := openLong(t, 25_000)
	read := func(after int64) (last int64, events int) {
		for {
			var page struct {
				Events []json.RawMessage
				Last   int64
				More   bool
			}
			if err := json.Unmarshal(get(fmt.Sprintf("/api/history?arn=%s&after=%d", longARN, after)), &page); err != nil {
				t.Fatal(err)
			}
			events += len(page.Events)
			after = page.Last
			if !page.More || len(page.Events) == 0 {
				return after, events
			}
		}
	}
	last, n := read(0)
	if last != 25_000 || n != 25_000 {
		t.Errorf("got %d events to %d; want 25000", n, last)
	}
	var ex struct {
		LastEvent int64
		Tasks     []task
	}
	see := func() {
		ex.Tasks = nil
		if err := json.Unmarshal(get("/api/execution?arn="+longARN), &ex); err != nil {
			t.Fatal(err)
		}
	}
	see()
	if ex.LastEvent != 25_000 || len(ex.Tasks) != 5000 || ex.Tasks[4999].State != "S4999" {
		t.Errorf("got %d tasks to %d", len(ex.Tasks), ex.LastEvent)
	}
	h.events = append(h.events, json.RawMessage(strings.Replace(string(h.events[0]), `"id":1,"previousEventId":0`, `"id":25001,"previousEventId":25000`, 1)))
	see()
	if ex.LastEvent != 25_001 || len(ex.Tasks) != 5000 {
		t.Errorf("then: got %d tasks to %d", len(ex.Tasks), ex.LastEvent)
	}
	if last, n := read(25_000); last != 25_001 || n != 1 {
		t.Errorf("then: got %d events to %d", n, last)
	}
}

func BenchmarkHistory(b *testing.B) {
	_, get := openLong(b, 25_000)
	b.Run("events=25000", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for after := 0; after < 25_000; after += historyPage {
				get(fmt.Sprintf("/api/history?arn=%s&after=%d", longARN, after))
			}
		}
	})
	b.Run("tasks of 25000", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			get("/api/execution?arn=" + longARN)
		}
	})
	b.Run("page of 1000 of 10000 executions", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			get("/api/executions?limit=1000&machine=m&next=5000")
		}
	})
}
