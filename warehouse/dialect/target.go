package dialect

import (
	"salamander/sqltext"
)

// A Change is what a statement does to a table.
type Change uint8

// The changes.
const (
	Reads   Change = iota
	Adds           // rows: INSERT, COPY
	Changes        // or removes rows: UPDATE, DELETE, MERGE
	Defines        // CREATE, DROP, ALTER, TRUNCATE; LOCK keeps others out as these do
)

// Targets returns the tables of [Statement.Touches], views and temporary tables
// included, and the change that locks are taken for. Classify must have been called. What cannot be read is
// left to Rewrite to tell.
func (s *Statement) Targets() (Change, []Name) {
	n := s.nodes
	c := Reads
	switch {
	case s.Kind == Lock:
		i := 1
		if s.word(n, i) == "table" {
			i++
		}
		return Defines, s.tableList(i)
	case s.Kind == Copy:
		if i := s.firstWord("from", "to"); i >= 0 && s.word(n, i) == "to" {
			return Reads, nil
		}
		c = Adds
	case s.Tag == "INSERT":
		c = Adds
	case s.Tag == "UPDATE", s.Tag == "DELETE", s.Tag == "MERGE":
		c = Changes
	case s.head == "truncate", s.Kind == Define && s.head != "comment":
		c = Defines
	default:
		return Reads, nil
	}
	var names []Name
	for _, t := range s.Touches() {
		if !t.Schema {
			names = append(names, t.Name)
		}
	}
	if len(names) == 0 {
		return Reads, nil
	}
	for k := 0; s.head == "alter" && k+2 < len(n); k++ { // RENAME TO takes a name, APPEND FROM a table
		if s.words(n, k, "rename", "to") && n[k+2].Kind.IsName() {
			names = append(names, Name{Schema: names[0].Schema, Table: Ident(n[k+2].Token, s.src)})
		} else if s.words(n, k, "append", "from") {
			if from, _, err := s.name(n, k+2); err == nil {
				names = append(names, from)
			}
		}
	}
	return c, names
}

// firstWord returns the index of the first of words, or -1.
func (s *Statement) firstWord(words ...string) int {
	for i := range s.nodes {
		if s.word2(s.nodes, i, words...) {
			return i
		}
	}
	return -1
}

// tableList reads names with commas between, from node i on.
func (s *Statement) tableList(i int) []Name {
	var names []Name
	for {
		name, next, err := s.name(s.nodes, i)
		if err != nil {
			return names
		}
		names = append(names, name)
		if next >= len(s.nodes) || s.nodes[next].Kind != sqltext.Comma {
			return names
		}
		i = next + 1
	}
}

// Lock reads LOCK [TABLE] t, …, in all of Redshift's spellings.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_LOCK.html
func (s *Statement) Lock() ([]Name, error) {
	i := 1
	if s.word(s.nodes, i) == "table" {
		i++
	}
	var names []Name
	for {
		name, next, err := s.name(s.nodes, i)
		if err != nil {
			return nil, err
		}
		names = append(names, name)
		switch {
		case next >= len(s.nodes):
			return names, nil
		case s.nodes[next].Kind != sqltext.Comma:
			return nil, s.unexpected(next, s.nodes)
		}
		i = next + 1
	}
}
