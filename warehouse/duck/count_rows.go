//go:build cgo

package duck

import (
	"context"
	"strconv"

	"salamander/warehouse/dialect"
)

// countRows returns how many rows of its table an UPDATE … FROM is about to
// change, nil where DuckDB's number is right.
func (s *session) countRows(ctx context.Context, st *dialect.Statement) (*int64, error) {
	count := st.CountRows()
	if count == nil {
		return nil, nil
	}
	if count.Once != "" {
		if once, err := s.ask(ctx, count.Once); err != nil || once == "t" {
			return nil, err
		}
	}
	rows, err := s.ask(ctx, count.Rows)
	if err != nil {
		return nil, err
	}
	n, err := strconv.ParseInt(rows, 10, 64)
	return &n, err
}

// ask returns the value of a query in Redshift's words.
func (s *session) ask(ctx context.Context, text string) (string, error) {
	all, err := dialect.Parse(text)
	if err != nil {
		return "", err
	}
	st := all[0]
	if err := st.Classify(); err != nil {
		return "", err
	}
	out, ps, err := s.prepare(st)
	if err != nil {
		return "", unplaced(err)
	}
	defer ps.close()
	rows, err := ps.rows(ctx)
	if err != nil {
		return "", unplaced(translate(err, st, out))
	}
	return rows[0][0], nil
}
