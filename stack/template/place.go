package template

import (
	"sort"
	"unicode/utf8"
)

// A placer tells lines and columns of offsets in a text. It is quick when the
// offsets go up: it counts on from the last one on the line.
type placer struct {
	src    string
	lines  []int // where each line begins
	offset int   // the last one, at last
	last   Position
}

func newPlacer(src string) placer {
	p := placer{src: src, lines: []int{0}, last: Position{1, 1}}
	for i := 0; i < len(src); i++ {
		if src[i] == '\n' {
			p.lines = append(p.lines, i+1)
		}
	}
	return p
}

func (p *placer) at(offset int) Position {
	line := sort.SearchInts(p.lines, offset+1)
	from, column := p.lines[line-1], 1
	if line == p.last.Line && offset >= p.offset {
		from, column = p.offset, p.last.Column
	}
	p.offset, p.last = offset, Position{line, column + utf8.RuneCountInString(p.src[from:offset])}
	return p.last
}
