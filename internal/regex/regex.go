// Package regex is the regular expressions of ECMAScript, matched by
// backtracking, with look-around, back-references and a bound on steps.
//
// It exists because a bound must be a number of steps: libraries bound time,
// which makes the same evaluation end differently on another day, and needs a
// goroutine with a clock. Patterns are those without the u flag, including the
// web's old forms (Annex B), on code points instead of UTF-16 units.
package regex

import (
	"errors"
	"unicode"
)

// Flags change how a pattern matches.
type Flags uint8

// The flags that JSONata has.
const (
	IgnoreCase Flags = 1 << iota // i
	Multiline                    // m
)

// A Regexp is a compiled pattern. It never changes; goroutines share it.
type Regexp struct {
	source string
	prog   []inst
	groups int // with the whole match
	lit    rune
	hasLit bool // every match begins with lit
}

// String returns the pattern.
func (re *Regexp) String() string { return re.source }

// Groups is how many capturing groups the pattern has.
func (re *Regexp) Groups() int { return re.groups - 1 }

// ErrSteps is the error of a match that needs more steps than it may take.
var ErrSteps = errors.New("the regular expression takes too many steps")

type opcode uint8

const (
	opChar opcode = iota
	opAny
	opSet
	opSplit // first x, then y
	opJump
	opSave
	opReset // groups x…y-1 are unset
	opMark  // remember the position in loop register x
	opCheck // fail if the position has not moved since opMark x
	opBegin
	opEnd
	opWord
	opNotWord
	opLook // look ahead or behind; the body follows, y is after it
	opRef
	opMatch
)

type inst struct {
	op    opcode
	back  bool // moves towards the start: inside look-behind
	neg   bool
	fold  bool
	multi bool
	r     rune
	set   *set
	x, y  int
}

// A set is a class of characters.
type set struct {
	neg    bool
	ranges []rune // pairs
	sub    []*set
}

func (s *set) has(r rune) bool {
	for i := 0; i < len(s.ranges); i += 2 {
		if r >= s.ranges[i] && r <= s.ranges[i+1] {
			return !s.neg
		}
	}
	for _, sub := range s.sub {
		if sub.has(r) {
			return !s.neg
		}
	}
	return s.neg
}

func (s *set) hasFold(r rune) bool {
	inner := *s
	inner.neg = false
	found := inner.has(r)
	for f := unicode.SimpleFold(r); f != r && !found; f = unicode.SimpleFold(f) {
		found = canonical(f) == canonical(r) && inner.has(f)
	}
	return found != s.neg
}

// canonical is ECMAScript's Canonicalize: upper case, but nothing beyond ASCII
// becomes ASCII.
func canonical(r rune) rune {
	u := unicode.ToUpper(r)
	if r >= 128 && u < 128 {
		return r
	}
	return u
}

func isWord(r rune) bool {
	return r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

func isBreak(r rune) bool { return r == '\n' || r == '\r' || r == 0x2028 || r == 0x2029 }

// A trail entry is a choice still open, or an old value to put back.
type entry struct {
	kind     uint8 // 0 choice, 1 capture, 2 mark
	pc, pos  int
	old, idx int
}

// maxTrail is how many open choices a match may have.
const maxTrail = 4 << 20

type matcher struct {
	re    *Regexp
	in    []rune
	caps  []int
	marks []int
	trail []entry
	steps *int
}

// Match finds the first match in text from the index at on. It returns the
// bounds of the match and of each group as pairs of indexes, -1 for a group
// that took no part, and nil if there is none. Each step takes one from *steps;
// the error is [ErrSteps] when none is left.
func (re *Regexp) Match(text []rune, at int, steps *int) ([]int, error) {
	m := &matcher{re: re, in: text, steps: steps, caps: make([]int, 2*re.groups)}
	loops := 0
	for i := range re.prog {
		if re.prog[i].op == opMark {
			loops = max(loops, re.prog[i].x+1)
		}
	}
	m.marks = make([]int, loops)
	for ; at <= len(text); at++ {
		if *steps--; *steps < 0 {
			return nil, ErrSteps
		}
		if re.hasLit && (at == len(text) || text[at] != re.lit) {
			continue
		}
		for i := range m.caps {
			m.caps[i] = -1
		}
		m.trail = m.trail[:0]
		end, ok, err := m.run(0, at)
		if err != nil {
			return nil, err
		}
		if ok {
			m.caps[0], m.caps[1] = at, end
			return m.caps, nil
		}
	}
	return nil, nil
}

func (m *matcher) set(kind uint8, values []int, i, v int) {
	m.trail = append(m.trail, entry{kind: kind, idx: i, old: values[i]})
	values[i] = v
}

// backtrack undoes what was done since the last open choice, and takes it.
func (m *matcher) backtrack(base int) (pc, pos int, ok bool) {
	for len(m.trail) > base {
		e := m.trail[len(m.trail)-1]
		m.trail = m.trail[:len(m.trail)-1]
		switch e.kind {
		case 0:
			return e.pc, e.pos, true
		case 1:
			m.caps[e.idx] = e.old
		case 2:
			m.marks[e.idx] = e.old
		}
	}
	return 0, 0, false
}

// run matches from pc at pos until the program's, or the look-around's, end.
func (m *matcher) run(pc, pos int) (end int, ok bool, err error) {
	base := len(m.trail)
	for {
		if *m.steps--; *m.steps < 0 || len(m.trail) > maxTrail {
			return 0, false, ErrSteps
		}
		in := &m.re.prog[pc]
		ok := true
		switch in.op {
		case opChar, opAny, opSet:
			pos, ok = m.one(in, pos)
		case opSplit:
			m.trail = append(m.trail, entry{pc: in.y, pos: pos})
			pc = in.x - 1
		case opJump:
			pc = in.x - 1
		case opSave:
			m.set(1, m.caps, in.x, pos)
		case opReset:
			for g := in.x; g < in.y; g++ {
				m.set(1, m.caps, 2*g, -1)
				m.set(1, m.caps, 2*g+1, -1)
			}
		case opMark:
			m.set(2, m.marks, in.x, pos)
		case opCheck:
			ok = m.marks[in.x] != pos
		case opBegin:
			ok = pos == 0 || in.multi && isBreak(m.in[pos-1])
		case opEnd:
			ok = pos == len(m.in) || in.multi && isBreak(m.in[pos])
		case opWord, opNotWord:
			before := pos > 0 && isWord(m.in[pos-1])
			after := pos < len(m.in) && isWord(m.in[pos])
			ok = (before != after) == (in.op == opWord)
		case opLook:
			if ok, err = m.look(pc, pos, in.neg); err != nil {
				return 0, false, err
			}
			pc = in.y - 1
		case opRef:
			pos, ok = m.ref(in, pos)
		case opMatch:
			return pos, true, nil
		}
		pc++
		if !ok {
			if pc, pos, ok = m.backtrack(base); !ok {
				return 0, false, nil
			}
		}
	}
}

func (m *matcher) one(in *inst, pos int) (int, bool) {
	at, next := pos, pos+1
	if in.back {
		at, next = pos-1, pos-1
	}
	if at < 0 || at >= len(m.in) {
		return pos, false
	}
	r := m.in[at]
	switch in.op {
	case opAny:
		return next, !isBreak(r)
	case opSet:
		if in.fold {
			return next, in.set.hasFold(r)
		}
		return next, in.set.has(r)
	}
	return next, r == in.r || in.fold && canonical(r) == canonical(in.r)
}

func (m *matcher) look(pc, pos int, neg bool) (bool, error) {
	base := len(m.trail)
	_, ok, err := m.run(pc+1, pos)
	if err != nil {
		return false, err
	}
	if neg || !ok {
		for len(m.trail) > base {
			m.backtrack(base)
		}
		return ok != neg, nil
	}
	// A look-around that holds is not entered again: only its captures stay.
	kept := m.trail[:base]
	for _, e := range m.trail[base:] {
		if e.kind != 0 {
			kept = append(kept, e)
		}
	}
	m.trail = kept
	return true, nil
}

func (m *matcher) ref(in *inst, pos int) (int, bool) {
	from, to := m.caps[2*in.x], m.caps[2*in.x+1]
	if from < 0 || to < 0 {
		return pos, true
	}
	if from > to {
		from, to = to, from
	}
	n := to - from
	start := pos
	if in.back {
		start = pos - n
	}
	if start < 0 || start+n > len(m.in) {
		return pos, false
	}
	*m.steps -= n
	for i := range n {
		a, b := m.in[from+i], m.in[start+i]
		if a != b && !(in.fold && canonical(a) == canonical(b)) {
			return pos, false
		}
	}
	if in.back {
		return start, true
	}
	return pos + n, true
}
