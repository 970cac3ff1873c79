package psql

import (
	"fmt"
	"strings"
)

// alignedExpanded writes each row as a list of names and values.
func (p *page) alignedExpanded() {
	p.border = min(p.border, 2)
	if len(p.t.rows) == 0 && p.head() && !p.t.more {
		if !p.tuplesOnly {
			for _, line := range p.footers() {
				p.w.WriteString(line + "\n")
			}
		}
		p.w.WriteByte('\n')
		return
	}
	r := newRecords(p)
	if p.head() && p.title != "" && !p.tuplesOnly {
		p.w.WriteString(p.title + "\n")
	}
	for i, row := range p.t.rows {
		r.record(i, row)
	}
	if p.t.more {
		return
	}
	if p.border == 2 {
		r.rule(r.style.bottom, 0, r.head)
	}
	if !p.tuplesOnly && p.t.footers != nil {
		if p.border < 2 {
			p.w.WriteByte('\n')
		}
		for _, line := range p.t.footers {
			p.w.WriteString(line + "\n")
		}
	}
	p.w.WriteByte('\n')
}

// records is an expanded table under way.
type records struct {
	*page
	style            lineStyle
	heads            [][]textLine
	head, data       int  // widths
	headMore, marked bool // some name has several lines; values have a column for marks
}

// newRecords measures the table.
func newRecords(p *page) *records {
	r := &records{page: p, style: p.lines()}
	for _, c := range p.t.columns {
		lines := p.cellLines(c.name)
		r.heads = append(r.heads, lines)
		r.head = max(r.head, widest(lines))
		r.headMore = r.headMore || len(lines) > 1
	}
	for _, row := range p.t.rows {
		for _, c := range row {
			lines := p.cellLines(p.value(c))
			r.data = max(r.data, widest(lines))
			r.marked = r.marked || len(lines) > 1
		}
	}
	if p.format == formatWrapped {
		r.wrap()
	}
	return r
}

// wrap chooses the width of the values: that of the screen, but never less
// than three columns or than the line above a record needs.
func (r *records) wrap() {
	between := [...]int{1, 3, 7}[r.border]
	if r.headMore && (r.border == 0 || r.border == 1 && r.style.old) {
		between++
	}
	marks := r.border < 2 && !r.style.old // marks have no place yet
	if r.marked && marks {
		between++
	}
	line := 0
	if !r.tuplesOnly {
		line = len(fmt.Sprint(len(r.t.rows))) + [...]int{9, 12, 15}[r.border]
	}
	for {
		width := max(r.head+between+r.data, line)
		if screen := r.screenWidth(); screen > 0 && screen < width {
			width = max(screen, r.head+between+3, line)
		}
		width -= r.head + between
		if width < r.data && !r.marked && marks {
			r.marked = true
			between++
			continue
		}
		r.data = width
		return
	}
}

// rule writes the line above a record, with its number unless that is 0.
func (r *records) rule(style rule, record, head int) {
	w, border := r.w, r.border
	line := style.line
	switch border {
	case 0:
		line = " "
	case 1:
		w.WriteString(line)
	case 2:
		w.WriteString(style.left + line)
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
	w.WriteString(strings.Repeat(line, max(0, head-used)))
	used -= head
	crossing := []string{" "}
	if border > 0 {
		crossing = []string{line, style.mid, line}
	}
	for _, c := range crossing {
		if used <= 0 {
			w.WriteString(c)
		}
		used--
	}
	w.WriteString(strings.Repeat(line, max(0, r.data-max(0, used))))
	if border == 2 {
		w.WriteString(line + style.right)
	}
	w.WriteByte('\n')
}

// record writes row i with the line above it.
func (r *records) record(i int, row []cell) {
	style := r.style.middle
	if i == 0 {
		style = r.style.top
	}
	head := r.head
	if r.border < 2 && r.headMore && r.style.old {
		head++
	}
	switch {
	case !r.tuplesOnly:
		r.rule(style, r.t.prior+i+1, head)
	case i > 0 || !r.page.head() || r.border == 2:
		r.rule(style, 0, head)
	}
	for j, c := range row {
		r.field(r.heads[j], field{lines: r.cellLines(r.printOptions.value(c))})
	}
}

// field writes a name and its value, as many lines as the longer takes.
func (r *records) field(head []textLine, f field) {
	w, style := r.w, r.style
	for h := 0; h < len(head) || !f.done(); h++ {
		if r.border == 2 {
			w.WriteString(style.data.left)
		}
		r.name(head, h)
		if r.border > 0 {
			switch {
			case f.off > 0 || f.ended > 0:
				w.WriteString(style.barWrap)
			case f.line == 0 || len(f.lines) == 1:
				w.WriteString(style.data.mid)
			default:
				w.WriteString(style.barNewline)
			}
		}
		if !f.done() {
			r.value(&f)
			continue
		}
		if r.border == 2 {
			pad(w, r.data+2)
			w.WriteString(style.data.right)
		}
		w.WriteByte('\n')
	}
}

// name writes line h of a name.
func (r *records) name(head []textLine, h int) {
	w, style := r.w, r.style
	rightMark := r.border > 0 || r.headMore && !style.old
	if h >= len(head) {
		n := r.head + r.border
		if r.border < 2 && r.headMore && style.old || r.border == 0 && r.headMore && !style.old {
			n++
		}
		pad(w, max(1, n))
		return
	}
	if r.border == 2 || r.headMore && style.old {
		mark := " "
		if h > 0 {
			mark = style.headLeft
		}
		w.WriteString(mark)
	}
	w.WriteString(head[h].text)
	pad(w, r.head-head[h].width)
	if rightMark {
		mark := " "
		if h+1 < len(head) {
			mark = style.headRight
		}
		w.WriteString(mark)
	}
}

// value writes the next line of a value.
func (r *records) value(f *field) {
	w, style := r.w, r.style
	mark := " "
	if f.off > 0 {
		mark = style.wrapLeft
	}
	w.WriteString(mark)
	text := f.lines[f.line].text[f.off:]
	n, cols := r.cut(text, r.data)
	w.WriteString(text[:n])
	rightMark := ""
	switch {
	case n < len(text):
		rightMark = style.wrapRight
		f.off += n
	default:
		f.line, f.off = f.line+1, 0
		if f.done() {
			f.ended = n
		} else {
			rightMark = style.moreRight
		}
	}
	switch {
	case rightMark != "" && (r.border > 1 || r.marked && !style.old):
		pad(w, r.data-cols)
		w.WriteString(rightMark)
	case rightMark == "" && r.border > 1:
		pad(w, r.data-cols)
		w.WriteByte(' ')
	}
	if r.border == 2 {
		w.WriteString(style.data.right)
	}
	w.WriteByte('\n')
}
