package regex

import (
	"errors"
	"fmt"
	"strings"
)

// Limits of a pattern.
const (
	maxNesting = 200
	maxProgram = 20_000
)

type nodeKind uint8

const (
	nEmpty nodeKind = iota
	nChar
	nAny
	nSet
	nCat
	nAlt
	nGroup // capturing
	nRepeat
	nAssert // inst holds it
	nLook
	nRef
)

type node struct {
	kind        nodeKind
	r           rune
	set         *set
	sub         []*node
	min, max    int
	lazy        bool
	index       int // of a group or a reference
	name        string
	from, to    int // of a repeat: the groups inside it
	op          opcode
	neg, behind bool
}

type parser struct {
	src    []rune
	i      int
	groups int
	total  int // groups in the whole pattern, for \1 against octal
	names  map[string]int
	depth  int
}

// Compile reads a pattern. The error says what is wrong with it.
func Compile(pattern string, flags Flags) (re *Regexp, err error) {
	defer func() {
		if r := recover(); r != nil {
			bad, ok := r.(syntaxError)
			if !ok {
				panic(r)
			}
			re, err = nil, errors.New(string(bad))
		}
	}()
	p := &parser{src: []rune(pattern), groups: 1, names: map[string]int{}}
	p.count()
	n := p.alternatives()
	if p.i < len(p.src) {
		p.fail("unmatched ')'")
	}
	c := &compiler{flags: flags, names: p.names}
	c.node(n, false)
	c.emit(inst{op: opMatch})
	re = &Regexp{source: pattern, prog: c.prog, groups: p.groups}
	if first := re.prog[0]; first.op == opChar && !first.fold {
		re.lit, re.hasLit = first.r, true
	}
	return re, nil
}

type syntaxError string

func (p *parser) fail(format string, args ...any) { panic(syntaxError(fmt.Sprintf(format, args...))) }

// count finds how many groups there are, and their names.
func (p *parser) count() {
	in := false
	for i := 0; i < len(p.src); i++ {
		switch p.src[i] {
		case '\\':
			i++
		case '[':
			in = true
		case ']':
			in = false
		case '(':
			if in {
				continue
			}
			if i+1 >= len(p.src) || p.src[i+1] != '?' {
				p.total++
			} else if i+3 < len(p.src) && p.src[i+2] == '<' && p.src[i+3] != '=' && p.src[i+3] != '!' {
				p.total++
				p.names[""] = 0 // there are named groups
			}
		}
	}
}

func (p *parser) peek() rune {
	if p.i < len(p.src) {
		return p.src[p.i]
	}
	return -1
}

func (p *parser) eat(s string) bool {
	r := []rune(s)
	if p.i+len(r) > len(p.src) || string(p.src[p.i:p.i+len(r)]) != s {
		return false
	}
	p.i += len(r)
	return true
}

func (p *parser) alternatives() *node {
	if p.depth++; p.depth > maxNesting {
		p.fail("nested too deeply")
	}
	alt := &node{kind: nAlt}
	for {
		alt.sub = append(alt.sub, p.sequence())
		if !p.eat("|") {
			break
		}
	}
	p.depth--
	if len(alt.sub) == 1 {
		return alt.sub[0]
	}
	return alt
}

func (p *parser) sequence() *node {
	cat := &node{kind: nCat}
	for p.i < len(p.src) && p.peek() != '|' && p.peek() != ')' {
		before := p.groups
		n := p.term()
		cat.sub = append(cat.sub, p.quantified(n, before))
	}
	return cat
}

func (p *parser) quantified(n *node, groups int) *node {
	lo, hi := 0, -1
	switch {
	case p.eat("*"):
	case p.eat("+"):
		lo = 1
	case p.eat("?"):
		hi = 1
	default:
		var ok bool
		if lo, hi, ok = p.braces(); !ok {
			return n
		}
	}
	if n.kind == nAssert || n.kind == nLook && n.behind {
		p.fail("nothing to repeat")
	}
	if hi >= 0 && hi < lo {
		p.fail("numbers out of order in {} quantifier")
	}
	r := &node{kind: nRepeat, sub: []*node{n}, min: lo, max: hi, lazy: p.eat("?"), from: groups, to: p.groups}
	if c := p.peek(); c == '*' || c == '+' || c == '?' {
		p.fail("nothing to repeat")
	}
	return r
}

// braces reads {n}, {n,} or {n,m}; anything else is text.
func (p *parser) braces() (lo, hi int, ok bool) {
	start := p.i
	if !p.eat("{") {
		return 0, 0, false
	}
	lo, ok = p.int()
	hi = lo
	if ok && p.eat(",") {
		if hi, _ = p.int(); p.src[p.i-1] == ',' {
			hi = -1
		}
	}
	if !ok || !p.eat("}") {
		p.i = start
		return 0, 0, false
	}
	return lo, hi, true
}

func (p *parser) int() (int, bool) {
	n, start := 0, p.i
	for p.peek() >= '0' && p.peek() <= '9' {
		n = min(n*10+int(p.src[p.i]-'0'), 1<<30)
		p.i++
	}
	return n, p.i > start
}

func (p *parser) term() *node {
	c := p.src[p.i]
	p.i++
	switch c {
	case '^':
		return &node{kind: nAssert, op: opBegin}
	case '$':
		return &node{kind: nAssert, op: opEnd}
	case '.':
		return &node{kind: nAny}
	case '(':
		return p.group()
	case '[':
		return p.class()
	case '*', '+', '?':
		p.fail("nothing to repeat")
	case '{':
		p.i--
		if _, _, ok := p.braces(); ok {
			p.fail("nothing to repeat")
		}
		p.i++
	case '\\':
		return p.escape()
	}
	return &node{kind: nChar, r: c}
}

func (p *parser) group() *node {
	n := new(node)
	switch {
	case p.eat("?:"):
		n = p.alternatives()
	case p.eat("?="):
		n = &node{kind: nLook, sub: []*node{p.alternatives()}}
	case p.eat("?!"):
		n = &node{kind: nLook, neg: true, sub: []*node{p.alternatives()}}
	case p.eat("?<="):
		n = &node{kind: nLook, behind: true, sub: []*node{p.alternatives()}}
	case p.eat("?<!"):
		n = &node{kind: nLook, behind: true, neg: true, sub: []*node{p.alternatives()}}
	case p.eat("?<"):
		name := p.name()
		if _, twice := p.names[name]; twice {
			p.fail("duplicate capture group name")
		}
		p.names[name] = p.groups
		n = p.capture()
	case p.eat("?"):
		p.fail("invalid group")
	default:
		n = p.capture()
	}
	if !p.eat(")") {
		p.fail("unterminated group")
	}
	return n
}

func (p *parser) capture() *node {
	n := &node{kind: nGroup, index: p.groups}
	p.groups++
	n.sub = []*node{p.alternatives()}
	return n
}

func (p *parser) name() string {
	start := p.i
	for p.peek() != '>' {
		if c := p.peek(); !isWord(c) && c != '$' && c < 128 {
			p.fail("invalid capture group name")
		}
		p.i++
	}
	if p.i == start || p.src[start] >= '0' && p.src[start] <= '9' {
		p.fail("invalid capture group name")
	}
	p.i++
	return string(p.src[start : p.i-1])
}

func digits() *set { return &set{ranges: []rune{'0', '9'}} }

func words() *set { return &set{ranges: []rune{'0', '9', 'A', 'Z', '_', '_', 'a', 'z'}} }

func spaces() *set {
	return &set{ranges: []rune{'\t', '\r', ' ', ' ', 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a, 0x2028, 0x2029,
		0x202f, 0x202f, 0x205f, 0x205f, 0x3000, 0x3000, 0xfeff, 0xfeff}}
}

// classEscape is the set of \d and its kin.
func classEscape(c rune) *set {
	var s *set
	switch c {
	case 'd', 'D':
		s = digits()
	case 'w', 'W':
		s = words()
	case 's', 'S':
		s = spaces()
	default:
		return nil
	}
	s.neg = c < 'a'
	return s
}

func (p *parser) escape() *node {
	c := p.peek()
	if c < 0 {
		p.fail(`\ at end of pattern`)
	}
	if s := classEscape(c); s != nil {
		p.i++
		return &node{kind: nSet, set: s}
	}
	switch {
	case c == 'b' || c == 'B':
		p.i++
		op := opWord
		if c == 'B' {
			op = opNotWord
		}
		return &node{kind: nAssert, op: op}
	case c >= '1' && c <= '9':
		start := p.i
		if n, _ := p.int(); n <= p.total {
			return &node{kind: nRef, index: n}
		}
		p.i = start
	case c == 'k':
		if _, named := p.names[""]; named {
			p.i++
			if !p.eat("<") {
				p.fail("invalid named reference")
			}
			return &node{kind: nRef, name: p.name()}
		}
	}
	return &node{kind: nChar, r: p.char()}
}

// char reads an escaped character after its backslash.
func (p *parser) char() rune {
	c := p.src[p.i]
	p.i++
	switch c {
	case 't':
		return '\t'
	case 'n':
		return '\n'
	case 'v':
		return '\v'
	case 'f':
		return '\f'
	case 'r':
		return '\r'
	case 'c':
		if l := p.peek(); l >= 'a' && l <= 'z' || l >= 'A' && l <= 'Z' {
			p.i++
			return l % 32
		}
		p.i--
		return '\\'
	case 'x':
		return p.hex(2, c)
	case 'u':
		high := p.hex(4, c)
		if high >= 0xd800 && high < 0xdc00 && p.eat(`\u`) {
			low := p.hex(4, c)
			if low >= 0xdc00 && low < 0xe000 {
				return (high-0xd800)<<10 + low - 0xdc00 + 0x10000
			}
		}
		return high
	case '0', '1', '2', '3', '4', '5', '6', '7':
		n := c - '0'
		for range 2 {
			if d := p.peek(); d >= '0' && d <= '7' && n*8+d-'0' <= 0o377 {
				n = n*8 + d - '0'
				p.i++
			}
		}
		return n
	}
	return c
}

// hex reads n digits, or gives the letter itself if they are not there.
func (p *parser) hex(n int, letter rune) rune {
	if p.i+n > len(p.src) {
		return letter
	}
	var v rune
	for _, d := range p.src[p.i : p.i+n] {
		k := strings.IndexRune("0123456789abcdefABCDEF", d)
		if k < 0 {
			return letter
		}
		if k > 15 {
			k -= 6
		}
		v = v*16 + rune(k)
	}
	p.i += n
	return v
}

func (p *parser) class() *node {
	s := &set{neg: p.eat("^")}
	for !p.eat("]") {
		lo, sub := p.classAtom()
		if p.peek() != '-' || p.i+1 < len(p.src) && p.src[p.i+1] == ']' {
			s.add(lo, lo, sub)
			continue
		}
		p.i++
		hi, sub2 := p.classAtom()
		if sub != nil || sub2 != nil {
			s.add(lo, lo, sub)
			s.add('-', '-', nil)
			s.add(hi, hi, sub2)
			continue
		}
		if hi < lo {
			p.fail("range out of order in character class")
		}
		s.add(lo, hi, nil)
	}
	return &node{kind: nSet, set: s}
}

func (s *set) add(lo, hi rune, sub *set) {
	if sub != nil {
		s.sub = append(s.sub, sub)
		return
	}
	s.ranges = append(s.ranges, lo, hi)
}

func (p *parser) classAtom() (rune, *set) {
	c := p.peek()
	if c < 0 {
		p.fail("unterminated character class")
	}
	p.i++
	if c != '\\' {
		return c, nil
	}
	e := p.peek()
	if e < 0 {
		p.fail(`\ at end of pattern`)
	}
	if s := classEscape(e); s != nil {
		p.i++
		return 0, s
	}
	if e == 'b' {
		p.i++
		return '\b', nil
	}
	return p.char(), nil
}
