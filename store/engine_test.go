package store_test

import (
	"context"
	"testing"
	"time"

	"salamander/engine"
	"salamander/store"
	"salamander/store/storetest"
)

func TestEngineStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) (engine.Store, func() engine.Store) {
		dir := t.TempDir()
		var db *store.DB
		open := func() engine.Store {
			if db != nil {
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
			}
			var err error
			if db, err = store.Open(dir, store.Options{}); err != nil {
				t.Fatal(err)
			}
			return store.NewEngine(db)
		}
		t.Cleanup(func() { db.Close() })
		return open(), open
	})
}

// What a turn causes elsewhere is in the same commit.
func TestEngineTurnsEmit(t *testing.T) {
	db, err := store.Open(t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	got := make(chan string, 10)
	for _, topic := range []string{"states.execution", "states.cancel"} {
		db.Subscribe(topic, func(_ context.Context, m store.Message) error {
			got <- m.Topic + " " + m.Key + " " + string(m.Payload)
			return nil
		})
	}
	db.Deliver()
	s := store.NewEngine(db)
	key, err := s.Create(t.Context(), engine.Execution{ARN: "arn:x", Definition: "h", Start: time.Now()}, "d", engine.Turn{Number: 1, State: []byte("s")})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Commit(t.Context(), engine.Turn{Key: key, ARN: "arn:x", Number: 2, Follows: 1, Cancel: []engine.Cancelled{{ID: "task", Data: []byte("{}")}},
		Outcome: &engine.Outcome{Status: engine.Aborted, At: time.Now()}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`states.execution arn:x {"status":"RUNNING"}`, `states.cancel task {}`, `states.execution arn:x {"status":"ABORTED"}`} {
		select {
		case message := <-got:
			if message != want {
				t.Errorf("got %s; want %s", message, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("no message; want %s", want)
		}
	}
}
