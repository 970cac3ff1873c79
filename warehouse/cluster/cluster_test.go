package cluster

import (
	"context"
	"errors"
	"net"
	"os"
	"testing"

	"salamander/warehouse"
)

type fake struct {
	ln      net.Listener
	stopped *int
}

func (f fake) Stop(context.Context) error { *f.stopped++; return f.ln.Close() }

func open(t *testing.T, dir string, stopped *int) *Clusters {
	t.Helper()
	c, err := Open(Options{Dir: dir, Start: func(o warehouse.Options) (Server, error) { return fake{o.Listener, stopped}, nil }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestAClusterSurvives(t *testing.T) {
	dir, stopped := t.TempDir(), 0
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	wanted := taken.Addr().(*net.TCPAddr).Port
	key := Key{"000000000000", "us-east-1", "dw"}
	c := open(t, dir, &stopped)
	made, err := c.Create(Cluster{Key: key, Database: "dev", User: "awsuser", Password: "p", Port: wanted, Creation: "1"})
	if err != nil {
		t.Fatal(err)
	}
	if made.Port == wanted || made.Port == 0 {
		t.Errorf("port: got %d; want a free one after %d", made.Port, wanted)
	}
	if again, err := c.Create(Cluster{Key: key, Creation: "1"}); err != nil || again.Port != made.Port {
		t.Errorf("repeat: got %v, %v; want the first", again, err)
	}
	if _, err := c.Create(Cluster{Key: key, Creation: "2"}); !errors.Is(err, ErrExists) {
		t.Errorf("another: got %v; want ErrExists", err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	c = open(t, dir, &stopped)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	got, err := c.Get(key)
	if err != nil || got.Port != made.Port || got.Password != "p" {
		t.Errorf("after a restart: got %+v, %v; want %+v", got, err, made)
	}
	before := stopped
	if _, err := c.Update(key, func(cl *Cluster) { cl.Password = "q" }); err != nil {
		t.Fatal(err)
	}
	if stopped != before+1 {
		t.Error("a new password did not end the warehouse")
	}
	if _, err := c.Delete(key); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := c.Get(key); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v; want ErrNotFound", err)
	}
}
