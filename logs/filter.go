package logs

import (
	"fmt"
	"strings"
)

// A Filter selects events by the terms in their messages.
type Filter struct {
	all, any, none []string
}

// A FilterError tells why a filter pattern cannot be used.
type FilterError struct {
	Text        string
	Unsupported bool // CloudWatch knows it; Salamander does not
}

// Error gives the text.
func (e *FilterError) Error() string { return e.Text }

// ParseFilter reads a pattern of unstructured terms: words and "quoted
// phrases" that must all be there, ?words of which one must be, and -words
// that must not be. As on AWS, ?words beside others count for nothing.
// Patterns for JSON ({...}), for columns ([...]) and regular expressions
// (%...%) are a [*FilterError] that says so.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
func ParseFilter(pattern string) (*Filter, error) {
	var f Filter
	rest := strings.TrimSpace(pattern)
	if kind := structured(rest); kind != "" {
		return nil, &FilterError{Unsupported: true, Text: kind + " in filter patterns"}
	}
	for rest != "" {
		list := &f.all
		switch rest[0] {
		case '?':
			list, rest = &f.any, rest[1:]
		case '-':
			list, rest = &f.none, rest[1:]
		}
		term, left, err := term(rest)
		if err != nil {
			return nil, err
		}
		*list = append(*list, term)
		rest = strings.TrimSpace(left)
	}
	if len(f.all)+len(f.none) > 0 {
		f.any = nil
	}
	return &f, nil
}

func structured(pattern string) string {
	switch {
	case strings.HasPrefix(pattern, "{"):
		return "conditions on JSON"
	case strings.HasPrefix(pattern, "["):
		return "conditions on columns"
	case strings.Contains(pattern, "%"):
		return "regular expressions"
	}
	return ""
}

func term(s string) (term, rest string, err error) {
	if strings.HasPrefix(s, `"`) {
		for i := 1; i < len(s); i++ {
			switch s[i] {
			case '\\':
				i++
			case '"':
				return unescape(s[1:i]), s[i+1:], nil
			}
		}
		return "", "", &FilterError{Text: fmt.Sprintf("Unterminated quote in filter pattern near %q", s)}
	}
	end := strings.IndexFunc(s, func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' })
	if end < 0 {
		end = len(s)
	}
	term = s[:end]
	if term == "" {
		return "", "", &FilterError{Text: "Invalid filter pattern: a term is missing"}
	}
	for _, r := range term {
		if word := r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 127; !word {
			return "", "", &FilterError{Text: fmt.Sprintf("Invalid character(s) in term '%s'", term)}
		}
	}
	return term, s[end:], nil
}

func unescape(s string) string {
	return strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(s)
}

// Match reports whether the filter selects message. Case counts.
func (f *Filter) Match(message string) bool {
	for _, t := range f.all {
		if !strings.Contains(message, t) {
			return false
		}
	}
	for _, t := range f.none {
		if strings.Contains(message, t) {
			return false
		}
	}
	for _, t := range f.any {
		if strings.Contains(message, t) {
			return true
		}
	}
	return len(f.any) == 0
}
