package dialect

import (
	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// framed are the aggregates that need a frame where their window has an order.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_Window_function_synopsis.html
var framed = wordSet("avg count max min sum stddev stddev_samp stddev_pop variance var_samp var_pop bool_and bool_or bit_and bit_or")

// frameless refuses an aggregate over an ordered window without a frame, whose
// name stands before nodes[group], and reports whether it is one. DuckDB has
// PostgreSQL's default for it.
func (r *rewriter) frameless(nodes []sqltext.Node, name string, group, end int) bool {
	if !framed[name] {
		return false
	}
	for i := group + 1; i+1 < end; i++ {
		if r.word(nodes, i) != "over" || !nodes[i+1].IsGroup() {
			continue
		}
		inside := nodes[i+1].Children
		if r.hasWord(inside, "order") && !r.hasWord(inside, "rows") && !r.hasWord(inside, "range") && !r.hasWord(inside, "groups") {
			r.fail(&sqlstate.Error{Code: sqlstate.FeatureNotSupported, At: nodes[group-1].Pos + 1,
				Message: "Aggregate window functions with an ORDER BY clause require a frame clause"})
			return true
		}
	}
	return false
}

// functionAlias lets the alias of a function in FROM, whose arguments are
// nodes[group], be its column's name too, as in PostgreSQL: DuckDB would take it
// for the whole row.
//
// https://www.postgresql.org/docs/15/queries-table-expressions.html#QUERIES-TABLEFUNCTIONS
func (r *rewriter) functionAlias(nodes []sqltext.Node, group int) {
	i := group + 1
	if r.word(nodes, i) == "as" {
		i++
	}
	if i >= len(nodes) || !nodes[i].Kind.IsName() || reserved[r.word(nodes, i)] || i+1 < len(nodes) && nodes[i+1].IsGroup() {
		return
	}
	r.insert(nodes[i].End, "("+Quote(Ident(nodes[i].Token, r.src))+")")
}
