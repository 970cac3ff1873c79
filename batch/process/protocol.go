package process

import (
	"bufio"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"salamander/batch"
)

// A shim and its engine speak JSON, one text a line, over a stream socket: the
// pair that the shim was started with, and after the engine's death the socket
// in the attempt's directory.

// order is what an engine tells a shim. One part is set.
type order struct {
	Run       *spec      `json:",omitempty"` // first, and on the pair only
	Terminate *terminate `json:",omitempty"`
	Kill      bool       `json:",omitempty"`
	Abandon   bool       `json:",omitempty"` // kill, and leave nothing for a next engine
}

// terminate asks for SIGTERM, and for SIGKILL when the grace has passed.
type terminate struct{ Grace time.Duration }

// A spec says what a shim runs.
type spec struct {
	Dir     string // of the attempt, absolute: what outlives the engine
	Home    string // the working directory
	File    string
	Argv    []string
	Env     []string
	JobID   string
	Number  int           // of the attempt
	Timeout time.Duration // 0 is none
	Grace   time.Duration // between SIGTERM and SIGKILL at the timeout
}

// report is what a shim tells an engine. One part is set.
type report struct {
	Started *began `json:",omitempty"` // first
	Error   string `json:",omitempty"` // instead: the command cannot be run
	Output  bool   `json:",omitempty"` // there is more of it
	End     *end   `json:",omitempty"` // last
}

// began tells of a command that was started.
type began struct {
	Version int
	Mark    string
	At      int64 // milliseconds since 1970
}

// end tells how an attempt ended, and is what its end file holds.
type end struct {
	Version  int
	Code     int
	Reason   string `json:",omitempty"`
	At       int64  // milliseconds since 1970
	TimedOut bool   `json:",omitempty"`
}

// protocol is the number of this form of the messages and files. A shim of
// another release may speak another.
const protocol = 1

func (e *end) exit() batch.Exit {
	return batch.Exit{Code: e.Code, Reason: e.Reason, At: time.UnixMilli(e.At), TimedOut: e.TimedOut}
}

// A link is one end of a connection. Goroutines may share send.
type link struct {
	conn *net.UnixConn
	dec  *json.Decoder
	mu   sync.Mutex // serializes writes
}

func newLink(conn *net.UnixConn) *link {
	return &link{conn: conn, dec: json.NewDecoder(bufio.NewReader(conn))}
}

func (l *link) send(m any) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err = l.conn.Write(append(text, '\n'))
	return err
}

// Files of an attempt's directory.
const (
	claimFile  = "claim"  // there once a shim has the attempt, and locked while it lives
	socketFile = "socket" // the shim listens there
	outputFile = "output" // what the command printed, see [appendRecord]
	endFile    = "end"    // how it ended
)

// claim makes the claim file of dir, locked: at once, so that nobody sees it
// without its lock. It returns an error that is [os.ErrExist] when somebody has
// made it. The caller keeps the file open.
func claim(dir string) (*os.File, error) {
	f, err := os.CreateTemp(dir, "claim.*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	if err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err == nil {
		err = os.Link(f.Name(), filepath.Join(dir, claimFile))
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// claimed reports whether the shim that claimed dir lives.
func claimed(dir string) bool {
	f, err := os.OpenFile(filepath.Join(dir, claimFile), os.O_RDWR, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	return errors.Is(unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB), unix.EWOULDBLOCK)
}

// readEnd returns how the attempt in dir ended, nil when that is not known.
func readEnd(dir string) *end {
	text, err := os.ReadFile(filepath.Join(dir, endFile))
	if err != nil {
		return nil
	}
	var e end
	if json.Unmarshal(text, &e) != nil || e.Version != protocol {
		return nil
	}
	return &e
}

// keep writes the end file of dir, durably.
func (e *end) keep(dir string) error {
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(dir, endFile+".new"), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), filepath.Join(dir, endFile)); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
