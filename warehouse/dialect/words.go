package dialect

import (
	"strings"

	"salamander/sqltext"
)

// duckWords are words that DuckDB keeps for itself in places where Redshift
// takes a name.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_pg_keywords.html
var duckWords = wordSet(`anti asof asymmetric at collation columns concurrently describe fetch generated glob lambda map pivot_longer
pivot_wider positional returning semi show struct summarize tablesample try_cast unpack variadic`)

// quoteWords quotes names that are words of DuckDB's. Where Redshift has no
// such word a name is what it means: FROM t asof JOIN u gives t a name.
func (r *rewriter) quoteWords(nodes []sqltext.Node) {
	for i, n := range nodes {
		r.quoteWord(nodes, i)
		if len(n.Children) > 0 {
			r.quoteWords(n.Children)
		}
	}
}

func (r *rewriter) quoteWord(nodes []sqltext.Node, i int) {
	w := r.word(nodes, i)
	switch {
	case !duckWords[w], i == 0 && nodes[i].Pos == r.Pos, i+1 < len(nodes) && nodes[i+1].Kind == sqltext.OpenParen:
		return
	case w == "at" && r.words(nodes, i+1, "time", "zone"), w == "generated" && r.word(nodes, i+1) == "by":
		return
	}
	r.replace(nodes[i].Pos, nodes[i].End, Quote(w))
}

// prefixes are operators before an operand that DuckDB has as functions.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_OPERATOR_SYMBOLS.html
var prefixes = map[string]string{"@": "abs", "|/": "sqrt", "||/": "rs_cbrt"}

// prefix rewrites an operator before an operand. It reports whether it was one.
func (r *rewriter) prefix(nodes []sqltext.Node, i int) bool {
	to := prefixes[nodes[i].Text(r.src)]
	if to == "" || i+1 >= len(nodes) || i > 0 && r.endsOperand(nodes, i-1) {
		return false
	}
	end := r.unaryEnd(nodes, i+1)
	r.replace(nodes[i].Pos, nodes[i].End, to)
	r.wrap(nodes[i+1].Pos, nodes[end-1].Last(), "(", ")")
	return true
}

// exclusiveOr rewrites a # b where nothing else is beside it that would bind
// first or later. It reports whether it did.
func (r *rewriter) exclusiveOr(nodes []sqltext.Node, i int) bool {
	if nodes[i].Text(r.src) != "#" || i == 0 || i+1 >= len(nodes) || !r.endsOperand(nodes, i-1) {
		return false
	}
	start := i - 1
	for start > 0 && (nodes[start-1].Kind == sqltext.Dot || nodes[start].Kind == sqltext.Dot || nodes[start].Kind == sqltext.OpenParen && nodes[start-1].Kind.IsName() && !reserved[r.word(nodes, start-1)]) {
		start--
	}
	end := r.unaryEnd(nodes, i+1)
	loose := func(k int) bool {
		return k < 0 || k >= len(nodes) || nodes[k].Kind != sqltext.Operator && nodes[k].Kind != sqltext.Typecast || nodes[k].Kind == sqltext.Operator && comparison(nodes[k].Text(r.src))
	}
	if !loose(start-1) || !loose(end) {
		return false
	}
	r.wrap(nodes[start].Pos, nodes[end-1].Last(), "xor(", ")")
	r.replace(nodes[i].Pos, nodes[i].End, ",")
	return true
}

// approximate drops APPROXIMATE before an aggregate, which is computed
// exactly.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_APPROXIMATE_PERCENTILE_DISC.html
func (r *rewriter) approximate(nodes []sqltext.Node, i int) {
	if r.word2(nodes, i+1, "count", "percentile_disc") && i+2 < len(nodes) && nodes[i+2].Kind == sqltext.OpenParen {
		r.replace(nodes[i].Pos, nodes[i].End, "")
	}
}

// percentile turns PERCENTILE_CONT(p) WITHIN GROUP (ORDER BY x) OVER (…), which
// DuckDB has as an aggregate only. It reports whether it was one. A negative
// quantile counts from the largest value.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_WF_PERCENTILE_CONT.html
func (r *rewriter) percentile(nodes []sqltext.Node, first, group, end int) bool {
	name := r.word(nodes, first)
	if !r.words(nodes, group+1, "within", "group") || end <= group+5 || r.word(nodes, group+4) != "over" {
		return false
	}
	args, order := nodes[group], nodes[group+3]
	inside := order.Children
	if !r.words(inside, 0, "order", "by") || len(inside) < 3 || len(args.Children) != 1 {
		r.fail(r.near(order.Token))
		return true
	}
	last, sign := len(inside), ""
	if r.word2(inside, last-1, "asc", "desc") {
		if r.word(inside, last-1) == "desc" {
			sign = "-"
		}
		last--
	}
	r.level(inside[2:last], false)
	r.level(args.Children, false)
	if strings.HasPrefix(args.Children[0].Text(r.src), "-") {
		r.fail(r.near(args.Token))
	}
	p := args.Children[0].Text(r.src)
	r.replace(nodes[first].Pos, inside[2].Pos, strings.Replace(name, "percentile", "quantile", 1)+"(")
	r.replace(inside[last-1].Last(), order.Close.End, ", "+sign+p+")")
	return true
}
