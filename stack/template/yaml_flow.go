package template

import "strings"

// flow reads a list or a map in brackets, or a value within one.
func (y *yamlReader) flow() *Node {
	y.enter()
	defer func() { y.depth-- }()
	tag, tagAt, start := "", 0, y.pos
	for {
		y.skip()
		switch y.peek(0) {
		case '!':
			if tag != "" {
				y.fail("a value has one tag")
			}
			tagAt = y.pos
			tag = y.tag()
			start = y.pos
			continue
		case '&':
			y.anchor()
			start = y.pos
			continue
		}
		break
	}
	var n *Node
	switch c := y.peek(0); {
	case y.eof():
		y.fail("the text ends within brackets")
	case c == '[':
		n = y.flowList()
	case c == '{':
		n = y.flowMap()
	case c == '"' || c == '\'':
		n = y.quoted()
	case strings.IndexByte(",]}", c) >= 0 || c == ':' && y.colonEnds():
		n = y.empty(start)
	default:
		n = y.plain(-1, true)
	}
	return y.tagged(tag, tagAt, n)
}

// colonEnds reports whether the colon here separates a key from its value.
func (y *yamlReader) colonEnds() bool {
	return y.blankAt(1) || strings.IndexByte(",[]{}", y.peek(1)) >= 0
}

func (y *yamlReader) flowList() *Node {
	n := &Node{Kind: List, At: y.at(y.pos), Items: []*Node{}}
	y.pos++
	for {
		y.skip()
		if y.peek(0) == ']' {
			y.pos++
			return n
		}
		if y.peek(0) == ',' {
			y.fail("a list entry is missing")
		}
		at := y.pos
		item := y.flow()
		y.skip()
		if y.peek(0) == ':' { // a map of one member, without braces
			key, ok := item.scalarText()
			if !ok {
				y.failAt(at, "a key must be a string, not %s", item.Kind)
			}
			y.pos++
			item = &Node{Kind: Map, At: item.At, Members: []Member{{key, item.At, y.flow()}}}
			y.skip()
		}
		n.Items = append(n.Items, item)
		switch y.peek(0) {
		case ',':
			y.pos++
		case ']':
		default:
			y.fail("expected ',' or ']' in a list")
		}
	}
}

func (y *yamlReader) flowMap() *Node {
	n := &Node{Kind: Map, At: y.at(y.pos)}
	seen := map[string]bool{}
	y.pos++
	for {
		y.skip()
		if y.peek(0) == '}' {
			y.pos++
			return n
		}
		at := y.pos
		k := y.flow()
		key, ok := k.scalarText()
		if !ok {
			y.failAt(at, "a key must be a string, not %s", k.Kind)
		}
		y.addKey(n, seen, key, at)
		y.skip()
		v := y.empty(y.pos)
		if y.peek(0) == ':' {
			y.pos++
			v = y.flow()
			y.skip()
		}
		y.setValue(n, v)
		switch y.peek(0) {
		case ',':
			y.pos++
		case '}':
		default:
			y.fail("expected ',' or '}' in a map")
		}
	}
}
