package process

import (
	"testing"
	"time"
)

// Two engines on one machine may run jobs of the same name and attempt: those
// that are submitted under a token get their ids from it. The end of one job
// leaves the other's alone.
func TestEnginesLeaveEachOthersJobsAlone(t *testing.T) {
	mine, theirs := shell(t), shell(t)
	long := run(t, "echo up; exec sleep 20")
	short := run(t, "exit 0")
	p, out := started(t, theirs, long)
	defer p.Kill()
	out.next(t)
	q, _ := started(t, mine, short)
	if exit := q.Wait(); exit.Code != 0 {
		t.Fatalf("short job: got %+v", exit)
	}
	if err := mine.Reap(t.Context(), short); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); p.Wait() }()
	select {
	case <-ended:
		t.Error("the other engine's job was killed")
	case <-time.After(200 * time.Millisecond):
	}
	p.Kill()
	<-ended
}
