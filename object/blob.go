package object

import (
	"context"
	"crypto/md5"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// bufferSize is how much of a content is hashed and written at a time.
const bufferSize = 256 << 10

// blobs is a directory of immutable files with random names. A file is made
// under tmp, synced, and moved to its place, so that a name means a whole
// content.
type blobs struct {
	dir     string
	log     *slog.Logger
	buffers sync.Pool // of *[bufferSize]byte

	mu     sync.Mutex // guards pins and doomed, and removal against pinning
	pins   map[string]int
	doomed map[string]bool // freed, and still pinned
}

func openBlobs(dir string, log *slog.Logger) (*blobs, error) {
	tmp := filepath.Join(dir, "tmp")
	if err := os.RemoveAll(tmp); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(tmp, 0o700); err != nil {
		return nil, err
	}
	for i := range 256 {
		if err := os.MkdirAll(filepath.Join(dir, hex.EncodeToString([]byte{byte(i)})), 0o700); err != nil {
			return nil, err
		}
	}
	if err := syncDir(dir); err != nil {
		return nil, err
	}
	b := &blobs{dir: dir, log: log, pins: map[string]int{}, doomed: map[string]bool{}}
	b.buffers.New = func() any { return new([bufferSize]byte) }
	return b, nil
}

func (b *blobs) path(name string) string { return filepath.Join(b.dir, name[:2], name) }

func newName() string {
	var raw [16]byte
	rand.Read(raw[:])
	return hex.EncodeToString(raw[:])
}

// A written blob with its digests.
type written struct {
	name     string
	size     int64
	md5      []byte
	checksum Checksum
}

// write stores what r gives, until io.EOF, with the MD5 and the checksum
// asked for. When it fails nothing is left.
func (b *blobs) write(ctx context.Context, r io.Reader, algorithm string) (w written, err error) {
	sum := newHash(algorithm)
	if sum == nil {
		return w, fmt.Errorf("no checksum algorithm %q", algorithm)
	}
	name := newName()
	tmp := filepath.Join(b.dir, "tmp", name)
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return w, full(err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(tmp)
		}
	}()
	m := md5.New()
	buf := b.buffers.Get().(*[bufferSize]byte)
	defer b.buffers.Put(buf)
	n, err := copyAll(ctx, buf[:], f, r, m, sum)
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = f.Close()
	}
	if err == nil {
		err = b.place(tmp, name)
	}
	if err != nil {
		return w, full(err)
	}
	return written{name, n, m.Sum(nil), Checksum{algorithm, base64.StdEncoding.EncodeToString(sum.Sum(nil)), FullObject}}, nil
}

// copyAll copies r to f and the hashes through buf, and stops when ctx ends.
func copyAll(ctx context.Context, buf []byte, f io.Writer, r io.Reader, hashes ...hash.Hash) (n int64, err error) {
	for {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		k, rerr := io.ReadFull(r, buf)
		if errors.Is(rerr, io.ErrUnexpectedEOF) {
			rerr = io.EOF
		}
		for _, h := range hashes {
			h.Write(buf[:k])
		}
		if _, err := f.Write(buf[:k]); err != nil {
			return n, err
		}
		n += int64(k)
		if rerr == io.EOF {
			return n, nil
		}
		if rerr != nil {
			return n, rerr
		}
	}
}

// place moves a synced file to its name, durably.
func (b *blobs) place(tmp, name string) error {
	if err := os.Rename(tmp, b.path(name)); err != nil {
		return err
	}
	return syncDir(filepath.Dir(b.path(name)))
}

// link gives the content of a pinned blob a second name, where the file
// system can; otherwise it returns "".
func (b *blobs) link(from string) (string, error) {
	name := newName()
	if err := os.Link(b.path(from), b.path(name)); err != nil {
		return "", nil
	}
	return name, syncDir(filepath.Dir(b.path(name)))
}

// pin keeps a blob from removal until unpin. It reports false when the blob
// is gone.
func (b *blobs) pin(name string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, err := os.Stat(b.path(name)); err != nil {
		return false
	}
	b.pins[name]++
	return true
}

func (b *blobs) unpin(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pins[name]--; b.pins[name] > 0 {
		return
	}
	delete(b.pins, name)
	if b.doomed[name] {
		delete(b.doomed, name)
		b.remove(name)
	}
}

// free removes blobs that the index no longer uses, each once nobody has it
// pinned.
func (b *blobs) free(names ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, name := range names {
		if b.pins[name] > 0 {
			b.doomed[name] = true
			continue
		}
		b.remove(name)
	}
}

// remove needs b.mu. A blob that stays is swept at the next start.
func (b *blobs) remove(name string) {
	if err := os.Remove(b.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		b.log.Warn("remove a blob", "name", name, "error", err)
	}
}

// sweep removes the files that no name in use stands for.
func (b *blobs) sweep(used map[string]bool) error {
	dirs, err := os.ReadDir(b.dir)
	if err != nil {
		return err
	}
	for _, d := range dirs {
		if len(d.Name()) != 2 || !d.IsDir() {
			continue
		}
		files, err := os.ReadDir(filepath.Join(b.dir, d.Name()))
		if err != nil {
			return err
		}
		for _, f := range files {
			if used[f.Name()] {
				continue
			}
			if err := os.Remove(filepath.Join(b.dir, d.Name(), f.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o *Objects) sweep() error {
	used := map[string]bool{}
	if err := o.index.Blobs(context.Background(), func(name string) { used[name] = true }); err != nil {
		return err
	}
	return o.blobs.sweep(used)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// full gives the errors of a full disk their own name.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}
