//go:build cgo

package duck

import (
	"context"
	"strings"

	"salamander/sqltext"
)

// bulkRows is how many rows an INSERT or MERGE writes at least where DuckDB
// commits it in bulk: a row group of its files.
//
// Others can see such a commit half done. The smallest shape that shows it
// with DuckDB 1.5.6 (TestTornShape) is a database file, a table t and
//
//	INSERT INTO t SELECT * FROM src   -- 122,880 rows or more, two threads
//
// beside a SELECT count(*) FROM t. DuckDB's parallel INSERT collects row
// groups whose rows carry no transaction's id; a commit first moves them into
// the table and writes the log, for which it gives the lock on transactions
// free, and marks the rows as its own only then. Between the two anyone reads
// them: with a DELETE before, old and new rows together. What is below a row
// group, what comes by an appender (COPY), from a source that is not parallel,
// with one thread, and what a transaction writes into a table that it made
// itself is not concerned, and a database in memory has no log. UPDATE and
// DELETE mark their rows one by one.
//
// The cure is narrow: only a transaction with such a statement commits alone
// (see [gate]); where statements that run do not let it, its rows are marked
// first (see [session.stamp]).
const bulkRows = 122_880

// bulk notes that a statement wrote n rows.
func (s *session) bulk(tag, sql string, n int64) {
	if n < bulkRows || tag != "INSERT" && tag != "MERGE" {
		return
	}
	if s.bulky == nil {
		s.bulky = map[string]bool{}
	}
	s.bulky[targetOf(sql)] = true
}

// targetOf returns the name, as it is written, of the table that an INSERT or
// a MERGE in DuckDB's words writes, or "".
func targetOf(sql string) string {
	toks, err := sqltext.Lex(sql, sqltext.Options{})
	if err != nil {
		return ""
	}
	for i, depth := 0, 0; i < len(toks); i++ {
		switch text := toks[i].Text(sql); {
		case text == "(":
			depth++
		case text == ")":
			depth--
		case depth == 0 && strings.EqualFold(text, "into"):
			var name strings.Builder
			for _, tok := range toks[i+1:] {
				if tok.Kind == sqltext.Space || tok.Kind == sqltext.Comment {
					continue
				}
				text := tok.Text(sql)
				part := tok.Kind == sqltext.Ident || tok.Kind == sqltext.QuotedIdent
				if n := name.Len(); part != (n == 0 || name.String()[n-1] == '.') || !part && text != "." {
					break
				}
				name.WriteString(text)
			}
			return name.String()
		}
	}
	return ""
}

// stamp has DuckDB mark the rows of bulk statements before others can see
// them: it moves row groups into a table as they are only where nothing was
// deleted of what the transaction wrote, and otherwise appends row by row. So
// one row is written twice and once deleted. It takes as long as writing the
// rows did, and holds nobody up.
func (s *session) stamp(ctx context.Context) error {
	const first = "36028797018960000" // the lowest rowid of what is not committed
	for name := range s.bulky {
		for _, sql := range [...]string{
			"INSERT INTO " + name + " SELECT * FROM " + name + " WHERE rowid >= " + first + " LIMIT 1",
			"DELETE FROM " + name + " WHERE rowid = (SELECT max(rowid) FROM " + name + " WHERE rowid >= " + first + ")",
		} {
			if _, err := s.c.exec(ctx, sql); err != nil {
				return err
			}
		}
	}
	return nil
}

// alone waits until a bulk commit is alone, or need not be. The caller unlocks
// the gate where locked is true.
func (s *session) alone(ctx context.Context) (locked bool, err error) {
	limit := patience
	if s.bulky[""] { // a table whose name is not understood
		limit = 0
	}
	locked, err = s.e.gate.lock(ctx, limit)
	if err != nil || locked {
		return locked, err
	}
	return false, s.stamp(ctx)
}
