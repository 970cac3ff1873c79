package dialect

import (
	"maps"
	"slices"
	"strings"

	"salamander/sqltext"
)

// TemporarySchema is the schema, as [Env] tells it, of temporary tables.
const TemporarySchema = "pg_temp"

// A bound is a view's query as it is bound when the view is created: its names
// then mean the same relations whatever the session's search path and temporary
// tables are, and its stars the columns that there are. DuckDB would look for
// both again at each query.
//
// https://www.postgresql.org/docs/15/sql-createview.html
type bound struct {
	text    string            // the query as the user wrote it, but for its stars
	schemas map[string]string // of the relations it names without one, where it is not public
	late    bool
}

// attributes are what is kept of a view, with the user's comment on it.
func (b bound) attributes(comment string) Attributes {
	return Attributes{Comment: comment, Query: b.text, Schemas: b.schemas, Late: b.late}
}

// bind binds a view's query, unless it is late: WITH NO SCHEMA BINDING. named
// tells that the view's columns have a list of names. All other edits of the
// query must come after.
func (r *rewriter) bind(query []sqltext.Node, named, late bool) bound {
	b := &binder{rewriter: r, named: named, schemas: map[string]string{}}
	if !late {
		b.stars(&lengths{r: r}, query, true)
		b.relations(&lengths{r: r}, query, false)
	}
	text, _ := b.shown.apply(r.src, query[0].Pos, query[len(query)-1].Last())
	return bound{text, b.schemas, late}
}

type binder struct {
	*rewriter
	shown   editor // of the text that is shown
	named   bool
	schemas map[string]string
}

// relations gives the relations that nodes, a query or a part of one, name
// without a schema theirs. l knows the names that WITH gives; from tells that
// the first node follows FROM.
func (b *binder) relations(l *lengths, nodes []sqltext.Node, from bool) {
	i := 0
	if b.word(nodes, 0) == "with" {
		l, i = b.within(l, nodes)
	}
	listed := from
	for first := i; i < len(nodes); i++ {
		n := nodes[i]
		w := b.word(nodes, i)
		switch {
		case sourceEnds[w] || w == "select":
			listed = false
		case w == "from" && b.word(nodes, i-1) != "distinct": // IS DISTINCT FROM
			listed = true
		}
		place := b.word(nodes, i-1) == "join" || listed && (i == first && from || b.word(nodes, i-1) == "from" || i > 0 && nodes[i-1].Kind == sqltext.Comma)
		switch {
		case n.IsGroup() && place && !b.isQuery(n.Children):
			b.relations(l, n.Children, true)
		case len(n.Children) > 0:
			b.expressions(l, n.Children)
		case place && n.Kind.IsName() && !reserved[w]:
			b.relation(l, nodes, i)
		}
	}
}

// expressions binds the queries within expressions, in which FROM may be a
// function's word.
func (b *binder) expressions(l *lengths, nodes []sqltext.Node) {
	if b.isQuery(nodes) {
		b.stars(l, nodes, false)
		b.relations(l, nodes, nodes[0].IsGroup())
		return
	}
	for _, n := range nodes {
		b.expressions(l, n.Children)
	}
}

// within binds the queries of WITH. It returns what knows its names, and the
// index of the query that follows.
func (b *binder) within(l *lengths, nodes []sqltext.Node) (*lengths, int) {
	inner := &lengths{r: b.rewriter, with: map[string][]Column{}}
	maps.Copy(inner.with, l.with)
	i, recursive := 1, b.word(nodes, 1) == "recursive"
	if recursive {
		i++
	}
	for i < len(nodes) && nodes[i].Kind.IsName() {
		name := Ident(nodes[i].Token, b.src)
		if recursive {
			inner.with[name] = nil
		}
		var names []string
		for i++; i < len(nodes) && b.word(nodes, i-1) != "as"; i++ {
			if nodes[i].IsGroup() {
				names = b.columnList(nodes[i])
			}
		}
		for b.word2(nodes, i, "not", "materialized") {
			i++
		}
		var columns []Column
		if i < len(nodes) {
			if !recursive {
				columns = nameAs(inner.query(nodes[i].Children), names)
			}
			b.expressions(inner, nodes[i].Children)
		}
		inner.with[name] = columns
		if i++; i >= len(nodes) || nodes[i].Kind != sqltext.Comma {
			break
		}
		i++
	}
	return inner, min(i, len(nodes))
}

// relation binds the relation at node i.
func (b *binder) relation(l *lengths, nodes []sqltext.Node, i int) {
	name, end, err := b.name(nodes, i)
	if _, given := l.with[name.Table]; err != nil || name.Schema != "" || given || systemTable(name) != "" || end < len(nodes) && nodes[end].Kind == sqltext.OpenParen {
		return
	}
	if b.env.Schema == nil {
		return
	}
	schema, err := b.env.Schema(name.Table)
	b.failed(err)
	if schema != "" && schema != TemporarySchema {
		b.insert(nodes[i].Pos, Quote(schema)+".")
	}
	if schema != "" && schema != "public" {
		b.schemas[name.Table] = schema
	}
}

// stars writes the columns that the stars of a query's own SELECT lists mean,
// where all of a list's are known. first tells that the first list names the
// view's columns.
func (b *binder) stars(l *lengths, nodes []sqltext.Node, first bool) {
	if b.word(nodes, 0) == "with" {
		inner, rest, ok := l.within(nodes)
		if ok {
			b.stars(inner, rest, first)
		}
		return
	}
	for k, branch := range b.branches(nodes) {
		if b.word(branch, 0) == "select" {
			b.list(l, branch, first && k == 0)
		} else if len(branch) > 0 && branch[0].IsGroup() {
			b.stars(l, branch[0].Children, first && k == 0)
		}
	}
}

// list writes the columns of one SELECT list.
func (b *binder) list(l *lengths, nodes []sqltext.Node, first bool) {
	items, _ := b.selected(nodes)
	star := slices.IndexFunc(items, func(item []sqltext.Node) bool { return len(item) > 0 && item[len(item)-1].IsOp(b.src, "*") })
	if star < 0 {
		return
	}
	sources, complete := l.sources(nodes)
	joined, plain := b.joinedColumns(nodes)
	natural := slices.ContainsFunc(nodes, func(n sqltext.Node) bool { return n.Word == "natural" })
	complete = (complete || natural && len(sources) == 2) && (plain || len(joined) == 0)
	for _, item := range items {
		if len(item) == 0 || !item[len(item)-1].IsOp(b.src, "*") {
			continue
		}
		if columns := b.columns(item, sources, complete, joined); columns != nil {
			pos, end := item[0].Pos, item[len(item)-1].End
			var quoted, plain []string
			for _, c := range columns {
				quoted = append(quoted, c.String())
				plain = append(plain, c.plain())
			}
			b.replace(pos, end, strings.Join(quoted, ", "))
			b.shown.replace(pos, end, strings.Join(plain, ", "))
		}
	}
	if !first || b.named {
		return
	}
	var names []string
	for _, c := range l.selected(nodes) {
		if c.Name != "" {
			names = append(names, strings.ToLower(c.Name))
		}
	}
	b.failed(distinct(names, items[star][0].Pos+1))
}

// columns are those that * or t.* means, nil where they are not known or cannot
// be named.
func (b *binder) columns(item []sqltext.Node, sources []source, complete bool, joined []string) []starColumn {
	var all []starColumn
	of := ""
	if len(item) > 1 {
		if len(item) != 3 || !item[0].Kind.IsName() || item[1].Kind != sqltext.Dot {
			return nil
		}
		of, joined = Ident(item[0].Token, b.src), nil
	} else if !complete {
		return nil
	}
	for _, name := range joined {
		all = append(all, starColumn{"", strings.ReplaceAll(name[1:len(name)-1], `""`, `"`)})
	}
	names := map[string]bool{}
	for _, s := range sources {
		if len(sources) > 1 && (s.name == "" || names[s.name]) {
			return nil // it cannot be told from the others
		}
		names[s.name] = true
		if of != "" && s.name != of {
			continue
		}
		seen := map[string]bool{}
		for _, c := range s.columns {
			lower := strings.ToLower(c.Name)
			if lower == "" || seen[lower] {
				return nil
			}
			seen[lower] = true
			if slices.Contains(joined, Quote(c.Name)) {
				continue
			}
			column := starColumn{s.name, c.Name}
			if len(sources) == 1 {
				column.of = ""
			}
			all = append(all, column)
		}
		if s.columns == nil {
			return nil
		}
	}
	return all
}

// A starColumn is a column that a star means, with the table's name where
// there are more than one.
type starColumn struct{ of, name string }

func (c starColumn) String() string { return Name{c.of, c.name}.String() }

// plain is the column as one would write it.
func (c starColumn) plain() string {
	if c.of == "" {
		return plainName(c.name)
	}
	return plainName(c.of) + "." + plainName(c.name)
}

// plainName is a name in quotes only where it needs them.
func plainName(name string) string {
	if name == "" || reserved[name] || duckWords[name] || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" || name[0] >= '0' && name[0] <= '9' {
		return Quote(name)
	}
	if name == "case" || isValue(name) {
		return Quote(name)
	}
	return name
}
