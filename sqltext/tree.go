package sqltext

import "fmt"

// A Node is a token of a token tree, or a group: an opening parenthesis or
// bracket with all that it encloses. Trees hold no trivia.
type Node struct {
	Token           // of a group, the opening one
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

// Tree returns toks, trivia left out, as a tree. It returns an [*Error] for a
// parenthesis or bracket without its counterpart, and beyond 1000 levels.
func Tree(toks []Token) ([]Node, error) {
	type level struct {
		open  Token
		nodes []Node
	}
	stack := []level{{}}
	for _, tok := range toks {
		top := &stack[len(stack)-1]
		switch tok.Kind {
		case Space, Comment:
		case OpenParen, OpenBracket:
			if len(stack) > maxNesting {
				return nil, &Error{tok.Pos, fmt.Sprintf("more than %d nested parentheses", maxNesting)}
			}
			stack = append(stack, level{open: tok})
		case CloseParen, CloseBracket:
			if len(stack) == 1 || !closes(top.open, tok) {
				return nil, &Error{tok.Pos, "closing parenthesis or bracket that none opened"}
			}
			group := Node{Token: top.open, Close: tok, Children: top.nodes}
			stack = stack[:len(stack)-1]
			top = &stack[len(stack)-1]
			top.nodes = append(top.nodes, group)
		default:
			top.nodes = append(top.nodes, Node{Token: tok})
		}
	}
	if len(stack) > 1 {
		return nil, &Error{stack[len(stack)-1].open.Pos, "parenthesis or bracket that none closes"}
	}
	return stack[0].nodes, nil
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
