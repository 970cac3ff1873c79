//go:build cgo

package duck

import (
	"context"
	"strconv"

	"salamander/warehouse/dialect"
)

// countRows returns how many rows of its table an UPDATE … FROM is about to
// change, nil for other statements.
func (s *session) countRows(ctx context.Context, st *dialect.Statement) (*int64, error) {
	text := st.CountRows()
	if text == "" {
		return nil, nil
	}
	all, err := dialect.Parse(text)
	if err != nil {
		return nil, err
	}
	if err := all[0].Classify(); err != nil {
		return nil, err
	}
	out, ps, err := s.prepare(all[0])
	if err != nil {
		return nil, unplaced(err)
	}
	ps.close()
	rows, err := s.c.query(ctx, out.SQL)
	if err != nil {
		return nil, unplaced(translate(err, nil, nil))
	}
	n, err := strconv.ParseInt(rows[0][0], 10, 64)
	return &n, err
}
