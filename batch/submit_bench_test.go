package batch_test

import (
	"context"
	"crypto/rand"
	"slices"
	"strconv"
	"testing"
	"time"

	"salamander/batch"
	"salamander/batch/process"
	"salamander/store"
)

// said takes the lines of jobs that tell the time.
type said chan string

func (s said) Open(batch.Scope, string, string) batch.LineWriter { return s }
func (s said) Resume(context.Context, batch.Scope, string, string) (batch.LineWriter, error) {
	return s, nil
}
func (s said) Line(_ time.Time, text string) { s <- text }
func (s said) Close() error                  { return nil }

// BenchmarkSubmitToExec takes what a job costs before its command runs: the
// time from the call of SubmitJob to the clock that the command reads, on an
// idle queue with the real store on disk. One iteration is 40 jobs, one after
// the other; the metric ms is their median.
func BenchmarkSubmitToExec(b *testing.B) {
	const jobs = 40
	ctx := b.Context()
	dir := b.TempDir()
	db, err := store.Open(dir, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	lines := make(said, 10)
	svc := batch.New(batch.Options{
		Store:    store.NewBatch(db),
		Executor: process.New(process.Options{Images: map[string][]string{"clock": {"date", "+%s.%N"}}, Dir: dir + "/jobs"}),
		Logs:     lines,
		OnError:  func(err error) { b.Error(err) },
	})
	if err := svc.Start(ctx); err != nil {
		b.Fatal(err)
	}
	defer svc.Close()

	scope := batch.Scope{Account: "000000000000", Region: "us-east-1"}
	vcpus := 1
	if _, err := svc.CreateEnvironment(ctx, batch.Environment{Scope: scope, ID: "1", Name: "ce", Type: "MANAGED",
		Resources: batch.ComputeResources{Type: "EC2", MaxvCPUs: &vcpus}}); err != nil {
		b.Fatal(err)
	}
	if _, err := svc.CreateQueue(ctx, batch.Queue{Scope: scope, ID: "2", Name: "q", Priority: 1,
		Order: []batch.EnvironmentRank{{Order: 1, ComputeEnvironment: "ce"}}}); err != nil {
		b.Fatal(err)
	}
	if _, err := svc.RegisterDefinition(ctx, batch.Definition{Scope: scope, ID: "3", Name: "d", Type: "container",
		Container: batch.ContainerProperties{Image: "clock", VCPUs: 1, Memory: 64}}); err != nil {
		b.Fatal(err)
	}

	var took []float64
	submit := func() float64 {
		start := time.Now()
		j, err := svc.Submit(ctx, batch.Submission{Scope: scope, ID: rand.Text(), Name: "job", Queue: "q", Definition: "d"})
		if err != nil {
			b.Fatal(err)
		}
		seconds, err := strconv.ParseFloat(<-lines, 64)
		if err != nil {
			b.Fatal(err)
		}
		for {
			found, err := svc.Jobs(ctx, scope, []string{j.ID})
			if err != nil || len(found) != 1 {
				b.Fatal(found, err)
			}
			if found[0].Status.Ended() {
				break
			}
			time.Sleep(time.Millisecond)
		}
		return seconds*1000 - float64(start.UnixMicro())/1000
	}
	submit() // makes files and threads
	for b.Loop() {
		for range jobs {
			took = append(took, submit())
		}
	}
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2], "ms")
	b.ReportMetric(took[len(took)*9/10], "p90-ms")
	b.Logf("%d jobs: fastest %.2f ms, slowest %.2f ms", len(took), took[0], took[len(took)-1])
}
