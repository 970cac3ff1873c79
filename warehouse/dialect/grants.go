package dialect

import (
	"fmt"
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// A Grantee is who gets a privilege.
type Grantee struct {
	Kind string // "user", "group", "role" or "public"
	Name string
	At   int // where it stands, counted from 1
}

// A GrantChange is GRANT, REVOKE or ALTER DEFAULT PRIVILEGES.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html
type GrantChange struct {
	Revoke     bool
	OptionOnly bool     // GRANT OPTION FOR, of roles ADMIN OPTION FOR
	Privileges []string // upper case; nil is ALL
	On         string   // "table", "all tables", "schema", "database" or "role"
	Tables     []Name
	At         []int    // where the tables stand, counted from 1
	Names      []string // of schemas, databases or roles
	To         []Grantee
	Option     bool // WITH GRANT OPTION, of roles WITH ADMIN OPTION

	Defaults bool     // ALTER DEFAULT PRIVILEGES
	For      []string // of these users; nil is the current one
	In       []string // in these schemas; nil is any
}

// privileges are what can be given on each kind of object.
var privileges = map[string]map[string]bool{
	"table":    wordSet("SELECT INSERT UPDATE DELETE DROP REFERENCES ALTER TRUNCATE RULE TRIGGER"),
	"schema":   wordSet("CREATE USAGE ALTER DROP"),
	"database": wordSet("CREATE TEMPORARY TEMP ALTER USAGE"),
}

// GrantChange reads a GRANT or REVOKE, or ALTER DEFAULT PRIVILEGES.
func (s *Statement) GrantChange() (*GrantChange, error) {
	g := &grantReader{Statement: s, g: &GrantChange{}, i: 1}
	if s.head == "alter" {
		g.g.Defaults = true
		g.i = 3
		if err := g.scope(); err != nil {
			return nil, err
		}
		if !s.word2(s.nodes, g.i, "grant", "revoke") {
			return nil, s.unexpected(g.i, s.nodes)
		}
		g.i++
	}
	return g.g, g.read(s.word(s.nodes, g.i-1) == "revoke")
}

type grantReader struct {
	*Statement
	g *GrantChange
	i int
}

// scope reads FOR USER … IN SCHEMA ….
func (r *grantReader) scope() (err error) {
	if r.word(r.nodes, r.i) == "for" && r.word2(r.nodes, r.i+1, "user", "role") {
		if r.g.For, r.i, err = r.names(r.nodes, r.i+2); err != nil {
			return err
		}
	}
	if r.words(r.nodes, r.i, "in", "schema") {
		r.g.In, r.i, err = r.names(r.nodes, r.i+2)
	}
	return err
}

func (r *grantReader) read(revoke bool) error {
	n, g := r.nodes, r.g
	g.Revoke = revoke
	if revoke && r.word2(n, r.i, "grant", "admin") && r.words(n, r.i+1, "option", "for") {
		if (r.word(n, r.i) == "admin") != (r.word(n, r.i+3) == "role") {
			return r.unexpected(r.i, n)
		}
		g.OptionOnly = true
		r.i += 3
	}
	if r.word(n, r.i) == "role" {
		return r.role()
	}
	if err := r.list(); err != nil {
		return err
	}
	if r.word(n, r.i) != "on" {
		return r.unexpected(r.i, n)
	}
	r.i++
	if err := r.objects(); err != nil {
		return err
	}
	for _, p := range g.Privileges {
		kind := strings.TrimPrefix(g.On, "all ")
		if !privileges[strings.TrimSuffix(kind, "s")][p] {
			return sqlstate.Errorf(sqlstate.InvalidGrant, "invalid privilege type %s for %s", p, strings.TrimSuffix(strings.Replace(kind, "table", "relation", 1), "s"))
		}
	}
	return r.grantees()
}

// role reads GRANT ROLE a, b TO ….
func (r *grantReader) role() (err error) {
	r.g.On = "role"
	if r.g.Names, r.i, err = r.names(r.nodes, r.i+1); err != nil {
		return err
	}
	for range r.g.Names[1:] {
		if r.word(r.nodes, r.i) == "role" {
			r.i++
		}
	}
	return r.grantees()
}

// list reads the privileges.
func (r *grantReader) list() error {
	n := r.nodes
	if r.word(n, r.i) == "all" {
		if r.i++; r.word(n, r.i) == "privileges" {
			r.i++
		}
		return nil
	}
	for {
		w := r.word(n, r.i)
		switch {
		case w == "execute" || w == "assumerole" || w == "explain" || w == "ignore" || w == "access" || w == "masking":
			return sqlstate.Unsupported(n[r.i].Pos, "%s of %s", strings.ToUpper(r.head), strings.ToUpper(w))
		case w == "":
			return r.unexpected(r.i, n)
		}
		if w == "temporary" {
			w = "temp"
		}
		r.g.Privileges = append(r.g.Privileges, strings.ToUpper(w))
		r.i++
		if r.i < len(n) && n[r.i].Kind == sqltext.OpenParen {
			return sqlstate.Unsupported(n[r.i].Pos, "%s on columns", strings.ToUpper(r.head))
		}
		if r.i >= len(n) || n[r.i].Kind != sqltext.Comma {
			return nil
		}
		r.i++
	}
}

// objects reads what the privileges are on.
func (r *grantReader) objects() (err error) {
	n, g := r.nodes, r.g
	switch w := r.word(n, r.i); w {
	case "tables":
		if !g.Defaults {
			break
		}
		g.On = "table"
		r.i++
		return nil
	case "schema", "database":
		g.On = w
		g.Names, r.i, err = r.names(n, r.i+1)
		return err
	case "all":
		if !r.words(n, r.i, "all", "tables", "in", "schema") {
			return sqlstate.Unsupported(n[r.i].Pos, "%s ON ALL %s", strings.ToUpper(r.head), strings.ToUpper(r.word(n, r.i+1)))
		}
		g.On = "all tables"
		g.Names, r.i, err = r.names(n, r.i+4)
		return err
	case "function", "functions", "procedure", "procedures", "language", "datashare", "model", "assumerole", "external", "column", "types":
		return sqlstate.Unsupported(n[r.i].Pos, "%s ON %s", strings.ToUpper(r.head), strings.ToUpper(w))
	}
	if g.Defaults {
		return r.unexpected(r.i, n)
	}
	g.On = "table"
	if r.word(n, r.i) == "table" {
		r.i++
	}
	for {
		at := r.i
		name, next, err := r.name(n, r.i)
		if err != nil {
			return err
		}
		g.Tables, g.At = append(g.Tables, name), append(g.At, n[at].Pos+1)
		if r.i = next; r.i >= len(n) || n[r.i].Kind != sqltext.Comma {
			return nil
		}
		r.i++
	}
}

// grantees reads TO … or FROM …, up to the end.
func (r *grantReader) grantees() error {
	n, g := r.nodes, r.g
	to := "to"
	if g.Revoke {
		to = "from"
	}
	if r.word(n, r.i) != to {
		return r.unexpected(r.i, n)
	}
	for {
		r.i++
		who := Grantee{Kind: "user"}
		if r.word2(n, r.i, "group", "role") && r.i+1 < len(n) && n[r.i+1].Kind.IsName() && !r.words(n, r.i+1, "with", "grant") {
			who.Kind = r.word(n, r.i)
			r.i++
		}
		if r.i >= len(n) || !n[r.i].Kind.IsName() {
			return r.unexpected(r.i, n)
		}
		who.Name, who.At = Ident(n[r.i].Token, r.src), n[r.i].Pos+1
		if r.word(n, r.i) == "public" && who.Kind == "user" {
			who.Kind = "public"
		}
		g.To = append(g.To, who)
		if r.i++; r.i >= len(n) || n[r.i].Kind != sqltext.Comma {
			break
		}
	}
	switch {
	case !g.Revoke && g.On == "role" && r.words(n, r.i, "with", "admin", "option"):
		g.Option = true
		r.i += 3
		for _, who := range g.To {
			if who.Kind == "role" {
				return sqlstate.Errorf(sqlstate.InvalidGrant, "admin options can only be granted to users")
			}
		}
	case !g.Revoke && g.On != "role" && r.words(n, r.i, "with", "grant", "option"):
		g.Option = true
		r.i += 3
		for _, who := range g.To {
			if who.Kind == "public" || who.Kind == "group" {
				return sqlstate.Errorf(sqlstate.InvalidGrant, "grant options can only be granted to individual users")
			}
		}
	case g.Revoke && r.word2(n, r.i, "cascade", "restrict"):
		r.i++
	}
	if r.i < len(n) {
		return r.unexpected(r.i, n)
	}
	return nil
}

// An OwnerChange is ALTER TABLE or SCHEMA … OWNER TO.
type OwnerChange struct {
	Schema bool
	Name   Name // of a schema, in Table
	Owner  string
	At     int
}

// OwnerChange reads s, where it changes an owner, else it returns nil.
func (s *Statement) OwnerChange() *OwnerChange {
	object := s.word(s.nodes, 1)
	if s.head != "alter" || object != "table" && object != "schema" && object != "view" {
		return nil
	}
	name, i, err := s.name(s.nodes, 2)
	if err != nil || !s.words(s.nodes, i, "owner", "to") || i+3 != len(s.nodes) || !s.nodes[i+2].Kind.IsName() {
		return nil
	}
	return &OwnerChange{Schema: object == "schema", Name: name, Owner: Ident(s.nodes[i+2].Token, s.src), At: s.nodes[i+2].Pos + 1}
}

// RenamesTo returns the new name that ALTER TABLE gives its table, or "".
func (s *Statement) RenamesTo() string {
	if s.head != "alter" {
		return ""
	}
	_, i, err := s.name(s.nodes, 2)
	if err != nil || !s.words(s.nodes, i, "rename", "to") || i+2 >= len(s.nodes) {
		return ""
	}
	return Ident(s.nodes[i+2].Token, s.src)
}

// SessionUser reads SET SESSION AUTHORIZATION. The name is "" for DEFAULT; ok
// is false for any other statement.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_SET_SESSION_AUTHORIZATION.html
func (s *Statement) SessionUser() (name string, ok bool, err error) {
	n := s.nodes
	if s.head == "reset" && s.words(n, 1, "session", "authorization") && len(n) == 3 {
		return "", true, nil
	}
	i := 1
	if s.word(n, i+1) == "session" && s.word2(n, i, "session", "local") {
		i++
	}
	if s.head != "set" || !s.words(n, i, "session", "authorization") {
		return "", false, nil
	}
	i += 2
	switch {
	case i+1 != len(n):
		return "", true, s.unexpected(min(i+1, len(n)), n)
	case s.word(n, i) == "default":
		return "", true, nil
	case n[i].Kind.IsString():
		name, err = s.str(n[i])
		return name, true, err
	case n[i].Kind.IsName():
		return Ident(n[i].Token, s.src), true, nil
	}
	return "", true, s.near(n[i].Token)
}

// Canceled reads CANCEL pid ['message'].
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_CANCEL.html
func (s *Statement) Canceled() (pid uint32, message string, err error) {
	n := s.nodes
	if len(n) < 2 || n[1].Kind != sqltext.Integer {
		return 0, "", s.unexpected(1, n)
	}
	if _, err := fmt.Sscan(n[1].Text(s.src), &pid); err != nil {
		return 0, "", s.near(n[1].Token)
	}
	if len(n) > 2 {
		if message, err = s.str(n[2]); err != nil {
			return 0, "", err
		}
	}
	if len(n) > 3 {
		return 0, "", s.unexpected(3, n)
	}
	return pid, message, nil
}
