//go:build cgo

package duck

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"salamander/warehouse/access"
	"salamander/warehouse/dialect"
	"salamander/warehouse/pgwire"
	"salamander/warehouse/sqlstate"
)

// accessSetup makes the tables that keep who may do what. Of a password they
// keep what checks it, never the password.
var accessSetup = [...]string{
	"CREATE TABLE IF NOT EXISTS rs.rs_user (id BIGINT, name VARCHAR, super BOOLEAN, createdb BOOLEAN, conn_limit INTEGER, valid_until TIMESTAMP, unrestricted BOOLEAN, timeout INTEGER, verifier VARCHAR)",
	"CREATE TABLE IF NOT EXISTS rs.rs_group (id BIGINT, name VARCHAR, role BOOLEAN)",
	"CREATE TABLE IF NOT EXISTS rs.rs_member (group_id BIGINT, member BIGINT, role BOOLEAN)",
	"CREATE TABLE IF NOT EXISTS rs.rs_admin (group_id BIGINT, member BIGINT)", // who may give a role to others
	"CREATE TABLE IF NOT EXISTS rs.rs_owner (kind VARCHAR, schema_name VARCHAR, name VARCHAR, owner BIGINT)",
	"CREATE TABLE IF NOT EXISTS rs.rs_grant (kind VARCHAR, schema_name VARCHAR, name VARCHAR, grantee BIGINT, privilege VARCHAR, option BOOLEAN, grantor BIGINT)",
	"CREATE TABLE IF NOT EXISTS rs.rs_default (owner BIGINT, schema_name VARCHAR, grantee BIGINT, privilege VARCHAR, option BOOLEAN)",
	"CREATE TABLE IF NOT EXISTS rs.rs_access (version BIGINT)", // a change of it conflicts with any other
	"INSERT INTO rs.rs_access SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM rs.rs_access)",
}

// firstUser notes the user that a warehouse is made with.
func firstUser(name string) []string {
	n := dialect.QuoteText(name)
	return []string{
		fmt.Sprintf("INSERT INTO rs.rs_user SELECT %d, %s, true, true, -1, NULL, true, 0, NULL WHERE NOT EXISTS (SELECT 1 FROM rs.rs_user WHERE id = %[1]d)", access.FirstUser, n),
		fmt.Sprintf("UPDATE rs.rs_user SET name = %s WHERE id = %d", n, access.FirstUser),
	}
}

// readAccess reads who may do what.
func readAccess(ctx context.Context, c *conn) (*access.State, error) {
	s := (&access.State{}).Clone()
	read := func(sql string, row func(v []string) error) error {
		rows, err := c.query(ctx, sql)
		if err != nil {
			return err
		}
		for _, v := range rows {
			if err := row(v); err != nil {
				return fmt.Errorf("read who may do what: %w", err)
			}
		}
		return nil
	}
	number := func(text string) int64 {
		n, _ := strconv.ParseInt(text, 10, 64) // a column of integers
		return n
	}
	err := read("SELECT id, name, super, createdb, conn_limit, coalesce(epoch_us(valid_until), 0), unrestricted, timeout, coalesce(verifier, '') FROM rs.rs_user ORDER BY id", func(v []string) error {
		u := access.User{ID: number(v[0]), Name: v[1], Super: v[2] == "t", CreateDB: v[3] == "t", Limit: int(number(v[4])), Unrestrict: v[6] == "t", Timeout: int(number(v[7])), Verifier: v[8]}
		if us := number(v[5]); us != 0 {
			u.ValidUntil = time.UnixMicro(us).UTC()
		}
		s.Users = append(s.Users, u)
		return nil
	})
	if err == nil {
		err = read("SELECT id, name, role FROM rs.rs_group ORDER BY id", func(v []string) error {
			s.Groups = append(s.Groups, access.Group{ID: number(v[0]), Name: v[1], Role: v[2] == "t"})
			return nil
		})
	}
	if err == nil {
		err = read("SELECT group_id, member, role FROM rs.rs_member", func(v []string) error {
			for i := range s.Groups {
				if g := &s.Groups[i]; g.ID == number(v[0]) && v[2] == "t" {
					g.Members = append(g.Members, number(v[1]))
				} else if g.ID == number(v[0]) {
					g.Users = append(g.Users, number(v[1]))
				}
			}
			return nil
		})
	}
	if err == nil {
		err = read("SELECT group_id, member FROM rs.rs_admin", func(v []string) error {
			for i := range s.Groups {
				if g := &s.Groups[i]; g.ID == number(v[0]) {
					g.Admins = append(g.Admins, number(v[1]))
				}
			}
			return nil
		})
	}
	if err == nil {
		err = read("SELECT kind, schema_name, name, owner FROM rs.rs_owner", func(v []string) error {
			s.Owners[access.Object{Kind: access.Kind(v[0]), Schema: v[1], Name: v[2]}] = number(v[3])
			return nil
		})
	}
	if err == nil {
		err = read("SELECT kind, schema_name, name, grantee, privilege, option, grantor FROM rs.rs_grant", func(v []string) error {
			s.Grants = append(s.Grants, access.Grant{Object: access.Object{Kind: access.Kind(v[0]), Schema: v[1], Name: v[2]}, To: number(v[3]), Privilege: v[4], Option: v[5] == "t", By: number(v[6])})
			return nil
		})
	}
	if err == nil {
		err = read("SELECT owner, schema_name, grantee, privilege, option FROM rs.rs_default", func(v []string) error {
			s.Defaults = append(s.Defaults, access.Default{Owner: number(v[0]), Schema: v[1], To: number(v[2]), Privilege: v[3], Option: v[4] == "t"})
			return nil
		})
	}
	return s, err
}

// rights are who may do what, as the session's transaction sees it.
func (s *session) rights() *access.State {
	if s.changed != nil {
		return s.changed
	}
	return s.e.access.Load()
}

// saveRights keeps a change of who may do what, until the transaction ends.
// Two transactions that change it at a time conflict.
func (s *session) saveRights(ctx context.Context, to *access.State) error {
	q := dialect.QuoteText
	insert := func(table string, rows []string) []string {
		all := []string{"DELETE FROM rs." + table}
		if len(rows) > 0 {
			all = append(all, "INSERT INTO rs."+table+" VALUES "+strings.Join(rows, ", "))
		}
		return all
	}
	var users, groups, members, admins, owners, grants, defaults []string
	for _, u := range to.Users {
		until, verifier := "NULL", "NULL"
		if !u.ValidUntil.IsZero() {
			until = "TIMESTAMP '" + u.ValidUntil.UTC().Format("2006-01-02 15:04:05.999999") + "'"
		}
		if u.Verifier != "" {
			verifier = q(u.Verifier)
		}
		users = append(users, fmt.Sprintf("(%d, %s, %t, %t, %d, %s, %t, %d, %s)", u.ID, q(u.Name), u.Super, u.CreateDB, u.Limit, until, u.Unrestrict, u.Timeout, verifier))
	}
	for _, g := range to.Groups {
		groups = append(groups, fmt.Sprintf("(%d, %s, %t)", g.ID, q(g.Name), g.Role))
		for _, id := range g.Users {
			members = append(members, fmt.Sprintf("(%d, %d, false)", g.ID, id))
		}
		for _, id := range g.Admins {
			admins = append(admins, fmt.Sprintf("(%d, %d)", g.ID, id))
		}
		for _, id := range g.Members {
			members = append(members, fmt.Sprintf("(%d, %d, true)", g.ID, id))
		}
	}
	for o, id := range to.Owners {
		owners = append(owners, fmt.Sprintf("(%s, %s, %s, %d)", q(string(o.Kind)), q(o.Schema), q(o.Name), id))
	}
	for _, g := range to.Grants {
		grants = append(grants, fmt.Sprintf("(%s, %s, %s, %d, %s, %t, %d)", q(string(g.Object.Kind)), q(g.Object.Schema), q(g.Object.Name), g.To, q(g.Privilege), g.Option, g.By))
	}
	for _, d := range to.Defaults {
		defaults = append(defaults, fmt.Sprintf("(%d, %s, %d, %s, %t)", d.Owner, q(d.Schema), d.To, q(d.Privilege), d.Option))
	}
	all := []string{"UPDATE rs.rs_access SET version = version + 1"}
	for _, t := range []struct {
		table string
		rows  []string
	}{{"rs_user", users}, {"rs_group", groups}, {"rs_member", members}, {"rs_admin", admins}, {"rs_owner", owners}, {"rs_grant", grants}, {"rs_default", defaults}} {
		all = append(all, insert(t.table, t.rows)...)
	}
	for _, sql := range all {
		if _, err := s.c.exec(ctx, sql); err != nil {
			return translate(err, nil, nil)
		}
	}
	s.changed, s.wrote = to, true
	return nil
}

// me is the user whose rights the session has, or nil where that one was
// dropped.
func (s *session) me() *access.User { return s.rights().UserID(s.user) }

func (s *session) super() bool {
	u := s.me()
	return u != nil && u.Super
}

// name is the current user's.
func (s *session) userName() string {
	if u := s.me(); u != nil {
		return u.Name
	}
	return s.start.User
}

// Verifier returns what checks a user's password. It returns false for a user
// who cannot log in.
func (e *engine) Verifier(name string) (pgwire.Verifier, bool) {
	u := e.access.Load().User(name)
	if u == nil || !u.ValidUntil.IsZero() && time.Now().After(u.ValidUntil) {
		return pgwire.Verifier{}, false
	}
	text := u.Verifier
	if u.ID == access.FirstUser {
		text = string(e.cfg.Verifier)
	}
	var v pgwire.Verifier
	if text == "" || json.Unmarshal([]byte(text), &v) != nil {
		return pgwire.Verifier{}, false
	}
	return v, true
}

// object names a relation, where its schema is not given one of public.
func object(name dialect.Name) access.Object {
	o := access.Object{Kind: access.Relation, Schema: strings.ToLower(name.Schema), Name: strings.ToLower(name.Table)}
	if o.Schema == "" {
		o.Schema = "public"
	}
	return o
}

func schemaObject(name string) access.Object {
	return access.Object{Kind: access.Schema, Name: strings.ToLower(name)}
}

func (s *session) database() access.Object {
	return access.Object{Kind: access.Database, Name: strings.ToLower(s.e.cfg.Database)}
}

func denied(kind, name string) *sqlstate.Error {
	return sqlstate.Errorf(sqlstate.InsufficientPrivilege, "permission denied for %s %s", kind, name)
}

func mustOwn(o access.Object) *sqlstate.Error {
	kind := map[access.Kind]string{access.Relation: "relation", access.Schema: "schema", access.Database: "database"}[o.Kind]
	return sqlstate.Errorf(sqlstate.InsufficientPrivilege, "must be owner of %s %s", kind, o.Name)
}
