package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestReplaysOutliveTheProcess(t *testing.T) {
	dir := t.TempDir()
	now := time.Unix(1_000_000, 0)
	opt := Options{Now: func() time.Time { return now }}
	db := open(t, dir, opt)
	for i := range 3 {
		if err := NewReplays(db).Save(t.Context(), "inv", i, fmt.Append(nil, i)); err != nil {
			t.Fatal(err)
		}
	}
	db.Close()
	db = open(t, dir, opt)
	got, err := NewReplays(db).Load(t.Context(), "inv")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[int][]byte{0: []byte("0"), 1: []byte("1"), 2: []byte("2")}, got); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	now = now.Add(replayAge + time.Second)
	if err := NewReplays(db).Save(t.Context(), "other", 0, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if n := count(t, db, "replay"); n != 1 {
		t.Errorf("records after a week: got %d; want 1", n)
	}
}
