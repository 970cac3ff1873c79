package psql

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"salamander/sqltext"
)

// A copyCommand is what \copy asks for.
type copyCommand struct {
	before, after string // of the COPY statement, around FROM STDIN or TO STDOUT
	from          bool
	file          string // empty for standard streams
	program       bool
	inout         bool // pstdin, pstdout: the streams of psql rather than of the script
}

// sql is the statement that the server gets.
func (c copyCommand) sql() string {
	if c.from {
		return "COPY " + c.before + " FROM STDIN " + c.after
	}
	return "COPY " + c.before + " TO STDOUT " + c.after
}

// A copySyntaxError is where \copy is not understood; "" is the line's end.
type copySyntaxError string

func (e copySyntaxError) Error() string {
	if e == "" {
		return `\copy: parse error at end of line`
	}
	return `\copy: parse error at "` + string(e) + `"`
}

// parseCopy reads the arguments of \copy.
//
// https://www.postgresql.org/docs/15/app-psql.html#APP-PSQL-META-COMMANDS-COPY
func parseCopy(line string) (c copyCommand, err error) {
	if line == "" {
		return c, errors.New(`\copy: arguments required`)
	}
	p := copyParser{rest: line}
	c.before = p.source()
	switch {
	case p.failed:
	case strings.EqualFold(p.tok, "from"):
		c.from = true
	case strings.EqualFold(p.tok, "to"):
	default:
		p.failed = true
	}
	p.next(";", "'")
	if strings.EqualFold(p.tok, "program") && !p.failed {
		p.next(";", "'")
		c.program = true
		p.failed = p.failed || len(p.tok) < 3 || p.tok[0] != '\'' || p.tok[len(p.tok)-1] != '\''
	}
	switch word := strings.ToLower(p.tok); {
	case p.failed:
		return c, copySyntaxError(p.tok)
	case c.program:
		c.file = unquoteCopy(p.tok)
	case word == "stdin", word == "stdout":
	case word == "pstdin", word == "pstdout":
		c.inout = true
	default:
		c.file = unquoteCopy(p.tok)
	}
	c.after = strings.TrimLeft(p.rest, " \t\n\r")
	return c, nil
}

func unquoteCopy(s string) string {
	if len(s) < 2 || s[0] != '\'' {
		return s
	}
	return strings.ReplaceAll(strings.TrimSuffix(s[1:], "'"), "''", "'")
}

// A copyParser splits the arguments of \copy into words.
type copyParser struct {
	rest   string
	tok    string // empty at the end of the line
	failed bool
}

// next reads a token: one of delims, a quoted text, or what stands up to a
// blank, a delimiter or a quote. At the end of the line it fails.
func (p *copyParser) next(delims, quotes string) {
	if p.failed {
		return
	}
	p.rest = strings.TrimLeft(p.rest, " \t\n\r")
	n := 0
	switch {
	case p.rest == "":
		p.tok, p.failed = "", true
		return
	case strings.IndexByte(delims, p.rest[0]) >= 0:
		n = 1
	case strings.IndexByte(quotes, p.rest[0]) >= 0:
		n = quotedLen(p.rest)
	default:
		if n = strings.IndexAny(p.rest, " \t\n\r"+delims+quotes); n < 0 {
			n = len(p.rest)
		}
	}
	p.tok, p.rest = p.rest[:n], p.rest[n:]
}

// quotedLen is the length of the quoted text that s begins with.
func quotedLen(s string) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] != s[0]:
		case i+1 < len(s) && s[i+1] == s[0]:
			i++
		default:
			return i + 1
		}
	}
	return len(s)
}

// source reads what is copied: a query in parentheses, or a table with
// columns. It leaves the token after it in p.tok.
func (p *copyParser) source() string {
	var b strings.Builder
	p.next(".,()", `"`)
	if strings.EqualFold(p.tok, "binary") && !p.failed {
		b.WriteString(p.tok)
		p.next(".,()", `"`)
	}
	b.WriteString(" " + p.tok)
	if p.tok == "(" {
		for depth := 1; depth > 0 && !p.failed; {
			p.next("()", `"'`)
			switch p.tok {
			case "(":
				depth++
			case ")":
				depth--
			}
			b.WriteString(" " + p.tok)
		}
		p.next(".,()", `"`)
		return b.String()
	}
	p.next(".,()", `"`)
	if p.tok == "." && !p.failed {
		b.WriteString(p.tok)
		p.next(".,()", `"`)
		b.WriteString(p.tok)
		p.next(".,()", `"`)
	}
	if p.tok == "(" && !p.failed {
		for p.tok != ")" && !p.failed {
			b.WriteString(" " + p.tok)
			p.next("()", `"`)
		}
		b.WriteString(" " + p.tok)
		p.next(".,()", `"`)
	}
	return b.String()
}

func (sc *script) cmdCopy(string) cmdStatus {
	s := sc.sh
	line, _, _ := sc.scan.Arg(sqltext.ArgLine, false)
	c, err := parseCopy(line.Text)
	if err != nil {
		s.errorf("%v", err)
		return cmdError
	}
	if !s.copy(c) {
		return cmdError
	}
	return cmdSkip
}

// copy runs a \copy. It reports whether all went well.
func (s *shell) copy(c copyCommand) bool {
	src, dst, done, err := s.copyStreams(c)
	if err != nil {
		s.errorf("%v", err)
		return false
	}
	s.copySrc, s.copyDst = src, dst
	ok := s.send(c.sql())
	s.copySrc, s.copyDst = nil, nil
	if err := done(); err != nil {
		s.errorf("%v", err)
		return false
	}
	return ok
}

// copyStreams opens what a \copy reads or writes. The script itself and the
// output of queries are nil.
func (s *shell) copyStreams(c copyCommand) (src io.Reader, dst *bufio.Writer, done func() error, err error) {
	done = func() error { return nil }
	switch {
	case c.program:
		return s.copyProgram(c)
	case c.from && c.inout:
		return &copyReader{s: s, src: s.stdin}, nil, done, nil
	case c.inout:
		return nil, s.stdout, done, nil
	case c.file == "":
		return nil, nil, done, nil
	}
	name := filepath.Clean(s.home(c.file))
	var f *os.File
	if info, serr := os.Stat(s.path(name)); serr == nil && info.IsDir() {
		return nil, nil, nil, errors.New(name + ": cannot copy from/to a directory")
	}
	if c.from {
		f, err = os.Open(s.path(name))
	} else {
		f, err = os.Create(s.path(name))
	}
	if err != nil {
		return nil, nil, nil, errors.New(name + ": " + sysText(err))
	}
	if c.from {
		return &copyReader{s: s, src: bufio.NewReaderSize(f, 64<<10)}, nil, f.Close, nil
	}
	dst = bufio.NewWriterSize(f, 64<<10)
	return nil, dst, func() error {
		err := dst.Flush()
		if cerr := f.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return errors.New(name + ": " + sysText(err))
		}
		return nil
	}, nil
}

func (s *shell) copyProgram(c copyCommand) (src io.Reader, dst *bufio.Writer, done func() error, err error) {
	if !s.allowShell {
		return nil, nil, nil, errors.New(`\copy: ` + shellRefused)
	}
	if c.from {
		r, done, err := s.readProgram(c.file)
		if err != nil {
			return nil, nil, nil, err
		}
		return &copyReader{s: s, src: bufio.NewReaderSize(r, 64<<10)}, nil, done, nil
	}
	w, done, err := s.writeProgram(c.file)
	return nil, w, done, err
}

// A copyReader reads the data of COPY FROM STDIN, up to "\." or the end.
type copyReader struct {
	s      *shell
	src    *bufio.Reader
	script bool // src is the script itself, whose lines are counted
	binary bool // the data is not made of lines
	rest   []byte
	inLine bool // the line before had no end yet
	done   bool
}

func (c *copyReader) Read(p []byte) (int, error) {
	if c.binary {
		return c.src.Read(p)
	}
	if len(c.rest) == 0 && !c.done {
		line, err := c.src.ReadSlice('\n')
		whole := err == nil
		if whole && c.script {
			c.s.line++
		}
		switch {
		case !c.inLine && whole && strings.TrimRight(string(line[:min(len(line), 4)]), "\r\n") == `\.` && len(line) <= 4:
			c.done = true
		case err == io.EOF:
			if !c.inLine && string(line) == `\.` {
				line = nil
			}
			c.rest, c.done = line, true
			if c.script && len(line) > 0 {
				c.s.line++
			}
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return 0, err
		default:
			c.rest = line
		}
		c.inLine = !whole
	}
	if len(c.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}
