//go:build cgo

package duck_test

import (
	"context"
	"strings"
	"testing"
)

// Redshift's documented results.
func TestFunctionsOfRedshift(t *testing.T) {
	c := start(t).connect(t)
	for _, tc := range []struct{ sql, want string }{
		{"to_char(timestamp '2009-12-31 23:15:59', 'MONTH-DY-DD-YYYY HH12:MIPM')", "DECEMBER -THU-31-2009 11:15PM"},
		{"to_char(date '2026-03-01', 'FMDay DDth FMMonth')", "Sunday 01st March"},
		{"to_char(125.8, '999.99')", " 125.80"},
		{"to_char(-125.8, '999D99MI')", "125.80-"},
		{"to_char(cast(12 as integer), '0000')", " 0012"},
		{"to_char(null::date, 'YYYY')", "NULL"},
		{"to_date('02 Oct 2001', 'DD Mon YYYY')", "2001-10-02"},
		{"to_date('20010631', 'YYYYMMDD')", "2001-07-01"},
		{"to_date('20010631', 'YYYYMMDD', true)", "ERROR 22P02"},
		{"to_timestamp('05 Dec 2000 10:11:12', 'DD Mon YYYY HH24:MI:SS')", "2000-12-05 10:11:12+00"},
		{"to_number('12,454.8-', '99G999D9S')", "-12454.8"},
		{"add_months(date '2008-03-31', 1)", "2008-04-30 00:00:00"},
		{"add_months(date '2007-02-28', 1)", "2007-03-31 00:00:00"},
		{"months_between('1969-01-18', '1969-03-18')", "-2"},
		{"next_day('2014-08-20', 'Tuesday')", "2014-08-26"},
		{"convert_timezone('UTC', 'US/Pacific', timestamp '2008-08-21 07:23:54')", "2008-08-21 00:23:54"},
		{"convert_timezone('EST', 'PST', timestamp '2008-03-05 12:25:29')", "2008-03-05 09:25:29"},
		{"initcap('ad-hoc DELIVERY o''neil')", "Ad-Hoc Delivery O'Neil"},
		{"sha2('abc', 0)", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"regexp_count('abcdefghijklmnopqrstuvwxyz', '[a-z]{3}')", "8"},
		{"regexp_substr('the fox', 'FOX', 1, 1, 'i')", "fox"},
		{"regexp_substr('Suspendisse.tristique@nonnisiAenean.edu', '@[^.]*')", "@nonnisiAenean"},
		{"regexp_instr('The home of Mr and Mrs Fox', 'Mr', 1, 2)", "20"},
		{"regexp_replace('a.b.c', '[.]', '-')", "a-b-c"},
		{"regexp_replace('the fox', 'FOX', 'quick brown fox', 1, 'i')", "the quick brown fox"},
		{"regexp_replace('abc', 'b')", "ac"},
		{"json_extract_path_text('{\"f2\":{\"f3\":1},\"f4\":{\"f5\":99,\"f6\":\"star\"}}', 'f4', 'f6')", "star"},
		{"json_extract_path_text('{bad', 'f4', true)", "NULL"},
		{"json_extract_path_text('{bad', 'f4')", "ERROR 22P02"},
		{"json_extract_array_element_text('[111,112,113]', 2)", "113"},
		{"json_array_length('[11,12,13,{\"f1\":21,\"f2\":[25,26]},14]')", "5"},
		{"is_valid_json('{\"a\":1}')", "t"},
		{"is_valid_json_array('{\"a\":1}')", "f"},
		{"decode(3, 1, 'one', 2, 'two', 'many')", "many"},
		{"decode(2, 1, 'one', 2, 'two', 'many')", "two"},
		{"decode(null, null, 'none', 'some')", "none"},
		{"decode(7, 1, 'one')", "NULL"},
		{"decode(10/3, 3, 10/4, 0)", "2"},
		{"replicate('ab', 3)", "ababab"},
		{"date_cmp('2008-01-01', '2008-01-04')", "-1"},
		{"timestamp_cmp_date('2024-01-01 00:00:00', '2024-01-01')", "0"},
		{"last_day('2008-05-07')", "2008-05-31"},
		{"last_day(timestamp '2004-02-07 01:02:03')", "2004-02-29"},
		{"dateadd(ms, 5, '2024-01-01')", "2024-01-01 00:00:00.005"},
		{"dateadd(us, 5, timestamp '2024-01-01 00:00:00')", "2024-01-01 00:00:00.000005"},
		{"substring('caterpillar', 6, 4)", "pill"},
		{"substring('caterpillar', 0, 4)", "cat"},
		{"substring('caterpillar', 9)", "lar"},
		{"substr('caterpillar', -1, 4)", "ca"},
		{"substring('caterpillar' from 4 for 2)", "er"},
		{"substring(null, 1, 2)", "NULL"},
		{"'[' || lpad('ab', 4) || rpad('ab', 4) || lpad('abc', 2, 'x') || ']'", "[  abab  ab]"},
		{"sum(q) from (select ratio_to_report(x + 1) over (partition by 1) as q from (select 1 as x union all select 3))", "1"},
		{"max(q) from (select ratio_to_report(x) over () as q from (select 1 as x union all select 3))", "0.75"},
		{"max(q) from (select lag(x, 1) ignore nulls over (order by y) as q from (select 1 as y, 7 as x union all select 2, null union all select 3, 8))", "7"},
		{"max(q) from (select last_value(x) respect nulls over (order by y) as q from (select 1 as y, 7 as x union all select 2, null))", "7"},
		{"date_part_year(date '2008-01-04')", "2008"},
		{"quote_ident('Mixed name')", `"Mixed name"`},
		{"quote_literal('it''s')", `'it''s'`},
		{"soundex('Robert')", "R163"},
		{"soundex('Ashcraft')", "A261"},
		{"case when 'abcXYZ' ~ 'c[A-Z]' then 'y' else 'n' end", "y"},
		{"case when 'abc' !~ '^b' then 'y' else 'n' end", "y"},
		{"case when 'ABC' ~* 'b' then 'y' else 'n' end", "y"},
		{"case when 'abc' ~ ('^' || 'ab') then 'y' else 'n' end", "y"},
		{"case when 'Chicago' similar to '%(cag|xx)_' then 'y' else 'n' end", "y"},
		{"case when 'a.c' similar to 'a.c' and 'abc' not similar to 'a.c' then 'y' else 'n' end", "y"},
		{"case when '50%' similar to '50|%' escape '|' then 'y' else 'n' end", "y"},
		{"listagg(x, '-') within group (order by x desc) from (select 1 as x union all select 2)", "2-1"},
		{"listagg(x) from (select 'a' as x union all select 'a')", "aa"},
		{"listagg(distinct x, ',') within group (order by x) from (select 'b' as x union all select 'a' union all select 'b')", "a,b"},
		{"percentile_cont(0.5) within group (order by x) from (select 1 as x union all select 2)", "1.5"},
		{"median(x) from (select 1 as x union all select 2 union all select 5)", "2"},
	} {
		res := c.ExecParams(context.Background(), "select "+tc.sql, nil, nil, nil, nil).Read()
		got := ""
		switch {
		case res.Err != nil:
			got = "ERROR " + code(res.Err)
			if !strings.HasPrefix(tc.want, "ERROR") {
				got += " " + res.Err.Error()
			}
		case len(res.Rows) != 1:
			got = "no row"
		case res.Rows[0][0] == nil:
			got = "NULL"
		default:
			got = string(res.Rows[0][0])
		}
		if got != tc.want {
			t.Errorf("%s\ngot  %s\nwant %s", tc.sql, got, tc.want)
		}
	}
}
