package psql

import (
	"fmt"
	"strings"
	"testing"
)

const formatsSetup = `create table t (id int, name text, price numeric(9,2));
insert into t values (1, E'a<b>&"c" |x', 1234.50), (20, E'two\nlines', null), (300, '  ', -7.25), (4, '', 0), (5, '#$%&\_{}^~<>|.x', 1);
create view v as select id, name as "na|me
two", price as "pr_|ce<" from t;
\set QUIET on
\pset null N
`

// formatScript prints tables in a format by every combination of the options
// that matter to it.
func formatScript(f format) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	b.WriteString(formatsSetup)
	line(`\pset format %s`, f)
	styles := []string{"ascii"}
	if f == formatAligned || f == formatWrapped {
		styles = []string{"ascii", "old-ascii", "unicode"}
	}
	onOff := []string{"off", "on"}
	for i := range 2 * 4 * 2 * len(styles) {
		style := styles[i%len(styles)]
		rest := i / len(styles)
		line(`\pset expanded %s`, onOff[rest%2])
		line(`\pset tuples_only %s`, onOff[rest/2%2])
		line(`\pset border %d`, rest/4)
		line(`\pset linestyle %s`, style)
		for _, title := range []string{"", `'The <t> |x|_ \\ $'`} {
			line(`\pset title %s`, title)
			line("select * from v;\nselect * from t where false;\nselect;\nselect from t;\nselect 5 as five;")
		}
		switch f {
		case formatWrapped:
			for _, width := range []int{10, 15, 20, 24, 30, 40} {
				line(`\pset columns %d`, width)
				line("select * from v;\nselect repeat('abc def ',5) as \"long text\", 12 as n, '日本語日本語日本語' as \"wi\nde\";")
			}
			line(`\pset columns 0`)
		case formatAligned:
			for _, width := range []int{10, 20, 24, 30, 40, 60} {
				line("\\pset columns %d\n\\pset expanded auto\nselect * from v; select name from v;", width)
			}
			line(`\pset columns 0`)
			for j := range 8 {
				if style == "unicode" {
					weight := [...]string{"single", "double"}
					line(`\pset unicode_border_linestyle %s`, weight[j%2])
					line(`\pset unicode_header_linestyle %s`, weight[j/2%2])
					line(`\pset unicode_column_linestyle %s`, weight[j/4])
					line("select * from v;\n\\gx")
				}
			}
		case formatLongtable:
			for _, attr := range []string{"", "'0.2'", "'0.3 0.1'"} {
				line("\\pset tableattr %s\nselect name, name, id, name from v;", attr)
			}
		}
	}
	line(`\pset title`)
	for _, option := range []string{"footer off", "expanded off", "tuples_only off"} {
		line("\\pset %s\nselect * from v;", option)
	}
	line(`\pset numericlocale on`)
	line(`select 1234567.891 as a, -1234 as b, 1e10::float8 as c, 123 as d, null::int as e, 'NaN'::float8 as f, '12345' as g, 100000::money as h;`)
	line(`select '  lead' as x, E'\ttab' as y;`)
	return b.String()
}

// TestFormatsAgainstPsql prints the same tables with the real psql and with
// this one.
func TestFormatsAgainstPsql(t *testing.T) {
	for _, f := range []format{formatAligned, formatWrapped, formatUnaligned, formatCSV, formatHTML, formatAsciidoc, formatLatex, formatLongtable, formatTroff} {
		t.Run(string(f), func(t *testing.T) {
			compare(t, call{stdin: formatScript(f)}, "testdata")
		})
	}
}
