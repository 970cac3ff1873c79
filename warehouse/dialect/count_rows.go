package dialect

import (
	"fmt"
	"strings"

	"salamander/sqltext"
)

// A RowsCount tells how many rows of its table an UPDATE … FROM changes: DuckDB
// counts a row each time that it finds one to change it by. Both queries are in
// Redshift's words.
type RowsCount struct {
	// Once is true where each row is found at most once, so that DuckDB's number
	// is the right one; it is "" where no quick look tells.
	Once string
	// Rows is the number of rows.
	Rows string
}

// CountRows returns how to count the rows of an UPDATE … FROM, nil for other
// statements.
func (s *Statement) CountRows() *RowsCount {
	n := s.nodes
	if s.head != "update" || s.Kind != Write {
		return nil
	}
	set, from, where := -1, -1, -1
	for i := range n {
		switch w := s.word(n, i); {
		case w == "set" && set < 0:
			set = i
		case w == "from" && set > 0 && from < 0 && s.word(n, i-1) != "distinct":
			from = i
		case w == "where" && from < 0:
			return nil
		case w == "where" && where < 0:
			where = i
		}
	}
	if set < 2 || from < 0 {
		return nil
	}
	count := &RowsCount{Rows: "select count(*) from " + s.src[n[1].Pos:n[set-1].Last()] + " where exists (select 1 " + s.src[n[from].Pos:n[len(n)-1].Last()] + "\n)"}
	if where > 0 {
		count.Once = s.once(n[1:set], n[from+1:where], n[where+1:])
	}
	return count
}

// once returns the query of [RowsCount.Once] of an update of target from one
// table, source, whose columns are compared to the target's by = in all of
// condition: where no two rows of the source have the same of them, a row finds
// one at most. The types have to be the same too, since '1' and '01' are one
// number.
func (s *Statement) once(target, source, condition []sqltext.Node) string {
	name, ok := s.named(source)
	if !ok {
		return ""
	}
	other, ok := s.named(target)
	if !ok || other == name {
		return ""
	}
	var keys, types []string
	for start, i := 0, 0; i <= len(condition); i++ {
		w := s.word(condition, i)
		switch {
		case w == "or" || w == "between" || w == "case":
			return ""
		case w != "and" && i < len(condition):
			continue
		}
		ours, theirs, ok := s.equal(condition[start:i], other, name)
		if ok {
			keys = append(keys, theirs)
			types = append(types, fmt.Sprintf("(select typeof(%s) from %s limit 1) = (select typeof(%s) from %s limit 1)",
				ours, s.src[target[0].Pos:target[len(target)-1].Last()], theirs, s.src[source[0].Pos:source[len(source)-1].Last()]))
		}
		start = i + 1
	}
	if keys == nil {
		return ""
	}
	return fmt.Sprintf("select %s and not exists (select 1 from %s group by %s having count(*) > 1)", strings.Join(types, " and "),
		s.src[source[0].Pos:source[len(source)-1].Last()], strings.Join(keys, ", "))
}

// named reads [schema.]table [[as] alias], and returns the name that its columns go
// by.
func (s *Statement) named(nodes []sqltext.Node) (name string, ok bool) {
	isName := func(i int) bool {
		return i < len(nodes) && (nodes[i].Kind == sqltext.Ident || nodes[i].Kind == sqltext.QuotedIdent)
	}
	i := 0
	if len(nodes) > 2 && nodes[1].Kind == sqltext.Dot {
		if !isName(0) {
			return "", false
		}
		i = 2
	}
	if !isName(i) {
		return "", false
	}
	name = Ident(nodes[i].Token, s.src)
	if i++; s.word(nodes, i) == "as" {
		i++
	}
	if isName(i) {
		name = Ident(nodes[i].Token, s.src)
		i++
	}
	return name, i == len(nodes)
}

// equal reads a.x = b.y, of which one is of a table that goes by the name ours,
// and the other one of theirs.
func (s *Statement) equal(nodes []sqltext.Node, ours, theirs string) (of, to string, ok bool) {
	if len(nodes) != 7 || nodes[1].Kind != sqltext.Dot || nodes[5].Kind != sqltext.Dot || nodes[3].Text(s.src) != "=" {
		return "", "", false
	}
	left, right := Ident(nodes[0].Token, s.src), Ident(nodes[4].Token, s.src)
	of, to = s.src[nodes[0].Pos:nodes[2].Last()], s.src[nodes[4].Pos:nodes[6].Last()]
	switch {
	case left == ours && right == theirs:
		return of, to, true
	case left == theirs && right == ours:
		return to, of, true
	}
	return "", "", false
}
