//go:build cgo

package duck

import (
	"fmt"
	"strings"
)

// macros are functions of the database that need no types.
var macros = [...]string{
	// Weeks begin on Sunday or on Monday; the documentation does not tell, so
	// that only what both give is an answer. The year 1 began with a Monday.
	"CREATE OR REPLACE MACRO rs.rs_week(d, first) AS (date_diff('day', DATE '0001-01-01', CAST(CAST(d AS TIMESTAMP) AS DATE)) + first) // 7",
	`CREATE OR REPLACE MACRO rs.rs_weeks(a, b) AS CASE WHEN rs.rs_week(b, 0) - rs.rs_week(a, 0) = rs.rs_week(b, 1) - rs.rs_week(a, 1)
		THEN rs.rs_week(b, 0) - rs.rs_week(a, 0) ELSE error('rs: DATEDIFF in weeks of which one begins with a Sunday') END`,
	"CREATE OR REPLACE MACRO rs.rs_dateadd_decade(n, d) AS CAST(d AS TIMESTAMP) + to_years(10 * CAST(n AS INTEGER))",
	"CREATE OR REPLACE MACRO rs.rs_dateadd_century(n, d) AS CAST(d AS TIMESTAMP) + to_years(100 * CAST(n AS INTEGER))",
	"CREATE OR REPLACE MACRO rs.rs_dateadd_millennium(n, d) AS CAST(d AS TIMESTAMP) + to_years(1000 * CAST(n AS INTEGER))",
	"CREATE OR REPLACE MACRO rs.strtol(s, base) AS rs_strtol(s, CAST(base AS BIGINT))",
	"CREATE OR REPLACE MACRO rs.rs_super(x) AS CASE WHEN x IS NULL THEN NULL ELSE to_json(x) END",
	"CREATE OR REPLACE MACRO rs.rs_super_parse(x) AS CAST(rs_json_parse(x) AS JSON)",
	"CREATE OR REPLACE MACRO rs.rs_super_text(x) AS CAST(x AS VARCHAR)",
	"CREATE OR REPLACE MACRO rs.rs_super_type(x) AS rs_super_typeof(CAST(x AS VARCHAR))",
	"CREATE OR REPLACE MACRO rs.rs_super_is(x, what) AS rs_super_kind(CAST(x AS VARCHAR), what)",
	"CREATE OR REPLACE MACRO rs.rs_super_at(x, path) AS nullif(json_extract(x, path), CAST('null' AS JSON))",
	"CREATE OR REPLACE MACRO rs.rs_super_length(x) AS CASE WHEN json_type(x) = 'ARRAY' THEN CAST(json_array_length(x) AS INTEGER) END",
	"CREATE OR REPLACE MACRO rs.rs_super_sub(x, n) AS CAST(rs_subarray(CAST(x AS VARCHAR), CAST(n AS BIGINT), CAST(-1 AS BIGINT)) AS JSON), (x, n, l) AS CAST(rs_subarray(CAST(x AS VARCHAR), CAST(n AS BIGINT), CAST(greatest(l, 0) AS BIGINT)) AS JSON)",
	"CREATE OR REPLACE MACRO rs.rs_super_concat(a, b) AS CAST(rs_array_concat(CAST(a AS VARCHAR), CAST(b AS VARCHAR)) AS JSON)",
	"CREATE OR REPLACE MACRO rs.rs_super_flatten(a) AS CAST(rs_array_flatten(CAST(a AS VARCHAR)) AS JSON)",
	"CREATE OR REPLACE MACRO rs.rs_super_split(s) AS CAST(rs_split_to_array(s, ',') AS JSON), (s, d) AS CAST(rs_split_to_array(s, d) AS JSON)",
	"CREATE OR REPLACE MACRO rs.rs_super_elements(x) AS CASE WHEN x IS NULL THEN NULL WHEN json_type(x) = 'ARRAY' THEN json_extract(x, '$[*]') ELSE error('rs: unnesting a SUPER that is no array') END",
	"CREATE OR REPLACE MACRO rs.rs_super_members(x) AS CASE WHEN x IS NULL THEN NULL WHEN json_type(x) = 'OBJECT' THEN json_extract(x, '$.*') ELSE error('rs: UNPIVOT of a SUPER that is no object') END",
	"CREATE OR REPLACE MACRO rs.rs_super_keys(x) AS CASE WHEN json_type(x) = 'OBJECT' THEN json_keys(x) END",
	"CREATE OR REPLACE MACRO rs.rs_super_indexes(x) AS range(CAST(json_array_length(x) AS BIGINT))",
	"CREATE OR REPLACE MACRO rs.rs_nullif(a, b) AS CASE WHEN rtrim(CAST(a AS VARCHAR)) = rtrim(CAST(b AS VARCHAR)) THEN NULL ELSE a END",
	"CREATE OR REPLACE MACRO rs.rs_bare(x) AS CASE WHEN suffix(x, ' ') THEN error('rs: grouping by, or storing, a text that ends with blanks') ELSE x END",
	"CREATE OR REPLACE MACRO rs.rs_split_part(s, d, n) AS CASE WHEN n < 1 THEN error('rs! field position must be greater than zero') ELSE split_part(CAST(s AS VARCHAR), d, n) END",
	"CREATE OR REPLACE MACRO rs.rs_timeofday() AS strftime(rs_clock(), '%a %b %d %H:%M:%S.%f %Y UTC')",
	"CREATE OR REPLACE MACRO rs.rs_difference(a, b) AS CAST(list_sum(list_transform([1, 2, 3, 4], lambda i: CASE WHEN rs_soundex(a)[i] = rs_soundex(b)[i] THEN 1 ELSE 0 END)) AS INTEGER)",
}

// typed are functions of a session whose parameters have types, which only
// files of a newer format can hold: see [truncate].
var typed = [...]string{
	truncate,
	"CREATE OR REPLACE TEMP MACRO rs_date(x VARCHAR) AS rs_parse_date(x), (x) AS CAST(x AS DATE)",
	"CREATE OR REPLACE TEMP MACRO rs_timestamptz(x VARCHAR) AS rs_parse_timestamptz(x), (x) AS CAST(x AS TIMESTAMPTZ)",
	"CREATE OR REPLACE TEMP MACRO rs_timestamp(x VARCHAR) AS rs_parse_timestamp(x), (x) AS CAST(x AS TIMESTAMP)",
	"CREATE OR REPLACE TEMP MACRO rs_datediff_clock(unit, a TIME, b TIME) AS date_diff(unit, a, b), (unit, a TIME, b) AS date_diff(unit, a, CAST(b AS TIME)), (unit, a, b TIME) AS date_diff(unit, CAST(a AS TIME), b), (unit, a, b) AS date_diff(unit, CAST(a AS TIMESTAMP), CAST(b AS TIMESTAMP))",
	clockMacro("hour"), clockMacro("minute"), clockMacro("second"), clockMacro("millisecond"), clockMacro("microsecond"),
	"CREATE OR REPLACE TEMP MACRO rs_date_part" + forTexts(`CASE u WHEN 'second' THEN date_part('microsecond', x) / 1e6 WHEN 'millisecond' THEN date_part('microsecond', x) / 1e3
		ELSE CAST(date_part(u, x) AS DOUBLE) END`),
	"CREATE OR REPLACE TEMP MACRO rs_date_trunc" + forTexts("date_trunc(u, x)"),
	"CREATE OR REPLACE TEMP MACRO rs_extract" + forTexts(`CASE u WHEN 'millisecond' THEN date_part('millisecond', x) % 1000 WHEN 'microsecond' THEN date_part('microsecond', x) % 1000000
		ELSE CAST(floor(date_part(u, x)) AS BIGINT) END`),
}

// clockMacro returns the DATEADD of a unit that a TIME has too: it goes round at
// midnight.
func clockMacro(unit string) string {
	count := "CAST(n AS BIGINT)"
	if unit == "second" {
		count = "CAST(n AS DOUBLE)"
	}
	return fmt.Sprintf("CREATE OR REPLACE TEMP MACRO rs_dateadd_clock_%[1]s(n, d TIME) AS d + to_%[1]ss(%[2]s), (n, d) AS CAST(d AS TIMESTAMP) + to_%[1]ss(%[2]s)", unit, count)
}

// forTexts returns the parameters u and x and the body of a macro, which takes
// texts as times.
func forTexts(body string) string {
	return "(u, x VARCHAR) AS " + strings.ReplaceAll(body, ", x)", ", CAST(x AS TIMESTAMP))") + ", (u, x) AS " + body
}
