//go:build cgo

package duck

import (
	"context"

	db "github.com/duckdb/duckdb-go-bindings"

	"salamander/warehouse/sqlstate"
)

// A streaming is a result whose rows are made while they are read, so that it
// takes no memory however long it is. DuckDB has one of them at a time on a
// connection: another statement ends it. What is left of it then is kept, up
// to maxKept rows.
type streaming struct {
	c       *conn  // nil where the result is whole
	release func() // called once at the end; may be nil
	kept    []db.DataChunk
	err     error // why the rows ended early
	ended   bool  // there are no rows but those that are kept

	again func(context.Context) error // runs the statement elsewhere; may be nil
}

// maxKept bounds the rows of a result, such as a cursor's, that are kept while
// other statements run.
const maxKept = 2_000_000

// stream runs the statement as run does, and calls release, which may be nil,
// when the last row is read or the result is closed. Where it fails it does
// not.
func (s *statement) stream(ctx context.Context, release func()) (*result, error) {
	res, err := s.execute(ctx, db.ExecutePreparedStreaming)
	if err != nil {
		return nil, err
	}
	res.c, res.release = s.c, release
	s.c.stream = res
	return res, nil
}

// fetch returns the next rows, or an empty chunk after the last.
func (r *result) fetch() db.DataChunk {
	if len(r.kept) > 0 {
		chunk := r.kept[0]
		r.kept = r.kept[1:]
		return chunk
	}
	if r.ended {
		return db.DataChunk{}
	}
	chunk := db.FetchChunk(r.r)
	if chunk.Ptr == nil {
		if r.c != nil && r.err == nil {
			if msg := db.ResultError(&r.r); msg != "" {
				r.err = parseNative(msg)
			}
		}
		r.end()
	}
	return chunk
}

// end ends the stream, if it is one.
func (r *result) end() {
	for i := range r.kept {
		db.DestroyDataChunk(&r.kept[i])
	}
	r.kept = nil
	r.part()
}

// part takes the stream off its connection: there are no rows but those that
// are kept.
func (r *result) part() {
	if r.c == nil {
		return
	}
	if r.c.stream == r {
		r.c.stream = nil
	}
	r.c, r.ended = nil, true
	if r.release != nil {
		r.release()
		r.release = nil
	}
}

// settle keeps the rest of the stream that is open, so that another statement
// can run.
func (c *conn) settle() {
	r := c.stream
	if r == nil {
		return
	}
	c.stream = nil
	for rows := 0; ; {
		chunk := db.FetchChunk(r.r)
		if chunk.Ptr == nil {
			if msg := db.ResultError(&r.r); msg != "" {
				r.err = parseNative(msg)
			}
			break
		}
		r.kept = append(r.kept, chunk)
		if rows += int(db.DataChunkGetSize(chunk)); rows > maxKept {
			r.err = sqlstate.Errorf(sqlstate.OutOfMemory, "the rest of a result of more than %d rows cannot be kept while another statement runs", maxKept)
			break
		}
	}
	r.part()
}

// drop ends the stream that is open, whose rows nobody may read any more.
func (c *conn) drop() {
	if c.stream != nil {
		c.stream.end()
	}
}

// interruptible interrupts what the connection runs when ctx ends, until the
// function that it returns is called.
func (c *conn) interruptible(ctx context.Context) func() {
	done := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(done)
		db.Interrupt(c.c)
	})
	return func() {
		if !stop() {
			<-done
		}
	}
}

// elsewhere returns a function that runs a query on a connection of its own.
// Where a stream ends by an error, DuckDB's other threads stop, and now and
// then the result tells that instead (measured: 3 of 120, DuckDB 1.5.6).
func (e *engine) elsewhere(sql string) func(context.Context) error {
	return func(ctx context.Context) error {
		c, err := e.connect()
		if err != nil {
			return err
		}
		defer c.disconnect()
		if err := e.gate.enter(ctx); err != nil {
			return err
		}
		defer e.gate.leave()
		st, err := c.prepare(sql)
		if err != nil {
			return err
		}
		defer st.close()
		res, err := st.stream(ctx, nil)
		if err != nil {
			return err
		}
		defer res.close()
		defer c.interruptible(ctx)()
		for {
			chunk := res.fetch()
			if chunk.Ptr == nil {
				return res.err
			}
			db.DestroyDataChunk(&chunk)
		}
	}
}
