//go:build cgo

package duck_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// UNLOAD writes what COPY reads back.
func TestUnload(t *testing.T) {
	f := start(t)
	c := f.connect(t)
	ctx := context.Background()
	run := func(sql string) error {
		_, err := c.Exec(ctx, sql).ReadAll()
		return err
	}
	must := func(sql string) {
		t.Helper()
		if err := run(sql); err != nil {
			t.Fatal(sql, err)
		}
	}
	f.put(t, "b", "other", "x")
	must("create table sale (id integer, name varchar(20), price numeric(7,2), wide numeric(30,3), sold date, at_time timestamp, ok boolean)")
	must(`insert into sale values (1, 'a|"b",c', -1.50, -12345678901234567890.125, '2026-03-01', '2026-03-01 10:11:12.5', true), (2, null, null, null, null, null, null), (3, 'é', 0, 0, '1969-12-31', '1969-12-31 00:00:00', false)`)
	read := func(key string) string {
		b, err := os.ReadFile(filepath.Join(f.objs, "b", key))
		if err != nil {
			t.Error(err)
			return ""
		}
		return string(b)
	}
	all := "unload ('select * from sale order by id') to 's3://b/"
	must(all + "text/' iam_role default delimiter ';' header manifest")
	if got, want := read("text/0000_part_00"), "id;name;price;wide;sold;at_time;ok\n1;a|\"b\",c;-1.50;-12345678901234567890.125;2026-03-01;2026-03-01 10:11:12.5;t\n2;;;;;;\n3;é;0.00;0.000;1969-12-31;1969-12-31 00:00:00;f\n"; got != want {
		t.Errorf("text: got\n%s\nwant\n%s", got, want)
	}
	if got := read("text/manifest"); !strings.Contains(got, `"url": "s3://b/text/0000_part_00"`) {
		t.Errorf("manifest: got %s", got)
	}
	must(all + "verbose/' credentials 'aws_iam_role=x' manifest verbose region 'x' partition by (id)")
	for _, want := range []string{`"content_length": `, `"record_count": 3`, `"base": "character varying"`, `"name": "sold"`, `"version": "1.0.0"`} {
		if got := read("verbose/manifest"); !strings.Contains(got, want) {
			t.Errorf("manifest: got %s; want %s", got, want)
		}
	}
	must(all + "csv' iam_role default format csv parallel off")
	if got, want := strings.Split(read("csv000"), "\n")[0], `1,"a|""b"",c",-1.50,-12345678901234567890.125,2026-03-01,2026-03-01 10:11:12.5,t`; got != want {
		t.Errorf("csv: got %s; want %s", got, want)
	}
	must(all + "json/' iam_role default format json")
	if got, want := strings.Split(read("json/0000_part_00.json"), "\n")[0], `{"id":1,"name":"a|\"b\",c","price":-1.50,"wide":-12345678901234567890.125,"sold":"2026-03-01","at_time":"2026-03-01 10:11:12.5","ok":true}`; got != want {
		t.Errorf("json: got %s; want %s", got, want)
	}
	must(all + "gz/' iam_role default gzip addquotes null as 'NIL' escape")
	z, err := gzip.NewReader(strings.NewReader(read("gz/0000_part_00.gz")))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil || !strings.HasPrefix(string(b), `"1"|"a\|\"b\",c"|`) || !strings.Contains(string(b), "\"2\"|NIL|NIL") {
		t.Errorf("gzip: got %s, %v", b, err)
	}
	must(all + "parquet/' iam_role default parquet")
	must("unload ('select id, name, ok from sale') to 's3://b/parts' iam_role default partition by (ok) csv")
	if got := read("parts/ok=t/0000_part_00"); got != "1,\"a|\"\"b\"\",c\"\n" {
		t.Errorf("partition: got %q", got)
	}
	read("parts/ok=__HIVE_DEFAULT_PARTITION__/0000_part_00")
	for _, back := range []string{"csv000' iam_role default csv emptyasnull", "json/' iam_role default json 'auto'", "parquet/' iam_role default parquet",
		"gz/' iam_role default gzip removequotes escape null 'NIL'", "text/manifest' iam_role default delimiter ';' manifest ignoreheader 1 emptyasnull"} {
		must("drop table if exists back; create table back (like sale)")
		if err := run("copy back from 's3://b/" + back); err != nil {
			t.Errorf("%s: %v", back, err)
			continue
		}
		res, err := c.Exec(ctx, "select count(*) from (select * from sale except select * from back) d").ReadAll()
		if err != nil || string(res[0].Rows[0][0]) != "0" {
			t.Errorf("%s: %s rows differ, %v", back, res[0].Rows[0][0], err)
		}
	}
	for sql, want := range map[string]string{
		all + "text/' iam_role default":                                   "XX000",
		"unload ('select nope from sale') to 's3://b/n' iam_role default": "42703",
		"unload ('delete from sale') to 's3://b/n' iam_role default":      "42601",
		all + "n' iam_role default encrypted":                             "0A000",
		all + "n' iam_role default cleanpath allowoverwrite":              "42601",
		all + "n'": "42601",
		"unload ('select 1') to 's3://nobucket/x' iam_role default":                      "XX000",
		"unload ('select id from sale') to 's3://b/q' iam_role default partition by (x)": "42703",
	} {
		if err := run(sql); err == nil || code(err) != want {
			t.Errorf("%s: got %v; want %s", sql, err, want)
		}
	}
	must(all + "text/' iam_role default allowoverwrite")
	files := func(prefix string) string {
		found, _ := filepath.Glob(filepath.Join(f.objs, "b", prefix))
		for i := range found {
			found[i], _ = filepath.Rel(filepath.Join(f.objs, "b"), found[i])
		}
		return strings.Join(found, " ")
	}
	// CLEANPATH removes what is there, with PARTITION BY only where files come.
	for _, key := range []string{"clean/0000_part_07", "clean/old/x", "by/id=1/old", "by/id=9/old"} {
		f.put(t, "b", key, "x")
	}
	must(all + "clean/' iam_role default cleanpath")
	if got := files("clean/*") + files("clean/old/*"); got != "clean/0000_part_00 clean/old" {
		t.Errorf("cleanpath: there is %s", got)
	}
	must("unload ('select id, name from sale where id = 1') to 's3://b/by' iam_role default partition by (id) cleanpath json")
	if got := files("by/*/*"); got != "by/id=1/0000_part_00.json by/id=9/old" {
		t.Errorf("cleanpath with partitions: there is %s", got)
	}
	if err := run("unload ('select 1/0') to 's3://b/clean/' iam_role default cleanpath"); err == nil || files("clean/*") != "clean/0000_part_00 clean/old" {
		t.Errorf("a failed UNLOAD … CLEANPATH: got %v, and there is %s", err, files("clean/*"))
	}
	// Large results come in several files, which a manifest lists.
	must("create table many as select generate_series as id, 'some text of row ' || generate_series as name from generate_series(1, 250000)")
	for _, options := range []string{"manifest maxfilesize 5 mb", "manifest csv parallel off maxfilesize as 5 mb extension 'txt'", "manifest json zstd"} {
		must("unload ('select * from many') to 's3://b/many/' iam_role default cleanpath " + options)
		var m struct{ Entries []struct{ URL string } }
		if err := json.Unmarshal([]byte(read("many/manifest")), &m); err != nil || len(m.Entries) < 2 && !strings.Contains(options, "zstd") {
			t.Errorf("%s: got %d files, %v; want several", options, len(m.Entries), err)
		}
		for _, e := range m.Entries {
			if info, err := os.Stat(filepath.Join(f.objs, strings.TrimPrefix(e.URL, "s3://"))); err != nil || info.Size() > 6<<20 {
				t.Errorf("%s: %s: %v", options, e.URL, err)
			}
		}
		how := map[string]string{"csv": "csv", "json": "json 'auto' zstd"}[strings.Fields(options)[1]]
		must("drop table if exists again; create table again (like many); copy again from 's3://b/many/manifest' iam_role default manifest " + how)
		if res, err := c.Exec(ctx, "select count(*) from (select * from many except select * from again) d").ReadAll(); err != nil || string(res[0].Rows[0][0]) != "0" {
			t.Errorf("%s: %v, %v", options, res, err)
		}
	}
	// SUPER stays JSON in every form.
	must("create table doc (id integer, d super); insert into doc values (1, json_parse('{\"a\":[1,\"x\"]}')), (2, null)")
	for _, form := range []string{"json", "csv", "parquet"} {
		must("unload ('select * from doc order by id') to 's3://b/doc-" + form + "/' iam_role default " + form)
		option := map[string]string{"json": "json 'auto'", "csv": "csv emptyasnull", "parquet": "parquet serializetojson"}[form]
		must("drop table if exists doc2; create table doc2 (id integer, d super); copy doc2 from 's3://b/doc-" + form + "/' iam_role default " + option)
		if res, err := c.Exec(ctx, "select count(*) from doc join doc2 using (id) where doc.d.a[1]::varchar = doc2.d.a[1]::varchar or doc.d is null and doc2.d is null").ReadAll(); err != nil || string(res[0].Rows[0][0]) != "2" {
			t.Errorf("SUPER as %s: got %v, %v; want 2 rows", form, res, err)
		}
	}
	if got, want := read("doc-json/0000_part_00.json"), "{\"id\":1,\"d\":{\"a\":[1,\"x\"]}}\n{\"id\":2,\"d\":null}\n"; got != want {
		t.Errorf("SUPER as JSON: got %s; want %s", got, want)
	}
	left, _ := filepath.Glob(filepath.Join(f.dir, "temp", "unload-*"))
	if len(left) > 0 {
		t.Errorf("files are left: %v", left)
	}
}
