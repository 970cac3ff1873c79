package dialect

import (
	"strings"

	"salamander/sqltext"
)

// A Touched is a relation, or a schema, that a statement changes.
type Touched struct {
	Name    Name
	Schema  bool // it is a schema, whose name is in Name.Table
	At      int  // where it stands, from 0
	from    int  // its bytes
	to      int
	Exists  bool // IF EXISTS, IF NOT EXISTS
	Replace bool // OR REPLACE
}

// Touches returns what a statement changes. What it reads is in Reads.
func (s *Statement) Touches() []Touched {
	n := s.nodes
	var all []Touched
	add := func(i int, schema bool) int {
		name, end, err := s.name(n, i)
		if err != nil {
			return -1
		}
		all = append(all, Touched{Name: name, Schema: schema, At: n[i].Pos, from: n[i].Pos, to: n[end-1].Last()})
		return end
	}
	after := func(words ...string) int { // the index after the words, the first of which begins the statement or follows WITH
		for i := range n {
			if s.words(n, i, words...) && (i == 0 || s.head == "with") {
				return i + len(words)
			}
		}
		return -1
	}
	switch {
	case s.Kind == Copy:
		if len(n) > 1 && n[1].Kind != sqltext.OpenParen {
			add(1, false)
		}
	case s.Tag == "INSERT":
		if i := after("insert", "into"); i > 0 {
			add(i, false)
		}
	case s.Tag == "UPDATE":
		if i := after("update"); i > 0 {
			if s.word(n, i) == "only" {
				i++
			}
			add(i, false)
		}
	case s.Tag == "DELETE":
		if i := after("delete"); i > 0 {
			if s.word(n, i) == "from" {
				i++
			}
			if s.word(n, i) == "only" {
				i++
			}
			add(i, false)
		}
	case s.Tag == "MERGE":
		if i := after("merge", "into"); i > 0 {
			add(i, false)
		}
	case s.head == "truncate":
		i := 1
		if s.word(n, i) == "table" {
			i++
		}
		add(i, false)
	case s.Kind == Define && (s.head == "select" || s.head == "with"):
		i := s.intoAt() + 1
		for s.word2(n, i, "temp", "temporary", "table") {
			i++
		}
		add(i, false)
	case s.head == "create" || s.head == "drop" || s.head == "alter":
		i, replace := 1, false
		for s.word2(n, i, "or", "replace", "temp", "temporary", "local", "global", "materialized", "external", "late", "binding") {
			replace = replace || s.word(n, i) == "replace"
			i++
		}
		schema := s.word(n, i) == "schema"
		i++
		exists := false
		if s.words(n, i, "if", "not", "exists") {
			exists, i = true, i+3
		} else if s.words(n, i, "if", "exists") {
			exists, i = true, i+2
		}
		for {
			end := add(i, schema)
			if end < 0 || s.head != "drop" || end >= len(n) || n[end].Kind != sqltext.Comma {
				break
			}
			i = end + 1
		}
		for k := range all {
			all[k].Exists, all[k].Replace = exists, replace
		}
	case s.head == "refresh":
		if s.words(n, 1, "materialized", "view") {
			add(3, false)
		}
	case s.head == "comment":
		if s.word(n, 1) == "on" && s.word2(n, 2, "table", "view", "schema") {
			add(3, s.word(n, 2) == "schema")
		} else if s.words(n, 1, "on", "column") {
			if name, _, err := s.name(n[:max(3, len(n)-4)], 3); err == nil && len(n) > 5 {
				all = append(all, Touched{Name: name, At: n[3].Pos, from: n[3].Pos, to: n[len(n)-1].Last()})
			}
		}
	}
	return all
}

// Temporarily reports whether a statement makes a table that only its session
// sees: of such a table nobody else has to be asked.
func (s *Statement) Temporarily() bool {
	if s.Temporary() {
		return true
	}
	t := s.Touches()
	return s.Kind == Define && s.head == "create" && len(t) == 1 && strings.HasPrefix(t[0].Name.Table, "#")
}

// Reads returns the names in a statement that may be those of relations it
// reads: all that stand where a relation can. Some of them are names that the
// statement itself gives; none that it reads is missing.
func (s *Statement) Reads() []Name {
	f := finder{s: s, targets: s.Touches()}
	f.level(s.nodes, true)
	return f.found
}

type finder struct {
	s       *Statement
	targets []Touched
	found   []Name
}

var (
	// relationWords are those that a relation can follow at once, in DuckDB's
	// grammar too.
	relationWords = wordSet(`from join into update table tables only lateral using delete truncate lock describe desc show pivot unpivot pivot_wider
	pivot_longer summarize call copy merge analyze analyse vacuum view exists like with recursive unload insert for positional`)

	// commaWords are those behind which a comma may part relations, up to one of
	// valueWords. The latter must be reserved: no relation can be named by one
	// of them.
	commaWords = wordSet("from join using into update table lateral only pivot unpivot with on values delete merge insert drop truncate lock")
	valueWords = wordSet("select where having returning qualify limit offset")
)

// level looks at the nodes of one level. place tells that a relation can be the
// first of them.
func (f *finder) level(nodes []sqltext.Node, place bool) {
	s := f.s
	listed := place // a relation can stand behind a comma
	for i, n := range nodes {
		switch {
		case n.IsGroup():
			f.level(n.Children, place)
		case !place || !n.Kind.IsName() && !n.Kind.IsString(), i > 0 && nodes[i-1].Kind == sqltext.Dot, f.targeted(n):
		case n.Kind.IsString():
			if v, err := s.str(n); err == nil {
				f.add(strings.Split(v, "."))
			}
		default:
			var parts []string
			for k := i; k < len(nodes) && nodes[k].Kind.IsName(); k += 2 {
				parts = append(parts, Ident(nodes[k].Token, s.src))
				if k+1 >= len(nodes) || nodes[k+1].Kind != sqltext.Dot {
					break
				}
			}
			f.add(parts)
		}
		if n.Word != "" {
			switch {
			case commaWords[n.Word]:
				listed = true
			case valueWords[n.Word], n.Word == "by" && s.word2(nodes, i-1, "group", "order"), n.Word == "set" && i > 0 && f.targeted(nodes[i-1]):
				listed = false
			}
		}
		place = f.follows(n, listed)
	}
}

// follows reports whether a relation can stand behind n. listed is the answer
// for a comma.
func (f *finder) follows(n sqltext.Node, listed bool) bool {
	switch {
	case n.Kind.IsName():
		return relationWords[n.Word]
	case n.Kind == sqltext.Operator, n.Kind == sqltext.Typecast, n.IsGroup(), n.Kind.IsString():
		return false
	case n.Kind == sqltext.Comma:
		return listed
	}
	return true
}

func (f *finder) targeted(n sqltext.Node) bool {
	for _, t := range f.targets {
		if n.Pos >= t.from && n.Pos < t.to {
			return true
		}
	}
	return false
}

// add takes what the parts of a name may mean.
func (f *finder) add(parts []string) {
	f.found = append(f.found, Name{Table: parts[0]})
	for i := 1; i < len(parts); i++ {
		f.found = append(f.found, Name{Schema: parts[i-1], Table: parts[i]})
	}
}

// MergeVerbs returns the privileges that the branches of a MERGE need.
func (s *Statement) MergeVerbs() []string {
	var all []string
	for _, v := range [...]string{"insert", "update", "delete"} {
		for i := range s.nodes {
			if s.word(s.nodes, i) == v && s.word(s.nodes, i-1) == "then" {
				all = append(all, strings.ToUpper(v))
				break
			}
		}
	}
	if s.words(s.nodes, len(s.nodes)-2, "remove", "duplicates") {
		all = append(all, "INSERT", "UPDATE", "DELETE")
	}
	return all
}

// Filters reports whether an UPDATE or DELETE reads rows to find those that it
// changes.
func (s *Statement) Filters() bool {
	for i := 1; i < len(s.nodes); i++ {
		if w := s.word(s.nodes, i); w == "where" || w == "using" || w == "from" && s.head == "update" {
			return true
		}
	}
	return false
}
