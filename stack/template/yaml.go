package template

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxDepth is how deep lists and maps of a template may nest.
const MaxDepth = 200

// yamlReader reads one document of YAML 1.1 as CloudFormation does: tags of
// functions, no aliases, no merge keys, no dates. It reads each byte a bounded
// number of times.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
type yamlReader struct {
	src   string
	pos   int
	bol   int // where the line of pos begins
	place placer
	depth int
}

// readYAML parses text. The error is an *Error.
func readYAML(text string) (n *Node, err error) {
	text = strings.TrimPrefix(text, "\ufeff")
	if strings.ContainsRune(text, '\r') {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	}
	y := &yamlReader{src: text, place: newPlacer(text)}
	defer func() {
		if e := recover(); e != nil {
			bad, ok := e.(*Error)
			if !ok {
				panic(e)
			}
			n, err = nil, bad
		}
	}()
	if i := strings.IndexFunc(text, unprintable); i >= 0 {
		y.failAt(i, "the character %q is not allowed", text[i])
	}
	if !utf8.ValidString(text) {
		y.failAt(0, "the text is not UTF-8")
	}
	return y.document(), nil
}

func unprintable(r rune) bool {
	return r < 0x20 && r != '\n' && r != '\t' || r == 0x7f
}

// at tells the place of an offset.
func (y *yamlReader) at(offset int) Position { return y.place.at(offset) }

func (y *yamlReader) failAt(offset int, format string, args ...any) {
	at := y.at(min(offset, len(y.src)))
	panic(&Error{
		Msg:  fmt.Sprintf("Template format error: YAML not well-formed. (line %d, column %d)", at.Line, at.Column),
		Hint: fmt.Sprintf(format, args...),
		At:   at,
	})
}

func (y *yamlReader) fail(format string, args ...any) { y.failAt(y.pos, format, args...) }

// peek returns the byte i after pos, 0 at the end.
func (y *yamlReader) peek(i int) byte {
	if y.pos+i < len(y.src) {
		return y.src[y.pos+i]
	}
	return 0
}

func (y *yamlReader) eof() bool { return y.pos >= len(y.src) }

// blankAt reports whether the byte i after pos ends a token.
func (y *yamlReader) blankAt(i int) bool {
	switch y.peek(i) {
	case ' ', '\t', '\n', 0:
		return true
	}
	return false
}

func (y *yamlReader) column() int { return y.pos - y.bol }

func (y *yamlReader) newline() {
	y.pos++
	y.bol = y.pos
}

// skip goes to the next token, over blanks, comments and ends of lines, and
// reports whether it is on another line.
func (y *yamlReader) skip() (crossed bool) {
	leading := y.pos == y.bol
	for !y.eof() {
		switch c := y.src[y.pos]; {
		case c == ' ':
			y.pos++
		case c == '\t':
			if leading && !y.blankLine() {
				y.fail("a tab cannot indent")
			}
			leading = false
			y.pos++
		case c == '\n':
			crossed, leading = true, true
			y.newline()
		case c == '#' && (y.pos == y.bol || y.src[y.pos-1] == ' ' || y.src[y.pos-1] == '\t'):
			y.toLineEnd()
		default:
			return crossed
		}
	}
	return crossed
}

// blankLine reports whether nothing but blanks or a comment follows.
func (y *yamlReader) blankLine() bool {
	for i := y.pos; i < len(y.src); i++ {
		switch y.src[i] {
		case ' ', '\t':
		case '\n', '#':
			return true
		default:
			return false
		}
	}
	return true
}

func (y *yamlReader) toLineEnd() {
	if i := strings.IndexByte(y.src[y.pos:], '\n'); i >= 0 {
		y.pos += i
		return
	}
	y.pos = len(y.src)
}

// marker reports whether a document's start or end is here.
func (y *yamlReader) marker() bool {
	return y.pos == y.bol && y.pos+3 <= len(y.src) && y.blankAt(3) &&
		(y.src[y.pos:y.pos+3] == "---" || y.src[y.pos:y.pos+3] == "...")
}

func (y *yamlReader) document() *Node {
	y.skip()
	for y.peek(0) == '%' && y.column() == 0 {
		y.toLineEnd()
		y.skip()
	}
	if y.marker() && y.peek(0) == '-' {
		y.pos += 3
	}
	n := y.block(-1, true, false)
	y.skip()
	if y.marker() && y.peek(0) == '.' {
		y.pos += 3
		y.skip()
	}
	if !y.eof() {
		if y.marker() {
			y.fail("a template is one document")
		}
		y.fail("unexpected text after the document's value; is it indented as its neighbours?")
	}
	return n
}

func (y *yamlReader) enter() {
	if y.depth++; y.depth > MaxDepth {
		y.fail("nested deeper than %d", MaxDepth)
	}
}

// dash reports whether an entry of a block list is here.
func (y *yamlReader) dash() bool { return y.peek(0) == '-' && y.blankAt(1) }

// block reads a value that belongs to a parent at the column parent. inline
// says that a block list or map may begin on this line; sameColumn, that a
// list may stand at the parent's own column.
func (y *yamlReader) block(parent int, inline, sameColumn bool) *Node {
	y.enter()
	defer func() { y.depth-- }()
	start := y.pos
	tag, tagAt := "", 0
	for {
		crossed := y.skip()
		if y.eof() || y.marker() || crossed && y.column() <= parent && !(sameColumn && y.column() == parent && y.dash()) {
			return y.tagged(tag, tagAt, y.empty(start))
		}
		inline = inline || crossed
		switch y.peek(0) {
		case '!':
			if tag != "" {
				y.fail("a value has one tag")
			}
			tagAt = y.pos
			tag = y.tag()
			inline, start = false, y.pos
			continue
		case '&':
			y.anchor()
			inline, start = false, y.pos
			continue
		}
		break
	}
	return y.tagged(tag, tagAt, y.content(parent, inline))
}

func (y *yamlReader) content(parent int, inline bool) *Node {
	column := y.column()
	switch c := y.peek(0); {
	case y.dash():
		if !inline {
			y.fail("a list cannot begin on this line")
		}
		return y.blockList(column)
	case c == '?' && y.blankAt(1):
		if !inline {
			y.fail("a map cannot begin on this line")
		}
		return y.blockMap(column)
	case c == '|' || c == '>':
		return y.blockScalar(parent)
	case inline && y.keyAhead():
		return y.blockMap(column)
	case c == '[' || c == '{':
		return y.flow()
	case c == '"' || c == '\'':
		return y.quoted()
	}
	return y.plain(parent, false)
}

func (y *yamlReader) empty(at int) *Node { return &Node{Kind: Null, At: y.at(at)} }

func (y *yamlReader) tag() string {
	i := y.pos
	for !y.blankAt(0) && !strings.ContainsRune(",[]{}", rune(y.peek(0))) {
		y.pos++
	}
	return y.src[i:y.pos]
}

func (y *yamlReader) anchor() {
	for !y.blankAt(0) && !strings.ContainsRune(",[]{}", rune(y.peek(0))) {
		y.pos++
	}
}

// keyAhead reports whether a key with its colon begins here.
func (y *yamlReader) keyAhead() bool {
	i := y.pos
	switch c := y.src[i]; c {
	case '"', '\'':
		for i++; i < len(y.src) && y.src[i] != '\n'; i++ {
			if y.src[i] == '\\' && c == '"' {
				i++
			} else if y.src[i] == c {
				if c == '\'' && i+1 < len(y.src) && y.src[i+1] == c {
					i++
					continue
				}
				break
			}
		}
		if i >= len(y.src) || y.src[i] != c {
			return false
		}
		for i++; i < len(y.src) && y.src[i] == ' '; i++ {
		}
		return i < len(y.src) && y.src[i] == ':' && (i+1 == len(y.src) || strings.IndexByte(" \t\n", y.src[i+1]) >= 0)
	case '[', '{', '|', '>', '@', '`', '%', '*':
		return false
	}
	for ; i < len(y.src) && y.src[i] != '\n'; i++ {
		switch y.src[i] {
		case ':':
			if i+1 == len(y.src) || strings.IndexByte(" \t\n", y.src[i+1]) >= 0 {
				return true
			}
		case '#':
			if i > 0 && (y.src[i-1] == ' ' || y.src[i-1] == '\t') {
				return false
			}
		}
	}
	return false
}

func (y *yamlReader) blockList(column int) *Node {
	n := &Node{Kind: List, At: y.at(y.pos), Items: []*Node{}}
	for {
		y.pos++ // the dash
		n.Items = append(n.Items, y.block(column, true, false))
		y.skip()
		switch {
		case y.eof() || y.marker() || y.column() < column:
			return n
		case y.column() > column:
			y.fail("wrong indentation: the list's other entries are at column %d", column+1)
		case !y.dash():
			return n
		}
	}
}

func (y *yamlReader) blockMap(column int) *Node {
	n := &Node{Kind: Map, At: y.at(y.pos)}
	seen := map[string]bool{}
	for {
		at := y.pos
		key, explicit := y.blockKey(column)
		y.addKey(n, seen, key, at)
		var v *Node
		if explicit && !(y.column() == column && y.peek(0) == ':' && y.blankAt(1)) {
			v = y.empty(y.pos)
		} else {
			y.pos++ // the colon
			v = y.block(column, explicit, true)
		}
		y.setValue(n, v)
		y.skip()
		switch {
		case y.eof() || y.marker() || y.column() < column:
			return n
		case y.column() > column:
			y.fail("wrong indentation: the map's other keys are at column %d", column+1)
		case y.dash():
			y.fail("a list entry among the keys of a map")
		case !y.keyAhead() && !(y.peek(0) == '?' && y.blankAt(1)):
			y.fail("expected a key and a colon")
		}
	}
}

// addKey adds a member without its value.
func (y *yamlReader) addKey(n *Node, seen map[string]bool, key string, at int) {
	if seen[key] {
		y.failAt(at, "the key %q is there twice", key)
	}
	if key == "<<" {
		y.failAt(at, "CloudFormation does not support merge keys")
	}
	seen[key] = true
	n.Members = append(n.Members, Member{Key: key, KeyAt: y.at(at)})
}

// setValue gives the last member its value.
func (y *yamlReader) setValue(n, v *Node) {
	m := &n.Members[len(n.Members)-1]
	if id, attribute, ok := cutAttribute(m.Key, v); ok {
		v = list(v, str(v, id), str(v, attribute))
	}
	m.Value = v
}

// blockKey reads a key up to its colon. explicit keys begin with a question
// mark.
func (y *yamlReader) blockKey(column int) (key string, explicit bool) {
	if y.peek(0) == '?' && y.blankAt(1) {
		y.pos++
		at := y.pos
		n := y.block(column, true, false)
		text, ok := n.scalarText()
		if !ok && n.Kind != Null {
			y.failAt(at, "a key must be a string, not %s", n.Kind)
		}
		y.skip()
		return text, true
	}
	switch c := y.peek(0); c {
	case '&', '!', '*':
		y.fail("a key cannot have %q", c)
	case '"', '\'':
		n := y.quoted()
		for y.peek(0) == ' ' {
			y.pos++
		}
		return n.Text, false
	}
	i := y.pos
	for y.peek(0) != ':' || !y.blankAt(1) {
		y.pos++
	}
	if y.pos == i {
		y.fail("a key is missing before the colon")
	}
	return strings.TrimRight(y.src[i:y.pos], " \t"), false
}
