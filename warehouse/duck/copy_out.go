//go:build cgo

package duck

import (
	"bytes"
	"context"
	"encoding/binary"

	"golang.org/x/text/encoding/charmap"

	"salamander/warehouse/dialect"
	"salamander/warehouse/pgwire"
	"salamander/warehouse/sqlstate"
)

// copyOut sends the rows of a table or a query, and returns how many.
func (s *session) copyOut(ctx context.Context, c *dialect.CopyStream, w *pgwire.Writer) (int64, error) {
	st, err := c.Select()
	if err != nil {
		return 0, err
	}
	if c.Query == nil {
		if err := s.copied(ctx, c); err != nil {
			return 0, err
		}
	}
	res, out, err := s.execute(ctx, st, w)
	if err != nil {
		if c.Query == nil {
			err = unplaced(err)
		}
		return 0, err
	}
	r, err := newRows(st, res, out)
	if err != nil {
		return 0, err
	}
	defer r.close()
	defer s.c.interruptible(ctx)()
	f := rowForm{CopyStream: c, rows: r}
	for _, col := range r.columns {
		f.force = append(f.force, dialect.Forced(c.ForceQuote, col.Name))
	}
	switch c.Encoding {
	case "LATIN1":
		f.encoding = charmap.ISO8859_1
	case "WIN1252":
		f.encoding = charmap.Windows1252
	}
	w.CopyOut(len(r.columns), c.Binary)
	return f.send(ctx, w)
}

// copied checks the table that a COPY TO names.
func (s *session) copied(ctx context.Context, c *dialect.CopyStream) error {
	table, err := s.target(ctx, &dialect.CopyFrom{Table: c.Table})
	switch {
	case err != nil:
		return err
	case table == nil && dialect.IsSystemTable(c.Table):
		return nil
	case table == nil:
		return sqlstate.Errorf(sqlstate.UndefinedTable, "relation \"%s\" does not exist", c.Table.Table)
	}
	if err := s.isView(ctx, c.Table, "copy from"); err != nil {
		return err
	}
	return listed(c, table)
}

// A rowForm writes rows as a COPY TO wants them.
type rowForm struct {
	*dialect.CopyStream
	rows     *rows
	force    []bool           // FORCE QUOTE, of each column
	encoding *charmap.Charmap // nil is UTF-8
	scratch  []byte
	failed   error
}

func (f *rowForm) send(ctx context.Context, w *pgwire.Writer) (int64, error) {
	if f.Binary {
		w.CopyData(func(b []byte) []byte { return append(b, "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"...) })
	}
	if f.Header {
		w.CopyData(f.header)
	}
	var count int64
	for {
		row, ok := f.rows.rd.next()
		if !ok {
			if err := f.rows.failed(ctx); err != nil {
				return 0, err
			}
			break
		}
		err := w.CopyData(func(b []byte) []byte { return f.row(b, row) })
		if err == nil {
			err = f.failed
		}
		if err != nil {
			return 0, err
		}
		if count++; count%4096 == 0 && ctx.Err() != nil {
			return 0, pgwire.Cause(ctx)
		}
	}
	if f.Binary {
		w.CopyData(func(b []byte) []byte { return append(b, 0xff, 0xff) })
	}
	w.CopyDone()
	return count, nil
}

func (f *rowForm) header(b []byte) []byte {
	for i, col := range f.rows.columns {
		if i > 0 {
			b = append(b, f.Delimiter)
		}
		if f.CSV {
			b = f.csv(b, []byte(col.Name), false, len(f.rows.columns) == 1)
		} else {
			b = f.text(b, []byte(col.Name))
		}
	}
	return f.encoded(append(b, '\n'), len(b)+1)
}

// row appends a row in the form that is wanted.
func (f *rowForm) row(b []byte, row int) []byte {
	rd := f.rows.rd
	if f.Binary {
		b = binary.BigEndian.AppendUint16(b, uint16(len(f.rows.columns)))
		for i := range f.rows.columns {
			at := len(b)
			b = append(b, 0xff, 0xff, 0xff, 0xff)
			if !rd.null(i, row) {
				b = rd.appendBinary(b, i, row)
				binary.BigEndian.PutUint32(b[at:], uint32(len(b)-at-4))
			}
		}
		return b
	}
	start := len(b)
	for i := range f.rows.columns {
		if i > 0 {
			b = append(b, f.Delimiter)
		}
		if rd.null(i, row) {
			b = append(b, f.Null...)
			continue
		}
		f.scratch = rd.append(f.scratch[:0], i, row)
		if f.CSV {
			b = f.csv(b, f.scratch, f.force[i], len(f.rows.columns) == 1)
		} else {
			b = f.text(b, f.scratch)
		}
	}
	return f.encoded(append(b, '\n'), len(b)-start+1)
}

// encoded turns the last n bytes of b into the encoding that is wanted.
func (f *rowForm) encoded(b []byte, n int) []byte {
	if f.encoding == nil {
		return b
	}
	text, err := f.encoding.NewEncoder().Bytes(b[len(b)-n:])
	if err != nil {
		f.failed = sqlstate.Errorf("22P05", "a character of the encoding \"UTF8\" has no equivalent in encoding \"%s\"", f.Encoding)
		return b
	}
	return append(b[:len(b)-n], text...)
}

// text appends a value with the backslashes of the text format.
func (f *rowForm) text(b, value []byte) []byte {
	for _, c := range value {
		switch c {
		case '\b':
			b = append(b, '\\', 'b')
		case '\f':
			b = append(b, '\\', 'f')
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		case '\v':
			b = append(b, '\\', 'v')
		case '\\', f.Delimiter:
			b = append(b, '\\', c)
		default:
			b = append(b, c)
		}
	}
	return b
}

// csv appends a value, between quotes where they are needed. single tells that
// it is all of its row, which must not look like the end of the data.
func (f *rowForm) csv(b, value []byte, force, single bool) []byte {
	need := force || string(value) == f.Null || single && string(value) == `\.` ||
		bytes.IndexByte(value, f.Delimiter) >= 0 || bytes.IndexByte(value, f.Quote) >= 0 || bytes.ContainsAny(value, "\r\n")
	if !need {
		return append(b, value...)
	}
	b = append(b, f.Quote)
	for _, c := range value {
		if c == f.Quote || c == f.Escape {
			b = append(b, f.Escape)
		}
		b = append(b, c)
	}
	return append(b, f.Quote)
}
