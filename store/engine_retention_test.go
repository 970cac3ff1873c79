package store_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"salamander/engine"
	"salamander/store"
)

func TestRetention(t *testing.T) {
	dir := t.TempDir()
	db, s := openLog(t, dir)
	ctx := t.Context()
	base := time.UnixMilli(1_700_000_000_000).UTC()
	pad := strings.Repeat("some words that are in every event; ", 200)
	const n = 500
	var keys []int64
	for i := range n {
		x := engine.Execution{ARN: fmt.Sprint("arn:", i), Machine: "m", Definition: "h", Start: base}
		first := engine.Turn{Number: 1, History: []engine.Event{{ID: 1, Data: []byte(`{"a":"` + pad + `"}`)}, {ID: 2, Data: []byte(`{}`)}},
			Outcome: &engine.Outcome{Status: engine.Failed, At: base.Add(time.Duration(i) * time.Hour)}, State: []byte("{}")}
		if i == n-1 {
			first.Outcome = nil
		}
		key, err := s.Create(ctx, x, "d", first)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	if _, err := s.Executions(ctx, engine.Query{Machine: "m", Limit: 1}); err != nil { // brings all to the tables
		t.Fatal(err)
	}
	tables := store.NewEngine(db)
	swept, err := tables.Sweep(ctx, base.Add(300*time.Hour), store.Retention{Keep: 100 * time.Hour})
	if err != nil || swept.Expired != 200 || swept.Packed != 100 || swept.Saved < 100*6000 {
		t.Errorf("first sweep: got %+v, %v; want 200 expired, 100 packed", swept, err)
	}
	for i, key := range keys {
		_, err := s.Execution(ctx, fmt.Sprint("arn:", i))
		events, herr := s.History(ctx, engine.HistoryQuery{Key: key, Limit: 10})
		if herr != nil {
			t.Fatal(herr)
		}
		gone := i < 200
		if gone != errors.Is(err, engine.ErrNotFound) || gone != (len(events) == 0) {
			t.Errorf("%d: got %v, %d events; want gone %t", i, err, len(events), gone)
		}
		if !gone && (len(events) != 2 || string(events[0].Data) != `{"a":"`+pad+`"}` || events[1].ID != 2) {
			t.Errorf("%d: got %d events, the first of %d bytes", i, len(events), len(events[0].Data))
		}
	}
	// What runs stays, whatever its age, and nothing comes back from the log.
	swept, err = tables.Sweep(ctx, base.Add(100_000*time.Hour), store.Retention{})
	if err != nil || swept.Expired != n-201 {
		t.Errorf("last sweep: got %+v, %v", swept, err)
	}
	left := killed(t, dir)
	_, s = openLog(t, left)
	all, err := s.Executions(ctx, engine.Query{Machine: "m", Limit: 1000})
	if err != nil || len(all) != 1 || all[0].Status != engine.Running {
		t.Errorf("after a kill: got %d executions, %v; want the one that runs", len(all), err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, "state.db"))
	if err != nil || info.Size() > 6<<20 {
		t.Errorf("the database takes %d bytes, %v; want its space given back", info.Size(), err)
	}
}
