package storetest

import (
	"errors"
	"fmt"
	"testing"

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
	children, err := s.Children(ctx, "arn:run0", 1, 10)
	ok(t, err)
	if len(children) != 2 || children[0].Number != 1 || children[0].Status != engine.Succeeded || children[1].Number != 2 || children[1].Status != engine.Running || children[1].Items != 10 {
		t.Errorf("children: got %+v", children)
	}
	listed, err := s.Executions(ctx, engine.Query{MapRun: "arn:run0", Status: engine.Succeeded, Limit: 10})
	ok(t, err)
	if len(listed) != 2 || listed[0].Number != 1 || listed[1].Number != 0 {
		t.Errorf("executions of the map run: got %+v", listed)
	}
}
