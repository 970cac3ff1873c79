package sqltext

import (
	"slices"
	"strings"
)

// A Stop tells why [Scanner.Scan] returned.
type Stop uint8

// The reasons to stop.
const (
	AtEnd       Stop = iota // the line is used up
	AtSemicolon             // a statement is complete, its semicolon included
	AtBackslash             // a meta-command follows; read its name with Command
)

// A Scanner reads a psql script line by line, as psql does: it gathers
// statements, expands variables in them, and stops at meta-commands, whose
// name and arguments it then reads. A variable's text is read as part of the
// script, so it can hold quotes, semicolons and meta-commands.
//
// The zero value has no variables.
type Scanner struct {
	// Lookup returns the value of a variable and whether it is set. A variable
	// that is not set stays in the text as written. It may be nil.
	Lookup func(name string) (string, bool)

	// Warn receives complaints about the text. It may be nil.
	Warn func(msg string)

	// Backquote runs the command of an argument in backquotes and returns what
	// the argument becomes. It may be nil: then [Scanner.Arg] refuses it.
	Backquote func(command string) (string, error)

	// BackslashEscapes is as in [Options].
	BackslashEscapes bool

	lex   lexer
	depth depth
	outer []input // inputs that wait for the current one to end
	name  string  // variable that the current input is the value of
}

type input struct {
	name, src string
	pos       int
}

// Line sets the text that Scan reads next. It is one line without its end.
func (s *Scanner) Line(text string) {
	s.outer, s.name = s.outer[:0], ""
	s.lex.src, s.lex.pos = text, 0
}

// Reset forgets open quotes, comments and parentheses, but not what is left of
// the line.
func (s *Scanner) Reset() {
	s.lex.mode, s.lex.tag, s.lex.depth = plain, "", 0
	s.depth = depth{}
}

// InQuote reports whether a string, a quoted name or a comment is open.
func (s *Scanner) InQuote() bool { return s.lex.mode != plain }

// Parens returns the number of open parentheses.
func (s *Scanner) Parens() int { return s.depth.parens }

// SetParens restores what Parens returned.
func (s *Scanner) SetParens(n int) { s.depth.parens = n }

// Scan appends the statement's text to buf up to where it stops. White space
// and -- comments before the statement's first byte are left out.
func (s *Scanner) Scan(buf []byte) ([]byte, Stop) {
	s.lex.opt = Options{BackslashEscapes: s.BackslashEscapes, Variables: true}
	for s.more() {
		if s.lex.mode == plain && s.lex.at(0) == '\\' {
			next := s.lex.at(1)
			if next != ';' && next != ':' {
				s.lex.pos++
				return buf, AtBackslash
			}
			buf = append(buf, next)
			s.lex.pos += 2
			if next == ';' {
				s.depth.words, s.depth.heads = 0, [4]byte{}
			}
			continue
		}
		tok := s.lex.next()
		text := tok.Text(s.lex.src)
		switch tok.Kind {
		case Space:
			if len(buf) == 0 {
				continue
			}
		case Comment:
			if len(buf) == 0 && strings.HasPrefix(text, "--") {
				continue
			}
		case Semicolon:
			buf = append(buf, ';')
			if s.depth.zero() {
				s.Reset()
				return buf, AtSemicolon
			}
			continue
		case Variable, VariableText, VariableName, VariableTest:
			buf = s.expand(buf, tok.Kind, text)
			continue
		}
		s.depth.see(s.lex.src, tok)
		buf = append(buf, text...)
	}
	return buf, AtEnd
}

// more reports whether there is text to read, going back to the outer inputs
// as the inner ones end.
func (s *Scanner) more() bool {
	for s.lex.pos >= len(s.lex.src) {
		n := len(s.outer)
		if n == 0 {
			return false
		}
		in := s.outer[n-1]
		s.outer = s.outer[:n-1]
		s.name, s.lex.src, s.lex.pos = in.name, in.src, in.pos
	}
	return true
}

// expand replaces the variable that text spells. A plain one becomes the
// input to read next.
func (s *Scanner) expand(buf []byte, kind Kind, text string) []byte {
	if kind != Variable {
		return append(buf, s.substitute(kind, text)...)
	}
	name := text[1:]
	value, ok := s.lookup(name)
	switch {
	case !ok:
		return append(buf, text...)
	case name == s.name || slices.ContainsFunc(s.outer, func(in input) bool { return in.name == name }):
		s.warn(`skipping recursive expansion of variable "` + name + `"`)
		return append(buf, text...)
	}
	s.outer = append(s.outer, input{s.name, s.lex.src, s.lex.pos})
	s.name, s.lex.src, s.lex.pos = name, value, 0
	return buf
}

// substitute returns what the variable that text spells stands for.
func (s *Scanner) substitute(kind Kind, text string) string {
	name := strings.Trim(text[1:], `'"{?}`)
	value, ok := s.lookup(name)
	switch {
	case kind == VariableTest && ok:
		return "TRUE"
	case kind == VariableTest:
		return "FALSE"
	case !ok:
		return text
	case kind == VariableText:
		return Quote(value)
	case kind == VariableName:
		return QuoteName(value)
	}
	return value
}

func (s *Scanner) lookup(name string) (string, bool) {
	if s.Lookup == nil {
		return "", false
	}
	return s.Lookup(name)
}

func (s *Scanner) warn(msg string) {
	if s.Warn != nil {
		s.Warn(msg)
	}
}
