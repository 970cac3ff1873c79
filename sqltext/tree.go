package sqltext

import (
	"fmt"
	"strings"
)

// A Node is a token of a token tree, or a group: an opening parenthesis or
// bracket with all that it encloses. Trees hold no trivia.
type Node struct {
	Token           // of a group, the opening one
	Word     string // of a name without quotes, its text in lower case
	Close    Token  // of a group, the closing one
	Children []Node // of a group, what it encloses
}

// IsGroup reports whether n is a group.
func (n Node) IsGroup() bool { return n.Kind == OpenParen || n.Kind == OpenBracket }

// Last returns the offset after n's last byte, of a group that of its closing
// token.
func (n Node) Last() int {
	if n.IsGroup() {
		return n.Close.End
	}
	return n.End
}

// maxNesting bounds the depth of a tree, so that no text can exhaust the stack
// of those who walk it.
const maxNesting = 1000

// Tree returns toks, which were read from src, as a tree with trivia left out.
// It returns an [*Error] for a parenthesis or bracket without its counterpart,
// and beyond 1000 levels.
func Tree(src string, toks []Token) ([]Node, error) {
	sizes, err := sizes(toks)
	if err != nil {
		return nil, err
	}
	total := 0
	for _, n := range sizes {
		total += n
	}
	all := make([]Node, total) // that of a group lies before those of the groups in it
	take := func() []Node {
		n := sizes[0]
		level := all[:0:n]
		sizes, all = sizes[1:], all[n:]
		return level
	}
	levels := [][]Node{take()}
	for _, tok := range toks {
		top := &levels[len(levels)-1]
		switch tok.Kind {
		case Space, Comment:
		case OpenParen, OpenBracket:
			*top = append(*top, Node{Token: tok})
			levels = append(levels, take())
		case CloseParen, CloseBracket:
			children := *top
			levels = levels[:len(levels)-1]
			outer := levels[len(levels)-1]
			group := &outer[len(outer)-1]
			group.Close, group.Children = tok, children
		case Ident:
			*top = append(*top, Node{Token: tok, Word: strings.ToLower(tok.Text(src))})
		default:
			*top = append(*top, Node{Token: tok})
		}
	}
	return levels[0], nil
}

// sizes returns the number of nodes at the top level, and in each group in the
// order in which they open.
func sizes(toks []Token) ([]int, error) {
	type level struct {
		open Token
		at   int // in counts
	}
	counts, stack := []int{0}, []level{{}}
	for _, tok := range toks {
		top := stack[len(stack)-1]
		switch tok.Kind {
		case Space, Comment:
		case OpenParen, OpenBracket:
			if len(stack) > maxNesting {
				return nil, &Error{tok.Pos, fmt.Sprintf("more than %d nested parentheses", maxNesting)}
			}
			counts[top.at]++
			stack = append(stack, level{tok, len(counts)})
			counts = append(counts, 0)
		case CloseParen, CloseBracket:
			if len(stack) == 1 || !closes(top.open, tok) {
				return nil, &Error{tok.Pos, "closing parenthesis or bracket that none opened"}
			}
			stack = stack[:len(stack)-1]
		default:
			counts[top.at]++
		}
	}
	if len(stack) > 1 {
		return nil, &Error{stack[len(stack)-1].open.Pos, "parenthesis or bracket that none closes"}
	}
	return counts, nil
}

func closes(open, closing Token) bool {
	return open.Kind == OpenParen && closing.Kind == CloseParen ||
		open.Kind == OpenBracket && closing.Kind == CloseBracket
}

// Match returns the index in toks of the token that closes the parenthesis or
// bracket at index i, or -1.
func Match(toks []Token, i int) int {
	var open []Token
	for ; i < len(toks); i++ {
		switch toks[i].Kind {
		case OpenParen, OpenBracket:
			open = append(open, toks[i])
		case CloseParen, CloseBracket:
			if len(open) == 0 || !closes(open[len(open)-1], toks[i]) {
				return -1
			}
			open = open[:len(open)-1]
		}
		if len(open) == 0 {
			if toks[i].Kind == CloseParen || toks[i].Kind == CloseBracket {
				return i
			}
			return -1
		}
	}
	return -1
}

// SkipTrivia returns the index of the first token at or after i that is not
// trivia, or len(toks).
func SkipTrivia(toks []Token, i int) int {
	for i < len(toks) && toks[i].Kind.IsTrivia() {
		i++
	}
	return i
}

// Significant returns the tokens of toks that are not trivia.
func Significant(toks []Token) []Token {
	var out []Token
	for _, tok := range toks {
		if !tok.Kind.IsTrivia() {
			out = append(out, tok)
		}
	}
	return out
}
