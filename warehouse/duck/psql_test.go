//go:build cgo

package duck_test

import (
	"os/exec"
	"strings"
	"testing"
)

// The real psql describes what is there.
func TestPsqlDescribes(t *testing.T) {
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("psql is not installed")
	}
	f := start(t)
	run := func(command string) string {
		out, err := exec.Command(psql, f.dsn("secret"), "-X", "-At", "-c", command).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", command, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	run("create table sale (id integer not null, name varchar(20) default 'x', code char(3), price numeric(7,2), at_time timestamp)")
	run("create schema aside; create table aside.plain (id integer)")
	run("create view v as select id, name from sale")
	for _, tc := range []struct{ command, want string }{
		{`\d`, "public|sale|table|awsuser\npublic|v|view|awsuser"},
		{`\dt`, "public|sale|table|awsuser"},
		{`\dt+ aside.plain`, "aside|plain|table|awsuser|permanent|0 bytes|"},
		{`\dv`, "public|v|view|awsuser"},
		{`\dt public.s*`, "public|sale|table|awsuser"},
		{`\d sale`, "id|integer||not null|\nname|character varying(20)|||'x'\ncode|character(3)|||\nprice|numeric(7,2)|||\nat_time|timestamp without time zone|||"},
		{`\dn`, "aside|awsuser\npublic|awsuser"},
		{`\df`, ""},
		{`\di`, "Did not find any relations."},
		{`\du`, "awsuser|Superuser, Create role, Create DB|{}"},
		{`\l`, "dev|awsuser|UTF8|C|C||libc|"},
		{`\db`, ""},
		{"select data_type, character_maximum_length, numeric_precision, numeric_scale from information_schema.columns where table_name = 'sale' order by ordinal_position",
			"integer||32|0\ncharacter varying|20||\ncharacter|3||\nnumeric||7|2\ntimestamp without time zone|||"},
		{"select 'sale'::regclass::oid = (select oid from pg_class where relname = 'sale')", "t"},
		{"select array['a', 'b c', null]", `{a,"b c",NULL}`},
	} {
		if got := run(tc.command); got != tc.want {
			t.Errorf("%s: got\n%s\nwant\n%s", tc.command, got, tc.want)
		}
	}
}

// The real psql describes keys and views, and reads by cursors.
func TestPsqlKeysAndViews(t *testing.T) {
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("psql is not installed")
	}
	f := start(t)
	run := func(script string) string {
		cmd := exec.Command(psql, f.dsn("secret"), "-XqAt")
		cmd.Stdin = strings.NewReader(script)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", script, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	run("create table item (id integer primary key, code varchar(9) unique); create schema aside;")
	run("create table sale (id integer, item integer references item, kind varchar(9), constraint sale_key primary key (id, kind), foreign key (kind) references item (code))")
	run("create view v as select id, -- which\n  item from sale")
	run("create materialized view m as select count(*) as n from sale")
	for _, tc := range []struct{ script, want string }{
		{"\\t off\n\\d sale", `Table "public.sale"
Column|Type|Collation|Nullable|Default
id|integer||not null|
item|integer|||
kind|character varying(9)||not null|
Indexes:
    "sale_key" PRIMARY KEY, btree (id, kind)
Foreign-key constraints:
    "sale_item_fkey" FOREIGN KEY (item) REFERENCES item
    "sale_kind_fkey" FOREIGN KEY (kind) REFERENCES item(code)`},
		{"\\t off\n\\d item", `Table "public.item"
Column|Type|Collation|Nullable|Default
id|integer||not null|
code|character varying(9)|||
Indexes:
    "item_pkey" PRIMARY KEY, btree (id)
    "item_code_key" UNIQUE CONSTRAINT, btree (code)
Referenced by:
    TABLE "sale" CONSTRAINT "sale_item_fkey" FOREIGN KEY (item) REFERENCES item
    TABLE "sale" CONSTRAINT "sale_kind_fkey" FOREIGN KEY (kind) REFERENCES item(code)`},
		{"\\t off\n\\d+ v", `View "public.v"
Column|Type|Collation|Nullable|Default|Storage|Description
id|integer||||plain|
item|integer||||plain|
View definition:
select id, -- which
  item from sale;`},
		{`\sv v`, "CREATE OR REPLACE VIEW public.v AS\nselect id, -- which\n  item from sale"},
		{`\sv m`, "CREATE OR REPLACE VIEW public.m AS\nselect count(*) as n from sale"},
		{`select definition from pg_views where viewname = 'v'`, "select id, -- which\n  item from sale;"},
		{`select pg_get_ruledef(oid) from pg_rewrite where ev_class = 'm'::regclass`, `CREATE RULE "_RETURN" AS ON SELECT TO m DO INSTEAD select count(*) as n from sale;`},
		{`select conname, contype, conkey, confkey, pg_get_constraintdef(oid) from pg_constraint order by conname`, `item_code_key|u|{2}||UNIQUE (code)
item_pkey|p|{1}||PRIMARY KEY (id)
sale_item_fkey|f|{2}||FOREIGN KEY (item) REFERENCES item
sale_key|p|{1,3}||PRIMARY KEY (id, kind)
sale_kind_fkey|f|{3}|{2}|FOREIGN KEY (kind) REFERENCES item(code)`},
		{`select tc.constraint_type, k.column_name from information_schema.table_constraints tc join information_schema.key_column_usage k on k.constraint_name = tc.constraint_name where tc.table_name = 'sale' and tc.constraint_type = 'PRIMARY KEY' order by k.ordinal_position`, "PRIMARY KEY|id\nPRIMARY KEY|kind"},
		{"alter table sale drop constraint sale_item_fkey;\nalter table sale rename column kind to sort;\n\\t off\n\\d sale", `Table "public.sale"
Column|Type|Collation|Nullable|Default
id|integer||not null|
item|integer|||
sort|character varying(9)||not null|
Indexes:
    "sale_key" PRIMARY KEY, btree (id, sort)
Foreign-key constraints:
    "sale_kind_fkey" FOREIGN KEY (sort) REFERENCES item(code)`},
		{"\\set FETCH_COUNT 2\nselect n from generate_series(1, 5) s(n) order by n;\nselect 'x' as a where false;", "1\n2\n3\n4\n5"},
		{"begin;\n\\set FETCH_COUNT 3\nselect n from generate_series(1, 4) s(n) order by n;\ncommit;", "1\n2\n3\n4"},
		{"\\t off\nselect 1 as \"A b\", 2 as Two;", "a b|two\n1|2\n(1 row)"},
		{`\di`, "public|item_code_key|index|awsuser|item\npublic|item_pkey|index|awsuser|item\npublic|sale_key|index|awsuser|sale"},
	} {
		if got := run(tc.script); got != tc.want {
			t.Errorf("%s: got\n%s\nwant\n%s", tc.script, got, tc.want)
		}
	}
}
