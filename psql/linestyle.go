package psql

import "strings"

// lineKind is a value of \pset linestyle.
type lineKind uint8

const (
	lineASCII lineKind = iota
	lineOldASCII
	lineUnicode
)

func (k lineKind) String() string { return [...]string{"ascii", "old-ascii", "unicode"}[k] }

// lineWeight is a value of \pset unicode_*_linestyle.
type lineWeight uint8

const (
	weightSingle lineWeight = iota
	weightDouble
)

func (k lineWeight) String() string { return [...]string{"single", "double"}[k] }

// A rule is a horizontal line: what it is made of, and its left, inner and
// right crossings.
type rule struct{ line, left, mid, right string }

// A lineStyle is what the lines and marks of a table are drawn with.
type lineStyle struct {
	top, middle, bottom rule
	data                rule // left, mid and right bars of a row
	headLeft, headRight string
	moreLeft, moreRight string // beside a value that goes on after a line end
	wrapLeft, wrapRight string // beside a value that was wrapped
	barNewline          string // between columns, where the next goes on
	barWrap, barBlank   string
	old                 bool // marks are on the left
}

func (o printOptions) lines() lineStyle {
	switch o.line {
	case lineOldASCII:
		s := asciiLines()
		s.headLeft, s.headRight = "+", " "
		s.moreRight, s.wrapLeft, s.wrapRight = " ", " ", " "
		s.barNewline, s.barWrap, s.barBlank = ":", ";", " "
		s.old = true
		return s
	case lineUnicode:
		return o.unicodeLines()
	}
	return asciiLines()
}

func asciiLines() lineStyle {
	cross := rule{"-", "+", "+", "+"}
	return lineStyle{
		top: cross, middle: cross, bottom: cross, data: rule{"", "|", "|", "|"},
		headLeft: " ", headRight: "+", moreLeft: " ", moreRight: "+", wrapLeft: ".", wrapRight: ".",
		barNewline: "|", barWrap: "|", barBlank: "|",
	}
}

// unicodeLines builds the style of box-drawing characters. Where two lines
// meet, the table is indexed by the weight of the horizontal one.
func (o printOptions) unicodeLines() lineStyle {
	border, head, col := o.uniBorder, o.uniHeader, o.uniColumn
	pick := func(all string, i lineWeight) string { return string([]rune(all)[i]) }
	cross := func(singleCol, doubleCol string, horizontal lineWeight) string {
		return pick([2]string{singleCol, doubleCol}[col], horizontal)
	}
	bar := cross("│", "║", 0)
	style := lineStyle{
		top:      rule{pick("─═", border), pick("┌╔", border), cross("┬╤", "╥╦", border), pick("┐╗", border)},
		middle:   rule{pick("─═", head), pick([2]string{"├╞", "╟╠"}[border], head), cross("┼╪", "╫╬", head), pick([2]string{"┤╡", "╢╣"}[border], head)},
		bottom:   rule{pick("─═", border), pick("└╚", border), cross("┴╧", "╨╩", border), pick("┘╝", border)},
		data:     rule{"", pick("│║", border), bar, pick("│║", border)},
		headLeft: " ", headRight: "↵", moreLeft: " ", moreRight: "↵", wrapLeft: "…", wrapRight: "…",
		barNewline: bar, barWrap: bar, barBlank: bar,
	}
	return style
}

// rule writes a horizontal line across columns of these widths.
func (p *page) rule(r rule, widths []int) {
	w := p.w
	switch p.border {
	case 1:
		w.WriteString(r.line)
	case 2:
		w.WriteString(r.left + r.line)
	}
	for i, n := range widths {
		w.WriteString(strings.Repeat(r.line, n))
		switch {
		case i == len(widths)-1:
		case p.border == 0:
			w.WriteByte(' ')
		default:
			w.WriteString(r.line + r.mid + r.line)
		}
	}
	switch p.border {
	case 1:
		w.WriteString(r.line)
	case 2:
		w.WriteString(r.line + r.right)
	}
	w.WriteByte('\n')
}
