package dialect

import (
	"slices"
	"strings"

	"salamander/sqltext"
)

// hashed reports whether a token is the name of a temporary table: #name.
func (s *Statement) hashed(n sqltext.Node) bool {
	return n.Kind == sqltext.Ident && s.src[n.Pos] == '#'
}

// hashNames quotes the names of temporary tables. Those from byte from up to
// byte end are left alone.
func (r *rewriter) hashNames(nodes []sqltext.Node, from, end int) {
	for _, n := range nodes {
		if r.hashed(n) && (n.Pos < from || n.Pos >= end) {
			r.replace(n.Pos, n.End, Quote(strings.ToLower(n.Text(r.src))))
		}
		if len(n.Children) > 0 {
			r.hashNames(n.Children, from, end)
		}
	}
}

// selectInto turns SELECT … INTO [TEMP] [TABLE] t FROM … into CREATE TABLE AS.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_SELECT_INTO.html
func (r *rewriter) selectInto(out *Rewritten) {
	n := r.nodes
	into := r.intoAt()
	i := into + 1
	for r.word2(n, i, "temp", "temporary", "table") {
		i++
	}
	name, end, err := r.name(n, i)
	if err != nil {
		r.fail(err)
		return
	}
	out.Table = name
	r.hashNames(n, n[into].Pos, n[end-1].Last())
	r.level(n, true)
	r.replace(n[into].Pos, n[end-1].Last(), "")
	r.made(out, slices.Concat(n[:into], n[end:]), nil)
}

// intoTemporary reports whether SELECT … INTO makes a table that only its
// session sees.
func (s *Statement) intoTemporary() bool {
	i := s.intoAt()
	return s.word2(s.nodes, i+1, "temp", "temporary") || i+1 < len(s.nodes) && s.hashed(s.nodes[i+1]) ||
		s.word(s.nodes, i+1) == "table" && i+2 < len(s.nodes) && s.hashed(s.nodes[i+2])
}
