//go:build cgo

package duck_test

import "testing"

// What the system tells of statements, loads and unloads, it tells to those
// who ran them, and to those who may see all.
func TestOwnRows(t *testing.T) {
	f := start(t)
	f.put(t, "b", "good", "1\n2\n")
	f.put(t, "b", "bad", "x\n")
	const failed = "XX000 Load into table 'sale' failed.*"
	count := func(table string) string { return "select count(*) from " + table }
	steps := []deed{
		{"awsuser", "create user ann password 'Secret123'; create user bob password 'Secret123'; create user eve password 'Secret123' syslog access unrestricted; create table sale (id integer); grant insert, select on sale to ann", "GRANT"},
		{"awsuser", "copy sale from 's3://b/good' iam_role default", "COPY"},
		{"ann", "copy sale from 's3://b/good' iam_role default", "COPY"},
		{"ann", "copy sale from 's3://b/bad' iam_role default", failed},
		{"awsuser", "copy sale from 's3://b/bad' iam_role default", failed},
		{"awsuser", "copy sale from 's3://b/bad' iam_role default", failed},
		{"ann", "unload ('select * from sale') to 's3://b/out/' iam_role default", "UNLOAD"},
		{"ann", "select distinct u.usename from stl_query q join pg_user u on u.usesysid = q.userid", "ann"},
		{"ann", "select user_name from stv_recents group by 1", "ann"},
		{"ann", "select err_reason, userid > 100 from stl_load_errors", "Invalid digit, Value 'x', Pos 0, Type: Integer|t"},
		{"ann", `select count(*) from "STL_LOAD_ERRORS"`, "1"},
		{"ann", "select * from rs.rs_load_errors", denied("rs_load_errors")},
		{"ann", "select * from rs_load_commits", denied("rs_load_commits")},
	}
	for table, want := range map[string][3]string{ // of ann, bob and all
		"stl_load_errors": {"1", "0", "3"}, "sys_load_error_detail": {"1", "0", "3"}, "stl_load_commits": {"1", "0", "2"},
		"sys_load_history": {"2", "0", "5"}, "sys_unload_history": {"1", "0", "1"}, "stv_load_state": {"0", "0", "0"},
		"sys_query_history where query_type = 'COPY'": {"2", "0", "5"}, "stl_querytext where text like 'copy%'": {"2", "0", "5"},
		"svl_statementtext where text like 'copy%'": {"2", "0", "5"}, "stl_ddltext where text like 'create table%'": {"0", "0", "1"},
	} {
		steps = append(steps, deed{"ann", count(table), want[0]}, deed{"bob", count(table), want[1]}, deed{"awsuser", count(table), want[2]}, deed{"eve", count(table), want[2]})
	}
	follow(t, f, steps)
}

// A materialized view is granted, read, refreshed and dropped as a view is.
func TestGrantsOfMaterializedViews(t *testing.T) {
	f := start(t)
	follow(t, f, []deed{
		{"awsuser", "create user ann password 'Secret123'; create user bob password 'Secret123'; create table sale (id integer); insert into sale values (1); create table cost (id integer)", "CREATE TABLE"},
		{"awsuser", "create materialized view total as select count(*) as n from sale", "CREATE MATERIALIZED VIEW"},
		{"ann", "select n from total", denied("total")},
		{"ann", `select * from rs."mv rows public.total"`, denied("mv rows public.total")},
		{"ann", "refresh materialized view total", "42501 must be owner of relation total"},
		{"ann", "drop materialized view total", "42501 must be owner of relation total"},
		{"ann", "create materialized view mine as select id from sale", denied("sale")},
		{"awsuser", "grant select on total to ann; grant select on sale to ann", "GRANT"},
		{"ann", "select n from total", "1"},
		{"ann", "refresh materialized view total", "42501 must be owner of relation total"},
		{"ann", "create materialized view mine as select id from sale", "CREATE MATERIALIZED VIEW"},
		{"ann", "create view over as select id from mine; grant select on over to bob", "GRANT"},
		{"ann", `create view stolen as select * from rs."mv rows public.total"`, denied("mv rows public.total")},
		{"bob", "select id from mine", denied("mine")},
		{"bob", "select id from over", "1"},
		{"ann", "grant select on mine to bob", "GRANT"},
		{"bob", "select id from mine", "1"},
		{"awsuser", "insert into sale values (2)", "INSERT 0 1"},
		{"bob", "refresh materialized view mine", "42501 must be owner of relation mine"},
		{"ann", "refresh materialized view mine; select count(*) from mine", "2"},
		{"awsuser", "revoke select on sale from ann; insert into sale values (3)", "INSERT 0 1"},
		{"ann", "refresh materialized view mine", denied("sale")},
		{"ann", "select count(*) from mine", "2"}, // its rows are there still
		{"awsuser", "refresh materialized view mine; select count(*) from mine", "3"},
		{"awsuser", "select name, owner_user_name from stv_mv_info order by 1", "mine|ann\ntotal|awsuser"},
		{"ann", "drop view over; drop materialized view mine", "DROP MATERIALIZED VIEW"},
		{"bob", "create materialized view mine as select 1 as id", "CREATE MATERIALIZED VIEW"},
		{"ann", "select id from mine", denied("mine")},
		{"awsuser", "revoke create on schema public from public", "REVOKE"},
		{"ann", "create materialized view more as select 1 as id", "42501 permission denied for schema public"},
	})
}
