package sqltext

// A Cursor walks over the tokens of a text and passes over trivia. Its methods
// that accept something move it only when they find it.
type Cursor struct {
	Src  string
	Toks []Token
	I    int // index of the next token to look at, trivia or not
}

// Peek returns the next token without moving, or one of kind Invalid, placed
// at the end of the last token, when there is none.
func (c *Cursor) Peek() Token {
	i := SkipTrivia(c.Toks, c.I)
	if i < len(c.Toks) {
		return c.Toks[i]
	}
	end := len(c.Src)
	if n := len(c.Toks); n > 0 {
		end = c.Toks[n-1].End
	}
	return Token{Pos: end, End: end}
}

// Next returns the next token and moves past it.
func (c *Cursor) Next() Token {
	tok := c.Peek()
	c.I = min(SkipTrivia(c.Toks, c.I)+1, len(c.Toks))
	return tok
}

// Done reports whether only trivia is left.
func (c *Cursor) Done() bool { return c.Peek().Kind == Invalid }

// Accept moves past the given words if they come next, in any case.
func (c *Cursor) Accept(words ...string) bool {
	start := c.I
	for _, word := range words {
		if !c.Next().Is(c.Src, word) {
			c.I = start
			return false
		}
	}
	return true
}

// AcceptKind moves past the next token if it is of the given kind, and
// returns it.
func (c *Cursor) AcceptKind(kind Kind) (Token, bool) {
	if tok := c.Peek(); tok.Kind == kind {
		return c.Next(), true
	}
	return Token{}, false
}

// AcceptOp moves past the operator op if it comes next.
func (c *Cursor) AcceptOp(op string) bool {
	if c.Peek().IsOp(c.Src, op) {
		c.Next()
		return true
	}
	return false
}

// Group moves past a parenthesis or bracket with all that it encloses, and
// returns the tokens between the two. It stays when no group comes next, or
// when it is not closed.
func (c *Cursor) Group() ([]Token, bool) {
	i := SkipTrivia(c.Toks, c.I)
	end := Match(c.Toks, i)
	if end < 0 {
		return nil, false
	}
	c.I = end + 1
	return c.Toks[i+1 : end], true
}
