package dialect

import (
	"fmt"
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// toNumber gives TO_NUMBER the type that its format tells.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_TO_NUMBER.html
func (r *rewriter) toNumber(at, args sqltext.Node, split [][]sqltext.Node) {
	if len(split) != 2 || len(split[1]) != 1 || !split[1][0].Kind.IsString() {
		r.fail(sqlstate.Unsupported(at.Pos, "TO_NUMBER without a format that is a constant"))
		return
	}
	format, err := r.str(split[1][0])
	if err != nil {
		r.fail(err)
		return
	}
	scale := 0
	if i := strings.IndexAny(format, ".Dd"); i >= 0 {
		scale = strings.Count(format[i:], "9") + strings.Count(format[i:], "0")
	}
	r.level(args.Children, false)
	r.replace(at.Pos, at.End, "CAST(rs_to_number")
	r.insert(args.Last(), fmt.Sprintf(" AS DECIMAL(38,%d))", min(scale, 37)))
}

// decode turns DECODE(x, search, result, …, default) into a CASE, in which
// nulls are equal.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_DECODE_expression.html
func (r *rewriter) decode(at, args sqltext.Node, split [][]sqltext.Node) {
	if len(split) < 3 {
		r.fail(&sqlstate.Error{Code: sqlstate.SyntaxError, At: at.Pos + 1, Message: "DECODE takes an expression, a search value and a result at least"})
		return
	}
	for _, part := range split {
		if len(part) == 0 {
			r.fail(r.near(at.Token))
			return
		}
	}
	x := &rewriter{Statement: r.Statement, env: r.env}
	x.level(split[0], false)
	if x.err != nil {
		r.fail(x.err)
		return
	}
	r.probes = append(r.probes, x.probes...)
	first := split[0]
	value, _ := x.apply(r.src, first[0].Pos, first[len(first)-1].Last())
	b := &blanks{rewriter: r}
	ends := b.mayEnd(first)
	for i := 1; i+1 < len(split); i += 2 {
		ends = ends || b.mayEnd(split[i])
	}
	if ends { // blanks at the end do not count
		value = "rtrim(CAST(" + value + " AS VARCHAR))"
		for i := 1; i+1 < len(split); i += 2 {
			r.wrap(split[i][0].Pos, split[i][len(split[i])-1].Last(), "rtrim(CAST(", " AS VARCHAR))")
		}
	}
	r.replace(at.Pos, split[1][0].Pos, "(CASE WHEN ("+value+") IS NOT DISTINCT FROM (")
	for i := 1; i < len(split); i++ {
		part := split[i]
		r.level(part, false)
		end := part[len(part)-1].Last()
		next := args.Close.Pos
		if i+1 < len(split) {
			next = split[i+1][0].Pos
		}
		switch {
		case i%2 == 1 && i+1 == len(split): // the default stands alone
			r.replace(end, next, "")
		case i%2 == 1:
			r.replace(end, next, ") THEN (")
		case i+2 == len(split):
			r.replace(end, next, ") ELSE (")
		case i+1 < len(split):
			r.replace(end, next, ") WHEN ("+value+") IS NOT DISTINCT FROM (")
		default:
			r.replace(end, next, "")
		}
	}
	r.replace(args.Close.Pos, args.Close.End, ") END)")
}

// jsonCall reads the last argument of JSON functions, which tells that bad
// JSON is null.
func (r *rewriter) jsonCall(name string, at sqltext.Node, split [][]sqltext.Node) {
	if len(split) < 2 {
		return
	}
	last := split[len(split)-1]
	if len(last) != 1 {
		return
	}
	switch r.word(last, 0) {
	case "true":
		r.replace(at.Pos, at.End, "rs_"+name+"_or_null")
	case "false":
	default:
		return
	}
	before := split[len(split)-2]
	r.replace(before[len(before)-1].Last(), last[0].End, "")
}

// listagg puts the order of LISTAGG into its arguments, where DuckDB has it.
// Without a delimiter there is none. Empty texts do not count.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_LISTAGG.html
func (r *rewriter) listagg(nodes []sqltext.Node, group int, split [][]sqltext.Node) {
	within := r.words(nodes, group+1, "within", "group") && group+3 < len(nodes) && nodes[group+3].IsGroup()
	between := ""
	if len(split) == 1 {
		between = ", ''"
	}
	if x := split[0]; len(x) > 0 {
		filled := func(n []sqltext.Node) {
			r.wrap(n[0].Pos, n[len(n)-1].Last(), "nullif(CAST(", " AS VARCHAR), '')")
		}
		if r.word(x, 0) == "distinct" && len(x) > 1 {
			x = x[1:]
			if within && len(nodes[group+3].Children) > 2 { // what it orders by must be the same expression
				for _, by := range splitCommas(nodes[group+3].Children[2:]) {
					if len(by) >= len(x) && strings.EqualFold(r.src[by[0].Pos:by[len(x)-1].Last()], r.src[x[0].Pos:x[len(x)-1].Last()]) {
						filled(by[:len(x)])
					}
				}
			}
		}
		filled(x)
	}
	args := nodes[group]
	if within {
		r.replace(args.Close.Pos, nodes[group+3].Pos+1, between+" ")
	} else if between != "" {
		r.insert(args.Close.Pos, between)
	}
}

// convert turns CONVERT(type, x) into CAST(x AS type).
//
// https://docs.aws.amazon.com/redshift/latest/dg/CONVERT_function.html
func (r *rewriter) convert(at, args sqltext.Node, parts [][]sqltext.Node) {
	if len(parts) != 2 || len(parts[0]) == 0 || len(parts[1]) == 0 {
		r.fail(r.near(at.Token))
		return
	}
	t, err := r.typeOf(parts[0])
	if err != nil {
		r.fail(err)
		return
	}
	r.level(parts[1], r.isQuery(parts[1]))
	last := parts[0][len(parts[0])-1].Last()
	name := r.src[parts[0][0].Pos:last]
	if t.duck != "" {
		name = t.duck
	}
	before, after := "CAST(", " AS "+name+")"
	if t.length > 0 {
		before, after = "rs_cut"+t.suffix()+"(", fmt.Sprintf(", %d)", t.length)
	}
	r.replace(at.Pos, parts[1][0].Pos, before)
	r.replace(args.Close.Pos, args.Close.End, after)
}

// ratio turns RATIO_TO_REPORT(x) OVER (…) into x by the sum of x over the same
// window.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_WF_RATIO_TO_REPORT.html
func (r *rewriter) ratio(nodes []sqltext.Node, first, group, end int) {
	args := nodes[group]
	if len(splitCommas(args.Children)) != 1 || end <= group+1 {
		r.fail(r.near(nodes[first].Token))
		return
	}
	x := &rewriter{Statement: r.Statement, env: r.env}
	x.level(args.Children, false)
	if x.err != nil {
		r.fail(x.err)
		return
	}
	r.probes = append(r.probes, x.probes...)
	value, _ := x.apply(r.src, args.Children[0].Pos, args.Children[len(args.Children)-1].Last())
	r.level(args.Children, false)
	r.replace(nodes[first].Pos, nodes[group-1].End, "(CAST(("+value+") AS DOUBLE) / sum")
	r.insert(nodes[end-1].Last(), ")")
}

// nullTreatment puts IGNORE NULLS into a function's arguments, where DuckDB
// has it; RESPECT NULLS is what both do.
func (r *rewriter) nullTreatment(nodes []sqltext.Node, group int) {
	ignore := r.words(nodes, group+1, "ignore", "nulls")
	if !ignore && !r.words(nodes, group+1, "respect", "nulls") {
		return
	}
	r.replace(nodes[group+1].Pos, nodes[group+2].End, "")
	if ignore {
		r.insert(nodes[group].Close.Pos, " IGNORE NULLS")
	}
}
