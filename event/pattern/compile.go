package pattern

import (
	"fmt"
	"net/netip"
	"strings"
	"unicode/utf8"

	"salamander/internal/value"
)

// An Error tells why a pattern is not valid. Its text is EventBridge's.
type Error struct{ Reason string }

// Error returns AWS's message.
func (e *Error) Error() string { return "Event pattern is not valid. Reason: " + e.Reason }

// reserved are the names that no field within $or may have.
var reserved = map[string]bool{"exactly": true, "prefix": true, "suffix": true, "anything-but": true, "numeric": true,
	"exists": true, "cidr": true, "equals-ignore-case": true, "wildcard": true}

// Compile reads a pattern, or returns an [*Error].
func Compile(source string) (p *Pattern, err error) {
	c := &compiler{source: source, all: tokens(source)}
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*Error)
			if !ok {
				panic(r)
			}
			err = e
		}
	}()
	if c.next().kind != startObject {
		panic(&Error{"Filter is not an object"})
	}
	n := c.object(nil, false)
	return &Pattern{n}, nil
}

type compiler struct {
	source string
	all    []token
	at     int   // of the next token
	now    token // the one before
}

// next takes a token. What is no JSON ends the compilation.
func (c *compiler) next() token {
	if c.at == len(c.all) {
		c.fail("Unexpected end-of-input")
	}
	c.now = c.all[c.at]
	c.at++
	if c.now.kind == invalid {
		c.fail("%s", c.now.text)
	}
	return c.now
}

// maxSnippet is how much of a pattern AWS repeats in its messages.
const maxSnippet = 500

// fail complains at the token taken last.
func (c *compiler) fail(format string, args ...any) {
	shown, cut := c.source, ""
	if n := utf8.RuneCountInString(shown); n > maxSnippet {
		shown, cut = string([]rune(shown)[:maxSnippet]), fmt.Sprintf("[truncated %d chars]", n-maxSnippet)
	}
	panic(&Error{fmt.Sprintf(format, args...) +
		fmt.Sprintf("\n at [Source: (String)\"%s\"%s; line: %d, column: %d]", shown, cut, c.now.line, c.now.column)})
}

// object reads the fields of an object, whose beginning is taken.
func (c *compiler) object(path []string, inOr bool) *node {
	n := &node{}
	for c.next().kind != endObject {
		name := c.now.text
		if name == "$or" && (inOr || c.isOr()) {
			n.ors = append(n.ors, c.alternatives(path))
			continue
		}
		if inOr && reserved[name] {
			c.fail("%s is Ruler reserved fieldName which cannot be used inside $or.", name)
		}
		f := field{name: name}
		at := append(path[:len(path):len(path)], name)
		switch c.next().kind {
		case startObject:
			f.child = c.object(at, inOr)
		case startArray:
			f.leaf = c.leaf(at)
		default:
			c.fail("%q must be an object or an array", name)
		}
		n.put(f)
	}
	if len(n.fields) == 0 && len(n.ors) == 0 {
		c.fail("Empty objects are not allowed")
	}
	return n
}

// isOr reports whether the array behind "$or" is one of at least two objects
// without reserved names; otherwise "$or" is a field like any other.
func (c *compiler) isOr() bool {
	at, depth, objects := c.at, 0, 0
	if at >= len(c.all) || c.all[at].kind != startArray {
		return false
	}
	for ; at < len(c.all); at++ {
		switch t := c.all[at]; t.kind {
		case startObject:
			if depth == 1 {
				objects++
			}
			depth++
		case startArray:
			depth++
		case endObject, endArray:
			if depth--; depth == 0 {
				return objects >= 2
			}
		case fieldName:
			if depth == 2 && reserved[t.text] {
				return false
			}
		default:
			if depth == 1 {
				return false
			}
		}
	}
	return false
}

func (c *compiler) alternatives(path []string) (any []*node) {
	if c.next().kind != startArray {
		c.fail("It must be an Array followed with $or.")
	}
	for c.next().kind != endArray {
		if c.now.kind != startObject {
			c.fail("Only JSON object is allowed in array of $or relationship.")
		}
		any = append(any, c.object(path, true))
	}
	if len(any) < 2 {
		c.fail("There must have at least 2 Objects in $or relationship.")
	}
	return any
}

// leaf reads the values of a field, whose opening bracket is taken.
func (c *compiler) leaf(path []string) *leaf {
	l := &leaf{path: path}
	for c.next().kind != endArray {
		switch c.now.kind {
		case startObject:
			if m := c.expression(); m == nil {
				l.absent = true
			} else {
				l.any = append(l.any, m)
			}
		case text, number, literal:
			l.any = append(l.any, exactly(c.scalar()))
		default:
			c.fail("Match value must be String, number, true, false, or null")
		}
	}
	if len(l.any) == 0 && !l.absent {
		c.fail("Empty arrays are not allowed")
	}
	return l
}

// scalar is the value of the token taken last.
func (c *compiler) scalar() value.Value {
	switch c.now.kind {
	case text:
		return c.now.text
	case number:
		return value.Number(c.now.text)
	}
	return map[string]value.Value{"true": true, "false": false, "null": nil}[c.now.text]
}

func (c *compiler) text(complaint string) string {
	if c.next().kind != text {
		c.fail("%s", complaint)
	}
	return c.now.text
}

func (c *compiler) end(complaint string) {
	if c.next().kind != endObject {
		c.fail("%s", complaint)
	}
}

const (
	oneKey  = "Only one key allowed in match expression"
	tooMany = "Too many elements in numeric expression"
)

// expression reads {"prefix": …} and its like. It is nil for the absence of
// a field.
func (c *compiler) expression() (m matcher) {
	if c.next().kind != fieldName {
		c.fail("Match expression name not found")
	}
	switch name := c.now.text; name {
	case "exactly":
		m = exactly(c.text("exact match pattern must be a string"))
	case "prefix", "suffix":
		m = c.affix(name)
	case "numeric":
		if c.next().kind != startArray {
			c.fail("Value of numeric must be an array.")
		}
		m = c.numeric()
		c.end(tooMany)
		return m
	case "anything-but":
		m = c.anythingBut()
		c.end(tooMany)
		return m
	case "exists":
		switch c.next(); {
		case c.now.kind == literal && c.now.text == "true":
			m = func(value.Value) bool { return true }
		case c.now.kind == literal && c.now.text == "false":
		default:
			c.fail("exists match pattern must be either true or false.")
		}
	case "cidr":
		m = c.cidr(c.text("prefix match pattern must be a string"))
	case "equals-ignore-case":
		m = equalFold(c.text("equals-ignore-case match pattern must be a string"))
	case "wildcard":
		m = c.wildcard(c.text("wildcard match pattern must be a string"))
	default:
		c.fail("Unrecognized match type %s", name)
	}
	c.end(oneKey)
	return m
}

func (c *compiler) affix(name string) matcher {
	if c.next().kind == startObject {
		title := strings.ToUpper(name[:1]) + name[1:]
		if c.next().kind != fieldName {
			c.fail("%s expression name not found", title)
		}
		if c.now.text != "equals-ignore-case" {
			c.fail("Unsupported %s pattern: %s", name, c.now.text)
		}
		s := c.text("equals-ignore-case match pattern must be a string")
		c.end(oneKey)
		return affixFold(name, s)
	}
	if c.now.kind != text {
		c.fail("%s match pattern must be a string", name)
	}
	return affix(name, c.now.text)
}

func (c *compiler) cidr(s string) matcher {
	addr, bits, ok := strings.Cut(s, "/")
	if !ok || strings.Contains(bits, "/") {
		c.fail("Malformed CIDR, one '/' required")
	}
	if bits == "" || strings.Trim(bits, "0123456789") != "" {
		c.fail("Malformed CIDR, mask bits must be an integer")
	}
	ip, err := netip.ParseAddr(addr)
	if err != nil {
		c.fail("Nonstandard IP address: %s", addr)
	}
	prefix, err := netip.ParsePrefix(s)
	if err != nil {
		c.fail("%s mask bits must be <= %d", map[bool]string{true: "IPv4", false: "IPv6"}[ip.Is4()], ip.BitLen())
	}
	return within(prefix)
}

// wildcard checks and compiles a text with stars.
func (c *compiler) wildcard(s string) matcher {
	parts, part, star := []string{}, strings.Builder{}, false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			if i+1 == len(s) || s[i+1] != '*' && s[i+1] != '\\' {
				c.fail("Invalid escape character at pos %d", i+1)
			}
			i++
			part.WriteByte(s[i])
			star = false
		case s[i] == '*':
			if star {
				c.fail("Consecutive wildcard characters at pos %d", i)
			}
			parts = append(parts, part.String())
			part.Reset()
			star = true
		default:
			part.WriteByte(s[i])
			star = false
		}
	}
	return wild(append(parts, part.String()))
}

// anythingBut reads what follows "anything-but", up to its end.
func (c *compiler) anythingBut() matcher {
	kind := ""
	if c.next().kind == startObject {
		if c.next().kind != fieldName {
			c.fail("Anything-But expression name not found")
		}
		switch kind = c.now.text; kind {
		case "equals-ignore-case", "prefix", "suffix", "wildcard":
		default:
			c.fail("Unsupported anything-but pattern: %s", kind)
		}
		c.next()
	}
	var any []matcher
	switch c.now.kind {
	case startArray:
		any = c.exceptions(kind)
	case text, number:
		any = []matcher{c.exception(kind)}
	default:
		c.fail("Value of anything-but must be an array or single string/number value.")
	}
	if kind != "" {
		c.end(tooMany)
	}
	return but(any)
}

func (c *compiler) exceptions(kind string) (any []matcher) {
	numbers, texts := false, false
	for c.next().kind != endArray {
		any = append(any, c.exception(kind))
		numbers, texts = numbers || c.now.kind == number, texts || c.now.kind == text
	}
	if kind == "" && numbers == texts {
		c.fail("Inside anything but list, either all values are number or string, mixed type is not supported")
	}
	return any
}

// exception is one value that must not be there.
func (c *compiler) exception(kind string) matcher {
	if kind == "" {
		if c.now.kind != text && c.now.kind != number {
			c.fail("Inside anything but list, start|null|boolean is not supported.")
		}
		return exactly(c.scalar())
	}
	if c.now.kind != text {
		c.fail("%s", map[string]string{
			"equals-ignore-case": "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
			"wildcard":           "wildcard match pattern must be a string",
			"prefix":             "prefix/suffix match pattern must be a string",
			"suffix":             "prefix/suffix match pattern must be a string",
		}[kind])
	}
	s := c.now.text
	switch kind {
	case "equals-ignore-case":
		return equalFold(s)
	case "wildcard":
		return c.wildcard(s)
	}
	if s == "" {
		c.fail("Null prefix/suffix not allowed")
	}
	return affix(kind, s)
}

// numeric reads what follows "numeric", whose opening bracket is taken.
func (c *compiler) numeric() matcher {
	if c.next().kind != text {
		c.fail("Invalid member in numeric match: %s", c.spelled())
	}
	op := c.now.text
	switch op {
	case "=", "<", "<=", ">", ">=":
	default:
		c.next()
		c.fail("Unrecognized numeric range operator: %s", op)
	}
	if c.next().kind != number {
		c.fail("Value of %s must be numeric", map[bool]string{true: "equals", false: op}[op == "="])
	}
	bound := value.Number(c.now.text)
	m := compare(op, bound)
	if c.next().kind == endArray {
		return m
	}
	if op != ">" && op != ">=" {
		c.fail("%s", tooMany)
	}
	if c.now.kind != text {
		c.fail("Bad value in numeric range: %s", c.spelled())
	}
	op = c.now.text
	if op != "<" && op != "<=" {
		c.fail("Bad numeric range operator: %s", op)
	}
	if c.next().kind != number {
		c.fail("Value of %s must be numeric", op)
	}
	top := value.Number(c.now.text)
	if c.next().kind != endArray {
		c.fail("Too many terms in numeric range expression")
	}
	if bound.Compare(top) > 0 {
		c.fail("Bottom must be less than top")
	}
	upper := compare(op, top)
	return func(v value.Value) bool { return m(v) && upper(v) }
}

// spelled is the token taken last as Jackson spells it.
func (c *compiler) spelled() string {
	switch c.now.kind {
	case startObject:
		return "{"
	case endObject:
		return "}"
	case startArray:
		return "["
	case endArray:
		return "]"
	}
	return c.now.text
}
