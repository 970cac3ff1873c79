package warehouse

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// The parent and its child speak over two socket pairs: on one the parent
// hands over connections, each a byte with a file descriptor that the child
// confirms with a byte; on the other
// both send messages, one JSON text a line.
const (
	connsFD   = 3
	controlFD = 4
)

// A ChildConfig is what the parent tells its child to be.
type ChildConfig struct {
	Dir         string // holds the database file and its temporary files
	User        string
	Database    string
	Verifier    []byte // JSON of the password's verifier
	Account     string // whose objects COPY reads
	Region      string
	MemoryLimit int64  // bytes; 0 is the engine's own
	TempDir     string // for what does not fit into memory; "" is below Dir
	TempLimit   int64  // bytes of it; 0 is the engine's own
	Threads     int    // 0 is the engine's own
	Wire        Wire

	// Outlive lets the child run on when its parent is gone. Then it serves its
	// address itself, and waits for a next parent; see [Options].
	Outlive  bool   `json:",omitempty"`
	Identity string `json:",omitempty"` // what a next parent compares

	Alone    time.Duration `json:",omitempty"` // without parent and connections, until it ends; 0 is 10 minutes
	Patience time.Duration `json:",omitempty"` // of a COPY without a parent; 0 is a minute
}

// A message is what parent and child tell each other. Exactly one of the
// parts is set, besides ID.
type message struct {
	Config   *ChildConfig `json:",omitempty"`
	Attached *attached    `json:",omitempty"`
	Ready    bool         `json:",omitempty"`
	Failed   string       `json:",omitempty"` // why the child cannot serve
	Stop     bool         `json:",omitempty"`
	Pin      *PinRequest  `json:",omitempty"`
	Put      *PutRequest  `json:",omitempty"` // answered as Pin is
	Remove   *PinRequest  `json:",omitempty"` // answered as Pin is
	Release  bool         `json:",omitempty"` // of the pins of request ID
	Pinned   *pinned      `json:",omitempty"`
	ID       int64        `json:",omitempty"` // of a pin request
}

// pinned answers a pin request.
type pinned struct {
	Objects  []PinnedObject
	NoBucket bool
	Service  *ServiceError `json:",omitempty"`
	Error    string
}

// A control is one end of the channel of messages. Goroutines may share send.
type control struct {
	rw io.ReadWriteCloser
	r  *bufio.Reader
	mu sync.Mutex // serializes writes
}

func newControl(rw io.ReadWriteCloser) *control {
	return &control{rw: rw, r: bufio.NewReader(rw)}
}

func (c *control) send(m message) error {
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err = c.rw.Write(append(b, '\n'))
	return err
}

func (c *control) receive() (message, error) {
	line, err := c.r.ReadBytes('\n')
	if err != nil {
		return message{}, err
	}
	var m message
	if err := json.Unmarshal(line, &m); err != nil {
		return message{}, fmt.Errorf("read a message: %w", err)
	}
	return m, nil
}

// socketPair returns two connected sockets: ours, and the child's as a file.
func socketPair() (*net.UnixConn, *os.File, error) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	for _, fd := range fds {
		syscall.CloseOnExec(fd)
	}
	theirs := os.NewFile(uintptr(fds[1]), "warehouse-child")
	ours, err := unixConn(fds[0], "warehouse-parent")
	if err != nil {
		theirs.Close()
		return nil, nil, err
	}
	return ours, theirs, nil
}

// unixConn takes over a file descriptor as a connection.
func unixConn(fd int, name string) (*net.UnixConn, error) {
	return connOf(os.NewFile(uintptr(fd), name))
}

// connOf makes a connection of a file, which it closes.
func connOf(f *os.File) (*net.UnixConn, error) {
	defer f.Close()
	c, err := net.FileConn(f)
	if err != nil {
		return nil, err
	}
	u, ok := c.(*net.UnixConn)
	if !ok {
		c.Close()
		return nil, fmt.Errorf("%s is no unix socket", f.Name())
	}
	return u, nil
}

// passConn sends the file descriptor of c to the other end.
func passConn(to *net.UnixConn, c syscall.Conn) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var sent error
	if err := raw.Control(func(fd uintptr) {
		_, _, sent = to.WriteMsgUnix([]byte{1}, syscall.UnixRights(int(fd)), nil)
	}); err != nil {
		return err
	}
	return sent
}

// takeConn receives a connection. It returns io.EOF when the other end is
// closed.
func takeConn(from *net.UnixConn) (net.Conn, error) {
	f, err := takeFile(from, "client")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return net.FileConn(f)
}

// takeFile receives a file descriptor, and the byte that it comes with.
func takeFile(from *net.UnixConn, name string) (*os.File, error) {
	b, oob := make([]byte, 1), make([]byte, syscall.CmsgSpace(4))
	n, oobn, _, _, err := from.ReadMsgUnix(b, oob)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, io.EOF
	}
	msgs, err := syscall.ParseSocketControlMessage(oob[:oobn])
	if err != nil || len(msgs) == 0 {
		return nil, fmt.Errorf("no connection came with a message: %w", err)
	}
	fds, err := syscall.ParseUnixRights(&msgs[0])
	if err != nil || len(fds) == 0 {
		return nil, fmt.Errorf("no connection came with a message: %w", err)
	}
	syscall.CloseOnExec(fds[0])
	return os.NewFile(uintptr(fds[0]), name), nil
}
