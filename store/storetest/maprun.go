package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"salamander/engine"
)

func testMapRuns(t *testing.T, s engine.Store, reopen func() engine.Store) {
	ctx := t.Context()
	if _, err := s.MapRun(ctx, "arn:none"); !errors.Is(err, engine.ErrNotFound) {
		t.Fatalf("unknown map run: got %v; want ErrNotFound", err)
	}
	parent := create(t, s, "p")
	var runs []engine.MapRun
	for i := range 3 {
		r := engine.MapRun{ARN: fmt.Sprint("arn:run", i), Execution: parent.ARN, Machine: "arn:child", Account: account, Region: region, Status: engine.Running, Start: at,
			MaxConcurrency: 2, ToleratedFailurePercentage: 12.5, Items: engine.MapCounts{Pending: 4, Total: 4}}
		ok(t, s.PutMapRun(ctx, r))
		got, err := s.MapRun(ctx, r.ARN)
		ok(t, err)
		r.Key = got.Key
		if diff := cmp.Diff(r, got); diff != "" {
			t.Errorf("map run (-want +got):\n%s", diff)
		}
		runs = append([]engine.MapRun{r}, runs...)
	}
	runs[1].Status, runs[1].Stop, runs[1].Error = engine.Failed, at, "e"
	ok(t, s.PutMapRun(ctx, runs[1]))
	s = reopen()
	page, err := s.MapRuns(ctx, parent.ARN, 0, 2)
	ok(t, err)
	if diff := cmp.Diff(runs[:2], page); diff != "" {
		t.Errorf("first page (-want +got):\n%s", diff)
	}
	page, err = s.MapRuns(ctx, parent.ARN, page[1].Key, 2)
	ok(t, err)
	if diff := cmp.Diff(runs[2:], page); diff != "" {
		t.Errorf("second page (-want +got):\n%s", diff)
	}
	open, err := s.OpenMapRuns(ctx)
	ok(t, err)
	if diff := cmp.Diff([]engine.MapRun{runs[2], runs[0]}, open); diff != "" {
		t.Errorf("open (-want +got):\n%s", diff)
	}
	for _, number := range []int64{2, 0, 1} {
		ex := execution(fmt.Sprint("child", number))
		ex.MapRun, ex.Number, ex.Items = "arn:run0", number, 10
		outcome := &engine.Outcome{Status: engine.Succeeded, At: at}
		if number == 2 {
			outcome = nil
		}
		_, err := s.Create(ctx, ex, "d", engine.Turn{Number: 1, State: []byte(`1`), Outcome: outcome})
		ok(t, err)
	}
	children := childrenOf(t, s, "arn:run0", 1, 10)
	if len(children) != 2 || children[0].Number != 1 || children[0].Status != engine.Succeeded || children[1].Number != 2 || children[1].Status != engine.Running || children[1].Items != 10 {
		t.Errorf("children: got %+v", children)
	}
	listed, err := s.Executions(ctx, engine.Query{MapRun: "arn:run0", Status: engine.Succeeded, Limit: 10})
	ok(t, err)
	if len(listed) != 2 || listed[0].Number != 1 || listed[1].Number != 0 {
		t.Errorf("executions of the map run: got %+v", listed)
	}
}

// childrenOf lists the first children of a map run from a number on.
func childrenOf(t *testing.T, s engine.Store, run string, from int64, limit int) (all []engine.Execution) {
	t.Helper()
	for x, err := range s.AllChildren(t.Context(), run, from) {
		ok(t, err)
		if len(all) == limit {
			break
		}
		all = append(all, x)
	}
	return all
}

// Children that began and succeeded in one turn are found as others are,
// among them.
func testEndedChildren(t *testing.T, s engine.Store, reopen func() engine.Store) {
	ctx := t.Context()
	run := "arn:aws:states:us-east-1:000000000000:mapRun:m/L:" + "0a0b0c0d-0000-3000-8000-000000000001"
	tag := engine.ChildTag(run)
	child := func(number int64) engine.Execution {
		ex := execution(fmt.Sprintf("%s%012x", tag, number))
		ex.ARN, ex.Machine = "arn:aws:states:us-east-1:000000000000:execution:m/L:"+ex.Name, "arn:aws:states:us-east-1:000000000000:stateMachine:m/L"
		ex.MapRun, ex.Number, ex.Items, ex.Input = run, number, number+1, fmt.Sprint(number)
		ex.Start, ex.Journal, ex.Origin = at.Add(time.Duration(number)*time.Millisecond), nil, ""
		return ex
	}
	first := create(t, s, "p")
	want := map[int64]engine.Execution{}
	var last int64 // key
	// Lots that interleave, as they do when many are made at once.
	for _, numbers := range [][]int64{{0, 2, 5}, {1}, {4, 7, 8}, {6}} {
		var lot []engine.Birth
		for _, n := range numbers {
			output := fmt.Sprint(n % 3)
			o := &engine.Outcome{Status: engine.Succeeded, At: at.Add(time.Duration(2*n) * time.Millisecond), Output: &output}
			lot = append(lot, engine.Birth{Execution: child(n), First: engine.Turn{ARN: child(n).ARN, Number: 1, History: events(1, 3), Outcome: o}})
		}
		key, err := s.CreateEnded(ctx, "d", lot)
		ok(t, err)
		if key <= max(first.Key, last) {
			t.Fatalf("keys fall: got %d behind %d", key, max(first.Key, last))
		}
		for i, b := range lot {
			x := b.Execution
			x.Key, x.Status, x.Stop, x.Output, x.Seed = key+int64(i), engine.Succeeded, b.First.Outcome.At, b.First.Outcome.Output, [32]byte{}
			want[x.Number] = x
			last = x.Key
		}
	}
	ex := child(3)
	ex.Key = 0
	failed := "E"
	key, err := s.Create(ctx, ex, "d", engine.Turn{ARN: ex.ARN, Number: 1, State: []byte(`1`), History: events(1, 2), Outcome: &engine.Outcome{Status: engine.Failed, At: at, Error: &failed}})
	ok(t, err)
	if key <= last {
		t.Errorf("the key behind lots: got %d; want more than %d", key, last)
	}
	s = reopen()
	var numbers []int64
	for from := int64(0); ; {
		page := childrenOf(t, s, run, from, 2)
		for _, x := range page {
			numbers = append(numbers, x.Number)
			from = x.Number + 1
			if x.Number == 3 {
				continue
			}
			if diff := cmp.Diff(want[x.Number], x); diff != "" {
				t.Errorf("child %d (-want +got):\n%s", x.Number, diff)
			}
			got, err := s.Execution(ctx, x.ARN)
			ok(t, err)
			if diff := cmp.Diff(x, got); diff != "" {
				t.Errorf("child %d by its name (-want +got):\n%s", x.Number, diff)
			}
			page, err := s.History(ctx, engine.HistoryQuery{Key: x.Key, After: 1, Limit: 10})
			ok(t, err)
			if diff := cmp.Diff(events(2, 2), page); diff != "" {
				t.Errorf("history of child %d (-want +got):\n%s", x.Number, diff)
			}
			page, err = s.History(ctx, engine.HistoryQuery{Key: x.Key, Reverse: true, After: 3, Limit: 1})
			ok(t, err)
			if diff := cmp.Diff(events(2, 1), page); diff != "" {
				t.Errorf("history of child %d in reverse (-want +got):\n%s", x.Number, diff)
			}
		}
		if len(page) < 2 {
			break
		}
	}
	if diff := cmp.Diff([]int64{0, 1, 2, 3, 4, 5, 6, 7, 8}, numbers); diff != "" {
		t.Errorf("children (-want +got):\n%s", diff)
	}
	for status, most := range map[string]int{"": 9, engine.Succeeded: 8, engine.Failed: 1, engine.Running: 0} {
		var got []int64
		for before := int64(0); ; {
			page, err := s.Executions(ctx, engine.Query{MapRun: run, Status: status, Before: before, Limit: 2})
			ok(t, err)
			for _, x := range page {
				got, before = append(got, x.Key), x.Key
			}
			if len(page) < 2 {
				break
			}
		}
		if len(got) != most || !slices.IsSortedFunc(got, func(a, b int64) int { return cmp64(b, a) }) {
			t.Errorf("list of %q: got keys %v; want %d, falling", status, got, most)
		}
	}
	if _, err := s.Execution(ctx, child(9).ARN); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("a child that is not there: got %v; want ErrNotFound", err)
	}
	if text, err := s.Definition(ctx, child(0).Definition); err != nil || text != "d" {
		t.Errorf("definition: got %q, %v", text, err)
	}
}

// An express child that failed is replaced by its rerun.
func testRerun(t *testing.T, s engine.Store, reopen func() engine.Store) {
	ctx := t.Context()
	ex := execution("child")
	ex.Type, ex.MapRun, ex.Items, ex.Journal, ex.Origin = engine.Express, "arn:run", 3, nil, ""
	name, cause, output := "E", "c", "1"
	key, err := s.Create(ctx, ex, "d", engine.Turn{ARN: ex.ARN, Number: 1, Outcome: &engine.Outcome{Status: engine.Failed, At: at, Error: &name, Cause: &cause}})
	ok(t, err)
	later := at.Add(time.Minute)
	ok(t, s.Rerun(ctx, key, later, engine.Outcome{Status: engine.Succeeded, At: later.Add(time.Second), Output: &output}))
	if err := s.Rerun(ctx, key+9, later, engine.Outcome{Status: engine.Succeeded, At: later}); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("of nothing: got %v; want ErrNotFound", err)
	}
	ex.Key, ex.Status, ex.Start, ex.Stop, ex.Output = key, engine.Succeeded, later, later.Add(time.Second), &output
	got, err := reopen().Execution(ctx, ex.ARN)
	ok(t, err)
	if diff := cmp.Diff(ex, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func cmp64(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
