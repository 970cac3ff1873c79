package load

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// A table collects what a loader loads, as texts.
type table struct {
	Loader
	rows  []string
	texts map[int]map[int]string // by column and row of the batch
	nulls map[int]map[int]bool
}

// newTable returns a loader of an integer, a decimal, a date, a CHAR(5) and a
// VARCHAR(9).
func newTable(opt Options) *table {
	if opt.Delimiter == 0 {
		opt.Delimiter = '~'
	}
	if opt.Null == "" {
		opt.Null = `\N`
	}
	const size = 4
	t := &table{Loader: Loader{Options: opt, Size: size, Columns: []Column{
		{Name: "i", Type: "integer", Kind: Int32, I32: make([]int32, size), NotNull: true},
		{Name: "d", Type: "numeric(7,2)", Kind: Decimal32, Precision: 7, Scale: 2, I32: make([]int32, size)},
		{Name: "day", Type: "date", Kind: Date, I32: make([]int32, size)},
		{Name: "c", Type: "character(5)", Kind: Text, Length: 5, Blank: true},
		{Name: "v", Type: "character varying(9)", Kind: Text, Length: 9},
	}}}
	t.Flush = t.flush
	t.clear()
	return t
}

func (t *table) clear() {
	t.texts, t.nulls = map[int]map[int]string{}, map[int]map[int]bool{}
	for i := range t.Columns {
		t.texts[i], t.nulls[i] = map[int]string{}, map[int]bool{}
		t.Columns[i].Null = func(row int) { t.nulls[i][row] = true }
		t.Columns[i].Text = func(row int, b []byte) { t.texts[i][row] = string(b) }
	}
}

func (t *table) flush(rows int) error {
	for row := range rows {
		var parts []string
		for i, c := range t.Columns {
			switch {
			case t.nulls[i][row]:
				parts = append(parts, "NULL")
			case c.Kind == Text:
				parts = append(parts, t.texts[i][row])
			default:
				parts = append(parts, fmt.Sprint(c.I32[row]))
			}
		}
		t.rows = append(t.rows, strings.Join(parts, "|"))
	}
	t.clear()
	return nil
}

func (t *table) load(r io.Reader) error {
	if err := ReadBlocks("f", r, &t.Options, t.Block); err != nil {
		return err
	}
	return t.End()
}

func TestLoad(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		opt        Options
		want       string // rows, or an error
	}{
		{"plain", "1~2.5~1970-01-02~ab~été\n-2~-0.019~1969-12-31~ab   ~x\n", Options{}, "1|250|1|ab|été; -2|-1|-1|ab|x"},
		{"empty fields", "1~~~~\n", Options{}, "1|NULL|NULL||"},
		{"empty as null", "1~~~~\n", Options{EmptyAsNull: true}, "1|NULL|NULL|NULL|NULL"},
		{"blanks as null", "1~ ~ ~   ~\n", Options{BlanksAsNull: true}, "1|NULL|NULL|NULL|"},
		{"null text", "1~N~N~N~N\n", Options{Null: "N"}, "1|NULL|NULL|NULL|NULL"},
		{"no last line end, CRLF", "1~2~1970-01-01~a~b\r\n2~2~1970-01-01~a~b", Options{}, "1|200|0|a|b; 2|200|0|a|b"},
		{"delimiter at the end", "1~2~1970-01-01~a~b~\n", Options{}, "1|200|0|a|b"},
		{"header", "i~d~day~c~v\n1~2~1970-01-01~a~b\n", Options{IgnoreHeader: 1}, "1|200|0|a|b"},
		{"nothing", "", Options{}, ""},
		{"truncate", "1~2~1970-01-01~abcdefg~ééééé\n", Options{Truncate: true}, "1|200|0|abcde|éééé"},
		{"trim blanks", "1~2~1970-01-01~a ~b \n", Options{TrimBlanks: true}, "1|200|0|a|b"},
		{"blanks that are too many", "1~2~1970-01-01~a~ninechars   \n", Options{}, "1|200|0|a|ninechars"},

		{"bad integer", "1~2~1970-01-01~a~b\n1x~2~1970-01-01~a~b\n", Options{}, "f:2: column i: Invalid digit, Value 'x', Pos 1, Type: Integer"},
		{"large integer", "2147483648~2~1970-01-01~a~b\n", Options{}, "f:1: column i: Overflow (Column Type: integer)"},
		{"least integer", "-2147483648~2~1970-01-01~a~b\n", Options{}, "-2147483648|200|0|a|b"},
		{"large decimal", "1~123456.78~1970-01-01~a~b\n", Options{}, "f:1: column d: Overflow (Column Type: numeric(7,2))"},
		{"bad date", "1~2~1970-02-30~a~b\n", Options{}, "f:1: column day: Invalid data"},
		{"short date", "1~2~1970~a~b\n", Options{}, "f:1: column day: Invalid Date Format - length must be 10 or more"},
		{"null in not null", "~2~1970-01-01~a~b\n", Options{}, "f:1: column i: Missing data for not-null field"},
		{"too long", "1~2~1970-01-01~abcdef~b\n", Options{}, "f:1: column c: String length exceeds DDL length"},
		{"too long in bytes", "1~2~1970-01-01~a~ééééé\n", Options{}, "f:1: column v: String length exceeds DDL length"},
		{"Latin-1", "1~2~1970-01-01~a~C\xd4TE\n", Options{}, "f:1: column v: String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: d4 (error 1)"},
		{"Latin-1 to be cut", "1~2~1970-01-01~a~C\xd4TE D'IVOIRE\n", Options{Truncate: true}, "f:1: column v: String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: d4 (error 1)"},
		{"NUL", "1~2~1970-01-01~a~x\x00y\n", Options{}, "f:1: column v: Invalid null byte - field longer than 1 byte"},
		{"NUL after an accent", "1~2~1970-01-01~a~é\x00\n", Options{}, "f:1: column v: String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: 00 (error 1)"},
		{"NUL in a number", "1\x00~2~1970-01-01~a~x\n", Options{}, "f:1: column i: Invalid digit, Value '\x00', Pos 1, Type: Integer"},
		{"few fields", "1~2~1970-01-01\n", Options{}, "f:1: column c: Delimiter not found"},
		{"many fields", "1~2~1970-01-01~a~b~c\n", Options{}, "f:1: Extra column(s) found"},
		{"other delimiter", "1|2|1970-01-01|a|b\n", Options{}, "f:1: column i: Invalid digit, Value '|', Pos 1, Type: Integer"},
		{"trailing blanks", "1~2~1970-01-01~a~b \n", Options{}, "f:1: column v: Storing a VARCHAR that ends with blanks is not supported; TRIMBLANKS drops them"},
	} {
		for _, r := range []io.Reader{strings.NewReader(tc.text), iotest.OneByteReader(strings.NewReader(tc.text)), iotest.DataErrReader(strings.NewReader(tc.text))} {
			tab := newTable(tc.opt)
			got := ""
			if err := tab.load(r); err != nil {
				got = err.Error()
			} else {
				got = strings.Join(tab.rows, "; ")
			}
			if got != tc.want {
				t.Errorf("%s:\n got %s\nwant %s", tc.name, got, tc.want)
			}
		}
	}
}

// A text that is cut off is an error, not a shorter text.
func TestLoadTruncatedGzip(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	for i := range 100_000 {
		fmt.Fprintf(z, "%d~%d~1970-01-01~a~b\n", i, i%97)
	}
	z.Close()
	for _, n := range []int{b.Len() - 1, b.Len() - 9, b.Len() / 2, 20} {
		r, err := gzip.NewReader(bytes.NewReader(b.Bytes()[:n]))
		if err != nil {
			t.Fatal(err)
		}
		if err := newTable(Options{}).load(r); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut to %d bytes: got %v; want %v", n, err, io.ErrUnexpectedEOF)
		}
	}
	r, _ := gzip.NewReader(&b)
	tab := newTable(Options{})
	if err := tab.load(r); err != nil || tab.Rows() != 100_000 || len(tab.rows) != 100_000 {
		t.Errorf("whole: got %v, %d rows", err, tab.Rows())
	}
	broken := errors.New("the disk is broken")
	if err := newTable(Options{}).load(io.MultiReader(strings.NewReader("1~2~1970-01-01~a~b\n"), iotest.ErrReader(broken))); err != broken {
		t.Errorf("broken: got %v", err)
	}
}

// Lines longer than a block are read whole, with the numbers of those that
// follow.
func TestLoadLongLine(t *testing.T) {
	long := strings.Repeat("x", 10<<20)
	tab := newTable(Options{Truncate: true})
	if err := tab.load(strings.NewReader("1~2~1970-01-01~a~b\n2~2~1970-01-01~a~" + long + "\nx\n")); err == nil || err.Error() != "f:3: column i: Invalid digit, Value 'x', Pos 0, Type: Integer" {
		t.Errorf("got %v", err)
	}
	if tab.rows = nil; tab.End() != nil || len(tab.rows) != 2 || tab.rows[1] != "2|200|0|a|xxxxxxxxx" {
		t.Errorf("got %q", tab.rows)
	}
	if err := newTable(Options{}).load(io.MultiReader(strings.NewReader("1~2\n"), &endless{})); err == nil {
		t.Error("an endless line was loaded")
	}
}

type endless struct{ n int }

func (e *endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'x'
	}
	if e.n += len(b); e.n > 200<<20 {
		return 0, errors.New("too much was read")
	}
	return len(b), nil
}

// Loading never panics, and whatever is loaded is one row for each line.
func FuzzLoad(f *testing.F) {
	for _, s := range []string{"1~2.5~1970-01-02~ab~x\n", "~~~~\n", "1~1e5~9999-12-31~\x00~\xff", "-~+~~~", "1~.~1970-01-01~a~b\r\n\n", "12345678901234567890~0.00000000000000000000000000000000000000001~x~y~z"} {
		f.Add(s, uint8('~'), uint8(0))
	}
	f.Fuzz(func(t *testing.T, text string, delimiter, flags uint8) {
		tab := newTable(Options{Delimiter: delimiter, EmptyAsNull: flags&1 > 0, BlanksAsNull: flags&2 > 0, Truncate: flags&4 > 0, TrimBlanks: flags&8 > 0})
		err := tab.load(strings.NewReader(text))
		var e *Error
		switch {
		case errors.As(err, &e):
			if e.Reason == "" || e.Line < 1 || e.Line > int64(strings.Count(text, "\n"))+1 {
				t.Errorf("%q: error %+v", text, e)
			}
		case err != nil:
			t.Errorf("%q: %v", text, err)
		default:
			lines := strings.Count(text, "\n")
			if text != "" && !strings.HasSuffix(text, "\n") {
				lines++
			}
			if len(tab.rows) != lines || tab.Rows() != int64(lines) {
				t.Errorf("%q: %d rows of %d lines", text, len(tab.rows), lines)
			}
		}
	})
}

// Records of any form are loaded or refused, and never more rows come of a
// text than it has lines, or objects.
func FuzzForms(f *testing.F) {
	for _, s := range []string{"1,\"a,\"\"b\",1970-01-02,x,y\n", "1~'a'~\\~\\\n~b\n", "12345abcde  1970-01-02", `{"i":1,"d":2.5,"day":"1970-01-02","c":"a","v":{"x":[1]}} {"i":2}`, `[1,2]`, "{\"i\":", "\"", "'", "\\", "\xff\xfe", "{\"i\":\"\\ud800\"}"} {
		for form := range uint8(5) {
			f.Add(s, form, uint8(0))
		}
	}
	f.Fuzz(func(t *testing.T, text string, form, flags uint8) {
		opt := Options{FillRecord: flags&1 > 0, EmptyAsNull: flags&2 > 0, IgnoreBlankLines: flags&4 > 0, RoundDecimals: flags&8 > 0, AnyDate: flags&16 > 0}
		if flags&32 > 0 {
			opt.InvalidChars = '?'
		}
		if flags&64 > 0 {
			opt.DateFormat = "auto"
		}
		switch form % 5 {
		case 0:
			opt.CSV, opt.Delimiter = true, ','
		case 1:
			opt.Escape, opt.RemoveQuotes = true, true
		case 2:
			opt.Widths = []int{2, 3, 10, 5, 9}
		case 3:
			opt.JSON = &JSON{IgnoreCase: flags&128 > 0}
		case 4:
			opt.JSON = &JSON{Paths: [][]any{{"i"}, {"d", 0}, {}, {1}, {"v", "x"}}}
		}
		tab := newTable(opt)
		err := tab.load(strings.NewReader(text))
		var e *Error
		if err != nil && !errors.As(err, &e) {
			t.Fatalf("%q: %v", text, err)
		}
		if most := strings.Count(text, "\n") + strings.Count(text, "{") + strings.Count(text, "[") + strings.Count(text, "}") + strings.Count(text, "]") + 1; len(tab.rows) > most {
			t.Errorf("%q: %d rows", text, len(tab.rows))
		}
	})
}

func FuzzPaths(f *testing.F) {
	for _, s := range []string{`{"jsonpaths":["$.a","$['b'][0]","$"]}`, `{"jsonpaths":[1]}`, `{`, `{"jsonpaths":["$..a","$[x]","$['a"]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		paths, err := ParsePaths(b)
		if err == nil && len(paths) == 0 {
			t.Errorf("%q: no path and no error", b)
		}
	})
}
