package states

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"salamander/jsonata"
)

// variableReferences tells which variables each state of a definition refers
// to, in the order of their names. States that refer to none are left out.
func variableReferences(definition string) map[string][]string {
	f := referenceFinder{found: map[string]map[string]bool{}}
	var doc map[string]any
	if json.Unmarshal([]byte(definition), &doc) == nil {
		f.whole = doc["QueryLanguage"] == "JSONata"
		f.walk(doc, "", f.whole)
	}
	all := map[string][]string{}
	for state, names := range f.found {
		all[state] = slices.Sorted(maps.Keys(names))
	}
	return all
}

type referenceFinder struct {
	whole bool // the machine is of JSONata
	found map[string]map[string]bool
}

// walk goes through a value that belongs to a state; the states of its
// processors and branches stand for themselves.
func (f *referenceFinder) walk(v any, state string, isJSONata bool) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			f.walk(item, state, isJSONata)
		}
	case map[string]any:
		for name, member := range v {
			states, nested := member.(map[string]any)
			text, isText := member.(string)
			switch {
			case name == "States" && nested:
				for inner, body := range states {
					f.walk(body, inner, f.language(body))
				}
			case isText && !isJSONata && isPathField(name, text):
				f.note(pathVariables(text), state)
			default:
				f.walk(member, state, isJSONata)
			}
		}
	case string:
		if isJSONata && strings.HasPrefix(v, "{%") && strings.HasSuffix(v, "%}") && len(v) >= 4 {
			f.note(queryVariables(v[2:len(v)-2]), state)
		}
	}
}

// language reports whether a state is of JSONata.
func (f *referenceFinder) language(state any) bool {
	o, _ := state.(map[string]any)
	if own, ok := o["QueryLanguage"].(string); ok {
		return own == "JSONata"
	}
	return f.whole
}

// isPathField reports whether a member's text is a path, or a template's
// expression.
func isPathField(name, text string) bool {
	return strings.HasSuffix(name, ".$") || (name == "Variable" || strings.HasSuffix(name, "Path")) && strings.HasPrefix(text, "$")
}

func (f *referenceFinder) note(names []string, state string) {
	for _, name := range names {
		if f.found[state] == nil {
			f.found[state] = map[string]bool{}
		}
		f.found[state][name] = true
	}
}

// queryVariables returns the variables that an expression of JSONata takes
// from the machine.
func queryVariables(text string) []string {
	e, err := jsonata.CompileStepFunctions(strings.TrimSpace(text))
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(e.Variables(jsonata.StepFunctions()), func(name string) bool { return name == "states" })
}

// pathVariables returns the names behind single dollar signs; literal text is
// passed over.
func pathVariables(text string) (names []string) {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\'':
			i = endOfLiteral(text, i)
		case '$':
			end := i + 1
			for end < len(text) && isNameByte(text[end]) {
				end++
			}
			if end == i+1 {
				for i+1 < len(text) && text[i+1] == '$' {
					i++ // the context object
				}
				continue
			}
			names = append(names, text[i+1:end])
			i = end - 1
		}
	}
	return names
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

func isNameByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
