package dialect

import (
	"fmt"
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// level rewrites a list of nodes: a query, a list of expressions or a part of
// them. Nothing depends on how operators bind.
func (p *pgRewriter) level(nodes []sqltext.Node) {
	for i := 0; i < len(nodes) && p.err == nil; i++ {
		n := nodes[i]
		switch {
		case n.Kind.IsString():
			p.constant(nodes, i)
		case n.Kind == sqltext.Typecast:
			i = p.typecast(nodes, i)
		case n.Kind == sqltext.Operator:
			p.operator(nodes, i)
		case n.Kind.IsName() && i+1 < len(nodes) && nodes[i+1].Kind == sqltext.OpenParen && !p.afterDot(nodes, i) && p.callable(nodes, i):
			i = p.call(nodes, i)
		case n.Kind == sqltext.Ident && p.afterDot(nodes, i):
			if i >= 2 && p.word(nodes, i) == "adsrc" && !p.afterDot(nodes, i-2) { // gone since PostgreSQL 12
				of := nodes[i-2].Text(p.src)
				p.replace(nodes[i-2].Pos, n.End, "pg_catalog.pg_get_expr("+of+".adbin, "+of+".adrelid)")
			}
		case n.Kind == sqltext.Ident:
			p.keyword(nodes, i)
		case n.IsGroup():
			p.level(n.Children)
		}
	}
}

// callable reports whether node i, which a parenthesis follows, is the name of
// a function.
func (p *pgRewriter) callable(nodes []sqltext.Node, i int) bool {
	w := p.word(nodes, i)
	switch w {
	case "in", "exists", "any", "all", "some", "values", "as", "over", "and", "or", "not", "when", "then", "else", "on", "using", "from", "join",
		"where", "having", "by", "limit", "offset", "union", "except", "intersect", "minus", "select", "distinct", "case", "between", "like", "ilike",
		"filter", "group", "to", "is", "set", "lateral", "array", "row", "returning", "with":
		return false
	}
	return !p.word2(nodes, i-1, "into", "table", "as", "update")
}

func (p *pgRewriter) afterDot(nodes []sqltext.Node, i int) bool {
	return i > 0 && nodes[i-1].Kind == sqltext.Dot
}

// constant rewrites a text: backslashes escape in Redshift's.
func (p *pgRewriter) constant(nodes []sqltext.Node, i int) {
	n := nodes[i]
	if n.Kind != sqltext.String || p.written[n.Pos] {
		return
	}
	if p.written == nil {
		p.written = map[int]bool{}
	}
	p.written[n.Pos] = true
	text := n.Text(p.src)
	value, ok := StringValue(text, n.Kind)
	if !ok {
		return
	}
	if p.compared(nodes, i) && strings.HasSuffix(value, " ") {
		p.replace(n.Pos, n.End, QuoteText(strings.TrimRight(value, " "))) // blanks at the end do not count
	} else if strings.IndexByte(text, '\\') >= 0 {
		p.replace(n.Pos, n.End, QuoteText(value))
	}
}

// compared reports whether the constant at node i is compared: beside an
// operator, in a list or a row of IN, of BETWEEN, or of a simple CASE.
func (p *pgRewriter) compared(nodes []sqltext.Node, i int) bool {
	is := func(k int) bool {
		return k >= 0 && k < len(nodes) && nodes[k].Kind == sqltext.Operator && comparison(nodes[k].Text(p.src))
	}
	before := p.word(nodes, i-1)
	return is(i-1) || is(i+1) || before == "between" || p.word(nodes, i+1) == "between" || p.word(nodes, i+1) == "in" || p.word(nodes, i+1) == "not" && p.word2(nodes, i+2, "in", "between") ||
		before == "and" && p.word(nodes, i-3) == "between" || before == "when" && p.word(nodes, i+1) == "then" || p.listed[nodes[i].Pos]
}

// list notes the constants of IN's lists, and of rows in them.
func (p *pgRewriter) list(nodes []sqltext.Node) {
	var note func(list []sqltext.Node)
	note = func(list []sqltext.Node) {
		if p.word2(list, 0, "select", "with") {
			return
		}
		for _, part := range splitCommas(list) {
			if len(part) == 1 {
				p.listed[part[0].Pos] = true
				note(part[0].Children)
			}
		}
	}
	for i, n := range nodes {
		if p.word(nodes, i) == "in" && i+1 < len(nodes) && nodes[i+1].IsGroup() {
			note(nodes[i+1].Children)
		}
		p.list(n.Children)
	}
}

// constants rewrites the texts that level did not come to.
func (p *pgRewriter) constants(nodes []sqltext.Node) {
	for i, n := range nodes {
		p.constant(nodes, i)
		p.constants(n.Children)
	}
}

// operator notes divisions.
func (p *pgRewriter) operator(nodes []sqltext.Node, i int) {
	if !nodes[i].IsOp(p.src, "/") || i+1 >= len(nodes) {
		return
	}
	if nodes[i+1].Kind == sqltext.Float { // 2.0 and 1e3 alike: the other side tells
		p.divides = true
		return
	}
	p.divides = p.divides || !(i > 0 && nodes[i-1].Kind == sqltext.Integer && nodes[i+1].Kind == sqltext.Integer)
}

// keyword rewrites words that stand alone.
func (p *pgRewriter) keyword(nodes []sqltext.Node, i int) {
	n := nodes[i]
	switch w := p.word(nodes, i); w {
	case "adsrc":
		p.replace(n.Pos, n.End, "pg_catalog.pg_get_expr(adbin, adrelid)")
	case "sysdate":
		if !(i > 0 && p.word(nodes, i-1) == "as") {
			p.replace(n.Pos, n.End, "LOCALTIMESTAMP")
		}
	case "minus":
		next := p.word(nodes, i+1)
		if next == "select" || next == "all" || i+1 < len(nodes) && nodes[i+1].IsGroup() && p.queryIn(nodes[i+1].Children) {
			p.replace(n.Pos, n.End, "EXCEPT")
		}
	case "select":
		p.top(nodes, i)
	case "approximate":
		if p.word2(nodes, i+1, "count") {
			p.replace(n.Pos, n.End, "")
		} else if p.word(nodes, i+1) == "percentile_disc" {
			p.replace(n.Pos, n.End, "")
		}
	case "qualify":
		if i > 0 && !p.word2(nodes, i-1, "as", "select") && nodes[i-1].Kind != sqltext.Comma {
			p.fail(pgUnsupported(n.Pos, "QUALIFY"))
		}
	case "pivot", "unpivot":
		if i+1 < len(nodes) && nodes[i+1].IsGroup() {
			p.fail(pgUnsupported(n.Pos, "%s", strings.ToUpper(w)))
		}
	case "ignore", "respect":
		if p.word(nodes, i+1) == "nulls" {
			if w == "respect" {
				p.replace(n.Pos, nodes[i+1].End, "")
			} else {
				p.fail(pgUnsupported(n.Pos, "IGNORE NULLS"))
			}
		}
	case "from", "join", "update", "into":
		p.system(nodes, i+1)
	case "within":
		if p.word(nodes, i+1) != "group" {
			return
		}
	}
	if strings.HasPrefix(p.word(nodes, i), "#") {
		return // names has done it
	}
}

// system refuses the tables that only Redshift has.
func (p *pgRewriter) system(nodes []sqltext.Node, i int) {
	if i >= len(nodes) || !nodes[i].Kind.IsName() || nodes[i].Kind == sqltext.UnicodeIdent {
		return
	}
	name, end, err := p.name(nodes, i)
	if err != nil || !unknownSystemTable(name) && !(name.Table == "pg_table_def" && (name.Schema == "" || name.Schema == "pg_catalog")) {
		return
	}
	if pgSystemViews[name.Table] {
		p.replace(nodes[i].Pos, nodes[end-1].Last(), p.helper(name.Table))
		return
	}
	p.fail(pgUnsupported(nodes[i].Pos, "the system table %s", name.Table))
}

// queryIn reports whether nodes, the inside of a parenthesis, are a query.
func (p *pgRewriter) queryIn(nodes []sqltext.Node) bool {
	switch p.word(nodes, 0) {
	case "select", "with", "values", "table":
		return true
	}
	return len(nodes) > 0 && nodes[0].Kind == sqltext.OpenParen && p.queryIn(nodes[0].Children)
}

// top turns SELECT TOP n into LIMIT n.
func (p *pgRewriter) top(nodes []sqltext.Node, sel int) {
	i := sel + 1
	if w := p.word(nodes, i); w == "distinct" || w == "all" {
		i++
	}
	if p.word(nodes, i) != "top" || i+2 >= len(nodes) || nodes[i+1].Kind != sqltext.Integer {
		return
	}
	for k := i + 2; k < len(nodes); k++ {
		switch p.word(nodes, k) {
		case "union", "except", "intersect", "minus", "limit", "for":
			p.fail(pgUnsupported(nodes[i].Pos, "TOP together with %s", nodes[k].Text(p.src)))
			return
		}
	}
	p.replace(nodes[i].Pos, nodes[i+1].End, "")
	p.insert(nodes[len(nodes)-1].Last(), " LIMIT "+nodes[i+1].Text(p.src))
}

// typecast rewrites x::type at node i, whose operand ends before it, and
// returns the index of its last node.
func (p *pgRewriter) typecast(nodes []sqltext.Node, i int) int {
	end := p.typeEnd(nodes, i+1)
	if end == i+1 {
		return i
	}
	t, err := p.pgType(nodes[i+1:end], false)
	if err != nil {
		p.fail(err)
		return i
	}
	last := nodes[end-1].Last()
	if t.length > 0 && !p.shortConstant(nodes, i-1, t.length) {
		start := p.operandStart(nodes, i)
		if start < 0 {
			p.fail(pgUnsupported(nodes[i].Pos, "a cast of this expression with ::, instead of CAST"))
			return i
		}
		p.wrap(nodes[start].Pos, last, p.helper("cut")+"(", "")
		p.replace(nodes[i].Pos, last, fmt.Sprintf("::text, %d)%s", t.length, t.pad()))
	} else if t.name != "" {
		p.replace(nodes[i+1].Pos, last, t.name)
	}
	return end - 1
}

// shortConstant reports whether node i is a constant, or null, that no cast to
// a text of n bytes cuts within a character.
func (p *pgRewriter) shortConstant(nodes []sqltext.Node, i, n int) bool {
	if i < 0 {
		return false
	}
	switch k := nodes[i].Kind; {
	case k == sqltext.Integer || p.word(nodes, i) == "null":
		return true
	case k == sqltext.String:
		v, ok := StringValue(nodes[i].Text(p.src), k)
		if !ok {
			return false
		}
		for _, c := range []byte(v) {
			if c >= 0x80 {
				return len(v) <= n
			}
		}
		return true
	}
	return false
}

// operandStart returns where the operand that ends before node i begins, or -1.
func (p *pgRewriter) operandStart(nodes []sqltext.Node, i int) int {
	k := i - 1
	if k < 0 {
		return -1
	}
	for {
		n := nodes[k]
		switch {
		case n.Kind == sqltext.OpenParen:
			if k > 0 && nodes[k-1].Kind.IsName() && p.callable(nodes, k-1) {
				if w := p.word(nodes, k-1); w == "over" || w == "group" || w == "filter" {
					return -1
				}
				k--
			}
		case n.Kind.IsString() || n.Kind == sqltext.Integer || n.Kind == sqltext.Float || n.Kind == sqltext.Param:
		case n.Kind.IsName():
			if w := p.word(nodes, k); w == "end" {
				return -1
			}
		default:
			return -1
		}
		for k >= 2 && nodes[k-1].Kind == sqltext.Dot {
			if k -= 2; !nodes[k].Kind.IsName() { // (x).a
				return -1
			}
		}
		if k >= 2 && nodes[k-1].Kind == sqltext.Typecast { // x::a::b
			k -= 2
			continue
		}
		if k >= 3 && nodes[k].IsGroup() && nodes[k-2].Kind == sqltext.Typecast {
			return -1
		}
		return k
	}
}

// typeEnd returns the end of the type at node i.
func (p *pgRewriter) typeEnd(nodes []sqltext.Node, i int) int {
	r := &rewriter{Statement: p.Statement}
	end := r.typeEnd(nodes, i)
	if end < len(nodes) && end == i+1 && nodes[end].Kind == sqltext.Dot && end+1 < len(nodes) { // schema.type
		end = r.typeEnd(nodes, end+1)
	}
	return end
}

// A pgTyp is a type that a user wrote.
type pgTyp struct {
	name   string // PostgreSQL's words, "" where the user's are right
	length int    // of texts, in bytes; 0 is none
	blank  bool   // CHAR
}

// pad is what makes a text that was cut a CHAR.
func (t pgTyp) pad() string {
	if t.blank {
		return fmt.Sprintf("::char(%d)", t.length)
	}
	return "::varchar"
}

// pgType reads the nodes of a type. declared tells that it is a column's, where
// texts without a length have one.
//
// https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html
func (p *pgRewriter) pgType(nodes []sqltext.Node, declared bool) (pgTyp, error) {
	switch w := p.word(nodes, 0); w {
	case "super", "hllsketch", "geometry", "geography", "varbyte", "varbinary", "binary":
		return pgTyp{}, pgUnsupported(nodes[0].Pos, "the type %s", strings.ToUpper(w))
	case "datetime":
		return pgTyp{name: "timestamp"}, nil
	case "float":
		if len(nodes) == 1 {
			return pgTyp{name: "double precision"}, nil
		}
		return pgTyp{}, nil
	case "text", "varchar", "nvarchar", "character", "char", "nchar", "bpchar", "numeric", "decimal", "dec":
		if nodes[len(nodes)-1].Kind == sqltext.OpenBracket || w == "text" && !declared {
			return pgTyp{}, nil
		}
		t, err := p.readType(nodes, declared)
		if err != nil {
			return pgTyp{}, err
		}
		switch {
		case t.blank:
			return pgTyp{fmt.Sprintf("char(%d)", t.length), t.length, true}, nil
		case t.length > 0:
			return pgTyp{fmt.Sprintf("varchar(%d)", t.length), t.length, false}, nil
		case strings.HasPrefix(t.duck, "DECIMAL"):
			return pgTyp{name: "numeric" + t.duck[len("DECIMAL"):]}, nil
		}
		return pgTyp{name: "varchar"}, nil
	}
	return pgTyp{}, nil
}

// unitOf returns PostgreSQL's name of a date part, bare or quoted.
func (p *pgRewriter) unitOf(nodes []sqltext.Node) string {
	if len(nodes) != 1 {
		p.fail(&sqlstate.Error{Code: sqlstate.UndefinedFunction, At: p.Pos + 1, Message: "a date function takes a date part first"})
		return ""
	}
	name := strings.ToLower(nodes[0].Text(p.src))
	if v, ok := StringValue(nodes[0].Text(p.src), nodes[0].Kind); ok {
		name = strings.ToLower(v)
	}
	unit := units[name]
	if unit == "" {
		p.fail(pgUnsupported(nodes[0].Pos, "the date part %q", name))
	}
	return unit
}
