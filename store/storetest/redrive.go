package storetest

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"salamander/engine"
)

func testRedrive(t *testing.T, s engine.Store, reopen func() engine.Store) {
	ctx := t.Context()
	ex := create(t, s, "x")
	text := "E"
	state := bytes.Repeat([]byte(`{"long":1}`), 2000)
	ended := engine.Turn{Key: ex.Key, ARN: ex.ARN, Number: 2, Follows: 1, State: state, History: events(3, 2),
		Outcome: &engine.Outcome{Status: engine.Failed, At: at, Error: &text, Cause: &text}}
	if _, err := s.Ended(ctx, ex.Key); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("what runs: got %v; want ErrNotFound", err)
	}
	ok(t, s.Commit(ctx, ended))
	s = reopen()
	kept, err := s.Ended(ctx, ex.Key)
	ok(t, err)
	if kept.Turn != 2 || kept.Events != 4 {
		t.Errorf("got turn %d, %d events; want 2, 4", kept.Turn, kept.Events)
	}
	if got, err := s.EndedState(ctx, ex.Key); err != nil || !bytes.Equal(got, state) {
		t.Errorf("state: got %d bytes, %v; want %d", len(got), err, len(state))
	}
	again := at.Add(time.Hour)
	redriven := engine.Redriven{Count: 1, At: again, Token: "t", Turn: engine.Turn{Key: ex.Key, ARN: ex.ARN, Number: 3, Follows: 1, State: []byte("s"),
		History: events(5, 1), Open: []engine.Pending{{ID: 9, Data: []byte("{}")}}}}
	if err := s.Redrive(ctx, redriven); !errors.Is(err, engine.ErrStale) {
		t.Errorf("a turn that does not follow: got %v; want ErrStale", err)
	}
	redriven.Turn.Follows = 2
	ok(t, s.Redrive(ctx, redriven))
	if err := s.Redrive(ctx, redriven); !errors.Is(err, engine.ErrStale) {
		t.Errorf("a second time: got %v; want ErrStale", err)
	}
	s = reopen()
	got, err := s.Execution(ctx, ex.ARN)
	ok(t, err)
	if got.Status != engine.Running || !got.Stop.IsZero() || got.Error != nil || got.Cause != nil || got.Redrives != 1 || !got.Redriven.Equal(again) {
		t.Errorf("redriven: got %+v", got)
	}
	n := 0
	ok(t, s.Running(ctx, func(r engine.Resumed) error {
		n++
		if r.Turn != 3 || string(r.State) != "s" || len(r.Pending) != 1 || r.Pending[0].ID != 9 {
			t.Errorf("running: got %+v", r)
		}
		return nil
	}))
	if n != 1 {
		t.Errorf("running: got %d; want 1", n)
	}
	for token, want := range map[string]time.Time{"t": again, "u": {}} {
		if found, err := s.RedriveToken(ctx, ex.Key, token); err != nil || !found.Equal(want) {
			t.Errorf("token %s: got %v, %v; want %v", token, found, err, want)
		}
	}
	if all, err := s.Repairs(ctx, ex.Key); err != nil || len(all) != 0 {
		t.Errorf("repairs of a redrive without: got %v, %v", all, err)
	}
	// It ends a second time, in the very turn of a redrive, with another definition.
	ok(t, s.Commit(ctx, engine.Turn{Key: ex.Key, ARN: ex.ARN, Number: 4, Follows: 3, State: []byte("t"), History: events(6, 1),
		Outcome: &engine.Outcome{Status: engine.Aborted, At: again}}))
	ok(t, s.Redrive(ctx, engine.Redriven{Count: 2, At: again, Turn: engine.Turn{Key: ex.Key, ARN: ex.ARN, Number: 5, Follows: 4, State: []byte("u"),
		History: events(7, 2), Outcome: &engine.Outcome{Status: engine.Failed, At: again}},
		Definition: "hash", Text: "another one", Repaired: []byte(`{"redriveCount":2,"from":"B","outputs":["C"]}`)}))
	if got, err := s.Execution(ctx, ex.ARN); err != nil || got.Definition != "hash" {
		t.Errorf("definition: got %q, %v; want the new one", got.Definition, err)
	}
	if text, err := s.Definition(ctx, "hash"); err != nil || text != "another one" {
		t.Errorf("definition: got %q, %v", text, err)
	}
	if all, err := s.Repairs(ctx, ex.Key); err != nil || len(all) != 1 || all[0].Count != 2 || all[0].From != "B" || len(all[0].Outputs) != 1 {
		t.Errorf("repairs: got %+v, %v", all, err)
	}
	if kept, err := s.Ended(ctx, ex.Key); err != nil || kept.Turn != 5 || kept.Events != 8 {
		t.Errorf("ended at once: got %+v, %v", kept, err)
	}
	// What ended 14 days before goes with the next that ends.
	other := create(t, s, "y")
	ok(t, s.Commit(ctx, engine.Turn{Key: other.Key, ARN: other.ARN, Number: 2, Follows: 1, History: events(3, 1),
		Outcome: &engine.Outcome{Status: engine.Succeeded, At: again.Add(15 * 24 * time.Hour)}}))
	if _, err := s.Executions(ctx, engine.Query{Machine: ex.Machine, Limit: 1}); err != nil { // a list waits for all that came before
		t.Fatal(err)
	}
	for _, key := range []int64{ex.Key, other.Key} {
		if _, err := s.Ended(ctx, key); !errors.Is(err, engine.ErrNotFound) {
			t.Errorf("%d: got %v; want ErrNotFound", key, err)
		}
	}
}
