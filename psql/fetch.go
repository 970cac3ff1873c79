package psql

import (
	"bufio"
	"fmt"
	"strings"

	"salamander/sqltext"
)

// isSelect reports whether a query is one that FETCH_COUNT holds for.
func isSelect(query string) bool {
	toks, _ := sqltext.Lex(query, sqltext.Options{})
	for i, tok := range toks {
		switch {
		case tok.Kind.IsTrivia(), tok.Kind == sqltext.OpenParen:
		case tok.Kind == sqltext.Ident:
			word := strings.ToLower(toks[i].Text(query))
			return word == "select" || word == "values"
		default:
			return false
		}
	}
	return false
}

// runFetching runs a query by a cursor and prints n rows at a time, so that
// an endless result needs no endless memory.
func (s *shell) runFetching(query string, n int) bool {
	out, done, err := s.target()
	if err != nil {
		s.errorf("%v", err)
		return false
	}
	defer func() {
		if err := done(); err != nil {
			s.errorf("%v", err)
		}
	}()
	began := s.conn.tx == 'I'
	if began {
		if _, ok := s.internal("BEGIN", false); !ok {
			return false
		}
	}
	ok := s.fetchAll(out, query, n)
	if s.conn == nil {
		return false
	}
	if began {
		last := "COMMIT"
		if !ok {
			last = "ROLLBACK"
		}
		_, ended := s.internal(last, false)
		ok = ok && ended
	}
	return ok
}

// fetchAll declares the cursor and reads it to its end.
func (s *shell) fetchAll(out *bufio.Writer, query string, n int) bool {
	tell := func(res *result, ok bool) bool {
		if res != nil && !ok {
			s.resultVariables(res)
		}
		return ok
	}
	declare := "DECLARE _psql_cursor NO SCROLL CURSOR FOR\n" + query
	if res, ok := s.internal(declare, false); !tell(res, ok) {
		return false
	}
	if s.gset != nil {
		n = 2 // one more than \gset takes
	}
	total, ok := 0, true
	for {
		res, fetched := s.internal(fmt.Sprintf("FETCH FORWARD %d FROM _psql_cursor", n), false)
		if !tell(res, fetched) || res == nil {
			out.Flush()
			return false
		}
		if s.gset != nil {
			ok = s.store(res)
			total = len(res.table.rows)
			break
		}
		t := res.table
		t.prior, t.hasPrior, t.more = total, total > 0, len(t.rows) == n
		s.popt.print(out, t)
		out.Flush()
		total += len(t.rows)
		if !t.more {
			break
		}
	}
	if _, closed := s.internal("CLOSE _psql_cursor", false); !closed {
		return false
	}
	s.resultVariables(&result{tag: fmt.Sprintf("SELECT %d", total)})
	return ok
}
