package dialect

import (
	"fmt"
	"strconv"
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// renamed are functions whose name in DuckDB is another. Those that begin
// with rs_ are macros of ours.
var renamed = map[string]string{
	"nvl": "coalesce", "trunc": "rs_trunc", "concat": "rs_concat", "to_hex": "rs_to_hex", "btrim": "trim",
	"sysdate": "rs_sysdate", "isnull": "coalesce", "character_length": "length", "char_length": "length", "textlen": "length",
	"to_char": "rs_to_char", "to_date": "rs_to_date", "to_timestamp": "rs_to_timestamp", "add_months": "rs_add_months",
	"months_between": "rs_months_between", "next_day": "rs_next_day", "convert_timezone": "rs_convert_timezone", "initcap": "rs_initcap",
	"sha2": "rs_sha2", "crc32": "rs_crc32", "soundex": "rs_soundex", "quote_ident": "rs_quote_ident", "quote_literal": "rs_quote_literal",
	"regexp_count": "rs_regexp_count", "regexp_substr": "rs_regexp_substr", "regexp_instr": "rs_regexp_instr", "regexp_replace": "rs_regexp_replace",
	"json_extract_path_text": "rs_json_extract_path_text", "json_extract_array_element_text": "rs_json_extract_array_element_text",
	"json_array_length": "rs_json_array_length", "is_valid_json": "rs_is_valid_json", "is_valid_json_array": "rs_is_valid_json_array",
	"current_schemas": "rs_current_schemas", "replicate": "repeat", "date_cmp": "rs_compare_times", "timestamp_cmp": "rs_compare_times", "bpcharcmp": "rs_compare", "date_cmp_timestamp": "rs_compare_times",
	"timestamp_cmp_date": "rs_compare_times", "last_day": "rs_last_day", "octet_length": "strlen", "charindex": "rs_charindex", "func_sha1": "sha1", "dlog1": "ln", "fnv_hash": "rs_fnv_hash",
	"difference": "rs_difference", "bttext_pattern_cmp": "rs_compare", "octetindex": "rs_octet_index", "timeofday": "rs_timeofday", "split_part": "rs_split_part", "cbrt": "rs_cbrt", "sha": "sha1", "dlog10": "log10", "dexp": "exp",
}

// units are the names of date parts that Redshift takes, by DuckDB's.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_Dateparts_for_datetime_functions.html
var units = map[string]string{
	"year": "year", "years": "year", "y": "year", "yr": "year", "yrs": "year",
	"quarter": "quarter", "quarters": "quarter", "qtr": "quarter", "qtrs": "quarter",
	"month": "month", "months": "month", "mon": "month", "mons": "month",
	"day": "day", "days": "day", "d": "day",
	"hour": "hour", "hours": "hour", "h": "hour", "hr": "hour", "hrs": "hour",
	"minute": "minute", "minutes": "minute", "m": "minute", "min": "minute", "mins": "minute",
	"second": "second", "seconds": "second", "s": "second", "sec": "second", "secs": "second",
	"week": "week", "weeks": "week", "w": "week",
	"millisecond": "millisecond", "milliseconds": "millisecond", "ms": "millisecond",
	"microsecond": "microsecond", "microseconds": "microsecond", "us": "microsecond",
	"decade": "decade", "decades": "decade", "dec": "decade", "decs": "decade", "century": "century", "centuries": "century", "c": "century", "cent": "century", "cents": "century",
	"millennium": "millennium", "millennia": "millennium", "mil": "millennium", "mils": "millennium",
	"msec": "millisecond", "msecs": "millisecond", "msecond": "millisecond", "mseconds": "millisecond", "millisec": "millisecond", "millisecs": "millisecond", "millisecon": "millisecond",
	"microsec": "microsecond", "microsecs": "microsecond", "usecond": "microsecond", "useconds": "microsecond", "usec": "microsecond", "usecs": "microsecond",
	"weekday": "dow", "dow": "dow", "dayofweek": "dow", "dw": "dow", "doy": "doy", "dayofyear": "doy", "dy": "doy", "yearday": "doy", "epoch": "epoch",
}

// clockUnits are those that a TIME has.
var clockUnits = wordSet("hour minute second millisecond microsecond")

// forbidden reports whether a function reaches files, settings or the engine
// itself, which no user's statement may.
func forbidden(name string) bool {
	for _, prefix := range [...]string{"read_", "duckdb_", "pragma_", "parquet_", "sqlite_", "postgres_", "mysql_", "iceberg_",
		"delta_", "st_read", "sniff_", "copy_", "from_substrait", "json_execute", "rs_", "which_secret", "__internal", "arrow_",
		"pandas_", "python_", "load_", "write_", "enable_", "disable_", "parse_duckdb", "test_", "sql_auto_complete", "icu_", "http"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	for _, suffix := range [...]string{"_scan", "_csv", "_json_objects", "_checkpoint", "_logs", "_auto"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return forbiddenNames[name]
}

var forbiddenNames = wordSet(`glob query query_table getenv current_setting set_config getvariable checkpoint summary
storage_info in_search_path current_query current_query_id txid_current nextval currval
truncate_duckdb_logs seq_scan repeat_row check_peg_parser remap_struct get_block_size bit_count error hash`)

// call rewrites a function's call: nodes[first] to nodes[group-1] are its
// name, nodes[group] its arguments, and all up to end what belongs to it.
func (r *rewriter) call(nodes []sqltext.Node, first, group, end int) {
	name := Ident(nodes[group-1].Token, r.src)
	args := nodes[group]
	at := nodes[first]
	if len(args.Children) == 1 && args.Children[0].IsOp(r.src, "+") {
		r.fail(sqlstate.Unsupported(args.Pos, "the outer join (+)"))
		return
	}
	if r.configuration(name, at, args) {
		return
	}
	if forbidden(name) {
		r.fail(&sqlstate.Error{Code: sqlstate.InsufficientPrivilege, Message: fmt.Sprintf("permission denied for function %s", name), At: at.Pos + 1})
		return
	}
	if r.tablePlace(nodes, first) && name != "generate_series" && name != "unnest" && !r.word2(nodes, first-1, "insert", "into", "table", "as", "update") {
		r.fail(&sqlstate.Error{Code: sqlstate.UndefinedFunction, Message: fmt.Sprintf("function %s does not exist in a FROM clause", name), At: at.Pos + 1})
		return
	}
	system := group-first == 3 && r.word(nodes, first) == "pg_catalog"
	if systemFunctions[name] && (group-first == 1 || system) {
		r.replace(at.Pos, nodes[group-1].End, "rs."+name)
		r.sizes = r.sizes || sizeFunctions[name]
		r.level(args.Children, false)
		return
	}
	if system {
		r.replace(at.Pos, nodes[group-1].Pos, "")
		first, at = group-1, nodes[group-1]
	}
	if group-first > 1 { // schema.function
		r.level(args.Children, false)
		return
	}
	if r.frameless(nodes, name, group, end) {
		return
	}
	split := splitCommas(args.Children)
	r.implicitTexts(name, at, split)
	r.nullTreatment(nodes, group)
	switch name {
	case "generate_series":
		r.series(nodes, first, group)
	case "median":
		if r.interpolate(nodes, first, group, end) {
			return
		}
	case "percentile_cont", "percentile_disc":
		if name == "percentile_cont" && r.interpolate(nodes, first, group, end) {
			return
		}
		if r.percentile(nodes, first, group, end) {
			return
		}
	case "columns":
		r.fail(sqlstate.Unsupported(at.Pos, "COLUMNS"))
		return
	case "extract":
		r.extract(at, args)
		return
	case "ratio_to_report":
		r.ratio(nodes, first, group, end)
		return
	case "lpad", "rpad":
		if len(split) == 2 {
			r.insert(args.Close.Pos, ", ' '")
		}
	case "cast", "try_cast", "convert":
		r.castCall(name, at, args)
		return
	case "dateadd", "date_add":
		if unit := r.unit(split, 3); unit != "" {
			to := "rs_dateadd_"
			if clockUnits[unit] {
				to = "rs_dateadd_clock_"
			}
			r.replace(at.Pos, r.argument(split, 1), to+unit+"(")
			r.level(args.Children[len(split[0])+1:], false)
		}
		return
	case "datediff", "date_diff":
		if unit := r.unit(split, 3); unit != "" {
			to := "rs_datediff(" + QuoteText(unit) + ", "
			if clockUnits[unit] {
				to = "rs_datediff_clock(" + QuoteText(unit) + ", "
			}
			if unit == "week" {
				to = "rs_weeks("
			}
			r.replace(at.Pos, r.argument(split, 1), to)
			r.level(args.Children[len(split[0])+1:], false)
		}
		return
	case "date_part", "pgdate_part", "date_trunc":
		if unit := r.unit(split, 2); unit != "" {
			to := "rs_date_part"
			if name == "date_trunc" {
				to = "rs_date_trunc"
			}
			r.replace(at.Pos, at.End, to)
			r.replace(split[0][0].Pos, split[0][len(split[0])-1].Last(), QuoteText(unit))
			r.level(args.Children[len(split[0])+1:], false)
		}
		return
	case "version":
		r.replace(at.Pos, args.Last(), QuoteText(r.env.Version))
		return
	case "current_database":
		r.replace(at.Pos, args.Last(), QuoteText(r.env.Database))
		return
	case "pg_cancel_backend", "pg_terminate_backend":
		r.replace(at.Pos, args.Pos+1, "rs_signal(CAST((")
		r.insert(args.Close.Pos, fmt.Sprintf(") AS BIGINT), %t, %d", name == "pg_terminate_backend", r.env.PID))
		r.history = true // of this session: no view can hold it
		r.level(args.Children, false)
		return
	case "pg_backend_pid":
		r.replace(at.Pos, args.Last(), strconv.Itoa(int(r.env.PID)))
		return
	case "pg_last_query_id", "pg_last_copy_id", "pg_last_copy_count", "pg_last_unload_count":
		value := map[string]int64{"pg_last_query_id": r.env.Last.Query, "pg_last_copy_id": r.env.Last.Copy, "pg_last_copy_count": r.env.Last.CopyRows, "pg_last_unload_count": r.env.Last.UnloadRows}[name]
		if value == 0 && !strings.HasSuffix(name, "_count") {
			value = -1
		}
		r.replace(at.Pos, args.Last(), "CAST("+strconv.FormatInt(value, 10)+" AS BIGINT)")
		return
	case "avg":
		r.average(nodes, first, group, end)
		return
	case "floor", "ceil", "ceiling":
		if len(split) == 1 && len(split[0]) > 0 {
			r.whole(at, args)
			return
		}
	case "mod":
		if len(split) == 2 && len(split[1]) > 0 {
			r.level(args.Children, false)
			r.wrap(split[1][0].Pos, split[1][len(split[1])-1].Last(), "rs_divisor(", ")")
			return
		}
	case "listagg":
		r.listagg(nodes, group, split)
	case "to_number":
		r.toNumber(at, args, split)
		return
	case "decode":
		r.decode(at, args, split)
		return
	case "json_extract_path_text", "json_extract_array_element_text", "json_array_length":
		r.jsonCall(name, at, split)
	case "date_part_year":
		r.replace(at.Pos, at.End, "year")
		if len(split) == 1 && len(split[0]) > 0 {
			r.wrap(split[0][0].Pos, split[0][len(split[0])-1].Last(), "CAST(", " AS DATE)")
		}
	case "regexp_replace":
		if len(split) > 2 && len(split[2]) == 1 && split[2][0].Kind.IsString() && strings.ContainsAny(split[2][0].Text(r.src), `\$`) {
			r.fail(sqlstate.Unsupported(split[2][0].Pos, "a reference in the replacement of REGEXP_REPLACE"))
			return
		}
	case "regexp_matches", "regexp_full_match", "regexp_extract", "regexp_extract_all", "regexp_split_to_array", "regexp_split_to_table",
		"similar_to", "not_similar_to", "like_escape", "regexp_escape":
		r.fail(sqlstate.Unsupported(at.Pos, "%s", strings.ToUpper(name)))
	case "substr", "substring":
		if len(split) > 1 {
			r.replace(at.Pos, at.End, "rs_substring")
		}
		r.level(args.Children, false)
		return
	case "position", "trim", "overlay":
		r.level(args.Children, false)
		return
	}
	if to, ok := renamed[name]; ok && nodes[group-1].Kind == sqltext.Ident {
		r.replace(at.Pos, at.End, to)
	}
	r.level(args.Children, r.isQuery(args.Children))
}

// tablePlace reports whether node i stands where a table does.
func (r *rewriter) tablePlace(nodes []sqltext.Node, i int) bool {
	if r.word(nodes, i-1) == "from" && i > 1 && !r.queryBefore(nodes, i-1) {
		return false // TRIM (BOTH 'x' FROM f(y))
	}
	return r.word2(nodes, i-1, "from", "join", "lateral") && !(i >= 2 && r.word(nodes, i-2) == "distinct")
}

// queryBefore reports whether a word that begins a statement or a query stands
// before node i.
func (r *rewriter) queryBefore(nodes []sqltext.Node, i int) bool {
	for k := range i {
		if statementWords[r.word(nodes, k)] {
			return true
		}
	}
	return false
}

var statementWords = wordSet("select delete update insert merge with values from table using copy unload create alter drop join")

// splitCommas returns the parts of nodes between commas.
func splitCommas(nodes []sqltext.Node) [][]sqltext.Node {
	var parts [][]sqltext.Node
	start := 0
	for i, n := range nodes {
		if n.Kind == sqltext.Comma {
			parts = append(parts, nodes[start:i])
			start = i + 1
		}
	}
	if len(nodes) > 0 {
		parts = append(parts, nodes[start:])
	}
	return parts
}

// argument returns where argument i begins.
func (r *rewriter) argument(args [][]sqltext.Node, i int) int {
	if i < len(args) && len(args[i]) > 0 {
		return args[i][0].Pos
	}
	return r.End
}

// unit returns DuckDB's name of the date part that the first of n arguments
// names, bare or quoted.
func (r *rewriter) unit(args [][]sqltext.Node, n int) string {
	if len(args) != n || len(args[0]) != 1 || len(args[n-1]) == 0 || len(args[1]) == 0 {
		r.fail(&sqlstate.Error{Code: sqlstate.UndefinedFunction, At: r.Pos + 1, Message: fmt.Sprintf("a date function takes a date part and %d more arguments", n-1)})
		return ""
	}
	node := args[0][0]
	name := strings.ToLower(node.Text(r.src))
	if v, ok := StringValue(node.Text(r.src), node.Kind); ok {
		name = strings.ToLower(v)
	}
	unit := units[name]
	if unit == "" {
		r.fail(sqlstate.Unsupported(node.Pos, "the date part %q", name))
	}
	return unit
}

// castCall rewrites CAST(x AS type) and CONVERT(type, x).
func (r *rewriter) castCall(name string, at sqltext.Node, args sqltext.Node) {
	if name == "try_cast" {
		r.fail(sqlstate.Unsupported(at.Pos, "TRY_CAST"))
		return
	}
	c := args.Children
	if name == "convert" {
		r.convert(at, args, splitCommas(c))
		return
	}
	as := -1
	for i := range c {
		if r.word(c, i) == "as" {
			as = i
		}
	}
	if as < 1 || as+1 >= len(c) {
		r.fail(r.near(at.Token))
		return
	}
	if r.timeCastCall(at, args, c, as) {
		return
	}
	if end, ok := r.superShape(c[:as], 0); as > 0 && ok && end == as {
		text, _ := r.superText(c[:as], 0)
		cast, err := r.superCast(text, c[as+1:])
		r.failed(err)
		r.replace(at.Pos, args.Last(), cast)
		return
	}
	r.level(c[:as], r.isQuery(c[:as]))
	t, err := r.typeOf(c[as+1:])
	if err != nil {
		r.fail(err)
		return
	}
	last := c[len(c)-1].Last()
	switch {
	case t.length > 0:
		r.replace(at.Pos, at.End, "rs_cut"+t.suffix())
		r.replace(c[as].Pos, last, fmt.Sprintf(", %d", t.length))
	case t.duck != "":
		r.replace(c[as+1].Pos, last, t.duck)
	}
}

// probe puts a function that DuckDB has not in place of a call, to find the types
// of its arguments: see [Types].
func (r *rewriter) probe(name, args sqltext.Node, function string) {
	r.probes = append(r.probes, name.Pos)
	r.replace(name.Pos, name.End, function)
	r.insert(args.Close.Pos, ", 'rs:"+strconv.Itoa(name.Pos)+"'")
}

// whole rewrites FLOOR and CEILING: of an integer they are it, with its type,
// where DuckDB's are floating point.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_FLOOR.html
func (r *rewriter) whole(name, args sqltext.Node) {
	types, known := r.env.Types[name.Pos]
	r.level(args.Children, false)
	if !known {
		r.probe(name, args, "bit_count")
		return
	}
	if d, ok := decimalOf(types[0]); ok && !d.scaled {
		r.replace(name.Pos, name.End, "")
	} else if types[0] == "STRING_LITERAL" {
		r.wrap(args.Pos+1, args.Close.Pos, "CAST(", " AS DOUBLE)")
	}
}

// average gives AVG the type that Redshift gives it: BIGINT for integers, and
// the argument's scale for decimals.
func (r *rewriter) average(nodes []sqltext.Node, first, group, end int) {
	at := nodes[first].Pos
	args := nodes[group]
	upTo := nodes[end-1].Last()
	types, known := r.env.Types[at]
	r.level(args.Children, false)
	if !known {
		r.probe(nodes[first], args, "bit_and")
		return
	}
	d, ok := decimalOf(types[0])
	switch {
	case ok && d.scaled:
		r.wrap(at, upTo, "CAST(", fmt.Sprintf(" AS DECIMAL(38,%d))", d.s))
	case ok:
		r.wrap(at, upTo, "CAST(trunc(", ") AS BIGINT)")
	}
}
