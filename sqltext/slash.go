package sqltext

import (
	"errors"
	"strings"
)

// ErrBackquote is returned for an argument in backquotes, which psql would run
// in a shell.
var ErrBackquote = errors.New("backquoted shell commands are refused")

// An ArgMode tells how an argument of a meta-command is read.
type ArgMode uint8

// The modes of arguments.
const (
	ArgNormal ArgMode = iota // quotes and variables as everywhere
	ArgName                  // an SQL name: folded to lower case unless quoted
	ArgFile                  // as ArgNormal, but |command is the rest of the line
	ArgLine                  // the rest of the line, as it stands
)

// An Arg is an argument of a meta-command.
type Arg struct {
	Text  string
	Quote byte // the last quote or ':' that took part in it, 0 for none
}

// Command reads the name of a meta-command after [AtBackslash]. It is empty
// for "\ ".
func (s *Scanner) Command() string {
	start := s.lex.pos
	for s.lex.pos < len(s.lex.src) && !isSpace(s.lex.src[s.lex.pos]) && s.lex.src[s.lex.pos] != '\\' {
		s.lex.pos++
	}
	return s.lex.src[start:s.lex.pos]
}

// EndCommand passes over the \\ that separates a meta-command from what
// follows it on the line.
func (s *Scanner) EndCommand() {
	if s.more() && strings.HasPrefix(s.lex.src[s.lex.pos:], `\\`) {
		s.lex.pos += 2
	}
}

// Arg reads the next argument of a meta-command and reports whether there is
// one. With trim, unquoted semicolons at its end are dropped. Its only error
// is [ErrBackquote].
func (s *Scanner) Arg(mode ArgMode, trim bool) (Arg, bool, error) {
	if mode == ArgLine {
		text, ok := s.line(trim)
		return Arg{Text: text}, ok, nil
	}
	for s.more() && isSpace(s.lex.src[s.lex.pos]) {
		s.lex.pos++
	}
	switch {
	case !s.more() || s.lex.src[s.lex.pos] == '\\':
		return Arg{}, false, nil
	case mode == ArgFile && s.lex.src[s.lex.pos] == '|':
		text, ok := s.line(false)
		return Arg{Text: text, Quote: '|'}, ok, nil
	}
	a := argument{s: s}
	err := a.read()
	if a.open {
		s.warn("unterminated quoted string")
		return Arg{}, false, err
	}
	text := a.text.String()
	if trim {
		for ; a.bare > 0 && strings.HasSuffix(text, ";"); a.bare-- {
			text = text[:len(text)-1]
		}
	}
	if mode == ArgName {
		text = foldName(text)
	}
	return Arg{Text: text, Quote: a.quote}, true, err
}

// line reads what is left of the line. It is not an argument when empty.
func (s *Scanner) line(trim bool) (string, bool) {
	var b strings.Builder
	for s.more() {
		b.WriteString(s.lex.src[s.lex.pos:])
		s.lex.pos = len(s.lex.src)
	}
	text := strings.TrimLeft(b.String(), " \t\n\r\f\v")
	if trim {
		text = strings.TrimRight(text, " \t\n\r\f\v;")
	}
	return text, text != ""
}

// An argument is one under construction.
type argument struct {
	s     *Scanner
	text  strings.Builder
	bare  int // unquoted bytes at its end
	quote byte
	open  bool // a quote has no end
}

func (a *argument) read() error {
	lex := &a.s.lex
	var err error
	for a.s.more() && !a.open {
		rest := lex.src[lex.pos:]
		c := rest[0]
		switch {
		case isSpace(c) || c == '\\':
			return err
		case c == '\'':
			a.mark(c)
			a.single(rest)
		case c == '"':
			a.mark(c)
			a.double(rest)
		case c == '`':
			a.mark(c)
			n := strings.IndexByte(rest[1:], '`')
			if n < 0 {
				a.unterminated()
				if a.s.Backquote == nil {
					err = ErrBackquote
				}
				return err
			}
			lex.pos += n + 2
			if berr := a.backquote(rest[1 : n+1]); berr != nil {
				err = berr
			}
		case c == ':':
			kind, end := variable(lex.src, lex.pos)
			if kind == Invalid {
				a.text.WriteByte(c)
				lex.pos++
				a.bare++
				continue
			}
			a.text.WriteString(a.s.substitute(kind, lex.src[lex.pos:end]))
			lex.pos = end
			a.mark(c)
		default:
			a.text.WriteByte(c)
			lex.pos++
			a.bare++
		}
	}
	return err
}

// backquote reads a `…` piece: its command, after variables are replaced,
// runs in the shell. There, :'name' is quoted for the shell.
func (a *argument) backquote(text string) error {
	if a.s.Backquote == nil {
		return ErrBackquote
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		kind, end := Invalid, i
		if text[i] == ':' {
			kind, end = variable(text, i)
		}
		value, ok := "", false
		if kind == Variable || kind == VariableText {
			value, ok = a.s.lookup(strings.Trim(text[i+1:end], "'"))
		}
		switch {
		case !ok:
			b.WriteByte(text[i])
			i++
			continue
		case kind == VariableText:
			value = "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
		}
		b.WriteString(value)
		i = end
	}
	out, err := a.s.Backquote(b.String())
	a.text.WriteString(out)
	return err
}

func (a *argument) mark(quote byte) {
	a.quote = quote
	a.bare = 0
}

// single reads a '…' piece, whose quotes go and whose backslashes escape.
func (a *argument) single(rest string) {
	for i := 1; i < len(rest); i++ {
		switch c := rest[i]; {
		case c == '\\' && i+1 < len(rest):
			i += slashEscape(&a.text, rest[i+1:])
		case c != '\'':
			a.text.WriteByte(c)
		case i+1 < len(rest) && rest[i+1] == '\'':
			a.text.WriteByte(c)
			i++
		default:
			a.s.lex.pos += i + 1
			return
		}
	}
	a.unterminated()
}

// double reads a "…" piece, which keeps its quotes.
func (a *argument) double(rest string) {
	n := strings.IndexByte(rest[1:], '"')
	if n < 0 {
		a.unterminated()
		return
	}
	a.text.WriteString(rest[:n+2])
	a.s.lex.pos += n + 2
}

func (a *argument) unterminated() {
	a.s.lex.pos = len(a.s.lex.src)
	a.open = true
}

// slashEscape is escape without \u, which psql's arguments do not know.
func slashEscape(b *strings.Builder, s string) int {
	if s[0]|0x20 == 'u' {
		b.WriteByte(s[0])
		return 1
	}
	return escape(b, s)
}

// foldName folds what is outside of double quotes to lower case and drops the
// quotes.
func foldName(s string) string {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' && quoted && i+1 < len(s) && s[i+1] == '"':
			b.WriteByte(c)
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && c >= 'A' && c <= 'Z':
			b.WriteByte(c + 'a' - 'A')
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
