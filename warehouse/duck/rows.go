//go:build cgo

package duck

import (
	"context"
	"errors"
	"strings"

	"salamander/warehouse/dialect"
	"salamander/warehouse/pgwire"
)

// rows are the rows of a query that a client has not been sent yet.
type rows struct {
	st      *dialect.Statement
	res     *result
	rd      *reader
	columns []pgwire.Column
	out     *dialect.Rewritten
}

// newRows takes a result over; it is closed with the rows.
func newRows(st *dialect.Statement, res *result, out *dialect.Rewritten) (*rows, error) {
	rd, err := newReader(res)
	if err != nil {
		res.close()
		return nil, err
	}
	return &rows{st: st, res: res, rd: rd, columns: described(rd.columns, out), out: out}, nil
}

// described describes fields to a client, under the names that Redshift gives
// them where those are known.
func described(fields []field, out *dialect.Rewritten) []pgwire.Column {
	cols := make([]pgwire.Column, len(fields))
	for i, f := range fields {
		name := f.name
		if len(out.Names) == len(fields) && out.Names[i] != "" {
			name = out.Names[i]
		}
		cols[i] = f.column(lowerName(name))
	}
	return cols
}

// lowerName is a name as Redshift keeps and tells it, quoted or not, as long as
// enable_case_sensitive_identifier is off: with its Latin letters in lower case.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_names.html
func lowerName(name string) string {
	for i := range len(name) {
		if c := name[i]; c >= 'A' && c <= 'Z' {
			b := []byte(name)
			for k := range b {
				if b[k] >= 'A' && b[k] <= 'Z' {
					b[k] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return name
}

func (r *rows) close() {
	r.rd.close()
	r.res.close()
}

// same reports whether the columns have the types that were described.
func (r *rows) same(described []pgwire.Column) bool {
	if len(described) != len(r.columns) {
		return false
	}
	for i, c := range described {
		if c.OID != r.columns[i].OID {
			return false
		}
	}
	return true
}

// send sends the next rows, at most limit of them where it is not 0. It
// returns how many, and whether they were the last.
func (r *rows) send(ctx context.Context, limit int64, w *pgwire.Writer) (count int64, done bool, err error) {
	if r.res.c != nil {
		defer r.res.c.interruptible(ctx)()
	}
	for limit == 0 || count < limit {
		row, ok := r.rd.next()
		if !ok {
			return count, true, r.failed(ctx)
		}
		w.BeginRow(len(r.columns))
		for i := range r.columns {
			if r.rd.null(i, row) {
				w.Null()
				continue
			}
			if w.Format(i) == 1 {
				w.Value(func(b []byte) []byte { return r.rd.appendBinary(b, i, row) })
				continue
			}
			w.Value(func(b []byte) []byte { return r.rd.append(b, i, row) })
		}
		if err := w.EndRow(); err != nil {
			return count, false, err
		}
		if count++; count%4096 == 0 && ctx.Err() != nil {
			return count, false, pgwire.Cause(ctx)
		}
	}
	return count, false, nil
}

// failed tells why a stream of rows ended early.
func (r *rows) failed(ctx context.Context) error {
	if r.res.err == nil {
		return nil
	}
	if err := pgwire.Cause(ctx); err != nil {
		return err
	}
	err := r.res.err
	for range 5 {
		var e *nativeError
		if !errors.As(err, &e) || !strings.HasPrefix(e.Message, "Interrupted") || r.res.again == nil {
			break
		}
		if told := r.res.again(ctx); told != nil {
			err = told
		}
	}
	return translate(err, r.st, r.out)
}
