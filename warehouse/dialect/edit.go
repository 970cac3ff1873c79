package dialect

import (
	"cmp"
	"slices"
	"strings"
)

// An edit replaces the bytes from pos up to end.
type edit struct {
	pos, end int
	text     string
	rank     int // order among edits at the same place
	span     int // bytes that a wrapping encloses
}

// The ranks of edits that begin at the same place: what closes an inner
// wrapping comes first, what opens an outer one comes before an inner one.
const (
	rankClose = iota
	rankInsert
	rankOpen
	rankReplace
)

// An editor gathers edits of a text. Replacements must not overlap.
type editor struct {
	edits []edit
}

func (e *editor) replace(pos, end int, text string) {
	e.edits = append(e.edits, edit{pos: pos, end: end, text: text, rank: rankReplace})
}

func (e *editor) insert(pos int, text string) {
	e.edits = append(e.edits, edit{pos: pos, end: pos, text: text, rank: rankInsert})
}

// wrap encloses the bytes from pos up to end.
func (e *editor) wrap(pos, end int, before, after string) {
	e.edits = append(e.edits,
		edit{pos: pos, end: pos, text: before, rank: rankOpen, span: end - pos},
		edit{pos: end, end: end, text: after, rank: rankClose, span: end - pos})
}

// A Mapping leads from an edited text back to the one it was made of.
type Mapping struct {
	segments []segment
}

// A segment is a run of bytes that were passed unchanged, or one edit.
type segment struct {
	out, in int // where it begins in either text
	copied  bool
}

// Source returns the offset in the source of the byte at offset out of the
// edited text. Within an edit it is where the edit begins.
func (m Mapping) Source(out int) int {
	i, found := slices.BinarySearchFunc(m.segments, out, func(s segment, out int) int { return cmp.Compare(s.out, out) })
	if !found {
		i--
	}
	if i < 0 {
		return 0
	}
	if s := m.segments[i]; s.copied {
		return s.in + out - s.out
	}
	return m.segments[i].in
}

// Shifted is the mapping where n bytes stand before the edited text.
func (m Mapping) Shifted(n int) Mapping {
	moved := slices.Clone(m.segments)
	for i := range moved {
		moved[i].out += n
	}
	return Mapping{moved}
}

// apply edits src from pos up to end.
func (e *editor) apply(src string, pos, end int) (string, Mapping) {
	slices.SortStableFunc(e.edits, func(a, b edit) int {
		if c := cmp.Or(cmp.Compare(a.pos, b.pos), cmp.Compare(a.rank, b.rank)); c != 0 {
			return c
		}
		if a.rank == rankOpen {
			return cmp.Compare(b.span, a.span)
		}
		return cmp.Compare(a.span, b.span)
	})
	var out strings.Builder
	var m Mapping
	at := pos
	keep := func(upTo int) {
		if upTo > at {
			m.segments = append(m.segments, segment{out.Len(), at, true})
			out.WriteString(src[at:upTo])
			at = upTo
		}
	}
	for _, ed := range e.edits {
		if ed.pos < at { // inside of what was replaced
			continue
		}
		keep(ed.pos)
		if ed.text != "" {
			m.segments = append(m.segments, segment{out.Len(), ed.pos, false})
			out.WriteString(ed.text)
		}
		at = ed.end
	}
	keep(end)
	return out.String(), m
}
