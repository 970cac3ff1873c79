package jsonata

import "strings"

// A signature is what a function says of its parameters, such as <s-nn?:s>.
//
// https://docs.jsonata.org/embedding-extending#function-signature-syntax
type signature struct {
	params []param
	simple bool // no context, no arrays, no repetition: masks alone decide
}

type param struct {
	mask    uint16 // of the types it takes
	context bool   // the context stands in for it
	quant   byte   // 0, '?' or '+'
	array   bool   // what is no array becomes one
	subtype string // of an array's items
	choice  bool
}

// Types of arguments, as bits.
const (
	typeF uint16 = 1 << iota
	typeS
	typeN
	typeB
	typeL
	typeA
	typeO
	typeM // missing
)

func typeBits(s string) uint16 {
	var m uint16
	for i := range len(s) {
		switch s[i] {
		case 'f':
			m |= typeF
		case 's':
			m |= typeS
		case 'n':
			m |= typeN
		case 'b':
			m |= typeB
		case 'l':
			m |= typeL
		case 'a':
			m |= typeA
		case 'o':
			m |= typeO
		case 'm':
			m |= typeM
		case 'j':
			m |= typeA | typeS | typeN | typeB | typeL | typeO | typeM
		case 'x':
			m |= typeA | typeS | typeN | typeB | typeL | typeO | typeM | typeF
		}
	}
	return m
}

func typeOf(v any) uint16 {
	switch {
	case v == undefined:
		return typeM
	case v == nil:
		return typeL
	case isFunction(v):
		return typeF
	case isNumber(v):
		return typeN
	case isArray(v):
		return typeA
	}
	switch v.(type) {
	case string:
		return typeS
	case bool:
		return typeB
	}
	return typeO
}

// parseSignature reads a signature with its angle brackets. The fault's Index is the
// offset in the text.
func parseSignature(s string) (*signature, *fault) {
	sig := new(signature)
	last := func() *param {
		if len(sig.params) == 0 {
			return nil
		}
		return &sig.params[len(sig.params)-1]
	}
	for i := 1; i < len(s); i++ {
		switch c := s[i]; c {
		case ':':
			i = len(s)
		case 's', 'n', 'b', 'l', 'o':
			sig.params = append(sig.params, param{mask: typeBits(s[i:i+1]) | typeM})
		case 'a':
			sig.params = append(sig.params, param{mask: typeBits("x"), array: true})
		case 'f':
			sig.params = append(sig.params, param{mask: typeF})
		case 'j', 'x':
			sig.params = append(sig.params, param{mask: typeBits(s[i : i+1])})
		case '-':
			if p := last(); p != nil {
				p.context, p.quant = true, '?'
			}
		case '?', '+':
			if p := last(); p != nil {
				p.quant = c
			}
		case '(':
			end := closing(s, i, '(', ')')
			choice := s[i+1 : end]
			if strings.Contains(choice, "<") {
				return nil, newFault("S0402").value(choice).index(i)
			}
			sig.params = append(sig.params, param{mask: typeBits(choice) | typeM, choice: true})
			i = end
		case '<':
			p := last()
			if p == nil || !p.array && p.mask != typeF {
				return nil, newFault("S0401").index(i)
			}
			end := closing(s, i, '<', '>')
			p.subtype = s[i+1 : end]
			i = end
		}
	}
	sig.simple = true
	for _, p := range sig.params {
		if p.array || p.quant == '+' {
			sig.simple = false
		}
	}
	return sig, nil
}

// closing finds the bracket that closes the one at i, or the end.
func closing(s string, i int, open, end byte) int {
	depth := 0
	for j := i; j < len(s); j++ {
		switch s[j] {
		case open:
			depth++
		case end:
			if depth--; depth == 0 {
				return j
			}
		}
	}
	return max(i+1, len(s)-1)
}

// match finds how many arguments each parameter takes, greedily with
// backtracking, as the regular expression of the reference does.
//
// What has failed is remembered, so that many repetitions cost no more than
// parameters times arguments.
func (s *signature) match(types []uint16, at, p int, counts []int, failed map[[2]int]bool) bool {
	if p == len(s.params) {
		return at == len(types)
	}
	if failed[[2]int{at, p}] {
		return false
	}
	prm := &s.params[p]
	lo, hi := 1, 1
	switch prm.quant {
	case '?':
		lo = 0
	case '+':
		hi = len(types) - at
	}
	n := 0
	for n < hi && at+n < len(types) && types[at+n]&prm.mask != 0 {
		n++
	}
	for ; n >= lo; n-- {
		counts[p] = n
		if s.match(types, at+n, p+1, counts, failed) {
			return true
		}
	}
	failed[[2]int{at, p}] = true
	return false
}

// validate checks arguments and completes them by the context.
func (s *signature) validate(args []any, context any) []any {
	if s.simple && len(args) == len(s.params) {
		ok := true
		for i, a := range args {
			if typeOf(a)&s.params[i].mask == 0 {
				ok = false
				break
			}
		}
		if ok {
			return args
		}
	}
	var buf [8]uint16
	types := buf[:0]
	for _, a := range args {
		types = append(types, typeOf(a))
	}
	counts := make([]int, len(s.params))
	if !s.match(types, 0, 0, counts, map[[2]int]bool{}) {
		s.mismatch(args, types)
	}
	out := make([]any, 0, len(s.params))
	at := 0
	for i := range s.params {
		p := &s.params[i]
		if counts[i] == 0 {
			var arg any = undefined
			if p.context {
				if typeOf(context)&p.mask == 0 {
					panic(newFault("T0411").value(context).index(at + 1))
				}
				arg = context
			} else if at < len(args) {
				arg = args[at]
				at++
			}
			out = append(out, arg)
			continue
		}
		for range counts[i] {
			arg := args[at]
			if p.array && arg != undefined {
				arg = p.asArray(arg, at, counts[i])
			}
			out = append(out, arg)
			at++
		}
	}
	return out
}

func (p *param) asArray(arg any, at, count int) any {
	items, isArr := arrayOf(arg)
	if p.subtype != "" {
		want := typeBits(p.subtype[:1])
		ok := true
		if !isArr {
			ok = count == 1 && len(p.subtype) == 1 && typeOf(arg) == want
		}
		for _, e := range items {
			if typeOf(e) != want {
				ok = false
				break
			}
		}
		if !ok {
			f := newFault("T0412").value(arg).index(at + 1)
			f.kind = typeNames(p.subtype)
			panic(f)
		}
	}
	if !isArr {
		return []any{arg}
	}
	return arg
}

func typeNames(s string) string {
	switch s {
	case "a":
		return "arrays"
	case "b":
		return "booleans"
	case "f":
		return "functions"
	case "n":
		return "numbers"
	case "o":
		return "objects"
	case "s":
		return "strings"
	}
	return "undefined"
}

// mismatch tells the first argument that fits no parameter: how far the longest
// run of parameters that match from the start gets.
func (s *signature) mismatch(args []any, types []uint16) {
	good := 0
	ends := []int{0} // where the parameters so far may end, the greedy one first
	for i := range s.params {
		if ends = s.params[i].ends(types, ends); len(ends) == 0 {
			break
		}
		good = ends[0]
	}
	f := newFault("T0410").index(good + 1)
	if good < len(args) {
		f.value(args[good])
	} else {
		f.value(undefined)
	}
	panic(f)
}

// ends gives the places where the parameter may end that begins at one of some
// places, in the order in which backtracking would try them.
func (p *param) ends(types []uint16, from []int) []int {
	var out []int
	seen := make([]bool, len(types)+1)
	for _, at := range from {
		lo, hi := 1, 1
		switch p.quant {
		case '?':
			lo = 0
		case '+':
			hi = len(types) - at
		}
		n := 0
		for n < hi && at+n < len(types) && types[at+n]&p.mask != 0 {
			n++
		}
		for ; n >= lo; n-- {
			if !seen[at+n] {
				seen[at+n] = true
				out = append(out, at+n)
			}
		}
	}
	return out
}
