package process

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"salamander/batch"
	"salamander/store"
)

var killScope = batch.Scope{Account: "000000000000", Region: "us-east-1"}

// service starts Batch over the store in dir, with images whose command is
// that of the job.
func service(ctx context.Context, dir string) (*batch.Batch, func(), error) {
	db, err := store.Open(dir, store.Options{})
	if err != nil {
		return nil, nil, err
	}
	b := batch.New(batch.Options{
		Store:    store.NewBatch(db),
		Executor: New(Options{Images: map[string][]string{"shell": {"sh", "-c"}}, Path: "/usr/bin:/bin", Dir: filepath.Join(dir, "jobs")}),
		OnError:  func(err error) { fmt.Fprintln(os.Stderr, err) },
	})
	if err := b.Start(ctx); err != nil {
		db.Close()
		return nil, nil, err
	}
	return b, func() { b.Close(); db.Close() }, nil
}

// batchEngine takes up what is in dir, with one job to start with, says what
// attempts it sees running, and waits to be killed.
func batchEngine(dir string) {
	ctx := context.Background()
	b, _, err := service(ctx, dir)
	if err == nil && len(b.Queues(killScope, nil)) == 0 {
		err = firstJob(ctx, b, dir)
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("started")
	select {}
}

// firstJob submits a job whose attempts each write their number to the file
// "ran", and wait until there is a file "go".
func firstJob(ctx context.Context, b *batch.Batch, dir string) error {
	vcpus := 1
	if _, err := b.CreateEnvironment(ctx, batch.Environment{Scope: killScope, ID: "1", Name: "ce", Type: "MANAGED",
		Resources: batch.ComputeResources{Type: "EC2", MaxvCPUs: &vcpus}}); err != nil {
		return err
	}
	if _, err := b.RegisterDefinition(ctx, batch.Definition{Scope: killScope, ID: "3", Name: "d", Type: "container",
		Retry: &batch.RetryStrategy{Attempts: 10, EvaluateOnExit: []batch.EvaluateOnExit{
			{OnStatusReason: "Host EC2*", Action: "RETRY"}, {OnReason: "*", Action: "EXIT"}}},
		Container: batch.ContainerProperties{Image: "shell", VCPUs: 1, Memory: 64, Command: []string{
			fmt.Sprintf(`cd %q; echo $AWS_BATCH_JOB_ATTEMPT $$ >> ran; while [ ! -e go ]; do sleep 0.01; done`, dir)}}}); err != nil {
		return err
	}
	if _, err := b.CreateQueue(ctx, batch.Queue{Scope: killScope, ID: "2", Name: "q", Priority: 1,
		Order: []batch.EnvironmentRank{{Order: 1, ComputeEnvironment: "ce"}}}); err != nil {
		return err
	}
	_, err := b.Submit(ctx, batch.Submission{Scope: killScope, ID: "00000000-0000-0000-0000-000000000001", Name: "job", Queue: "q", Definition: "d"})
	return err
}

// An engine that is killed at any moment leaves no process, runs no attempt
// twice, and the job ends well with the next.
func TestKilledBatch(t *testing.T) {
	dir := t.TempDir()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, 0))
	const kills = 6
	for range kills {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "PROCESS_TEST_BATCH="+dir)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		s := bufio.NewScanner(out)
		if !s.Scan() || s.Text() != "started" {
			cmd.Process.Kill()
			t.Fatalf("the engine said %q", s.Text())
		}
		time.Sleep(time.Duration(chance.IntN(15)) * time.Millisecond)
		cmd.Process.Kill()
		cmd.Wait()
	}
	if err := os.WriteFile(filepath.Join(dir, "go"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	b, end, err := service(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	jobs, err := b.ListJobs(t.Context(), killScope, batch.JobQuery{Queue: "q"})
	for limit := time.Now().Add(30 * time.Second); err == nil && len(jobs) == 1 && !jobs[0].Status.Ended(); time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("the job does not end: %+v", jobs[0])
		}
		jobs, err = b.ListJobs(t.Context(), killScope, batch.JobQuery{Queue: "q"})
	}
	if err != nil || len(jobs) != 1 || jobs[0].Status != batch.Succeeded {
		t.Fatalf("got %+v, %v; want one job that SUCCEEDED", jobs, err)
	}
	attempts := jobs[0].Attempts
	host := regexp.MustCompile(`^Host EC2 \(instance i-[0-9a-f]{17}\) terminated\.$`)
	for i, a := range attempts {
		last := i == len(attempts)-1
		if last && (a.Container.ExitCode == nil || *a.Container.ExitCode != 0) || !last && !host.MatchString(a.StatusReason) {
			t.Errorf("attempt %d of %d: got %+v", i+1, len(attempts), a)
		}
	}
	ran, err := os.ReadFile(filepath.Join(dir, "ran"))
	if err != nil {
		t.Fatal(err)
	}
	var numbers []string
	for line := range strings.Lines(string(ran)) {
		number, pid, _ := strings.Cut(strings.TrimSpace(line), " ")
		if slices.Contains(numbers, number) {
			t.Errorf("attempt %s ran twice", number)
		}
		numbers = append(numbers, number)
		if alive(pid) {
			t.Errorf("process %s of attempt %s lives", pid, number)
		}
	}
	t.Logf("%d attempts, of which ran %q", len(attempts), numbers)
}
