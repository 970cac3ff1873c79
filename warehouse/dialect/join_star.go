package dialect

import (
	"slices"
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// joinStars gives the columns of SELECT * over joins with USING or NATURAL the
// order of SQL: the joined columns first, which DuckDB leaves where they are.
//
// https://www.postgresql.org/docs/15/queries-table-expressions.html#QUERIES-JOIN
func (r *rewriter) joinStars(nodes []sqltext.Node) {
	for i := range nodes {
		if r.word(nodes, i) != "select" {
			continue
		}
		end := i + 1
		for end < len(nodes) && !r.word2(nodes, end, "union", "except", "intersect", "minus") {
			end++
		}
		one := nodes[i:end]
		joined, plain := r.joinedColumns(one)
		if len(joined) == 0 {
			continue
		}
		items, _ := r.selected(one)
		for _, item := range items {
			if len(item) != 1 || !item[0].IsOp(r.src, "*") {
				continue
			}
			if !plain {
				r.fail(sqlstate.Unsupported(item[0].Pos, "* over this combination of joins"))
				return
			}
			list := strings.Join(joined, ", ")
			r.replace(item[0].Pos, item[0].End, list+", * EXCLUDE ("+list+")")
		}
	}
}

// joinedColumns returns the columns, quoted, by which the tables of a SELECT are
// joined, in the order of the result, and whether they surely are its first.
func (r *rewriter) joinedColumns(nodes []sqltext.Node) (names []string, plain bool) {
	from := 0
	for from < len(nodes) && r.word(nodes, from) != "from" {
		from++
	}
	plain = true
	for i := from + 1; i < len(nodes) && !sourceEnds[r.word(nodes, i)]; i++ {
		switch {
		case nodes[i].Kind == sqltext.Comma:
			plain = false
		case r.word(nodes, i) == "using" && i+1 < len(nodes) && nodes[i+1].IsGroup():
			var list []string
			for _, name := range r.columnList(nodes[i+1]) {
				list = append(list, Quote(name))
			}
			names = append(list, slices.DeleteFunc(names, func(name string) bool { return slices.Contains(list, name) })...)
		case r.word(nodes, i) == "natural":
			l := &lengths{r: r}
			sources, _ := l.sources(nodes)
			if len(sources) != 2 || sources[0].columns == nil || sources[1].columns == nil || len(names) > 0 {
				return []string{""}, false
			}
			for _, c := range sources[0].columns {
				if slices.ContainsFunc(sources[1].columns, func(other Column) bool { return strings.EqualFold(other.Name, c.Name) }) {
					names = append(names, Quote(c.Name))
				}
			}
		}
	}
	return names, plain
}
