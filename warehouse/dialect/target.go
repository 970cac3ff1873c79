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

// Targets returns the tables that s changes, views and temporary tables
// included, and how. Classify must have been called. What cannot be read is
// left to Rewrite to tell.
func (s *Statement) Targets() (Change, []Name) {
	n := s.nodes
	after := func(i int, words ...string) int { // skips words that may stand there
		for s.word2(n, i, words...) {
			i++
		}
		return i
	}
	one := func(c Change, i int) (Change, []Name) {
		if name, _, err := s.name(n, i); err == nil {
			return c, []Name{name}
		}
		return Reads, nil
	}
	switch s.head {
	case "insert", "merge":
		c := Adds
		if s.head == "merge" {
			c = Changes
		}
		return one(c, after(1, "into"))
	case "copy":
		if i := s.firstWord("from", "to"); i >= 0 && s.word(n, i) == "to" {
			return Reads, nil
		}
		return one(Adds, 1)
	case "update":
		return one(Changes, 1)
	case "delete":
		return one(Changes, after(1, "from"))
	case "truncate":
		return one(Defines, after(1, "table"))
	case "refresh":
		return one(Defines, after(1, "materialized", "view"))
	case "lock":
		return Defines, s.tableList(after(1, "table"))
	case "select", "with":
		if s.Kind == Define {
			if i := s.intoAt(); i >= 0 {
				return one(Defines, after(i+1, "temp", "temporary", "table"))
			}
		}
		if i := s.firstWord("insert", "update", "delete"); s.head == "with" && s.Kind == Write && i >= 0 {
			c := Changes
			if s.word(n, i) == "insert" {
				c = Adds
			}
			return one(c, after(i+1, "into", "from"))
		}
	case "create", "drop", "alter":
		i := after(1, "or", "replace", "temp", "temporary", "local", "global", "materialized")
		if !s.word2(n, i, "table", "view") {
			return Reads, nil
		}
		i = after(i+1, "if", "not", "exists")
		if s.head == "drop" {
			return Defines, s.tableList(i)
		}
		c, names := one(Defines, i)
		if s.head == "alter" && len(names) == 1 { // RENAME TO takes a name, APPEND FROM a table
			for k := i; k+1 < len(n); k++ {
				if s.words(n, k, "rename", "to") && k+2 < len(n) && n[k+2].Kind.IsName() {
					names = append(names, Name{Schema: names[0].Schema, Table: Ident(n[k+2].Token, s.src)})
				} else if s.words(n, k, "append", "from") {
					if from, _, err := s.name(n, k+2); err == nil {
						names = append(names, from)
					}
				}
			}
		}
		return c, names
	}
	return Reads, nil
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
