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
	count, err := st.CountRows(catalog{s})
	if count == nil || err != nil {
		return nil, err
	}
	if count.Keys != "" {
		keys, err := s.ask(ctx, count.Keys+" limit "+strconv.Itoa(maxKeys+1))
		if err != nil || len(keys) <= maxKeys && once(keys) {
			return nil, err
		}
		if len(keys) <= maxKeys {
			count.Once = "" // it would not tell more
		}
	}
	if count.Once != "" {
		if rows, err := s.ask(ctx, count.Once); err != nil || rows[0][0] == "t" {
			return nil, err
		}
	}
	rows, err := s.ask(ctx, count.Rows)
	if err != nil {
		return nil, err
	}
	n, err := strconv.ParseInt(rows[0][0], 10, 64)
	return &n, err
}

// maxKeys bounds the keys that are looked at here: for as few DuckDB takes
// longer to begin (0.4 ms against 1 for 300, DuckDB 1.5.6).
const maxKeys = 2048

// once reports whether no two rows are the same.
func once(rows [][]string) bool {
	seen := make(map[string]bool, len(rows))
	for _, row := range rows {
		key := row[0]
		for _, value := range row[1:] {
			key += "\x00" + value
		}
		if seen[key] {
			return false
		}
		seen[key] = true
	}
	return true
}

// ask returns the rows of a query in Redshift's words.
func (s *session) ask(ctx context.Context, text string) ([][]string, error) {
	all, err := dialect.Parse(text)
	if err != nil {
		return nil, err
	}
	st := all[0]
	if err := st.Classify(); err != nil {
		return nil, err
	}
	out, ps, err := s.prepare(st)
	if err != nil {
		return nil, unplaced(err)
	}
	defer ps.close()
	rows, err := ps.rows(ctx)
	if err != nil {
		return nil, unplaced(translate(err, st, out))
	}
	return rows, nil
}
