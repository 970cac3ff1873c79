package dialect

import (
	"fmt"
	"strconv"
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// interpolate gives MEDIAN and PERCENTILE_CONT of decimals the digits that lie
// between two of them, which DuckDB cuts to the scale of the argument. It
// reports whether it rewrote the call; otherwise it is like any other.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_MEDIAN.html
func (r *rewriter) interpolate(nodes []sqltext.Node, first, group, end int) bool {
	at := nodes[first]
	value, digits := nodes[group].Children, 1
	median := r.word(nodes, first) == "median"
	if !median {
		if !r.words(nodes, group+1, "within", "group") || group+3 >= len(nodes) || len(nodes[group].Children) != 1 {
			return false
		}
		inside := nodes[group+3].Children
		if !r.words(inside, 0, "order", "by") || len(inside) < 3 {
			return false
		}
		value = inside[2:]
		if k := len(value) - 1; k > 0 && r.word2(value, k, "asc", "desc") {
			value = value[:k]
		}
		p := nodes[group].Children[0].Text(r.src)
		_, fraction, _ := strings.Cut(p, ".")
		if digits = len(fraction); strings.ContainsAny(p, "eE") {
			digits = 6
		}
	}
	if median && r.word2(value, 0, "distinct", "all") {
		value = value[1:]
	}
	if len(value) == 0 {
		return false
	}
	from, upTo := value[0].Pos, value[len(value)-1].Last()
	types, known := r.env.Types[at.Pos]
	if !known {
		r.probes = append(r.probes, at.Pos)
		last := nodes[group].Last()
		if !median {
			last = nodes[group+3].Last()
		}
		r.level(value, false)
		r.replace(at.Pos, from, "bit_and(")
		r.replace(upTo, last, ", 'rs:"+strconv.Itoa(at.Pos)+"')")
		return true
	}
	d, ok := decimalOf(types[0])
	if !ok || !d.scaled {
		return false
	}
	room := 38 - d.p
	if room < digits {
		r.fail(sqlstate.Unsupported(at.Pos, "%s of a NUMERIC of %d digits", strings.ToUpper(at.Text(r.src)), d.p))
		return true
	}
	r.wrap(at.Pos, nodes[end-1].Last(), "CAST(", fmt.Sprintf(" AS DECIMAL(38,%d))", d.s+digits))
	r.wrap(from, upTo, "CAST(", fmt.Sprintf(" AS DECIMAL(38,%d))", d.s+digits+min(4, room-digits)))
	return false
}

// series gives GENERATE_SERIES in a list of SELECT a row for each number: in
// DuckDB it is a list there.
func (r *rewriter) series(nodes []sqltext.Node, first, group int) {
	if r.tablePlace(nodes, first) {
		r.functionAlias(nodes, group)
		return
	}
	if first > 0 && nodes[first-1].Kind == sqltext.Comma {
		for k := first - 1; k >= 0; k-- {
			if r.word2(nodes, k, "select", "where", "by", "having", "set", "values", "limit") {
				break
			}
			if r.word(nodes, k) == "from" {
				r.functionAlias(nodes, group)
				return
			}
		}
	}
	if r.serial { // Redshift repeats the shorter one, DuckDB fills it with nulls
		r.fail(sqlstate.Unsupported(nodes[first].Pos, "more than one GENERATE_SERIES in a list of SELECT"))
	}
	r.serial = true
	r.wrap(nodes[first].Pos, nodes[group].Last(), "unnest(", ")")
}
