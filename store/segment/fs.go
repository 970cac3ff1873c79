package segment

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// An FS is the directory of a log, as the log uses it. Names have no
// directories. What was created, renamed or removed is durable after SyncDir.
// Package faultdisk has one that fails.
type FS interface {
	// Open opens a file for reading and writing and creates it if need be.
	Open(name string) (File, error)
	// List returns the names of all files, in any order.
	List() ([]string, error)
	Rename(from, to string) error
	Remove(name string) error
	SyncDir() error
}

// A File of an [FS]. What was written is durable after Sync.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	// Sync makes what was written durable.
	Sync() error
	// Allocate makes the file at least so long and takes the room for it.
	Allocate(size int64) error
	Size() (int64, error)
}

// Dir is an [FS] in a directory of the operating system.
type Dir string

var _ FS = Dir("")

// Open opens a file and creates it, readable by its owner alone.
func (d Dir) Open(name string) (File, error) {
	f, err := os.OpenFile(filepath.Join(string(d), name), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	return file{f}, nil
}

// List returns the names of the directory's files. A directory that is not
// there has none.
func (d Dir) List() ([]string, error) {
	entries, err := os.ReadDir(string(d))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, err
}

// Rename renames a file.
func (d Dir) Rename(from, to string) error {
	return os.Rename(filepath.Join(string(d), from), filepath.Join(string(d), to))
}

// Remove removes a file.
func (d Dir) Remove(name string) error { return os.Remove(filepath.Join(string(d), name)) }

// SyncDir makes names durable.
func (d Dir) SyncDir() error {
	f, err := os.Open(string(d))
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

type file struct{ *os.File }

func (f file) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// ReadOnly is a directory of the operating system that is only read; see
// [Check].
type ReadOnly string

var _ FS = ReadOnly("")

var errReadOnly = errors.New("segment: opened to read only")

// Open opens a file to read it.
func (d ReadOnly) Open(name string) (File, error) {
	f, err := os.Open(filepath.Join(string(d), name))
	if err != nil {
		return nil, err
	}
	return file{f}, nil
}

// List returns the names of the directory's files.
func (d ReadOnly) List() ([]string, error) { return Dir(d).List() }

// Rename fails.
func (d ReadOnly) Rename(string, string) error { return errReadOnly }

// Remove fails.
func (d ReadOnly) Remove(string) error { return errReadOnly }

// SyncDir fails.
func (d ReadOnly) SyncDir() error { return errReadOnly }
