// Package faultdisk is a disk for tests: it loses what was not synced, tears
// writes, fills up, fails on demand, and flips bits.
package faultdisk

import (
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"syscall"

	"salamander/store/segment"
)

// An Op names what a disk was asked for, for faults.
type Op string

// The operations that can fail.
const (
	Open     Op = "open"
	Write    Op = "write"
	Sync     Op = "sync"
	Allocate Op = "allocate"
	Rename   Op = "rename"
	SyncDir  Op = "syncdir"
)

// A Disk is one directory of files. Its methods may be called from many
// goroutines; the files of a disk that crashed answer with errors.
type Disk struct {
	mu     sync.Mutex
	random *rand.Rand
	names  map[string]*node
	synced map[string]*node
	ops    []func(map[string]*node) // on names, not yet synced
	life   int                      // how often it crashed
	fault  func(Op) error
	room   int64 // bytes; 0 means without limit
	writes int
}

var _ segment.FS = (*Disk)(nil)

type node struct {
	now, synced []byte
	pending     []write
}

type write struct {
	off  int64
	data []byte // zeros of an Allocate where nil
	size int64
}

// New returns an empty disk, whose crashes are decided by random.
func New(random *rand.Rand) *Disk {
	return &Disk{random: random, names: map[string]*node{}, synced: map[string]*node{}}
}

// Fail has every operation ask f, whose error it gives. A write that fails may
// have written a part, and a sync that fails has lost or kept any of what it
// should have synced, which no later sync brings back. nil ends it.
func (d *Disk) Fail(f func(Op) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fault = f
}

// Room bounds the bytes of all files; 0 lifts the bound.
func (d *Disk) Room(bytes int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.room = bytes
}

// Writes returns how many writes and syncs the disk has done.
func (d *Disk) Writes() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.writes
}

// Crash loses power: of what was not synced, any part may be there.
func (d *Disk) Crash() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.life++
	d.fault = nil
	for _, op := range d.ops[:d.random.IntN(len(d.ops)+1)] {
		op(d.synced)
	}
	d.ops = nil
	for _, name := range slices.Sorted(maps.Keys(d.synced)) {
		n := d.synced[name]
		n.settle(d.random)
		n.now = slices.Clone(n.synced)
	}
	d.names = maps.Clone(d.synced)
}

// Flip flips a bit of a file, on the disk and in memory.
func (d *Disk) Flip(name string, at int64, bit int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.names[name]
	for _, b := range [][]byte{n.now, n.synced} {
		if at < int64(len(b)) {
			b[at] ^= 1 << bit
		}
	}
}

// settle decides which pending writes reached the disk, in sectors.
func (n *node) settle(random *rand.Rand) {
	for _, w := range n.pending {
		switch random.IntN(4) {
		case 0: // lost
		case 1:
			n.synced = w.apply(n.synced, func(int64) bool { return true })
		case 2: // torn
			cut := random.Int64N(w.length() + 1)
			n.synced = w.apply(n.synced, func(at int64) bool { return at < cut })
		case 3: // in any order
			const sector = 512
			kept := make([]bool, w.length()/sector+2)
			for i := range kept {
				kept[i] = random.IntN(2) == 0
			}
			n.synced = w.apply(n.synced, func(at int64) bool { return kept[(w.off%sector+at)/sector] })
		}
	}
	n.pending = nil
}

func (w write) length() int64 { return max(int64(len(w.data)), 1) }

func (w write) apply(b []byte, has func(at int64) bool) []byte {
	if w.data == nil {
		if w.size > int64(len(b)) && has(0) {
			b = append(b, make([]byte, w.size-int64(len(b)))...)
		}
		return b
	}
	for i, c := range w.data {
		if !has(int64(i)) {
			continue
		}
		at := w.off + int64(i)
		if at >= int64(len(b)) {
			b = append(b, make([]byte, at+1-int64(len(b)))...)
		}
		b[at] = c
	}
	return b
}

// ask reports whether an operation fails. d.mu is held.
func (d *Disk) ask(op Op) error {
	if op == Write || op == Sync {
		d.writes++
	}
	if d.fault == nil {
		return nil
	}
	return d.fault(op)
}

// Open opens a file and creates it if need be.
func (d *Disk) Open(name string) (segment.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.ask(Open); err != nil {
		return nil, err
	}
	n := d.names[name]
	if n == nil {
		n = &node{}
		d.names[name] = n
		d.ops = append(d.ops, func(names map[string]*node) { names[name] = n })
	}
	return &file{d, n, d.life}, nil
}

// List returns the names.
func (d *Disk) List() ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Sorted(maps.Keys(d.names)), nil
}

// Rename renames a file.
func (d *Disk) Rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.ask(Rename); err != nil {
		return err
	}
	if d.names[from] == nil {
		return fs.ErrNotExist
	}
	op := func(names map[string]*node) {
		if n := names[from]; n != nil {
			delete(names, from)
			names[to] = n
		}
	}
	op(d.names)
	d.ops = append(d.ops, op)
	return nil
}

// Remove removes a file.
func (d *Disk) Remove(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	op := func(names map[string]*node) { delete(names, name) }
	op(d.names)
	d.ops = append(d.ops, op)
	return nil
}

// SyncDir makes names durable.
func (d *Disk) SyncDir() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.ask(SyncDir); err != nil {
		return err
	}
	d.synced, d.ops = maps.Clone(d.names), nil
	return nil
}

// A file stays valid until the disk crashes.
type file struct {
	d    *Disk
	n    *node
	life int
}

func (f *file) dead() error {
	if f.life != f.d.life {
		return syscall.EIO
	}
	return nil
}

func (f *file) ReadAt(b []byte, off int64) (int, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if off >= int64(len(f.n.now)) {
		return 0, io.EOF
	}
	n := copy(b, f.n.now[off:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (f *file) WriteAt(b []byte, off int64) (int, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if err := f.dead(); err != nil {
		return 0, err
	}
	err := f.d.ask(Write)
	if err == nil && off+int64(len(b)) > int64(len(f.n.now)) {
		err = f.d.grow(off + int64(len(b)) - int64(len(f.n.now)))
	}
	if err != nil {
		b = b[:f.d.random.IntN(len(b)+1)]
	}
	if len(b) > 0 {
		f.add(write{off: off, data: slices.Clone(b)})
	}
	return len(b), err
}

func (f *file) add(w write) {
	f.n.now = w.apply(f.n.now, func(int64) bool { return true })
	f.n.pending = append(f.n.pending, w)
}

// grow reports whether there is room for more bytes. d.mu is held.
func (d *Disk) grow(bytes int64) error {
	if d.room == 0 {
		return nil
	}
	used := int64(0)
	for _, n := range d.names {
		used += int64(len(n.now))
	}
	if used+bytes > d.room {
		return syscall.ENOSPC
	}
	return nil
}

func (f *file) Sync() error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if err := f.dead(); err != nil {
		return err
	}
	if err := f.d.ask(Sync); err != nil {
		f.n.settle(f.d.random) // what it lost, no later sync brings back
		return err
	}
	for _, w := range f.n.pending {
		f.n.synced = w.apply(f.n.synced, func(int64) bool { return true })
	}
	f.n.pending = nil
	return nil
}

func (f *file) Allocate(size int64) error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if err := f.dead(); err != nil {
		return err
	}
	if err := f.d.ask(Allocate); err != nil {
		return err
	}
	if size > int64(len(f.n.now)) {
		if err := f.d.grow(size - int64(len(f.n.now))); err != nil {
			return err
		}
		f.add(write{size: size})
	}
	return nil
}

func (f *file) Size() (int64, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	return int64(len(f.n.now)), nil
}

func (f *file) Close() error { return nil }
