package jsonpath

import (
	"regexp"
	"strings"

	"salamander/internal/regex"
	"salamander/internal/value"
)

// A pattern is a regular expression of a filter. Java's are matched by the
// standard library, which takes linear time; those with look-around or
// back-references, which it lacks, by backtracking, whose steps are bounded.
type pattern struct {
	linear *regexp.Regexp
	back   *regex.Regexp
}

// pattern reads /…/ with its flags.
func (p *parser) pattern() *pattern {
	p.space()
	if !p.accept("/") {
		p.fail("expected '/' before a regular expression")
	}
	var b strings.Builder
	for p.i < len(p.text) && p.text[p.i] != '/' {
		if p.text[p.i] == '\\' && p.i+1 < len(p.text) {
			if p.text[p.i+1] != '/' {
				b.WriteByte('\\')
			}
			p.i++
		}
		b.WriteByte(p.text[p.i])
		p.i++
	}
	if !p.accept("/") {
		p.fail("a regular expression without its closing '/'")
	}
	flags := ""
	for c := p.peek(); c == 'i' || c == 's' || c == 'm' || c == 'u'; c = p.peek() {
		if flags += string(rune(c)); c == 'u' { // Unicode's case is what both have
			flags = flags[:len(flags)-1]
		}
		p.i++
	}
	source, inline := b.String(), ""
	if flags != "" {
		inline = "(?" + flags + ")"
	}
	linear, err := regexp.Compile(inline + `\A(?:` + source + `)\z`) // Java's matches() takes the whole string
	if err == nil {
		return &pattern{linear: linear}
	}
	var f regex.Flags
	if strings.Contains(flags, "i") {
		f |= regex.IgnoreCase
	}
	if strings.Contains(flags, "m") {
		f |= regex.Multiline
	}
	if strings.Contains(flags, "s") {
		p.fail("regular expression: %v", err)
	}
	back, other := regex.Compile(`(?<![\s\S])(?:`+source+`)(?![\s\S])`, f)
	if other != nil {
		p.fail("regular expression: %v", err)
	}
	return &pattern{back: back}
}

// matches tests a value, or any element of an array. Numbers and booleans are
// their texts; what else is no string is empty.
func (re *pattern) matches(e *evaluator, v value.Value) bool {
	a, ok := v.(value.Array)
	if !ok {
		return re.text(e, v)
	}
	for _, item := range a {
		if re.text(e, item) {
			return true
		}
	}
	return false
}

func (re *pattern) text(e *evaluator, v value.Value) bool {
	text := ""
	switch v := v.(type) {
	case string:
		text = v
	case value.Number, bool:
		text = value.Text(v)
	}
	if re.linear != nil {
		return re.linear.MatchString(text)
	}
	if e.steps < 0 {
		return false
	}
	left := maxSteps - e.steps
	at, err := re.back.Match([]rune(text), 0, &left)
	e.steps = maxSteps - left
	if err != nil {
		e.steps = -1
		return false
	}
	return at != nil
}
