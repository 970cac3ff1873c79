//go:build cgo

package duck

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"

	"salamander/warehouse"
	"salamander/warehouse/dialect"
	"salamander/warehouse/load"
	"salamander/warehouse/pgwire"
	"salamander/warehouse/sqlstate"
)

// maxLoaders bounds how many goroutines of one COPY convert text.
const maxLoaders = 8

// A loading is one COPY's reading: one goroutine reads and unpacks the files
// in their order, and several convert blocks of them.
type loading struct {
	from   *dialect.CopyFrom
	blocks chan load.Block
	cancel context.CancelFunc // of the reading

	mu    sync.Mutex // guards the fields below
	order map[string]int
	err   error // the first one, by the order of the files and lines
}

// load fills a table from files and returns how many rows it took.
func (s *session) load(ctx context.Context, from *dialect.CopyFrom, table *dialect.Table, files []warehouse.PinnedObject) (int64, error) {
	reading, cancel := context.WithCancel(ctx)
	defer cancel()
	l := &loading{from: from, blocks: make(chan load.Block, 4), cancel: cancel, order: map[string]int{}}
	var size int64
	for i, f := range files {
		l.order[nameOf(f)] = i
		size += f.Size
	}
	n := s.e.cfg.Threads
	if n == 0 {
		n = runtime.GOMAXPROCS(0)
	}
	if size < 1<<20 {
		n = 1
	}
	var appenders []*appender
	for range min(n, maxLoaders) {
		a, err := s.newAppender(from, table)
		if err != nil {
			return 0, err
		}
		defer a.destroy()
		appenders = append(appenders, a)
	}
	var work sync.WaitGroup
	work.Go(func() { l.read(reading, files) })
	for _, a := range appenders {
		work.Go(func() { l.convert(a) })
	}
	work.Wait()
	if cause := pgwire.Cause(ctx); cause != nil {
		return 0, cause
	}
	if l.err != nil {
		return 0, l.err
	}
	var rows int64
	for _, a := range appenders {
		if err := a.finish(); err != nil {
			return 0, err
		}
		rows += a.loader.Rows()
	}
	return rows, nil
}

func nameOf(o warehouse.PinnedObject) string { return "s3://" + o.Bucket + "/" + o.Key }

// fail keeps err if it comes before the one that is kept, and ends the
// reading. Blocks that were given out are converted still: one of them may
// hold an earlier error.
func (l *loading) fail(err error) {
	l.cancel()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil || l.before(err, l.err) {
		l.err = err
	}
}

func (l *loading) before(a, b error) bool {
	var x, y *load.Error
	switch {
	case errors.Is(b, context.Canceled):
		return true
	case !errors.As(a, &x) || !errors.As(b, &y):
		return false
	}
	return cmp.Or(cmp.Compare(l.order[x.File], l.order[y.File]), cmp.Compare(x.Line, y.Line)) < 0
}

func (l *loading) convert(a *appender) {
	for b := range l.blocks {
		if err := a.loader.Block(b); err != nil {
			l.fail(err)
			for range l.blocks { // until the reader has left
			}
			return
		}
	}
}

// read reads the files, and closes blocks.
func (l *loading) read(ctx context.Context, files []warehouse.PinnedObject) {
	defer close(l.blocks)
	for _, o := range files {
		if err := l.file(ctx, o); err != nil {
			l.fail(err)
			return
		}
	}
}

func (l *loading) file(ctx context.Context, o warehouse.PinnedObject) error {
	f, err := os.Open(o.Path)
	if err != nil {
		return fmt.Errorf("read %s: %w", nameOf(o), err)
	}
	defer f.Close()
	var r io.Reader = f
	if l.from.Gzip {
		z, err := gzip.NewReader(f)
		if err != nil {
			return inflated(o, err)
		}
		defer z.Close()
		r = z
	}
	err = load.ReadBlocks(nameOf(o), r, func(b load.Block) error {
		select {
		case l.blocks <- b:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	return inflated(o, err)
}

// inflated names the file whose compression is broken.
func inflated(o warehouse.PinnedObject, err error) error {
	if err == io.EOF || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, io.ErrUnexpectedEOF) ||
		err != nil && strings.Contains(err.Error(), "flate") {
		return sqlstate.Errorf(sqlstate.InternalError, "failed to inflate %s: invalid or incomplete deflate data (%v)", nameOf(o), err)
	}
	return err
}
