package dialect

import (
	"fmt"
	"slices"
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// MergeTwice is what an engine says of a MERGE two of whose source rows are of
// one row of the target, which DuckDB would change by either.
const MergeTwice = "MERGE command cannot affect row a second time"

// A merge is where the parts of a MERGE stand in its nodes.
type merge struct {
	target      Name
	targetAt    int // the first node of its name; what follows up to USING is an alias
	using       int
	source      Name
	aliased     bool
	on          int
	when        int // the first WHEN
	matchedRows bool
}

// merge rewrites MERGE INTO t USING s [alias] ON condition WHEN …, and refuses
// the forms that PostgreSQL and DuckDB have and Redshift has not.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_MERGE.html
func (r *rewriter) merge() (merge, bool) {
	n := r.nodes
	if k := len(n); r.words(n, k-2, "remove", "duplicates") {
		r.fail(sqlstate.Unsupported(n[k-2].Pos, "MERGE … REMOVE DUPLICATES"))
		return merge{}, false
	}
	if at, what := r.foreignMerge(); what != "" {
		r.fail(sqlstate.Unsupported(at, "%s", what))
	}
	r.level(n, true)
	return r.mergeParts()
}

// foreignMerge names a form of MERGE that PostgreSQL and DuckDB have and
// Redshift has not, and where it stands; "" is none.
func (s *Statement) foreignMerge() (at int, what string) {
	n := s.nodes
	for i := range n {
		switch {
		case s.word(n, i) == "using" && i+1 < len(n) && n[i+1].IsGroup():
			return n[i+1].Pos, "MERGE … USING a subquery"
		case s.words(n, i, "when", "matched", "and"), s.words(n, i, "when", "not", "matched", "and"):
			return n[i].Pos, "MERGE … WHEN MATCHED AND a condition"
		case s.words(n, i, "when", "not", "matched", "by"):
			return n[i].Pos, "MERGE … WHEN NOT MATCHED BY"
		case s.words(n, i, "then", "do", "nothing"):
			return n[i].Pos, "MERGE … DO NOTHING"
		case s.word(n, i) == "returning" && i > 0 && n[i-1].IsGroup():
			return n[i].Pos, "RETURNING"
		}
	}
	return 0, ""
}

// mergeParts finds the parts of a MERGE, and whether they could be found:
// otherwise the engine says what is wrong.
func (r *rewriter) mergeParts() (merge, bool) {
	n := r.nodes
	m := merge{targetAt: 2}
	if r.err != nil || r.word(n, 1) != "into" {
		return m, false
	}
	var end int
	var err error
	if m.target, end, err = r.name(n, 2); err != nil {
		return m, false
	}
	for m.using = end; m.using < len(n) && r.word(n, m.using) != "using"; m.using++ {
	}
	if m.using > end+2 {
		return m, false
	}
	if m.source, end, err = r.name(n, m.using+1); err != nil {
		return m, false
	}
	for m.on = end; m.on < len(n) && r.word(n, m.on) != "on"; m.on++ {
	}
	m.aliased = m.on > end
	if m.on > end+2 {
		return m, false
	}
	depth := 0 // of CASE
	for m.when = m.on + 1; m.when < len(n); m.when++ {
		switch r.word(n, m.when) {
		case "case":
			depth++
		case "end":
			depth--
		}
		if depth == 0 && r.word(n, m.when) == "when" {
			break
		}
	}
	for i := m.when; i < len(n); i++ {
		m.matchedRows = m.matchedRows || r.words(n, i, "when", "matched")
	}
	return m, m.when < len(n) && m.when > m.on+1
}

// mergeOnce has a MERGE fail where two rows of the source are of one row of the
// target. All other edits must have been made: the condition is written twice.
func (r *rewriter) mergeOnce(m merge) {
	n := r.nodes
	if !m.matchedRows {
		return
	}
	table, err := r.env.Catalog.Table(m.target)
	if err != nil {
		r.fail(err)
		return
	}
	if table != nil && slices.ContainsFunc(table.Columns, func(c Column) bool { return strings.EqualFold(c.Name, "rowid") }) {
		r.fail(sqlstate.Unsupported(n[m.targetAt].Pos, "MERGE into a table with a column rowid"))
		return
	}
	target := r.edited(n[m.targetAt:m.using])
	row := Quote(m.target.Table)
	if last := n[m.using-1]; m.using > m.targetAt+1 && n[m.using-2].Kind != sqltext.Dot {
		row = r.edited([]sqltext.Node{last}) // its alias
	}
	source, condition := r.edited(n[m.using+1:m.on]), r.edited(n[m.on+1:m.when])
	first, end := n[m.using+1], m.on
	if m.aliased {
		for end = m.using + 2; end+1 < m.on && n[end].Kind == sqltext.Dot; end += 2 {
		}
	}
	after := fmt.Sprintf(" WHERE (SELECT CASE WHEN max(rs_n) > 1 THEN error('rs! %s') ELSE true END FROM (SELECT count(*) AS rs_n FROM %s JOIN %s ON (%s\n) GROUP BY %s.rowid)))",
		MergeTwice, target, source, condition, row)
	if !m.aliased {
		after += " AS " + Quote(m.source.Table)
		r.unqualify(n[m.on:], m.source)
	}
	r.wrap(first.Pos, n[end-1].Last(), "(SELECT * FROM ", after)
}

// edited returns the text of nodes with the edits that were made so far.
func (r *rewriter) edited(nodes []sqltext.Node) string {
	from, to := nodes[0].Pos, nodes[len(nodes)-1].Last()
	var e editor
	for _, ed := range r.edits {
		if ed.pos >= from && ed.end <= to {
			e.edits = append(e.edits, ed)
		}
	}
	text, _ := e.apply(r.src, from, to)
	return text
}

// unqualify takes the schema from references to the columns of a table that
// has become a subquery.
func (r *rewriter) unqualify(nodes []sqltext.Node, name Name) {
	for i, n := range nodes {
		if name.Schema != "" && i+4 < len(nodes) && n.Kind.IsName() && nodes[i+1].Kind == sqltext.Dot && nodes[i+2].Kind.IsName() && nodes[i+3].Kind == sqltext.Dot &&
			Ident(n.Token, r.src) == name.Schema && Ident(nodes[i+2].Token, r.src) == name.Table {
			r.replace(n.Pos, nodes[i+1].Last(), "")
		}
		r.unqualify(n.Children, name)
	}
}
