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
	formatCSV       format = "csv"
)

// printOptions are what \pset sets.
type printOptions struct {
	format     format
	border     int
	expanded   bool
	tuplesOnly bool
	footer     bool
	null       string
	fieldSep   string
	recordSep  string
	csvSep     string
	title      string
}

func defaultPrintOptions() printOptions {
	return printOptions{format: formatAligned, border: 1, footer: true, fieldSep: "|", recordSep: "\n", csvSep: ","}
}

// A cell is a value of a result. The zero value is an empty string.
type cell struct {
	text string
	null bool
}

// A column is a column of a result.
type column struct {
	name string
	oid  uint32
}

// A table is a result to print.
type table struct {
	columns []column
	rows    [][]cell
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

func (o printOptions) value(c cell) string {
	if c.null {
		return o.null
	}
	return c.text
}

// footers returns the lines below a table.
func (o printOptions) footers(t table) []string {
	if !o.footer || o.tuplesOnly {
		return nil
	}
	if len(t.rows) == 1 {
		return []string{"(1 row)"}
	}
	return []string{fmt.Sprintf("(%d rows)", len(t.rows))}
}

// print writes t in the format of o.
func (o printOptions) print(w *bufio.Writer, t table) {
	switch {
	case o.format == formatCSV && o.expanded:
		o.csvExpanded(w, t)
	case o.format == formatCSV:
		o.csv(w, t)
	case o.format == formatUnaligned && o.expanded:
		o.unalignedExpanded(w, t)
	case o.format == formatUnaligned:
		o.unaligned(w, t)
	case o.expanded:
		o.alignedExpanded(w, t)
	default:
		o.aligned(w, t)
	}
}

// aligned writes t as a table of padded columns.
func (o printOptions) aligned(w *bufio.Writer, t table) {
	n := len(t.columns)
	heads := make([][]textLine, n)
	widths := make([]int, n)
	headHeight := 0
	for i, c := range t.columns {
		heads[i] = cellLines(c.name)
		headHeight = max(headHeight, len(heads[i]))
		for _, line := range heads[i] {
			widths[i] = max(widths[i], line.width)
		}
	}
	multi := make([]bool, n) // some value of the column has several lines
	for i := range t.columns {
		for _, row := range t.rows {
			lines := cellLines(o.value(row[i]))
			multi[i] = multi[i] || len(lines) > 1
			for _, line := range lines {
				widths[i] = max(widths[i], line.width)
			}
		}
	}
	if !o.tuplesOnly {
		o.titleLine(w, widths)
		if o.border == 2 {
			o.rule(w, widths)
		}
		for h := range headHeight {
			o.headLine(w, t, heads, widths, h)
		}
		o.rule(w, widths)
	} else if o.border == 2 {
		o.rule(w, widths)
	}
	if n > 0 {
		cells := make([][]textLine, n)
		for _, row := range t.rows {
			height := 0
			for i := range cells {
				cells[i] = cellLines(o.value(row[i]))
				height = max(height, len(cells[i]))
			}
			for h := range height {
				o.rowLine(w, t, cells, widths, h)
			}
		}
	}
	if o.border == 2 {
		o.rule(w, widths)
	}
	for _, line := range o.footers(t) {
		w.WriteString(line + "\n")
	}
	w.WriteByte('\n')
}

// titleLine writes the title above the middle of the table.
func (o printOptions) titleLine(w *bufio.Writer, widths []int) {
	if o.title == "" || o.tuplesOnly {
		return
	}
	total := 0
	for _, n := range widths {
		total += n
	}
	switch o.border {
	case 0:
		total += len(widths)
	case 1:
		total += len(widths)*3 - 1
	default:
		total += len(widths)*3 + 1
	}
	line := cellLines(o.title)[0]
	if line.width >= total {
		w.WriteString(o.title + "\n")
		return
	}
	pad(w, (total-line.width)/2)
	w.WriteString(o.title + "\n")
}

func pad(w *bufio.Writer, n int) {
	for ; n > 0; n-- {
		w.WriteByte(' ')
	}
}

// rule writes a horizontal line.
func (o printOptions) rule(w *bufio.Writer, widths []int) {
	switch o.border {
	case 1:
		w.WriteByte('-')
	case 2:
		w.WriteString("+-")
	}
	for i, n := range widths {
		w.WriteString(strings.Repeat("-", n))
		switch {
		case i == len(widths)-1:
		case o.border == 0:
			w.WriteByte(' ')
		default:
			w.WriteString("-+-")
		}
	}
	switch o.border {
	case 1:
		w.WriteByte('-')
	case 2:
		w.WriteString("-+")
	}
	w.WriteByte('\n')
}

// headLine writes line h of the column names, each in the middle.
func (o printOptions) headLine(w *bufio.Writer, t table, heads [][]textLine, widths []int, h int) {
	if o.border == 2 {
		w.WriteByte('|')
	}
	for i := range t.columns {
		if o.border != 0 {
			w.WriteByte(' ')
		}
		var line textLine
		mark := " "
		if h < len(heads[i]) {
			line = heads[i][h]
			if h+1 < len(heads[i]) {
				mark = "+"
			}
		}
		space := widths[i] - line.width
		pad(w, space/2)
		w.WriteString(line.text)
		pad(w, (space+1)/2)
		w.WriteString(mark)
		if o.border != 0 && i < len(t.columns)-1 {
			w.WriteByte('|')
		}
	}
	if o.border == 2 {
		w.WriteByte('|')
	}
	w.WriteByte('\n')
}

// rowLine writes line h of a row.
func (o printOptions) rowLine(w *bufio.Writer, t table, cells [][]textLine, widths []int, h int) {
	if o.border == 2 {
		w.WriteByte('|')
	}
	for i, c := range t.columns {
		last := i == len(t.columns)-1
		final := o.border == 2 || !last // padded to the right as well
		if o.border != 0 {
			w.WriteByte(' ')
		}
		var line textLine
		more := false
		if h < len(cells[i]) {
			line = cells[i][h]
			more = h+1 < len(cells[i])
		}
		switch space := widths[i] - line.width; {
		case isNumeric(c.oid) && (h < len(cells[i])):
			pad(w, space)
			w.WriteString(line.text)
		case final || more:
			w.WriteString(line.text)
			pad(w, space)
		default:
			w.WriteString(line.text)
		}
		switch {
		case more:
			w.WriteByte('+')
		case final:
			w.WriteByte(' ')
		}
		if o.border != 0 && !last {
			w.WriteByte('|')
		}
	}
	if o.border == 2 {
		w.WriteByte('|')
	}
	w.WriteByte('\n')
}
