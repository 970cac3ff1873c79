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
