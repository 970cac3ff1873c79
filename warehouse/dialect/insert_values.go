package dialect

import (
	"strings"

	"salamander/sqltext"
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
	for _, c := range table.Columns {
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
			switch first := row[k][0]; {
			case len(row[k]) == 1 && (r.word(row[k], 0) == "null" || r.word(row[k], 0) == "default"):
			case len(row[k]) == 1 && first.Kind.IsString():
				texts = true
			default:
				others = true
			}
		}
		if typ := types[name]; !texts || !others || typ == "" || typ == "JSON" {
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
