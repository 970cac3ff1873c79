//go:build cgo

package duck

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"salamander/warehouse/access"
	"salamander/warehouse/dialect"
	"salamander/warehouse/pgwire"
	"salamander/warehouse/sqlstate"
)

// accessStatement runs CREATE, ALTER and DROP of users, groups and roles, and
// GRANT, REVOKE and ALTER DEFAULT PRIVILEGES.
func (s *session) accessStatement(ctx context.Context, st *dialect.Statement, w *pgwire.Writer) error {
	if err := s.begin(ctx); err != nil {
		return translate(err, st, nil)
	}
	if err := s.e.gate.enter(ctx); err != nil {
		return err
	}
	defer s.e.gate.leave()
	to := s.rights().Clone()
	var err error
	if st.Kind == dialect.Grant || st.Tag == "ALTER DEFAULT PRIVILEGES" {
		var g *dialect.GrantChange
		if g, err = st.GrantChange(); err == nil {
			err = s.grant(ctx, g, to, w)
		}
	} else {
		var c *dialect.UserChange
		if c, err = st.UserChange(); err == nil {
			err = s.changeUser(c, to, w)
		}
	}
	if err != nil {
		return err
	}
	return s.saveRights(ctx, to)
}

func noSuch(object, name string, at int) error {
	return &sqlstate.Error{Code: sqlstate.UndefinedObject, Message: object + " \"" + name + "\" does not exist", At: at}
}

func taken(object, name string, at int) error {
	return &sqlstate.Error{Code: sqlstate.DuplicateObject, Message: object + " \"" + name + "\" already exists", At: at}
}

// changeUser changes users, groups and roles.
func (s *session) changeUser(c *dialect.UserChange, to *access.State, w *pgwire.Writer) error {
	ownPassword := c.Verb == "alter" && c.Object == "user" && c.Names[0] == s.userName() && (c.Password != nil || c.Disabled) &&
		c.CreateDB == nil && c.Super == nil && c.Limit == nil && c.Until == nil && c.Unlimit == nil && c.Timeout == nil && c.Rename == ""
	if !s.super() && !ownPassword {
		if c.Verb == "create" {
			return sqlstate.Errorf(sqlstate.InsufficientPrivilege, "permission denied to create %s", c.Object)
		}
		return sqlstate.Errorf(sqlstate.InsufficientPrivilege, "permission denied to %s %s", c.Verb, c.Object)
	}
	if c.Object != "user" {
		return s.changeGroup(c, to, w)
	}
	switch c.Verb {
	case "drop":
		return s.dropUsers(c, to, w)
	case "create":
		name := c.Names[0]
		if to.User(name) != nil {
			return taken("user", name, c.At[0])
		}
		if name == "public" || name == "default" {
			return &sqlstate.Error{Code: sqlstate.SyntaxError, Message: "user name \"" + name + "\" is reserved", At: c.At[0]}
		}
		if c.Password == nil && !c.Disabled {
			return &sqlstate.Error{Code: sqlstate.SyntaxError, Message: "CREATE USER requires PASSWORD", At: c.At[0]}
		}
		to.Users = append(to.Users, access.User{ID: to.NextID(), Name: name, Limit: -1})
		for _, g := range c.Groups {
			group := to.Group(g, false)
			if group == nil {
				return noSuch("group", g, 0)
			}
			group.Users = append(group.Users, to.User(name).ID)
		}
	}
	u := to.User(c.Names[0])
	if u == nil {
		return noSuch("user", c.Names[0], c.At[0])
	}
	return s.alterUser(c, to, u)
}

// alterUser sets what a statement says of a user.
func (s *session) alterUser(c *dialect.UserChange, to *access.State, u *access.User) error {
	if u.ID == access.FirstUser && (c.Password != nil || c.Disabled || c.Rename != "" || c.Super != nil && !*c.Super || c.Until != nil) {
		return &sqlstate.Error{Code: sqlstate.FeatureNotSupported, Message: "changing the password, the name or the rank of \"" + u.Name + "\" is not supported by the embedded warehouse",
			Hint: "Its password is the cluster's: ModifyCluster changes it."}
	}
	if c.Rename != "" {
		if to.User(c.Rename) != nil {
			return taken("user", c.Rename, 0)
		}
		u.Name = c.Rename
		return nil
	}
	if c.Disabled {
		u.Verifier = ""
	}
	if c.Password != nil {
		verifier, err := verifierOf(*c.Password)
		if err != nil {
			return err
		}
		u.Verifier = verifier
	}
	if c.CreateDB != nil {
		u.CreateDB = *c.CreateDB
	}
	if c.Super != nil {
		u.Super = *c.Super
	}
	if c.Limit != nil {
		u.Limit = *c.Limit
	}
	if c.Unlimit != nil {
		u.Unrestrict = *c.Unlimit
	}
	if c.Timeout != nil {
		u.Timeout = *c.Timeout
	}
	if c.Until == nil {
		return nil
	}
	if strings.EqualFold(*c.Until, "infinity") {
		u.ValidUntil = time.Time{}
		return nil
	}
	for _, layout := range []string{"2006-01-02 15:04:05.999999Z07:00", "2006-01-02 15:04:05.999999-07", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.Parse(layout, *c.Until); err == nil {
			u.ValidUntil = t.UTC()
			return nil
		}
	}
	return sqlstate.Errorf(sqlstate.InvalidDatetime, "invalid input syntax for type timestamp: \"%s\"", *c.Until)
}

// verifierOf returns what checks a password, as it is kept.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_USER.html
func verifierOf(password string) (string, error) {
	if strings.HasPrefix(password, "md5") && len(password) == 35 || strings.HasPrefix(password, "sha256|") {
		return "", &sqlstate.Error{Code: sqlstate.FeatureNotSupported, Message: "a hashed password is not supported by the embedded warehouse", Hint: "It checks passwords by SCRAM-SHA-256, which needs the password itself once."}
	}
	upper, lower, digit := false, false, false
	for _, c := range []byte(password) {
		upper, lower, digit = upper || c >= 'A' && c <= 'Z', lower || c >= 'a' && c <= 'z', digit || c >= '0' && c <= '9'
		if c < 33 || c > 126 || strings.IndexByte(`'"\/@`, c) >= 0 {
			return "", sqlstate.Errorf(sqlstate.InvalidPassword, "password must not contain blanks, quotes, \\, / or @, nor anything but printable ASCII")
		}
	}
	switch {
	case len(password) < 8 || len(password) > 64:
		return "", sqlstate.Errorf(sqlstate.InvalidPassword, "password must have 8 to 64 characters")
	case !upper || !lower || !digit:
		return "", sqlstate.Errorf(sqlstate.InvalidPassword, "password must contain an upper case letter, a lower case letter and a number")
	}
	v, err := pgwire.NewVerifier(password)
	if err != nil {
		return "", err
	}
	b, err := json.Marshal(v)
	return string(b), err
}

func (s *session) dropUsers(c *dialect.UserChange, to *access.State, w *pgwire.Writer) error {
	for i, name := range c.Names {
		u := to.User(name)
		if u == nil {
			if !c.Exists {
				return noSuch("user", name, c.At[i])
			}
			w.Notice(sqlstate.Notice{Severity: "INFO", Code: "00000", Message: "User \"" + name + "\" does not exist and will be skipped"})
			continue
		}
		switch {
		case u.ID == s.user || u.ID == s.login:
			return &sqlstate.Error{Code: sqlstate.ObjectInUse, Message: "current user cannot be dropped", At: c.At[i]}
		case u.ID == access.FirstUser:
			return &sqlstate.Error{Code: sqlstate.DependentObjects, Message: "user \"" + name + "\" cannot be dropped because the database system requires it", At: c.At[i]}
		}
		if o, held := to.Holds(u.ID); held {
			return &sqlstate.Error{Code: sqlstate.DependentObjects, At: c.At[i], Message: "user \"" + name + "\" cannot be dropped because some objects depend on it", Detail: heldDetail(o)}
		}
		for k := range to.Groups {
			g := &to.Groups[k]
			g.Users = slices.DeleteFunc(g.Users, func(id int64) bool { return id == u.ID })
			g.Admins = slices.DeleteFunc(g.Admins, func(id int64) bool { return id == u.ID })
		}
		id := u.ID
		to.Users = slices.DeleteFunc(to.Users, func(x access.User) bool { return x.ID == id })
	}
	return nil
}

func heldDetail(o access.Object) string {
	switch o.Kind {
	case access.Relation:
		return "owner of, or privileges on, relation " + o.Schema + "." + o.Name
	case access.Schema:
		return "owner of, or privileges on, schema " + o.Name
	case access.Database:
		return "privileges on database " + o.Name
	}
	return "default privileges"
}

func (s *session) changeGroup(c *dialect.UserChange, to *access.State, w *pgwire.Writer) error {
	role := c.Object == "role"
	if c.Verb == "create" {
		if to.Group(c.Names[0], role) != nil {
			return taken(c.Object, c.Names[0], c.At[0])
		}
		to.Groups = append(to.Groups, access.Group{ID: to.NextID(), Name: c.Names[0], Role: role})
	}
	for i, name := range c.Names {
		g := to.Group(name, role)
		if g == nil {
			if c.Exists {
				w.Notice(sqlstate.Notice{Severity: "INFO", Code: "00000", Message: strings.ToUpper(c.Object[:1]) + c.Object[1:] + " \"" + name + "\" does not exist and will be skipped"})
				continue
			}
			return noSuch(c.Object, name, c.At[i])
		}
		switch {
		case c.Verb == "drop":
			if err := dropGroup(c, to, g); err != nil {
				return err
			}
			continue
		case c.Rename != "":
			if to.Group(c.Rename, role) != nil {
				return taken(c.Object, c.Rename, 0)
			}
			g.Name = c.Rename
		}
		for _, name := range append(slices.Clone(c.Add), c.Remove...) {
			u := to.User(name)
			if u == nil {
				return noSuch("user", name, 0)
			}
			g.Users = slices.DeleteFunc(g.Users, func(id int64) bool { return id == u.ID })
			if slices.Contains(c.Add, name) {
				g.Users = append(g.Users, u.ID)
			}
		}
	}
	return nil
}

func dropGroup(c *dialect.UserChange, to *access.State, g *access.Group) error {
	id := g.ID
	if c.Force {
		to.Grants = slices.DeleteFunc(to.Grants, func(x access.Grant) bool { return x.To == id })
		g.Users, g.Admins = nil, nil
	}
	if o, held := to.Holds(id); held {
		return &sqlstate.Error{Code: sqlstate.DependentObjects, Message: c.Object + " \"" + g.Name + "\" cannot be dropped because some objects depend on it", Detail: heldDetail(o)}
	}
	if g.Role && len(g.Users) > 0 {
		return &sqlstate.Error{Code: sqlstate.DependentObjects, Message: "role \"" + g.Name + "\" cannot be dropped because it is granted to users", Hint: "DROP ROLE … FORCE revokes it first."}
	}
	for k := range to.Groups {
		to.Groups[k].Members = slices.DeleteFunc(to.Groups[k].Members, func(m int64) bool { return m == id })
	}
	to.Groups = slices.DeleteFunc(to.Groups, func(x access.Group) bool { return x.ID == id })
	return nil
}

// setUser runs SET SESSION AUTHORIZATION, which a superuser may.
func (s *session) setUser(name string, w *pgwire.Writer) error {
	to := s.rights().UserID(s.login)
	if name != "" {
		login := to
		if to = s.rights().User(name); to == nil {
			return noSuch("user", name, 0)
		}
		if (login == nil || !login.Super) && to != login {
			return sqlstate.Errorf(sqlstate.InsufficientPrivilege, "permission denied to set session authorization")
		}
	}
	if to == nil {
		return noSuch("user", s.start.User, 0)
	}
	return s.become(to, w)
}

// become gives the session the rights of a user.
func (s *session) become(u *access.User, w *pgwire.Writer) error {
	s.user = u.ID
	s.settings["session_authorization"], s.settings["is_superuser"] = u.Name, onOff(u.Super)
	if err := s.variable(context.Background(), "rs_user", []string{u.Name}); err != nil {
		return err
	}
	if w != nil {
		w.Status("session_authorization", u.Name)
		w.Status("is_superuser", onOff(u.Super))
	}
	return nil
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
