//go:build cgo

package duck

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"

	"salamander/warehouse"
	"salamander/warehouse/dialect"
	"salamander/warehouse/load"
	"salamander/warehouse/pgwire"
	"salamander/warehouse/source"
)

// maxLoaders bounds how many goroutines of one COPY convert text.
const maxLoaders = 8

// A loading is one COPY's reading: one goroutine reads and unpacks the files
// in their order, and several convert blocks of them.
type loading struct {
	from   *dialect.CopyFrom
	opt    load.Options
	blocks chan load.Block
	cancel context.CancelFunc // of the reading

	progress *transfer

	lines []int64 // of each file; of the reading goroutine

	mu    sync.Mutex // guards the fields below
	order map[string]int
	err   error // the first one, by the order of the files and lines

	rejected []*load.Error // that MAXERROR lets pass
}

// load fills a table from files and returns how many rows it took, how many
// lines each file has, and the rows that it passed over.
func (s *session) load(ctx context.Context, from *dialect.CopyFrom, opt load.Options, table *dialect.Table, files []warehouse.PinnedObject, progress *transfer) (int64, []int64, []*load.Error, error) {
	reading, cancel := context.WithCancel(ctx)
	defer cancel()
	l := &loading{from: from, opt: opt, blocks: make(chan load.Block, 4), cancel: cancel, order: map[string]int{}, lines: make([]int64, len(files)), progress: progress}
	var size int64
	for i, f := range files {
		l.order[source.Name(f)] = i
		size += f.Size
	}
	n := s.e.cfg.Threads
	if n == 0 {
		n = runtime.GOMAXPROCS(0)
	}
	if size < 1<<20 || from.Parquet {
		n = 1
	}
	var appenders []*appender
	for range min(n, maxLoaders) {
		a, err := s.newAppender(from, opt, table)
		if err != nil {
			return 0, nil, nil, err
		}
		if from.MaxError > 0 {
			a.loader.Reject = l.reject
		}
		defer a.destroy()
		appenders = append(appenders, a)
	}
	var work sync.WaitGroup
	if from.Parquet {
		l.parquet(reading, appenders[0], files, s.e.temp())
	} else {
		work.Go(func() { l.read(reading, files) })
		for _, a := range appenders {
			work.Go(func() { l.convert(a) })
		}
	}
	work.Wait()
	if cause := pgwire.Cause(ctx); cause != nil {
		return 0, nil, l.rejected, cause
	}
	if l.err != nil {
		return 0, nil, l.rejected, l.err
	}
	var rows int64
	for _, a := range appenders {
		if err := a.finish(); err != nil {
			return 0, nil, l.rejected, err
		}
		rows += a.loader.Rows()
	}
	slices.SortFunc(l.rejected, func(a, b *load.Error) int {
		return cmp.Or(cmp.Compare(l.order[a.File], l.order[b.File]), cmp.Compare(a.Line, b.Line))
	})
	return rows, l.lines, l.rejected, nil
}

// reject passes a row over, as long as there are fewer than MAXERROR. A row that
// only we cannot load is none of these.
//
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-load.html#copy-maxerror
func (l *loading) reject(bad *load.Error) bool {
	bad.RawLine = slices.Clone(bad.RawLine)
	l.mu.Lock()
	defer l.mu.Unlock()
	if bad.Code == 0 || len(l.rejected)+1 >= l.from.MaxError {
		return false
	}
	l.rejected = append(l.rejected, bad)
	return true
}

// parquet loads Parquet files.
func (l *loading) parquet(ctx context.Context, a *appender, files []warehouse.PinnedObject, dir string) {
	for i, o := range files {
		before := a.loader.Rows()
		f, err := o.File(ctx, dir)
		if err == nil {
			err = a.loader.Parquet(source.Name(o), f, o.Size)
			l.lines[i] = a.loader.Rows() - before
			f.Close()
			progress := l.progress
			progress.lines.Add(l.lines[i])
			progress.bytesDone.Add(o.Size)
			progress.filesDone.Add(1)
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			l.fail(err)
			return
		}
	}
}

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
	for i, o := range files {
		lines, err := source.Blocks(ctx, l.from, &l.opt, o, func(b load.Block) error {
			l.progress.lines.Add(int64(bytes.Count(b.Data, []byte{'\n'})))
			select {
			case l.blocks <- b:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		if l.lines[i] = lines; err != nil {
			l.fail(err)
			return
		}
		l.progress.bytesDone.Add(o.Size)
		l.progress.filesDone.Add(1)
	}
}
