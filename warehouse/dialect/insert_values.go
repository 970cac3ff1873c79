package dialect

import (
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// mixedValues casts the values of a column that are given as texts in one row of
// VALUES and as numbers in another: each is of the column's type, where DuckDB
// looks for a type of them all. nodes begin with VALUES; columns are those that
// are written.
func (r *rewriter) mixedValues(table *Table, columns []string, nodes []sqltext.Node) {
	if r.word(nodes, 0) != "values" {
		return
	}
	var rows [][][]sqltext.Node
	for _, n := range nodes[1:] {
		if n.IsGroup() {
			rows = append(rows, splitCommas(n.Children))
		} else if n.Kind != sqltext.Comma {
			return
		}
	}
	types := map[string]string{}
	declared := map[string]Column{}
	for _, c := range table.Columns {
		declared[c.Name] = c
		if types[c.Name] = c.Type; strings.HasPrefix(c.Type, "character") {
			types[c.Name] = "VARCHAR"
		}
	}
	for k, name := range columns {
		texts, others := false, false
		for _, row := range rows {
			if k >= len(row) || len(row[k]) == 0 {
				return
			}
			if len(row[k]) == 1 {
				r.stored(declared[name], row[k][0])
			}
			switch first := row[k][0]; {
			case len(row[k]) == 1 && (r.word(row[k], 0) == "null" || r.word(row[k], 0) == "default"):
			case len(row[k]) == 1 && first.Kind.IsString():
				texts = true
			default:
				others = true
			}
		}
		if typ := types[name]; typ == "JSON" && others && len(rows) > 1 {
			for _, row := range rows { // each is a value of its own kind
				if len(row[k]) > 1 || !r.word2(row[k], 0, "null", "default") {
					r.wrap(row[k][0].Pos, row[k][len(row[k])-1].Last(), "rs_super(", ")")
				}
			}
		} else if !texts || !others || typ == "" || typ == "JSON" {
			continue
		} else {
			for _, row := range rows {
				if w := r.word(row[k], 0); len(row[k]) > 1 || w != "null" && w != "default" {
					r.wrap(row[k][0].Pos, row[k][len(row[k])-1].Last(), "CAST(", " AS "+typ+")")
				}
			}
		}
	}
}

// stored prepares a constant for a column of texts: blanks beyond its length are
// cut off, and a CHAR has no characters of several bytes.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html
func (r *rewriter) stored(c Column, n sqltext.Node) {
	text := n.Text(r.src)
	if n.Kind != sqltext.String || strings.IndexByte(text, '\\') >= 0 {
		return
	}
	value, ok := StringValue(text, n.Kind)
	if !ok {
		return
	}
	if c.Blank && strings.ContainsFunc(value, func(x rune) bool { return x >= 0x80 }) {
		r.fail(sqlstate.Unsupported(n.Pos, "a character of several bytes in the column %q of type %s", c.Name, c.Type))
		return
	}
	length := textLength(c.Type)
	if c.Blank || length == 0 || len(value) <= length || len(strings.TrimRight(value, " ")) > length {
		return
	}
	r.replace(n.Pos, n.End, QuoteText(value[:length]))
}

// unitedConstants makes numbers of the texts that stand where another query of
// a UNION, INTERSECT or EXCEPT has a whole number: DuckDB would make texts of
// both.
//
// https://www.postgresql.org/docs/15/typeconv-union-case.html
func (r *rewriter) unitedConstants(nodes []sqltext.Node) {
	var queries [][][]sqltext.Node
	united := false
	for i := range nodes {
		united = united || r.word2(nodes, i, "union", "intersect", "except", "minus")
		if r.word(nodes, i) == "select" {
			items, _ := r.selected(nodes[i:])
			queries = append(queries, items)
		}
	}
	if !united || len(queries) == 0 {
		return
	}
	constant := func(item []sqltext.Node) sqltext.Node {
		if len(item) == 1 || len(item) == 3 && r.word(item, 1) == "as" {
			return item[0]
		}
		return sqltext.Node{}
	}
	for k := range queries[0] {
		number := false
		for _, q := range queries {
			number = number || k < len(q) && constant(q[k]).Kind == sqltext.Integer
		}
		for _, q := range queries {
			if !number || k >= len(q) {
				continue
			}
			if n := constant(q[k]); n.Kind == sqltext.String {
				r.wrap(n.Pos, n.End, "CAST(", " AS INTEGER)")
			}
		}
	}
}
