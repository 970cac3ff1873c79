package jsonata

// maxNesting is how deep the parts of an expression may nest.
const maxNesting = 2000

// A parser is a top-down operator precedence parser, as the reference is, so
// that both find the same mistakes at the same places.
type parser struct {
	lex   lexer
	tok   token
	depth int
}

// bindingPower is the power with which an operator takes what is left of it.
func bindingPower(t token) int {
	if t.kind != tokOperator {
		return 0
	}
	switch t.text {
	case ".":
		return 75
	case "[", "(", "@", "#":
		return 80
	case "{":
		return 70
	case "?":
		return 20
	case "+", "-", "&":
		return 50
	case "*", "/", "%":
		return 60
	case "=", "<", ">", "^", "!=", "<=", ">=", "~>", "?:", "??", "in":
		return 40
	case "and":
		return 30
	case "or":
		return 25
	case ":=":
		return 10
	}
	return 0
}

func (p *parser) fail(f *fault) { panic(f) }

func (p *parser) is(op string) bool { return p.tok.kind == tokOperator && p.tok.text == op }

// in names the token in a fault.
func (t token) in(f *fault) *fault {
	f.bare = t.kind == tokNumber || t.kind == tokValue
	if t.kind == tokValue {
		return f.token(brief(t.val))
	}
	return f.token(t.text)
}

func (p *parser) advance(infix bool) { p.tok = p.lex.next(infix) }

// expect passes over an operator.
func (p *parser) expect(op string, infix bool) {
	if !p.is(op) {
		code := "S0202"
		if p.tok.kind == tokEnd {
			code = "S0203"
		}
		f := newFault(code).at(p.tok.pos).value(op)
		if p.tok.kind == tokEnd {
			f.token("(end)")
		} else {
			p.tok.in(f)
		}
		p.fail(f)
	}
	p.advance(infix)
}

func (p *parser) expression(rbp int) *node {
	if p.depth++; p.depth > maxNesting {
		p.fail(newFault("U1001").at(p.tok.pos).text("The expression is nested too deeply"))
	}
	t := p.tok
	p.advance(true)
	left := p.prefix(t)
	for rbp < bindingPower(p.tok) {
		t := p.tok
		p.advance(false)
		left = p.infix(t, left)
	}
	p.depth--
	return left
}

// prefix parses what begins with t.
func (p *parser) prefix(t token) *node {
	n := &node{pos: t.pos, text: t.text}
	switch t.kind {
	case tokEnd:
		n.kind, n.text = kEnd, "(end)"
	case tokName:
		n.kind = kName
	case tokVariable:
		n.kind = kVariable
	case tokString:
		n.kind = kString
	case tokNumber:
		n.kind, n.num, n.val = kNumber, t.num, t.num
	case tokValue:
		n.kind, n.val = kValue, t.val
	case tokRegex:
		n.kind, n.re = kRegex, t.re
	default:
		p.prefixOperator(t, n)
	}
	return n
}

func (p *parser) prefixOperator(t token, n *node) {
	switch t.text {
	case "*":
		n.kind = kWildcard
	case "**":
		n.kind = kDescendant
	case "%":
		n.kind = kParent
	case "-":
		n.kind, n.lhs = kMinus, p.expression(70)
	case "(":
		n.kind = kBlock
		for !p.is(")") {
			n.list = append(n.list, p.expression(0))
			if !p.is(";") {
				break
			}
			p.advance(false)
		}
		p.expect(")", true)
	case "[":
		n.kind = kArray
		n.list = p.items()
	case "{":
		n.kind = kObject
		n.pairs = p.members()
	case "|":
		n.kind = kTransform
		n.lhs = p.expression(0)
		p.expect("|", false)
		n.rhs = p.expression(0)
		if p.is(",") {
			p.advance(false)
			n.els = p.expression(0)
		}
		p.expect("|", true)
	case "and", "or", "in": // may be names
		n.kind = kOperator
	default:
		p.fail(newFault("S0211").at(t.pos).token(t.text))
	}
}

func (p *parser) items() []*node {
	var items []*node
	if !p.is("]") {
		for {
			item := p.expression(0)
			if p.is("..") {
				r := &node{kind: kBinary, text: "..", pos: p.tok.pos, lhs: item}
				p.advance(false)
				r.rhs = p.expression(0)
				item = r
			}
			items = append(items, item)
			if !p.is(",") {
				break
			}
			p.advance(false)
		}
	}
	p.expect("]", true)
	return items
}

func (p *parser) members() [][2]*node {
	var pairs [][2]*node
	if !p.is("}") {
		for {
			k := p.expression(0)
			p.expect(":", false)
			pairs = append(pairs, [2]*node{k, p.expression(0)})
			if !p.is(",") {
				break
			}
			p.advance(false)
		}
	}
	p.expect("}", true)
	return pairs
}

// infix parses what follows left and the operator t.
func (p *parser) infix(t token, left *node) *node {
	n := &node{kind: kBinary, pos: t.pos, text: t.text, lhs: left}
	switch t.text {
	case "(":
		return p.call(n, left)
	case "[":
		if p.is("]") { // an empty predicate keeps singletons arrays
			step := left
			for step.kind == kBinary && step.text == "[" {
				step = step.lhs
			}
			step.keepArray = true
			p.advance(true)
			return left
		}
		n.rhs = p.expression(0)
		p.expect("]", true)
	case "{":
		n.pairs = p.members()
	case "^":
		p.expect("(", false)
		for {
			var term term
			if p.is("<") || p.is(">") {
				term.descending = p.is(">")
				p.advance(false)
			}
			term.expr = p.expression(0)
			n.terms = append(n.terms, term)
			if !p.is(",") {
				break
			}
			p.advance(false)
		}
		p.expect(")", true)
	case ":=":
		if left.kind != kVariable {
			p.fail(newFault("S0212").at(left.pos).token(left.text))
		}
		n.rhs = p.expression(9)
	case "@", "#":
		n.rhs = p.expression(80)
		if n.rhs.kind != kVariable {
			p.fail(newFault("S0214").at(n.rhs.pos).token(t.text))
		}
	case "?":
		n.kind, n.rhs = kCondition, p.expression(0)
		if p.is(":") {
			p.advance(false)
			n.els = p.expression(0)
		}
	case "?:":
		n.kind, n.rhs = kElvis, p.expression(0)
	case "??":
		n.kind, n.rhs = kCoalesce, p.expression(0)
	default:
		n.rhs = p.expression(bindingPower(t))
	}
	return n
}

// call parses arguments, or the definition of a function.
func (p *parser) call(n, left *node) *node {
	n.kind = kCall
	if !p.is(")") {
		for {
			if p.is("?") {
				n.kind = kPartial
				n.list = append(n.list, &node{kind: kPlaceholder, text: "?", pos: p.tok.pos})
				p.advance(true)
			} else {
				n.list = append(n.list, p.expression(0))
			}
			if !p.is(",") {
				break
			}
			p.advance(false)
		}
	}
	p.expect(")", true)
	if left.kind == kName && (left.text == "function" || left.text == "λ") {
		p.lambda(n)
	}
	return n
}

func (p *parser) lambda(n *node) {
	for i, arg := range n.list {
		if arg.kind != kVariable {
			p.fail(newFault("S0208").at(arg.pos).token(arg.text).value(float64(i + 1)))
		}
	}
	n.kind = kLambda
	if p.is("<") {
		at, depth, text := p.tok.pos, 1, "<"
		for depth > 0 && !p.is("{") && p.tok.kind != tokEnd {
			p.advance(false)
			switch {
			case p.is(">"):
				depth--
			case p.is("<"):
				depth++
			}
			text += p.tok.text
		}
		p.expect(">", false)
		sig, f := parseSignature(text)
		if f != nil {
			p.fail(f.at(at + f.err.Index))
		}
		n.sig = sig
	}
	p.expect("{", false)
	n.rhs = p.expression(0)
	p.expect("}", true)
}
