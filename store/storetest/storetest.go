// Package storetest checks stores of the engine against what package engine
// asks of them.
package storetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"salamander/engine"
)

// Run checks the stores that open returns. reopen closes the store and opens
// it again on the same data.
func Run(t *testing.T, open func(t *testing.T) (s engine.Store, reopen func() engine.Store)) {
	run(t, open, map[string]test{
		"machines": testMachines, "versions": testVersions, "activities": testActivities, "map runs": testMapRuns, "ended children": testEndedChildren, "rerun": testRerun,
	})
	RunTurns(t, open)
}

// RunTurns checks only what stores keep of executions and their turns.
func RunTurns(t *testing.T, open func(t *testing.T) (s engine.Store, reopen func() engine.Store)) {
	run(t, open, map[string]test{
		"turns": testTurns, "names": testNames, "lists": testLists, "history": testHistory, "running": testRunning, "redrive": testRedrive,
	})
}

type test func(*testing.T, engine.Store, func() engine.Store)

func run(t *testing.T, open func(t *testing.T) (s engine.Store, reopen func() engine.Store), tests map[string]test) {
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s, reopen := open(t)
			test(t, s, reopen)
		})
	}
}

const account, region = "000000000000", "us-east-1"

var at = time.UnixMilli(1_700_000_000_123).UTC()

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func testMachines(t *testing.T, s engine.Store, reopen func() engine.Store) {
	ctx := t.Context()
	if _, err := s.Machine(ctx, "arn:none"); !errors.Is(err, engine.ErrNotFound) {
		t.Fatalf("unknown machine: got %v; want ErrNotFound", err)
	}
	for _, name := range []string{"b", "c", "a"} {
		ok(t, s.PutMachine(ctx, engine.StateMachine{ARN: "arn:" + name, Account: account, Region: region, Name: name, Definition: "<é>", Created: at}))
	}
	ok(t, s.PutMachine(ctx, engine.StateMachine{ARN: "arn:other", Account: "111111111111", Region: region, Name: "a"}))
	ok(t, s.PutMachine(ctx, engine.StateMachine{ARN: "arn:a", Account: account, Region: region, Name: "a", Definition: "new", Created: at, Tags: []engine.Tag{{Key: "k", Value: "v"}}}))
	s = reopen()
	m, err := s.Machine(ctx, "arn:a")
	ok(t, err)
	if m.Definition != "new" || !m.Created.Equal(at) || len(m.Tags) != 1 {
		t.Errorf("replaced machine: got %+v", m)
	}
	all, err := s.Machines(ctx, account, region, "a", 1)
	ok(t, err)
	if len(all) != 1 || all[0].Name != "b" || all[0].Definition != "<é>" {
		t.Errorf("machines after a: got %v", all)
	}
	ok(t, s.DeleteMachine(ctx, "arn:b"))
	ok(t, s.DeleteMachine(ctx, "arn:b"))
	if all, err = s.Machines(ctx, account, region, "", 10); err != nil || len(all) != 2 {
		t.Errorf("machines: got %v, %v; want a and c", all, err)
	}
}

func testActivities(t *testing.T, s engine.Store, _ func() engine.Store) {
	ctx := t.Context()
	ok(t, s.PutActivity(ctx, engine.Activity{ARN: "arn:a", Account: account, Region: region, Name: "a", Created: at}))
	if a, err := s.Activity(ctx, "arn:a"); err != nil || a.Name != "a" {
		t.Errorf("got %v, %v", a, err)
	}
	if all, err := s.Activities(ctx, account, region, "", 9); err != nil || len(all) != 1 {
		t.Errorf("list: got %v, %v", all, err)
	}
	ok(t, s.DeleteActivity(ctx, "arn:a"))
	if _, err := s.Activity(ctx, "arn:a"); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("deleted: got %v; want ErrNotFound", err)
	}
}

func execution(name string) engine.Execution {
	return engine.Execution{ARN: "arn:aws:states:us-east-1:000000000000:execution:m:" + name, Account: account, Region: region, Name: name,
		Machine: "arn:aws:states:us-east-1:000000000000:stateMachine:m", Type: engine.Standard, Role: "r", Definition: engine.DefinitionHash("d"),
		Seed: [32]byte{1, 2, 3}, Status: engine.Running, Start: at, Input: `{"a": 1}`, Origin: "o", Trace: "t",
		Journal: &engine.Journal{Level: "ERROR", Data: true, Group: "g"}}
}

func events(from, n int) (all []engine.Event) {
	for i := range n {
		all = append(all, engine.Event{ID: int64(from + i), Data: json.RawMessage(fmt.Sprintf(`{"id":%d}`, from+i))})
	}
	return all
}

func create(t *testing.T, s engine.Store, name string) engine.Execution {
	t.Helper()
	ex := execution(name)
	key, err := s.Create(t.Context(), ex, "d", engine.Turn{Number: 1, State: []byte(`"s1"`), History: events(1, 2),
		Open: []engine.Pending{{ID: 1, At: at.Add(time.Nanosecond), Data: []byte("c1")}, {ID: 2, Token: "tok", Activity: "act", Data: []byte("c2")}}})
	ok(t, err)
	ex.Key = key
	return ex
}

func testTurns(t *testing.T, s engine.Store, reopen func() engine.Store) {
	ctx := t.Context()
	ex := create(t, s, "x")
	got, err := s.Execution(ctx, ex.ARN)
	ok(t, err)
	if diff := cmp.Diff(ex, got); diff != "" {
		t.Errorf("created (-want +got):\n%s", diff)
	}
	second := engine.Turn{Key: ex.Key, ARN: ex.ARN, Number: 3, Follows: 1, State: []byte(`"s2"`), History: events(3, 1), Closed: []int64{1},
		Open: []engine.Pending{{ID: 2, Token: "tok", Activity: "act", Data: []byte("c2"), Started: true, Submitted: []byte("sub")}}}
	ok(t, s.Commit(ctx, second))
	ok(t, s.Commit(ctx, second)) // an answer that was lost
	if err := s.Commit(ctx, engine.Turn{Key: ex.Key, ARN: ex.ARN, Number: 6, Follows: 5, State: []byte("s")}); !errors.Is(err, engine.ErrStale) {
		t.Errorf("a gap: got %v; want ErrStale", err)
	}
	s = reopen()
	var all []engine.Resumed
	ok(t, s.Running(ctx, func(r engine.Resumed) error { all = append(all, r); return nil }))
	want := []engine.Resumed{{Execution: ex, Turn: 3, State: []byte(`"s2"`), Pending: second.Open}}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("running (-want +got):\n%s", diff)
	}
	output := "out"
	end := engine.Turn{Key: ex.Key, ARN: ex.ARN, Number: 4, Follows: 3, History: events(4, 1),
		Outcome: &engine.Outcome{Status: engine.Succeeded, At: at.Add(time.Second), Output: &output}}
	ok(t, s.Commit(ctx, end))
	ok(t, s.Commit(ctx, end))
	got, err = s.Execution(ctx, ex.ARN)
	ok(t, err)
	ex.Status, ex.Stop, ex.Output = engine.Succeeded, at.Add(time.Second), &output
	if diff := cmp.Diff(ex, got); diff != "" {
		t.Errorf("ended (-want +got):\n%s", diff)
	}
	page, err := s.History(ctx, engine.HistoryQuery{Key: ex.Key, Limit: 10})
	ok(t, err)
	if diff := cmp.Diff(events(1, 4), page); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	if text, err := s.Definition(ctx, ex.Definition); err != nil || text != "d" {
		t.Errorf("definition: got %q, %v", text, err)
	}
	if _, err := s.Definition(ctx, "none"); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("unknown definition: got %v; want ErrNotFound", err)
	}
}

func testNames(t *testing.T, s engine.Store, _ func() engine.Store) {
	ctx := t.Context()
	create(t, s, "x")
	_, err := s.Create(ctx, execution("x"), "d", engine.Turn{Number: 1, State: []byte("other")})
	if !errors.Is(err, engine.ErrExists) {
		t.Errorf("a second of that name: got %v; want ErrExists", err)
	}
	if _, err := s.Execution(ctx, "arn:none"); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("unknown: got %v; want ErrNotFound", err)
	}
}

func testLists(t *testing.T, s engine.Store, _ func() engine.Store) {
	ctx := t.Context()
	var keys []int64
	for i := range 6 {
		ex := execution(fmt.Sprint("x", i))
		first := engine.Turn{Number: 1, State: []byte("s")}
		if i%2 == 0 {
			first = engine.Turn{Number: 1, Outcome: &engine.Outcome{Status: engine.Failed, At: at}}
			ex.Version, ex.Alias = ex.Machine+":1", ex.Machine+":live"
		}
		key, err := s.Create(ctx, ex, "d", first)
		ok(t, err)
		keys = append(keys, key)
	}
	machine := execution("").Machine
	for _, c := range []struct {
		q    engine.Query
		want []int
	}{
		{engine.Query{Machine: machine, Limit: 2}, []int{5, 4}},
		{engine.Query{Machine: machine, Limit: 9, Before: keys[2]}, []int{1, 0}},
		{engine.Query{Machine: machine, Limit: 9, Status: engine.Running}, []int{5, 3, 1}},
		{engine.Query{Machine: machine + ":1", Limit: 9}, []int{4, 2, 0}},
		{engine.Query{Machine: machine + ":live", Limit: 9, Status: engine.Failed, Before: keys[4]}, []int{2, 0}},
		{engine.Query{Machine: "arn:aws:states:us-east-1:000000000000:stateMachine:n", Limit: 9}, nil},
	} {
		all, err := s.Executions(ctx, c.q)
		ok(t, err)
		var got []int
		for _, ex := range all {
			got = append(got, int(ex.Name[1]-'0'))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", c.q, diff)
		}
	}
}

func testHistory(t *testing.T, s engine.Store, _ func() engine.Store) {
	ctx := t.Context()
	key, err := s.Create(ctx, execution("x"), "d", engine.Turn{Number: 1, State: []byte("s"), History: events(1, 1000)})
	ok(t, err)
	ok(t, s.Commit(ctx, engine.Turn{Key: key, Number: 2, Follows: 1, State: []byte("s"), History: events(1001, 7)}))
	for _, limit := range []int{1, 100, 999, 2000} {
		for _, reverse := range []bool{false, true} {
			var got []int64
			for after := int64(0); ; {
				page, err := s.History(ctx, engine.HistoryQuery{Key: key, Reverse: reverse, After: after, Limit: limit})
				ok(t, err)
				if len(page) == 0 {
					break
				}
				for _, ev := range page {
					got = append(got, ev.ID)
				}
				after = page[len(page)-1].ID
			}
			if len(got) != 1007 {
				t.Fatalf("limit %d, reverse %t: got %d events; want 1007", limit, reverse, len(got))
			}
			for i, id := range got {
				want := int64(i + 1)
				if reverse {
					want = int64(1007 - i)
				}
				if id != want {
					t.Fatalf("limit %d, reverse %t: event %d is %d; want %d", limit, reverse, i, id, want)
				}
			}
		}
	}
}

func testRunning(t *testing.T, s engine.Store, reopen func() engine.Store) {
	for i := range 20 {
		create(t, s, fmt.Sprint("x", i))
	}
	s = reopen()
	n := 0
	ok(t, s.Running(t.Context(), func(r engine.Resumed) error {
		if r.Execution.Name != fmt.Sprint("x", n) || len(r.Pending) != 2 {
			t.Errorf("execution %d: got %s with %d commands", n, r.Execution.Name, len(r.Pending))
		}
		n++
		return nil
	}))
	if n != 20 {
		t.Errorf("running: got %d; want 20", n)
	}
}
