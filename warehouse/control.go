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
}

// A message is what parent and child tell each other. Exactly one of the
// parts is set, besides ID.
type message struct {
	Config  *ChildConfig `json:",omitempty"`
	Ready   bool         `json:",omitempty"`
	Failed  string       `json:",omitempty"` // why the child cannot serve
	Stop    bool         `json:",omitempty"`
	Pin     *PinRequest  `json:",omitempty"`
	Put     *PutRequest  `json:",omitempty"` // answered as Pin is
	Remove  *PinRequest  `json:",omitempty"` // answered as Pin is
	Release bool         `json:",omitempty"` // of the pins of request ID
	Pinned  *pinned      `json:",omitempty"`
	ID      int64        `json:",omitempty"` // of a pin request
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
	f := os.NewFile(uintptr(fd), name)
	defer f.Close()
	c, err := net.FileConn(f)
	if err != nil {
		return nil, err
	}
	u, ok := c.(*net.UnixConn)
	if !ok {
		c.Close()
		return nil, fmt.Errorf("file descriptor %d is no unix socket", fd)
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
	f := os.NewFile(uintptr(fds[0]), "client")
	defer f.Close()
	return net.FileConn(f)
}
