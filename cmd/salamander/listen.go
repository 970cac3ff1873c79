package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// lingers is how long the sockets of a process that was killed may stay open.
const lingers = 2 * time.Second

// listen opens a loopback or configured address. A port that stays busy is an
// error that names the address and the flag.
func listen(flag, addr string) (net.Listener, error) {
	ln, err := listenPatiently(addr, lingers)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, exitf(exitFailed, "--%s: %s is in use by another program: stop it, or choose another address", flag, addr)
	} else if err != nil {
		return nil, exitf(exitUsage, "--%s: %w", flag, err)
	}
	return ln, nil
}

// listenPatiently opens addr, and waits for it while it is taken: what an
// earlier server left may hold it for a moment.
func listenPatiently(addr string, wait time.Duration) (net.Listener, error) {
	for deadline := time.Now().Add(wait); ; time.Sleep(50 * time.Millisecond) {
		ln, err := net.Listen("tcp", addr)
		if err == nil || !errors.Is(err, syscall.EADDRINUSE) || !time.Now().Before(deadline) {
			return ln, err
		}
	}
}

// listenUsual opens addr, or a free port on the same host when it is taken.
func listenUsual(addr string) (net.Listener, error) {
	ln, err := net.Listen("tcp", addr)
	if !errors.Is(err, syscall.EADDRINUSE) {
		return ln, err
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	return net.Listen("tcp", net.JoinHostPort(host, "0"))
}

// A serverRecord tells other commands where the server of a data directory
// listens. It is there while the server runs, and a demo keeps its addresses
// in it over a restart.
type serverRecord struct {
	PID       int    `json:"pid"`
	AWS       string `json:"aws"`       // host:port
	Warehouse string `json:"warehouse"` // host:port
	Console   string `json:"console,omitempty"`
	Ops       string `json:"ops,omitempty"` // metrics and health
	Region    string `json:"region"`
	Auth      string `json:"auth"`
}

func serverFile(dir string) string { return filepath.Join(dir, "server.json") }

// readServer returns the record in dir, or nil when there is none.
func readServer(dir string) (*serverRecord, error) {
	text, err := os.ReadFile(serverFile(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	r := &serverRecord{}
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("read %s: %w", serverFile(dir), err)
	}
	return r, nil
}

func (r *serverRecord) write(dir string) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return replaceFile(serverFile(dir), append(text, '\n'))
}

// listenAgain opens the addresses that a demo on dir had before, and on a new
// directory the configured ones; where the usual ports are taken, free ones.
func listenAgain(dir string) func(flag, addr string) (net.Listener, error) {
	before, _ := readServer(dir) // a record that cannot be read is made anew
	return func(flag, addr string) (net.Listener, error) {
		if before == nil {
			if addr == defaultAWSAddr || addr == defaultWarehouseAddr {
				return listenUsual(addr)
			}
			return listen(flag, addr) // what was asked for, or an error
		}
		switch flag {
		case "aws-addr":
			addr = before.AWS
		case "warehouse-addr":
			addr = before.Warehouse
		}
		if ln, err := listenPatiently(addr, lingers); err == nil {
			return ln, nil
		}
		return listen(flag, addr) // once more, and for its sentence
	}
}
