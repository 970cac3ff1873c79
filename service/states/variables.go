package states

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// variableReferences tells which variables each state of a definition refers
// to, in the order of their names. States that refer to none are left out.
func variableReferences(definition string) map[string][]string {
	found := map[string]map[string]bool{}
	var doc any
	if json.Unmarshal([]byte(definition), &doc) == nil {
		references(doc, "", found)
	}
	all := map[string][]string{}
	for state, names := range found {
		all[state] = slices.Sorted(maps.Keys(names))
	}
	return all
}

// references walks through a value that belongs to a state; the states of its
// processors and branches stand for themselves.
func references(v any, state string, found map[string]map[string]bool) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			references(item, state, found)
		}
	case map[string]any:
		for name, member := range v {
			states, nested := member.(map[string]any)
			text, isText := member.(string)
			switch {
			case name == "States" && nested:
				for inner, body := range states {
					references(body, inner, found)
				}
			case isText && isExpression(name, text):
				note(text, state, found)
			default:
				references(member, state, found)
			}
		}
	case string:
		if isExpression("", v) {
			note(v, state, found)
		}
	}
}

// isExpression reports whether a member's text is evaluated: JSONata in its
// delimiters, a template's member, or a path.
func isExpression(name, text string) bool {
	if strings.HasPrefix(text, "{%") && strings.HasSuffix(text, "%}") || strings.HasSuffix(name, ".$") {
		return true
	}
	return (name == "Variable" || strings.HasSuffix(name, "Path")) && strings.HasPrefix(text, "$")
}

func note(text, state string, found map[string]map[string]bool) {
	for _, name := range variablesOf(text) {
		if found[state] == nil {
			found[state] = map[string]bool{}
		}
		found[state][name] = true
	}
}

// variablesOf returns the names behind single dollar signs. Literal text is
// passed over; so are, in JSONata, functions, $states and what the expression
// binds itself.
func variablesOf(text string) (names []string) {
	jsonata := strings.HasPrefix(text, "{%")
	own := map[string]bool{}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\'' || jsonata && c == '"':
			i = endOfLiteral(text, i)
		case c == '$':
			end := i + 1
			for end < len(text) && isNameByte(text[end]) {
				end++
			}
			name, rest := text[i+1:end], strings.TrimLeft(text[end:], " \t\r\n")
			switch {
			case name == "" && strings.HasPrefix(rest, "$"):
				for i+1 < len(text) && text[i+1] == '$' {
					i++ // the context object
				}
			case name == "":
			case jsonata && strings.HasPrefix(rest, ":="), jsonata && isParameter(text[:i]):
				own[name] = true
			case jsonata && (name == "states" || strings.HasPrefix(rest, "(")):
			default:
				names = append(names, name)
			}
			i = max(i, end-1)
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return own[name] })
}

// endOfLiteral returns the place of the quote that ends the literal at i.
func endOfLiteral(text string, i int) int {
	for j := i + 1; j < len(text); j++ {
		switch text[j] {
		case '\\':
			j++
		case text[i]:
			return j
		}
	}
	return len(text)
}

// isParameter reports whether the text before a name is the open list of a
// function's parameters.
func isParameter(before string) bool {
	open := strings.LastIndexByte(before, '(')
	if open < 0 || strings.ContainsRune(before[open:], ')') {
		return false
	}
	head := strings.TrimRight(before[:open], " \t\r\n")
	return strings.HasSuffix(head, "function") || strings.HasSuffix(head, "λ")
}

func isNameByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
