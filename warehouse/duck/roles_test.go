//go:build cgo

package duck_test

import (
	"context"
	"testing"
)

// Who has a role WITH ADMIN OPTION may give it to others, and take it, as long
// as the option lasts; nobody else may but superusers.
func TestAdminOption(t *testing.T) {
	dir, objs := t.TempDir(), t.TempDir()
	f := startIn(t, dir, objs)
	follow(t, f, []deed{
		{"awsuser", "create user ann password 'Secret123'; create user bob password 'Secret123'; create user eve password 'Secret123'", "CREATE USER"},
		{"awsuser", "create table item (id integer); insert into item values (7); create role reader; create role other; create role third; grant select on item to role reader", "GRANT"},
		{"awsuser", "grant role reader to ann", "GRANT"},
		{"ann", "grant role reader to bob", "42501 permission denied to grant role \"reader\""},
		{"ann", "grant role nothing to bob", "42501 permission denied to grant role \"nothing\""},
		{"awsuser", "grant role nothing to bob", "42704 role \"nothing\" does not exist"},
		{"awsuser", "grant role reader to ann with admin option", "GRANT"},
		{"ann", "grant role other to bob", "42501 permission denied to grant role \"other\""},
		{"ann", "grant role reader to bob with admin option; grant role reader to role third", "GRANT"},
		{"bob", "select id from item; grant role reader to eve", "GRANT"},
		{"eve", "select id from item", "7"},
		{"eve", "revoke role reader from bob", "42501 permission denied to revoke role \"reader\""},
		{"awsuser", "select user_name, role_name, admin_option from svv_user_grants order by 1", "ann|reader|t\nbob|reader|t\neve|reader|f"},
		{"bob", "revoke role reader from eve", "REVOKE"},
		{"eve", "select id from item", denied("item")},
		{"awsuser", "revoke admin option for role reader from bob", "REVOKE"},
		{"bob", "select id from item", "7"},
		{"bob", "grant role reader to eve", "42501 permission denied to grant role \"reader\""},
		{"awsuser", "grant role reader to bob", "GRANT"}, // gives no option, and takes none
		{"bob", "grant role reader to eve", "42501 permission denied to grant role \"reader\""},
		{"awsuser", "grant role reader to role other with admin option", "0LP01 admin options can only be granted to users"},
		{"awsuser", "grant role reader to bob with grant option", "42601 *"},
		{"awsuser", "grant select on item to bob with admin option", "42601 *"},
		{"awsuser", "revoke grant option for role reader from bob", "42601 *"},
		{"awsuser", "revoke admin option for select on item from bob", "42601 *"},
		{"awsuser", "alter default privileges revoke grant option for select on tables from eve; create table fresh (id integer)", "CREATE TABLE"},
		{"eve", "select * from fresh", denied("fresh")},
	})
	if err := f.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	f = startIn(t, dir, objs)
	follow(t, f, []deed{
		{"ann", "grant role reader to eve", "GRANT"},
		{"bob", "grant role reader to eve", "42501 permission denied to grant role \"reader\""},
		{"awsuser", "revoke role reader from ann", "REVOKE"},
		{"ann", "grant role reader to eve", "42501 permission denied to grant role \"reader\""},
		{"awsuser", "grant role reader to ann", "GRANT"},
		{"ann", "grant role reader to eve", "42501 permission denied to grant role \"reader\""},
	})
}
