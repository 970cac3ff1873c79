package dialect

import (
	"fmt"
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// pgRenamed are functions whose name in PostgreSQL is another.
var pgRenamed = map[string]string{
	"nvl": "coalesce", "isnull": "coalesce", "len": "length", "textlen": "length", "replicate": "repeat",
	"dlog10": "log", "dexp": "exp", "dlog1": "ln", "ceiling": "ceil",
}

// pgHelped are functions that [PostgresHelpers] has under the same name.
var pgHelped = wordSet(`add_months months_between last_day next_day strtol trunc convert_timezone sha2 charindex
date_part_year bpcharcmp date_cmp timestamp_cmp date_cmp_timestamp timestamp_cmp_date`)

// pgRefused are functions of Redshift that PostgreSQL does not have, or has
// with another result.
var pgRefused = wordSet(`crc32 func_sha1 sha sha1 soundex difference checksum fnv_hash farmfingerprint64 median
json_extract_array_element_text is_valid_json is_valid_json_array json_parse json_serialize can_json_parse json_typeof
get_array_length subarray split_to_array array_flatten object_transform pg_last_query_id pg_last_copy_id pg_last_copy_count pg_last_unload_id
pg_last_unload_count try_cast timeofday interval_cmp hll hll_cardinality hll_combine greatest_ignore_nulls read_csv change_session_priority change_query_priority`)

// call rewrites the function's call at node i and returns the index of its
// last node.
func (p *pgRewriter) call(nodes []sqltext.Node, i int) int {
	at, args := nodes[i], nodes[i+1]
	name := Ident(at.Token, p.src)
	split := splitCommas(args.Children)
	if pgRefused[name] {
		p.fail(pgUnsupported(at.Pos, "the function %s", strings.ToUpper(name)))
		return i + 1
	}
	switch name {
	case "cast":
		p.cast(at, args)
		return i + 1
	case "convert":
		p.convert(at, args, split)
		return i + 1
	case "getdate":
		p.replace(at.Pos, args.Last(), "CAST(date_trunc('second', statement_timestamp()) AS timestamp)")
		return i + 1
	case "sysdate":
		p.replace(at.Pos, args.Last(), "LOCALTIMESTAMP")
		return i + 1
	case "nvl2":
		if p.arity(at, split, 3, 3) {
			p.shape(at, args, split, "(CASE WHEN (", ") IS NOT NULL THEN (", ") ELSE (", ") END)")
		}
		return i + 1
	case "concat": // null where one is
		if p.arity(at, split, 2, 2) {
			p.shape(at, args, split, "(CAST(", " AS text) || CAST(", " AS text))")
		}
		return i + 1
	case "decode":
		if len(split) == 2 { // PostgreSQL's own decode('…', 'hex') is none of Redshift's
			p.fail(pgUnsupported(at.Pos, "DECODE with two arguments"))
		} else if p.arity(at, split, 3, 1000) {
			p.decode(at, args, split)
		}
		return i + 1
	case "dateadd", "date_add":
		p.dateAdd(at, args, split)
		return i + 1
	case "datediff", "date_diff":
		p.dateDiff(at, args, split)
		return i + 1
	case "date_part", "date_trunc":
		if p.arity(at, split, 2, 2) {
			if unit := p.unitOf(split[0]); unit != "" {
				if name == "date_trunc" { // of a date too, a timestamp
					p.replace(at.Pos, at.End, p.helper(name))
				}
				p.replace(split[0][0].Pos, split[0][0].Last(), QuoteText(unit))
				p.level(split[1])
				p.timed(split[1])
			}
		}
		return i + 1
	case "extract":
		p.extract(at, args)
		return i + 1
	case "avg":
		return p.average(nodes, i)
	case "listagg":
		return p.listagg(nodes, i, split)
	case "ratio_to_report":
		return p.ratio(nodes, i)
	case "to_hex":
	case "to_date":
		if len(split) > 2 {
			p.fail(pgUnsupported(at.Pos, "TO_DATE with three arguments"))
		}
	case "regexp_replace":
		p.regexpReplace(at, args, split)
		return i + 1
	case "json_extract_path_text":
		if p.arity(at, split, 2, 6) {
			if last := split[len(split)-1]; len(last) == 1 && (p.word(last, 0) == "true" || p.word(last, 0) == "false") {
				p.fail(pgUnsupported(last[0].Pos, "JSON_EXTRACT_PATH_TEXT with a flag"))
			}
			p.wrapArgument(split[0], "CAST(", " AS json)")
		}
	case "json_array_length":
		if p.arity(at, split, 1, 1) {
			p.wrapArgument(split[0], "CAST(", " AS json)")
		}
	case "quote_ident", "quote_literal":
	}
	switch {
	case pgHelped[name]:
		p.replace(at.Pos, at.End, p.helper(name))
	case pgRenamed[name] != "":
		p.replace(at.Pos, at.End, pgRenamed[name])
	}
	p.level(args.Children)
	return i + 1
}

// arity reports whether a call has as many arguments as it may, none empty.
func (p *pgRewriter) arity(at sqltext.Node, split [][]sqltext.Node, least, most int) bool {
	ok := len(split) >= least && len(split) <= most
	for _, part := range split {
		ok = ok && len(part) > 0
	}
	if !ok {
		p.fail(&sqlstate.Error{Code: sqlstate.UndefinedFunction, At: at.Pos + 1, Message: fmt.Sprintf("function %s does not exist with %d arguments", strings.ToLower(at.Text(p.src)), len(split))})
	}
	return ok
}

// shape puts text around and between the arguments of a call, in their order:
// pieces are one more than args.
func (p *pgRewriter) shape(at, args sqltext.Node, split [][]sqltext.Node, pieces ...string) {
	pos := at.Pos
	for k, part := range split {
		p.level(part)
		p.replace(pos, part[0].Pos, pieces[k])
		pos = part[len(part)-1].Last()
	}
	p.replace(pos, args.Last(), pieces[len(split)])
}

func (p *pgRewriter) wrapArgument(part []sqltext.Node, before, after string) {
	p.wrap(part[0].Pos, part[len(part)-1].Last(), before, after)
}

// timed gives a constant, which is of no type yet, the type of a time.
func (p *pgRewriter) timed(part []sqltext.Node) {
	if len(part) == 1 && part[0].Kind.IsString() {
		p.wrapArgument(part, "CAST(", " AS timestamp)")
	}
}

// render returns what nodes become.
func (p *pgRewriter) render(nodes []sqltext.Node) string {
	if len(nodes) == 0 {
		return ""
	}
	x := &pgRewriter{Statement: p.Statement, env: p.env, listed: p.listed}
	x.names(nodes)
	x.level(nodes)
	if x.err != nil {
		p.fail(x.err)
	}
	p.helpers, p.divides = p.helpers || x.helpers, p.divides || x.divides
	text, _ := x.apply(p.src, nodes[0].Pos, nodes[len(nodes)-1].Last())
	return text
}

// cast rewrites CAST(x AS type).
func (p *pgRewriter) cast(at, args sqltext.Node) {
	c := args.Children
	as := -1
	for i := range c {
		if p.word(c, i) == "as" {
			as = i
		}
	}
	if as < 1 || as+1 >= len(c) {
		p.fail(p.near(at.Token))
		return
	}
	p.level(c[:as])
	t, err := p.pgType(c[as+1:], false)
	if err != nil {
		p.fail(err)
		return
	}
	last := c[len(c)-1].Last()
	switch {
	case t.length > 0 && !(as == 1 && p.shortConstant(c, 0, t.length)):
		p.insert(args.Pos+1, p.helper("cut")+"(CAST(")
		p.replace(c[as].Pos, last, fmt.Sprintf("AS text), %d) AS %s", t.length, strings.TrimPrefix(t.pad(), "::")))
	case t.name != "":
		p.replace(c[as+1].Pos, last, t.name)
	}
}

// convert turns CONVERT(type, x) into CAST(x AS type).
func (p *pgRewriter) convert(at, args sqltext.Node, split [][]sqltext.Node) {
	if len(split) != 2 || len(split[0]) == 0 || len(split[1]) == 0 {
		p.fail(p.near(at.Token))
		return
	}
	t, err := p.pgType(split[0], false)
	if err != nil {
		p.fail(err)
		return
	}
	name := p.src[split[0][0].Pos:split[0][len(split[0])-1].Last()]
	if t.name != "" {
		name = t.name
	}
	p.level(split[1])
	before, after := "CAST(", " AS "+name+")"
	if t.length > 0 && !(len(split[1]) == 1 && p.shortConstant(split[1], 0, t.length)) {
		before, after = "CAST("+p.helper("cut")+"(CAST(", fmt.Sprintf(" AS text), %d) AS %s)", t.length, strings.TrimPrefix(t.pad(), "::"))
	}
	p.replace(at.Pos, split[1][0].Pos, before)
	p.replace(split[1][len(split[1])-1].Last(), args.Last(), after)
}

// decode turns DECODE(x, search, result, …, default) into a CASE, in which
// nulls are equal.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_DECODE_expression.html
func (p *pgRewriter) decode(at, args sqltext.Node, split [][]sqltext.Node) {
	value := p.render(split[0])
	var b strings.Builder
	b.WriteString("(CASE")
	rest := split[1:]
	for ; len(rest) > 1; rest = rest[2:] {
		fmt.Fprintf(&b, " WHEN (%s) IS NOT DISTINCT FROM (%s) THEN (%s)", value, p.render(rest[0]), p.render(rest[1]))
	}
	if len(rest) == 1 {
		fmt.Fprintf(&b, " ELSE (%s)", p.render(rest[0]))
	}
	b.WriteString(" END)")
	p.replace(at.Pos, args.Last(), b.String())
}

// dateAdd turns DATEADD(part, n, x) into a sum with an interval.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_DATEADD_function.html
func (p *pgRewriter) dateAdd(at, args sqltext.Node, split [][]sqltext.Node) {
	if !p.arity(at, split, 3, 3) {
		return
	}
	unit, times := p.unitOf(split[0]), ""
	switch unit {
	case "":
		return
	case "quarter":
		unit, times = "month", "3 * "
	case "dow", "doy", "epoch":
		p.fail(pgUnsupported(split[0][0].Pos, "DATEADD in %s", unit))
		return
	}
	p.timed(split[2])
	p.level(split[1])
	p.level(split[2])
	p.replace(at.Pos, split[1][0].Pos, "("+times+"CAST(")
	p.replace(split[1][len(split[1])-1].Last(), split[2][0].Pos, " AS integer) * interval '1 "+unit+"' + (")
	p.replace(split[2][len(split[2])-1].Last(), args.Last(), "))")
}

// dateDiff counts the borders of a date part between two times.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_DATEDIFF_function.html
func (p *pgRewriter) dateDiff(at, args sqltext.Node, split [][]sqltext.Node) {
	if !p.arity(at, split, 3, 3) {
		return
	}
	unit := p.unitOf(split[0])
	switch unit {
	case "":
		return
	case "week", "dow", "doy", "epoch":
		p.fail(pgUnsupported(split[0][0].Pos, "DATEDIFF in %s", unit))
		return
	}
	a, b := split[1], split[2]
	p.level(a)
	p.level(b)
	before, between, after := "(-CAST(CAST(", " AS date) - CAST(", " AS date) AS bigint))"
	if unit != "day" {
		before, between, after = p.helper("datediff_"+unit)+"(CAST(", " AS timestamp), CAST(", " AS timestamp))"
	}
	p.replace(at.Pos, a[0].Pos, before)
	p.replace(a[len(a)-1].Last(), b[0].Pos, between)
	p.replace(b[len(b)-1].Last(), args.Last(), after)
}

// extract gives EXTRACT the type that it has in Redshift.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_EXTRACT_function.html
func (p *pgRewriter) extract(at, args sqltext.Node) {
	c := args.Children
	from := p.find(c, "from")
	if from != 1 || from+1 >= len(c) {
		p.fail(p.near(at.Token))
		return
	}
	unit := p.unitOf(c[:1])
	if unit == "" {
		return
	}
	p.level(c[2:])
	p.timed(c[2:])
	p.replace(c[0].Pos, c[0].Last(), unit)
	before, after := "CAST(", " AS integer)"
	switch unit { // whole ones, without those of the larger unit
	case "second":
		before, after = "CAST(floor(", ") AS integer)"
	case "epoch":
		before, after = "CAST(floor(", ") AS bigint)"
	case "millisecond":
		before, after = "(CAST(floor(", ") AS integer) % 1000)"
	case "microsecond":
		before, after = "(CAST(", " AS integer) % 1000000)"
	}
	p.wrap(at.Pos, args.Last(), before, after)
}

// tail returns the index after what may follow a call: FILTER, OVER, WITHIN
// GROUP.
func (p *pgRewriter) tail(nodes []sqltext.Node, i int) int {
	for i+1 < len(nodes) {
		switch w := p.word(nodes, i); {
		case w == "filter" && nodes[i+1].IsGroup(), w == "over":
			i += 2
		case w == "within" && i+2 < len(nodes) && nodes[i+2].IsGroup():
			i += 3
		default:
			return i
		}
	}
	return i
}

// average gives AVG the type that it has in Redshift: BIGINT for integers, and
// the argument's scale for numerics.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_AVG.html
func (p *pgRewriter) average(nodes []sqltext.Node, i int) int {
	args := nodes[i+1]
	end := p.tail(nodes, i+2)
	if len(args.Children) == 0 {
		p.fail(p.near(nodes[i].Token))
		return i + 1
	}
	x, after := p.render(args.Children), ""
	if end > i+2 {
		after = " " + p.render(nodes[i+2:end])
	}
	p.replace(nodes[i].Pos, nodes[end-1].Last(), fmt.Sprintf("%s(sum(%s)%s, count(%s)%s, max(%s)%s)", p.helper("average"), x, after, x, after, x, after))
	return end - 1
}

// ratio turns RATIO_TO_REPORT(x) OVER (…) into x by the sum of x.
func (p *pgRewriter) ratio(nodes []sqltext.Node, i int) int {
	args := nodes[i+1]
	end := p.tail(nodes, i+2)
	if end == i+2 || len(args.Children) == 0 {
		p.fail(p.near(nodes[i].Token))
		return i + 1
	}
	x := p.render(args.Children)
	p.replace(nodes[i].Pos, nodes[end-1].Last(), fmt.Sprintf("(CAST((%s) AS double precision) / sum(%s) %s)", x, x, p.render(nodes[i+2:end])))
	return end - 1
}

// listagg turns LISTAGG(x, d) WITHIN GROUP (ORDER BY y) into string_agg.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_LISTAGG.html
func (p *pgRewriter) listagg(nodes []sqltext.Node, i int, split [][]sqltext.Node) int {
	at := nodes[i]
	if !p.arity(at, split, 1, 2) {
		return i + 1
	}
	x, between, distinct := split[0], "''", ""
	if p.word(x, 0) == "distinct" && len(x) > 1 {
		x, distinct = x[1:], "DISTINCT "
	}
	if len(split) == 2 {
		between = p.render(split[1])
	}
	end, order := i+2, ""
	if p.words(nodes, end, "within", "group") && end+2 < len(nodes) && nodes[end+2].IsGroup() {
		by := nodes[end+2].Children
		if distinct != "" && len(by) > 2 && p.same(by[2:], x) { // it must be the same expression
			order = " ORDER BY nullif(CAST(" + p.render(x) + " AS text), '')"
		} else {
			order = " " + p.render(by)
		}
		end += 3
	}
	if p.word(nodes, end) == "over" {
		p.fail(pgUnsupported(nodes[end].Pos, "LISTAGG … OVER"))
	}
	p.replace(at.Pos, nodes[end-1].Last(), fmt.Sprintf("string_agg(%snullif(CAST(%s AS text), ''), %s%s)", distinct, p.render(x), between, order))
	return end - 1
}

// same reports whether two lists of nodes are the same text.
func (p *pgRewriter) same(a, b []sqltext.Node) bool {
	if len(a) != len(b) {
		return false
	}
	for k := range a {
		if !strings.EqualFold(a[k].Text(p.src), b[k].Text(p.src)) || len(a[k].Children) > 0 && !p.same(a[k].Children, b[k].Children) {
			return false
		}
	}
	return true
}

// regexpReplace replaces all that is found, as Redshift does.
//
// https://docs.aws.amazon.com/redshift/latest/dg/REGEXP_REPLACE.html
func (p *pgRewriter) regexpReplace(at, args sqltext.Node, split [][]sqltext.Node) {
	if len(split) > 3 {
		p.fail(pgUnsupported(at.Pos, "REGEXP_REPLACE with a position or parameters"))
		return
	}
	if !p.arity(at, split, 2, 3) {
		return
	}
	p.level(args.Children)
	if len(split) == 2 {
		p.insert(args.Close.Pos, ", '', 'g'")
		return
	}
	if last := split[2]; len(last) != 1 || !last[0].Kind.IsString() || strings.ContainsAny(last[0].Text(p.src), `\$`) {
		p.fail(pgUnsupported(last[0].Pos, "a reference in the replacement of REGEXP_REPLACE, or one that is no constant,"))
		return
	}
	p.insert(args.Close.Pos, ", 'g'")
}
