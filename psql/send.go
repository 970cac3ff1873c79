package psql

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"salamander/sqltext"
)

// send sends a query of the user and shows what comes back. It reports
// whether all went well.
func (s *shell) send(query string) bool {
	defer s.afterSend()
	if s.ctx.Err() != nil {
		return false // interrupted; the script ends after this line
	}
	if s.conn == nil {
		s.errorf("You are currently not connected to a database.")
		return false
	}
	if s.vars.is("ECHO", "queries") {
		fmt.Fprintln(s.stdout, query)
	}
	if s.log != nil {
		fmt.Fprintf(s.log, "********* QUERY **********\n%s\n**************************\n\n", query)
	}
	if s.conn.tx == 'I' && !s.vars.isOn("AUTOCOMMIT") && !needsNoBegin(query) {
		if _, ok := s.internal("BEGIN", false); !ok {
			return false
		}
	}
	savepoint := s.conn.tx == 'T' && s.vars.isOn("ON_ERROR_ROLLBACK")
	if savepoint {
		if _, ok := s.internal("SAVEPOINT pg_psql_temporary_savepoint", false); !ok {
			return false
		}
	}
	start := time.Now()
	ok, gone := s.dispatch(query)
	took := time.Since(start)
	if s.exiting {
		return false
	}
	if !ok && s.vars.is("ECHO", "errors") {
		s.infof("STATEMENT:  %s", query)
	}
	if savepoint && s.conn != nil {
		switch {
		case s.conn.tx == 'E':
			s.internal("ROLLBACK TO pg_psql_temporary_savepoint", false)
		case s.conn.tx == 'T' && !gone:
			s.internal("RELEASE pg_psql_temporary_savepoint", false)
		}
	}
	if s.timing {
		fmt.Fprintln(s.stdout, formatMillis(took))
	}
	for _, n := range s.notified {
		payload := ""
		if n.Payload != "" {
			payload = fmt.Sprintf(" with payload \"%s\"", n.Payload)
		}
		fmt.Fprintf(s.out, "Asynchronous notification \"%s\"%s received from server process with PID %d.\n", n.Channel, payload, n.PID)
	}
	s.notified = nil
	return ok
}

// dispatch runs a query the way its terminator and the settings ask for.
func (s *shell) dispatch(query string) (ok, gone bool) {
	if s.gdesc {
		return s.describeQuery(query), false
	}
	if n := atoi(s.vars.values["FETCH_COUNT"]); n > 0 && !s.gexec && s.crosstab == nil && s.bind == nil && isSelect(query) {
		return s.runFetching(query, n), false
	}
	return s.run(query)
}

func (s *shell) afterSend() {
	s.gset, s.gexec, s.gfile, s.gdesc, s.crosstab, s.bind = nil, false, "", false, nil, nil
	if s.gpopt != nil {
		s.popt, s.gpopt = *s.gpopt, nil
	}
	s.stdout.Flush()
	if s.out != s.stdout {
		s.out.Flush()
	}
}

// internal sends a query of psql's own.
func (s *shell) internal(query string, echo bool) (*result, bool) {
	if echo && s.vars.isOn("ECHO_HIDDEN") {
		fmt.Fprintf(s.stdout, "********* QUERY **********\n%s\n**************************\n\n", query)
	}
	var last *result
	ok := true
	r := s.receiver(query)
	r.result = func(res *result) {
		last = res
		if res.err != nil {
			ok = false
			s.serverError(res.err, query)
		}
	}
	if err := s.conn.query(query, r); err != nil {
		s.lost(err)
		return nil, false
	}
	return last, ok
}

// receiver handles what is the same for all queries.
func (s *shell) receiver(query string) receiver {
	return receiver{
		result:  func(*result) {},
		notice:  func(e *pgproto3.ErrorResponse) { s.infof("%s", s.errorText(e, query)) },
		notify:  func(n *pgproto3.NotificationResponse) { s.notified = append(s.notified, n) },
		copyOut: func([]byte) {},
		copyIn:  func(bool) (io.Reader, error) { return nil, errors.New("unexpected COPY") },
	}
}

func (s *shell) errorText(e *pgproto3.ErrorResponse, query string) string {
	return errorText(e, query, s.verbosity(), s.vars.values["SHOW_CONTEXT"], s.popt.singleByte)
}

func (s *shell) serverError(e *pgproto3.ErrorResponse, query string) {
	s.infof("%s", s.errorText(e, query))
	s.lastErr, s.lastSQL = e, query
}

// lost reports the loss of the connection, which ends the run.
func (s *shell) lost(err error) {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "reset by peer") || strings.Contains(err.Error(), "broken pipe") {
		s.infof("server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally\n\tbefore or while processing the request.")
	} else {
		s.infof("%v", err)
	}
	s.errorf("connection to server was lost")
	_ = s.conn.nc.Close()
	s.conn = nil
	s.end(ExitBadConn)
}

// run sends a query and prints its results. It also reports whether the query
// ended the savepoint that psql may have made.
func (s *shell) run(query string) (ok, gone bool) {
	ok = true
	out, done, err := s.target()
	if err != nil {
		s.errorf("%v", err)
		return false, false
	}
	defer func() {
		if err := done(); err != nil {
			s.errorf("%v", err)
		}
	}()
	var waiting, last *result
	sawErr, failed := false, false
	show := func(res *result, isLast bool) {
		if !s.show(out, res, isLast) {
			failed = true
		}
	}
	r := s.receiver(query)
	r.bind = s.bind
	r.result = func(res *result) {
		if waiting != nil {
			show(waiting, false)
			waiting = nil
		}
		last = res
		if res.err != nil {
			out.Flush()
			s.serverError(res.err, query)
			s.resultVariables(res)
			sawErr = true
			return
		}
		for _, end := range []string{"COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK"} {
			gone = gone || res.tag == end
		}
		waiting = res
	}
	r.copyOut = func(data []byte) {
		if waiting != nil {
			show(waiting, false)
			waiting = nil
		}
		if s.copyDst != nil {
			s.copyDst.Write(data)
			return
		}
		out.Write(data)
	}
	r.copyIn = func(binary bool) (io.Reader, error) {
		if waiting != nil {
			show(waiting, false)
			waiting = nil
		}
		if src, ok := s.copySrc.(*copyReader); ok {
			src.binary = binary
			return src, nil
		}
		return &copyReader{s: s, src: s.src, script: true, binary: binary}, nil
	}
	stop := s.conn.cancelWhen(s.ctx, func() { fmt.Fprintln(s.stderr, "Cancel request sent") })
	err = s.conn.query(query, r)
	stop()
	if err != nil {
		s.setVar("ERROR", "true")
		s.lost(err)
		return false, false
	}
	if waiting != nil {
		show(waiting, true)
	}
	if last != nil && last.err == nil && !failed { // psql keeps the values where \gset fails
		s.resultVariables(last)
	}
	if s.gexec && waiting != nil && waiting.hasRows && !sawErr {
		failed = !s.execCells(waiting) || failed
	}
	return ok && !sawErr && !failed, gone
}

// target returns where the results of the current query go.
func (s *shell) target() (*bufio.Writer, func() error, error) {
	if s.gfile == "" {
		return s.out, func() error { return nil }, nil
	}
	return s.outTarget(s.gfile)
}

// show prints one result.
func (s *shell) show(out *bufio.Writer, res *result, last bool) bool {
	all := s.vars.isOn("SHOW_ALL_RESULTS")
	switch {
	case last && s.gset != nil && res.hasRows:
		return s.store(res)
	case last && s.gexec && res.hasRows:
		return true
	case last && s.crosstab != nil && res.hasRows:
		t, err := crosstab(res.table, s.crosstab, s.popt.null)
		if err != nil {
			s.errorf("\\crosstabview: %v", err)
			return false
		}
		s.popt.print(out, t)
		return true
	case !last && !all, res.empty:
		return true
	case res.copyOut:
		if out == s.out && (s.copyDst == nil || s.copyDst == s.out) {
			return true
		}
		s.status(s.out, res.tag)
		return true
	case !res.hasRows:
		s.status(out, res.tag)
		return true
	}
	s.popt.print(out, res.table)
	if s.log != nil {
		s.logTable(res.table)
	}
	for _, verb := range []string{"INSERT", "UPDATE", "DELETE"} {
		if strings.HasPrefix(res.tag, verb) {
			s.status(out, res.tag)
		}
	}
	return true
}

func (s *shell) logTable(t table) {
	w := bufio.NewWriter(s.log)
	s.popt.print(w, t)
	w.Flush()
}

func (s *shell) status(out *bufio.Writer, tag string) {
	if !s.quiet() {
		fmt.Fprintln(out, tag)
	}
	if s.log != nil {
		fmt.Fprintln(s.log, tag)
	}
}

// resultVariables sets the variables that tell of the last query.
func (s *shell) resultVariables(res *result) {
	if res.err != nil {
		s.setVar("ERROR", "true")
		s.setVar("SQLSTATE", res.err.Code)
		s.setVar("ROW_COUNT", "0")
		s.setVar("LAST_ERROR_SQLSTATE", res.err.Code)
		s.setVar("LAST_ERROR_MESSAGE", res.err.Message)
		return
	}
	s.setVar("ERROR", "false")
	s.setVar("SQLSTATE", "00000")
	count := "0"
	if i := strings.LastIndexByte(res.tag, ' '); i >= 0 {
		if _, err := strconv.ParseUint(res.tag[i+1:], 10, 64); err == nil {
			count = res.tag[i+1:]
		}
	}
	s.setVar("ROW_COUNT", count)
}

// store puts the only row into variables, for \gset.
func (s *shell) store(res *result) bool {
	switch n := len(res.table.rows); {
	case n == 0:
		s.errorf("no rows returned for \\gset")
		return false
	case n > 1:
		s.errorf("more than one row returned for \\gset")
		return false
	}
	for i, c := range res.table.columns {
		name := *s.gset + c.name
		if _, special := s.vars.bound[name]; special {
			s.warnf("attempt to \\gset into specially treated variable \"%s\" ignored", name)
			continue
		}
		value := res.table.rows[0][i]
		var err error
		if value.null {
			err = s.vars.unset(name)
		} else {
			err = s.vars.set(name, value.text)
		}
		if err != nil {
			s.errorf("%v", err)
			return false
		}
	}
	return true
}

// execCells runs each value of a result as a query, for \gexec.
func (s *shell) execCells(res *result) bool {
	s.gexec = false
	ok := true
	for _, row := range res.table.rows {
		for _, c := range row {
			if c.null {
				continue
			}
			if s.vars.is("ECHO", "all") {
				fmt.Fprintln(s.stdout, c.text)
			}
			if !s.send(c.text) {
				ok = false
				if s.exiting || s.vars.isOn("ON_ERROR_STOP") {
					return false
				}
			}
		}
	}
	return ok
}

// needsNoBegin reports whether a query must not be preceded by BEGIN when
// AUTOCOMMIT is off.
func needsNoBegin(query string) bool {
	toks, _ := sqltext.Lex(query, sqltext.Options{})
	c := sqltext.Cursor{Src: query, Toks: toks}
	first := func(words ...string) bool { c.I = 0; return c.Accept(words...) }
	for _, words := range [][]string{
		{"abort"}, {"begin"}, {"start"}, {"commit"}, {"end"}, {"rollback"}, {"prepare", "transaction"}, {"vacuum"},
		{"create", "database"}, {"create", "tablespace"}, {"create", "index", "concurrently"}, {"create", "unique", "index", "concurrently"},
		{"drop", "database"}, {"drop", "system"}, {"drop", "tablespace"}, {"drop", "index", "concurrently"}, {"alter", "system"},
		{"reindex", "database"}, {"reindex", "system"}, {"discard", "all"},
	} {
		if first(words...) {
			return true
		}
	}
	if first("cluster") && (c.Done() || c.Peek().Kind == sqltext.Semicolon) {
		return true
	}
	c.I = 0
	return c.Done()
}
