package dialect

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

// Renames returns the table that ALTER TABLE renames, or one of whose columns it
// does. ok tells that it is such a statement.
func (s *Statement) Renames() (name Name, ok bool) {
	if s.head != "alter" {
		return Name{}, false
	}
	for _, t := range s.Touches() {
		for i := range s.nodes {
			if s.words(s.nodes, i, "rename", "to") || s.words(s.nodes, i, "rename", "column") {
				return t.Name, !t.Schema
			}
		}
	}
	return Name{}, false
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
