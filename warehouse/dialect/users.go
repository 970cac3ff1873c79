package dialect

import (
	"strconv"
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// A UserChange is CREATE, ALTER or DROP of users, groups and roles.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_USER.html
type UserChange struct {
	Verb   string   // "create", "alter" or "drop"
	Object string   // "user", "group" or "role"
	Names  []string // one but for DROP
	At     []int    // where they stand, counted from 1
	Exists bool     // IF EXISTS

	Password *string // nil where it is not given
	Disabled bool    // PASSWORD DISABLE
	CreateDB *bool
	Super    *bool // CREATEUSER
	Limit    *int  // CONNECTION LIMIT; -1 is UNLIMITED
	Until    *string
	Unlimit  *bool // SYSLOG ACCESS UNRESTRICTED
	Timeout  *int  // SESSION TIMEOUT, in seconds; 0 is RESET
	Groups   []string
	Add      []string // ALTER GROUP … ADD USER, CREATE GROUP … WITH USER
	Remove   []string
	Rename   string
	Force    bool // DROP ROLE … FORCE
}

// accessObject reports whether a CREATE, ALTER or DROP is of users, groups,
// roles or default privileges, and classifies it.
func (s *Statement) accessObject(object string) bool {
	switch object {
	case "user", "group", "role":
		s.Kind, s.Tag = Access, strings.ToUpper(s.head+" "+object)
		return true
	case "default":
		if s.head == "alter" && s.word(s.nodes, 2) == "privileges" {
			s.Kind, s.Tag = Access, "ALTER DEFAULT PRIVILEGES"
			return true
		}
	}
	return false
}

// UserChange reads a statement of the kind Access on users, groups or roles.
func (s *Statement) UserChange() (*UserChange, error) {
	n, i := s.nodes, 2
	c := &UserChange{Verb: s.head, Object: s.word(n, 1)}
	if s.head == "drop" && s.words(n, i, "if", "exists") {
		c.Exists = true
		i += 2
	}
	for {
		if i >= len(n) || !n[i].Kind.IsName() {
			return nil, s.unexpected(i, n)
		}
		c.Names, c.At = append(c.Names, Ident(n[i].Token, s.src)), append(c.At, n[i].Pos+1)
		if i++; s.head != "drop" || i >= len(n) || n[i].Kind != sqltext.Comma {
			break
		}
		i++
	}
	if s.head == "drop" {
		if c.Object == "role" && s.word2(n, i, "force", "restrict") {
			c.Force = s.word(n, i) == "force"
			i++
		}
		if i < len(n) {
			return nil, s.unexpected(i, n)
		}
		return c, nil
	}
	if s.words(n, i, "rename", "to") && s.head == "alter" && i+3 == len(n) && n[i+2].Kind.IsName() {
		c.Rename = Ident(n[i+2].Token, s.src)
		return c, nil
	}
	var err error
	switch c.Object {
	case "user":
		err = s.userOptions(c, i)
	case "group":
		err = s.groupOptions(c, i)
	default:
		if i < len(n) {
			err = sqlstate.Unsupported(n[i].Pos, "%s ROLE … %s", strings.ToUpper(s.head), strings.ToUpper(n[i].Text(s.src)))
		}
	}
	return c, err
}

func (s *Statement) groupOptions(c *UserChange, i int) error {
	n := s.nodes
	to := &c.Add
	switch {
	case i == len(n) && s.head == "create":
		return nil
	case s.head == "create" && s.words(n, i, "with", "user"):
		i += 2
	case s.head == "create" && s.word(n, i) == "user", s.head == "alter" && s.words(n, i, "add", "user"), s.head == "alter" && s.words(n, i, "drop", "user"):
		if s.head == "alter" {
			i++
		}
		if s.word(n, i-1) == "drop" {
			to = &c.Remove
		}
		i++
	default:
		return s.unexpected(i, n)
	}
	names, end, err := s.names(n, i)
	*to = names
	if err == nil && end < len(n) {
		err = s.unexpected(end, n)
	}
	return err
}

// names reads names between commas from node i on, and returns the index after
// them.
func (s *Statement) names(n []sqltext.Node, i int) ([]string, int, error) {
	var names []string
	for {
		if i >= len(n) || !n[i].Kind.IsName() {
			return nil, i, s.unexpected(i, n)
		}
		names = append(names, Ident(n[i].Token, s.src))
		if i++; i >= len(n) || n[i].Kind != sqltext.Comma {
			return names, i, nil
		}
		i++
	}
}

func (s *Statement) userOptions(c *UserChange, i int) error {
	n := s.nodes
	if s.word(n, i) == "with" {
		i++
	}
	yes, no := true, false
	text := func() (*string, error) {
		if i >= len(n) {
			return nil, s.unexpected(i, n)
		}
		v, err := s.str(n[i])
		i++
		return &v, err
	}
	number := func() (*int, error) {
		if i >= len(n) || n[i].Kind != sqltext.Integer {
			return nil, s.unexpected(i, n)
		}
		v, err := strconv.Atoi(n[i].Text(s.src))
		if err != nil {
			return nil, s.near(n[i].Token)
		}
		i++
		return &v, nil
	}
	for i < len(n) {
		at := i
		i++
		var err error
		switch w := s.word(n, at); {
		case w == "createdb":
			c.CreateDB = &yes
		case w == "nocreatedb":
			c.CreateDB = &no
		case w == "createuser":
			c.Super = &yes
		case w == "nocreateuser":
			c.Super = &no
		case w == "password" && s.word(n, i) == "disable":
			c.Disabled = true
			i++
		case w == "password":
			c.Password, err = text()
		case w == "encrypted" || w == "unencrypted":
			if s.word(n, i) != "password" {
				err = s.unexpected(i, n)
			}
		case w == "valid" && s.word(n, i) == "until":
			i++
			c.Until, err = text()
		case w == "connection" && s.words(n, i, "limit", "unlimited"):
			any := -1
			c.Limit, i = &any, i+2
		case w == "connection" && s.word(n, i) == "limit":
			i++
			c.Limit, err = number()
		case w == "session" && s.word(n, i) == "timeout":
			i++
			c.Timeout, err = number()
			if err == nil && (*c.Timeout < 60 || *c.Timeout > 1728000) {
				err = &sqlstate.Error{Code: sqlstate.InvalidParameterValue, At: n[i-1].Pos + 1, Message: "SESSION TIMEOUT must be between 60 seconds and 1728000 seconds (20 days)"}
			}
		case w == "reset" && s.words(n, i, "session", "timeout") && s.head == "alter":
			c.Timeout, i = new(int), i+2
		case w == "syslog" && s.word(n, i) == "access" && s.word2(n, i+1, "restricted", "unrestricted"):
			unrestricted := s.word(n, i+1) == "unrestricted"
			c.Unlimit, i = &unrestricted, i+2
		case w == "in" && s.word(n, i) == "group" && s.head == "create":
			c.Groups, i, err = s.names(n, i+1)
		case w == "set" || w == "reset" || w == "externalid":
			err = sqlstate.Unsupported(n[at].Pos, "%s USER … %s", strings.ToUpper(s.head), strings.ToUpper(w))
		default:
			err = s.near(n[at].Token)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
