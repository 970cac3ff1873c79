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
	// Keys are the values by which rows are found, one row for each row of the
	// source: where no two of these are the same, a row is found at most once, so
	// that DuckDB's number is the right one. It is "" where they do not tell, or
	// where two of them may be the same and have other texts.
	Keys string
	// Once is true where no two keys are the same; it is "" where no quick look
	// tells.
	Once string
	// Rows is the number of rows.
	Rows string
}

// CountRows returns how to count the rows of an UPDATE … FROM, nil for other
// statements. Its tables' columns are those of a catalog.
func (s *Statement) CountRows(catalog Catalog) (*RowsCount, error) {
	n := s.nodes
	if s.head != "update" || s.Kind != Write {
		return nil, nil
	}
	set, from, where := -1, -1, -1
	for i := range n {
		switch w := s.word(n, i); {
		case w == "set" && set < 0:
			set = i
		case w == "from" && set > 0 && from < 0 && s.word(n, i-1) != "distinct":
			from = i
		case w == "where" && from < 0:
			return nil, nil
		case w == "where" && where < 0:
			where = i
		}
	}
	if set < 2 || from < 0 {
		return nil, nil
	}
	count := &RowsCount{Rows: "select count(*) from " + s.src[n[1].Pos:n[set-1].Last()] + " where exists (select 1 " + s.src[n[from].Pos:n[len(n)-1].Last()] + "\n)"}
	if where < 0 {
		return count, nil
	}
	return count, s.once(count, catalog, n[1:set], n[from+1:where], n[where+1:])
}

// once finds the quick looks at an update of target from one table, source,
// whose columns are compared to the target's by = in all of condition: where no
// two rows of the source have the same of them, a row finds one at most. The
// types have to be the same too, since '1' and '01' are one number.
func (s *Statement) once(count *RowsCount, catalog Catalog, target, source, condition []sqltext.Node) error {
	from, name, ok := s.named(source)
	if !ok {
		return nil
	}
	to, other, ok := s.named(target)
	if !ok || other == name {
		return nil
	}
	var ours, theirs []sqltext.Node // the columns
	for start, i := 0, 0; i <= len(condition); i++ {
		w := s.word(condition, i)
		switch {
		case w == "or" || w == "between" || w == "case":
			return nil
		case w != "and" && i < len(condition):
			continue
		}
		if of, with, ok := s.equal(condition[start:i], other, name); ok {
			ours, theirs = append(ours, of), append(theirs, with)
		}
		start = i + 1
	}
	if ours == nil {
		return nil
	}
	mine, err := catalog.Table(to)
	if err != nil || mine == nil {
		return err
	}
	others, err := catalog.Table(from)
	if err != nil || others == nil {
		return err
	}
	var keys []string
	told := true
	for i := range ours {
		a, b := s.typeIn(mine, ours[i]), s.typeIn(others, theirs[i])
		if a == "" || a != b {
			return nil
		}
		told = told && oneText[strings.TrimRight(a, "(0123456789,)")]
		keys = append(keys, s.src[theirs[i].Pos:theirs[i].End])
	}
	list, table := strings.Join(keys, ", "), s.src[source[0].Pos:source[len(source)-1].Last()]
	if told {
		count.Keys = "select " + list + " from " + table
	}
	count.Once = fmt.Sprintf("select not exists (select 1 from %s group by %s having count(*) > 1)", table, list)
	return nil
}

// oneText are the types whose values have one text each.
var oneText = map[string]bool{"text": true, "SMALLINT": true, "INTEGER": true, "BIGINT": true, "DECIMAL": true, "DATE": true, "TIMESTAMP": true, "BOOLEAN": true}

// typeIn returns the type of a column, "text" for any of texts, "" where there
// is none.
func (s *Statement) typeIn(t *Table, column sqltext.Node) string {
	name := Ident(column.Token, s.src)
	for _, c := range t.Columns {
		if strings.EqualFold(c.Name, name) {
			if strings.HasPrefix(c.Type, "character") {
				return "text"
			}
			return c.Type
		}
	}
	return ""
}

// named reads [schema.]table [[as] alias], and returns the name that its columns go
// by.
func (s *Statement) named(nodes []sqltext.Node) (table Name, name string, ok bool) {
	isName := func(i int) bool {
		return i < len(nodes) && (nodes[i].Kind == sqltext.Ident || nodes[i].Kind == sqltext.QuotedIdent)
	}
	i := 0
	if len(nodes) > 2 && nodes[1].Kind == sqltext.Dot {
		if !isName(0) {
			return Name{}, "", false
		}
		table.Schema = Ident(nodes[0].Token, s.src)
		i = 2
	}
	if !isName(i) {
		return Name{}, "", false
	}
	name = Ident(nodes[i].Token, s.src)
	table.Table = name
	if i++; s.word(nodes, i) == "as" {
		i++
	}
	if isName(i) {
		name = Ident(nodes[i].Token, s.src)
		i++
	}
	return table, name, i == len(nodes)
}

// equal reads a.x = b.y, of which one is of a table that goes by the name ours,
// and the other one of theirs, and returns the columns.
func (s *Statement) equal(nodes []sqltext.Node, ours, theirs string) (of, to sqltext.Node, ok bool) {
	if len(nodes) != 7 || nodes[1].Kind != sqltext.Dot || nodes[5].Kind != sqltext.Dot || nodes[3].Text(s.src) != "=" {
		return of, to, false
	}
	left, right := Ident(nodes[0].Token, s.src), Ident(nodes[4].Token, s.src)
	switch {
	case left == ours && right == theirs:
		return nodes[2], nodes[6], true
	case left == theirs && right == ours:
		return nodes[6], nodes[2], true
	}
	return of, to, false
}
