package dialect

import (
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/redshift"
	"salamander/warehouse/sqlstate"
)

// timeWords are the texts that mean a time of now.
var timeWords = map[string]string{
	"now": "getdate()", "today": "date_trunc('day', getdate())", "tomorrow": "date_trunc('day', getdate()) + to_days(1)", "yesterday": "date_trunc('day', getdate()) - to_days(1)",
}

// timeType returns what a type's nodes name: "DATE", "TIMESTAMP", "TIMESTAMPTZ",
// or "" for anything else.
func (r *rewriter) timeType(typ []sqltext.Node) string {
	switch w := r.word(typ, 0); {
	case len(typ) == 1 && w == "date":
		return "DATE"
	case (len(typ) == 1 || len(typ) == 2 && typ[1].IsGroup()) && (w == "timestamp" || w == "datetime"), len(typ) == 4 && r.words(typ, 0, "timestamp", "without", "time", "zone"):
		return "TIMESTAMP"
	case len(typ) == 1 && w == "timestamptz", len(typ) == 4 && r.words(typ, 0, "timestamp", "with", "time", "zone"):
		return "TIMESTAMPTZ"
	}
	return ""
}

// timeConstant rewrites the bytes from start up to end, a constant n of the
// type typ: date '…', '…'::date. DuckDB knows ISO 8601 only. It reports
// whether it did.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_Date_and_time_literals.html
func (r *rewriter) timeConstant(start int, n sqltext.Node, typ []sqltext.Node, end int) bool {
	kind := r.timeType(typ)
	if kind == "" || kind == "TIMESTAMPTZ" || !n.Kind.IsString() {
		return false
	}
	text, ok := StringValue(n.Text(r.src), n.Kind)
	if !ok {
		return false
	}
	if expr, ok := timeWords[strings.ToLower(strings.TrimSpace(text))]; ok {
		r.write(n)
		r.replace(start, end, "CAST("+expr+" AS "+kind+")")
		return true
	}
	t, ok := redshift.ParseTimestamp(text)
	if !ok {
		return false // DuckDB tells what is wrong with it
	}
	form := "2006-01-02 15:04:05.999999"
	if kind == "DATE" {
		form = "2006-01-02"
	}
	r.write(n)
	r.replace(start, end, kind+" "+QuoteText(t.Format(form)))
	return true
}

// timeCast rewrites x::date, whose operand is nodes[start] up to the operator
// at node op. A text may be a date in any form. It reports whether it did.
func (r *rewriter) timeCast(nodes []sqltext.Node, start, op int, typ []sqltext.Node) bool {
	kind := r.timeType(typ)
	if kind == "" {
		return false
	}
	last := typ[len(typ)-1].Last()
	if op == start+1 {
		if nodes[start].Kind.IsString() && kind != "TIMESTAMPTZ" {
			return r.timeConstant(nodes[start].Pos, nodes[start], typ, last)
		}
		if nodes[start].Kind == sqltext.Param || r.word(nodes, start) == "null" {
			return false
		}
	}
	r.wrap(nodes[start].Pos, nodes[op-1].Last(), "rs_"+strings.ToLower(kind)+"(", ")")
	r.replace(nodes[op].Pos, last, "")
	return true
}

// timeCastCall rewrites CAST(x AS date), whose arguments are c with the word
// AS at node as. It reports whether it did.
func (r *rewriter) timeCastCall(at, args sqltext.Node, c []sqltext.Node, as int) bool {
	kind := r.timeType(c[as+1:])
	if kind == "" {
		return false
	}
	if as == 1 {
		if c[0].Kind.IsString() && kind != "TIMESTAMPTZ" {
			return r.timeConstant(at.Pos, c[0], c[as+1:], args.Last())
		}
		if c[0].Kind == sqltext.Param || r.word(c, 0) == "null" {
			return false
		}
	}
	r.level(c[:as], r.isQuery(c[:as]))
	r.replace(at.Pos, at.End, "rs_"+strings.ToLower(kind))
	r.replace(c[as].Pos, c[len(c)-1].Last(), "")
	return true
}

// extract rewrites EXTRACT(part FROM x). Unlike DATE_PART it gives integers
// that know nothing of the parts above and below.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_EXTRACT_function.html
func (r *rewriter) extract(at, args sqltext.Node) {
	c := args.Children
	if len(c) < 3 || r.word(c, 1) != "from" {
		r.fail(r.near(at.Token))
		return
	}
	name := strings.ToLower(c[0].Text(r.src))
	if v, ok := StringValue(c[0].Text(r.src), c[0].Kind); ok {
		name = strings.ToLower(v)
	}
	unit := units[name]
	switch name {
	case "timezone", "timezone_hour", "timezone_minute":
		unit = name
	}
	if unit == "" {
		r.fail(sqlstate.Unsupported(c[0].Pos, "the date part %q", name))
		return
	}
	r.level(c[2:], false)
	r.replace(at.Pos, c[2].Pos, "rs_extract("+QuoteText(unit)+", ")
}
