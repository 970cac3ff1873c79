// Package dialect turns Redshift's SQL into DuckDB's. It edits the text on a
// token tree, so that all bytes it does not know stay as they are and errors
// keep the user's positions. What DuckDB would accept with another meaning is
// corrected, or refused by name.
package dialect

import (
	"fmt"
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// A Kind tells how a statement is to be run.
type Kind uint8

// The kinds of statements.
const (
	Query       Kind = iota // gives rows: SELECT, WITH, VALUES, EXPLAIN
	Write                   // changes rows: INSERT, UPDATE, DELETE, TRUNCATE, MERGE
	Define                  // changes the catalog: CREATE, DROP, ALTER
	Begin                   // BEGIN, START TRANSACTION
	Commit                  // COMMIT, END
	Rollback                // ROLLBACK, ABORT
	Copy                    // COPY FROM
	Unload                  // UNLOAD
	Set                     // SET, RESET
	Show                    // SHOW
	Nothing                 // ANALYZE, VACUUM: there is nothing to do
	Grant                   // GRANT, REVOKE: there is nothing to do but to check
	Declare                 // DECLARE CURSOR
	Fetch                   // FETCH
	CloseCursor             // CLOSE
	Prepare                 // PREPARE
	Execute                 // EXECUTE
	Deallocate              // DEALLOCATE
	Lock                    // LOCK
	Access                  // CREATE, ALTER, DROP of users, groups and roles; ALTER DEFAULT PRIVILEGES
	Cancel                  // CANCEL
)

// A Statement is one statement of a text.
type Statement struct {
	Kind Kind
	Tag  string // command tag, without counts: "CREATE TABLE"

	Pos, End int // its bytes in the text

	text  string // as it was given
	src   string // the same with names in lower case, see [fold]
	nodes []sqltext.Node
	head  string // first word, lower case
}

// Text returns the statement's own bytes.
func (s *Statement) Text() string { return s.text[s.Pos:s.End] }

// Parse splits a text into its statements, whose names are in lower case from
// there on, as in Redshift. It returns a [*sqlstate.Error] with a position when
// the text cannot be read.
//
// Backslashes escape in strings, as in Redshift.
func Parse(text string) ([]*Statement, error) { return parse(text, true) }

// ParseVerbatim is [Parse] for a server that knows what names mean: they stay as
// they are.
func ParseVerbatim(text string) ([]*Statement, error) { return parse(text, false) }

func parse(text string, folds bool) ([]*Statement, error) {
	if i := strings.IndexByte(text, 0); i >= 0 {
		return nil, &sqlstate.Error{Code: sqlstate.SyntaxError, Message: "a statement cannot contain a zero byte", At: i + 1}
	}
	toks, err := sqltext.Lex(text, sqltext.Options{BackslashEscapes: true, HashNames: true})
	if err != nil {
		return nil, syntax(text, err)
	}
	src := text
	if folds {
		src = fold(text, toks)
	}
	var all []*Statement
	for part := range sqltext.Split(text, toks) {
		nodes, err := sqltext.Tree(src, part.Tokens)
		if err != nil {
			return nil, syntax(text, err)
		}
		if len(nodes) == 0 {
			continue
		}
		s := &Statement{text: text, src: src, nodes: nodes, Pos: part.Pos, End: nodes[len(nodes)-1].Last()}
		all = append(all, s)
	}
	return all, nil
}

// syntax turns an error of the lexer into PostgreSQL's.
func syntax(text string, err error) error {
	e, ok := err.(*sqltext.Error)
	if !ok {
		return err
	}
	if strings.HasPrefix(e.Msg, "unterminated") {
		return &sqlstate.Error{Code: sqlstate.SyntaxError, At: e.Pos + 1,
			Message: fmt.Sprintf("%s at or near %q", e.Msg, clip(text[e.Pos:]))}
	}
	if strings.HasPrefix(e.Msg, "closing") {
		return &sqlstate.Error{Code: sqlstate.SyntaxError, At: e.Pos + 1,
			Message: fmt.Sprintf("syntax error at or near \"%s\"", text[e.Pos:e.Pos+1])}
	}
	if strings.HasPrefix(e.Msg, "parenthesis") {
		return &sqlstate.Error{Code: sqlstate.SyntaxError, At: len(text) + 1, Message: "syntax error at end of input"}
	}
	return &sqlstate.Error{Code: sqlstate.SyntaxError, At: e.Pos + 1, Message: e.Msg}
}

func clip(s string) string {
	if len(s) > 64 {
		return strings.ToValidUTF8(s[:64], "")
	}
	return s
}

// unexpected is the error for a token that cannot stand where it does.
func (s *Statement) unexpected(i int, nodes []sqltext.Node) error {
	if i >= len(nodes) {
		return &sqlstate.Error{Code: sqlstate.SyntaxError, At: s.End + 1, Message: "syntax error at end of input"}
	}
	return s.near(nodes[i].Token)
}

func (s *Statement) near(tok sqltext.Token) error {
	return &sqlstate.Error{Code: sqlstate.SyntaxError, At: tok.Pos + 1,
		Message: fmt.Sprintf("syntax error at or near \"%s\"", tok.Text(s.text))}
}

// word returns node i of nodes in lower case when it is a word without
// quotes, else "".
func (s *Statement) word(nodes []sqltext.Node, i int) string {
	if i < 0 || i >= len(nodes) {
		return ""
	}
	return nodes[i].Word
}

// words reports whether the words want stand in nodes from i on.
func (s *Statement) words(nodes []sqltext.Node, i int, want ...string) bool {
	for k, w := range want {
		if s.word(nodes, i+k) != w {
			return false
		}
	}
	return true
}

// Ident returns the name that a token means: unquoted, lower case where it was
// not quoted.
func Ident(tok sqltext.Token, src string) string {
	text := tok.Text(src)
	if tok.Kind == sqltext.QuotedIdent {
		return strings.ReplaceAll(text[1:len(text)-1], `""`, `"`)
	}
	return strings.ToLower(text)
}

// Quote returns name as a quoted identifier.
func Quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// QuoteText returns text as a string constant.
func QuoteText(text string) string { return `'` + strings.ReplaceAll(text, `'`, `''`) + `'` }

// A Name is a table's name, with the schema where it was given.
type Name struct {
	Schema, Table string
}

// String returns the name quoted for SQL.
func (n Name) String() string {
	if n.Schema == "" {
		return Quote(n.Table)
	}
	return Quote(n.Schema) + "." + Quote(n.Table)
}

// name reads a table's name at node i and returns the index after it.
func (s *Statement) name(nodes []sqltext.Node, i int) (Name, int, error) {
	var parts []string
	for {
		if i >= len(nodes) || !nodes[i].Kind.IsName() || nodes[i].Kind == sqltext.UnicodeIdent {
			return Name{}, i, s.unexpected(i, nodes)
		}
		parts = append(parts, Ident(nodes[i].Token, s.src))
		i++
		if i >= len(nodes) || nodes[i].Kind != sqltext.Dot {
			break
		}
		i++
	}
	switch len(parts) {
	case 1:
		return Name{Table: parts[0]}, i, nil
	case 2:
		return Name{Schema: parts[0], Table: parts[1]}, i, nil
	}
	return Name{}, i, sqlstate.Unsupported(nodes[i-1].Pos, "a name of %d parts", len(parts))
}

// Strings returns the value of a string constant.
func (s *Statement) str(n sqltext.Node) (string, error) {
	v, ok := StringValue(n.Text(s.src), n.Kind)
	if !ok {
		return "", s.near(n.Token)
	}
	return v, nil
}

// StringValue returns the value of a string constant as Redshift reads it:
// with backslash escapes.
func StringValue(text string, kind sqltext.Kind) (string, bool) {
	switch kind {
	case sqltext.DollarString:
		tag := text[:strings.IndexByte(text[1:], '$')+2]
		return text[len(tag) : len(text)-len(tag)], true
	case sqltext.EscapeString:
		text = text[1:]
	case sqltext.String:
		if text[0] != '\'' {
			text = text[1:]
		}
	default:
		return "", false
	}
	var b strings.Builder
	body := text[1 : len(text)-1]
	for i := 0; i < len(body); i++ {
		c := body[i]
		switch {
		case c == '\'':
			i++ // doubled, or the end of a part that the next line continues
			if i < len(body) && body[i] == '\'' {
				b.WriteByte('\'')
				continue
			}
			if n := strings.IndexByte(body[i:], '\''); n >= 0 {
				i += n
			}
		case c == '\\' && i+1 < len(body):
			i++
			b.WriteByte(unescape(body[i]))
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), true
}

func unescape(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 't':
		return '\t'
	case 'r':
		return '\r'
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	}
	return c
}
