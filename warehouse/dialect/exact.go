package dialect

import (
	"fmt"
	"strings"

	"salamander/sqltext"
)

// exact compares texts and decimals by all their digits, and multiplies decimals
// to all of theirs. DuckDB rounds a text to the scale of the decimal that it is
// compared with, so that 5.20 = '5.204'. What is corrected is what is made of
// columns whose types the catalog tells, and of constants; a text has at least
// textDigits after the point.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_Numeric_types201.html
func (r *rewriter) exact() {
	if r.env.Catalog == nil {
		return
	}
	e := &exact{blanks: &blanks{rewriter: r}, known: &lengths{r: r, with: map[string][]Column{}}, cast: map[int]bool{}}
	if e.common(r.nodes); !e.any {
		return
	}
	n := r.nodes
	for i := range n {
		if r.head != "update" && r.head != "delete" && r.word2(n, i, "select", "with") { // of INSERT, CREATE
			n = n[i:]
			break
		}
	}
	e.level(n, nil, 0)
}

const (
	textDigits = 12
	exactDepth = 32 // of queries in one another that are looked at
)

type exact struct {
	*blanks
	known *lengths
	any   bool         // there is something to compare
	cast  map[int]bool // the texts that are decimals already, by their offset
}

// common notes the names that WITH gives, whose columns are not looked for,
// and whether anything is compared.
func (e *exact) common(nodes []sqltext.Node) {
	for i, n := range nodes {
		switch w := e.word(nodes, i); {
		case n.Kind == sqltext.Operator && (comparison(n.Text(e.src)) || arithmetic[n.Text(e.src)] && i > 0 && e.endsOperand(nodes, i-1)), w == "between", w == "in":
			e.any = true
		case w == "as" && i > 0 && i+1 < len(nodes) && nodes[i+1].IsGroup():
			k := i - 1
			if nodes[k].IsGroup() && k > 0 {
				k--
			}
			if nodes[k].Kind.IsName() {
				e.known.with[Ident(nodes[k].Token, e.src)] = nil
			}
		}
		e.common(n.Children)
	}
}

// level corrects the comparisons of one level. outer are the sources of the
// queries around it, the next one last.
func (e *exact) level(nodes []sqltext.Node, outer [][]source, depth int) {
	if depth > exactDepth {
		return
	}
	for _, branch := range e.branches(nodes) {
		e.branch(branch, outer, depth)
	}
}

func (e *exact) branch(nodes []sqltext.Node, outer [][]source, depth int) {
	scope := outer
	if from := e.from(nodes); from != nil {
		scope = append(outer[:len(outer):len(outer)], from)
	}
	past := 0
	for i, n := range nodes {
		if i >= past {
			past = e.product(nodes, i, scope)
		}
		switch w := e.word(nodes, i); {
		case e.assignment(nodes, i):
		case n.Kind == sqltext.Operator && arithmetic[n.Text(e.src)]:
			e.widen(nodes, i, scope)
		case n.Kind == sqltext.Operator && comparison(n.Text(e.src)):
			from, to := e.beside(nodes, i)
			e.pair(nodes[from:i], nodes[i+1:to], scope)
		case w == "between":
			from, to := e.beside(nodes, i)
			left := nodes[min(from, i):e.before(nodes, i)]
			e.pair(left, nodes[i+1:to], scope)
			if e.word(nodes, to) == "and" {
				_, end := e.beside(nodes, to)
				e.pair(left, nodes[to+1:end], scope)
			}
		case w == "in" && i+1 < len(nodes) && nodes[i+1].IsGroup() && !e.isQuery(nodes[i+1].Children):
			from, _ := e.beside(nodes, i)
			left := nodes[min(from, i):e.before(nodes, i)]
			for _, part := range splitCommas(nodes[i+1].Children) {
				e.pair(left, part, scope)
			}
		}
		if len(n.Children) > 0 {
			e.level(n.Children, scope, depth+1)
		}
	}
}

var arithmetic = map[string]bool{"+": true, "-": true, "*": true, "/": true, "%": true}

// widen makes the integer constant beside a column of SMALLINT, at the operator
// at node i, an INTEGER, which DuckDB takes for a SMALLINT where it fits.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_numeric_computations201.html
func (e *exact) widen(nodes []sqltext.Node, i int, scope [][]source) {
	if i == 0 || i+1 >= len(nodes) {
		return
	}
	from, to := i-1, i+2
	if from > 1 && nodes[from-1].Kind == sqltext.Dot {
		from -= 2
	}
	if to+1 < len(nodes) && nodes[to].Kind == sqltext.Dot {
		to += 2
	}
	left, right := nodes[from:i], nodes[i+1:to]
	for range 2 {
		if c := right[0]; len(right) == 1 && c.Kind == sqltext.Integer && len(c.Text(e.src)) < 10 && e.typ(left, scope) == "SMALLINT" {
			e.replace(c.Pos, c.End, "CAST("+c.Text(e.src)+" AS INTEGER)")
			return
		}
		left, right = right, left
	}
}

// before is the end of what stands before [NOT] IN and [NOT] BETWEEN.
func (e *exact) before(nodes []sqltext.Node, i int) int {
	if e.word(nodes, i-1) == "not" {
		return i - 1
	}
	return i
}

// from returns what a query, an UPDATE or a DELETE reads, nil where nodes are
// none.
func (e *exact) from(nodes []sqltext.Node) []source {
	switch e.word(nodes, 0) {
	case "select", "with":
		all, _ := e.known.sources(nodes)
		if all == nil {
			all = []source{}
		}
		return all
	case "update":
		all, _ := e.known.sources(nodes)
		return append(all, e.target(nodes, 1))
	case "delete":
		using := 1
		for using < len(nodes) && e.word(nodes, using) != "using" {
			using++
		}
		if e.word(nodes, 1) != "from" {
			return nil
		}
		all := []source{e.target(nodes, 2)}
		if using < len(nodes) {
			others, _ := e.known.sources(append(nodes[1:2:2], nodes[using+1:]...))
			all = append(all, others...)
		}
		return all
	}
	return nil
}

// target is the table that an UPDATE or a DELETE changes, at node i.
func (e *exact) target(nodes []sqltext.Node, i int) source {
	name, end, err := e.name(nodes, i)
	if err != nil {
		return source{}
	}
	s := source{name: name.Table, columns: e.known.table(name)}
	if e.word(nodes, end) == "as" {
		end++
	}
	if end < len(nodes) && nodes[end].Kind.IsName() && !reserved[e.word(nodes, end)] && !e.word2(nodes, end, "set", "using") {
		s.name = Ident(nodes[end].Token, e.src)
	}
	return s
}

// pair corrects one comparison.
func (e *exact) pair(a, b []sqltext.Node, scope [][]source) {
	if len(a) == 0 || len(b) == 0 {
		return
	}
	for range 2 {
		d, ok := e.decimal(a, scope)
		switch {
		case ok && len(b) == 1 && b[0].Kind == sqltext.String:
			v, ok := StringValue(b[0].Text(e.src), b[0].Kind)
			if k := fraction(v); ok && k > d.s && k <= 38-(d.p-d.s) && d.p > 0 {
				e.replace(b[0].Pos, b[0].End, fmt.Sprintf("CAST(%s AS DECIMAL(38,%d))", QuoteText(v), k))
			}
		case ok && !e.cast[b[0].Pos] && strings.HasPrefix(e.typ(b, scope), "character"):
			e.cast[b[0].Pos] = true
			k := min(max(d.s, textDigits), 38-(d.p-d.s))
			e.wrap(b[0].Pos, b[len(b)-1].Last(), "CAST(", fmt.Sprintf(" AS DECIMAL(38,%d))", k))
		}
		a, b = b, a
	}
}

// decimal returns the precision and scale of a column of decimals or of a
// constant with a point.
func (e *exact) decimal(nodes []sqltext.Node, scope [][]source) (decimal, bool) {
	if len(nodes) == 1 && nodes[0].Kind == sqltext.Float {
		whole, part, ok := strings.Cut(nodes[0].Text(e.src), ".")
		return decimal{len(whole) + len(part), len(part), true}, ok && !strings.ContainsAny(part, "eE")
	}
	d, ok := decimalOf(e.typ(nodes, scope))
	return d, ok && d.scaled
}

// typ returns the type of a column as the catalog has it, "" where nodes are
// none that is known.
func (e *exact) typ(nodes []sqltext.Node, scope [][]source) string {
	of := ""
	switch {
	case len(nodes) == 1 && e.plainColumn(nodes):
	case len(nodes) == 3 && e.plainColumn(nodes):
		of = Ident(nodes[0].Token, e.src)
	default:
		return ""
	}
	name := Ident(nodes[len(nodes)-1].Token, e.src)
	for k := len(scope) - 1; k >= 0; k-- {
		typ, found, unknown := "", 0, false
		for _, s := range scope[k] {
			if of != "" && s.name != of {
				continue
			}
			unknown = unknown || s.columns == nil
			for _, c := range s.columns {
				if strings.EqualFold(c.Name, name) {
					typ = c.Type
					found++
				}
			}
		}
		if unknown || found > 1 {
			return ""
		}
		if found == 1 {
			return typ
		}
	}
	return ""
}

// fraction returns how many digits a number in a text has after its point, -1
// where it is no plain number.
func fraction(v string) int {
	whole, part, _ := strings.Cut(strings.TrimLeft(v, "+-"), ".")
	if whole+part == "" || strings.Trim(whole+part, "0123456789") != "" || len(v)-len(strings.TrimLeft(v, "+-")) > 1 {
		return -1
	}
	return len(part)
}
