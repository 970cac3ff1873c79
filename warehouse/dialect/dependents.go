package dialect

import "salamander/sqltext"

// Drops returns the tables and views that DROP drops, and whether what depends
// on them goes too. Other statements have none. Classify must have been called.
func (s *Statement) Drops() (names []Name, cascade bool) {
	if s.head != "drop" || !s.word2(s.nodes, 1, "table", "view", "materialized") {
		return nil, false
	}
	for _, t := range s.Touches() {
		if !t.Schema {
			names = append(names, t.Name)
		}
	}
	return names, s.word(s.nodes, len(s.nodes)-1) == "cascade"
}

// Renames returns the table that ALTER TABLE renames, or the one a column of
// which it does, with that column. ok tells that it is such a statement.
func (s *Statement) Renames() (name Name, column string, ok bool) {
	if s.head != "alter" {
		return Name{}, "", false
	}
	n := s.nodes
	for _, t := range s.Touches() {
		for i := range n {
			switch {
			case s.words(n, i, "rename", "to"):
				return t.Name, "", !t.Schema
			case s.words(n, i, "rename", "column") && i+2 < len(n) && n[i+2].Kind.IsName():
				return t.Name, Ident(n[i+2].Token, s.src), !t.Schema
			}
		}
	}
	return Name{}, "", false
}

// DropsColumn returns the table of which ALTER TABLE drops a column, the column,
// and whether what depends on it goes too. ok tells that it is such a statement.
func (s *Statement) DropsColumn() (name Name, column string, cascade, ok bool) {
	n := s.nodes
	if s.head != "alter" || s.word(n, 1) != "table" {
		return Name{}, "", false, false
	}
	name, i, err := s.name(n, 2)
	if err != nil || s.word(n, i) != "drop" || s.word(n, i+1) == "constraint" {
		return Name{}, "", false, false
	}
	if i++; s.word(n, i) == "column" {
		i++
	}
	if i >= len(n) || !n[i].Kind.IsName() {
		return Name{}, "", false, false
	}
	return name, Ident(n[i].Token, s.src), s.word(n, len(n)-1) == "cascade", true
}

// QueryNames reports whether a view's query may depend on a column's name: it
// has the name, or a star that is not of COUNT(*).
func QueryNames(query, column string) bool {
	all, err := Parse(query)
	if err != nil || len(all) != 1 {
		return true
	}
	s := all[0]
	var within func(nodes []sqltext.Node, alone bool) bool
	within = func(nodes []sqltext.Node, alone bool) bool {
		for i, n := range nodes {
			switch {
			case n.Kind.IsName() && Ident(n.Token, s.src) == column, s.word(nodes, i) == "natural":
				return true
			case n.IsOp(s.src, "*") && !alone && (i == 0 || s.word2(nodes, i-1, "select", "distinct", "all") || nodes[i-1].Kind == sqltext.Comma || nodes[i-1].Kind == sqltext.Dot):
				return true
			}
			if within(n.Children, len(n.Children) == 1) {
				return true
			}
		}
		return false
	}
	return within(s.nodes, false)
}

// QueryReads returns the tables and views that a view's query, as the user wrote
// it, reads.
func QueryReads(query string) []Name {
	all, err := Parse(query)
	if err != nil || len(all) != 1 {
		return nil
	}
	if err := all[0].Classify(); err != nil {
		return nil
	}
	return all[0].Reads()
}
