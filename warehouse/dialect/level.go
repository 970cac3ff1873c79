package dialect

import (
	"fmt"
	"strconv"
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// reserved are the words that are no operand and no function's name.
var reserved = wordSet(`select from where and or not in on when then else case by having limit values as distinct all any
some between like ilike is union except intersect minus using set join inner left right full outer cross natural over
filter returning offset top exists end asc desc with recursive into group order partition rows range insert update delete
qualify window lateral similar to escape collate overlaps isnull notnull nulls first last within ignore respect only for`)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

// level rewrites the nodes of one level, and what their parentheses enclose.
// query tells that the level is a statement or a subquery, not the arguments
// of a function.
func (r *rewriter) level(nodes []sqltext.Node, query bool) {
	if query {
		r.clauses(nodes)
		r.unitedConstants(nodes)
		r.joinStars(nodes)
	}
	chain := -1 // where the product that we are in begins
	for i := 0; i < len(nodes) && r.err == nil; {
		n := nodes[i]
		if n.Kind == sqltext.Operator {
			chain = -1
			r.operatorNode(nodes, i)
			i++
			continue
		}
		if r.word(nodes, i) == "operator" && i+1 < len(nodes) && nodes[i+1].IsGroup() {
			chain = -1
			r.operatorCall(nodes, i)
			i += 2
			continue
		}
		if !r.operandAt(nodes, i) {
			chain = -1
			switch r.word(nodes, i) {
			case "similar":
				r.similar(nodes, i)
			case "like", "ilike":
				r.implicitLike(nodes, i)
				r.escapes(nodes, i+1)
			case "collate", "overlaps":
				r.fail(sqlstate.Unsupported(n.Pos, "%s", strings.ToUpper(n.Text(r.src))))
			}
			i++
			continue
		}
		end := r.operand(nodes, i)
		if chain < 0 {
			chain = i
		}
		i = end
		if i >= len(nodes) || nodes[i].Kind != sqltext.Operator {
			chain = -1
			continue
		}
		switch op := nodes[i].Text(r.src); op {
		case "*":
			i++
		case "/", "%":
			i++
			if i >= len(nodes) {
				continue
			}
			right := r.unaryEnd(nodes, i)
			r.division(nodes, chain, i-1, right, op)
		default:
			chain = -1
			r.operatorNode(nodes, i)
			i++
		}
	}
}

// escapes lets backslashes escape in the pattern of LIKE at node i, as Redshift
// has it and DuckDB only where it is told.
func (r *rewriter) escapes(nodes []sqltext.Node, i int) {
	if i >= len(nodes) || !r.operandAt(nodes, i) {
		return
	}
	end := r.patternEnd(nodes, i)
	if r.word(nodes, end) == "escape" {
		return
	}
	if end == i+1 && nodes[i].Kind.IsString() {
		if v, ok := StringValue(nodes[i].Text(r.src), nodes[i].Kind); ok && strings.IndexByte(v, '\\') < 0 {
			return
		}
	}
	r.insert(nodes[end-1].Last(), ` ESCAPE '\'`)
}

// patternEnd returns the end of a pattern that begins at node i: operands with
// || between them.
func (r *rewriter) patternEnd(nodes []sqltext.Node, i int) int {
	end := r.unaryEnd(nodes, i)
	for end+1 < len(nodes) && nodes[end].Kind == sqltext.Operator && !comparison(nodes[end].Text(r.src)) {
		end = r.unaryEnd(nodes, end+1)
	}
	return end
}

func comparison(op string) bool {
	switch op {
	case "=", "<>", "!=", "<", ">", "<=", ">=":
		return true
	}
	return false
}

// operandAt reports whether an operand begins at node i.
func (r *rewriter) operandAt(nodes []sqltext.Node, i int) bool {
	n := nodes[i]
	switch n.Kind {
	case sqltext.Comma, sqltext.Semicolon, sqltext.Dot, sqltext.DotDot, sqltext.Colon, sqltext.Typecast, sqltext.ColonEquals, sqltext.Operator, sqltext.Other:
		return false
	case sqltext.Ident:
		w := r.word(nodes, i)
		if w == "left" || w == "right" || w == "isnull" {
			return i+1 < len(nodes) && nodes[i+1].Kind == sqltext.OpenParen
		}
		return w == "case" || !reserved[w]
	}
	return true
}

// unaryEnd returns the end of the operand at node i, its sign included. It
// edits nothing.
func (r *rewriter) unaryEnd(nodes []sqltext.Node, i int) int {
	for i < len(nodes) && nodes[i].Kind == sqltext.Operator {
		i++
	}
	if i >= len(nodes) {
		return i
	}
	dry := &rewriter{Statement: r.Statement, env: r.env}
	end := dry.operandShape(nodes, i, nil)
	for end+1 < len(nodes) && nodes[end].IsOp(r.src, "^") {
		end = r.unaryEnd(nodes, end+1)
	}
	return end
}

// operand rewrites the operand at node i and returns its end.
func (r *rewriter) operand(nodes []sqltext.Node, i int) int {
	if end := r.superOperand(nodes, i); end > 0 {
		return end
	}
	return r.operandShape(nodes, i, r)
}

// operandShape finds the end of the operand at node i: a primary with its
// casts and subscripts. do, where not nil, rewrites what it finds.
func (r *rewriter) operandShape(nodes []sqltext.Node, i int, do *rewriter) int {
	start := i
	n := nodes[i]
	switch {
	case n.Kind == sqltext.Ident && r.word(nodes, i) == "case":
		i = r.caseEnd(nodes, i)
		if do != nil {
			do.level(nodes[start+1:max(start+1, i-1)], false)
		}
	case n.IsGroup():
		i++
		if len(n.Children) == 1 && n.Children[0].IsOp(r.src, "+") && do != nil {
			do.fail(sqlstate.Unsupported(n.Pos, "the outer join (+)"))
		}
		if do != nil {
			do.level(n.Children, do.isQuery(n.Children))
		}
	case n.Kind.IsName():
		i = r.nameOrCall(nodes, i, do)
	default:
		if do != nil {
			do.constant(nodes, i)
		}
		i++
	}
	for i < len(nodes) {
		switch {
		case nodes[i].Kind == sqltext.Typecast:
			end := r.typeEnd(nodes, i+1)
			if typ := nodes[i+1 : end]; do != nil && !do.timeCast(nodes, start, i, typ) {
				do.cast(nodes[start].Pos, nodes[i].Token, typ, nodes[i-1].Last())
			}
			if end == i+1 {
				return end
			}
			i = end
		case nodes[i].Kind == sqltext.OpenBracket:
			if do != nil {
				do.level(nodes[i].Children, false)
			}
			i++
		case nodes[i].Kind == sqltext.Dot && i+1 < len(nodes):
			i += 2
		default:
			return i
		}
	}
	return i
}

func (r *rewriter) caseEnd(nodes []sqltext.Node, i int) int {
	depth := 0
	for ; i < len(nodes); i++ {
		switch r.word(nodes, i) {
		case "case":
			depth++
		case "end":
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return i
}

// nameOrCall passes over a column, or a function with its arguments and what
// may follow: WITHIN GROUP, FILTER, IGNORE NULLS, OVER.
func (r *rewriter) nameOrCall(nodes []sqltext.Node, i int, do *rewriter) int {
	first := i
	if r.word(nodes, i) == "approximate" && do != nil {
		do.approximate(nodes, i)
	}
	if do != nil {
		do.quoteWord(nodes, i)
	}
	i++
	for i+1 < len(nodes) && nodes[i].Kind == sqltext.Dot {
		i += 2 // a name, or the star of t.*
	}
	if i < len(nodes) && nodes[i].Kind == sqltext.OpenParen {
		group := i
		i++
		for i < len(nodes) {
			switch {
			case r.words(nodes, i, "within", "group") && i+2 < len(nodes) && nodes[i+2].IsGroup(),
				r.words(nodes, i, "ignore", "nulls"), r.words(nodes, i, "respect", "nulls"):
				if r.word(nodes, i) == "within" {
					if do != nil {
						do.level(nodes[i+2].Children, false)
					}
					i++
				}
				i += 2
				continue
			case (r.word(nodes, i) == "filter" || r.word(nodes, i) == "over") && i+1 < len(nodes) && nodes[i+1].IsGroup():
				if do != nil {
					do.level(nodes[i+1].Children, false)
				}
				i += 2
				continue
			case r.word(nodes, i) == "over" && i+1 < len(nodes) && nodes[i+1].Kind.IsName():
				i += 2
				continue
			}
			break
		}
		if do != nil {
			do.call(nodes, first, group, i)
		}
		return i
	}
	if i == first+1 && i < len(nodes) && nodes[i].Kind.IsString() && nodes[first].Kind == sqltext.Ident {
		if do != nil && !do.timeConstant(nodes[first].Pos, nodes[i], nodes[first:i], nodes[i].End) { // date '2003-01-02'
			do.constant(nodes, i)
		}
		return i + 1
	}
	if do != nil && i == first+1 && nodes[first].Kind == sqltext.Ident {
		do.bareWord(nodes, first)
	}
	return i
}

// typeEnd returns the end of the type at node i.
func (r *rewriter) typeEnd(nodes []sqltext.Node, i int) int {
	if i >= len(nodes) || !nodes[i].Kind.IsName() {
		return i
	}
	w := r.word(nodes, i)
	i++
	if w == "pg_catalog" && i+1 < len(nodes) && nodes[i].Kind == sqltext.Dot {
		w = r.word(nodes, i+1)
		i += 2
	}
	switch {
	case w == "double" && r.word(nodes, i) == "precision", (w == "character" || w == "char") && r.word(nodes, i) == "varying":
		i++
	}
	if i < len(nodes) && nodes[i].Kind == sqltext.OpenParen {
		i++
	}
	if (w == "timestamp" || w == "time") && (r.words(nodes, i, "with", "time", "zone") || r.words(nodes, i, "without", "time", "zone")) {
		i += 3
	}
	for i < len(nodes) && nodes[i].Kind == sqltext.OpenBracket && len(nodes[i].Children) == 0 {
		i++
	}
	return i
}

// constant rewrites a string: backslashes are escapes.
func (r *rewriter) constant(nodes []sqltext.Node, i int) {
	n := nodes[i]
	if r.written[n.Pos] {
		return
	}
	switch n.Kind {
	case sqltext.String:
		text := n.Text(r.src)
		value, ok := StringValue(text, n.Kind)
		if !ok {
			return
		}
		if r.compared(nodes, i) && strings.HasSuffix(value, " ") {
			value = strings.TrimRight(value, " ") // blanks at the end do not count
			r.replace(n.Pos, n.End, QuoteText(value))
		} else if r.isNumber(nodes, i, value) {
			r.replace(n.Pos, n.End, strings.TrimSpace(value))
		} else if strings.IndexByte(text, '\\') >= 0 {
			r.replace(n.Pos, n.End, QuoteText(value))
		}
	case sqltext.EscapeString, sqltext.UnicodeString:
		if n.Kind == sqltext.UnicodeString {
			r.fail(sqlstate.Unsupported(n.Pos, "U&'…'"))
		}
	case sqltext.BitString, sqltext.HexString: // DuckDB would read the text itself
		r.fail(sqlstate.Unsupported(n.Pos, "a bit string"))
	}
}

func (r *rewriter) compared(nodes []sqltext.Node, i int) bool {
	is := func(k int) bool {
		if k < 0 || k >= len(nodes) || nodes[k].Kind != sqltext.Operator {
			return false
		}
		switch nodes[k].Text(r.src) {
		case "=", "<>", "!=":
			return !(&blanks{rewriter: r}).assignment(nodes, k)
		}
		return false
	}
	return is(i-1) || is(i+1)
}

// isNumber reports whether the constant at node i is a number that stands in
// quotes: beside an operator of arithmetic whose other side is a number.
func (r *rewriter) isNumber(nodes []sqltext.Node, i int, value string) bool {
	beside := func(op, other int) bool {
		if op < 0 || op >= len(nodes) || other < 0 || other >= len(nodes) || nodes[op].Kind != sqltext.Operator || !strings.Contains("+-*/%", nodes[op].Text(r.src)) {
			return false
		}
		return nodes[other].Kind == sqltext.Integer || nodes[other].Kind == sqltext.Float
	}
	if !beside(i-1, i-2) && !beside(i+1, i+2) {
		return false
	}
	digits := strings.Trim(strings.TrimSpace(value), "0123456789")
	return strings.TrimSpace(value) != "" && (digits == "" || digits == "." && len(strings.TrimSpace(value)) > 1)
}

// bareWord rewrites words that mean a function or a session's property.
func (r *rewriter) bareWord(nodes []sqltext.Node, i int) {
	n := nodes[i]
	if i > 0 && (nodes[i-1].Kind == sqltext.Dot || r.word(nodes, i-1) == "as") {
		return
	}
	switch r.word(nodes, i) {
	case "sysdate":
		r.replace(n.Pos, n.End, "rs_sysdate()")
	case "current_user", "session_user", "user":
		r.replace(n.Pos, n.End, QuoteText(r.env.User))
	case "current_catalog":
		r.replace(n.Pos, n.End, QuoteText(r.env.Database))
	}
}

// operatorNode corrects or refuses operators that have another meaning.
func (r *rewriter) operatorNode(nodes []sqltext.Node, i int) {
	n := nodes[i]
	if r.prefix(nodes, i) || r.exclusiveOr(nodes, i) {
		return
	}
	switch op := n.Text(r.src); op {
	case "-":
		r.implicitTime(nodes, i)
	case "~", "!~", "~*", "!~*":
		if op == "~" && (i == 0 || !r.endsOperand(nodes, i-1)) {
			return // bitwise not
		}
		r.posix(nodes, i, n.Pos, n.End, op)
	case "@", "|/", "||/", "#", "!", "!!", "^@", "->", "->>", "=>", "~~~", "!~~~":
		r.fail(sqlstate.Unsupported(n.Pos, "the operator %s", op))
	}
}

func (r *rewriter) endsOperand(nodes []sqltext.Node, i int) bool {
	n := nodes[i]
	return n.IsGroup() || n.Kind.IsString() || n.Kind == sqltext.Integer || n.Kind == sqltext.Float || n.Kind == sqltext.Param ||
		n.Kind.IsName() && !reserved[r.word(nodes, i)]
}

// division makes a division by zero an error, and finds out what kind of
// division it is: DuckDB has its own result for decimals.
func (r *rewriter) division(nodes []sqltext.Node, left, op, right int, sign string) {
	at := nodes[op].Pos
	from, upTo := nodes[op+1].Pos, nodes[right-1].Last()
	types, known := r.env.Types[at]
	if !known && sign == "/" && !r.plainIntegers(nodes, left, op, right) {
		r.probes = append(r.probes, at)
		r.wrap(nodes[left].Pos, upTo, "bit_count(", ", 'rs:"+strconv.Itoa(at)+"')")
		r.replace(at, nodes[op].End, ",")
		return
	}
	if len(types) == 2 {
		a, aok := decimalOf(types[0])
		b, bok := decimalOf(types[1])
		if aok && bok && (a.scaled || b.scaled) {
			p, s, shift := quotient(a, b)
			r.wrap(nodes[left].Pos, upTo, "CAST(rs_divide(CAST(CAST(",
				fmt.Sprintf(" AS DECIMAL(%d,%d)) AS VARCHAR), '%s', %d) AS DECIMAL(%d,%d))", b.p, b.s, strings.Repeat("0", shift), s, p, s))
			r.replace(at, nodes[op].End, fmt.Sprintf(" AS DECIMAL(%d,%d)) AS VARCHAR), CAST(CAST(", a.p, a.s))
			return
		}
	}
	if right == op+2 && nodes[op+1].Kind == sqltext.Integer && strings.Trim(nodes[op+1].Text(r.src), "0") != "" {
		return
	}
	r.wrap(from, upTo, "rs_divisor(", ")")
}

// plainIntegers reports whether both sides are integers by their form:
// constants and counts.
func (r *rewriter) plainIntegers(nodes []sqltext.Node, left, op, right int) bool {
	plain := func(nodes []sqltext.Node) bool {
		switch {
		case len(nodes) == 1 && nodes[0].Kind == sqltext.Integer:
			return true
		case len(nodes) == 2 && r.word(nodes, 0) == "count" && nodes[1].IsGroup():
			return true
		}
		return false
	}
	return plain(nodes[left:op]) && plain(nodes[op+1:right])
}

// A decimal is a numeric type, or an integer seen as one.
type decimal struct {
	p, s   int
	scaled bool // declared as numeric
}

func decimalOf(t string) (decimal, bool) {
	switch t {
	case "TINYINT", "SMALLINT":
		return decimal{p: 5}, true
	case "INTEGER", "INTEGER_LITERAL":
		return decimal{p: 10}, true
	case "BIGINT":
		return decimal{p: 19}, true
	case "HUGEINT":
		return decimal{p: 38}, true
	}
	if rest, ok := strings.CutPrefix(t, "DECIMAL("); ok {
		a, b, _ := strings.Cut(strings.TrimSuffix(rest, ")"), ",")
		p, err1 := strconv.Atoi(strings.TrimSpace(a))
		s, err2 := strconv.Atoi(strings.TrimSpace(b))
		return decimal{p, s, true}, err1 == nil && err2 == nil
	}
	return decimal{}, false
}

// quotient returns the precision and scale of a/b, and how many zeros the
// numerator's digits need for it.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_numeric_computations201.html
func quotient(a, b decimal) (p, s, shift int) {
	s = max(4, a.s+b.p-b.s+1)
	p = a.p - a.s + b.s + s
	if p > 38 {
		s = max(38+s-p, 4)
		p = 38
	}
	return p, s, s - a.s + b.s
}

// cast rewrites x::type: the type, and for texts of a length the cut.
func (r *rewriter) cast(start int, op sqltext.Token, typ []sqltext.Node, end int) {
	if len(typ) > 0 && r.systemCast(start, op, typ, end, r.src[start] == '\'') {
		return
	}
	t, err := r.typeOf(typ)
	if err != nil {
		r.fail(err)
		return
	}
	last := typ[len(typ)-1].Last()
	if t.length > 0 {
		r.wrap(start, end, "rs_cut"+t.suffix()+"(", fmt.Sprintf(", %d)", t.length))
		r.replace(op.Pos, last, "")
		return
	}
	if t.duck != "" {
		r.replace(typ[0].Pos, last, t.duck)
	}
}
