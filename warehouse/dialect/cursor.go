package dialect

import (
	"strconv"
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// A Plan is what PREPARE, EXECUTE and DEALLOCATE, and DECLARE, FETCH and CLOSE
// say.
type Plan struct {
	Name      string
	All       bool       // DEALLOCATE ALL
	Statement *Statement // of PREPARE and DECLARE; it is classified
	Types     []string   // of PREPARE, as they are written
	Arguments []string   // of EXECUTE, as they are written
	Count     int64      // of FETCH; 0 is all
}

// part returns the statement that the nodes from i on are, classified.
func (s *Statement) part(i int) (*Statement, error) {
	if i >= len(s.nodes) {
		return nil, s.unexpected(i, s.nodes)
	}
	inner := &Statement{text: s.text, src: s.src, nodes: s.nodes[i:], Pos: s.nodes[i].Pos, End: s.End}
	return inner, inner.Classify()
}

// texts returns the texts between the commas of a group.
func (s *Statement) texts(group sqltext.Node) ([]string, error) {
	var all []string
	for _, part := range splitCommas(group.Children) {
		if len(part) == 0 {
			return nil, s.near(group.Token)
		}
		all = append(all, s.src[part[0].Pos:part[len(part)-1].Last()])
	}
	return all, nil
}

// Plan reads a statement of the kinds Prepare, Execute, Deallocate, Declare,
// Fetch and CloseCursor.
//
// https://docs.aws.amazon.com/redshift/latest/dg/declare.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_PREPARE.html
func (s *Statement) Plan() (*Plan, error) {
	n, i, p := s.nodes, 1, &Plan{}
	if s.Kind == Fetch {
		var err error
		if i, err = s.fetchCount(p); err != nil {
			return nil, err
		}
	}
	if s.Kind == Deallocate && s.word(n, i) == "prepare" && len(n) > 2 {
		i++
	}
	if i >= len(n) || !n[i].Kind.IsName() {
		return nil, s.unexpected(i, n)
	}
	p.Name = Ident(n[i].Token, s.src)
	p.All = s.Kind != Fetch && s.word(n, i) == "all"
	i++
	var err error
	switch s.Kind {
	case Declare:
		switch { // what all cursors are
		case s.words(n, i, "no", "scroll"):
			i += 2
		case s.word(n, i) == "insensitive":
			i++
		}
		if s.word(n, i) != "cursor" {
			if s.word2(n, i, "binary", "insensitive", "scroll", "no") {
				return nil, sqlstate.Unsupported(n[i].Pos, "DECLARE … %s", strings.ToUpper(s.word(n, i)))
			}
			return nil, s.unexpected(i, n)
		}
		if s.words(n, i+1, "without", "hold") {
			i += 2
		}
		if s.word(n, i+1) != "for" {
			if s.word2(n, i+1, "with", "without") {
				return nil, sqlstate.Unsupported(n[i+1].Pos, "DECLARE … HOLD")
			}
			return nil, s.unexpected(i+1, n)
		}
		if p.Statement, err = s.part(i + 2); err != nil {
			return nil, err
		}
		if p.Statement.Kind != Query || p.Statement.head == "explain" {
			return nil, s.near(n[i+2].Token)
		}
		return p, nil
	case Prepare:
		if i < len(n) && n[i].Kind == sqltext.OpenParen {
			if p.Types, err = s.types(n[i]); err != nil {
				return nil, err
			}
			i++
		}
		if s.word(n, i) != "as" {
			return nil, s.unexpected(i, n)
		}
		if p.Statement, err = s.part(i + 1); err != nil {
			return nil, err
		}
		if k := p.Statement.Kind; k != Query && k != Write || p.Statement.head == "explain" {
			return nil, s.near(n[i+1].Token)
		}
		return p, nil
	case Execute:
		if i < len(n) && n[i].Kind == sqltext.OpenParen {
			if p.Arguments, err = s.texts(n[i]); err != nil {
				return nil, err
			}
			i++
		}
	}
	if i < len(n) {
		return nil, s.unexpected(i, n)
	}
	return p, nil
}

// types reads the types that PREPARE gives its parameters.
func (s *Statement) types(group sqltext.Node) ([]string, error) {
	for _, part := range splitCommas(group.Children) {
		if _, err := s.typeOf(part); err != nil {
			return nil, err
		}
	}
	return s.texts(group)
}

// fetchCount reads FETCH up to FROM, and returns the index of the cursor.
func (s *Statement) fetchCount(p *Plan) (int, error) {
	n, i := s.nodes, 1
	p.Count = 1
	switch w := s.word(n, i); w {
	case "next":
		i++
	case "forward":
		i++
	case "backward", "prior", "first", "last", "absolute", "relative":
		return 0, sqlstate.Unsupported(n[i].Pos, "FETCH %s", strings.ToUpper(w))
	}
	switch {
	case s.word(n, i) == "all" && s.word(n, i-1) != "next":
		p.Count = 0
		i++
	case i < len(n) && n[i].Kind == sqltext.Integer && s.word(n, i-1) != "next":
		count, err := strconv.ParseInt(n[i].Text(s.src), 10, 64)
		if err != nil || count < 1 {
			return 0, sqlstate.Unsupported(n[i].Pos, "FETCH of %s rows", n[i].Text(s.src))
		}
		p.Count = count
		i++
	}
	if !s.word2(n, i, "from", "in") {
		return 0, s.unexpected(i, n)
	}
	return i + 1, nil
}
