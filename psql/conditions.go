package psql

// conditions are the open \if blocks of a script.
type conditions struct {
	stack []condition
}

// A condition is an open \if block.
type condition struct {
	state  branch
	length int // of the query when a skipped branch began
	parens int
}

// A branch is the state of the current branch of an \if block.
type branch uint8

const (
	branchTrue      branch = iota // runs
	branchFalse                   // skipped; a later one may run
	branchIgnored                 // skipped, as all others of its block
	branchElseTrue                // \else, runs
	branchElseFalse               // \else, skipped
)

// active reports whether commands run.
func (c *conditions) active() bool {
	return len(c.stack) == 0 || c.top().state == branchTrue || c.top().state == branchElseTrue
}

func (c *conditions) top() *condition { return &c.stack[len(c.stack)-1] }

// condition runs \if, \elif, \else and \endif. ok is false for other commands.
func (sc *script) condition(name string) (status cmdStatus, ok bool) {
	s, c := sc.sh, &sc.conds
	if name == "elseif" && s.rsql {
		name = "elif"
	}
	switch name {
	case "if":
		cond := condition{state: branchIgnored}
		if c.active() {
			cond.state = branchFalse
			if sc.expression("\\if expression") {
				cond.state = branchTrue
			}
		} else {
			sc.skipArgs()
		}
		cond.length, cond.parens = len(sc.buf), sc.scan.Parens()
		c.stack = append(c.stack, cond)
		return cmdSkip, true
	case "elif":
		if len(c.stack) == 0 {
			s.errorf("\\elif: no matching \\if")
			return cmdError, true
		}
		top := c.top()
		switch top.state {
		case branchTrue:
			sc.keep(top)
			sc.skipArgs()
			top.state = branchIgnored
		case branchFalse:
			sc.discard(top)
			top.state = branchTrue
			if !sc.expression("\\elif expression") {
				top.state = branchFalse
			}
		case branchIgnored:
			sc.discard(top)
			sc.skipArgs()
		default:
			s.errorf("\\elif: cannot occur after \\else")
			return cmdError, true
		}
		return cmdSkip, true
	case "else":
		if len(c.stack) == 0 {
			s.errorf("\\else: no matching \\if")
			return cmdError, true
		}
		top := c.top()
		switch top.state {
		case branchTrue:
			sc.keep(top)
			top.state = branchElseFalse
		case branchFalse:
			sc.discard(top)
			top.state = branchElseTrue
		case branchIgnored:
			sc.discard(top)
			top.state = branchElseFalse
		default:
			s.errorf("\\else: cannot occur after \\else")
			return cmdError, true
		}
		return cmdSkip, true
	case "endif":
		if len(c.stack) == 0 {
			s.errorf("\\endif: no matching \\if")
			return cmdError, true
		}
		if !c.active() {
			sc.discard(c.top())
		}
		c.stack = c.stack[:len(c.stack)-1]
		return cmdSkip, true
	}
	return cmdSkip, false
}

// keep remembers the query as it is where a skipped branch begins.
func (sc *script) keep(top *condition) {
	top.length, top.parens = len(sc.buf), sc.scan.Parens()
}

// discard forgets what a skipped branch added to the query.
func (sc *script) discard(top *condition) {
	if len(sc.buf) > top.length {
		sc.buf = sc.buf[:top.length]
	}
	sc.scan.SetParens(top.parens)
}

// expression reads the arguments of \if as a boolean; what is none is false.
func (sc *script) expression(what string) bool {
	text := ""
	for first := true; ; first = false {
		arg, ok := sc.arg(false)
		if !ok {
			break
		}
		if !first {
			text += " "
		}
		text += arg
	}
	if sc.sh.rsql {
		if value, ok := comparison(text); ok {
			return value
		}
	}
	value, err := parseBool(text, what)
	if err != nil {
		sc.sh.errorf("%v", err)
	}
	return value
}
