//go:build cgo

package duck

import (
	"context"
	"slices"
	"strings"

	"salamander/warehouse/access"
	"salamander/warehouse/dialect"
	"salamander/warehouse/pgwire"
	"salamander/warehouse/sqlstate"
)

// allPrivileges are what ALL means on each kind of object.
var allPrivileges = map[access.Kind][]string{
	access.Relation: {"SELECT", "INSERT", "UPDATE", "DELETE", "DROP", "REFERENCES", "ALTER", "TRUNCATE", "RULE", "TRIGGER"},
	access.Schema:   {"CREATE", "USAGE", "ALTER", "DROP"},
	access.Database: {"CREATE", "TEMP"},
}

// grantees returns the ids of those whom a statement names.
func grantees(g *dialect.GrantChange, to *access.State) ([]int64, error) {
	var ids []int64
	for _, who := range g.To {
		switch who.Kind {
		case "public":
			ids = append(ids, access.Everybody)
		case "user":
			u := to.User(who.Name)
			if u == nil {
				return nil, noSuch("user", who.Name, who.At)
			}
			ids = append(ids, u.ID)
		default:
			group := to.Group(who.Name, who.Kind == "role")
			if group == nil {
				return nil, noSuch(who.Kind, who.Name, who.At)
			}
			ids = append(ids, group.ID)
		}
	}
	return ids, nil
}

// grant runs GRANT, REVOKE and ALTER DEFAULT PRIVILEGES.
func (s *session) grant(ctx context.Context, g *dialect.GrantChange, to *access.State, w *pgwire.Writer) error {
	ids, err := grantees(g, to)
	if err != nil {
		return err
	}
	switch {
	case g.On == "role":
		return s.grantRoles(g, to, ids)
	case g.Defaults:
		return s.defaults(ctx, g, to, ids)
	}
	objects, err := s.granted(ctx, g)
	if err != nil {
		return err
	}
	for _, o := range objects {
		all := g.Privileges
		if all == nil {
			all = allPrivileges[o.Kind]
		}
		var may []string
		for _, p := range all {
			if to.CanGrant(s.user, o, p) {
				may = append(may, p)
			}
		}
		switch {
		case len(may) == 0:
			return denied(map[access.Kind]string{access.Relation: "relation", access.Schema: "schema", access.Database: "database"}[o.Kind], o.Name)
		case len(may) < len(all) && g.Privileges != nil:
			w.Notice(sqlstate.Notice{Severity: "WARNING", Code: "01007", Message: "not all privileges were granted for \"" + o.Name + "\""})
		}
		for _, id := range ids {
			for _, p := range may {
				if g.Revoke {
					to.Take(o, id, p, g.OptionOnly)
				} else {
					to.Give(access.Grant{Object: o, To: id, Privilege: p, Option: g.Option, By: s.user})
				}
			}
		}
	}
	return nil
}

// granted returns the objects that a GRANT or REVOKE is on.
func (s *session) granted(ctx context.Context, g *dialect.GrantChange) ([]access.Object, error) {
	var objects []access.Object
	if g.On == "database" {
		for _, name := range g.Names {
			if !strings.EqualFold(name, s.e.cfg.Database) {
				return nil, sqlstate.Errorf(sqlstate.InvalidCatalog, "database \"%s\" does not exist", name)
			}
			objects = append(objects, s.database())
		}
		return objects, nil
	}
	for _, name := range g.Names {
		q := dialect.QuoteText(name)
		rows, err := s.c.query(ctx, "SELECT schema_name FROM duckdb_schemas() WHERE database_name = current_database() AND lower(schema_name) = lower("+q+") AND schema_name NOT IN ('rs', 'main')")
		if err != nil {
			return nil, translate(err, nil, nil)
		}
		if len(rows) == 0 {
			return nil, sqlstate.Errorf(sqlstate.InvalidSchema, "schema \"%s\" does not exist", name)
		}
		if g.On == "schema" {
			objects = append(objects, schemaObject(name))
			continue
		}
		rows, err = s.c.query(ctx, "SELECT relname FROM rs.rs_relations WHERE lower(schema_name) = lower("+q+")")
		if err != nil {
			return nil, translate(err, nil, nil)
		}
		for _, r := range rows {
			objects = append(objects, object(dialect.Name{Schema: name, Table: r[0]}))
		}
	}
	for i, name := range g.Tables {
		all, err := s.relations(ctx, []dialect.Name{name})
		if err != nil {
			return nil, err
		}
		j := judge{s: s, state: s.rights(), user: s.user}
		found := slices.DeleteFunc(j.found(name, all), func(r relation) bool { return r.schema == "rs" || r.schema == "main" })
		if len(found) == 0 {
			return nil, &sqlstate.Error{Code: sqlstate.UndefinedTable, Message: "relation \"" + name.Table + "\" does not exist", At: g.At[i]}
		}
		best := found[0]
		for _, schema := range s.path() { // the first one of the path is meant
			if k := slices.IndexFunc(found, func(r relation) bool { return strings.EqualFold(r.schema, schema) }); name.Schema == "" && k >= 0 {
				best = found[k]
				break
			}
		}
		objects = append(objects, object(dialect.Name{Schema: best.schema, Table: best.name}))
	}
	return objects, nil
}

// grantRoles gives roles to users and roles, and takes them. Superusers may,
// and for one role those who have it WITH ADMIN OPTION.
func (s *session) grantRoles(g *dialect.GrantChange, to *access.State, ids []int64) error {
	for _, name := range g.Names {
		role := to.Group(name, true)
		switch {
		case role == nil && s.super():
			return noSuch("role", name, 0)
		case !s.super() && (role == nil || !slices.Contains(role.Admins, s.user)):
			verb := "grant"
			if g.Revoke {
				verb = "revoke"
			}
			return sqlstate.Errorf(sqlstate.InsufficientPrivilege, "permission denied to %s role \"%s\"", verb, name)
		}
		for i, id := range ids {
			list := &role.Users
			switch g.To[i].Kind {
			case "role":
				if id == role.ID || to.Grantees(role.ID)[id] {
					return sqlstate.Errorf(sqlstate.InvalidGrant, "role \"%s\" is a member of role \"%s\"", name, g.To[i].Name)
				}
				list = &role.Members
			case "user":
			default:
				return sqlstate.Errorf(sqlstate.InvalidGrant, "roles can only be granted to users and roles")
			}
			is := func(x int64) bool { return x == id }
			if g.Revoke && g.To[i].Kind == "user" {
				role.Admins = slices.DeleteFunc(role.Admins, is)
			}
			if g.OptionOnly {
				continue
			}
			*list = slices.DeleteFunc(*list, is)
			if !g.Revoke {
				*list = append(*list, id)
			}
			if g.Option && !slices.Contains(role.Admins, id) {
				role.Admins = append(role.Admins, id)
			}
		}
	}
	return nil
}

// defaults runs ALTER DEFAULT PRIVILEGES.
func (s *session) defaults(ctx context.Context, g *dialect.GrantChange, to *access.State, ids []int64) error {
	owners := []int64{s.user}
	if g.For != nil {
		owners = nil
		for _, name := range g.For {
			u := to.User(name)
			if u == nil {
				return noSuch("user", name, 0)
			}
			if u.ID != s.user && !s.super() {
				return sqlstate.Errorf(sqlstate.InsufficientPrivilege, "permission denied to alter the default privileges of \"%s\"", name)
			}
			owners = append(owners, u.ID)
		}
	}
	schemas := []string{""}
	if g.In != nil {
		schemas = nil
		check := &dialect.GrantChange{On: "schema", Names: g.In}
		objects, err := s.granted(ctx, check)
		if err != nil {
			return err
		}
		for _, o := range objects {
			schemas = append(schemas, o.Name)
		}
	}
	all := g.Privileges
	if all == nil {
		all = allPrivileges[access.Relation]
	}
	for _, owner := range owners {
		for _, schema := range schemas {
			for _, id := range ids {
				for _, p := range all {
					d := access.Default{Owner: owner, Schema: schema, To: id, Privilege: p, Option: g.Option}
					had := len(to.Defaults)
					to.Defaults = slices.DeleteFunc(to.Defaults, func(x access.Default) bool {
						return x.Owner == d.Owner && x.Schema == d.Schema && x.To == d.To && x.Privilege == d.Privilege
					})
					if !g.Revoke || g.OptionOnly && len(to.Defaults) < had {
						to.Defaults = append(to.Defaults, d)
					}
				}
			}
		}
	}
	return nil
}

// changeOwner runs ALTER TABLE and SCHEMA … OWNER TO.
func (s *session) changeOwner(ctx context.Context, c *dialect.OwnerChange) error {
	if err := s.begin(ctx); err != nil {
		return translate(err, nil, nil)
	}
	if err := s.e.gate.enter(ctx); err != nil {
		return err
	}
	defer s.e.gate.leave()
	g := &dialect.GrantChange{On: "table", Tables: []dialect.Name{c.Name}, At: []int{0}}
	if c.Schema {
		g = &dialect.GrantChange{On: "schema", Names: []string{c.Name.Table}}
	}
	objects, err := s.granted(ctx, g)
	if err != nil {
		return err
	}
	to := s.rights().Clone()
	owner := to.User(c.Owner)
	if c.Owner == "current_user" {
		owner = to.UserID(s.user)
	}
	if owner == nil {
		return noSuch("user", c.Owner, c.At)
	}
	for _, o := range objects {
		if !to.Owns(s.user, o) {
			return mustOwn(o)
		}
		if !s.super() && owner.ID != s.user {
			return sqlstate.Errorf(sqlstate.InsufficientPrivilege, "must be superuser to change owner to \"%s\"", c.Owner)
		}
		delete(to.Owners, o)
		if owner.ID != access.FirstUser {
			to.Owners[o] = owner.ID
		}
	}
	return s.saveRights(ctx, to)
}
