package store

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"salamander/batch"
)

var batchScope = batch.Scope{Account: "111122223333", Region: "us-east-1"}

func TestBatchDefinitionsGetRevisions(t *testing.T) {
	s := NewBatch(open(t, t.TempDir(), Options{}))
	ctx := t.Context()
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			d := batch.Definition{Scope: batchScope, ID: fmt.Sprint(i / 2), Name: "d", Status: batch.Active}
			if _, err := s.AddDefinition(ctx, d); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	all, err := s.Definitions(ctx, batchScope, batch.DefinitionQuery{Name: "d"})
	if err != nil || len(all) != 10 || all[0].Revision != 10 || all[9].Revision != 1 {
		t.Fatalf("got %d definitions, error %v; want revisions 10 to 1", len(all), err)
	}
	again, err := s.AddDefinition(ctx, batch.Definition{Scope: batchScope, ID: all[3].ID, Name: "d"})
	if diff := cmp.Diff(all[3], again); diff != "" || err != nil {
		t.Errorf("repeat: %v (-first +repeat):\n%s", err, diff)
	}
	all[0].Status = batch.Inactive
	if err := s.PutDefinition(ctx, all[0]); err != nil {
		t.Fatal(err)
	}
	active, err := s.Definitions(ctx, batchScope, batch.DefinitionQuery{Name: "d", Status: batch.Active})
	if err != nil || len(active) != 9 || active[0].Revision != 9 {
		t.Errorf("active: got %d, error %v", len(active), err)
	}
	other := batch.Scope{Account: "444455556666", Region: "us-east-1"}
	if all, _ := s.Definitions(ctx, other, batch.DefinitionQuery{}); len(all) != 0 {
		t.Errorf("another account sees %d definitions", len(all))
	}
}

func TestBatchResourcesSurvive(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir, Options{})
	s := NewBatch(db)
	ctx := t.Context()
	four := 4
	env := batch.Environment{Scope: batchScope, ID: "e", Name: "ce", Type: "MANAGED", State: batch.Enabled,
		Resources: batch.ComputeResources{Type: "EC2", MaxvCPUs: &four, Subnets: []string{"s"}}}
	queue := batch.Queue{Scope: batchScope, ID: "q", Name: "q", State: batch.Enabled, Priority: 1,
		Order: []batch.EnvironmentRank{{Order: 1, ComputeEnvironment: "ce"}}}
	policy := batch.Policy{Scope: batchScope, ID: "p", Name: "p", DecaySeconds: 60, Shares: []batch.ShareWeight{{Share: "a*", Weight: 0.5}}}
	code := 3
	job := batch.Job{Scope: batchScope, ID: "j", Seq: 7, Name: "n", Queue: "q", Status: batch.Submitted,
		Container: batch.ContainerProperties{Image: "i", VCPUs: 1, Volumes: json.RawMessage(`[]`)},
		Attempts:  []batch.AttemptDetail{{Container: batch.ContainerState{ExitCode: &code}}},
		Current:   &batch.Attempt{ID: "a", Mark: "1 2"}}
	for _, err := range []error{s.PutEnvironment(ctx, env), s.PutQueue(ctx, queue), s.PutPolicy(ctx, policy), addJob(ctx, s, job)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	db.Close()
	s = NewBatch(open(t, dir, Options{}))
	envs, err1 := s.Environments(ctx)
	queues, err2 := s.Queues(ctx)
	jobs, err3 := s.LiveJobs(ctx)
	seq, err4 := s.LastSeq(ctx)
	policies, err5 := s.Policies(ctx)
	for _, err := range []error{err1, err2, err3, err4, err5} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]any{[]batch.Environment{env}, []batch.Queue{queue}, []batch.Policy{policy}, []batch.Job{job}, int64(7)},
		[]any{envs, queues, policies, jobs, seq}); diff != "" {
		t.Errorf("after reopening (-want +got):\n%s", diff)
	}
	for _, err := range []error{s.DeleteEnvironment(ctx, batchScope, "ce"), s.DeleteQueue(ctx, batchScope, "q"), s.DeletePolicy(ctx, batchScope, "p")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	envs, _ = s.Environments(ctx)
	queues, _ = s.Queues(ctx)
	policies, _ = s.Policies(ctx)
	if len(envs)+len(queues)+len(policies) != 0 {
		t.Errorf("deleted: %d environments, %d queues and %d policies are left", len(envs), len(queues), len(policies))
	}
}

func addJob(ctx context.Context, s batch.Store, j batch.Job) error {
	_, found, err := s.AddJob(ctx, j)
	if found {
		return fmt.Errorf("job %q is there", j.ID)
	}
	return err
}

func TestBatchJobsAnnounceTheirStatuses(t *testing.T) {
	db := open(t, t.TempDir(), Options{})
	s := NewBatch(db)
	ctx := t.Context()
	got := make(chan BatchChange, 10)
	db.Subscribe(BatchTopic, func(_ context.Context, m Message) error {
		var c BatchChange
		if err := json.Unmarshal(m.Payload, &c); err != nil {
			t.Error(err)
		}
		if m.Key != c.JobARN {
			t.Errorf("key: got %q; want %q", m.Key, c.JobARN)
		}
		got <- c
		return nil
	})
	db.Deliver()
	j := batch.Job{Scope: batchScope, ID: "j", Seq: 1, Queue: "q", Status: batch.Submitted}
	if err := addJob(ctx, s, j); err != nil {
		t.Fatal(err)
	}
	j.Status = batch.Starting
	if err := s.PutJob(ctx, j, batch.Runnable, batch.Starting); err != nil {
		t.Fatal(err)
	}
	for _, want := range []batch.Status{batch.Submitted, batch.Runnable, batch.Starting} {
		if c := <-got; c.Status != want || c.JobARN != "arn:aws:batch:us-east-1:111122223333:job/j" || c.Account != batchScope.Account {
			t.Errorf("got %+v; want %s", c, want)
		}
	}
	first, found, err := s.AddJob(ctx, batch.Job{Scope: batchScope, ID: "j", Seq: 2, Status: batch.Submitted})
	if err != nil || !found || first.Seq != 1 || first.Status != batch.Starting {
		t.Errorf("repeat: got %+v, %v, %v", first, found, err)
	}
	if err := s.PutJob(ctx, batch.Job{Scope: batchScope, ID: "missing"}, batch.Failed); err == nil {
		t.Error("a job that is not there was replaced")
	}
}

func TestBatchListJobs(t *testing.T) {
	s := NewBatch(open(t, t.TempDir(), Options{}))
	ctx := t.Context()
	for i := int64(1); i <= 9; i++ {
		j := batch.Job{Scope: batchScope, ID: fmt.Sprint("j", i), Seq: i, Queue: fmt.Sprint("q", i%2), Name: fmt.Sprint("Name", i),
			Status: batch.Running, CreatedAt: 100 * i}
		if i > 6 {
			j.Status = batch.Succeeded
		}
		if err := addJob(ctx, s, j); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		q    batch.JobQuery
		want []int64
	}{
		{batch.JobQuery{}, []int64{9, 8, 7, 6, 5, 4, 3, 2, 1}},
		{batch.JobQuery{Queue: "q1", Status: batch.Running}, []int64{5, 3, 1}},
		{batch.JobQuery{Queue: "q1", Limit: 2, Before: 6}, []int64{5, 3}},
		{batch.JobQuery{Name: "name4"}, []int64{4}},
		{batch.JobQuery{Name: "NAME*", Status: batch.Succeeded}, []int64{9, 8, 7}},
		{batch.JobQuery{CreatedAfter: 300, CreatedBefore: 600}, []int64{5, 4}},
	}
	for _, tt := range tests {
		jobs, err := s.ListJobs(ctx, batchScope, tt.q)
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		for _, j := range jobs {
			got = append(got, j.Seq)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", tt.q, diff)
		}
	}
	live, err := s.LiveJobs(ctx)
	if err != nil || len(live) != 6 || live[0].Seq != 1 {
		t.Errorf("live: got %d, %v", len(live), err)
	}
	byID, err := s.Jobs(ctx, batchScope, []string{"j3", "none", "j1"})
	if err != nil || len(byID) != 2 || byID[0].ID != "j3" {
		t.Errorf("by id: got %+v, %v", byID, err)
	}
}
