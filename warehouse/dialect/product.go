package dialect

import (
	"fmt"
	"strings"

	"salamander/sqltext"
)

// product gives a product of decimals the precision that Redshift documents.
// DuckDB's has 18 digits where both factors have no more, and fails when it has
// not. The factors are those that begin at node i; it returns their end.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_numeric_computations201.html
func (e *exact) product(nodes []sqltext.Node, i int, scope [][]source) int {
	if !e.operandAt(nodes, i) || i > 0 && !e.beginsProduct(nodes, i-1) {
		return i
	}
	var head, all decimal             // the first factor, the product
	first, wide, until := 0, false, i // the ends of the first factor and of those that are known
	for at := i; at < len(nodes) && e.operandAt(nodes, at); {
		end := e.operandShape(nodes, at, nil)
		f, ok := e.factor(nodes[at:end], scope)
		if !ok {
			break
		}
		wide = wide || f.p > 18
		if at == i {
			head, all, first = f, f, end
		} else {
			all = decimal{all.p + f.p + 1, all.s + f.s, all.scaled || f.scaled}
		}
		until = end
		if end >= len(nodes) || !nodes[end].IsOp(e.src, "*") {
			break
		}
		at = end + 1
	}
	if until == first || !all.scaled || wide || all.p <= 18 || all.s > 38 {
		return i
	}
	e.wrap(nodes[i].Pos, nodes[until-1].Last(), "CAST(", fmt.Sprintf(" AS DECIMAL(%d,%d))", min(38, all.p), all.s))
	e.wrap(nodes[i].Pos, nodes[first-1].Last(), "CAST(", fmt.Sprintf(" AS DECIMAL(%d,%d))", max(19, head.p), head.s))
	return until
}

// beginsProduct reports whether what follows node i is no factor of what stands
// before it.
func (e *exact) beginsProduct(nodes []sqltext.Node, i int) bool {
	switch n := nodes[i]; {
	case n.Kind == sqltext.Operator:
		op := n.Text(e.src)
		return op == "+" || op == "-" || comparison(op)
	case n.Kind == sqltext.Comma:
		return true
	case n.Kind.IsName():
		return reserved[e.word(nodes, i)] || e.word2(nodes, i, "and", "or", "by", "select", "distinct")
	}
	return false
}

// factor returns the precision and scale of a column, a constant or a cast.
func (e *exact) factor(nodes []sqltext.Node, scope [][]source) (decimal, bool) {
	if d, ok := e.decimal(nodes, scope); ok {
		return d, true
	}
	if len(nodes) == 1 && nodes[0].Kind == sqltext.Integer {
		return decimal{p: len(nodes[0].Text(e.src))}, true
	}
	if len(nodes) == 2 && e.word(nodes, 0) == "cast" && nodes[1].IsGroup() {
		for k := range nodes[1].Children {
			if e.word(nodes[1].Children, k) == "as" {
				return e.written(nodes[1].Children[k+1:])
			}
		}
	}
	for k := len(nodes) - 1; k > 0; k-- {
		if nodes[k].Kind == sqltext.Typecast {
			return e.written(nodes[k+1:])
		}
	}
	d, ok := decimalOf(e.typ(nodes, scope))
	return d, ok
}

// written is a type as it is written.
func (e *exact) written(nodes []sqltext.Node) (decimal, bool) {
	t, err := e.typeOf(nodes)
	if err != nil || !strings.HasPrefix(t.duck, "DECIMAL(") {
		return decimal{}, false
	}
	return decimalOf(t.duck)
}
