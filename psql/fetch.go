package psql

import (
	"bufio"
	"fmt"
	"strings"

	"salamander/sqltext"
)

// isSelect reports whether a query is one that FETCH_COUNT holds for: not
// several that "\\;" joins, of which psql shows nothing.
func isSelect(query string) bool {
	toks, _ := sqltext.Lex(query, sqltext.Options{})
	first, ended := "", false
	for i, tok := range toks {
		switch {
		case tok.Kind.IsTrivia():
		case ended:
			return false
		case tok.Kind == sqltext.Semicolon:
			ended = true
		case first != "" || tok.Kind == sqltext.OpenParen:
		case tok.Kind == sqltext.Ident:
			first = strings.ToLower(toks[i].Text(query))
			if first != "select" && first != "values" {
				return false
			}
		default:
			return false
		}
	}
	return first != ""
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
			ok = s.store(res) // ROW_COUNT stays 0, as psql's does
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
