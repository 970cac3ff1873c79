package load

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"salamander/warehouse/sqlstate"
)

// A Value is one field of a row as it was read.
type Value struct {
	Text []byte
	Null bool
}

// StreamOptions are how a COPY FROM STDIN is written.
//
// https://www.postgresql.org/docs/15/sql-copy.html
type StreamOptions struct {
	CSV           bool
	Delimiter     byte
	Null          string
	Quote, Escape byte // of CSV
	Header, Match bool // the first line is passed over; Match compares it with Columns
	Columns       []string
	ForceNotNull  []bool           // of each column; nil is none
	ForceNull     []bool           // of each column; nil is none
	Encoding      *charmap.Charmap // nil is UTF-8
}

// A Stream reads the rows of PostgreSQL's text and CSV formats. It holds one
// row at a time. It is not for concurrent use.
type Stream struct {
	o    StreamOptions
	r    *bufio.Reader
	line int64 // the number of the last line read
	crlf int8  // 1: lines end with CRLF, -1: with LF, 0: not known yet
	raw  []byte
	text []byte // what the values of a row are made of
	row  []Value
	done bool
}

// NewStream reads r.
func NewStream(r io.Reader, o StreamOptions) *Stream {
	return &Stream{o: o, r: bufio.NewReaderSize(r, 64<<10)}
}

// Line returns the number of the row's last line, from 1, and its bytes, nil
// where they are no text. They are good until the next row.
func (s *Stream) Line() (int64, []byte) { return s.line, s.raw }

// Next returns the next row, good until the one after it, at the end io.EOF.
// What is wrong with the text is a [*sqlstate.Error] with PostgreSQL's words.
func (s *Stream) Next() ([]Value, error) {
	for first := s.line == 0; ; first = false {
		if err := s.next(); err != nil {
			return nil, err
		}
		if err := s.fields(); err != nil {
			return nil, err
		}
		if !first || !s.o.Header {
			break
		}
		if err := s.header(); err != nil {
			return nil, err
		}
	}
	switch n := len(s.o.Columns); {
	case len(s.row) > n:
		return nil, sqlstate.Errorf(sqlstate.BadCopyFormat, "extra data after last expected column")
	case len(s.row) < n:
		return nil, sqlstate.Errorf(sqlstate.BadCopyFormat, "missing data for column \"%s\"", s.o.Columns[len(s.row)])
	}
	return s.row, nil
}

// header compares the first line with the names of the columns, where that is
// wanted.
func (s *Stream) header() error {
	if !s.o.Match {
		return nil
	}
	if len(s.row) != len(s.o.Columns) {
		return sqlstate.Errorf(sqlstate.BadCopyFormat, "wrong number of fields in header line: got %d, expected %d", len(s.row), len(s.o.Columns))
	}
	for i, want := range s.o.Columns {
		got := string(s.row[i].Text)
		switch {
		case s.row[i].Null:
			return sqlstate.Errorf(sqlstate.BadCopyFormat, "column name mismatch in header line field %d: got null value (\"%s\"), expected \"%s\"", i+1, s.o.Null, want)
		case got != want:
			return sqlstate.Errorf(sqlstate.BadCopyFormat, "column name mismatch in header line field %d: got \"%s\", expected \"%s\"", i+1, got, want)
		}
	}
	return nil
}

// next reads a line, which in CSV may hold ends of lines between quotes.
func (s *Stream) next() error {
	if s.done {
		return io.EOF
	}
	s.line++
	raw := s.raw[:0]
	s.raw = nil
	q := quoting{quote: s.o.Quote, escape: s.o.Escape}
	if q.escape == q.quote {
		q.escape = 0
	}
	for {
		part, err := s.r.ReadSlice('\n')
		raw = append(raw, part...)
		if len(raw) > maxLine {
			return sqlstate.Errorf("54000", "a line of more than 64 MB")
		}
		if s.o.CSV {
			q.scan(part)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && err != io.EOF {
			return err
		}
		if err == io.EOF {
			if s.done = true; len(raw) == 0 {
				return io.EOF
			}
			break
		}
		if !s.o.CSV && !escaped(raw[:len(raw)-1]) || s.o.CSV && !q.inside {
			break
		}
		if s.o.CSV && s.crlf != 0 { // PostgreSQL counts them when it knows what ends a line
			s.line++
		}
	}
	s.raw = raw
	if s.o.CSV && q.inside {
		return s.decode()
	}
	if err := s.cut(); err != nil {
		s.raw = nil
		return err
	}
	if string(s.raw) == `\.` {
		s.done = true
		_, err := io.Copy(io.Discard, s.r) // what follows it counts no more
		if err == nil {
			err = io.EOF
		}
		return err
	}
	return s.decode()
}

// quoting follows the quotes of CSV over pieces of text.
type quoting struct {
	quote, escape byte
	inside, after bool // between quotes; after an escape
}

func (q *quoting) scan(b []byte) {
	for _, c := range b {
		if q.inside && q.escape != 0 && c == q.escape {
			q.after = !q.after
		}
		if c == q.quote && !q.after {
			q.inside = !q.inside
		}
		if c != q.escape {
			q.after = false
		}
	}
}

// escaped reports whether a backslash takes the meaning from what follows b.
func escaped(b []byte) bool {
	n := len(b) - len(bytes.TrimRight(b, `\`))
	return n%2 == 1
}

// cut takes the end from a line. All lines must end as the first one does.
func (s *Stream) cut() error {
	ended := len(s.raw) > 0 && s.raw[len(s.raw)-1] == '\n'
	if ended {
		s.raw = s.raw[:len(s.raw)-1]
		cr := len(s.raw) > 0 && s.raw[len(s.raw)-1] == '\r'
		if s.crlf == 0 {
			if s.crlf = -1; cr {
				s.crlf = 1
			}
		}
		switch {
		case s.crlf == 1 && !cr:
			return s.mixed("newline", "n")
		case s.crlf == 1:
			s.raw = s.raw[:len(s.raw)-1]
		}
	}
	if bytes.IndexByte(s.raw, '\r') < 0 {
		return nil
	}
	if !s.o.CSV {
		for i, c := range s.raw {
			if c == '\r' && !escaped(s.raw[:i]) {
				return s.mixed("carriage return", "r")
			}
		}
		return nil
	}
	q := quoting{quote: s.o.Quote, escape: s.o.Escape}
	if q.escape == q.quote {
		q.escape = 0
	}
	for i, c := range s.raw {
		if c == '\r' && !q.inside {
			return s.mixed("carriage return", "r")
		}
		q.scan(s.raw[i : i+1])
	}
	return nil
}

func (s *Stream) mixed(what, letter string) error {
	e := sqlstate.Errorf(sqlstate.BadCopyFormat, "literal %s found in data", what)
	e.Hint = fmt.Sprintf(`Use "\%s" to represent %s.`, letter, what)
	if s.o.CSV {
		e.Message = fmt.Sprintf("unquoted %s found in data", what)
		e.Hint = fmt.Sprintf("Use quoted CSV field to represent %s.", what)
	}
	return e
}

// decode makes a line UTF-8.
func (s *Stream) decode() error {
	if s.o.Encoding != nil {
		b, err := s.o.Encoding.NewDecoder().Bytes(s.raw)
		if err == nil && bytes.ContainsRune(b, utf8.RuneError) {
			err = errors.New("")
		}
		if err != nil {
			s.raw = nil
			return sqlstate.Errorf("22P05", "a character of the encoding \"%s\" has no equivalent in encoding \"UTF8\"", s.o.Encoding)
		}
		s.raw = b
	}
	bad := bytes.IndexByte(s.raw, 0)
	if bad < 0 && utf8.Valid(s.raw) {
		return nil
	}
	if bad < 0 {
		bad = invalidUTF8(s.raw)
	}
	e := InvalidBytes(s.raw[bad:])
	s.raw = nil
	return e
}

// InvalidBytes is the error for bytes that are no UTF-8: the character that b
// begins with.
func InvalidBytes(b []byte) *sqlstate.Error {
	n := 1
	switch c := b[0]; {
	case c >= 0xf0 && c < 0xf8:
		n = 4
	case c >= 0xe0 && c < 0xf0:
		n = 3
	case c >= 0xc0 && c < 0xe0:
		n = 2
	}
	var hex []string
	for _, c := range b[:min(n, len(b))] {
		hex = append(hex, fmt.Sprintf("0x%02x", c))
	}
	return sqlstate.Errorf(sqlstate.CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\": %s", strings.Join(hex, " "))
}

// fields cuts the line into the values of the row.
func (s *Stream) fields() error {
	s.row, s.text = s.row[:0], s.text[:0]
	if cap(s.text) < len(s.raw) {
		s.text = make([]byte, 0, 2*len(s.raw)) // what is appended never moves
	}
	if s.o.CSV {
		return s.csv()
	}
	for i := 0; ; {
		end, plain := i, true
		for end < len(s.raw) && s.raw[end] != s.o.Delimiter {
			if s.raw[end] == '\\' {
				plain = false
				end++
			}
			end++
		}
		end = min(end, len(s.raw))
		v := Value{Text: s.raw[i:end]}
		switch {
		case string(v.Text) == s.o.Null:
			v = Value{Null: true}
		case !plain:
			start := len(s.text)
			s.text = appendUnescaped(s.text, v.Text)
			v.Text = s.text[start:]
			if bad := bytes.IndexByte(v.Text, 0); bad >= 0 || !utf8.Valid(v.Text) {
				if bad < 0 {
					bad = invalidUTF8(v.Text)
				}
				return InvalidBytes(v.Text[bad:])
			}
		}
		s.row = append(s.row, v)
		if end >= len(s.raw) {
			return nil
		}
		i = end + 1
	}
}

// appendUnescaped appends a field of the text format without its backslashes.
func appendUnescaped(out, b []byte) []byte {
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c != '\\' || i+1 >= len(b) {
			out = append(out, c)
			continue
		}
		i++
		switch c = b[i]; c {
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		case 'v':
			c = '\v'
		case '0', '1', '2', '3', '4', '5', '6', '7':
			v := int(c - '0')
			for k := 0; k < 2 && i+1 < len(b) && b[i+1] >= '0' && b[i+1] <= '7'; k++ {
				i++
				v = v<<3 + int(b[i]-'0')
			}
			c = byte(v)
		case 'x':
			v, k := 0, 0
			for ; k < 2 && i+1 < len(b) && hexDigit(b[i+1]) >= 0; k++ {
				i++
				v = v<<4 + hexDigit(b[i])
			}
			if k > 0 {
				c = byte(v)
			}
		}
		out = append(out, c)
	}
	return out
}

func hexDigit(c byte) int { return strings.IndexByte("0123456789abcdef", c|0x20) }

func (s *Stream) csv() error {
	for i := 0; ; {
		start, quoted, inside := len(s.text), false, false
		for ; i < len(s.raw); i++ {
			c := s.raw[i]
			switch {
			case !inside && c == s.o.Delimiter:
			case !inside && c == s.o.Quote:
				quoted, inside = true, true
				continue
			case inside && c == s.o.Escape && i+1 < len(s.raw) && (s.raw[i+1] == s.o.Escape || s.raw[i+1] == s.o.Quote):
				i++
				s.text = append(s.text, s.raw[i])
				continue
			case inside && c == s.o.Quote:
				inside = false
				continue
			default:
				s.text = append(s.text, c)
				continue
			}
			break
		}
		if inside {
			return sqlstate.Errorf(sqlstate.BadCopyFormat, "unterminated CSV quoted field")
		}
		v := Value{Text: s.text[start:]}
		if string(v.Text) == s.o.Null {
			k := len(s.row)
			v.Null = !quoted && !on(s.o.ForceNotNull, k) || quoted && on(s.o.ForceNull, k)
		}
		s.row = append(s.row, v)
		if i >= len(s.raw) {
			return nil
		}
		i++
	}
}

func on(list []bool, i int) bool { return i < len(list) && list[i] }

// noNull is what a [Loader] that Append fills takes for null: nothing, since
// no text has zero bytes.
const noNull = "\x00"

// Append takes a row whose fields are in the order of the loader's columns.
// The texts of values are read as PostgreSQL reads them, but for forms of
// dates: see [Options]. The loader is for nothing else. What is wrong with a
// value is an [*Error].
func (l *Loader) Append(row []Value) error {
	l.Options.Null = noNull
	for i := range l.Columns {
		c, v := &l.Columns[i], row[i]
		var err *Error
		switch {
		case v.Null:
			err = l.null(c)
		case c.Kind == Text:
			err = l.text(c, v.Text)
		case isBlank(v.Text):
			err = &Error{Code: 1207, Reason: "Invalid value"}
		default:
			err = l.field(c, v.Text)
		}
		if err != nil {
			err.Column, err.Type = c.Name, c.Type
			err.Raw = string(v.Text)
			return err
		}
	}
	l.rows++
	l.total++
	if l.rows == l.Size {
		return l.End()
	}
	return nil
}
