package sqltext

import (
	"iter"
	"strings"
)

// A Statement is one statement of a text that holds several.
type Statement struct {
	Pos, End   int     // the bytes of the text: no trivia around it, the semicolon not included
	Tokens     []Token // the tokens of these bytes; their offsets are in the whole text
	Terminated bool    // a semicolon follows
}

// Text returns the statement's bytes in src, the text it was split from.
func (s Statement) Text(src string) string { return src[s.Pos:s.End] }

// Split yields the statements of src, the text that toks were read from. A
// semicolon ends a statement unless it is within parentheses or in the
// BEGIN … END body of a CREATE FUNCTION or PROCEDURE, as psql has it.
// A statement begins at its first token that is not trivia; one without such
// a token is left out.
func Split(src string, toks []Token) iter.Seq[Statement] {
	return func(yield func(Statement) bool) {
		var d depth
		first := -1 // index of the statement's first token
		for i, tok := range toks {
			switch {
			case tok.Kind == Semicolon && d.zero():
				if first >= 0 && !yield(statement(toks[first:i], true)) {
					return
				}
				first = -1
				d = depth{}
				continue
			case first < 0 && tok.Kind.IsTrivia():
				continue
			case first < 0:
				first = i
			}
			d.see(src, tok)
		}
		if first >= 0 {
			yield(statement(toks[first:], false))
		}
	}
}

func statement(toks []Token, terminated bool) Statement {
	for toks[len(toks)-1].Kind.IsTrivia() {
		toks = toks[:len(toks)-1]
	}
	return Statement{Pos: toks[0].Pos, End: toks[len(toks)-1].End, Tokens: toks, Terminated: terminated}
}

// depth tells whether a semicolon ends a statement.
type depth struct {
	parens int
	begins int     // BEGIN and CASE that wait for their END in a function's body
	words  int     // identifiers seen
	heads  [4]byte // initials of CREATE [OR REPLACE] FUNCTION|PROCEDURE, where they stand first
}

func (d *depth) zero() bool { return d.parens == 0 && d.begins == 0 }

func (d *depth) see(src string, tok Token) {
	switch tok.Kind {
	case OpenParen:
		d.parens++
	case CloseParen:
		d.parens = max(0, d.parens-1)
	case Ident:
		d.word(tok.Text(src))
	}
}

func (d *depth) word(word string) {
	if d.words < len(d.heads) {
		for _, head := range [...]string{"create", "or", "replace", "function", "procedure"} {
			if strings.EqualFold(word, head) {
				d.heads[d.words] = head[0]
			}
		}
	}
	d.words++
	if d.parens > 0 || !d.isRoutine() {
		return
	}
	switch {
	case strings.EqualFold(word, "begin"):
		d.begins++
	case strings.EqualFold(word, "case") && d.begins > 0:
		d.begins++
	case strings.EqualFold(word, "end") && d.begins > 0:
		d.begins--
	}
}

func (d *depth) isRoutine() bool {
	body := func(c byte) bool { return c == 'f' || c == 'p' }
	h := d.heads
	return h[0] == 'c' && (body(h[1]) || h[1] == 'o' && h[2] == 'r' && body(h[3]))
}
