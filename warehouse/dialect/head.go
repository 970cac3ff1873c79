package dialect

import (
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// Classify finds out what kind of statement s is. A statement that the
// embedded warehouse does not have is refused by name.
func (s *Statement) Classify() error {
	n := s.nodes
	if n[0].IsGroup() {
		s.head, s.Kind, s.Tag = "(", Query, "SELECT"
		return nil
	}
	if n[0].Kind != sqltext.Ident {
		return s.near(n[0].Token)
	}
	s.head = s.word(n, 0)
	switch s.head {
	case "select", "with", "values":
		s.Kind, s.Tag = Query, "SELECT"
		if s.head == "with" {
			s.withHead()
		}
		if s.head != "values" {
			if i := s.intoAt(); i >= 0 {
				s.Kind, s.Tag = Define, "SELECT"
			}
		}
	case "explain":
		s.Kind, s.Tag = Query, "EXPLAIN"
	case "insert":
		s.Kind, s.Tag = Write, "INSERT"
	case "update":
		s.Kind, s.Tag = Write, "UPDATE"
	case "delete":
		s.Kind, s.Tag = Write, "DELETE"
	case "merge":
		s.Kind, s.Tag = Write, "MERGE"
	case "truncate":
		s.Kind, s.Tag = Write, "TRUNCATE TABLE"
	case "create", "drop", "alter":
		return s.classifyDefine()
	case "begin", "start":
		s.Kind, s.Tag = Begin, map[string]string{"begin": "BEGIN", "start": "START TRANSACTION"}[s.head]
		return s.transaction()
	case "commit", "end":
		s.Kind, s.Tag = Commit, "COMMIT"
		return s.transaction()
	case "rollback", "abort":
		s.Kind, s.Tag = Rollback, "ROLLBACK"
		return s.transaction()
	case "copy":
		s.Kind, s.Tag = Copy, "COPY"
	case "unload":
		s.Kind, s.Tag = Unload, "UNLOAD"
	case "set", "reset":
		s.Kind, s.Tag = Set, strings.ToUpper(s.head)
	case "show":
		s.Kind, s.Tag = Show, "SHOW"
	case "refresh":
		s.Kind, s.Tag = Define, "REFRESH"
	case "comment":
		s.Kind, s.Tag = Define, "COMMENT"
	case "grant", "revoke":
		s.Kind, s.Tag = Grant, strings.ToUpper(s.head)
	case "declare":
		s.Kind, s.Tag = Declare, "DECLARE CURSOR"
	case "fetch":
		s.Kind, s.Tag = Fetch, "FETCH"
	case "close":
		s.Kind, s.Tag = CloseCursor, "CLOSE CURSOR"
	case "prepare":
		s.Kind, s.Tag = Prepare, "PREPARE"
	case "execute":
		s.Kind, s.Tag = Execute, "EXECUTE"
	case "lock":
		s.Kind, s.Tag = Lock, "LOCK TABLE"
	case "cancel":
		s.Kind, s.Tag = Cancel, "CANCEL"
	case "deallocate":
		s.Kind, s.Tag = Deallocate, "DEALLOCATE"
	case "analyze", "analyse", "vacuum":
		s.Kind, s.Tag = Nothing, strings.ToUpper(s.head)
		if s.word(n, 1) == "compression" {
			return sqlstate.Unsupported(n[1].Pos, "ANALYZE COMPRESSION")
		}
	default:
		return s.refuseHead()
	}
	return nil
}

// QueryType is the kind of a statement in the words of sys_query_history.
//
// https://docs.aws.amazon.com/redshift/latest/dg/SYS_QUERY_HISTORY.html
func (s *Statement) QueryType() string {
	switch s.Kind {
	case Query:
		return "SELECT"
	case Write:
		switch s.Tag {
		case "INSERT", "UPDATE", "DELETE":
			return s.Tag
		}
		return "OTHER"
	case Define:
		if s.Tag == "SELECT" {
			return "CTAS"
		}
		for i := range s.nodes {
			if s.Tag == "CREATE TABLE" && s.word(s.nodes, i) == "as" {
				return "CTAS"
			}
		}
		return "DDL"
	case Copy:
		return "COPY"
	case Unload:
		return "UNLOAD"
	}
	return "UTILITY"
}

// withHead finds the statement that a WITH clause belongs to.
func (s *Statement) withHead() {
	for i := range s.nodes {
		switch s.word(s.nodes, i) {
		case "insert":
			s.Kind, s.Tag = Write, "INSERT"
			return
		case "update":
			s.Kind, s.Tag = Write, "UPDATE"
			return
		case "delete":
			s.Kind, s.Tag = Write, "DELETE"
			return
		case "select":
			return
		}
	}
}

// intoAt returns the index of INTO in SELECT … INTO, or -1.
func (s *Statement) intoAt() int {
	for i := range s.nodes {
		switch s.word(s.nodes, i) {
		case "into":
			return i
		case "from", "insert":
			return -1
		}
	}
	return -1
}

// refused are statements that Redshift or DuckDB have, and we do not.
var refused = map[string]bool{
	"call": true, "savepoint": true, "release": true, "reindex": true, "cluster": true,
	"listen": true, "notify": true, "do": true, "load": true, "discard": true,

	"attach": true, "detach": true, "install": true, "export": true, "import": true, "pragma": true,
	"use": true, "checkpoint": true, "force": true, "describe": true, "desc": true, "summarize": true, "pivot": true,
	"unpivot": true, "from": true, "update_extensions": true, "table": true,
}

func (s *Statement) refuseHead() error {
	if refused[s.head] {
		return sqlstate.Unsupported(s.nodes[0].Pos, "%s", strings.ToUpper(s.head))
	}
	return s.near(s.nodes[0].Token)
}

// classifyDefine checks the object of CREATE, DROP and ALTER.
func (s *Statement) classifyDefine() error {
	s.Kind = Define
	verb := strings.ToUpper(s.head)
	n := s.nodes
	i := 1
	if s.head == "create" {
		if s.words(n, i, "or", "replace") {
			i += 2
		}
		for w := s.word(n, i); w == "temp" || w == "temporary" || w == "local" || w == "global"; w = s.word(n, i) {
			i++
		}
	}
	if i == 1 && s.accessObject(s.word(n, i)) {
		return nil
	}
	switch object := s.word(n, i); object {
	case "table", "view", "schema":
		s.Tag = verb + " " + strings.ToUpper(object)
		if s.head == "create" && object == "table" && s.words(n, 1, "or", "replace") {
			return sqlstate.Unsupported(n[1].Pos, "CREATE OR REPLACE TABLE")
		}
		if s.head == "alter" && object != "table" && s.OwnerChange() == nil {
			return sqlstate.Unsupported(n[i].Pos, "%s", s.Tag)
		}
		return nil
	case "":
		return s.unexpected(i, n)
	case "materialized":
		if s.word(n, i+1) == "view" && (s.head == "create" && i == 1 || s.head == "drop") {
			s.Tag = verb + " MATERIALIZED VIEW"
			return nil
		}
		return sqlstate.Unsupported(n[i].Pos, "%s MATERIALIZED VIEW", verb)
	default:
		what := strings.ToUpper(object)
		if next := s.word(n, i+1); object == "external" || object == "materialized" {
			what += " " + strings.ToUpper(next)
		}
		return sqlstate.Unsupported(n[i].Pos, "%s %s", verb, what)
	}
}

// transaction checks what follows BEGIN, COMMIT and the like: WORK,
// TRANSACTION, an isolation level, READ WRITE. All transactions are
// serializable in Redshift and snapshots here; a stricter wish than a snapshot
// is not refused since Redshift's own default is such a wish.
func (s *Statement) transaction() error {
	n := s.nodes
	i := 1
	if w := s.word(n, i); w == "work" || w == "transaction" {
		i++
	} else if s.head == "start" {
		return s.unexpected(i, n)
	}
	for i < len(n) && s.Kind == Begin {
		switch {
		case n[i].Kind == sqltext.Comma:
			i++
		case s.words(n, i, "isolation", "level", "serializable"), s.words(n, i, "isolation", "level", "snapshot"):
			i += 3
		case s.words(n, i, "isolation", "level", "read", "committed"), s.words(n, i, "isolation", "level", "read", "uncommitted"),
			s.words(n, i, "isolation", "level", "repeatable", "read"):
			i += 4
		case s.words(n, i, "read", "write"):
			i += 2
		case s.words(n, i, "read", "only"):
			return sqlstate.Unsupported(n[i].Pos, "BEGIN READ ONLY")
		default:
			return s.unexpected(i, n)
		}
	}
	if i < len(n) {
		if s.Kind != Begin && (s.word(n, i) == "to" || s.word(n, i) == "and" || s.word(n, i) == "prepared") {
			return sqlstate.Unsupported(n[i].Pos, "%s %s", strings.ToUpper(s.head), strings.ToUpper(s.word(n, i)))
		}
		return s.unexpected(i, n)
	}
	return nil
}
