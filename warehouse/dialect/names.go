package dialect

import (
	"fmt"
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// nameColumns gives the columns of a statement's queries, as explicit aliases,
// the names that Redshift gives them where they have none: an outer query, a
// view or a table may call them by those, and DuckDB's are other ones. top
// tells that the columns of the statement itself are to be named, not only
// those of the queries in it.
//
// All other edits must have been made: an alias stands after them.
func (r *rewriter) nameColumns(top bool) {
	if top {
		r.nameItems(r.nodes)
		if r.Kind == Define {
			r.differ()
		}
	}
	r.nameWithin(r.nodes)
}

// nameWithin names the columns of the queries that parentheses enclose.
func (r *rewriter) nameWithin(nodes []sqltext.Node) {
	for _, n := range nodes {
		if len(n.Children) == 0 {
			continue
		}
		if n.IsGroup() && r.isQuery(n.Children) {
			r.nameItems(n.Children)
		}
		r.nameWithin(n.Children)
	}
}

// nameItems names the columns of the first SELECT of nodes, which gives its
// names to a union.
func (r *rewriter) nameItems(nodes []sqltext.Node) {
	items, _ := r.selected(nodes)
	for _, item := range items {
		if len(item) == 0 || item[len(item)-1].IsOp(r.src, "*") || r.plainColumn(item) {
			continue
		}
		if name := r.resultName(item); name != "" {
			r.insert(item[len(item)-1].Last(), " AS "+Quote(name))
		}
	}
}

// differ refuses a table or a view two of whose columns have one name, which
// DuckDB would name otherwise.
func (r *rewriter) differ() {
	for i := range r.nodes {
		if r.word(r.nodes, i) == "select" {
			break
		}
		if r.word(r.nodes, i) == "as" && i > 0 && r.nodes[i-1].IsGroup() {
			return // the columns have a list of names
		}
	}
	items, _ := r.selected(r.nodes)
	seen := map[string]bool{}
	for _, item := range items {
		if len(item) == 0 || item[len(item)-1].IsOp(r.src, "*") {
			continue
		}
		name := r.resultName(item)
		if last := item[len(item)-1]; name == "" && last.Kind.IsName() {
			name = Ident(last.Token, r.src)
		}
		if seen[name] && name != "" {
			r.fail(&sqlstate.Error{Code: "42701", At: item[0].Pos + 1, Message: fmt.Sprintf("column \"%s\" specified more than once", name)})
			return
		}
		seen[name] = true
	}
}

// plainColumn reports whether an item is a column, which has its own name in
// DuckDB too.
func (r *rewriter) plainColumn(item []sqltext.Node) bool {
	last := len(item) - 1
	if last == 2 && item[0].Kind.IsName() && item[1].Kind == sqltext.Dot {
		return item[2].Kind.IsName()
	}
	if last != 0 || !item[0].Kind.IsName() {
		return false
	}
	return !isValue(r.word(item, 0))
}

// isValue reports whether a word alone is a value.
func isValue(word string) bool {
	switch word {
	case "sysdate", "user", "session_user", "true", "false", "null":
		return true
	}
	return strings.HasPrefix(word, "current_")
}

// selected returns the items of the first SELECT list of nodes, and whether
// there is one.
func (s *Statement) selected(n []sqltext.Node) ([][]sqltext.Node, bool) {
	i := 0
	for i < len(n) && s.word(n, i) != "select" {
		i++
	}
	if i == len(n) {
		return nil, false
	}
	i++
	if s.word(n, i) == "distinct" || s.word(n, i) == "all" {
		i++
	}
	if s.word(n, i) == "top" {
		i += 2
	}
	start := min(i, len(n))
	for i < len(n) {
		if w := s.word(n, i); w == "from" || w == "where" || w == "union" || w == "except" || w == "minus" || w == "intersect" ||
			w == "order" || w == "limit" || w == "group" && s.word(n, i-1) != "within" || w == "having" || w == "into" || w == "qualify" || w == "window" || w == "offset" ||
			s.words(n, i, "with", "no", "schema") {
			break
		}
		i++
	}
	return splitCommas(n[start:min(i, len(n))]), true
}

// aliased reports whether the last word of an item that is more than one
// operand is an alias without AS.
func (s *Statement) aliased(item []sqltext.Node) bool {
	k := len(item) - 1
	if k < 1 || !item[k].Kind.IsName() || reserved[s.word(item, k)] {
		return false
	}
	before := item[k-1]
	if before.Kind == sqltext.Operator || before.Kind == sqltext.Dot || before.Kind == sqltext.Typecast || reserved[s.word(item, k-1)] {
		return false
	}
	switch s.word(item, k-1) {
	case "not", "and", "or", "to", "zone":
		return false
	}
	if s.word(item, k-1) == "is" {
		return false
	}
	r := &rewriter{Statement: s}
	for c := k; c > 0; c-- { // … ::double precision
		if item[c].Kind == sqltext.Typecast {
			return r.typeEnd(item, c+1) <= k
		}
	}
	return true
}
