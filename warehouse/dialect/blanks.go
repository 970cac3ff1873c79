package dialect

import (
	"strconv"
	"strings"

	"salamander/sqltext"
)

// Redshift does not see blanks at the end of a text when it compares, groups
// and orders. Stored texts have none here (see [IsBlankCheck]); a computed text
// that may is cut where it is compared or ordered, and checked where it is
// grouped, since its own blanks are then part of the result: rs_bare refuses
// those that end with one.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html#r_Character_types-significance-of-trailing-blanks

var (
	// blankFunctions give texts that may end with blanks.
	blankFunctions = wordSet(`substring substr left right lpad rpad split_part replace translate concat repeat replicate regexp_substr regexp_replace ltrim reverse
	to_char chr json_extract_path_text json_extract_array_element_text listagg`)

	// passingFunctions give a text of their arguments'.
	passingFunctions = wordSet("upper lower initcap coalesce nvl nvl2 nullif isnull max min any_value greatest least decode lag lead first_value last_value nth_value")

	// listEnds end a list of expressions of a query.
	listEnds = wordSet(`from where group order having limit offset fetch union except intersect minus window qualify rows range into`)

	textTypes = wordSet("varchar char character text bpchar nvarchar nchar")
)

// blanks corrects what a statement compares, groups and orders.
func (r *rewriter) blanks() {
	b := &blanks{rewriter: r}
	b.stores = r.Kind == Define
	b.names(r.nodes)
	b.level(r.nodes, false)
}

type blanks struct {
	*rewriter
	stores bool            // what its queries give lasts: a view's, a table's
	sees   map[string]bool // names whose texts are compared, grouped or ordered
	all    bool            // whole rows are
}

// names finds the names whose texts are compared.
func (b *blanks) names(nodes []sqltext.Node) {
	if b.sees == nil {
		b.sees = map[string]bool{}
	}
	for i, n := range nodes {
		switch w := b.word(nodes, i); {
		case n.Kind == sqltext.Operator && comparison(n.Text(b.src)), w == "in", w == "between":
			from, to := b.beside(nodes, i)
			b.see(nodes[from:i])
			b.see(nodes[min(i+1, to):to])
		case w == "by":
			list := nodes[i+1 : b.listEnd(nodes, i+1)]
			b.see(list)
			for _, item := range splitCommas(list) {
				if k := b.item(nodes[:i], item); k != nil {
					b.see(k)
				}
			}
		case w == "distinct", w == "union" && b.word(nodes, i+1) != "all", w == "except", w == "intersect", w == "minus", w == "natural", w == "case":
			b.all = true
		case w == "using" && i+1 < len(nodes) && nodes[i+1].IsGroup():
			b.see(nodes[i+1].Children)
		}
		b.names(n.Children)
	}
}

func (b *blanks) see(nodes []sqltext.Node) {
	for _, n := range nodes {
		if n.Kind.IsName() {
			b.sees[Ident(n.Token, b.src)] = true
		}
		b.see(n.Children)
	}
}

// beside returns the nodes from and to which what is compared at node i
// reaches.
func (b *blanks) beside(nodes []sqltext.Node, i int) (from, to int) {
	ends := func(k int) bool {
		n := nodes[k]
		return n.Kind == sqltext.Comma || n.Kind == sqltext.Semicolon || n.Kind == sqltext.Operator && comparison(n.Text(b.src)) ||
			reserved[b.word(nodes, k)] && !(b.word2(nodes, k, "left", "right") && k+1 < len(nodes) && nodes[k+1].IsGroup())
	}
	for from = i; from > 0; from-- {
		if b.word(nodes, from-1) == "not" && from == i {
			continue
		}
		if b.word(nodes, from-1) == "end" {
			depth := 0
			for ; from > 0; from-- {
				if w := b.word(nodes, from-1); w == "end" {
					depth++
				} else if w == "case" {
					if depth--; depth == 0 {
						break
					}
				}
			}
			if from == 0 {
				break
			}
			continue
		}
		if ends(from - 1) {
			break
		}
	}
	if w := b.word(nodes, from); w == "case" {
		if b.caseEnd(nodes, from) > i { // the operand of a CASE, or its beginning
			from++
		}
	}
	for to = i + 1; to < len(nodes); to++ {
		if b.word(nodes, to) == "case" {
			to = b.caseEnd(nodes, to) - 1
			continue
		}
		if ends(to) {
			break
		}
	}
	return from, max(to, i+1)
}

func (b *blanks) listEnd(nodes []sqltext.Node, i int) int {
	for ; i < len(nodes) && nodes[i].Kind != sqltext.Semicolon; i++ {
		if w := b.word(nodes, i); listEnds[w] && (w != "group" || b.word(nodes, i+1) == "by") {
			break
		}
	}
	return i
}

// item returns the item of the last SELECT list of nodes that a number or a
// name of GROUP BY and ORDER BY means, nil for none.
func (b *blanks) item(nodes, by []sqltext.Node) []sqltext.Node {
	by = b.bare(by)
	if len(by) != 1 {
		return nil
	}
	items := b.items(nodes)
	if by[0].Kind == sqltext.Integer {
		if n, err := strconv.Atoi(by[0].Text(b.src)); err == nil && n > 0 && n <= len(items) {
			return b.expression(items[n-1])
		}
		return nil
	}
	for _, item := range items {
		if e := b.expression(item); len(e) < len(item) && by[0].Kind.IsName() && Ident(item[len(item)-1].Token, b.src) == Ident(by[0].Token, b.src) {
			return e
		}
	}
	return nil
}

// items are those of the last SELECT list of nodes.
func (b *blanks) items(nodes []sqltext.Node) [][]sqltext.Node {
	for i := len(nodes) - 1; i >= 0; i-- {
		if b.word(nodes, i) == "select" {
			k := i + 1
			if b.word2(nodes, k, "distinct", "all") {
				k++
			}
			if b.word(nodes, k) == "top" {
				k += 2
			}
			k = min(k, len(nodes))
			return splitCommas(nodes[k:max(k, b.listEnd(nodes, k))])
		}
	}
	return nil
}

// expression is an item of a SELECT list without its name.
func (b *blanks) expression(item []sqltext.Node) []sqltext.Node {
	n := len(item)
	switch {
	case n >= 2 && b.word(item, n-2) == "as":
		return item[:n-2]
	case n >= 2 && item[n-1].Kind.IsName() && item[n-2].Kind != sqltext.Operator && item[n-2].Kind != sqltext.Dot && item[n-2].Kind != sqltext.Typecast && b.word(item, n-1) != "end" && !reserved[b.word(item, n-2)]:
		return item[:n-1]
	}
	return item
}

// bare is an item of ORDER BY without its direction.
func (b *blanks) bare(item []sqltext.Node) []sqltext.Node {
	for len(item) > 0 {
		k := len(item) - 1
		if !b.word2(item, k, "asc", "desc", "nulls", "first", "last") {
			break
		}
		item = item[:k]
	}
	return item
}

// level corrects the nodes of one level. nested tells that they are not the
// statement's own.
func (b *blanks) level(nodes []sqltext.Node, nested bool) {
	for i, n := range nodes {
		switch w := b.word(nodes, i); {
		case b.assignment(nodes, i):
		case n.Kind == sqltext.Operator && comparison(n.Text(b.src)), w == "between":
			from, to := b.beside(nodes, i)
			left := i
			if b.word(nodes, i-1) == "not" {
				left--
			}
			b.cut(nodes[min(from, left):left])
			b.cut(nodes[i+1 : to])
			if w == "between" && b.word(nodes, to) == "and" {
				_, end := b.beside(nodes, to)
				b.cut(nodes[to+1 : end])
			}
		case w == "in" && i+1 < len(nodes) && nodes[i+1].IsGroup():
			from, _ := b.beside(nodes, i)
			left := i
			if b.word(nodes, i-1) == "not" {
				left--
			}
			b.cut(nodes[min(from, left):left])
			if list := nodes[i+1].Children; !b.isQuery(list) {
				for _, part := range splitCommas(list) {
					b.cut(part)
					if len(part) == 1 && part[0].IsGroup() && !b.isQuery(part[0].Children) { // a row
						for _, one := range splitCommas(part[0].Children) {
							b.cut(one)
						}
					}
				}
			} else if items := b.items(list[:b.listEnd(list, 0)]); len(items) == 1 {
				b.cut(b.expression(items[0]))
			}
		case w == "by" && b.word2(nodes, i-1, "order", "partition"):
			b.ordered(nodes, i)
		case w == "by" && b.word(nodes, i-1) == "group":
			b.grouped(nodes, i)
		case w == "select":
			b.selected(nodes, i, nested)
		case w == "nullif" && i+1 < len(nodes) && nodes[i+1].Kind == sqltext.OpenParen:
			if parts := splitCommas(nodes[i+1].Children); len(parts) == 2 && (b.mayEnd(parts[0]) || b.mayEnd(parts[1])) {
				b.replace(n.Pos, n.End, "rs_nullif")
			}
		case w == "distinct" && i == 0: // of an aggregate's argument
			b.check(nodes[1:])
		case w == "case" && b.word(nodes, i+1) != "when":
			for k := i + 1; k < b.caseEnd(nodes, i); k++ {
				if b.word(nodes, k) == "when" {
					b.cut(nodes[i+1 : k])
					break
				}
			}
		case w == "when" && b.word(nodes, i+2) == "then" && nodes[i+1].Kind.IsString(): // what a simple CASE compares with
			b.cut(nodes[i+1 : i+2])
		}
		if n.IsGroup() {
			b.level(n.Children, true)
		}
	}
}

// assignment reports whether node i is the = of SET.
func (b *blanks) assignment(nodes []sqltext.Node, i int) bool {
	if !nodes[i].IsOp(b.src, "=") || i < 2 || !b.word2(b.nodes, 0, "update", "merge", "with") {
		return false
	}
	for k := i - 1; k >= 0; k-- {
		switch b.word(nodes, k) {
		case "set":
			return nodes[i-2].Kind == sqltext.Comma || k == i-2
		case "from", "where", "on", "when", "using":
			return false
		}
	}
	return false
}

// ordered corrects the list of ORDER BY or PARTITION BY, whose BY is node i.
func (b *blanks) ordered(nodes []sqltext.Node, i int) {
	grouped := false
	for k := i - 2; k >= 0 && b.word(nodes, k) != "select"; k-- {
		grouped = grouped || b.words(nodes, k, "group", "by")
	}
	items := nodes[:i]
	for _, item := range splitCommas(nodes[i+1 : b.listEnd(nodes, i+1)]) {
		item = b.bare(item)
		if e := b.item(items, item); e != nil {
			b.check(e)
		} else if !grouped && !b.distinct(items) {
			b.cut(item)
		}
	}
}

// distinct reports whether the last query of nodes gives each row once.
func (b *blanks) distinct(nodes []sqltext.Node) bool {
	for k := len(nodes) - 1; k >= 0; k-- {
		switch b.word(nodes, k) {
		case "select":
			return b.word(nodes, k+1) == "distinct"
		case "union", "except", "intersect", "minus":
			return true
		}
	}
	return false
}

// grouped checks the list of GROUP BY, whose BY is node i, and the same
// expressions elsewhere in the query.
func (b *blanks) grouped(nodes []sqltext.Node, i int) {
	start := i
	for start > 0 && b.word(nodes, start) != "select" {
		start--
	}
	end := i
	for end < len(nodes) && !b.word2(nodes, end, "union", "except", "intersect", "minus") {
		end++
	}
	for _, item := range splitCommas(nodes[i+1 : b.listEnd(nodes, i+1)]) {
		if e := b.item(nodes[:i], item); e != nil {
			b.check(e)
		} else if b.mayEnd(item) {
			b.same(nodes[start:end], item)
		}
	}
}

// same checks each place that has the same words as an expression.
func (b *blanks) same(nodes, as []sqltext.Node) {
	for i := 0; i+len(as) <= len(nodes); i++ {
		equal := true
		for k := range as {
			equal = equal && strings.EqualFold(b.src[nodes[i+k].Pos:nodes[i+k].Last()], b.src[as[k].Pos:as[k].Last()])
		}
		if equal {
			b.check(nodes[i : i+len(as)])
			i += len(as) - 1
		}
	}
	for _, n := range nodes {
		if n.IsGroup() {
			b.same(n.Children, as)
		}
	}
}

// selected checks the list of SELECT, node i, where each row is given once, or
// where its texts are compared elsewhere.
func (b *blanks) selected(nodes []sqltext.Node, i int, nested bool) {
	once := b.word(nodes, i+1) == "distinct"
	for k := range nodes {
		once = once || b.word2(nodes, k, "except", "intersect", "minus") || b.word(nodes, k) == "union" && b.word(nodes, k+1) != "all"
	}
	items := b.items(nodes[:b.listEnd(nodes, i+1)])
	for _, item := range items {
		e := b.expression(item)
		if !b.mayEnd(e) {
			continue
		}
		seen := nested && (b.all || len(e) == len(item) || b.sees[Ident(item[len(item)-1].Token, b.src)])
		if once || seen || b.stores {
			b.check(e)
			if from := i + 1; once {
				b.same(nodes[b.listEnd(nodes, from):], e)
			}
		}
	}
}

// cut drops the blanks at an expression's end.
func (b *blanks) cut(e []sqltext.Node) { b.enclose(e, "rtrim(") }

// check refuses the blanks at an expression's end.
func (b *blanks) check(e []sqltext.Node) { b.enclose(e, "rs_bare(") }

func (b *blanks) enclose(e []sqltext.Node, function string) {
	if !b.mayEnd(e) {
		return
	}
	pos, end := e[0].Pos, e[len(e)-1].Last()
	if len(e) == 1 && e[0].Kind == sqltext.String && function == "rtrim(" {
		b.shorten(e[0])
		return
	}
	for _, known := range b.edits {
		if known.pos == pos && known.span == end-pos && known.text == function {
			return
		}
	}
	b.wrap(pos, end, function, ")")
}

// shorten drops the blanks at a constant's end.
func (b *blanks) shorten(n sqltext.Node) {
	value, _ := StringValue(n.Text(b.src), n.Kind)
	value = QuoteText(strings.TrimRight(value, " "))
	for i, known := range b.edits {
		if known.pos == n.Pos && known.end == n.End && known.rank == rankReplace {
			b.edits[i].text = value
			return
		}
	}
	b.replace(n.Pos, n.End, value)
}

// mayEnd reports whether an expression gives a text that may end with a blank.
func (b *blanks) mayEnd(e []sqltext.Node) bool {
	if len(e) == 0 {
		return false
	}
	joined := false
	for i := 0; i < len(e); i++ {
		w := b.word(e, i)
		if w == "case" {
			i = b.caseEnd(e, i) - 1
			continue
		}
		if e[i].Kind == sqltext.Operator {
			if e[i].Text(b.src) != "||" {
				return false
			}
			joined = true
		} else if e[i].Kind == sqltext.Comma || reserved[w] && !b.word2(e, i, "left", "right", "within", "group", "filter", "over") {
			return false
		}
	}
	last := e[len(e)-1]
	if joined {
		if !last.Kind.IsString() {
			return last.Kind != sqltext.Integer
		}
		v, ok := StringValue(last.Text(b.src), last.Kind)
		return !ok || v == "" || strings.HasSuffix(v, " ")
	}
	for i := range e {
		if e[i].Kind == sqltext.Typecast {
			return textTypes[b.word(e, i+1)] && b.mayEnd(e[:i])
		}
	}
	switch {
	case len(e) == 1 && last.Kind.IsString():
		v, ok := StringValue(last.Text(b.src), last.Kind)
		return ok && strings.HasSuffix(v, " ")
	case len(e) == 1 && last.IsGroup():
		if !b.isQuery(last.Children) {
			return b.mayEnd(last.Children)
		}
		items := b.items(last.Children[:max(1, b.listEnd(last.Children, 1))])
		return len(items) == 1 && b.mayEnd(b.expression(items[0]))
	case b.word(e, 0) == "case":
		for i := 1; i < len(e); i++ {
			if b.word2(e, i, "then", "else") {
				end := i + 1
				for end < len(e) && !b.word2(e, end, "when", "else", "end") {
					end++
				}
				if b.mayEnd(e[i+1 : end]) {
					return true
				}
			}
		}
		return false
	case len(e) >= 2 && e[1].Kind == sqltext.OpenParen:
		return b.callEnds(b.word(e, 0), e[1].Children)
	}
	return false
}

// callEnds is [blanks.mayEnd] of a function's result.
func (b *blanks) callEnds(name string, args []sqltext.Node) bool {
	switch {
	case blankFunctions[name]:
		return true
	case name == "cast":
		for i := range args {
			if b.word(args, i) == "as" {
				return textTypes[b.word(args, i+1)] && b.mayEnd(args[:i])
			}
		}
	case passingFunctions[name]:
		for _, arg := range splitCommas(args) {
			if b.mayEnd(arg) {
				return true
			}
		}
	}
	return false
}
