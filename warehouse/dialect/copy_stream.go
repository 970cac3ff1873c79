package dialect

import (
	"fmt"
	"slices"
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// A CopyStream is a COPY between a table, or a query, and the client.
// PostgreSQL and psql's \copy have it; Redshift itself does not.
//
// https://www.postgresql.org/docs/15/sql-copy.html
type CopyStream struct {
	Table   Name
	Columns []string   // nil is all
	Query   *Statement // of COPY (query) TO; nil where a table is named
	In      bool       // FROM STDIN

	CSV, Binary  bool
	Delimiter    byte
	Null         string
	Header       bool
	HeaderMatch  bool // the header's names are those of the columns
	Quote        byte
	Escape       byte
	ForceQuote   []string // columns; "*" is all
	ForceNotNull []string
	ForceNull    []string
	Encoding     string // "UTF8", "LATIN1" or "WIN1252"
}

// copyWord returns the index of FROM or TO in a COPY, or -1.
func (s *Statement) copyWord() int {
	i := 1
	if s.word(s.nodes, i) == "binary" && i+1 < len(s.nodes) && s.nodes[i+1].Kind.IsName() && !s.word2(s.nodes, i+1, "from", "to") {
		i++
	}
	if i < len(s.nodes) && s.nodes[i].Kind == sqltext.OpenParen {
		i++
	} else {
		_, next, err := s.name(s.nodes, i)
		if err != nil {
			return -1
		}
		if i = next; i < len(s.nodes) && s.nodes[i].Kind == sqltext.OpenParen {
			i++
		}
	}
	if !s.word2(s.nodes, i, "from", "to") {
		return -1
	}
	return i
}

// Streams reports whether a COPY exchanges its rows with the client: FROM STDIN
// or TO.
func (s *Statement) Streams() bool {
	i := s.copyWord()
	return i > 0 && (s.word(s.nodes, i) == "to" || s.word2(s.nodes, i+1, "stdin", "stdout", "program"))
}

// A copyReader reads the options of a COPY.
type copyReader struct {
	*Statement
	c    *CopyStream
	seen map[string]bool

	delimiter, null, quote, escape *string // as they were given
	at                             int     // of the option that is read
}

// Stream reads a COPY for which Streams is true. Its errors are PostgreSQL's.
func (s *Statement) Stream() (*CopyStream, error) {
	n, i := s.nodes, 1
	r := &copyReader{Statement: s, c: &CopyStream{Encoding: "UTF8"}, seen: map[string]bool{}}
	if s.word(n, 1) == "binary" && s.copyWord() > 2 && n[2].Kind.IsName() {
		r.c.Binary = true
		r.seen["format"] = true
		i++
	}
	if n[i].Kind == sqltext.OpenParen {
		if r.c.Binary {
			return nil, s.near(n[i].Token)
		}
		inner, err := s.group(n[i])
		if err != nil {
			return nil, err
		}
		if inner.Kind != Query || inner.head == "explain" {
			return nil, sqlstate.Unsupported(inner.Pos, "COPY of a statement that is no query")
		}
		r.c.Query = inner
		i++
	} else {
		var err error
		if r.c.Table, i, err = s.name(n, i); err != nil {
			return nil, err
		}
		if n[i].Kind == sqltext.OpenParen {
			if r.c.Columns, err = s.nameList(n[i]); err != nil {
				return nil, err
			}
			i++
		}
	}
	r.c.In = s.word(n, i) == "from"
	if r.c.In && r.c.Query != nil {
		return nil, s.near(n[i].Token)
	}
	i++
	switch w := s.word(n, i); {
	case w == "program":
		return nil, sqlstate.Unsupported(n[i].Pos, "COPY with PROGRAM")
	case w != "stdin" && w != "stdout":
		if i < len(n) && n[i].Kind.IsString() {
			return nil, sqlstate.Unsupported(n[i].Pos, "COPY TO a file")
		}
		return nil, s.unexpected(i, n)
	}
	i++
	if err := r.options(i); err != nil {
		return nil, err
	}
	return r.c, r.check()
}

// group returns the statement that a group encloses, classified.
func (s *Statement) group(g sqltext.Node) (*Statement, error) {
	if len(g.Children) == 0 {
		return nil, s.near(g.Close)
	}
	inner := &Statement{text: s.text, src: s.src, nodes: g.Children, Pos: g.Children[0].Pos, End: g.Children[len(g.Children)-1].Last()}
	return inner, inner.Classify()
}

// nameList reads the names between the commas of a group.
func (s *Statement) nameList(g sqltext.Node) ([]string, error) {
	var names []string
	for _, part := range splitCommas(g.Children) {
		if len(part) != 1 || !part[0].Kind.IsName() {
			return nil, s.near(g.Token)
		}
		names = append(names, Ident(part[0].Token, s.src))
	}
	return names, nil
}

// options reads what follows STDIN or STDOUT.
func (r *copyReader) options(i int) error {
	n := r.nodes
	for r.word2(n, i, "using") && r.word2(n, i+1, "delimiters") {
		var err error
		if i, err = r.option("delimiter", i+2); err != nil {
			return err
		}
	}
	if r.word(n, i) == "with" {
		i++
	}
	if i < len(n) && n[i].Kind == sqltext.OpenParen {
		for _, part := range splitCommas(n[i].Children) {
			if err := r.listed(part, n[i].Token); err != nil {
				return err
			}
		}
		i++
	}
	for i < len(n) {
		w := r.word(n, i)
		r.at = n[i].Pos
		var err error
		switch {
		case w == "binary" || w == "csv":
			err = r.set("format", w, true)
			i++
		case w == "header":
			err = r.set("header", "true", true)
			i++
		case w == "freeze":
			return sqlstate.Unsupported(r.at, "COPY with FREEZE")
		case w == "delimiter" || w == "delimiters" || w == "null" || w == "quote" || w == "escape" || w == "encoding":
			i, err = r.option(strings.TrimSuffix(w, "s"), i+1)
		case w == "force" && r.word(n, i+1) == "quote":
			i, err = r.columns("force_quote", i+2)
		case w == "force" && r.word(n, i+1) == "not" && r.word(n, i+2) == "null":
			i, err = r.columns("force_not_null", i+3)
		case w == "force" && r.word(n, i+1) == "null":
			i, err = r.columns("force_null", i+2)
		case w == "where":
			return sqlstate.Unsupported(r.at, "COPY … WHERE")
		default:
			return r.unexpected(i, n)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// option reads an option's text at node i, after AS.
func (r *copyReader) option(name string, i int) (int, error) {
	n := r.nodes
	if r.word(n, i) == "as" {
		i++
	}
	if i >= len(n) {
		return i, r.unexpected(i, n)
	}
	r.at = n[i].Pos
	text, err := r.verbatim(n[i])
	if err != nil {
		return i, err
	}
	return i + 1, r.set(name, text, true)
}

// verbatim returns the value of a string constant in which a backslash is
// itself, as it is in PostgreSQL.
func (r *copyReader) verbatim(n sqltext.Node) (string, error) {
	text := n.Text(r.src)
	if n.Kind == sqltext.String && text[0] == '\'' {
		return strings.ReplaceAll(text[1:len(text)-1], "''", "'"), nil
	}
	return r.str(n)
}

// columns reads the names of an old option at node i.
func (r *copyReader) columns(name string, i int) (int, error) {
	n := r.nodes
	if i < len(n) && n[i].IsOp(r.src, "*") {
		return i + 1, r.setColumns(name, []string{"*"})
	}
	var names []string
	for {
		if i >= len(n) || !n[i].Kind.IsName() {
			return i, r.unexpected(i, n)
		}
		names = append(names, Ident(n[i].Token, r.src))
		if i++; i >= len(n) || n[i].Kind != sqltext.Comma {
			return i, r.setColumns(name, names)
		}
		i++
	}
}

// listed reads an option between parentheses.
func (r *copyReader) listed(part []sqltext.Node, at sqltext.Token) error {
	if len(part) == 0 || !part[0].Kind.IsName() {
		return r.near(at)
	}
	name := Ident(part[0].Token, r.src)
	r.at = part[0].Pos
	switch {
	case strings.HasPrefix(name, "force_"):
		if len(part) == 2 && part[1].IsOp(r.src, "*") {
			return r.setColumns(name, []string{"*"})
		}
		if len(part) != 2 || part[1].Kind != sqltext.OpenParen {
			return &sqlstate.Error{Code: sqlstate.InvalidParameterValue, At: r.at + 1, Message: fmt.Sprintf("argument to option \"%s\" must be a list of column names", name)}
		}
		names, err := r.nameList(part[1])
		if err != nil {
			return err
		}
		return r.setColumns(name, names)
	case len(part) == 1:
		return r.set(name, "true", false)
	case len(part) > 2:
		return r.near(part[2].Token)
	case part[1].Kind.IsString():
		text, err := r.verbatim(part[1])
		if err != nil {
			return err
		}
		return r.set(name, text, true)
	}
	return r.set(name, strings.ToLower(part[1].Text(r.src)), true)
}

func (r *copyReader) once(name string) error {
	if r.seen[name] {
		return &sqlstate.Error{Code: sqlstate.SyntaxError, Message: "conflicting or redundant options", At: r.at + 1}
	}
	r.seen[name] = true
	return nil
}

func (r *copyReader) setColumns(name string, names []string) error {
	if err := r.once(name); err != nil {
		return err
	}
	switch name {
	case "force_quote":
		r.c.ForceQuote = names
	case "force_not_null":
		r.c.ForceNotNull = names
	case "force_null":
		r.c.ForceNull = names
	default:
		return r.unknown(name)
	}
	return nil
}

func (r *copyReader) unknown(name string) error {
	return &sqlstate.Error{Code: sqlstate.SyntaxError, Message: fmt.Sprintf("option \"%s\" not recognized", name), At: r.at + 1}
}

// set takes an option. given tells that a value stands there.
func (r *copyReader) set(name, value string, given bool) error {
	if err := r.once(name); err != nil {
		return err
	}
	switch name {
	case "format":
		switch value {
		case "text":
		case "csv":
			r.c.CSV = true
		case "binary":
			r.c.Binary = true
		default:
			return &sqlstate.Error{Code: sqlstate.InvalidParameterValue, Message: fmt.Sprintf("COPY format \"%s\" not recognized", value), At: r.at + 1}
		}
	case "freeze":
		return sqlstate.Unsupported(r.at, "COPY with FREEZE")
	case "header":
		switch strings.ToLower(value) {
		case "true", "on", "1":
			r.c.Header = true
		case "match":
			r.c.Header, r.c.HeaderMatch = true, true
		case "false", "off", "0":
		default:
			return &sqlstate.Error{Code: sqlstate.SyntaxError, Message: "header requires a Boolean value or \"match\"", At: r.at + 1}
		}
	case "delimiter", "null", "quote", "escape", "encoding":
		if !given {
			return &sqlstate.Error{Code: sqlstate.SyntaxError, Message: fmt.Sprintf("%s requires a parameter", name), At: r.at + 1}
		}
		switch name {
		case "delimiter":
			r.delimiter = &value
		case "null":
			r.null = &value
		case "quote":
			r.quote = &value
		case "escape":
			r.escape = &value
		default:
			return r.encoding(value)
		}
	default:
		return r.unknown(name)
	}
	return nil
}

func (r *copyReader) encoding(value string) error {
	switch strings.ToLower(strings.NewReplacer("-", "", "_", "", " ", "").Replace(value)) {
	case "utf8", "unicode":
	case "latin1", "iso88591":
		r.c.Encoding = "LATIN1"
	case "win1252", "windows1252":
		r.c.Encoding = "WIN1252"
	default:
		return sqlstate.Unsupported(r.at, "COPY with ENCODING '%s'", value)
	}
	return nil
}

// check completes the options and refuses those that do not go together, as
// PostgreSQL's ProcessCopyOptions does.
func (r *copyReader) check() error {
	c := r.c
	bad := func(code, format string, args ...any) error { return sqlstate.Errorf(code, format, args...) }
	if c.Binary {
		switch {
		case r.delimiter != nil:
			return bad(sqlstate.SyntaxError, "cannot specify DELIMITER in BINARY mode")
		case r.null != nil:
			return bad(sqlstate.SyntaxError, "cannot specify NULL in BINARY mode")
		case c.Header:
			return bad(sqlstate.FeatureNotSupported, "cannot specify HEADER in BINARY mode")
		}
	}
	one := func(given *string, def byte, message string, args ...any) (byte, error) {
		switch {
		case given == nil:
			return def, nil
		case *given == `\t`: // what PostgreSQL refuses as two characters
			return '\t', nil
		case *given == `\\`: // how Redshift's texts have a backslash
			return '\\', nil
		case len(*given) != 1:
			return 0, bad(sqlstate.FeatureNotSupported, message, args...)
		}
		return (*given)[0], nil
	}
	c.Delimiter, c.Null = '\t', `\N`
	if c.CSV {
		c.Delimiter, c.Null = ',', ""
	}
	var err error
	if c.Delimiter, err = one(r.delimiter, c.Delimiter, "COPY delimiter must be a single one-byte character"); err != nil {
		return err
	}
	if c.Delimiter == '\n' || c.Delimiter == '\r' {
		return bad(sqlstate.InvalidParameterValue, "COPY delimiter cannot be newline or carriage return")
	}
	if r.null != nil {
		c.Null = *r.null
	}
	if strings.ContainsAny(c.Null, "\r\n") {
		return bad(sqlstate.InvalidParameterValue, "COPY null representation cannot use newline or carriage return")
	}
	if !c.CSV && strings.IndexByte("\\.abcdefghijklmnopqrstuvwxyz0123456789", c.Delimiter) >= 0 {
		return bad(sqlstate.InvalidParameterValue, "COPY delimiter cannot be \"%c\"", c.Delimiter)
	}
	if !c.CSV {
		for _, o := range []struct {
			given bool
			name  string
		}{{r.quote != nil, "quote"}, {r.escape != nil, "escape"}, {c.ForceQuote != nil, "force quote"}, {c.ForceNotNull != nil, "force not null"}, {c.ForceNull != nil, "force null"}} {
			if o.given {
				return bad(sqlstate.FeatureNotSupported, "COPY %s available only in CSV mode", o.name)
			}
		}
		if !c.Binary && strings.IndexByte(c.Null, c.Delimiter) >= 0 {
			return bad(sqlstate.FeatureNotSupported, "COPY delimiter must not appear in the NULL specification")
		}
		return nil
	}
	if c.Quote, err = one(r.quote, '"', "COPY quote must be a single one-byte character"); err != nil {
		return err
	}
	if c.Delimiter == c.Quote {
		return bad(sqlstate.InvalidParameterValue, "COPY delimiter and quote must be different")
	}
	if c.Escape, err = one(r.escape, c.Quote, "COPY escape must be a single one-byte character"); err != nil {
		return err
	}
	switch {
	case c.ForceQuote != nil && c.In:
		return bad(sqlstate.FeatureNotSupported, "COPY force quote only available using COPY TO")
	case c.ForceNotNull != nil && !c.In:
		return bad(sqlstate.FeatureNotSupported, "COPY force not null only available using COPY FROM")
	case c.ForceNull != nil && !c.In:
		return bad(sqlstate.FeatureNotSupported, "COPY force null only available using COPY FROM")
	case strings.IndexByte(c.Null, c.Delimiter) >= 0:
		return bad(sqlstate.FeatureNotSupported, "COPY delimiter must not appear in the NULL specification")
	case strings.IndexByte(c.Null, c.Quote) >= 0:
		return bad(sqlstate.FeatureNotSupported, "CSV quote character must not appear in the NULL specification")
	}
	return nil
}

// Forced reports whether a column is in a list of the FORCE options.
func Forced(list []string, column string) bool {
	return slices.Contains(list, column) || len(list) == 1 && list[0] == "*"
}

// Select returns the query that reads what a COPY TO names.
func (c *CopyStream) Select() (*Statement, error) {
	if c.Query != nil {
		return c.Query, nil
	}
	names := []string{"*"}
	if c.Columns != nil {
		names = nil
		for _, name := range c.Columns {
			names = append(names, Quote(name))
		}
	}
	all, err := Parse("SELECT " + strings.Join(names, ", ") + " FROM " + c.Table.String())
	if err != nil {
		return nil, err
	}
	return all[0], all[0].Classify()
}
