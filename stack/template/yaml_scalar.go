package template

import (
	"strconv"
	"strings"
)

// plain reads a scalar without quotes, with its lines of continuation.
func (y *yamlReader) plain(parent int, inFlow bool) *Node {
	start := y.pos
	switch c := y.peek(0); c {
	case '*':
		at := y.at(y.pos)
		panic(&Error{Msg: "Template format error: YAML aliases are not allowed in CloudFormation templates", At: at})
	case '@', '`', '%', ',', ']', '}', '|', '>', '#':
		y.fail("a value cannot begin with %q; put it in quotes", c)
	case '-', '?', ':':
		if y.blankAt(1) && !(inFlow && c == '-') {
			y.fail("a value cannot begin with %q and a blank", c)
		}
	}
	var b strings.Builder
	b.WriteString(y.plainLine(inFlow))
	for {
		saved, savedBOL := y.pos, y.bol
		breaks := y.breaks()
		if breaks == 0 || y.eof() || y.marker() || y.peek(0) == '#' ||
			!inFlow && y.column() <= parent || inFlow && strings.IndexByte(",]}[{", y.peek(0)) >= 0 || y.peek(0) == ':' && (y.blankAt(1) || inFlow && y.colonEnds()) {
			y.pos, y.bol = saved, savedBOL
			break
		}
		fold(&b, breaks)
		at := y.pos
		line := y.plainLine(inFlow)
		if y.peek(0) == ':' && !inFlow {
			y.failAt(at, "a key within a value; is it indented as its neighbours?")
		}
		if line == "" {
			break
		}
		b.WriteString(line)
	}
	if !inFlow && y.peek(0) == ':' && y.blankAt(1) {
		y.fail("a second key on one line; put the value in quotes if it has a colon")
	}
	return y.resolve(b.String(), start)
}

// plainLine reads to the end of the line or of the scalar, without the blanks
// at its end.
func (y *yamlReader) plainLine(inFlow bool) string {
	start := y.pos
	for !y.eof() {
		c := y.src[y.pos]
		if c == '\n' || c == '#' && y.pos > start && (y.src[y.pos-1] == ' ' || y.src[y.pos-1] == '\t') ||
			c == ':' && (y.blankAt(1) || inFlow && y.colonEnds()) ||
			inFlow && strings.IndexByte(",[]{}", c) >= 0 {
			break
		}
		y.pos++
	}
	return strings.TrimRight(y.src[start:y.pos], " \t")
}

// breaks skips blanks and ends of lines and counts the latter.
func (y *yamlReader) breaks() (n int) {
	for !y.eof() {
		switch y.src[y.pos] {
		case ' ', '\t':
			y.pos++
		case '\n':
			n++
			y.newline()
		default:
			return n
		}
	}
	return n
}

// fold writes n ends of lines: one is a blank, more are one less.
func fold(b *strings.Builder, n int) {
	if n == 1 {
		b.WriteByte(' ')
		return
	}
	for range n - 1 {
		b.WriteByte('\n')
	}
}

func (y *yamlReader) quoted() *Node {
	start := y.pos
	quote := y.src[y.pos]
	y.pos++
	var b strings.Builder
	for {
		if y.eof() {
			y.failAt(start, "the quotes do not end")
		}
		c := y.src[y.pos]
		switch {
		case c == quote && quote == '\'' && y.peek(1) == '\'':
			b.WriteByte(c)
			y.pos += 2
		case c == quote:
			y.pos++
			return &Node{Kind: String, Text: b.String(), At: y.at(start)}
		case c == '\\' && quote == '"':
			y.escape(&b)
		case c == ' ' || c == '\t' || c == '\n':
			i := y.pos
			if n := y.breaks(); n > 0 {
				if y.marker() {
					y.fail("the document ends within quotes")
				}
				fold(&b, n)
			} else {
				b.WriteString(y.src[i:y.pos])
			}
		default:
			b.WriteByte(c)
			y.pos++
		}
	}
}

// escapes of one character in double quotes.
const escapes = "0\x00a\ab\bt\tn\nv\vf\fr\re\x1b  \"\"//\\\\N\u0085_\u00a0"

func (y *yamlReader) escape(b *strings.Builder) {
	c := y.peek(1)
	digits := 0
	switch c {
	case '\n':
		y.pos++
		y.newline()
		for y.peek(0) == ' ' || y.peek(0) == '\t' {
			y.pos++
		}
		for y.peek(0) == '\n' { // empty lines after an escaped break stay
			b.WriteByte('\n')
			y.newline()
			for y.peek(0) == ' ' || y.peek(0) == '\t' {
				y.pos++
			}
		}
		return
	case '\t':
		b.WriteByte('\t')
		y.pos += 2
		return
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	case 'L':
		b.WriteRune(0x2028)
		y.pos += 2
		return
	case 'P':
		b.WriteRune(0x2029)
		y.pos += 2
		return
	}
	if digits > 0 {
		end := min(y.pos+2+digits, len(y.src))
		code, err := strconv.ParseUint(y.src[y.pos+2:end], 16, 32)
		if err != nil || end != y.pos+2+digits || code > 0x10ffff {
			y.fail("a bad escape")
		}
		b.WriteRune(rune(code))
		y.pos = end
		return
	}
	runes := []rune(escapes)
	for i := 0; i+1 < len(runes); i += 2 {
		if rune(c) == runes[i] && c != 0 {
			b.WriteRune(runes[i+1])
			y.pos += 2
			return
		}
	}
	y.fail("an unknown escape")
}

// blockScalar reads a text after | or >.
func (y *yamlReader) blockScalar(parent int) *Node {
	start := y.pos
	folded := y.src[y.pos] == '>'
	y.pos++
	chomp, indent := byte(0), 0
	for !y.blankAt(0) {
		switch c := y.peek(0); {
		case (c == '+' || c == '-') && chomp == 0:
			chomp = c
		case c >= '1' && c <= '9' && indent == 0:
			indent = max(parent, 0) + int(c-'0')
		default:
			y.fail("unexpected %q after the block's mark", c)
		}
		y.pos++
	}
	for y.peek(0) == ' ' || y.peek(0) == '\t' {
		y.pos++
	}
	if y.peek(0) == '#' {
		y.toLineEnd()
	}
	if !y.eof() && y.peek(0) != '\n' {
		y.fail("unexpected text after the block's mark")
	}
	if !y.eof() {
		y.newline()
	}
	var b strings.Builder
	breaks := 0
	if indent == 0 {
		indent, breaks = y.detectIndent(parent)
	} else {
		breaks = y.blockBreaks(indent)
	}
	lastBreak := ""
	for !y.eof() && y.column() == indent {
		if indent == 0 && y.marker() {
			break
		}
		writeBreaks(&b, breaks)
		text := y.peek(0) != ' ' && y.peek(0) != '\t'
		i := y.pos
		y.toLineEnd()
		b.WriteString(y.src[i:y.pos])
		lastBreak = ""
		if !y.eof() {
			lastBreak = "\n"
			y.newline()
		}
		breaks = y.blockBreaks(indent)
		if y.eof() || y.column() != indent {
			break
		}
		if folded && text && y.peek(0) != ' ' && y.peek(0) != '\t' {
			if breaks == 0 {
				b.WriteByte(' ')
			}
		} else {
			b.WriteString(lastBreak)
		}
	}
	if chomp != '-' {
		b.WriteString(lastBreak)
	}
	if chomp == '+' {
		writeBreaks(&b, breaks)
	}
	return &Node{Kind: String, Text: b.String(), At: y.at(start)}
}

func writeBreaks(b *strings.Builder, n int) {
	for range n {
		b.WriteByte('\n')
	}
}

// detectIndent skips empty lines and takes the first other line's indentation,
// which must be more than the parent's.
func (y *yamlReader) detectIndent(parent int) (indent, breaks int) {
	for {
		i := y.pos
		for y.peek(0) == ' ' {
			y.pos++
		}
		if y.eof() {
			return max(parent+1, y.column(), 1), breaks
		}
		if y.peek(0) == '\n' {
			breaks++
			y.newline()
			continue
		}
		column := y.column()
		if column <= parent {
			y.pos = i
			return parent + 1, breaks // no line has it: the text is empty
		}
		return column, breaks
	}
}

// blockBreaks skips indentation up to indent and counts empty lines.
func (y *yamlReader) blockBreaks(indent int) (n int) {
	for {
		for y.column() < indent && y.peek(0) == ' ' {
			y.pos++
		}
		if y.eof() || y.peek(0) != '\n' {
			return n
		}
		n++
		y.newline()
	}
}
