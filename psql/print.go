package psql

import (
	"bufio"
	"fmt"
	"strings"
)

// A format is a value of \pset format.
type format string

const (
	formatAligned   format = "aligned"
	formatUnaligned format = "unaligned"
	formatWrapped   format = "wrapped"
	formatCSV       format = "csv"
	formatHTML      format = "html"
	formatAsciidoc  format = "asciidoc"
	formatLatex     format = "latex"
	formatLongtable format = "latex-longtable"
	formatTroff     format = "troff-ms"
)

// expandedMode is a value of \pset expanded.
type expandedMode uint8

const (
	expandedOff expandedMode = iota
	expandedOn
	expandedAuto // where the table is wider than the screen
)

// printOptions are what \pset sets.
type printOptions struct {
	format        format
	border        int
	expanded      expandedMode
	tuplesOnly    bool
	footer        bool
	null          string
	fieldSep      string
	recordSep     string
	csvSep        string
	title         string
	tableAttr     string
	columns       int // width to wrap at; 0: that of the screen
	screen        int // width of the terminal that standard output is; 0: none
	numericLocale bool
	singleByte    bool // the client's encoding has one byte for each character
	pager         int
	pagerMinLines int
	line          lineKind
	uniBorder     lineWeight
	uniColumn     lineWeight
	uniHeader     lineWeight
}

func defaultPrintOptions() printOptions {
	return printOptions{format: formatAligned, border: 1, footer: true, fieldSep: "|", recordSep: "\n", csvSep: ",", pager: 1}
}

// A cell is a value of a result. The zero value is an empty string.
type cell struct {
	text string
	null bool
}

// A column is a column of a result.
type column struct {
	name     string
	oid      uint32
	modifier int32 // type modifier, -1 for none
}

// A table is a result to print. A result that is printed in several pieces
// has its head in the first and its foot in the last.
type table struct {
	columns []column
	rows    [][]cell

	title    string   // instead of that of the options
	footers  []string // lines below; nil: the number of rows
	noFooter bool     // not even the number of rows
	null     *string  // instead of that of the options
	prior    int      // rows in the pieces before
	hasPrior bool     // it is not the first piece
	more     bool     // another piece follows
}

// isNumeric reports whether values of the type are aligned to the right.
func isNumeric(oid uint32) bool {
	switch oid {
	case 20, 21, 23, // int8, int2, int4
		26, 28, 29, 5069, // oid, xid, cid, xid8
		700, 701, 790, 1700: // float4, float8, money, numeric
		return true
	}
	return false
}

// A page is a table with the options it is printed by.
type page struct {
	printOptions
	t table
	w *bufio.Writer
}

// print writes t in the format of o.
func (o printOptions) print(w *bufio.Writer, t table) {
	if t.title != "" {
		o.title = t.title
	}
	if t.null != nil {
		o.null = *t.null
	}
	if o.numericLocale {
		t.rows = groupDigits(t)
	}
	if len(t.columns) == 0 { // rows without columns are only counted
		t.prior, t.rows = t.prior+len(t.rows), nil
	}
	p := page{o, t, w}
	vertical := o.expanded == expandedOn
	switch o.format {
	case formatUnaligned:
		either(vertical, p.unalignedExpanded, p.unaligned)
	case formatCSV:
		either(vertical, p.csvExpanded, p.csv)
	case formatHTML:
		either(vertical, p.htmlExpanded, p.html)
	case formatAsciidoc:
		either(vertical, p.asciidocExpanded, p.asciidoc)
	case formatLatex, formatLongtable:
		switch {
		case vertical:
			p.latexExpanded()
		case o.format == formatLatex:
			p.latex()
		default:
			p.longtable()
		}
	case formatTroff:
		either(vertical, p.troffExpanded, p.troff)
	default:
		either(vertical, p.alignedExpanded, p.aligned)
	}
}

func either(first bool, one, other func()) {
	if first {
		one()
	} else {
		other()
	}
}

func (o printOptions) value(c cell) string {
	if c.null {
		return o.null
	}
	return c.text
}

// footers returns the lines below a table.
func (p *page) footers() []string {
	switch {
	case p.t.footers != nil:
		return p.t.footers
	case !p.footer || p.t.noFooter:
		return nil
	}
	n := p.t.prior + len(p.t.rows)
	if n == 1 {
		return []string{"(1 row)"}
	}
	return []string{fmt.Sprintf("(%d rows)", n)}
}

// head reports whether the piece has what is above the rows.
func (p *page) head() bool { return !p.t.hasPrior }

// isBlank reports whether s has nothing but blanks and tabs.
func isBlank(s string) bool { return strings.Trim(s, " \t") == "" }

func (c column) align() byte {
	if isNumeric(c.oid) {
		return 'r'
	}
	return 'l'
}

// screenWidth is the width to wrap at, 0 for none.
func (p *page) screenWidth() int {
	if p.columns > 0 {
		return p.columns
	}
	return p.screen
}

// groupDigits returns t's rows with commas between thousands, as \pset
// numericlocale has it in the C locale.
func groupDigits(t table) [][]cell {
	rows := make([][]cell, len(t.rows))
	for i, row := range t.rows {
		rows[i] = make([]cell, len(row))
		for j, c := range row {
			if t.columns[j].align() == 'r' && !c.null {
				c.text = groupNumber(c.text)
			}
			rows[i][j] = c
		}
	}
	return rows
}

func groupNumber(s string) string {
	if strings.Trim(s, "0123456789+-.eE") != "" {
		return s // "$1.00", "NaN"
	}
	sign := ""
	if s != "" && (s[0] == '-' || s[0] == '+') {
		sign, s = s[:1], s[1:]
	}
	n := len(s) - len(strings.TrimLeft(s, "0123456789"))
	var b strings.Builder
	b.WriteString(sign)
	for i := range n {
		if i > 0 && (n-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(s[i])
	}
	b.WriteString(s[n:])
	return b.String()
}
