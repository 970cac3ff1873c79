package dialect

import (
	"fmt"
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// SUPER is DuckDB's JSON. Which names mean one is told by the tables of a
// statement and by the names that it gives to values of the type. Such a value
// may be navigated, cast, sent, stored, unnested and given to the functions
// below; whatever else would take it is refused, since DuckDB compares, orders
// and casts its JSON as texts.
//
// https://docs.aws.amazon.com/redshift/latest/dg/query-super.html

// superFunctions take a SUPER, by our names of them.
var superFunctions = map[string]string{
	"json_parse": "rs_super_parse", "can_json_parse": "rs_can_json_parse", "json_serialize": "rs_super_text", "json_typeof": "rs_super_type",
	"get_array_length": "rs_super_length", "subarray": "rs_super_sub", "array_concat": "rs_super_concat", "array_flatten": "rs_super_flatten",
	"split_to_array": "rs_super_split", "array": "rs_super_array", "object": "rs_super_object", "is_array": "is", "is_object": "is", "is_boolean": "is", "is_scalar": "is",
	"is_varchar": "is", "is_smallint": "is", "is_integer": "is", "is_bigint": "is",
}

// superResults are those that give one.
var superResults = wordSet("json_parse subarray array_concat array_flatten split_to_array array object")

// supers are the names in a statement that mean SUPER.
type supers struct {
	names     map[string]bool // of columns
	relations map[string]bool // of tables, and the names they are given
	elements  map[string]bool // of what FROM unnests: a relation whose column has its name
	done      map[int]bool    // where what was rewritten begins
	args      map[int]bool    // where arguments of functions begin and what stands beside them
	values    map[int]bool    // the same of VALUES
	nulls     bool            // JSON's null is told from none
	inside    int             // within the arguments of a function that takes SUPER
}

// findSupers finds the names that mean SUPER.
func (r *rewriter) findSupers() {
	queries := r.mentions(r.nodes, "select")
	if r.Kind == Define && !queries {
		return
	}
	s := &supers{names: map[string]bool{}, relations: map[string]bool{}, elements: map[string]bool{}, done: map[int]bool{}, args: map[int]bool{}, values: map[int]bool{}}
	var tables []Name
	if queries || r.head != "insert" {
		tables = r.Reads()
	}
	for _, t := range r.Touches() {
		tables = append(tables, t.Name)
	}
	if r.Kind == Define && r.mentions(r.nodes, "super") {
		tables = nil // the table is not there yet
	}
	asked := map[Name]bool{}
	for _, name := range tables {
		if asked[name] || r.env.Catalog == nil {
			continue
		}
		asked[name] = true
		table, err := r.env.Catalog.Table(name)
		if err != nil || table == nil {
			continue
		}
		for _, c := range table.Columns {
			if c.Type == "JSON" {
				s.names[c.Name] = true
			}
		}
	}
	if len(s.names) == 0 && !r.mentionsSuper(r.nodes) {
		return
	}
	r.super = s
	for range 4 { // a name may be given to what another name means
		r.superNames(r.nodes)
	}
}

func (r *rewriter) mentions(nodes []sqltext.Node, word string) bool {
	for i := range nodes {
		if r.word(nodes, i) == word || r.mentions(nodes[i].Children, word) {
			return true
		}
	}
	return false
}

// mentionsSuper reports whether a function that takes or gives SUPER is called.
func (r *rewriter) mentionsSuper(nodes []sqltext.Node) bool {
	for i, n := range nodes {
		if n.Kind == sqltext.OpenParen && superFunctions[r.word(nodes, i-1)] != "" && !r.isQuery(n.Children) || r.mentionsSuper(n.Children) {
			return true
		}
	}
	return false
}

// superNames notes relations, what FROM unnests, and the names given to SUPER.
func (r *rewriter) superNames(nodes []sqltext.Node) {
	s, from := r.super, false
	for i := range nodes {
		switch w := r.word(nodes, i); {
		case w == "from" || w == "join" || w == "into" || w == "update":
			from = true
		case reserved[w] && w != "as":
			from = false
		}
		if r.word(nodes, i) == "values" && i+1 < len(nodes) {
			for _, n := range nodes[i+1:] {
				if n.IsGroup() {
					r.mark(s.values, n.Children)
				}
			}
		}
		place := from && i > 0 && (nodes[i-1].Kind == sqltext.Comma || r.word2(nodes, i-1, "from", "join", "into", "update"))
		if place && (nodes[i].Kind.IsName() || nodes[i].IsGroup()) {
			end := i + 1
			for end+1 < len(nodes) && nodes[end].Kind == sqltext.Dot {
				end += 2
			}
			if nodes[i].Kind.IsName() {
				s.relations[Ident(nodes[end-1].Token, r.src)] = true
			}
			if r.word(nodes, end) == "as" {
				end++
			}
			if end < len(nodes) && nodes[end].Kind.IsName() && !reserved[r.word(nodes, end)] {
				s.relations[Ident(nodes[end].Token, r.src)] = true
			}
		}
		if place {
			if _, alias, _, _, ok := r.unnested(nodes, i); ok {
				s.elements[alias] = true
			}
		} else if from && i > 0 {
			// the rest of a relation
		} else if end, ok := r.superShape(nodes, i); ok && i > 0 && nodes[i-1].Kind != sqltext.Dot {
			if r.word(nodes, end) == "as" {
				end++
			}
			if end < len(nodes) && nodes[end].Kind.IsName() && !reserved[r.word(nodes, end)] {
				s.names[Ident(nodes[end].Token, r.src)] = true
			}
		}
		r.superNames(nodes[i].Children)
	}
}

func (r *rewriter) mark(where map[int]bool, nodes []sqltext.Node) {
	for _, n := range nodes {
		where[n.Pos] = true
	}
}

// superBase finds a name or a call at node i that means SUPER: where what
// navigates it begins.
func (r *rewriter) superBase(nodes []sqltext.Node, i int) (end int, ok bool) {
	if r.super == nil || i >= len(nodes) {
		return 0, false
	}
	s, n := r.super, nodes[i]
	if !n.Kind.IsName() || i > 0 && nodes[i-1].Kind == sqltext.Dot {
		return 0, false
	}
	if i+1 < len(nodes) && nodes[i+1].Kind == sqltext.OpenParen {
		return i + 2, superResults[r.word(nodes, i)]
	}
	first := Ident(n.Token, r.src)
	part := func(k int) string {
		if k+1 < len(nodes) && nodes[k].Kind == sqltext.Dot && nodes[k+1].Kind.IsName() {
			return Ident(nodes[k+1].Token, r.src)
		}
		return ""
	}
	switch {
	case s.elements[first]:
		return i + 1, true
	case s.relations[first] && s.names[part(i+1)]:
		return i + 3, true
	case s.relations[part(i+1)] && s.names[part(i+3)] && !s.names[first]:
		return i + 5, true
	}
	return i + 1, s.names[first] && !(s.relations[first] && part(i+1) != "")
}

// superShape returns the end of a SUPER with what navigates it.
func (r *rewriter) superShape(nodes []sqltext.Node, i int) (end int, ok bool) {
	end, ok = r.superBase(nodes, i)
	for ok && end < len(nodes) {
		switch {
		case nodes[end].Kind == sqltext.Dot && end+1 < len(nodes) && nodes[end+1].Kind.IsName():
			end += 2
		case nodes[end].Kind == sqltext.OpenBracket:
			end++
		default:
			return end, true
		}
	}
	return end, ok
}

// superText writes a SUPER with what navigates it in DuckDB's words.
func (r *rewriter) superText(nodes []sqltext.Node, i int) (text string, end int) {
	base, _ := r.superBase(nodes, i)
	end, _ = r.superShape(nodes, i)
	text = r.src[nodes[i].Pos:nodes[base-1].Last()]
	if name := Ident(nodes[i].Token, r.src); base == i+1 && r.super.elements[name] {
		text = Quote(name) + "." + Quote(name)
	}
	if nodes[base-1].IsGroup() { // a call
		sub := &rewriter{Statement: r.Statement, env: r.env, super: r.super}
		sub.superCall(nodes, i)
		sub.quoteWords(nodes[base-1].Children)
		if r.failed(sub.err); r.err != nil {
			return "", end
		}
		if len(sub.probes) > 0 {
			r.fail(sqlstate.Unsupported(nodes[i].Pos, "a division or an average within a SUPER"))
		}
		text, _ = sub.apply(r.src, nodes[i].Pos, nodes[base-1].Last())
	}
	if base == end {
		return text, end
	}
	path := "$"
	for k := base; k < end; k++ {
		if nodes[k].Kind == sqltext.Dot {
			k++
			name := Ident(nodes[k].Token, r.src)
			if nodes[k].Kind == sqltext.QuotedIdent {
				name = strings.ToLower(name) // enable_case_sensitive_identifier is off
			}
			if strings.ContainsAny(name, `"\`) {
				r.fail(sqlstate.Unsupported(nodes[k].Pos, "an attribute of SUPER with a quote or a backslash in its name"))
			}
			path += `."` + name + `"`
			continue
		}
		in := nodes[k].Children
		if len(in) != 1 || in[0].Kind != sqltext.Integer {
			r.fail(sqlstate.Unsupported(nodes[k].Pos, "an index into SUPER that is no constant"))
			return "", end
		}
		path += "[" + in[0].Text(r.src) + "]"
	}
	if r.super.nulls {
		return "json_extract(" + text + ", " + QuoteText(path) + ")", end
	}
	return "rs_super_at(" + text + ", " + QuoteText(path) + ")", end
}

func (r *rewriter) failed(err error) {
	if err != nil {
		r.fail(err)
	}
}

// superOperand rewrites an operand that is a SUPER and returns its end, or 0
// where it is none.
func (r *rewriter) superOperand(nodes []sqltext.Node, i int) int {
	s := r.super
	if s == nil {
		return 0
	}
	if s.done[nodes[i].Pos] {
		end := i + 1
		for end < len(nodes) && s.done[nodes[end].Pos] {
			end++
		}
		return end
	}
	if i > 0 && (r.word(nodes, i-1) == "as" || r.endsOperand(nodes, i-1)) {
		return 0 // a name that is given
	}
	if i > 0 && i+1 < len(nodes) && nodes[i+1].IsOp(r.src, "=") && r.head == "update" && nodes[i].Kind.IsName() && (r.word(nodes, i-1) == "set" || nodes[i-1].Kind == sqltext.Comma) &&
		r.mentions(nodes[:i], "set") && !r.mentions(nodes[:i], "where") {
		return i + 1 // what is set
	}
	if _, ok := r.superBase(nodes, i); !ok {
		if to := superFunctions[r.word(nodes, i)]; to != "" && i+1 < len(nodes) && nodes[i+1].Kind == sqltext.OpenParen && nodes[i].Kind == sqltext.Ident && !r.isQuery(nodes[i+1].Children) {
			r.superCall(nodes, i)
			return i + 2
		}
		if r.word(nodes, i) == "count" && i+1 < len(nodes) && nodes[i+1].IsGroup() {
			if c := nodes[i+1].Children; len(c) > 0 {
				if end, ok := r.superShape(c, 0); ok && end == len(c) {
					s.values[c[0].Pos] = true // nulls alone are told from others
				}
			}
		} else if nodes[i].Kind.IsName() && i+1 < len(nodes) && nodes[i+1].Kind == sqltext.OpenParen {
			r.mark(s.args, nodes[i+1].Children)
		}
		return 0
	}
	text, end := r.superText(nodes, i)
	pos := nodes[i].Pos
	if end < len(nodes) && nodes[end].Kind == sqltext.Typecast {
		to := r.typeEnd(nodes, end+1)
		cast, err := r.superCast(text, nodes[end+1:to])
		r.failed(err)
		r.replace(pos, nodes[to-1].Last(), cast)
		if to < len(nodes) && nodes[to].Kind == sqltext.Typecast {
			r.fail(sqlstate.Unsupported(nodes[to].Pos, "a cast of a cast of SUPER"))
		}
		return to
	}
	if !r.superPlace(nodes, i, end) {
		r.fail(sqlstate.Unsupported(pos, "comparing, ordering, grouping by or computing with a SUPER that is not cast"))
	}
	if r.word(nodes, end) == "is" {
		text = "nullif(" + text + ", CAST('null' AS JSON))"
	}
	r.replace(pos, nodes[end-1].Last(), text)
	return end
}

// superPlace reports whether a SUPER may stand at nodes i up to end as it is.
func (r *rewriter) superPlace(nodes []sqltext.Node, i, end int) bool {
	if r.super.inside > 0 {
		return true
	}
	last := end == len(nodes) || nodes[end].Kind == sqltext.Comma || nodes[end].Kind == sqltext.Semicolon
	switch {
	case r.words(nodes, end, "is", "null"), r.words(nodes, end, "is", "not", "null"):
		return true
	case r.super.values[nodes[i].Pos]:
		return last
	case r.super.args[nodes[i].Pos]:
		return false
	}
	start := -1
	for k := i - 1; k >= 0; k-- {
		switch r.word(nodes, k) {
		case "select":
			start = k
		case "set":
			return r.head == "update" && nodes[i-1].IsOp(r.src, "=") && (last || r.word2(nodes, end, "from", "where"))
		case "from", "where", "group", "order", "having", "union", "on", "by", "distinct", "case":
			return false
		}
		if start >= 0 {
			break
		}
	}
	if start < 0 || nodes[i-1].Kind != sqltext.Comma && i-1 != start && r.word(nodes, i-1) != "all" {
		return false
	}
	for k := range nodes {
		if r.word2(nodes, k, "except", "intersect", "minus") || r.word(nodes, k) == "union" && r.word(nodes, k+1) != "all" {
			return false
		}
	}
	return last || r.word2(nodes, end, "from", "as", "where", "limit", "order", "union") || nodes[end].Kind.IsName() && !reserved[r.word(nodes, end)]
}

// superCast casts a SUPER. What cannot be cast is null.
func (r *rewriter) superCast(text string, nodes []sqltext.Node) (string, error) {
	t, err := r.typeOf(nodes)
	if err != nil {
		return "", err
	}
	duck := t.duck
	if duck == "" {
		duck = r.src[nodes[0].Pos:nodes[len(nodes)-1].Last()]
	}
	target := "number"
	switch w := strings.ToUpper(duck); {
	case w == "VARCHAR":
		target = "text"
	case strings.HasPrefix(w, "BOOL"):
		target = "boolean"
	case strings.HasPrefix(w, "DATE"), strings.HasPrefix(w, "TIME"):
		target = "time"
	}
	text = fmt.Sprintf("rs_super_cast(CAST(%s AS VARCHAR), '%s')", text, target)
	switch {
	case t.length > 0:
		return fmt.Sprintf("rs_cut%s(%s, %d)", t.suffix(), text, t.length), nil
	case target == "text":
		return text, nil
	}
	return fmt.Sprintf("TRY_CAST(%s AS %s)", text, duck), nil
}

// superCall rewrites a call of a function that takes SUPER.
func (r *rewriter) superCall(nodes []sqltext.Node, i int) {
	name := r.word(nodes, i)
	to := superFunctions[name]
	args := nodes[i+1]
	split := splitCommas(args.Children)
	switch n := len(split); {
	case name == "array", name == "object" && n%2 == 0:
	case name == "object", name == "subarray" && n != 2 && n != 3, name == "array_concat" && n != 2, name == "split_to_array" && n != 1 && n != 2,
		name != "subarray" && name != "array_concat" && name != "split_to_array" && n != 1:
		r.fail(&sqlstate.Error{Code: sqlstate.UndefinedFunction, Message: fmt.Sprintf("function %s does not exist with %d arguments", name, n), At: nodes[i].Pos + 1})
		return
	}
	if to == "is" {
		to = "rs_super_is"
		r.insert(args.Close.Pos, ", "+QuoteText(strings.TrimPrefix(name, "is_")))
	}
	if name == "array" || name == "object" {
		to = "json_" + name
		for k, part := range split {
			if len(part) > 0 && (name == "array" || k%2 == 1) {
				if end, ok := r.superShape(part, 0); !ok || end < len(part) {
					r.wrap(part[0].Pos, part[len(part)-1].Last(), "rs_super(", ")")
				}
			}
		}
	}
	r.replace(nodes[i].Pos, nodes[i].End, to)
	r.super.inside++
	for _, part := range split {
		if len(part) == 0 {
			continue
		}
		end, ok := r.superShape(part, 0)
		if ok && end < len(part) && part[end].Kind != sqltext.Typecast {
			r.fail(sqlstate.Unsupported(part[0].Pos, "computing with a SUPER that is not cast"))
		}
		r.super.nulls = name == "json_typeof" && ok && end == len(part)
		r.level(part, r.isQuery(part))
		r.super.nulls = false
	}
	r.super.inside--
}

// unnested reads what FROM unnests at node i: [UNPIVOT] t.c.a [AS] x [AT i].
func (r *rewriter) unnested(nodes []sqltext.Node, i int) (path int, alias, at string, end int, ok bool) {
	if r.word(nodes, i) == "unpivot" {
		i++
	}
	path, ok = r.superShape(nodes, i)
	if !ok || nodes[path-1].IsGroup() && path == i+2 {
		return 0, "", "", 0, false
	}
	if s := r.super; s.relations[Ident(nodes[i].Token, r.src)] && path == i+1 && !s.elements[Ident(nodes[i].Token, r.src)] {
		return 0, "", "", 0, false // a table named as a column
	}
	end = path
	if r.word(nodes, end) == "as" {
		end++
	}
	if end >= len(nodes) || !nodes[end].Kind.IsName() || reserved[r.word(nodes, end)] {
		return 0, "", "", 0, false
	}
	alias = Ident(nodes[end].Token, r.src)
	end++
	if r.word(nodes, end) == "at" && end+1 < len(nodes) && nodes[end+1].Kind.IsName() {
		at = Ident(nodes[end+1].Token, r.src)
		end += 2
	}
	return path, alias, at, end, true
}

// unnest rewrites what FROM unnests at node i. It reports whether it did.
func (r *rewriter) unnest(nodes []sqltext.Node, i int) bool {
	if r.super == nil {
		return false
	}
	_, alias, at, end, ok := r.unnested(nodes, i)
	if !ok {
		return false
	}
	from, elements, indexes := i, "rs_super_elements", "rs_super_indexes"
	if r.word(nodes, i) == "unpivot" {
		from, elements, indexes = i+1, "rs_super_members", "rs_super_keys"
	}
	text, _ := r.superText(nodes, from)
	list := "unnest(" + elements + "(" + text + ")) AS " + Quote(alias)
	if at != "" {
		list += ", unnest(" + indexes + "(" + text + ")) AS " + Quote(at)
	}
	r.replace(nodes[i].Pos, nodes[end-1].Last(), "LATERAL (SELECT "+list+") AS "+Quote(alias))
	for k := i; k < end; k++ {
		r.super.done[nodes[k].Pos] = true
	}
	return true
}

// superDistinct refuses DISTINCT and set operations over all columns of tables
// with SUPER, and USING and GROUP BY that name one.
func (r *rewriter) superDistinct(nodes []sqltext.Node) {
	if r.super == nil || len(r.super.names) == 0 {
		return
	}
	for i, n := range nodes {
		once := r.word2(nodes, i, "except", "intersect", "minus") || r.word(nodes, i) == "union" && r.word(nodes, i+1) != "all"
		switch {
		case r.words(nodes, i, "select", "distinct") && i+2 < len(nodes) && strings.HasSuffix(r.src[nodes[i+2].Pos:nodes[min(i+4, len(nodes)-1)].Last()], "*"),
			r.words(nodes, i, "select", "distinct") && i+2 < len(nodes) && nodes[i+2].IsOp(r.src, "*"):
			r.fail(sqlstate.Unsupported(n.Pos, "DISTINCT of tables with SUPER"))
		case once:
			for k := range nodes {
				if nodes[k].IsOp(r.src, "*") {
					r.fail(sqlstate.Unsupported(n.Pos, "a set operation of tables with SUPER"))
				}
			}
		case r.word(nodes, i) == "natural":
			r.fail(sqlstate.Unsupported(n.Pos, "NATURAL JOIN of tables with SUPER"))
		case r.word(nodes, i) == "using" && i+1 < len(nodes) && nodes[i+1].IsGroup():
			r.mark(r.super.args, nodes[i+1].Children)
			for _, c := range nodes[i+1].Children {
				if c.Kind.IsName() && r.super.names[Ident(c.Token, r.src)] {
					r.fail(sqlstate.Unsupported(c.Pos, "joining by SUPER"))
				}
			}
		}
		r.superDistinct(n.Children)
	}
}
