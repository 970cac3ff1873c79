//go:build cgo

package duck_test

import (
	"bytes"
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
)

type parquetSale struct {
	ID    int32     `parquet:"id"`
	Name  *string   `parquet:"name,optional"`
	Price int32     `parquet:"price,decimal(2:7)"`
	Sold  int32     `parquet:"sold,date"`
	At    time.Time `parquet:"sold_at,timestamp(microsecond)"`
}

// Each form of COPY loads its file, or says what is wrong with it.
func TestCopyForms(t *testing.T) {
	f := start(t)
	c := f.connect(t)
	ctx := context.Background()
	exec := func(sql string) string {
		res := c.ExecParams(ctx, sql, nil, nil, nil, nil).Read()
		if res.Err != nil {
			return "ERROR " + code(res.Err) + " " + res.Err.Error()
		}
		var rows []string
		for _, row := range res.Rows {
			var cells []string
			for _, v := range row {
				if v == nil {
					cells = append(cells, "NULL")
					continue
				}
				cells = append(cells, string(v))
			}
			rows = append(rows, strings.Join(cells, "|"))
		}
		return strings.Join(rows, "\n")
	}
	const declare = "(id integer not null, name varchar(20), price numeric(7,2), sold date, sold_at timestamp)"
	full := "1|a,b|1.50|2026-03-01|2026-03-01 10:11:12\n2|NULL|NULL|NULL|NULL"
	bad := "1|one|1.00|2026-03-01|2026-03-01 00:00:00\nx|two|1.00|2026-03-01|2026-03-01 00:00:00\n3|three|1.00|2026-13-01|2026-03-01 00:00:00\n4|four|1.00||\n"
	var packed bytes.Buffer
	z, _ := zstd.NewWriter(&packed)
	z.Write([]byte("1|a,b|1.50|2026-03-01|2026-03-01 10:11:12\n2||||\n"))
	z.Close()
	var columns bytes.Buffer
	name := "a,b"
	at := time.Date(2026, 3, 1, 10, 11, 12, 0, time.UTC)
	if err := parquet.Write(&columns, []parquetSale{{1, &name, 150, 20513, at}}); err != nil {
		t.Fatal(err)
	}
	f.put(t, "b", "paths", `{"jsonpaths": ["$.id", "$['n']['first']", "$.p[0]", "$.d", "$.t"]}`)
	for i, tc := range []struct{ file, options, want string }{
		{"id,name,price,sold,at\n1,\"a,b\",1.50,2026-03-01,2026-03-01 10:11:12\n2,,,,\n", "csv ignoreheader 1 emptyasnull", full},
		{"1;'say ''hi''\nthere';1.5;2026-03-01;2026-03-01 10:11:12\n", "csv quote '''' delimiter ';'", "1|say 'hi'\nthere|1.50|2026-03-01|2026-03-01 10:11:12"},
		{"1,\"open,1,,\n", "csv", "ERROR XX000"},
		{"{\"id\":1,\"name\":\"a,b\",\"price\":1.5,\"sold\":\"2026-03-01\",\"sold_at\":\"2026-03-01T10:11:12\",\"more\":[1]}\n{\"id\":2,\n \"name\":null}\n", "json 'auto'", full},
		{"[1]\n", "json 'auto'", "ERROR XX000"},
		{"{\"ID\":1,\"Name\":\"a,b\",\"PRICE\":\"1.5\",\"sold\":\"03/01/2026\",\"sold_at\":\"2026-03-01 10:11:12\"}{\"id\":2}", "json 'auto ignorecase'", full},
		{`{"id":1,"n":{"first":"a,b"},"p":[1.5,2],"d":"2026-03-01","t":"2026-03-01 10:11:12"} {"id":2}`, "format as json 's3://b/paths'", full},
		{"1    a,b       1.50 2026-03-012026-03-01 10:11:12\n", "fixedwidth 'id:5,name:10,price:5,sold:10,at:19' trimblanks", "1|a,b|1.50|2026-03-01|2026-03-01 10:11:12"},
		{"1|a\\|b\\\nc\\\\|1.5||\n", "escape", "1|a|b\nc\\|1.50|NULL|NULL"},
		{"1|\"a|b\"|'1.5'||\n", "removequotes", "1|a|b|1.50|NULL|NULL"},
		{"1|a\n", "fillrecord", "1|a|NULL|NULL|NULL"},
		{"1|a\n", "", "ERROR XX000"},
		{"\n  \n1|a|||\n\n", "ignoreblanklines", "1|a|NULL|NULL|NULL"},
		{"1|a\xffb|||\n", "acceptinvchars as '^'", "1|a^b|NULL|NULL|NULL"},
		{"1|a|9.995||\n", "roundec", "1|a|10.00|NULL|NULL"},
		{"1|a|9.995||\n", "", "1|a|9.99|NULL|NULL"},
		{"1|a||01.03.2026|Mar 1 2026 10:11\n", "dateformat 'DD.MM.YYYY' timeformat 'Mon DD YYYY HH24:MI'", "1|a|NULL|2026-03-01|2026-03-01 10:11:00"},
		{"1|a||20260301|1772359872\n", "dateformat 'auto' timeformat 'epochsecs'", "1|a|NULL|2026-03-01|2026-03-01 10:11:12"},
		{"1|a||no day|never\n", "acceptanydate dateformat 'auto' timeformat 'auto'", "1|a|NULL|NULL|NULL"},
		{bad, "", "ERROR XX000"},
		{bad, "maxerror 2", "ERROR XX000"},
		{bad, "maxerror 3", "1|one|1.00|2026-03-01|2026-03-01 00:00:00\n4|four|1.00|NULL|NULL"},
		{"1|a |||\n", "maxerror 9", "ERROR XX000"}, // what is not supported is no bad row
		{"1|a|||\n", "noload", ""},
		{packed.String(), "zstd emptyasnull", full},
		{"\xe9|a|||\n", "", "ERROR XX000"},
		{"1|caf\xe9|||\n", "encoding as iso88591", "1|café|NULL|NULL|NULL"},
		{columns.String(), "format as parquet", "1|a,b|1.50|2026-03-01|2026-03-01 10:11:12"},
		{"no parquet", "parquet", "ERROR XX000"},
		{"1,a", "csv escape", "ERROR 42601"},
		{"1,a", "avro 'auto'", "ERROR 0A000"},
	} {
		exec("drop table if exists sale")
		exec("create table sale " + declare)
		f.put(t, "b", "file", tc.file)
		got := exec("copy sale from 's3://b/file' iam_role default " + tc.options)
		if !strings.HasPrefix(got, "ERROR") {
			got = exec("select * from sale order by id")
		}
		if got != tc.want && !(strings.HasPrefix(tc.want, "ERROR") && strings.HasPrefix(got, tc.want)) {
			t.Errorf("%d: copy … %s\ngot  %s\nwant %s", i, tc.options, got, tc.want)
		}
	}
	got := exec("select line_number, trim(colname), type, raw_field_value, err_code, trim(err_reason) from stl_load_errors where raw_line like '%two%' or raw_line like '%three%' order by query desc, line_number limit 2")
	want := "2|id|integer|x|1207|Invalid digit, Value 'x', Pos 0, Type: Integer\n3|sold|date|2026-13-01|1205|Invalid data"
	if got != want {
		t.Errorf("stl_load_errors: got\n%s\nwant\n%s", got, want)
	}
}

// bzip2 is checked where the command is there to pack.
func TestCopyBzip2(t *testing.T) {
	path, err := exec.LookPath("bzip2")
	if err != nil {
		t.Skip("bzip2 is not installed")
	}
	cmd := exec.Command(path, "-c")
	cmd.Stdin = strings.NewReader("1|a\n2|b\n")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	f := start(t)
	c := f.connect(t)
	f.put(t, "b", "file", string(out))
	res, err := c.Exec(context.Background(), "create table s (id integer, v varchar(3)); copy s from 's3://b/file' iam_role default bzip2; select count(*) from s").ReadAll()
	if err != nil || string(res[2].Rows[0][0]) != "2" {
		t.Errorf("got %v, %v; want 2 rows", res, err)
	}
}

// Columns of each type take what COPY and COPY FROM STDIN bring.
func TestCopyTypes(t *testing.T) {
	f := start(t)
	c := f.connect(t)
	f.put(t, "b", "file", "1.5|10:11:12.5|2026-03-01 10:11:12+02|t|-3\n|||f|\n")
	ask(c, "create table ty (r real, ti time, tz timestamptz, b boolean, s smallint)")
	if got := ask(c, "copy ty from 's3://b/file' iam_role default"); got != "COPY" {
		t.Fatal(got)
	}
	text := "2.5\t11:12\t2026-03-01 10:11:12\tf\t4\n"
	if _, err := c.CopyFrom(context.Background(), strings.NewReader(text), "copy ty from stdin"); err != nil {
		t.Fatal(err)
	}
	const want = "1.5|10:11:12.5|2026-03-01 08:11:12+00|t|-3\n2.5|11:12:00|2026-03-01 10:11:12+00|f|4\nNULL|NULL|NULL|f|NULL"
	if got := ask(c, "select * from ty order by r"); strings.ReplaceAll(got, "; ", "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, line := range []string{"x||||", "1e40||||", "|25:00|||", "||2026-03-01 10:11:12+99||"} {
		f.put(t, "b", "file", line+"\n")
		if got := ask(c, "copy ty from 's3://b/file' iam_role default"); !strings.HasPrefix(got, "XX000 ") {
			t.Errorf("%s: got %s", line, got)
		}
	}
}
