package regex

// A compiler writes the program of a parsed pattern.
type compiler struct {
	flags Flags
	names map[string]int
	prog  []inst
	marks int
}

func (c *compiler) emit(in inst) int {
	if len(c.prog) >= maxProgram {
		panic(syntaxError("the regular expression is too large"))
	}
	c.prog = append(c.prog, in)
	return len(c.prog) - 1
}

// node writes a part; back is the direction inside look-behind.
func (c *compiler) node(n *node, back bool) {
	fold := c.flags&IgnoreCase != 0
	switch n.kind {
	case nChar:
		c.emit(inst{op: opChar, r: n.r, fold: fold, back: back})
	case nAny:
		c.emit(inst{op: opAny, back: back})
	case nSet:
		c.emit(inst{op: opSet, set: n.set, fold: fold, back: back})
	case nCat:
		for i := range n.sub {
			if back {
				i = len(n.sub) - 1 - i
			}
			c.node(n.sub[i], back)
		}
	case nAlt:
		var ends []int
		for i, sub := range n.sub {
			if i == len(n.sub)-1 {
				c.node(sub, back)
				break
			}
			at := c.emit(inst{op: opSplit})
			c.prog[at].x = at + 1
			c.node(sub, back)
			ends = append(ends, c.emit(inst{op: opJump}))
			c.prog[at].y = len(c.prog)
		}
		for _, e := range ends {
			c.prog[e].x = len(c.prog)
		}
	case nGroup:
		first, last := 2*n.index, 2*n.index+1
		if back {
			first, last = last, first
		}
		c.emit(inst{op: opSave, x: first})
		c.node(n.sub[0], back)
		c.emit(inst{op: opSave, x: last})
	case nAssert:
		c.emit(inst{op: n.op, multi: c.flags&Multiline != 0})
	case nLook:
		at := c.emit(inst{op: opLook, neg: n.neg})
		c.node(n.sub[0], n.behind)
		c.emit(inst{op: opMatch})
		c.prog[at].y = len(c.prog)
	case nRef:
		index := n.index
		if n.name != "" {
			var ok bool
			if index, ok = c.names[n.name]; !ok {
				panic(syntaxError("invalid named capture referenced"))
			}
		}
		c.emit(inst{op: opRef, x: index, fold: fold, back: back})
	case nRepeat:
		c.repeat(n, back)
	}
}

func (c *compiler) repeat(n *node, back bool) {
	for range n.min {
		c.round(n, back)
	}
	if n.max < 0 {
		// L: split body, end; mark; body; check; jump L
		mark := c.marks
		c.marks++
		at := c.emit(inst{op: opSplit})
		c.emit(inst{op: opMark, x: mark})
		c.round(n, back)
		c.emit(inst{op: opCheck, x: mark})
		c.emit(inst{op: opJump, x: at})
		c.split(at, len(c.prog), n.lazy)
		return
	}
	var splits []int
	for range n.max - n.min {
		mark := c.marks
		c.marks++
		splits = append(splits, c.emit(inst{op: opSplit}))
		c.emit(inst{op: opMark, x: mark})
		c.round(n, back)
		c.emit(inst{op: opCheck, x: mark})
	}
	for _, at := range splits {
		c.split(at, len(c.prog), n.lazy)
	}
}

func (c *compiler) split(at, end int, lazy bool) {
	c.prog[at].x, c.prog[at].y = at+1, end
	if lazy {
		c.prog[at].x, c.prog[at].y = end, at+1
	}
}

// round writes the body once. Its groups begin anew.
func (c *compiler) round(n *node, back bool) {
	if n.to > n.from {
		c.emit(inst{op: opReset, x: n.from, y: n.to})
	}
	c.node(n.sub[0], back)
}
