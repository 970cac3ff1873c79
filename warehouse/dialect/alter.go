package dialect

import (
	"fmt"
	"slices"
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// alter rewrites what follows the name in ALTER TABLE. What DuckDB does not
// know is recorded in the table's attributes.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html
func (r *rewriter) alter(out *Rewritten, i int) {
	n := r.nodes
	switch {
	case r.words(n, i, "rename", "column") && r.word(n, i+3) == "to" && i+5 == len(n):
		from, to := Ident(n[i+2].Token, r.src), Ident(n[i+4].Token, r.src)
		r.renamed(out, from, to)
	case r.words(n, i, "rename", "to"):
	case r.words(n, i, "owner", "to"):
		r.owner(out, i+2)
	case r.words(n, i, "drop", "constraint"), r.word(n, i) == "add" && r.word2(n, i+1, "constraint", "primary", "unique", "foreign"):
		r.record(out, i, r.constraint)
	case r.words(n, i, "alter", "column") && r.word(n, i+3) == "encode", r.word(n, i) == "alter" && r.word2(n, i+1, "distkey", "diststyle", "sortkey", "compound", "encode"):
		r.record(out, i+1, r.layout)
	case r.words(n, i, "append", "from"):
		r.appendFrom(out, i+2)
	case r.words(n, i, "alter", "column") && r.word(n, i+3) == "type" && i+4 < len(n):
		r.changeType(out, i+2)
	case r.word(n, i) == "drop" && r.dropColumn(out, i+1):
	case r.words(n, i, "add", "column") && i+2 < len(n):
		r.addColumn(out, i+2)
	case r.word(n, i) == "add" && i+2 < len(n) && n[i+1].Kind.IsName() && n[i+2].Kind.IsName() && !r.word2(n, i+1, "check", "partition"):
		r.addColumn(out, i+1)
	default:
		what := ""
		for k := i; k < min(i+2, len(n)); k++ {
			what += " " + strings.ToUpper(n[k].Text(r.src))
		}
		r.fail(sqlstate.Unsupported(n[min(i, len(n)-1)].Pos, "ALTER TABLE%s", what))
	}
}

// dropColumn rewrites DROP [COLUMN] c [RESTRICT | CASCADE], whose node i follows
// DROP. It reports whether it is that.
func (r *rewriter) dropColumn(out *Rewritten, i int) bool {
	n := r.nodes
	if r.word(n, i) == "column" {
		i++
	} else if i < len(n) && n[i].Kind.IsName() {
		r.insert(n[i].Pos, "COLUMN ")
	}
	if i >= len(n) || !n[i].Kind.IsName() || i+1 < len(n) && !(i+2 == len(n) && r.word2(n, i+1, "restrict", "cascade")) {
		return false
	}
	name := Ident(n[i].Token, r.src)
	a, err := r.env.Catalog.Attributes(out.Table)
	r.failed(err)
	before := a.Text()
	switch {
	case a.DistKey == name:
		r.fail(&sqlstate.Error{Code: sqlstate.FeatureNotSupported, Message: fmt.Sprintf("cannot drop distkey column \"%s\"", name), At: n[i].Pos + 1})
	case slices.Contains(a.SortKey, name):
		r.fail(&sqlstate.Error{Code: sqlstate.FeatureNotSupported, Message: fmt.Sprintf("cannot drop sortkey column \"%s\"", name), At: n[i].Pos + 1})
	}
	delete(a.Encode, name)
	a.Keys = slices.DeleteFunc(a.Keys, func(k Key) bool { return slices.Contains(k.Columns, name) })
	if slices.Contains(a.PrimaryKey, name) {
		a.PrimaryKey = nil
	}
	if a.Text() != before {
		out.After = append(out.After, comments(out.Table, a))
	}
	return true
}

// comments returns the statement that keeps attributes.
func comments(table Name, a Attributes) string {
	text := "NULL"
	if t := a.Text(); t != "" {
		text = QuoteText(t)
	}
	object := "TABLE"
	if a.Query != "" {
		object = "VIEW"
	}
	return fmt.Sprintf("COMMENT ON %s %s IS %s", object, table, text)
}

// record changes the table's attributes by what stands from node i on. change
// returns the index after it.
func (r *rewriter) record(out *Rewritten, i int, change func(a *Attributes, table *Table, i int) int) {
	table, err := r.existing(out.Table)
	if err != nil {
		r.fail(err)
		return
	}
	a, err := r.env.Catalog.Attributes(out.Table)
	if err != nil {
		r.fail(err)
		return
	}
	r.altered = out.Table
	end := change(&a, table, i)
	if r.err == nil && end < len(r.nodes) {
		r.fail(r.unexpected(end, r.nodes))
	}
	r.replace(r.Pos, r.End, comments(out.Table, a))
}

func (r *rewriter) existing(name Name) (*Table, error) {
	table, err := r.env.Catalog.Table(name)
	if err == nil && table == nil {
		err = &sqlstate.Error{Code: sqlstate.UndefinedTable, Message: fmt.Sprintf("relation \"%s\" does not exist", name.Table)}
	}
	return table, err
}

// known reports a column that the table has not.
func (r *rewriter) known(table *Table, names ...string) {
	for _, name := range names {
		if !slices.ContainsFunc(table.Columns, func(c Column) bool { return c.Name == name }) {
			r.fail(&sqlstate.Error{Code: sqlstate.UndefinedColumn, Message: fmt.Sprintf("column \"%s\" does not exist", name)})
		}
	}
}

// renamed gives a column its new name in the attributes too.
func (r *rewriter) renamed(out *Rewritten, from, to string) {
	a, err := r.env.Catalog.Attributes(out.Table)
	if err != nil {
		r.fail(err)
		return
	}
	before := a.Text()
	if a.DistKey == from {
		a.DistKey = to
	}
	lists := [][]string{a.SortKey, a.PrimaryKey}
	for _, k := range a.Keys {
		lists = append(lists, k.Columns)
	}
	for _, list := range lists {
		for i := range list {
			if list[i] == from {
				list[i] = to
			}
		}
	}
	if e, ok := a.Encode[from]; ok {
		delete(a.Encode, from)
		a.Encode[to] = e
	}
	if a.Text() != before {
		out.After = append(out.After, comments(out.Table, a))
	}
}

// owner accepts the only user as the owner.
func (r *rewriter) owner(out *Rewritten, i int) {
	if i+1 != len(r.nodes) || !r.nodes[i].Kind.IsName() {
		r.fail(r.unexpected(min(i+1, len(r.nodes)), r.nodes))
		return
	}
	if _, err := r.existing(out.Table); err != nil {
		r.fail(err)
		return
	}
	if name := Ident(r.nodes[i].Token, r.src); name != r.env.User && name != "current_user" {
		r.fail(noUser(name, r.nodes[i].Pos))
		return
	}
	r.replace(r.Pos, r.End, "SELECT 1 WHERE false")
}

func noUser(name string, at int) error {
	return &sqlstate.Error{Code: sqlstate.UndefinedObject, Message: fmt.Sprintf("user \"%s\" does not exist", name), At: at + 1}
}

// constraint records ADD and DROP CONSTRAINT: no constraint is enforced, as on
// Redshift.
func (r *rewriter) constraint(a *Attributes, table *Table, i int) int {
	n := r.nodes
	if r.word(n, i) == "drop" {
		if i+2 >= len(n) || !n[i+2].Kind.IsName() {
			return i + 2
		}
		name := Ident(n[i+2].Token, r.src)
		k := slices.Index(a.Constraints, name)
		key := slices.IndexFunc(a.Keys, func(k Key) bool { return k.Name == name })
		switch {
		case key >= 0:
			a.Keys = slices.Delete(a.Keys, key, key+1)
		case k >= 0:
			a.Constraints = slices.Delete(a.Constraints, k, k+1)
		case len(a.PrimaryKey) > 0 && name == r.altered.Table+"_pkey":
			a.PrimaryKey = nil
		default:
			r.fail(&sqlstate.Error{Code: sqlstate.UndefinedObject, Message: fmt.Sprintf("constraint \"%s\" does not exist", name), At: n[i+2].Pos + 1})
			return i
		}
		i += 3
		if r.word2(n, i, "cascade", "restrict") {
			i++
		}
		return i
	}
	first := len(a.Keys)
	i = r.tableKey(a, n, i+1)
	if r.err == nil {
		var columns []string
		for _, c := range table.Columns {
			columns = append(columns, c.Name)
		}
		r.checkKeys(a, first, r.altered, columns)
	}
	return i
}

// layout records where a table's rows are said to be, their order and their
// compression.
func (r *rewriter) layout(a *Attributes, table *Table, i int) int {
	n := r.nodes
	distkey := func(i int) int {
		if i >= len(n) || !n[i].Kind.IsName() {
			r.fail(r.unexpected(i, n))
			return i
		}
		a.DistStyle, a.DistKey = "key", Ident(n[i].Token, r.src)
		r.known(table, a.DistKey)
		return i + 1
	}
	switch w := r.word(n, i); {
	case w == "column" && i+3 < len(n) && n[i+1].Kind.IsName() && n[i+3].Kind.IsName():
		name := Ident(n[i+1].Token, r.src)
		r.known(table, name)
		if a.Encode == nil {
			a.Encode = map[string]string{}
		}
		a.Encode[name] = r.word(n, i+3)
		return i + 4
	case w == "encode" && r.word(n, i+1) == "auto":
		a.Encode = nil
		return i + 2
	case w == "distkey":
		return distkey(i + 1)
	case w == "diststyle" && r.words(n, i+1, "key", "distkey"):
		return distkey(i + 3)
	case w == "diststyle" && r.word2(n, i+1, "even", "all", "auto"):
		a.DistStyle, a.DistKey = r.word(n, i+1), ""
		return i + 2
	case w == "sortkey" && r.word2(n, i+1, "auto", "none"):
		a.SortKey, a.Interleaved = nil, false
		return i + 2
	case w == "compound" && r.word(n, i+1) == "sortkey":
		return r.layout(a, table, i+1)
	case w == "sortkey" && i+1 < len(n) && n[i+1].Kind == sqltext.OpenParen:
		a.SortKey, a.Interleaved = r.columnList(n[i+1]), false
		r.known(table, a.SortKey...)
		return i + 2
	}
	return i
}

// comment rewrites COMMENT ON TABLE, VIEW and COLUMN. A table's and a view's
// stands beside its attributes.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_COMMENT.html
func (r *rewriter) comment(out *Rewritten) {
	n := r.nodes
	object := r.word(n, 2)
	if r.word(n, 1) != "on" || object == "" {
		r.fail(r.unexpected(min(1, len(n)), n))
		return
	}
	if object != "table" && object != "column" && object != "view" {
		r.fail(sqlstate.Unsupported(n[2].Pos, "COMMENT ON %s", strings.ToUpper(object)))
		return
	}
	end := 3
	for end < len(n) && r.word(n, end) != "is" {
		end++
	}
	if end+2 != len(n) {
		r.fail(r.unexpected(min(end+2, len(n)), n))
		return
	}
	text := ""
	if r.word(n, end+1) != "null" {
		var err error
		if text, err = r.str(n[end+1]); err != nil {
			r.fail(err)
			return
		}
	}
	if object == "column" {
		if text != "" {
			r.replace(n[end+1].Pos, n[end+1].End, QuoteText(text))
		}
		return
	}
	name, next, err := r.name(n, 3)
	if err == nil && next != end {
		err = r.unexpected(next, n)
	}
	if err != nil {
		r.fail(err)
		return
	}
	out.Table = name
	r.record(out, end, func(a *Attributes, _ *Table, i int) int {
		if r.err == nil && (a.Query != "") != (object == "view") {
			r.fail(&sqlstate.Error{Code: sqlstate.WrongObjectType, Message: fmt.Sprintf("\"%s\" is not a %s", name.Table, object), At: n[3].Pos + 1})
		}
		a.Comment = text
		return i + 2
	})
}
