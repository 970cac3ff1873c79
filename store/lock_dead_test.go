package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// What a killed owner was starting lets go of the lock soon: that is no other
// process that owns the directory. A living owner is not waited for.
func TestLockOfADeadOwner(t *testing.T) {
	file, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dead, err := os.StartProcess(file, []string{file, "-test.run=^$"}, &os.ProcAttr{})
	if err != nil {
		t.Fatal(err)
	}
	dead.Wait()
	for _, owner := range []struct {
		pid  int
		died bool
	}{{dead.Pid, true}, {os.Getpid(), false}} {
		dir := t.TempDir()
		held, err := os.Create(filepath.Join(dir, "lock"))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(held, owner.pid)
		if err := unix.Flock(int(held.Fd()), unix.LOCK_EX); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(20*time.Millisecond, func() { held.Close() })
		f, err := lockDir(dir)
		var locked *LockedError
		if owner.died && err != nil || !owner.died && (!errors.As(err, &locked) || locked.PID != fmt.Sprint(owner.pid)) {
			t.Errorf("owner dead: %t: got %v", owner.died, err)
		}
		if f != nil {
			f.Close()
		}
	}
}
