package psql

import (
	"fmt"
	"strings"

	"salamander/sqltext"
)

// cmdDefinition runs \sf and \sv: it shows how a function or view was made,
// with + by numbered lines.
func (sc *script) cmdDefinition(name string) cmdStatus {
	s := sc.sh
	line, ok, _ := sc.scan.Arg(sqltext.ArgLine, true)
	base, _, plus := splitListing(name)
	switch {
	case !ok && base == "sf":
		s.errorf("function name is required")
		return cmdError
	case !ok:
		s.errorf("view name is required")
		return cmdError
	case s.conn == nil:
		s.errorf("You are currently not connected to a database.")
		return cmdError
	}
	text, ok := "", false
	if base == "sf" {
		text, ok = s.functionText(line.Text)
	} else {
		text, ok = s.viewText(line.Text)
	}
	if !ok {
		return cmdError
	}
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	if plus {
		text = numbered(text, base == "sf")
	}
	s.stdout.WriteString(text)
	return cmdSkip
}

// ask sends a query of psql's own whose errors are told in short.
func (s *shell) ask(query string) ([]cell, bool) {
	if s.vars.isOn("ECHO_HIDDEN") {
		fmt.Fprintf(s.stdout, "********* QUERY **********\n%s\n**************************\n\n", query)
	}
	var row []cell
	failed := false
	r := s.receiver(query)
	r.result = func(res *result) {
		switch {
		case res.err != nil:
			failed = true
			s.errorf("%s:  %s", res.err.Severity, res.err.Message)
		case len(res.table.rows) == 1 && len(res.table.columns) > 0:
			row = res.table.rows[0]
		}
	}
	if err := s.conn.query(query, r); err != nil {
		s.lost(err)
		return nil, false
	}
	return row, !failed && row != nil
}

func (s *shell) functionText(name string) (string, bool) {
	class := "regproc"
	if strings.Contains(name, "(") {
		class = "regprocedure"
	}
	row, ok := s.ask("SELECT " + strings.TrimPrefix(sqltext.Quote(name), " ") + "::pg_catalog." + class + "::pg_catalog.oid")
	if !ok {
		return "", false
	}
	row, ok = s.ask("SELECT pg_catalog.pg_get_functiondef(" + row[0].text + ")")
	if !ok {
		return "", false
	}
	return row[0].text, true
}

func (s *shell) viewText(name string) (string, bool) {
	row, ok := s.ask("SELECT " + strings.TrimPrefix(sqltext.Quote(name), " ") + "::pg_catalog.regclass::pg_catalog.oid")
	if !ok {
		return "", false
	}
	options := "c.reloptions AS reloptions, NULL AS checkoption"
	if atoi(s.vars.values["SERVER_VERSION_NUM"]) >= 90400 {
		options = "pg_catalog.array_remove(pg_catalog.array_remove(c.reloptions,'check_option=local'),'check_option=cascaded') AS reloptions, CASE WHEN 'check_option=local' = ANY (c.reloptions) THEN 'LOCAL'::text WHEN 'check_option=cascaded' = ANY (c.reloptions) THEN 'CASCADED'::text ELSE NULL END AS checkoption"
	}
	row, ok = s.ask("SELECT nspname, relname, relkind, pg_catalog.pg_get_viewdef(c.oid, true), " + options + " FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON c.relnamespace = n.oid WHERE c.oid = " + row[0].text)
	if !ok || len(row) < 6 {
		return "", false
	}
	schema, view := quoteName(row[0].text), quoteName(row[1].text)
	if row[2].text != "v" {
		s.errorf("\"%s.%s\" is not a view", row[0].text, row[1].text)
		return "", false
	}
	text := "CREATE OR REPLACE VIEW " + schema + "." + view
	if set := strings.Trim(row[4].text, "{}"); set != "" {
		text += "\n WITH (" + strings.ReplaceAll(set, ",", ", ") + ")"
	}
	text += " AS\n" + strings.TrimSuffix(row[3].text, ";")
	if row[5].text != "" {
		text += "\n WITH " + row[5].text + " CHECK OPTION"
	}
	return text, true
}

// quoteName quotes a name where it must be.
func quoteName(name string) string {
	for i := range len(name) {
		c := name[i]
		if !(c == '_' || c >= 'a' && c <= 'z' || i > 0 && c >= '0' && c <= '9') {
			return sqltext.QuoteName(name)
		}
	}
	return name
}

// numbered puts numbers before lines: those of a function's body only.
func numbered(text string, function bool) string {
	var b strings.Builder
	n := 0
	if !function {
		n = 1
	}
	for line := range strings.Lines(text) {
		if n == 0 && (strings.HasPrefix(line, "AS ") || strings.HasPrefix(line, "BEGIN ") || strings.HasPrefix(line, "RETURN ")) {
			n = 1
		}
		if n == 0 {
			b.WriteString("        " + line)
			continue
		}
		fmt.Fprintf(&b, "%-7d %s", n, line)
		n++
	}
	return b.String()
}
