package template

import "strings"

// A piece of a text of Fn::Sub is text as it stands, or a name to replace.
type piece struct {
	text string
	name bool
}

// parseSub cuts a text of Fn::Sub at its ${Name}. ${!Name} is the text ${Name};
// a ${ without end is text. bad is a name that has a character that names
// cannot have.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-sub.html
func parseSub(s string) (pieces []piece, bad string, ok bool) {
	var text strings.Builder
	for {
		i := strings.Index(s, "${")
		if i < 0 {
			break
		}
		end := strings.IndexByte(s[i:], '}')
		if end < 0 {
			break
		}
		text.WriteString(s[:i])
		name := s[i+2 : i+end]
		s = s[i+end+1:]
		if literal, ok := strings.CutPrefix(name, "!"); ok {
			text.WriteString("${" + literal + "}")
			continue
		}
		if !subName(name) {
			return nil, name, false
		}
		if text.Len() > 0 {
			pieces = append(pieces, piece{text: text.String()})
			text.Reset()
		}
		pieces = append(pieces, piece{text: name, name: true})
	}
	text.WriteString(s)
	if text.Len() > 0 {
		pieces = append(pieces, piece{text: text.String()})
	}
	return pieces, "", true
}

func subName(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == ':') {
			return false
		}
	}
	return s != ""
}

const (
	subArguments = "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first argument, and an optional second argument to specify a mapping of values to replace in the string"
	subNames     = "Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons"
)

// subForm takes apart the argument of Fn::Sub. variables may be nil.
func subForm(n *Node) (pieces []piece, variables *Node, err *Error) {
	text := n
	if n.Kind == List && len(n.Items) == 2 {
		text, variables = n.Items[0], n.Items[1]
		if variables.Kind != Map {
			return nil, nil, errorAt(n, subArguments)
		}
		if name, _, ok := variables.call(); ok {
			return nil, nil, errorAt(n, subArguments).hint("the second argument is a map of names, not %s", name)
		}
	} else if n.Kind == List && len(n.Items) == 1 {
		text = n.Items[0]
	}
	if text.Kind != String {
		return nil, nil, errorAt(n, subArguments)
	}
	pieces, bad, ok := parseSub(text.Text)
	if !ok {
		return nil, nil, errorAt(text, subNames).hint("${%s}; write ${!%s} for the text itself", bad, bad)
	}
	return pieces, variables, nil
}
