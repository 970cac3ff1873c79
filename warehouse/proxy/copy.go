package proxy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgproto3"

	"salamander/warehouse/dialect"
	"salamander/warehouse/load"
	"salamander/warehouse/source"
	"salamander/warehouse/sqlstate"
)

// ownError tells what is wrong with a statement of the relay's own.
func ownError(st *dialect.Statement) (err error) {
	if st.Kind == dialect.Unload {
		_, err = st.Unload()
		return err
	}
	_, err = st.Copy()
	return err
}

// ownSimple runs a statement of the relay's own that came as a Query.
func (r *relay) ownSimple(st *dialect.Statement, text string) error {
	if _, err := r.ownQuiet(st, text); err != nil {
		return err
	}
	return r.sayReady()
}

// ownQuiet runs a statement of the relay's own. It returns what failed, or nil.
// ReadyForQuery is for the caller to say.
func (r *relay) ownQuiet(st *dialect.Statement, text string) (*entry, error) {
	failed, err := r.own(st, text)
	if err != nil {
		return nil, err
	}
	e := r.add(&entry{kind: sync_, quiet: true})
	if err := r.write(&pgproto3.Sync{}); err != nil {
		return nil, err
	}
	<-e.done
	return failed, nil
}

// own runs a COPY from S3 or an UNLOAD by messages of the extended protocol,
// without Sync, and tells the client how it ended. It returns what failed, or
// nil, and an error where the relay cannot go on.
func (r *relay) own(st *dialect.Statement, text string) (*entry, error) {
	run := r.copy
	if st.Kind == dialect.Unload {
		run = r.unload
	}
	err := run(st)
	if err == nil {
		return nil, nil
	}
	if r.gone() {
		return nil, r.s.lost()
	}
	err = here(err)
	e := &entry{kind: parse, text: text, refused: err}
	if r.passing() { // the server behind has failed already
		if !errors.Is(err, errSkipped) {
			r.out.Lock()
			r.c.Fail(err, text)
			r.out.Unlock()
		}
		return e, nil
	}
	r.add(e)
	if err := r.write(&pgproto3.Parse{Query: badText}, &pgproto3.Flush{}); err != nil {
		return nil, err
	}
	<-e.done
	return e, nil
}

// copy runs a COPY from S3 and tells the client.
func (r *relay) copy(st *dialect.Statement) error {
	l, err := r.prepare(st)
	if err != nil {
		return err
	}
	defer l.release()
	err = r.load(l)
	if err == nil && len(l.rejected) > 0 {
		err = r.record(l, l.rejected)
	}
	if err == nil {
		r.loaded(l)
		return nil
	}
	var bad *load.Error
	if errors.As(err, &bad) {
		if err := r.record(l, append(l.rejected, bad)); err != nil {
			r.s.p.opt.Log.Warn("stl_load_errors could not be written", "err", err)
		}
	}
	return source.Failure(err, l.from.Table.Table)
}

// gone reports whether the server behind is away.
func (r *relay) gone() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.broken
}

// passing reports whether the server behind passes over all up to Sync.
func (r *relay) passing() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.skipping
}

// loaded tells the client of a load's end.
func (r *relay) loaded(l *loading) {
	r.out.Lock()
	defer r.out.Unlock()
	say := func(n int64, what string) {
		r.c.Send(&pgproto3.NoticeResponse{Severity: "INFO", SeverityUnlocalized: "INFO", Code: "00000",
			Message: fmt.Sprintf("Load into table '%s' completed, %d record(s) %s", l.from.Table.Table, n, what)})
	}
	say(l.rows, "loaded successfully.")
	if n := len(l.rejected); n > 0 {
		say(int64(n), "could not be loaded.  Check 'stl_load_errors' system table for details.")
	}
	r.c.Send(&pgproto3.CommandComplete{CommandTag: []byte("COPY")})
}

// A loading is one COPY.
type loading struct {
	from    *dialect.CopyFrom
	table   *table
	columns []tableColumn
	opt     load.Options
	src     source.Source
	files   []pinned
	release func()
	size    int64

	blocks chan load.Block
	chunks chan []byte // whole rows; nil for NOLOAD
	cancel context.CancelFunc

	mu       sync.Mutex // guards the fields below
	order    map[string]int
	err      error // the first one, by the order of the files and lines
	rejected []*load.Error
	rows     int64
}

// prepare finds the table and the files of a COPY.
func (r *relay) prepare(st *dialect.Statement) (*loading, error) {
	from, err := st.Copy()
	if err != nil {
		return nil, err
	}
	l := &loading{from: from, order: map[string]int{}, src: source.New(r.s.p.opt.Objects, r.s.p.opt.Account, from.Access), release: func() {}}
	if l.table, err = r.table(from.Table); err != nil {
		return nil, err
	} else if l.table == nil {
		return nil, sqlstate.Errorf(sqlstate.UndefinedTable, "relation \"%s\" does not exist", from.Table.Table)
	}
	if l.columns, err = l.table.filled(from); err != nil {
		return nil, err
	}
	if l.opt, err = l.src.Options(r.ctx, from); err != nil {
		return nil, err
	}
	files, release, err := l.src.Files(r.ctx, from)
	if err != nil {
		return nil, err
	}
	l.files, l.release = files, release
	for i, f := range files {
		l.order[source.Name(f)] = i
		l.size += f.Size
	}
	return l, nil
}

// load converts the files and sends the rows, as one COPY FROM STDIN.
func (r *relay) load(l *loading) error {
	var e *entry
	if !l.from.NoLoad {
		names := make([]string, len(l.columns))
		for i, c := range l.columns {
			names[i] = dialect.Quote(c.name)
		}
		sql := fmt.Sprintf("COPY %s (%s) FROM STDIN (FORMAT binary)", l.from.Table, strings.Join(names, ", "))
		var err error
		if e, err = r.begin(sql); err != nil {
			return err
		}
		l.chunks = make(chan []byte, 8)
	}
	ctx, cancel := context.WithCancel(r.ctx)
	defer cancel()
	l.cancel, l.blocks = cancel, make(chan load.Block, 4)
	done, err := l.start(ctx)
	if err == nil && e != nil {
		err = r.feed(l, e)
		cancel()
	}
	if done != nil {
		<-done
	}
	if err == nil {
		err = l.err
	}
	if e == nil {
		return err
	}
	if err != nil && e.failed == nil {
		if err := r.write(&pgproto3.CopyFail{Message: "the load failed"}); err != nil {
			return err
		}
		<-e.done
		return err
	}
	if e.failed == nil {
		if err := r.write(&pgproto3.CopyData{Data: []byte(copyTrailer)}, &pgproto3.CopyDone{}, &pgproto3.Flush{}); err != nil {
			return err
		}
	}
	<-e.done
	return e.failed
}

// begin has the server behind wait for the rows of a COPY.
func (r *relay) begin(sql string) (*entry, error) {
	r.add(&entry{kind: closing, hidden: true})
	r.add(&entry{kind: closing, hidden: true})
	r.add(&entry{kind: parse, hidden: true})
	r.add(&entry{kind: bind, hidden: true})
	wait := make(chan struct{})
	e := r.add(&entry{kind: execute, hidden: true, copyIn: wait})
	err := r.write(&pgproto3.Close{ObjectType: 'P', Name: ownName}, &pgproto3.Close{ObjectType: 'S', Name: ownName},
		&pgproto3.Parse{Name: ownName, Query: sql}, &pgproto3.Bind{DestinationPortal: ownName, PreparedStatement: ownName},
		&pgproto3.Execute{Portal: ownName}, &pgproto3.Flush{})
	if err != nil {
		return nil, err
	}
	select {
	case <-wait:
		return e, r.write(&pgproto3.CopyData{Data: []byte(copyHeader)})
	case <-e.done:
		return nil, e.failed
	}
}

// feed sends the rows that the converters make.
func (r *relay) feed(l *loading, e *entry) error {
	for {
		select {
		case <-e.done:
			l.cancel()
			go func() {
				for range l.chunks { // until the converters are done
				}
			}()
			return e.failed
		case rows, more := <-l.chunks:
			if !more {
				return nil
			}
			if err := r.write(&pgproto3.CopyData{Data: rows}); err != nil {
				l.cancel()
				go func() {
					for range l.chunks {
					}
				}()
				return err
			}
		}
	}
}

// maxLoaders bounds how many goroutines of one COPY convert text.
const maxLoaders = 8

// start reads and converts the files; chunks is closed, and so is done, at the
// end.
func (l *loading) start(ctx context.Context) (done chan struct{}, err error) {
	n := min(runtime.GOMAXPROCS(0), maxLoaders)
	if l.size < 1<<20 || l.from.Parquet {
		n = 1
	}
	var batches []*batch
	for range n {
		b, err := newBatch(l.columns, l.opt, l.give(ctx))
		if err != nil {
			return nil, err
		}
		if l.from.MaxError > 0 {
			b.loader.Reject = l.reject
		}
		batches = append(batches, b)
	}
	var work sync.WaitGroup
	if l.from.Parquet {
		work.Go(func() { l.parquet(ctx, batches[0]) })
	} else {
		work.Go(func() { l.read(ctx) })
		for _, b := range batches {
			work.Go(func() { l.convert(b) })
		}
	}
	done = make(chan struct{})
	go func() {
		work.Wait()
		slices.SortFunc(l.rejected, func(a, b *load.Error) int {
			return cmp.Or(cmp.Compare(l.order[a.File], l.order[b.File]), cmp.Compare(a.Line, b.Line))
		})
		for _, b := range batches {
			l.rows += b.loader.Rows()
		}
		if l.chunks != nil {
			close(l.chunks)
		}
		close(done)
	}()
	return done, nil
}

// give returns what takes a batch's rows.
func (l *loading) give(ctx context.Context) func([]byte) error {
	if l.chunks == nil {
		return nil
	}
	return func(rows []byte) error {
		select {
		case l.chunks <- rows:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
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

func (l *loading) convert(b *batch) {
	for block := range l.blocks {
		if err := b.loader.Block(block); err != nil {
			l.fail(err)
			for range l.blocks { // until the reader has left
			}
			return
		}
	}
	if err := b.loader.End(); err != nil {
		l.fail(err)
	}
}

// read reads the files, and closes blocks.
func (l *loading) read(ctx context.Context) {
	defer close(l.blocks)
	for _, o := range l.files {
		_, err := source.Blocks(ctx, l.from, &l.opt, o, func(b load.Block) error {
			select {
			case l.blocks <- b:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		if err != nil {
			l.fail(err)
			return
		}
	}
}
