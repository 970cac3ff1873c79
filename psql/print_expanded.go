package psql

import (
	"bufio"
	"fmt"
	"strings"
)

// alignedExpanded writes each row as a list of names and values.
func (o printOptions) alignedExpanded(w *bufio.Writer, t table) {
	if len(t.rows) == 0 || len(t.columns) == 0 {
		for _, line := range o.footers(t) {
			w.WriteString(line + "\n")
		}
		if !o.tuplesOnly {
			w.WriteByte('\n')
		}
		return
	}
	e := expanded{o: o, w: w}
	for _, c := range t.columns {
		lines := cellLines(c.name)
		e.heads = append(e.heads, lines)
		for _, line := range lines {
			e.head = max(e.head, line.width)
		}
		e.headNL = e.headNL || len(lines) > 1
	}
	for _, row := range t.rows {
		for _, c := range row {
			lines := cellLines(o.value(c))
			for _, line := range lines {
				e.data = max(e.data, line.width)
			}
		}
	}
	if o.title != "" && !o.tuplesOnly {
		w.WriteString(o.title + "\n")
	}
	for i, row := range t.rows {
		switch {
		case !o.tuplesOnly:
			e.rule(i + 1)
		case i > 0 || o.border == 2:
			e.rule(0)
		}
		for j, c := range row {
			e.field(e.heads[j], cellLines(o.value(c)))
		}
	}
	if o.border == 2 {
		e.rule(0)
	}
	w.WriteByte('\n')
}

// expanded is an expanded table under way.
type expanded struct {
	o          printOptions
	w          *bufio.Writer
	heads      [][]textLine
	head, data int // widths
	headNL     bool
}

// rule writes the line above a record, with its number unless that is 0.
func (e *expanded) rule(record int) {
	w, border := e.w, e.o.border
	fill := func(n int) {
		c := "-"
		if border == 0 {
			c = " "
		}
		w.WriteString(strings.Repeat(c, max(0, n)))
	}
	switch border {
	case 1:
		w.WriteString("-")
	case 2:
		w.WriteString("+-")
	}
	used := 0
	if record > 0 {
		label := fmt.Sprintf("[ RECORD %d ]", record)
		if border == 0 {
			label = fmt.Sprintf("* Record %d", record)
		}
		w.WriteString(label)
		used = len(label)
	}
	if border != 2 {
		used++
	}
	fill(e.head - used)
	used -= e.head
	if border > 0 {
		for _, c := range []string{"-", "+", "-"} {
			if used <= 0 {
				w.WriteString(c)
			}
			used--
		}
	} else {
		if used <= 0 {
			w.WriteByte(' ')
		}
		used--
	}
	fill(e.data - max(0, used))
	if border == 2 {
		w.WriteString("-+")
	}
	w.WriteByte('\n')
}

// field writes a name and its value, as many lines as the longer has.
func (e *expanded) field(head, data []textLine) {
	w, border := e.w, e.o.border
	for h := range max(len(head), len(data)) {
		if border == 2 {
			w.WriteString("| ")
		}
		mark := byte(' ')
		switch {
		case h < len(head):
			w.WriteString(head[h].text)
			pad(w, e.head-head[h].width)
			if h+1 < len(head) {
				mark = '+'
			}
		default:
			pad(w, e.head)
		}
		if border > 0 {
			w.WriteByte(mark)
			w.WriteByte('|')
		} else if mark == '+' || e.headNL {
			w.WriteByte(mark)
		}
		if h >= len(data) {
			if border == 2 {
				pad(w, e.data+2)
				w.WriteByte('|')
			}
			w.WriteByte('\n')
			continue
		}
		w.WriteByte(' ')
		more := h+1 < len(data)
		w.WriteString(data[h].text)
		if more || border == 2 {
			pad(w, e.data-data[h].width)
		}
		switch {
		case more:
			w.WriteByte('+')
		case border == 2:
			w.WriteByte(' ')
		}
		if border == 2 {
			w.WriteByte('|')
		}
		w.WriteByte('\n')
	}
}
