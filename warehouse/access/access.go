// Package access decides what the users of a warehouse may do: it holds users,
// groups, roles, owners and grants, as values that never change. What changes
// them gives a new [State].
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_Privileges.html
package access

import (
	"maps"
	"slices"
	"time"
)

// FirstUser is the id of the user that a warehouse is made with. It is a
// superuser that cannot be dropped, and the owner of what has no other.
const FirstUser = 100

// A User may log in.
type User struct {
	ID         int64
	Name       string
	Super      bool // CREATEUSER
	CreateDB   bool
	Limit      int       // connections at a time; -1 is any
	ValidUntil time.Time // the zero value is for ever
	Unrestrict bool      // SYSLOG ACCESS UNRESTRICTED: sees what others run
	Timeout    int       // SESSION TIMEOUT, in seconds; 0 is none
	Verifier   string    // of the password; "" lets nobody in
}

// A Group is a group of users, or a role.
type Group struct {
	ID      int64
	Name    string
	Role    bool
	Users   []int64
	Admins  []int64 // of roles: those of Users who may give it to others
	Members []int64 // of roles: the roles that have it
}

// A Kind tells what an object is.
type Kind string

// The kinds of objects.
const (
	Relation Kind = "r"
	Schema   Kind = "n"
	Database Kind = "d"
)

// An Object is what privileges are given on. Names are lower case; Schema is
// empty but for relations.
type Object struct {
	Kind         Kind
	Schema, Name string
}

// Everybody is the grantee PUBLIC.
const Everybody = 0

// A Grant is one privilege that one user, group or role has.
type Grant struct {
	Object    Object
	To        int64 // of a user or group, or [Everybody]
	Privilege string
	Option    bool // may give it to others
	By        int64
}

// A Default is a privilege that others get on what a user makes.
type Default struct {
	Owner     int64
	Schema    string // "" is any
	To        int64
	Privilege string
	Option    bool
}

// A State is all of it. Its methods change nothing but what Clone returned.
type State struct {
	Users    []User
	Groups   []Group
	Owners   map[Object]int64
	Grants   []Grant
	Defaults []Default
}

// Clone returns a copy that may be changed.
func (s *State) Clone() *State {
	c := &State{Users: slices.Clone(s.Users), Groups: slices.Clone(s.Groups), Owners: maps.Clone(s.Owners), Grants: slices.Clone(s.Grants), Defaults: slices.Clone(s.Defaults)}
	for i := range c.Groups {
		g := &c.Groups[i]
		g.Users, g.Admins, g.Members = slices.Clone(g.Users), slices.Clone(g.Admins), slices.Clone(g.Members)
	}
	if c.Owners == nil {
		c.Owners = map[Object]int64{}
	}
	return c
}

// User returns the user of a name, or nil.
func (s *State) User(name string) *User {
	for i := range s.Users {
		if s.Users[i].Name == name {
			return &s.Users[i]
		}
	}
	return nil
}

// UserID returns the user of an id, or nil.
func (s *State) UserID(id int64) *User {
	for i := range s.Users {
		if s.Users[i].ID == id {
			return &s.Users[i]
		}
	}
	return nil
}

// Group returns the group or role of a name, or nil.
func (s *State) Group(name string, role bool) *Group {
	for i := range s.Groups {
		if s.Groups[i].Name == name && s.Groups[i].Role == role {
			return &s.Groups[i]
		}
	}
	return nil
}

// NextID returns an id that nobody has.
func (s *State) NextID() int64 {
	id := int64(FirstUser)
	for _, u := range s.Users {
		id = max(id, u.ID)
	}
	for _, g := range s.Groups {
		id = max(id, g.ID)
	}
	return id + 1
}

// Owner returns the id of an object's owner.
func (s *State) Owner(o Object) int64 {
	if id, ok := s.Owners[o]; ok {
		return id
	}
	return FirstUser
}

// Grantees returns whose grants a user has: the user's own, those of its groups
// and roles, and everybody's.
func (s *State) Grantees(user int64) map[int64]bool {
	all := map[int64]bool{user: true, Everybody: true}
	for {
		n := len(all)
		for _, g := range s.Groups {
			if slices.Contains(g.Users, user) || slices.ContainsFunc(g.Members, func(id int64) bool { return all[id] }) {
				all[g.ID] = true
			}
		}
		if len(all) == n {
			return all
		}
	}
}

// builtin are privileges that everybody has until they are revoked: to use and
// to fill the schema public, and to make temporary tables. A revocation is kept
// as a grant of the privilege with a minus.
func builtin(o Object, privilege string) bool {
	switch o.Kind {
	case Schema:
		return o.Name == "public" && (privilege == "CREATE" || privilege == "USAGE")
	case Database:
		return privilege == "TEMP"
	}
	return false
}

// Can reports whether a user has a privilege on an object. A superuser has all,
// an owner those on its own.
func (s *State) Can(user int64, o Object, privilege string) bool {
	return s.has(user, o, privilege, false)
}

// CanGrant reports whether a user may give a privilege to others.
func (s *State) CanGrant(user int64, o Object, privilege string) bool {
	return s.has(user, o, privilege, true)
}

// Owns reports whether a user may change or drop an object: it is a superuser,
// or owns the object or its schema.
func (s *State) Owns(user int64, o Object) bool {
	u := s.UserID(user)
	return u != nil && (u.Super || s.Owner(o) == user ||
		o.Kind == Relation && s.Owner(Object{Kind: Schema, Name: o.Schema}) == user && o.Schema != "public")
}

func (s *State) has(user int64, o Object, privilege string, option bool) bool {
	u := s.UserID(user)
	switch {
	case u == nil:
		return false
	case u.Super || s.Owner(o) == user:
		return true
	case !option && builtin(o, privilege) && !s.revoked(o, privilege):
		return true
	}
	mine := s.Grantees(user)
	return slices.ContainsFunc(s.Grants, func(g Grant) bool {
		return g.Object == o && g.Privilege == privilege && mine[g.To] && (g.Option || !option)
	})
}

func (s *State) revoked(o Object, privilege string) bool {
	return slices.ContainsFunc(s.Grants, func(g Grant) bool { return g.Object == o && g.Privilege == "-"+privilege })
}

// Give adds a grant, or its option.
func (s *State) Give(g Grant) {
	if g.To == Everybody && builtin(g.Object, g.Privilege) {
		s.Grants = slices.DeleteFunc(s.Grants, func(x Grant) bool { return x.Object == g.Object && x.Privilege == "-"+g.Privilege })
		return
	}
	for i := range s.Grants {
		if x := &s.Grants[i]; x.Object == g.Object && x.To == g.To && x.Privilege == g.Privilege {
			x.Option = x.Option || g.Option
			return
		}
	}
	s.Grants = append(s.Grants, g)
}

// Take ends a grant, or only its option.
func (s *State) Take(o Object, to int64, privilege string, option bool) {
	if to == Everybody && !option && builtin(o, privilege) && !s.revoked(o, privilege) {
		s.Grants = append(s.Grants, Grant{Object: o, Privilege: "-" + privilege, By: FirstUser})
	}
	if option {
		for i := range s.Grants {
			if x := &s.Grants[i]; x.Object == o && x.To == to && x.Privilege == privilege {
				x.Option = false
			}
		}
		return
	}
	s.Grants = slices.DeleteFunc(s.Grants, func(x Grant) bool { return x.Object == o && x.To == to && x.Privilege == privilege })
}

// Made notes that a user made an object, with the privileges that its defaults
// give to others.
func (s *State) Made(o Object, owner int64) {
	s.Forget(o)
	if owner != FirstUser {
		s.Owners[o] = owner
	}
	if o.Kind != Relation {
		return
	}
	for _, d := range s.Defaults {
		if d.Owner == owner && (d.Schema == "" || d.Schema == o.Schema) {
			s.Give(Grant{Object: o, To: d.To, Privilege: d.Privilege, Option: d.Option, By: owner})
		}
	}
}

// Knows reports whether anything is kept of an object, or of one in a schema.
func (s *State) Knows(o Object) bool {
	about := func(x Object) bool {
		return x == o || o.Kind == Schema && x.Kind == Relation && x.Schema == o.Name
	}
	for x := range s.Owners {
		if about(x) {
			return true
		}
	}
	return slices.ContainsFunc(s.Grants, func(g Grant) bool { return about(g.Object) })
}

// Forget drops what is kept of an object, of a schema with all that it holds.
func (s *State) Forget(o Object) {
	about := func(x Object) bool {
		return x == o || o.Kind == Schema && x.Kind == Relation && x.Schema == o.Name
	}
	maps.DeleteFunc(s.Owners, func(x Object, _ int64) bool { return about(x) })
	s.Grants = slices.DeleteFunc(s.Grants, func(g Grant) bool { return about(g.Object) })
}

// Rename gives an object, of a schema all that it holds too, its new name.
func (s *State) Rename(o Object, name string) {
	moved := func(x Object) Object {
		switch {
		case x == o:
			x.Name = name
		case o.Kind == Schema && x.Kind == Relation && x.Schema == o.Name:
			x.Schema = name
		}
		return x
	}
	owners := map[Object]int64{}
	for x, id := range s.Owners {
		owners[moved(x)] = id
	}
	s.Owners = owners
	for i := range s.Grants {
		s.Grants[i].Object = moved(s.Grants[i].Object)
	}
}

// Holds returns an object that a user owns or has a privilege on, and whether
// there is one: then it cannot be dropped.
func (s *State) Holds(id int64) (Object, bool) {
	for o, owner := range s.Owners {
		if owner == id {
			return o, true
		}
	}
	for _, g := range s.Grants {
		if g.To == id {
			return g.Object, true
		}
	}
	return Object{}, slices.ContainsFunc(s.Defaults, func(d Default) bool { return d.Owner == id || d.To == id })
}
