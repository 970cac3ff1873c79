package psql

import (
	"embed"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"salamander/sqltext"
)

// listings are the queries of \d and its kin, as psql 15 sends them, one file
// a command. Lines in "#if … #end" hold for some servers or forms of the
// command only; see listing.
//
//go:embed describe/*.sql describe/table/*.sql
var listings embed.FS

// A listing is a command that shows what is in the catalogs.
type listing struct {
	title, titlePattern string
	none, nonePattern   string // instead of an empty table; %s is the pattern
	since               int    // oldest server, as in SERVER_VERSION_NUM
	unsupported         string // said to older ones; %s is their version
	modifiers           string // of "S" and "+"
	lines               []string
}

// listingOf reads a command's file. ok is false where there is no such command.
func listingOf(name string) (l listing, ok bool) {
	var file strings.Builder // names differ where file names may ignore the case
	for _, r := range name {
		if r >= 'A' && r <= 'Z' {
			file.WriteByte('_')
		}
		file.WriteString(strings.ToLower(string(r)))
	}
	text, err := listings.ReadFile("describe/" + file.String() + ".sql")
	if err != nil {
		return l, false
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		word, rest, _ := strings.Cut(line, " ")
		pattern, forPattern := strings.CutPrefix(rest, "pattern ")
		switch {
		case word == "#title" && forPattern:
			l.titlePattern = pattern
		case word == "#title":
			l.title = rest
		case word == "#none" && forPattern:
			l.nonePattern = pattern
		case word == "#none":
			l.none = rest
		case word == "#since":
			l.since, _ = strconv.Atoi(rest)
		case word == "#unsupported":
			l.unsupported = rest
		case word == "#modifiers":
			l.modifiers = rest
		default:
			l.lines = append(l.lines, line)
		}
	}
	return l, true
}

// A listingCall is how a listing was asked for.
type listingCall struct {
	version      int
	system, plus bool
	pattern      *string
	database     string
}

// holds reports whether a condition holds: alternatives between "|", each a
// list of words that must all hold.
func (c listingCall) holds(condition string) bool {
	for alternative := range strings.SplitSeq(condition, " | ") {
		all := true
		for _, word := range strings.Fields(alternative) {
			flag, not := strings.CutPrefix(word, "!")
			ok := false
			switch {
			case strings.HasPrefix(word, ">="):
				n, _ := strconv.Atoi(word[2:])
				ok = c.version >= n
			case strings.HasPrefix(word, "<"):
				n, _ := strconv.Atoi(word[1:])
				ok = c.version < n
			case flag == "S":
				ok = c.system
			case flag == "+":
				ok = c.plus
			case flag == "pattern":
				ok = c.pattern != nil
			}
			all = all && ok != not
		}
		if all {
			return true
		}
	}
	return false
}

// query builds the text that goes to the server.
func (l listing) query(c listingCall) (string, error) {
	var out []string
	on := true
	for _, line := range l.lines {
		condition, isIf := strings.CutPrefix(line, "#if ")
		spec, isPattern := strings.CutPrefix(line, "#pattern|")
		switch {
		case isIf:
			on = c.holds(condition)
		case line == "#end":
			on = true
		case !on:
		case isPattern:
			f := strings.Split(spec, "|")
			lines, err := c.condition(f[0] == "where", strings.Split(f[1], ";"), f[2])
			if err != nil {
				return "", err
			}
			out = append(out, lines...)
		default:
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n"), nil
}

// condition returns the lines that hold the pattern against names and the
// schema. Without a schema in the pattern only what is visible is meant.
func (c listingCall) condition(where bool, names []string, visible string) ([]string, error) {
	var lines []string
	add := func(text string) {
		prefix := "  AND "
		if where && len(lines) == 0 {
			prefix = "WHERE "
		}
		lines = append(lines, prefix+text)
	}
	var parts []string
	if c.pattern != nil {
		parts = namePattern(*c.pattern)
		most := 1
		if visible != "" {
			most = 3
		}
		switch {
		case len(parts) > most:
			return nil, fmt.Errorf("improper qualified name (too many dotted names): %s", *c.pattern)
		case len(parts) == 3 && parts[0] != c.database:
			return nil, fmt.Errorf("cross-database references are not implemented: %s", *c.pattern)
		}
	}
	match := func(name, regex string) string {
		text := name + " OPERATOR(pg_catalog.~) " + strings.TrimPrefix(sqltext.Quote("^("+regex+")$"), " ")
		if c.version >= 120000 {
			text += " COLLATE pg_catalog.default"
		}
		return text
	}
	if n := len(parts); n > 0 && parts[n-1] != ".*" && parts[n-1] != "" {
		var alternatives []string
		for _, name := range names {
			alternatives = append(alternatives, match(name, parts[n-1]))
		}
		text := strings.Join(alternatives, "\n        OR ")
		if len(alternatives) > 1 {
			text = "(" + text + ")"
		}
		add(text)
	}
	switch n := len(parts); {
	case n > 1 && parts[n-2] != ".*" && parts[n-2] != "":
		add(match("n.nspname", parts[n-2]))
	case n <= 1 && visible != "":
		add(visible)
	}
	return lines, nil
}

// namePattern turns a pattern into regular expressions, one for each part
// between dots: * and ? are wild, upper case folds, and double quotes keep
// what is in them as it is.
//
// https://www.postgresql.org/docs/15/app-psql.html#APP-PSQL-PATTERNS
func namePattern(pattern string) []string {
	var parts []string
	var b strings.Builder
	quoted := false
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '"' && quoted && i+1 < len(pattern) && pattern[i+1] == '"':
			b.WriteByte(c)
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && c >= 'A' && c <= 'Z':
			b.WriteByte(c + 'a' - 'A')
		case !quoted && c == '*':
			b.WriteString(".*")
		case !quoted && c == '?':
			b.WriteByte('.')
		case !quoted && c == '.':
			parts = append(parts, b.String())
			b.Reset()
		case c == '$', quoted && strings.IndexByte(`|*+?()[]{}.^\`, c) >= 0:
			b.WriteString(`\` + string(c))
		case c == '[' && i+1 < len(pattern) && pattern[i+1] == ']':
			b.WriteString(`\[`) // the type of an array
		default:
			b.WriteByte(c)
		}
	}
	return append(parts, b.String())
}

// isListing reports whether name is a command of the \d family.
func isListing(name string) bool {
	base, _, _ := splitListing(name)
	_, ok := listingOf(base)
	return ok || base == "du" || base == "dg" || kindsOf(name) != ""
}

// splitListing takes the modifiers off a command's name.
func splitListing(name string) (base string, system, plus bool) {
	base = strings.NewReplacer("S", "", "+", "").Replace(name)
	if base == "z" {
		base = "dp"
	}
	return base, strings.Contains(name, "S"), strings.Contains(name, "+")
}

// twoPatterns are the commands whose further arguments are patterns too.
func twoPatterns(base string) bool {
	return strings.HasPrefix(base, "df") || slices.Contains([]string{"do", "dAc", "dAf", "dAo", "dAp", "drds"}, base)
}

// cmdListing runs a command of the \d family.
func (sc *script) cmdListing(name string) cmdStatus {
	s := sc.sh
	base, system, plus := splitListing(name)
	kinds := kindsOf(name)
	if kinds != "" {
		system = strings.Contains(name, "S") // which are sequences too
	}
	c := listingCall{system: system, plus: plus}
	if pattern, ok := sc.arg(true); ok {
		c.pattern = &pattern
	}
	if twoPatterns(base) {
		if _, more := sc.arg(true); more {
			s.errorf("\\%s: patterns for arguments are not implemented by this psql", name)
			return cmdError
		}
	}
	if s.conn == nil {
		s.errorf("You are currently not connected to a database.")
		return cmdError
	}
	c.version, c.database = atoi(s.vars.values["SERVER_VERSION_NUM"]), s.conn.db
	ok := false
	switch {
	case base == "d" && c.pattern != nil:
		ok = s.describeTables(c)
	case base == "du" || base == "dg":
		ok = s.listRoles(c)
	case kinds != "":
		ok = s.list(relations(kinds), c)
	default:
		l, _ := listingOf(base)
		if mod := strings.Trim(strings.TrimPrefix(name, base), l.modifiers); mod != "" && base != "dp" {
			s.errorf("invalid command \\%s", name)
			return cmdError
		}
		ok = s.list(l, c)
	}
	if !ok {
		return cmdError
	}
	return cmdSkip
}

// list runs a listing and prints it.
func (s *shell) list(l listing, c listingCall) bool {
	if c.version < l.since {
		number, _, _ := strings.Cut(s.conn.params["server_version"], " ")
		if parts := strings.Split(number, "."); len(parts) > 2 {
			number = parts[0] + "." + parts[1]
		}
		s.errorf(l.unsupported, number)
		return l.unsupported[0] != '\\'
	}
	query, err := l.query(c)
	if err != nil {
		s.errorf("%v", err)
		return false
	}
	res, ok := s.internal(query, true)
	if !ok || res == nil {
		return false
	}
	none, title := l.none, l.title
	if c.pattern != nil {
		none = l.nonePattern
		if l.titlePattern != "" {
			title = l.titlePattern
		}
	}
	if len(res.table.rows) == 0 && none != "" && !s.quiet() {
		if c.pattern != nil {
			none = strings.ReplaceAll(none, "%s", *c.pattern)
		}
		s.errorf("%s", none)
		return true
	}
	if title == "" {
		title = "List of relations"
	}
	t := res.table
	t.title = title
	s.printListing(t)
	return true
}

// printListing prints a table of psql's own, where NULL is always empty.
func (s *shell) printListing(t table) {
	empty := ""
	t.null = &empty
	s.popt.print(s.out, t)
	if s.log != nil {
		s.logTable(t)
	}
}
