// Package load reads delimited text as Redshift's COPY does, straight into the
// columns of a batch.
//
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-conversion.html
package load

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"salamander/internal/value"
)

// A Kind is how a column's values are kept.
type Kind uint8

// The kinds of columns.
const (
	Skip Kind = iota // not kept: no field of the file belongs to it
	Int16
	Int32
	Int64
	Float64
	Bool
	Date      // Int32 days since 1970
	Timestamp // Int64 microseconds since 1970
	Decimal16
	Decimal32
	Decimal64
	Decimal128
	Text
	Float32
	Time        // Int64 microseconds since midnight
	TimestampTZ // Int64 microseconds since 1970, UTC
)

// A Column is where the values of one field go, BatchSize rows of them. Of
// the slices only the one of its kind is set.
type Column struct {
	Name      string
	Type      string // as the user declared it: "integer", "numeric(7,2)"
	Kind      Kind
	Precision int // of decimals
	Scale     int
	Length    int  // of texts, in bytes; 0 is any
	Blank     bool // CHAR: blanks at the end do not count
	Super     bool // SUPER: texts are JSON
	NotNull   bool

	I16  []int16
	I32  []int32
	I64  []int64
	F32  []float32
	F64  []float64
	I128 [][2]uint64 // low, high
	Bool []bool
	Null func(row int)
	Text func(row int, value []byte)

	// Valid takes Null back: the row was rejected, and another one takes its
	// place. It is needed where the loader has Reject.
	Valid func(row int)
}

// Options are how a file is to be read.
type Options struct {
	Delimiter    byte
	IgnoreHeader int
	Null         string
	EmptyAsNull  bool
	BlanksAsNull bool
	Truncate     bool // cut texts that are too long
	TrimBlanks   bool // drop blanks at the end of texts

	CSV              bool
	Quote            byte  // of CSV; 0 is "
	Escape           bool  // a backslash takes the next character as it is
	RemoveQuotes     bool  // drop quotes around fields
	Widths           []int // of fixed fields, in characters; nil where fields have delimiters
	JSON             *JSON // records are JSON; nil where they are not
	FillRecord       bool  // fields may be missing at the end
	IgnoreBlankLines bool
	InvalidChars     byte   // stands for each byte that is no UTF-8; 0 refuses them
	RoundDecimals    bool   // round digits beyond the scale, else they are cut
	DateFormat       string // "" is YYYY-MM-DD; "auto", or a format of TO_DATE
	TimeFormat       string // "" is YYYY-MM-DD HH:MI:SS; "auto", "epochsecs", "epochmillisecs" or a format
	SerializeJSON    bool   // SERIALIZETOJSON: Parquet's values become SUPER
	AnyDate          bool   // ACCEPTANYDATE: what is no date is null
}

// An Error is a line that cannot be loaded.
type Error struct {
	File     string
	Line     int64
	Column   string // "" where the line as a whole is wrong
	Type     string
	Raw      string // the field's text, or the line's
	Code     int    // of stl_load_errors; 0 where Redshift has no such error
	Reason   string
	Position int // byte offset of the field in the line
	RawLine  []byte
}

// Error returns the reason, and where.
func (e *Error) Error() string {
	if e.Column == "" {
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason)
	}
	return fmt.Sprintf("%s:%d: column %s: %s", e.File, e.Line, e.Column, e.Reason)
}

// A Loader fills batches. It is not for concurrent use.
type Loader struct {
	Options Options
	Columns []Column
	Size    int                  // rows of a batch
	Flush   func(rows int) error // takes a batch; it may set the slices of Columns anew

	// Reject hears of a row that cannot be loaded and tells whether it is
	// passed over; nil passes none.
	Reject func(*Error) bool

	rows   int
	total  int64
	fields []field
}

// Rows returns how many rows were loaded.
func (l *Loader) Rows() int64 { return l.total }

// A file's first block is short, so that its rows are converted while more of
// it is unpacked, and each next one twice as long up to blockSize.
const (
	firstBlock = 32 << 10
	blockSize  = 1 << 20
)

// maxLine is how long a line may be, in bytes. Redshift takes 4 MB; this only
// bounds the memory.
const maxLine = 64 << 20

// A Block is a piece of a file that ends with a whole line.
type Block struct {
	File string
	Line int64 // number of its first line, from 1
	Data []byte
}

// ReadBlocks cuts the text r of a file into blocks and hands each to take,
// which owns it. A line may be as long as 64 MB.
func ReadBlocks(name string, r io.Reader, o *Options, take func(Block) error) error {
	line := int64(1)
	give := func(data []byte) error {
		b := Block{name, line, data}
		line += int64(bytes.Count(data, []byte{'\n'}))
		return take(b)
	}
	var rest []byte
	for size := firstBlock; ; size = min(2*size, blockSize) {
		block := make([]byte, len(rest)+max(size, len(rest)))
		n := copy(block, rest)
		m, err := fill(r, block[n:])
		block = block[:n+m]
		switch {
		case err == io.EOF && len(block) == 0:
			return nil
		case err == io.EOF:
			return give(block)
		case err != nil:
			return err
		}
		end := o.lastEnd(block)
		if end == 0 && len(block) > maxLine {
			return &Error{File: name, Line: line, Code: 1204, Reason: "a line is longer than 64 MB"}
		}
		rest = append([]byte(nil), block[end:]...)
		if end > 0 {
			if err := give(block[:end]); err != nil {
				return err
			}
		}
	}
}

// fill reads until b is full. Unlike io.ReadFull it returns r's own error, so
// that the end of a text and a compressed text that is cut off stay two things.
func fill(r io.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		m, err = r.Read(b[n:])
		n += m
	}
	if n == len(b) && err == io.EOF {
		err = nil
	}
	return n, err
}

// Block loads the lines of a block.
func (l *Loader) Block(b Block) error {
	block, number := b.Data, b.Line-1
	plain := l.Options.plain()
	for len(block) > 0 {
		line := block
		first := number + 1
		if plain {
			number++
			if i := bytes.IndexByte(block, '\n'); i >= 0 {
				line, block = block[:i], block[i+1:]
			} else {
				block = nil
			}
		} else {
			if n := l.Options.recordEnd(block); n > 0 {
				line = block[:n]
			}
			block = block[len(line):]
			number += int64(bytes.Count(line, []byte{'\n'}))
			line = bytes.TrimSuffix(line, []byte{'\n'})
			if l.Options.JSON != nil { // a record begins where its value does
				record := bytes.TrimLeft(line, " \t\r\n,")
				if len(record) == 0 {
					continue
				}
				first += int64(bytes.Count(line[:len(line)-len(record)], []byte{'\n'}))
				line = record
			}
		}
		if first <= int64(l.Options.IgnoreHeader) {
			continue
		}
		if n := len(line); n > 0 && line[n-1] == '\r' {
			line = line[:n-1]
		}
		var err *Error
		switch {
		case plain:
			err = l.row(line)
		case l.Options.IgnoreBlankLines && isBlank(line):
			continue
		default:
			err = l.special(line)
		}
		if err != nil {
			err.File, err.Line, err.RawLine = b.File, first, line
			if l.Reject == nil || !l.Reject(err) {
				return err
			}
			for i := range l.Columns {
				if l.Columns[i].Valid != nil {
					l.Columns[i].Valid(l.rows)
				}
			}
			continue
		}
		l.rows++
		l.total++
		if l.rows == l.Size {
			if err := l.End(); err != nil {
				return err
			}
		}
	}
	return nil
}

// End hands over the last, incomplete batch.
func (l *Loader) End() error {
	if l.rows == 0 {
		return nil
	}
	n := l.rows
	l.rows = 0
	return l.Flush(n)
}

func (l *Loader) row(line []byte) *Error {
	rest, more := line, true
	for i := range l.Columns {
		c := &l.Columns[i]
		if c.Kind == Skip {
			continue
		}
		if !more {
			return &Error{Column: c.Name, Type: c.Type, Raw: string(line), Code: 1214, Reason: "Delimiter not found", Position: len(line)}
		}
		at := len(line) - len(rest)
		field := rest
		if k := bytes.IndexByte(rest, l.Options.Delimiter); k >= 0 {
			field, rest = rest[:k], rest[k+1:]
		} else {
			more = false
			rest = nil
		}
		if err := l.field(c, field); err != nil {
			err.Column, err.Type, err.Position = c.Name, c.Type, at
			if err.Raw == "" {
				err.Raw = string(field)
			}
			return err
		}
	}
	if more && len(rest) > 0 {
		return &Error{Raw: string(line), Code: 1202, Reason: "Extra column(s) found", Position: len(line) - len(rest)}
	}
	return nil
}

func isBlank(b []byte) bool { return len(b) == 0 || blank(b[0]) && len(bytes.TrimLeft(b, " \t")) == 0 }

func blank(c byte) bool { return c == ' ' || c == '\t' }

// trimmed is b, which is not empty, without blanks around it.
func trimmed(b []byte) []byte {
	if blank(b[0]) || blank(b[len(b)-1]) {
		return bytes.Trim(b, " \t")
	}
	return b
}

// field converts one field.
func (l *Loader) field(c *Column, b []byte) *Error {
	isNull := string(b) == l.Options.Null
	switch {
	case isNull:
	case c.Kind == Text && !c.Super:
		isNull = l.Options.EmptyAsNull && len(b) == 0 || l.Options.BlanksAsNull && len(b) > 0 && isBlank(b)
	default:
		isNull = isBlank(b)
	}
	if isNull {
		return l.null(c)
	}
	if c.Kind == Text {
		return l.text(c, b)
	}
	b = trimmed(b)
	ok := true
	switch c.Kind {
	case Int16:
		v, err := parseInt(b, 16, c.Type)
		if err != nil {
			return err
		}
		c.I16[l.rows] = int16(v)
	case Int32:
		v, err := parseInt(b, 32, c.Type)
		if err != nil {
			return err
		}
		c.I32[l.rows] = int32(v)
	case Int64:
		v, err := parseInt(b, 64, c.Type)
		if err != nil {
			return err
		}
		c.I64[l.rows] = v
	case Float64:
		if c.F64[l.rows], ok = parseFloat(b); !ok {
			return &Error{Code: 1207, Reason: fmt.Sprintf("Invalid digit, Value '%c', Pos 0, Type: Double", b[0])}
		}
	case Float32:
		v, valid := parseFloat(b)
		if !valid {
			return &Error{Code: 1207, Reason: fmt.Sprintf("Invalid digit, Value '%c', Pos 0, Type: Float", b[0])}
		}
		if math.Abs(v) > math.MaxFloat32 && !math.IsInf(v, 0) {
			return overflow(c)
		}
		c.F32[l.rows] = float32(v)
	case Time:
		if c.I64[l.rows], ok = clockOf(b); !ok {
			return &Error{Code: 1206, Reason: "Invalid time format or value [HH24:MI:SS]"}
		}
	case TimestampTZ:
		if c.I64[l.rows], ok = zonedAs(b, l.Options.TimeFormat); !ok {
			if l.Options.AnyDate {
				return l.null(c)
			}
			return &Error{Code: 1206, Reason: "Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SSOF]"}
		}
	case Bool:
		if c.Bool[l.rows], ok = parseBool(b); !ok {
			return &Error{Code: 1210, Reason: "Unknown boolean format"}
		}
	case Date:
		if c.I32[l.rows], ok = dateAs(b, l.Options.DateFormat); !ok {
			if l.Options.AnyDate {
				return l.null(c)
			}
			if len(b) < 10 && l.Options.DateFormat == "" {
				return &Error{Code: 1205, Reason: "Invalid Date Format - length must be 10 or more"}
			}
			return &Error{Code: 1205, Reason: "Invalid data"}
		}
	case Timestamp:
		if c.I64[l.rows], ok = timeAs(b, l.Options.TimeFormat); !ok {
			if l.Options.AnyDate {
				return l.null(c)
			}
			return &Error{Code: 1206, Reason: "Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SS]"}
		}
	default:
		return l.decimal(c, b)
	}
	return nil
}

func (l *Loader) text(c *Column, b []byte) *Error {
	if c.Super {
		v, err := value.Parse(b)
		if err != nil {
			return &Error{Code: 1224, Reason: "Invalid JSON format: " + err.Error()}
		}
		b = []byte(value.Text(v))
	}
	if c.Blank || l.Options.TrimBlanks {
		b = bytes.TrimRight(b, " ")
	}
	if c.Length > 0 && len(b) > c.Length {
		if c.Blank {
			if i := bytes.IndexFunc(b, func(r rune) bool { return r >= utf8.RuneSelf }); i >= 0 {
				return multibyte(b, i)
			}
		}
		over := bytes.TrimRight(b, " ") // blanks that are too many are cut off
		if len(over) > c.Length && !l.Options.Truncate {
			return &Error{Code: 1204, Reason: "String length exceeds DDL length"}
		}
		end := c.Length
		for end > 0 && !utf8.RuneStart(b[end]) {
			end--
		}
		b = b[:end]
	}
	if len(b) > 0 && b[len(b)-1] == ' ' {
		return &Error{Reason: "Storing a VARCHAR that ends with blanks is not supported; TRIMBLANKS drops them"}
	}
	for i := plainStart(b); i < len(b); i++ {
		x := b[i]
		if x >= 0x80 {
			if c.Blank {
				return multibyte(b, i)
			}
			k := invalidUTF8(b[i:])
			if k >= 0 && l.Options.InvalidChars != 0 {
				b = replaceInvalid(b, l.Options.InvalidChars)
				break
			}
			if k >= 0 {
				end := min(len(b), i+k+4)
				return &Error{Code: 1220, Raw: strings.ToValidUTF8(string(b), "?"),
					Reason: fmt.Sprintf("String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: %x (error 1)", b[i+k:min(end, i+k+1)])}
			}
			break
		}
		if x == 0 {
			return &Error{Code: 1203, Raw: strings.ReplaceAll(string(b), "\x00", "?"), Reason: "Invalid null byte - field longer than 1 byte"}
		}
	}
	c.Text(l.rows, b)
	return nil
}

// multibyte tells of the character at b[i], which no CHAR has.
//
// https://docs.aws.amazon.com/redshift/latest/dg/multi-byte-character-load-errors.html
func multibyte(b []byte, i int) *Error {
	_, n := utf8.DecodeRune(b[i:])
	return &Error{Code: 1220, Raw: strings.ToValidUTF8(string(b), "?"),
		Reason: fmt.Sprintf("Multibyte character not supported for CHAR (Hint: try using VARCHAR). Invalid char: % x", b[i:i+n])}
}

// plainStart returns how long the start of b surely is ASCII without zero bytes.
func plainStart(b []byte) (n int) {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	for ; n+8 <= len(b); n += 8 {
		if x := binary.LittleEndian.Uint64(b[n:]); (x|(x-ones)&^x)&tops != 0 {
			break
		}
	}
	return n
}

// replaceInvalid writes a character for each byte that is no UTF-8.
func replaceInvalid(b []byte, with byte) []byte {
	out := append([]byte(nil), b...)
	for i := 0; i < len(out); {
		r, n := utf8.DecodeRune(out[i:])
		if r == utf8.RuneError && n <= 1 || r == 0 {
			out[i], n = with, 1
		}
		i += n
	}
	return out
}

// invalidUTF8 returns where b stops to be UTF-8 without zero bytes, or -1.
func invalidUTF8(b []byte) int {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n <= 1 || r == 0 {
			return i
		}
		i += n
	}
	return -1
}
