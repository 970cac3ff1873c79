package psql

import "bufio"

// aligned writes the table as padded columns, or as a list of fields where
// \pset expanded auto asks for it.
func (p *page) aligned() {
	p.border = min(p.border, 2)
	g := newGrid(p)
	if g.tooWide() {
		p.alignedExpanded()
		return
	}
	if p.head() {
		g.writeHead()
	}
	for _, row := range p.t.rows {
		g.writeRow(row)
	}
	if p.t.more {
		return
	}
	if p.border == 2 {
		p.rule(g.style.bottom, g.widths)
	}
	if !p.tuplesOnly {
		for _, line := range p.footers() {
			p.w.WriteString(line + "\n")
		}
	}
	p.w.WriteByte('\n')
}

// A grid is an aligned table under way.
type grid struct {
	*page
	style      lineStyle
	heads      [][]textLine
	headHeight int
	widths     []int // of the columns as they are shown
	total      int   // width of the table as it is shown at least
	headTotal  int   // width of a table that holds the names only
	fields     []field
}

// newGrid measures the table.
func newGrid(p *page) *grid {
	n := len(p.t.columns)
	g := &grid{page: p, style: p.lines(), heads: make([][]textLine, n), widths: make([]int, n), fields: make([]field, n)}
	headWidths := make([]int, n)
	for i, c := range p.t.columns {
		g.heads[i] = p.cellLines(c.name)
		g.headHeight = max(g.headHeight, len(g.heads[i]))
		headWidths[i] = widest(g.heads[i])
		g.widths[i] = headWidths[i]
	}
	sums := make([]int, n)
	for _, row := range p.t.rows {
		for i, c := range row {
			wide := widest(p.cellLines(p.value(c)))
			sums[i] += wide
			g.widths[i] = max(g.widths[i], wide)
		}
	}
	switch p.border {
	case 0:
		g.total = n
	case 1:
		g.total = max(0, n*3-1)
	default:
		g.total = n*3 + 1
	}
	g.headTotal = g.total
	for i := range n {
		g.total += g.widths[i]
		g.headTotal += headWidths[i]
	}
	if p.format == formatWrapped {
		g.wrap(headWidths, sums)
	}
	return g
}

func widest(lines []textLine) int {
	n := 0
	for _, line := range lines {
		n = max(n, line.width)
	}
	return n
}

// wrap narrows columns until the table fits the screen: each time the one
// whose widest value is the farthest above its average.
func (g *grid) wrap(heads, sums []int) {
	screen := g.screenWidth()
	if screen <= 0 || screen < g.headTotal || len(g.t.rows) == 0 {
		return
	}
	full := append([]int(nil), g.widths...)
	for g.total > screen {
		worst, most := -1, 0.0
		for i, width := range g.widths {
			average := sums[i] / len(g.t.rows)
			if average == 0 || width <= heads[i] {
				continue
			}
			if ratio := float64(width)/float64(average) + float64(full[i])*0.01; ratio > most {
				worst, most = i, ratio
			}
		}
		if worst < 0 {
			return
		}
		g.widths[worst]--
		g.total--
	}
}

func (g *grid) tooWide() bool {
	screen := g.screenWidth()
	return g.expanded == expandedAuto && screen > 0 && len(g.t.columns) > 1 && (screen < g.headTotal || screen < g.total)
}

// writeHead writes the title and the names.
func (g *grid) writeHead() {
	if g.tuplesOnly {
		return
	}
	if g.title != "" {
		if width := widest(g.cellLines(g.title)); width < g.total {
			pad(g.w, (g.total-width)/2)
		}
		g.w.WriteString(g.title + "\n")
	}
	if g.border == 2 {
		g.rule(g.style.top, g.widths)
	}
	for h := range max(g.headHeight, min(1, len(g.heads))) {
		g.headLine(h)
	}
	g.rule(g.style.middle, g.widths)
}

// headLine writes line h of the names, each in the middle of its column.
func (g *grid) headLine(h int) {
	w, style := g.w, g.style
	if g.border == 2 {
		w.WriteString(style.data.left)
	}
	for i, lines := range g.heads {
		if g.border != 0 || style.old && i > 0 {
			mark := " "
			if h > 0 {
				mark = style.headLeft
			}
			w.WriteString(mark)
		}
		var line textLine
		if h < len(lines) {
			line = lines[h]
		}
		space := g.widths[i] - line.width
		pad(w, space/2)
		w.WriteString(line.text)
		pad(w, (space+1)/2)
		if g.border != 0 || !style.old {
			mark := " "
			if h+1 < len(lines) {
				mark = style.headRight
			}
			w.WriteString(mark)
		}
		if g.border != 0 && i < len(g.heads)-1 {
			w.WriteString(style.data.mid)
		}
	}
	if g.border == 2 {
		w.WriteString(style.data.right)
	}
	w.WriteByte('\n')
}

// A field is a value whose lines are being written.
type field struct {
	lines []textLine
	line  int // the next one
	off   int // bytes of it that are written
	ended int // bytes of the last line, once it is written
	mark  continuation
}

// A continuation tells why a field goes on in the next line.
type continuation uint8

const (
	contNone continuation = iota
	contNewline
	contWrap
)

func (f *field) done() bool { return f.line >= len(f.lines) }

func (g *grid) writeRow(row []cell) {
	for i, c := range row {
		g.fields[i] = field{lines: g.cellLines(g.value(c))}
	}
	for more := true; more; {
		more = g.rowLine()
	}
}

// rowLine writes the next line of a row and reports whether another follows.
func (g *grid) rowLine() (more bool) {
	w, style := g.w, g.style
	if g.border == 2 {
		w.WriteString(style.data.left)
	}
	for i := range g.fields {
		f := &g.fields[i]
		last := i == len(g.fields)-1
		if g.border != 0 {
			w.WriteString([...]string{" ", style.moreLeft, style.wrapLeft}[f.mark])
		}
		more = g.piece(i, g.border == 2 || !last) || more
		switch {
		case f.mark == contWrap:
			w.WriteString(style.wrapRight)
		case f.mark == contNewline:
			w.WriteString(style.moreRight)
		case g.border == 2 || !last:
			w.WriteByte(' ')
		}
		if g.border == 0 || last {
			continue
		}
		switch next := &g.fields[i+1]; {
		case next.mark == contWrap:
			w.WriteString(style.barWrap)
		case next.mark == contNewline:
			w.WriteString(style.barNewline)
		case next.done():
			w.WriteString(style.barBlank)
		default:
			w.WriteString(style.data.mid)
		}
	}
	if g.border == 2 {
		w.WriteString(style.data.right)
	}
	w.WriteByte('\n')
	return more
}

// piece writes what column i shows in this line and moves its field on. It
// reports whether the field goes on.
func (g *grid) piece(i int, padded bool) (more bool) {
	f, width, right := &g.fields[i], g.widths[i], g.t.columns[i].align() == 'r'
	if f.done() {
		f.mark = contNone
		if padded {
			pad(g.w, width)
		}
		return false
	}
	text := f.lines[f.line].text[f.off:]
	n, cols := len(text), f.lines[f.line].width
	if f.off > 0 || cols > width {
		n, cols = g.cut(text, width)
		cols = min(cols, width) // a character may be wider than the column
	}
	if right {
		pad(g.w, width-cols)
	}
	g.w.WriteString(text[:n])
	f.mark = contNone
	switch {
	case n < len(text):
		f.off += n
		f.mark = contWrap
	default:
		f.line, f.off = f.line+1, 0
		if !f.done() {
			f.mark = contNewline
		}
	}
	if !right && (padded || f.mark != contNone) {
		pad(g.w, width-cols)
	}
	return f.mark != contNone
}

func pad(w *bufio.Writer, n int) {
	const blanks = "                                                                "
	for ; n > len(blanks); n -= len(blanks) {
		w.WriteString(blanks)
	}
	if n > 0 {
		w.WriteString(blanks[:n])
	}
}
