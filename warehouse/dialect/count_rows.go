package dialect

// CountRows returns the query, in Redshift's words, of how many rows of its
// table an UPDATE … FROM changes, or "" for other statements: DuckDB counts a
// row each time that it finds one to change it by.
func (s *Statement) CountRows() string {
	n := s.nodes
	if s.head != "update" || s.Kind != Write {
		return ""
	}
	set, from := -1, -1
	for i := range n {
		switch w := s.word(n, i); {
		case w == "set" && set < 0:
			set = i
		case w == "from" && set > 0 && from < 0 && s.word(n, i-1) != "distinct":
			from = i
		case w == "where" && from < 0:
			return ""
		}
	}
	if set < 2 || from < 0 {
		return ""
	}
	return "select count(*) from " + s.src[n[1].Pos:n[set-1].Last()] + " where exists (select 1 " + s.src[n[from].Pos:n[len(n)-1].Last()] + "\n)"
}
