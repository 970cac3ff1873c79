package store

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"zombiezen.com/go/sqlite/sqlitex"

	"salamander/engine"
)

const lotRun = "arn:aws:states:us-east-1:000000000000:mapRun:m/L:0a0b0c0d-0000-3000-8000-000000000001"

// lotOf makes children of a map run, with numbers from one on, that ended at an
// instant.
func lotOf(from, n int64, at time.Time) (all []engine.Birth) {
	for i := range n {
		name := fmt.Sprintf("%s%012x", engine.ChildTag(lotRun), from+i)
		output := fmt.Sprint(from + i)
		all = append(all, engine.Birth{
			Execution: engine.Execution{ARN: "arn:aws:states:us-east-1:000000000000:execution:m/L:" + name, Name: name, Machine: "arn:aws:states:us-east-1:000000000000:stateMachine:m/L",
				Type: engine.Standard, Definition: "h", Start: at, Input: "1", MapRun: lotRun, Number: from + i, Items: 1},
			First: engine.Turn{Number: 1, History: []engine.Event{{ID: 1, Data: []byte(`{"a":1}`)}, {ID: 2, Data: []byte(`{}`)}},
				Outcome: &engine.Outcome{Status: engine.Succeeded, At: at, Output: &output}}})
	}
	return all
}

func numbersIn(t *testing.T, s Engine) (n int) {
	t.Helper()
	for _, err := range s.AllChildren(t.Context(), lotRun, 0) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

// Lots expire as rows do, and their keys are not given again.
func TestLotsExpire(t *testing.T) {
	db, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s := NewEngine(db)
	base := time.UnixMilli(1_700_000_000_000).UTC()
	last := int64(0)
	for i := range int64(100) {
		first, err := s.CreateEnded(t.Context(), "d", lotOf(10*i, 10, base.Add(time.Duration(i)*time.Hour)))
		if err != nil || first != last+1 {
			t.Fatalf("lot %d: got key %d, %v; want %d", i, first, err, last+1)
		}
		last = first + 9
	}
	swept, err := s.Sweep(t.Context(), base.Add(200*time.Hour), Retention{Keep: 140 * time.Hour})
	if err != nil || swept.Expired != 600 {
		t.Errorf("got %+v, %v; want 600 expired", swept, err)
	}
	if n := numbersIn(t, s); n != 400 {
		t.Errorf("got %d children; want 400", n)
	}
	if _, err := s.Sweep(t.Context(), base.Add(10_000*time.Hour), Retention{}); err != nil {
		t.Fatal(err)
	}
	first, err := s.CreateEnded(t.Context(), "d", lotOf(0, 1, base))
	if err != nil || first != last+1 {
		t.Errorf("the next key: got %d, %v; want %d", first, err, last+1)
	}
}

// Damage of a lot is found, named, and leaves the others readable.
func TestCheckLots(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := NewEngine(db)
	for i := range int64(3) {
		if _, err := s.CreateEnded(t.Context(), "d", lotOf(10*i, 10, time.UnixMilli(1_700_000_000_000).UTC())); err != nil {
			t.Fatal(err)
		}
	}
	report := func() Report {
		t.Helper()
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		r, err := Check(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		if db, err = Open(dir, Options{}); err != nil {
			t.Fatal(err)
		}
		s = NewEngine(db)
		return r
	}
	if r := report(); r.Executions != 30 || len(r.Problems) != 0 {
		t.Errorf("got %+v; want 30 executions and no problems", r)
	}
	err = db.Update(t.Context(), func(tx *Tx) error {
		return sqlitex.Execute(tx.Conn(), `UPDATE engine_lot SET body = substr(body, 1, length(body) - 9) WHERE first = 10`, nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	if r := report(); len(r.Problems) != 1 || !strings.Contains(r.Problems[0], "executions 11 to 20, children of a map run: a lot of children is damaged") {
		t.Errorf("got %q", r.Problems)
	}
	if _, err := s.Execution(t.Context(), lotOf(12, 1, time.Time{})[0].Execution.ARN); !errors.Is(err, errLot) {
		t.Errorf("a child in it: got %v", err)
	}
	for _, n := range []int64{0, 29} {
		if x, err := s.Execution(t.Context(), lotOf(n, 1, time.Time{})[0].Execution.ARN); err != nil || x.Number != n {
			t.Errorf("child %d: got %+v, %v", n, x, err)
		}
	}
	db.Close()
}

// FuzzLot reads whatever comes without panic; what was packed comes back.
func FuzzLot(f *testing.F) {
	dec, err := unpacker()
	if err != nil {
		f.Fatal(err)
	}
	enc, err := packer()
	if err != nil {
		f.Fatal(err)
	}
	for _, n := range []int64{1, 3} {
		body, histories, err := packLot(lotOf(7, n, time.UnixMilli(1_700_000_000_000).UTC()))
		if err != nil {
			f.Fatal(err)
		}
		for _, packed := range [][]byte{body, histories} {
			plain, err := dec.DecodeAll(packed, nil)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(plain)
		}
	}
	f.Add([]byte{lotFormat})
	f.Add([]byte{lotFormat, 0xff, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, plain []byte) {
		packed := enc.EncodeAll(plain, nil)
		for i := range int64(3) {
			if events, err := unpackHistory(packed, i); err == nil {
				for n, ev := range events {
					if ev.ID != int64(n+1) {
						t.Errorf("event %d has number %d", n+1, ev.ID)
					}
				}
			}
		}
		all, err := unpackLot(packed, 5)
		if err != nil {
			return
		}
		var again []engine.Birth
		for _, x := range all {
			again = append(again, engine.Birth{Execution: x, First: engine.Turn{Outcome: &engine.Outcome{At: x.Stop, Output: x.Output}}})
		}
		body, _, err := packLot(again)
		if err != nil {
			return // of several machines
		}
		back, err := unpackLot(body, 5)
		if err != nil || len(back) != len(all) {
			t.Fatalf("packed again: got %d of %d, %v", len(back), len(all), err)
		}
		for i := range all {
			if a, b := all[i], back[i]; a.ARN != b.ARN || a.Input != b.Input || *a.Output != *b.Output || a.Number != b.Number || !a.Start.Equal(b.Start) || !bytes.Equal(a.Seed[:], b.Seed[:]) {
				t.Errorf("child %d: got %+v; want %+v", i, b, a)
			}
		}
	})
}
