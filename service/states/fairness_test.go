package states_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"salamander/engine"
	"salamander/engine/dataset"
	"salamander/store"
)

// flooded is a store that counts the lots of a map run, and notes how many
// come between two steps of an execution beside it.
type flooded struct {
	engine.Store
	small string // ARN of that execution

	mu      sync.Mutex
	lots    int
	last    int // lots at its last step; -1 before the first
	between []int
	open    int // most of a lot's children that were started at once
}

func (s *flooded) CreateEnded(ctx context.Context, definition string, children []engine.Birth) (int64, error) {
	key, err := s.Store.CreateEnded(ctx, definition, children)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lots++
	s.open = max(s.open, len(children))
	return key, err
}

func (s *flooded) Commit(ctx context.Context, t engine.Turn) error {
	err := s.Store.Commit(ctx, t)
	if strings.HasPrefix(t.ARN, s.small) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.last >= 0 {
			s.between = append(s.between, s.lots-s.last)
		}
		s.last = s.lots
	}
	return err
}

// runAtOnce answers every task at once.
type runAtOnce struct{}

func (runAtOnce) Run(_ context.Context, _ engine.Task, report engine.Report) (json.RawMessage, error) {
	report.Started()
	return json.RawMessage(`{}`), nil
}

func (runAtOnce) Cancel(context.Context, engine.Task) error { return nil }

// While a map run floods the engine, an execution of another machine goes on:
// between two of its steps there are no more lots of the map run than are made
// at once, a few times over.
func TestFairness(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a map run of 100,000 items")
	}
	const items = 100_000
	dir := t.TempDir()
	var b strings.Builder
	for i := range items {
		fmt.Fprintf(&b, "{\"n\":%d}\n", i)
	}
	if err := os.WriteFile(filepath.Join(dir, "items.jsonl"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	turns, err := store.OpenEngine(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	s := &flooded{Store: turns, small: executionARN + "small", last: -1}
	e := engine.New(engine.Options{Store: s, Runner: runAtOnce{}, Log: slog.New(slog.DiscardHandler), Objects: func(engine.Execution) dataset.Objects { return folder(dir) }})
	defer e.Close()
	if err := e.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	flood := mapped(`,"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"JSONL"},"Parameters":{"Bucket":"b","Key":"items.jsonl"}},
		"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"b"},"WriterConfig":{"OutputType":"JSONL"}}`, `{"Type":"Pass","End":true}`)
	if err := begin(e, flood, "flood", "{}"); err != nil {
		t.Fatal(err)
	}
	running := func() bool {
		ex, err := s.Execution(t.Context(), executionARN+"flood")
		if err != nil {
			t.Fatal(err)
		}
		return ex.Status == engine.Running
	}
	runs := 0
	for ; running(); runs++ {
		s.mu.Lock()
		s.last = -1
		s.mu.Unlock()
		res, err := e.StartAndWait(t.Context(), engine.StartRequest{Machine: machineOf(chain()), Name: fmt.Sprint("small", runs), Input: "{}"})
		if err != nil || res.Execution.Status != engine.Succeeded {
			t.Fatalf("got %+v, %v", res.Execution, err)
		}
	}
	all, err := e.MapRuns(t.Context(), executionARN+"flood", 0, 1)
	if err != nil || len(all) != 1 || all[0].Executions.Succeeded != items {
		t.Fatalf("map run: got %+v, %v", all, err)
	}
	if len(s.between) < 20 {
		t.Fatalf("got %d steps beside %d lots; the chain did not go on", len(s.between), s.lots)
	}
	slices.Sort(s.between)
	p50, p99 := s.between[len(s.between)/2], s.between[len(s.between)*99/100]
	t.Logf("%d executions of %d steps beside %d lots of up to %d: between two steps p50 %d, p99 %d lots", runs, steps, s.lots, s.open, p50, p99)
	if p99 > 32 {
		t.Errorf("between two steps p99 %d lots; want 32 at most", p99)
	}
}
