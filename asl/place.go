package asl

import (
	"slices"
	"strconv"
	"strings"

	"salamander/internal/value"
)

// A where is the place of a value in the definition; nil is the whole.
type where = *place

// A place is a member or an element of what is at another place.
type place struct {
	outer *place
	name  string
	index int // of an element; -1 for a member
	depth int // how many parts the place has
}

// len gives the number of the place's parts.
func (w *place) len() int {
	if w == nil {
		return 0
	}
	return w.depth
}

func (w *place) key(name string) where { return &place{w, name, -1, w.len() + 1} }
func (w *place) at(i int) where        { return &place{w, "", i, w.len() + 1} }

// parts lists the place's parts behind the first ones.
func (w *place) parts(behind int) []*place {
	var all []*place
	for ; w.len() > behind; w = w.outer {
		all = append(all, w)
	}
	slices.Reverse(all)
	return all
}

// pointer gives the place as RFC 6901 writes it.
func (w *place) pointer() string {
	var b strings.Builder
	for _, part := range w.parts(0) {
		b.WriteByte('/')
		if part.index >= 0 {
			b.WriteString(strconv.Itoa(part.index))
			continue
		}
		b.WriteString(strings.NewReplacer("~", "~0", "/", "~1").Replace(part.name))
	}
	return b.String()
}

// location gives the place as AWS writes it.
func (w *place) location() string {
	if w == nil {
		return "/"
	}
	return "/" + w.within(0)
}

// within gives the place as AWS writes it, as seen from behind the first parts.
func (w *place) within(behind int) string {
	var b strings.Builder
	for _, part := range w.parts(behind) {
		if part.index >= 0 {
			b.WriteString("[" + strconv.Itoa(part.index) + "]")
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('/')
		}
		b.WriteString(part.name)
	}
	return b.String()
}

// position gives the position of a place, or of what encloses it.
func (w *place) position(p *value.Position) *value.Position {
	for _, part := range w.parts(0) {
		var next *value.Position
		switch {
		case p == nil:
		case part.index < 0:
			next = p.Members[part.name]
		case part.index < len(p.Items):
			next = p.Items[part.index]
		}
		if next == nil {
			return p
		}
		p = next
	}
	return p
}

// A lineTable finds the lines of a text.
type lineTable []int // the offsets behind the ends of lines

func newLineTable(text []byte) lineTable {
	var t lineTable
	for i, c := range text {
		if c == '\n' {
			t = append(t, i+1)
		}
	}
	return t
}

// at gives the line and the column, in bytes, of an offset.
func (t lineTable) at(offset int) (line, column int) {
	line, found := slices.BinarySearch(t, offset)
	if found {
		line++
	}
	if line == 0 {
		return 1, offset + 1
	}
	return line + 1, offset - t[line-1] + 1
}
