package dialect

import (
	"slices"
	"strings"

	"salamander/sqltext"
)

// A Made is a table that a query makes: CREATE TABLE AS, SELECT INTO. Then the
// rewritten SQL is the query alone.
type Made struct {
	Table     Name
	Temporary bool
	Names     []string // of its columns; nil where the query's are right
	Texts     []Column // the texts among the query's columns whose types are known, by the query's own names
}

// Declare returns the statement that makes the table, of columns with these
// types in DuckDB's words. A text whose length nobody knows is as long as one
// can be.
func (m *Made) Declare(columns []Column) string {
	var all []string
	for _, c := range columns {
		if c.Type == "VARCHAR" {
			c.Type = maxText
		}
		all = append(all, c.Declaration())
	}
	temp := ""
	if m.Temporary {
		temp = "TEMP "
	}
	return "CREATE " + temp + "TABLE " + m.Table.String() + " (" + strings.Join(all, ", ") + ")"
}

// made notes the table that a query makes. names are those that its columns
// are given; nil where the query names them.
func (r *rewriter) made(out *Rewritten, query []sqltext.Node, names []string) {
	l := &lengths{r: r}
	out.Made = &Made{Table: out.Table, Temporary: r.Temporarily(), Names: names}
	if r.err == nil {
		out.Made.Texts = l.query(query)
	}
}

const maxText = "character varying(65535)"

// lengths finds the texts among a query's columns that are as long as others
// are declared to be: those of tables, and those that a cast cuts.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_AS.html
type lengths struct {
	r    *rewriter
	with map[string][]Column // what WITH names
}

// A source is one of a query's FROM.
type source struct {
	name    string
	columns []Column
}

// query returns the columns of a query; the Type of those that are not known
// is "". It returns nil where even their number is not.
func (l *lengths) query(nodes []sqltext.Node) []Column {
	r := l.r
	if r.word(nodes, 0) == "with" {
		inner, rest, ok := l.within(nodes)
		if !ok {
			return nil
		}
		return inner.query(rest)
	}
	if len(nodes) == 1 && nodes[0].IsGroup() {
		return l.query(nodes[0].Children)
	}
	var all []Column
	for k, branch := range r.branches(nodes) {
		var columns []Column
		if r.word(branch, 0) == "select" {
			columns = l.selected(branch)
		} else if len(branch) > 0 && branch[0].IsGroup() {
			columns = l.query(branch[0].Children)
		}
		switch {
		case columns == nil || k > 0 && len(columns) != len(all):
			return nil
		case k == 0:
			all = columns
		default:
			for i := range all {
				all[i].Type = united(all[i].Type, columns[i].Type)
				all[i].Blank = strings.HasPrefix(all[i].Type, "character(")
			}
		}
	}
	return all
}

// branches are the queries that UNION and its kin join, without the words that
// do.
func (s *Statement) branches(nodes []sqltext.Node) (all [][]sqltext.Node) {
	for start := 0; start <= len(nodes); {
		end := start
		for end < len(nodes) && !s.word2(nodes, end, "union", "except", "intersect", "minus") {
			end++
		}
		all = append(all, nodes[start:end])
		if start = end + 1; s.word2(nodes, start, "all", "distinct") {
			start++
		}
	}
	return all
}

// within reads WITH. It returns the query that follows, and what knows its
// names; ok tells that it could be read.
func (l *lengths) within(nodes []sqltext.Node) (inner *lengths, rest []sqltext.Node, ok bool) {
	r, i := l.r, 1
	if r.word(nodes, i) == "recursive" {
		return nil, nil, false
	}
	inner = &lengths{r: r, with: map[string][]Column{}}
	for name, columns := range l.with {
		inner.with[name] = columns
	}
	for i < len(nodes) && nodes[i].Kind.IsName() {
		name := Ident(nodes[i].Token, r.src)
		i++
		var names []string
		if i < len(nodes) && nodes[i].IsGroup() {
			names = r.columnList(nodes[i])
			i++
		}
		if r.word(nodes, i) != "as" || i+1 >= len(nodes) || !nodes[i+1].IsGroup() {
			return nil, nil, false
		}
		inner.with[name] = nameAs(inner.query(nodes[i+1].Children), names)
		i += 2
		if i >= len(nodes) || nodes[i].Kind != sqltext.Comma {
			break
		}
		i++
	}
	return inner, nodes[min(i, len(nodes)):], true
}

// nameAs gives columns other names.
func nameAs(columns []Column, names []string) []Column {
	all := append([]Column{}, columns...)
	for i := range min(len(all), len(names)) {
		all[i].Name = names[i]
	}
	if columns == nil {
		return nil
	}
	return all
}

// united is the type of a column of UNION.
func united(a, b string) string {
	if a == b {
		return a
	}
	x, y := textLength(a), textLength(b)
	if x == 0 || y == 0 || strings.HasPrefix(a, "character(") || strings.HasPrefix(b, "character(") {
		return ""
	}
	if y > x {
		return b
	}
	return a
}

// textLength is the length of a text's type, 0 for none.
func textLength(typ string) (n int) {
	open := strings.IndexByte(typ, '(')
	if open < 0 || !strings.HasPrefix(typ, "character") {
		return 0
	}
	for _, c := range typ[open+1:] {
		if c < '0' || c > '9' {
			break
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// selected returns the columns of one SELECT.
func (l *lengths) selected(nodes []sqltext.Node) []Column {
	r := l.r
	items, ok := r.selected(nodes)
	if !ok || r.word(nodes, 1) == "top" && len(nodes) > 2 && nodes[2].Kind != sqltext.Integer {
		return nil
	}
	sources, complete := l.sources(nodes)
	joined, _ := r.joinedColumns(nodes)
	var all []Column
	for _, item := range items {
		if len(item) == 0 {
			return nil
		}
		if n := len(item); item[n-1].IsOp(r.src, "*") {
			columns, ok := l.star(item, sources, complete, joined)
			if !ok {
				return nil
			}
			all = append(all, columns...)
			continue
		}
		c := Column{}
		value := item
		if n := len(item); n > 1 && (r.word(item, n-2) == "as" || r.aliased(item)) {
			c.Name = Ident(item[n-1].Token, r.src)
			value = item[:n-1]
			if r.word(value, n-2) == "as" {
				value = value[:n-2]
			}
		} else if n > 0 && r.plainColumn(item) {
			c.Name = Ident(item[n-1].Token, r.src)
		} else {
			c.Name = r.resultName(item)
		}
		c.Type = l.value(value, sources, complete)
		c.Blank = strings.HasPrefix(c.Type, "character(")
		all = append(all, c)
	}
	return all
}

// star returns the columns of * or t.*. joined are those that USING merges,
// which come first.
func (l *lengths) star(item []sqltext.Node, sources []source, complete bool, joined []string) (all []Column, ok bool) {
	if len(item) == 1 {
		first := make([]Column, len(joined))
		for _, s := range sources {
			complete = complete && s.columns != nil
			for _, c := range s.columns {
				if i := slices.Index(joined, Quote(c.Name)); i < 0 {
					all = append(all, c)
				} else if first[i].Name == "" {
					first[i] = c
				} else {
					first[i].Type = united(first[i].Type, c.Type)
					first[i].Blank = strings.HasPrefix(first[i].Type, "character(")
				}
			}
		}
		return append(first, all...), complete
	}
	if len(item) != 3 || !item[0].Kind.IsName() {
		return nil, false
	}
	for _, s := range sources {
		if s.name == Ident(item[0].Token, l.r.src) {
			return s.columns, s.columns != nil
		}
	}
	return nil, false
}

// sources returns what a SELECT reads, and whether that is all.
func (l *lengths) sources(nodes []sqltext.Node) (all []source, complete bool) {
	r, i := l.r, 0
	for i < len(nodes) && r.word(nodes, i) != "from" {
		i++
	}
	if i == len(nodes) {
		return nil, true
	}
	complete = true
	for i++; i < len(nodes); {
		switch w := r.word(nodes, i); {
		case sourceEnds[w]:
			return all, complete
		case w == "using":
			i += 2
			continue
		case w == "natural", w == "pivot", w == "unpivot", w == "lateral", w == "tablesample":
			complete = false // the columns are others, or merged
			i++
			continue
		case w == "on":
			for i < len(nodes) && !sourceEnds[r.word(nodes, i)] && nodes[i].Kind != sqltext.Comma && r.word(nodes, i) != "join" && r.word(nodes, i) != "natural" {
				i++
			}
			continue
		}
		place := i == 0 || r.word2(nodes, i-1, "from", "join") || nodes[i-1].Kind == sqltext.Comma
		if !place {
			i++
			continue
		}
		var s source
		switch n := nodes[i]; {
		case n.IsGroup():
			if r.isQuery(n.Children) {
				s.columns = l.query(n.Children)
			} else {
				complete = false
			}
			i++
		case n.Kind.IsName():
			name, end, err := r.name(nodes, i)
			if err != nil || end < len(nodes) && nodes[end].IsGroup() {
				complete = false
				i++
				continue
			}
			s.name, s.columns = name.Table, l.table(name)
			i = end
		default:
			complete = false
			i++
			continue
		}
		if r.word(nodes, i) == "as" {
			i++
		}
		if i < len(nodes) && nodes[i].Kind.IsName() && !reserved[r.word(nodes, i)] {
			s.name = Ident(nodes[i].Token, r.src)
			i++
			if i < len(nodes) && nodes[i].IsGroup() {
				s.columns = nameAs(s.columns, r.columnList(nodes[i]))
				i++
			}
		}
		all = append(all, s)
	}
	return all, complete
}

var sourceEnds = wordSet("where group having order limit offset fetch qualify window union except intersect minus")

// table returns the columns of a table, nil where it is not known.
func (l *lengths) table(name Name) []Column {
	if columns, ok := l.with[name.Table]; ok && name.Schema == "" {
		return columns
	}
	if systemTable(name) != "" {
		return nil
	}
	t, err := l.r.env.Catalog.Table(name)
	if err != nil || t == nil {
		return nil
	}
	return t.Columns
}

// value returns the type of a text: of a column, or of a cast with a length;
// "" for all else.
func (l *lengths) value(e []sqltext.Node, sources []source, complete bool) string {
	r := l.r
	for len(e) == 1 && e[0].Kind == sqltext.OpenParen && !r.isQuery(e[0].Children) {
		e = e[0].Children
	}
	n := len(e)
	switch {
	case n == 1 && r.plainColumn(e):
		return column("", Ident(e[0].Token, r.src), sources, complete)
	case n >= 3 && n%2 == 1 && e[n-2].Kind == sqltext.Dot && e[n-1].Kind.IsName():
		for _, part := range e[:n-1] {
			if !part.Kind.IsName() && part.Kind != sqltext.Dot {
				return ""
			}
		}
		return column(Ident(e[n-3].Token, r.src), Ident(e[n-1].Token, r.src), sources, true)
	case n == 2 && e[1].Kind == sqltext.OpenParen:
		args := e[1].Children
		switch name := r.word(e, 0); {
		case name == "cast":
			for i := range args {
				if r.word(args, i) == "as" {
					return l.written(args[i+1:])
				}
			}
		case name == "convert":
			if parts := splitCommas(args); len(parts) == 2 {
				return l.written(parts[0])
			}
		case name == "min", name == "max", name == "upper", name == "lower": // of the type of their argument
			if len(splitCommas(args)) == 1 {
				return l.value(args, sources, complete)
			}
		}
		return ""
	}
	for i := n - 1; i > 0; i-- { // the last cast is the outermost
		if e[i].Kind == sqltext.Typecast {
			dry := &rewriter{Statement: r.Statement, env: r.env}
			if dry.operandAt(e, 0) && dry.operandShape(e, 0, nil) == n && r.typeEnd(e, i+1) == n {
				return l.written(e[i+1:])
			}
			return ""
		}
	}
	return ""
}

// written is the type of a text as it is written, "" where it has no length.
func (l *lengths) written(nodes []sqltext.Node) string {
	if len(nodes) == 0 {
		return ""
	}
	t, err := l.r.typeOf(nodes)
	if err != nil || t.length == 0 {
		return "" // as long as what is cast
	}
	return textType(t.length, t.blank)
}

// column is the type of a text among the sources', "" where it is not known
// or more than one may be meant.
func column(of, name string, sources []source, complete bool) string {
	typ, found := "", 0
	for _, s := range sources {
		if of != "" && s.name != of {
			continue
		}
		if s.columns == nil {
			complete = false
		}
		for _, c := range s.columns {
			if strings.EqualFold(c.Name, name) {
				typ = c.Type
				found++
			}
		}
	}
	if found != 1 || !complete && of == "" || textLength(typ) == 0 {
		return ""
	}
	return typ
}
