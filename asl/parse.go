package asl

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"salamander/internal/value"
)

// Parse reads and validates a definition. The error is an [Errors] with every
// mistake.
func Parse(definition []byte, opt ParseOptions) (*Machine, error) {
	p := &parser{src: definition, m: &Machine{opt: opt}}
	if !utf8.Valid(definition) {
		return nil, p.whole(codeJSON, "the definition is not valid UTF-8")
	}
	root, pos, duplicates, err := value.ParsePositions(definition)
	if err != nil {
		return nil, p.syntax(err)
	}
	for _, d := range duplicates {
		p.addAt(d.Offset, "", fmt.Sprintf("Duplicate field '%s'", d.Key), "keep one of the two")
	}
	doc, ok := root.(*value.Object)
	if !ok {
		return nil, p.whole(codeJSON, "the definition must be a JSON object")
	}
	n := node{p: p, obj: doc, pos: pos}
	n.known("Comment", "Version", "QueryLanguage", "TimeoutSeconds", "StartAt", "States")
	n.text("Comment")
	n.text("Version")
	p.queryLanguage(n)
	if t, ok := n.integer("TimeoutSeconds"); ok {
		if t <= 0 || t > maxSeconds {
			n.bad("TimeoutSeconds", "Value must be between 1 and %d", maxSeconds)
		}
		p.m.timeout = t
	}
	p.m.root = p.scope(n)
	if len(p.errs) > 0 {
		return nil, p.errs
	}
	return p.m, nil
}

// maxSeconds is the greatest number of seconds that a field may hold.
const maxSeconds = 99_999_999

type parser struct {
	src  []byte
	m    *Machine
	errs Errors
}

// whole makes the error of a text that is no definition at all.
func (p *parser) whole(code, msg string) error {
	return Errors{{Code: code, Line: 1, Column: 1, Msg: msg}}
}

func (p *parser) syntax(err error) error {
	e := &Error{Code: codeJSON, Msg: err.Error()}
	var s *value.SyntaxError
	if errors.As(err, &s) {
		e.Line, e.Column = p.place(s.Offset)
		e.Msg = s.Msg
	}
	return Errors{e}
}

// place turns an offset into a line and a column, both from 1.
func (p *parser) place(offset int) (line, column int) {
	before := p.src[:min(offset, len(p.src))]
	return 1 + strings.Count(string(before), "\n"), len(before) - strings.LastIndexByte(string(before), '\n')
}

func (p *parser) addAt(offset int, path, msg, hint string) {
	line, column := p.place(offset)
	p.errs = append(p.errs, &Error{Path: path, Line: line, Column: column, Code: codeSchema, Msg: msg, Hint: hint})
}

// queryLanguage refuses JSONata by name.
func (p *parser) queryLanguage(n node) {
	s, ok := n.text("QueryLanguage")
	switch {
	case !ok || s == "JSONPath":
	case s == "JSONata":
		n.hint("QueryLanguage", "this version of Salamander runs JSONPath definitions", "JSONata is not implemented yet")
	default:
		n.bad("QueryLanguage", "Value is not allowed: need JSONPath or JSONata")
	}
}

// A node is an object of the definition with its place.
type node struct {
	p    *parser
	obj  *value.Object
	pos  *value.Position
	path string // RFC 6901 pointer
}

func pointer(path, key string) string {
	return path + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
}

// at returns the path as AWS writes the whole.
func (n node) at() string {
	if n.path == "" {
		return "/"
	}
	return n.path
}

// bad reports a mistake in the value of a field.
func (n node) bad(field, format string, args ...any) {
	n.hint(field, "", format, args...)
}

func (n node) hint(field, hint, format string, args ...any) {
	offset := n.pos.Offset
	if m := n.pos.Members[field]; m != nil {
		offset = m.Offset
	}
	n.p.addAt(offset, pointer(n.path, field), fmt.Sprintf(format, args...), hint)
}

// wrong reports a mistake in the object itself.
func (n node) wrong(format string, args ...any) {
	n.p.addAt(n.pos.Offset, n.at(), fmt.Sprintf(format, args...), "")
}

func (n node) has(field string) bool {
	_, ok := n.obj.Get(field)
	return ok
}

// require reports the fields that are missing, all in one message.
func (n node) require(fields ...string) {
	var missing []string
	for _, f := range fields {
		if !n.has(f) {
			missing = append(missing, f)
		}
	}
	if missing != nil {
		n.wrong("These fields are required: [%s]", strings.Join(missing, ", "))
	}
}

// known reports fields that are not among the given.
func (n node) known(fields ...string) {
	for _, m := range n.obj.Members() {
		if contains(fields, m.Key) {
			continue
		}
		hint := ""
		if near := nearest(m.Key, fields); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		n.hint(m.Key, hint, "Field is not supported")
	}
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}

func (n node) text(field string) (string, bool) {
	v, ok := n.obj.Get(field)
	if !ok {
		return "", false
	}
	s, ok := v.(string)
	if !ok {
		n.bad(field, "Expected value of type String")
	}
	return s, ok
}

func (n node) boolean(field string) (b, ok bool) {
	v, ok := n.obj.Get(field)
	if !ok {
		return false, false
	}
	b, ok = v.(bool)
	if !ok {
		n.bad(field, "Expected value of type Boolean")
	}
	return b, ok
}

func (n node) integer(field string) (int64, bool) {
	v, ok := n.obj.Get(field)
	if !ok {
		return 0, false
	}
	num, ok := v.(value.Number)
	if ok {
		var i int64
		if i, ok = num.Int64(); ok {
			return i, true
		}
	}
	n.bad(field, "Expected value of type Integer")
	return 0, false
}

func (n node) number(field string) (float64, bool) {
	v, ok := n.obj.Get(field)
	if !ok {
		return 0, false
	}
	num, ok := v.(value.Number)
	if !ok {
		n.bad(field, "Expected value of type Number")
		return 0, false
	}
	return num.Float64(), true
}

// object returns the object in a field.
func (n node) object(field string) (node, bool) {
	v, ok := n.obj.Get(field)
	if !ok {
		return node{}, false
	}
	obj, ok := v.(*value.Object)
	if !ok {
		n.bad(field, "Expected value of type Object")
		return node{}, false
	}
	return node{n.p, obj, n.pos.Members[field], pointer(n.path, field)}, true
}

// objects returns the objects in an array.
func (n node) objects(field string) []node {
	v, ok := n.obj.Get(field)
	if !ok {
		return nil
	}
	list, ok := v.(value.Array)
	if !ok {
		n.bad(field, "Expected value of type Array")
		return nil
	}
	var all []node
	for i, e := range list {
		at := n.pos.Members[field].Items[i]
		path := fmt.Sprintf("%s[%d]", pointer(n.path, field), i)
		obj, ok := e.(*value.Object)
		if !ok {
			n.p.addAt(at.Offset, path, "Expected value of type Object", "")
			continue
		}
		all = append(all, node{n.p, obj, at, path})
	}
	return all
}

// texts returns the strings in an array.
func (n node) texts(field string) []string {
	v, ok := n.obj.Get(field)
	if !ok {
		return nil
	}
	list, ok := v.(value.Array)
	if !ok {
		n.bad(field, "Expected value of type Array")
		return nil
	}
	all := make([]string, 0, len(list))
	for i, e := range list {
		s, ok := e.(string)
		if !ok {
			n.p.addAt(n.pos.Members[field].Items[i].Offset, fmt.Sprintf("%s[%d]", pointer(n.path, field), i), "Expected value of type String", "")
			continue
		}
		all = append(all, s)
	}
	return all
}

// path returns the path in a field, InputPath and such: null is allowed.
func (n node) pathField(field string, reference bool) pathField {
	v, ok := n.obj.Get(field)
	if !ok {
		return pathField{}
	}
	if v == nil {
		return pathField{set: true, null: true}
	}
	x := n.pathIn(field, v, reference)
	return pathField{set: x != nil, expr: x}
}

// onlyPath returns the path in a field that must hold one.
func (n node) onlyPath(field string, reference bool) *pathExpr {
	v, ok := n.obj.Get(field)
	if !ok {
		return nil
	}
	return n.pathIn(field, v, reference)
}

func (n node) pathIn(field string, v value.Value, reference bool) *pathExpr {
	s, ok := v.(string)
	if !ok {
		n.bad(field, "Expected value of type String")
		return nil
	}
	x, err := parsePath(s)
	switch {
	case err != nil && reference:
		n.hint(field, err.Error(), "Value is not a Reference Path: %s", err)
	case err != nil:
		n.hint(field, err.Error(), "Value is not a valid JSONPath")
	case reference && !x.path.Reference():
		n.bad(field, "Value is not a Reference Path: Illegal character ']'")
	default:
		return x
	}
	return nil
}

// expression returns the path or the intrinsic function in a field.
func (n node) expression(field string) expr {
	s, ok := n.text(field)
	if !ok {
		return nil
	}
	x, err := parseExpr(s)
	if err != nil {
		n.hint(field, err.Error(), "Value is not a valid JSONPath or a valid intrinsic function call")
		return nil
	}
	return x
}

// template returns the payload template in a field.
func (n node) template(field string) *template {
	v, ok := n.obj.Get(field)
	if !ok {
		return nil
	}
	return parseTemplate(v, func(name string, err error) {
		hint := ""
		if err != nil {
			hint = err.Error()
		}
		n.hint(field, hint, "The value for the field '%s' must be a valid JSONPath or a valid intrinsic function call", name)
	})
}

// nearest returns the name that s was probably meant to be, or "".
func nearest(s string, names []string) string {
	best, distance := "", 3
	for _, name := range names {
		if d := editDistance(strings.ToLower(s), strings.ToLower(name), distance); d < distance {
			best, distance = name, d
		}
	}
	return best
}

// editDistance is the Levenshtein distance, or limit when it is not below.
func editDistance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		last := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := last
			if a[i-1] != b[j-1] {
				cost++
			}
			last, row[j] = row[j], min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return min(row[len(b)], limit)
}
