package asl

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"salamander/internal/value"
)

// ParseOptions choose how a definition is read. The zero value is a STANDARD
// machine with all of AWS's limits.
type ParseOptions struct {
	// Express validates for an EXPRESS machine, which has no .sync and no
	// .waitForTaskToken tasks and no activities.
	Express bool
	// NoLimits lifts the limits on data and history, 256 KiB and 25,000 events,
	// and that of 5 minutes on an execution of an EXPRESS machine.
	NoLimits bool
}

// maxDefinition is the size of the largest definition, in bytes.
const maxDefinition = 1 << 20

// Parse reads and validates a definition. The error is an [Errors] with every
// mistake.
func Parse(definition []byte, opt ParseOptions) (*Machine, error) {
	b := &builder{m: &Machine{opt: opt}}
	if len(definition) > maxDefinition {
		b.add(nil, codeSchema, "State machine definition is %d bytes; the limit is %d", len(definition), maxDefinition)
		return nil, b.errs
	}
	v, pos, dups, err := value.ParsePositions(definition)
	if err != nil {
		return nil, Errors{notJSON(definition, err.(*value.SyntaxError))}
	}
	b.lines, b.pos = newLineTable(definition), pos
	for _, d := range dups {
		line, column := b.lines.at(d.Offset)
		var in where
		for _, part := range d.In {
			if i, is := part.(int); is {
				in = in.at(i)
			} else {
				in = in.key(part.(string))
			}
		}
		b.report(&Error{Line: line, Column: column, Code: codeSchema, Msg: fmt.Sprintf("Duplicate field '%s'", d.Key), Location: in.location(), Path: in.key(d.Key).pointer()})
	}
	root, ok := v.(*value.Object)
	if !ok {
		b.add(nil, codeJSON, "The definition must be a JSON object")
		return nil, b.errs
	}
	b.machine(root)
	if len(b.errs) == 0 {
		if opt.Express && !opt.NoLimits && (b.m.timeout == 0 || b.m.timeout > maxExpress) {
			b.m.timeout = maxExpress
		}
		return b.m, nil
	}
	// As they stand in the text; but that there is no end is told last.
	slices.SortStableFunc(b.errs, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(btoi(a.Code == codeNoEnd), btoi(b.Code == codeNoEnd)), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	if b.dropped > 0 {
		b.errs = append(b.errs, &Error{Code: codeSchema, Location: "/", Msg: fmt.Sprintf("%d more mistakes", b.dropped)})
	}
	return nil, b.errs
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// byteOrderMark is what some editors put before UTF-8.
const byteOrderMark = "\ufeff"

// notJSON words a mistake in the JSON itself as AWS's parser does.
func notJSON(definition []byte, bad *value.SyntaxError) *Error {
	line, column := newLineTable(definition).at(min(bad.Offset, len(definition)))
	msg, end := bad.Msg, column
	if bytes.HasPrefix(definition, []byte(byteOrderMark)) {
		msg = "The definition begins with a UTF-8 byte order mark (the bytes EF BB BF), which JSON text must not have"
	}
	word := 0
	for rest := string(definition[min(bad.Offset, len(definition)):]); word < len(rest) && nameRune(rune(rest[word]), false); {
		word++
	}
	if word > 0 && strings.HasPrefix(msg, "unexpected character") {
		msg = fmt.Sprintf("Unrecognized token '%s': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')", definition[bad.Offset:bad.Offset+word])
		end += word
	}
	source := string(definition)
	if len(source) > 500 {
		source = source[:500] + "\"[truncated " + strconv.Itoa(len(source)-500) + " chars]"
	}
	location := fmt.Sprintf("[Source: (String)\"%s\"; line: %d, column: %d]", source, line, end)
	return &Error{Line: line, Column: column, Code: codeJSON, Location: location, Msg: msg + "\n at " + location}
}

// A builder makes a Machine of a definition and gathers its mistakes.
type builder struct {
	m       *Machine
	lines   lineTable
	pos     *value.Position
	errs    Errors
	dropped int              // mistakes beyond maxMistakes
	guesses int              // names compared for hints
	names   map[string]where // of all states
	whole   bool             // the whole machine is set to JSONata
	jsonata bool             // the state being read is of it
	depth   int              // how long the where of that state is
	kind    string           // its type
	nested  int
}

// maxMistakes is how many mistakes are told.
const maxMistakes = 1000

func (b *builder) report(e *Error) {
	if len(b.errs) == maxMistakes {
		b.dropped++
		return
	}
	b.errs = append(b.errs, e)
}

func (b *builder) add(w where, code, format string, args ...any) *Error {
	e := &Error{Path: w.pointer(), Location: w.location(), Code: code, Msg: fmt.Sprintf(format, args...)}
	if p := w.position(b.pos); p != nil {
		e.Line, e.Column = b.lines.at(p.Offset)
	}
	b.report(e)
	return e
}

func (b *builder) fail(w where, format string, args ...any) *Error {
	return b.add(w, codeSchema, format, args...)
}

// machine reads the whole definition.
func (b *builder) machine(o *value.Object) {
	b.names = map[string]where{}
	b.fields(o, nil, "Comment", "StartAt", "States", "Version", "TimeoutSeconds", "QueryLanguage")
	b.string(o, nil, "Comment")
	if v := b.string(o, nil, "Version"); v != "" && v != "1.0" {
		b.fail(where(nil).key("Version"), "Value must be '1.0'")
	}
	b.whole = b.language(o, nil) == JSONata
	if n, ok := b.integer(o, nil, "TimeoutSeconds", 1, 99999999); ok {
		b.m.timeout = n
	}
	b.m.top = b.scope(o, nil)
}

// language reads QueryLanguage of the machine or of a state. A state that has
// none is of the machine's, also where its Map or Parallel is of another. As
// with AWS, any value but "JSONPath" stands for JSONata in what follows.
func (b *builder) language(o *value.Object, w where) Language {
	v, has := o.Get("QueryLanguage")
	switch {
	case !has && b.whole, v == string(JSONata):
		return JSONata
	case !has:
		return JSONPath
	case v == string(JSONPath):
		if b.whole {
			b.fail(w, "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine")
		}
		return JSONPath
	}
	if _, is := v.(string); is {
		b.fail(w.key("QueryLanguage"), "Value must be one of: [JSONPath, JSONata]")
	} else {
		b.string(o, w, "QueryLanguage")
	}
	return JSONata
}

// maxStateDepth bounds how deep Parallel and Map states nest.
const maxStateDepth = 100

// scope reads StartAt and States.
func (b *builder) scope(o *value.Object, w where) *scope {
	s := &scope{id: len(b.m.scopes), states: map[string]*state{}}
	b.m.scopes = append(b.m.scopes, s)
	var missing []string
	for _, name := range []string{"States", "StartAt"} {
		if _, ok := o.Get(name); !ok {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		b.fail(w, "These fields are required: [%s]", strings.Join(missing, ", "))
		return s
	}
	if b.nested++; b.nested > maxStateDepth {
		b.fail(w, "States nest deeper than %d", maxStateDepth)
		return s
	}
	defer func() { b.nested-- }()
	s.startAt = b.string(o, w, "StartAt")
	start, _ := o.Get("StartAt")
	_, startKnown := start.(string)
	all, ok := b.object(o, w, "States")
	if !ok {
		return s
	}
	if all.Len() == 0 {
		b.fail(w.key("States"), "At least one state is required")
		return s
	}
	for _, m := range all.Members() {
		at := w.key("States").key(m.Key)
		if n := len([]rune(m.Key)); n == 0 || n > 80 {
			b.fail(at, "State name must have 1 to 80 characters")
		}
		if _, twice := b.names[m.Key]; twice {
			b.fail(at, "Duplicate state name: %s", m.Key)
		}
		b.names[m.Key] = at
		so, ok := m.Value.(*value.Object)
		if !ok {
			b.fail(at, "Expected value of type Object")
			continue
		}
		s.names = append(s.names, m.Key)
		s.states[m.Key] = b.state(m.Key, so, s, at)
	}
	b.transitions(s, w, startKnown)
	return s
}

// transitions checks that every transition leads to a state, that there is an
// end, and, where it is known which state is the first, that every state is
// reached.
func (b *builder) transitions(s *scope, w where, startKnown bool) {
	reached := map[string]bool{}
	target := func(name string, at where) {
		if name == "" {
			return
		}
		if _, ok := s.states[name]; ok {
			reached[name] = true
			return
		}
		e := b.add(at, codeTarget, "Missing 'Next' target: %s", name)
		b.guess(e, name, s.names)
	}
	target(s.startAt, w.key("StartAt"))
	ends := false
	for _, name := range s.names {
		st := s.states[name]
		at := w.key("States").key(name)
		for i, c := range st.catch {
			target(c.next, at.key("Catch").at(i).key("Next"))
		}
		if st.choice != nil {
			for i, r := range st.choice.rules {
				target(r.next, at.key("Choices").at(i).key("Next"))
			}
			target(st.choice.fallback, at.key("Default"))
			continue
		}
		target(st.next, at.key("Next"))
		ends = ends || st.end || st.kind == "Succeed" || st.kind == "Fail"
	}
	if !ends {
		e := b.add(w, codeNoEnd, "Workflow has no terminal state")
		e.Location = ""
		return
	}
	if !startKnown {
		return
	}
	for _, name := range s.names {
		if !reached[name] {
			b.add(w.key("States").key(name), codeTarget, "State %q is not reachable.", name)
		}
	}
}

// maxGuesses is how many names are compared for all hints together.
const maxGuesses = 50_000

// maxGuessed is how long a name may be for a hint, in bytes.
const maxGuessed = 320

// guess adds the near name to a mistake, if there is one.
func (b *builder) guess(e *Error, name string, names []string) {
	if b.guesses += len(names); b.guesses > maxGuesses || len(name) > maxGuessed {
		return
	}
	if near := nearest(name, names); near != "" {
		e.Hint = fmt.Sprintf("did you mean %q?", near)
	}
}

// nearest gives the name that differs from s in the fewest letters, if few.
func nearest(s string, names []string) string {
	best, least := "", len(s)/3+1
	for _, n := range names {
		if d := distance(s, n, least); d <= least && (best == "" || d < least) {
			best, least = n, d
		}
	}
	return best
}

// distance is Levenshtein's, on bytes; it gives up above limit.
func distance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := last
			if a[i] != b[j] {
				cost = 1 + min(last, row[j], row[j+1])
			}
			last, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

// The fields' readers. Each reports a value of the wrong type and returns zero.

// known reports members that the place does not know, or knows in the other
// query language only.
func (b *builder) known(o *value.Object, w where, list []Field) {
	names := make([]string, len(list))
	language := JSONPath
	if b.jsonata {
		language = JSONata
	}
	for i, f := range list {
		names[i] = f.Name
		if _, has := o.Get(f.Name); has && f.Only != "" && f.Only != language {
			b.atKey(b.fail(w, "The QueryLanguage is set to '%s', but field '%s' is only supported for the '%s' QueryLanguage", language, f.Name, f.Only), w, f.Name)
		}
	}
	b.fields(o, w, names...)
}

// fields reports members that the place does not know.
func (b *builder) fields(o *value.Object, w where, known ...string) {
	for _, m := range o.Members() {
		if !slices.Contains(known, m.Key) {
			e := b.fail(w, "Field '%s' is not supported", m.Key)
			b.atKey(e, w, m.Key)
			b.guess(e, m.Key, known)
		}
	}
}

// atKey moves a mistake, whose location is that of an object, to a member.
func (b *builder) atKey(e *Error, w where, name string) {
	if p := w.position(b.pos); p != nil && p.Members[name] != nil {
		e.Line, e.Column = b.lines.at(p.Members[name].Key)
	}
	e.Path = w.key(name).pointer()
}

func (b *builder) string(o *value.Object, w where, name string) string {
	v, ok := o.Get(name)
	if !ok {
		return ""
	}
	s, ok := v.(string)
	if !ok {
		b.fail(w.key(name), "Expected value of type String")
	}
	return s
}

func (b *builder) object(o *value.Object, w where, name string) (*value.Object, bool) {
	v, ok := o.Get(name)
	if !ok {
		return nil, false
	}
	sub, ok := v.(*value.Object)
	if !ok {
		b.fail(w.key(name), "Expected value of type Object")
	}
	return sub, ok
}

func (b *builder) array(o *value.Object, w where, name string) (value.Array, bool) {
	v, ok := o.Get(name)
	if !ok {
		return nil, false
	}
	list, ok := v.(value.Array)
	if !ok {
		b.fail(w.key(name), "Expected value of type Array")
	}
	return list, ok
}

func (b *builder) boolean(o *value.Object, w where, name string) bool {
	v, ok := o.Get(name)
	if !ok {
		return false
	}
	is, ok := v.(bool)
	if !ok {
		b.fail(w.key(name), "Expected value of type Boolean")
	}
	return is
}

func (b *builder) integer(o *value.Object, w where, name string, lo, hi int64) (int64, bool) {
	v, ok := o.Get(name)
	if !ok {
		return 0, false
	}
	n, ok := v.(value.Number)
	if !ok {
		b.fail(w.key(name), "Expected value of type Integer")
		return 0, false
	}
	i, ok := n.Int64()
	if !ok {
		b.fail(w.key(name), "Expected value of type Integer")
		return 0, false
	}
	if i < lo || i > hi {
		b.fail(w.key(name), "Value must be between %d and %d", lo, hi)
		return 0, false
	}
	return i, true
}

// path reads a field that holds a path.
func (b *builder) path(o *value.Object, w where, name string) *pathExpr {
	v, ok := o.Get(name)
	if !ok {
		return nil
	}
	return b.pathValue(v, w.key(name))
}

func (b *builder) pathValue(v value.Value, w where) *pathExpr {
	s, ok := v.(string)
	if !ok {
		b.fail(w, "Expected value of type String")
		return nil
	}
	p, err := parsePath(s)
	if err != nil {
		b.fail(w, "Value must be a valid JSONPath.").Hint = err.Error()
		return nil
	}
	return p
}

// pathField reads InputPath, OutputPath or ResultPath, which may be null.
func (b *builder) pathField(o *value.Object, w where, name string) pathField {
	v, ok := o.Get(name)
	if !ok {
		return pathField{}
	}
	if v == nil {
		return pathField{set: true, null: true}
	}
	f := pathField{set: true, expr: b.pathValue(v, w.key(name))}
	if name == "ResultPath" && f.expr != nil && (f.expr.root != 'i' || !f.expr.path.Reference()) {
		b.fail(w.key(name), "Value is not a Reference Path")
	}
	return f
}

// template reads a field that holds a payload template.
func (b *builder) template(o *value.Object, w where, name string) *template {
	v, ok := o.Get(name)
	if !ok {
		return nil
	}
	if b.jsonata {
		return parseQueries(v, w.key(name), b.compile, b.delimited)
	}
	return parseTemplate(v, w.key(name), func(in where, field string, err error) {
		e := b.fail(w.key(name), "The value for the field '%s' must be a valid JSONPath or a valid intrinsic function call", field)
		b.atKey(e, in, field)
		if err != nil {
			e.Hint = err.Error()
		}
	})
}

// query reads a field that holds one expression of JSONata; nil when the field
// holds no expression, or the state is not of JSONata.
func (b *builder) query(o *value.Object, w where, name string) *query {
	v, _ := o.Get(name)
	s, ok := v.(string)
	if !ok || !b.jsonata {
		return nil
	}
	if !isQuery(s) {
		b.delimited(s, w.key(name))
		return nil
	}
	return b.compile(s, w.key(name))
}
