package batch

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAJobGoesThroughTheStatuses(t *testing.T) {
	inWorld(t, func(w *world) {
		id := w.submit("one", []string{"10s", "0"})
		synctest.Wait()
		w.wants(id, Running, "")
		after(10 * time.Second)
		w.wants(id, Succeeded, "Essential container in task exited")
		want := []Status{Submitted, Runnable, Starting, Running, Succeeded}
		if diff := cmp.Diff(want, w.store.statuses[id]); diff != "" {
			t.Errorf("statuses (-want +got):\n%s", diff)
		}
		j := w.job(id)
		if len(j.Attempts) != 1 || *j.Attempts[0].Container.ExitCode != 0 || j.StoppedAt-j.StartedAt != 10_000 {
			t.Errorf("got %+v", j)
		}
		if s := j.Last.LogStreamName; !strings.HasPrefix(s, "d/default/") || len(s) != len("d/default/")+32 {
			t.Errorf("log stream: got %q", s)
		}
	})
}

func TestAJobWaitsForCapacityAndSaysWhy(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.submit("a", []string{"10s", "0"}, needs(3))
		b := w.submit("b", []string{"10s", "0"}, needs(2))
		c := w.submit("c", []string{"10s", "0"}) // would fit, but is behind b
		synctest.Wait()
		w.wants(a, Running, "")
		w.wants(b, Runnable, `Waits for capacity: the job needs 2 vCPUs; compute environment "ce" has 3 of 4 vCPUs in use.`)
		w.wants(c, Runnable, fmt.Sprintf(`Waits behind job %s, the first of 2 in job queue "q". Waits for capacity: the job needs 2 vCPUs; compute environment "ce" has 3 of 4 vCPUs in use.`, b))
		after(10 * time.Second)
		w.wants(a, Succeeded, "*")
		w.wants(b, Running, "")
		w.wants(c, Running, "")
		huge := w.submit("huge", []string{"1s", "0"}, needs(5))
		synctest.Wait()
		if why := w.job(huge).StatusReason; !strings.HasPrefix(why, "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE") {
			t.Errorf("huge: got %q", why)
		}
		eight := 8
		if _, err := w.UpdateEnvironment(t.Context(), scope, "ce", func(e *Environment) error {
			e.Resources.MaxvCPUs = &eight
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		w.wants(huge, Running, "")
	})
}

func TestPriorityAndEnvironmentOrder(t *testing.T) {
	inWorld(t, func(w *world) {
		w.environment("other", 1)
		w.queue("high", 9, "ce", "other")
		full := w.submit("full", []string{"10s", "0"}, needs(4))
		low := w.submit("low", []string{"10s", "0"})
		spill := w.submit("spill", []string{"20s", "0"}, in("high"))
		large := w.submit("large", []string{"10s", "0"}, in("high"), needs(4))
		synctest.Wait()
		w.wants(full, Running, "")
		w.wants(low, Runnable, "*")
		if j := w.job(spill); j.Status != Running || j.Current.Environment != "other" {
			t.Errorf("spill: got %s in %+v; want it in other", j.Status, j.Current)
		}
		after(10 * time.Second)
		w.wants(large, Running, "")
		w.wants(low, Runnable, "*")
		after(10 * time.Second)
		w.wants(low, Running, "")
	})
}

func TestALargeJobIsNotStarvedByLowerQueues(t *testing.T) {
	inWorld(t, func(w *world) {
		w.queue("high", 9, "ce")
		w.submit("half", []string{"10s", "0"}, needs(2))
		large := w.submit("large", []string{"1s", "0"}, needs(4), in("high"))
		small := w.submit("small", []string{"1h", "0"})
		after(time.Second)
		w.wants(small, Runnable, "*")
		if why := w.job(small).StatusReason; !strings.Contains(why, "kept for job "+large) {
			t.Errorf("small waits because %q", why)
		}
		after(9 * time.Second)
		w.wants(large, Running, "")
		after(time.Second)
		w.wants(small, Running, "")
	})
}

func TestRetries(t *testing.T) {
	tests := []struct {
		name     string
		image    string
		code     string
		retry    *RetryStrategy
		attempts int
		status   Status
		reason   string
	}{
		{"none", "i", "3", nil, 1, Failed, exited},
		{"three", "i", "3", &RetryStrategy{Attempts: 3}, 3, Failed, exited},
		{"success needs none", "i", "0", &RetryStrategy{Attempts: 3}, 1, Succeeded, exited},
		{"exit on code", "i", "3", &RetryStrategy{Attempts: 3, EvaluateOnExit: []EvaluateOnExit{
			{OnExitCode: "3", Action: "exit"}}}, 1, Failed, exited},
		{"host only", "i", "3", &RetryStrategy{Attempts: 3, EvaluateOnExit: []EvaluateOnExit{
			{OnStatusReason: "Host EC2*", Action: "RETRY"}, {OnReason: "*", Action: "EXIT"}}}, 1, Failed, exited},
		{"unmatched is retried", "i", "3", &RetryStrategy{Attempts: 2, EvaluateOnExit: []EvaluateOnExit{
			{OnExitCode: "13*", Action: "EXIT"}}}, 2, Failed, exited},
		{"image", "unknown", "0", &RetryStrategy{Attempts: 2, EvaluateOnExit: []EvaluateOnExit{
			{OnReason: "CannotPullContainerError*", Action: "EXIT"}}}, 1, Failed, failedToStart},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.definition("r", ContainerProperties{Image: tt.image, VCPUs: 1, Memory: 1, Command: []string{"1s", tt.code}}, tt.retry)
				id := w.submit("x", nil, func(s *Submission) { s.Definition = "r" })
				after(time.Minute)
				j := w.job(id)
				w.wants(id, tt.status, tt.reason)
				if len(j.Attempts) != tt.attempts {
					t.Errorf("attempts: got %d; want %d", len(j.Attempts), tt.attempts)
				}
			})
		})
	}
}

func TestEvaluateOnExitGlobs(t *testing.T) {
	code := func(n int) AttemptDetail {
		return AttemptDetail{StatusReason: exited, Container: ContainerState{ExitCode: &n}}
	}
	host := AttemptDetail{StatusReason: "Host EC2 (instance i-0) terminated."}
	tests := []struct {
		rule EvaluateOnExit
		at   AttemptDetail
		want bool
	}{
		{EvaluateOnExit{OnStatusReason: "Host EC2*"}, host, true},
		{EvaluateOnExit{OnStatusReason: "Host EC2"}, host, false},
		{EvaluateOnExit{OnStatusReason: "Host EC2*"}, code(1), false},
		{EvaluateOnExit{OnExitCode: "1"}, code(1), true},
		{EvaluateOnExit{OnExitCode: "1"}, code(137), false},
		{EvaluateOnExit{OnExitCode: "1*"}, code(137), true},
		{EvaluateOnExit{OnExitCode: "1*"}, host, false},
		{EvaluateOnExit{OnReason: "*"}, host, true},
		{EvaluateOnExit{OnReason: "Out*"}, host, false},
		{EvaluateOnExit{OnStatusReason: "Ess*", OnExitCode: "2"}, code(1), false},
		{EvaluateOnExit{}, host, true},
	}
	for _, tt := range tests {
		if got := tt.rule.matches(tt.at); got != tt.want {
			t.Errorf("%+v matches %+v: got %v", tt.rule, tt.at, got)
		}
	}
}

func TestTimeout(t *testing.T) {
	inWorld(t, func(w *world) {
		id := w.submit("slow", []string{"1h", "0", "stubborn"}, func(s *Submission) {
			s.Timeout = &Timeout{60}
			s.Retry = &RetryStrategy{Attempts: 3}
		})
		after(89 * time.Second)
		w.wants(id, Running, "")
		after(time.Second) // SIGTERM at 60 s, SIGKILL 30 s later
		w.wants(id, Failed, "Job attempt duration exceeded timeout")
		if j := w.job(id); *j.Last.ExitCode != 137 || len(j.Attempts) != 1 {
			t.Errorf("got %+v", j)
		}
	})
}

func TestTerminateAndCancel(t *testing.T) {
	inWorld(t, func(w *world) {
		run := w.submit("run", []string{"1h", "0"}, needs(4))
		wait := w.submit("wait", []string{"1h", "0"})
		wait2 := w.submit("wait2", []string{"1h", "0"})
		dep := w.submit("dep", []string{"1h", "0"}, behind(run))
		depdep := w.submit("depdep", []string{"1h", "0"}, behind(dep))
		after(time.Second)
		w.wants(dep, Pending, fmt.Sprintf("Waits for 1 of the jobs it depends on: %s.", run))
		ctx := t.Context()
		for _, err := range []error{
			w.Cancel(ctx, scope, run, "no effect"),
			w.Cancel(ctx, scope, wait, "not needed"),
			w.Terminate(ctx, scope, wait2, "not needed either"),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		w.wants(run, Running, "")
		w.wants(wait, Failed, "not needed")
		w.wants(wait2, Failed, "not needed either")
		if j := w.job(wait); !j.IsCancelled || j.IsTerminated {
			t.Errorf("cancelled job: got %+v", j)
		}
		if err := w.Terminate(ctx, scope, run, "enough"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		w.wants(run, Failed, "enough")
		if j := w.job(run); !j.IsTerminated || *j.Last.ExitCode != 143 {
			t.Errorf("terminated job: got %+v", j)
		}
		w.wants(dep, Failed, "Dependent Job failed")
		w.wants(depdep, Failed, "Dependent Job failed")
		if err := w.Terminate(ctx, scope, run, "again"); err != nil {
			t.Errorf("terminate an ended job: %v", err)
		}
		if err := w.Terminate(ctx, scope, "nobody", "x"); err == nil {
			t.Error("terminate of an unknown job succeeds")
		}
	})
}

func TestDependencies(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.submit("a", []string{"5s", "0"})
		b := w.submit("b", []string{"10s", "0"})
		c := w.submit("c", []string{"1s", "0"}, behind(a, b))
		synctest.Wait()
		after(5 * time.Second)
		w.wants(c, Pending, "*")
		after(5 * time.Second)
		w.wants(c, Running, "")
		after(time.Second)
		w.wants(c, Succeeded, "*")
		want := []Status{Submitted, Pending, Runnable, Starting, Running, Succeeded}
		if diff := cmp.Diff(want, w.store.statuses[c]); diff != "" {
			t.Errorf("statuses (-want +got):\n%s", diff)
		}
		d := w.submit("d", []string{"1s", "0"}, behind(a))
		after(time.Second)
		w.wants(d, Succeeded, "*")
		_, err := w.Submit(t.Context(), Submission{Scope: scope, ID: "x", Name: "x", Queue: "q", Definition: "d",
			DependsOn: []Dependency{{JobID: "missing"}}})
		if err == nil {
			t.Error("a job that depends on an unknown one is taken")
		}
	})
}

// After a crash the attempt is over, its processes are ended, and the retry
// strategy decides.
func TestDeathOfTheEngine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		w := begin(t, m)
		w.environment("ce", 4)
		w.queue("q", 1, "ce")
		w.definition("d", ContainerProperties{Image: "i", VCPUs: 1, Memory: 1}, &RetryStrategy{Attempts: 2,
			EvaluateOnExit: []EvaluateOnExit{{OnStatusReason: "Host EC2*", Action: "RETRY"}, {OnReason: "*", Action: "EXIT"}}})
		again := w.submit("again", []string{"1h", "0"})
		once := w.submit("once", []string{"1h", "0"}, func(s *Submission) { s.Retry = &RetryStrategy{Attempts: 1} })
		ended := w.submit("ended", []string{"1h", "0", "stubborn"})
		waits := w.submit("waits", []string{"1s", "0"}, needs(4))
		dep := w.submit("dep", []string{"1s", "0"}, behind(once))
		synctest.Wait()
		if err := w.Terminate(t.Context(), scope, ended, "enough"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		host := w.Host().InstanceID
		w.Close() // kills, and records nothing

		w = begin(t, m)
		synctest.Wait()
		if len(w.exec.reaped) != 3 || !slices.Contains(w.exec.reaped, "again mark") {
			t.Errorf("reaped: got %q", w.exec.reaped)
		}
		gone := "Host EC2 (instance " + host + ") terminated."
		w.wants(again, Running, "")
		if j := w.job(again); len(j.Attempts) != 1 || j.Attempts[0].StatusReason != gone || j.Attempts[0].Container.ExitCode != nil {
			t.Errorf("first attempt: got %+v; want %q", j.Attempts, gone)
		}
		w.wants(once, Failed, gone)
		w.wants(ended, Failed, "enough")
		w.wants(dep, Failed, "Dependent Job failed")
		w.wants(waits, Runnable, "*")
		after(time.Hour)
		w.wants(again, Succeeded, "*")
		after(time.Second)
		w.wants(waits, Succeeded, "*")
		if w.Host().InstanceID == host {
			t.Error("a new engine has the old instance")
		}
		for id, n := range w.exec.runs {
			if n != 1 {
				t.Errorf("attempt %s was started %d times", id, n)
			}
		}
		w.Close()
	})
}

// The endpoint may answer before the store is loaded.
func TestCallsBeforeStartWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		w := begin(t, m)
		w.environment("ce", 4)
		w.queue("q", 1, "ce")
		w.definition("d", ContainerProperties{Image: "i", VCPUs: 1, Memory: 1, Command: []string{"1s", "0"}}, nil)
		first := w.submit("first", nil)
		w.Close()

		w = &world{t: t, store: m, exec: &actor{}}
		w.Batch = New(Options{Store: m, Executor: w.exec})
		var second string
		go func() { second = w.submit("second", nil) }()
		synctest.Wait()
		if second != "" {
			t.Error("a job was taken before the store was loaded")
		}
		if err := w.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if a, b := w.job(first).Seq, w.job(second).Seq; a != 1 || b != 2 {
			t.Errorf("order: got %d and %d; want 1 and 2", a, b)
		}
		after(time.Second)
		w.Close()
	})
}

func TestAFullDiskDelaysJobsAndLosesNone(t *testing.T) {
	inWorld(t, func(w *world) {
		id := w.submit("x", []string{"2s", "0"})
		synctest.Wait()
		w.store.mu.Lock()
		w.store.fail = errDisk
		w.store.mu.Unlock()
		if _, err := w.Submit(t.Context(), Submission{Scope: scope, ID: "y", Name: "y", Queue: "q", Definition: "d"}); err == nil {
			t.Error("a job was taken that could not be stored")
		}
		after(10 * time.Second)
		w.wants(id, Running, "")
		w.store.mu.Lock()
		w.store.fail = nil
		w.store.mu.Unlock()
		after(time.Second)
		w.wants(id, Succeeded, "*")
	})
}

func TestARepeatedSubmissionIsAnsweredWithTheFirst(t *testing.T) {
	inWorld(t, func(w *world) {
		s := Submission{Scope: scope, ID: "same", MayRepeat: true, Name: "x", Queue: "q", Definition: "d"}
		first, err := w.Submit(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		after(time.Minute)
		second, err := w.Submit(t.Context(), s)
		if err != nil || second.ID != first.ID || second.CreatedAt != first.CreatedAt || len(w.exec.started) != 1 {
			t.Errorf("got %+v, %v after %d starts", second, err, len(w.exec.started))
		}
	})
}

func TestOverridesAndParameters(t *testing.T) {
	inWorld(t, func(w *world) {
		_, err := w.RegisterDefinition(t.Context(), Definition{Scope: scope, ID: "p", Name: "p", Type: "container",
			Parameters: map[string]string{"time": "9s", "code": "1"},
			Container: ContainerProperties{Image: "i", Command: []string{"Ref::time", "Ref::code", "Ref::unknown"},
				ResourceRequirements: []ResourceRequirement{{"VCPU", "0.5"}, {"MEMORY", "100"}},
				Environment:          []KeyValue{{"A", "1"}, {"B", "2"}}}})
		if err != nil {
			t.Fatal(err)
		}
		id := w.submit("x", nil, func(s *Submission) {
			s.Definition = "p:1"
			s.Parameters = map[string]string{"code": "0"}
			s.Overrides = &Overrides{Environment: []KeyValue{{"B", "3"}, {"C", "4"}}, Memory: 50}
		})
		after(10 * time.Second)
		j := w.job(id)
		want := ContainerProperties{Image: "i", Command: []string{"9s", "0", "Ref::unknown"}, Memory: 50,
			ResourceRequirements: []ResourceRequirement{{"VCPU", "0.5"}},
			Environment:          []KeyValue{{"A", "1"}, {"B", "3"}, {"C", "4"}}}
		if diff := cmp.Diff(want, j.Container); diff != "" {
			t.Errorf("container (-want +got):\n%s", diff)
		}
		w.wants(id, Succeeded, "*")
	})
}

func TestQueuesAndEnvironmentsAreDisabledBeforeTheyAreDeleted(t *testing.T) {
	inWorld(t, func(w *world) {
		ctx := t.Context()
		run := w.submit("run", []string{"1h", "0"}, needs(4))
		wait := w.submit("wait", []string{"1h", "0"})
		synctest.Wait()
		if err := w.DeleteQueue(ctx, scope, "q"); err == nil {
			t.Error("an enabled queue was deleted")
		}
		off := func(q *Queue) error { q.State = Disabled; return nil }
		if _, err := w.UpdateQueue(ctx, scope, "q", off); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Submit(ctx, Submission{Scope: scope, ID: "n", Name: "n", Queue: "q", Definition: "d"}); err == nil {
			t.Error("a disabled queue takes a job")
		}
		if _, err := w.UpdateEnvironment(ctx, scope, "ce", func(e *Environment) error { e.State = Disabled; return nil }); err != nil {
			t.Fatal(err)
		}
		if err := w.DeleteEnvironment(ctx, scope, "ce"); err == nil || !strings.Contains(err.Error(), "Cannot delete, found existing JobQueue relationship") {
			t.Errorf("delete a used environment: got %v", err)
		}
		if err := w.DeleteQueue(ctx, scope, "q"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		w.wants(run, Failed, "Job queue deleted")
		w.wants(wait, Failed, "Job queue deleted")
		if err := w.DeleteEnvironment(ctx, scope, "ce"); err != nil {
			t.Error(err)
		}
	})
}

func TestCapacityIsNeverExceeded(t *testing.T) {
	inWorld(t, func(w *world) {
		w.store.slow = 3 * time.Millisecond
		var ids []string
		for i := range 60 {
			ids = append(ids, w.submit(fmt.Sprintf("j%d", i), []string{fmt.Sprintf("%dms", 1+i%7), fmt.Sprint(i % 2)},
				func(s *Submission) { s.Retry = &RetryStrategy{Attempts: 2} }))
			if i%9 == 0 {
				go w.Terminate(t.Context(), scope, ids[i], "at random")
			}
			if i%5 == 0 {
				go w.Cancel(t.Context(), scope, ids[max(0, i-1)], "at random")
			}
		}
		after(time.Minute)
		if w.exec.maxLive > 4 {
			t.Errorf("%d jobs ran at once in 4 vCPUs", w.exec.maxLive)
		}
		for _, id := range ids {
			if j := w.job(id); !j.Status.Ended() {
				t.Errorf("job %s hangs in %s", j.Name, j.Status)
			}
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		if used := w.envs[key{scope, "ce"}].used; used != 0 || len(w.jobs) != 0 {
			t.Errorf("left: %d in use, %d jobs", used, len(w.jobs))
		}
	})
}

func TestDefinitions(t *testing.T) {
	inWorld(t, func(w *world) {
		ctx := t.Context()
		w.definition("d", ContainerProperties{Image: "two", VCPUs: 1, Memory: 1}, nil)
		d, err := w.Definition(ctx, scope, "d")
		if err != nil || d.Revision != 2 || d.ARN() != "arn:aws:batch:us-east-1:000000000000:job-definition/d:2" {
			t.Fatalf("newest: got %+v, %v", d, err)
		}
		if err := w.DeregisterDefinition(ctx, scope, d.ARN()); err != nil {
			t.Fatal(err)
		}
		if d, _ := w.Definition(ctx, scope, "d"); d.Revision != 1 {
			t.Errorf("newest active: got revision %d; want 1", d.Revision)
		}
		for ref, want := range map[string]string{
			"d:2":  "JobDefinition name d:2 does not exist or is not in ACTIVE status",
			"none": "JobDefinition name none does not exist or is not in ACTIVE status",
			"arn:aws:batch:us-east-1:000000000000:job-definition/none:1": "JobDefinition arn:aws:batch:us-east-1:000000000000:job-definition/none:1 not found.",
		} {
			if _, err := w.Definition(ctx, scope, ref); err == nil || err.Error() != "ClientException: "+want {
				t.Errorf("%s: got %v; want %q", ref, err, want)
			}
		}
		bad := []Definition{
			{Name: "m", Type: "multinode"},
			{Name: "no image", Type: "container"},
			{Name: "x", Type: "container", Container: ContainerProperties{Image: "i", Memory: 1}},
			{Name: "x", Type: "container", Container: ContainerProperties{Image: "i", VCPUs: 1}},
			{Name: "x", Type: "container", Container: ContainerProperties{Image: "i", VCPUs: 1, Memory: 1}, Timeout: &Timeout{59}},
			{Name: "x", Type: "container", Container: ContainerProperties{Image: "i", VCPUs: 1, Memory: 1}, Retry: &RetryStrategy{Attempts: 11}},
			{Name: "x", Type: "container", Container: ContainerProperties{Image: "i", VCPUs: 1, Memory: 1, Secrets: []byte(`[{"name":"s"}]`)}},
		}
		for _, d := range bad {
			d.Scope = scope
			if _, err := w.RegisterDefinition(ctx, d); err == nil {
				t.Errorf("%+v was registered", d)
			}
		}
	})
}
