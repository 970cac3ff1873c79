package cluster

import (
	"errors"
	"testing"
)

func TestAPausedClusterServesNobody(t *testing.T) {
	dir, stopped := t.TempDir(), 0
	key := Key{"000000000000", "us-east-1", "dw"}
	c := open(t, dir, &stopped)
	made, err := c.Create(Cluster{Key: key, Database: "dev", User: "awsuser", Password: "p", Port: 20000})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Resume(key); !errors.Is(err, ErrState) {
		t.Errorf("resume one that runs: got %v; want ErrState", err)
	}
	if cl, err := c.Pause(key); err != nil || !cl.Paused || stopped != 1 {
		t.Errorf("pause: got %+v, %v after %d stops", cl, err, stopped)
	}
	if _, err := c.Pause(key); !errors.Is(err, ErrState) {
		t.Errorf("pause again: got %v; want ErrState", err)
	}
	if _, err := c.Reboot(key); !errors.Is(err, ErrState) {
		t.Errorf("reboot a paused one: got %v; want ErrState", err)
	}
	if _, err := c.Update(key, func(cl *Cluster) { cl.Password = "q" }); !errors.Is(err, ErrState) {
		t.Errorf("a new password for a paused one: got %v; want ErrState", err)
	}
	c.Close()
	c = open(t, dir, &stopped)
	if err := c.Start(); err != nil || len(c.live) != 0 {
		t.Errorf("after a restart: %d serve, %v; want none", len(c.live), err)
	}
	if cl, err := c.Resume(key); err != nil || cl.Paused || cl.Port != made.Port || len(c.live) != 1 {
		t.Errorf("resume: got %+v, %v, %d serve", cl, err, len(c.live))
	}
	before := stopped
	if _, err := c.Reboot(key); err != nil || stopped != before+1 || len(c.live) != 1 {
		t.Errorf("reboot: got %v, %d stops, %d serve", err, stopped-before, len(c.live))
	}
	for _, do := range []func(Key) (Cluster, error){c.Pause, c.Resume, c.Reboot} {
		if _, err := do(Key{}); !errors.Is(err, ErrNotFound) {
			t.Errorf("got %v; want ErrNotFound", err)
		}
	}
}
