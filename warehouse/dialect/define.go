package dialect

import (
	"fmt"
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// Attributes are what a table is declared to be and DuckDB does not know.
// They are kept as the table's comment.
type Attributes struct {
	DistStyle   string            `json:",omitempty"`
	DistKey     string            `json:",omitempty"`
	SortKey     []string          `json:",omitempty"`
	Interleaved bool              `json:",omitempty"`
	PrimaryKey  []string          `json:",omitempty"` // of an earlier release, now in Keys
	Encode      map[string]string `json:",omitempty"`
	Constraints []string          `json:",omitempty"` // of an earlier release: names of keys
	Keys        []Key             `json:",omitempty"`
	Comment     string            `json:",omitempty"` // the user's own
	Query       string            `json:",omitempty"` // of a view, as the user wrote it but for its stars
	Schemas     map[string]string `json:",omitempty"` // of the relations that Query names without one, where it is not public
	Late        bool              `json:",omitempty"` // a view WITH NO SCHEMA BINDING: it depends on nothing
}

// define rewrites CREATE, DROP and ALTER, and SELECT INTO.
func (r *rewriter) define(out *Rewritten) {
	n := r.nodes
	if r.head == "select" || r.head == "with" {
		r.selectInto(out)
		return
	}
	if r.head == "comment" {
		r.comment(out)
		return
	}
	i := 1
	for w := r.word(n, i); w == "or" || w == "replace" || w == "temp" || w == "temporary" || w == "local" || w == "global"; w = r.word(n, i) {
		if w == "local" || w == "global" {
			r.replace(n[i].Pos, n[i].End, "")
		}
		i++
	}
	object := r.word(n, i)
	i++
	switch {
	case r.head == "refresh":
		r.refresh(out)
		return
	case object == "materialized" && r.head == "create":
		r.createMaterialized(out, i+1)
		return
	case object == "materialized":
		r.dropMaterialized(out, i+1)
		return
	}
	switch {
	case r.words(n, i, "if", "not", "exists"):
		out.Exists = true
		i += 3
	case r.words(n, i, "if", "exists"):
		out.Exists = true
		i += 2
	}
	name, next, err := r.name(n, i)
	if err != nil {
		r.fail(err)
		return
	}
	out.Table = name
	if r.head == "create" && object == "table" && r.hashed(n[i]) && !r.Temporary() {
		r.insert(n[0].End, " TEMP")
	}
	if name.Schema == "rs" || name.Schema == "main" || object == "schema" && (name.Table == "rs" || name.Table == "main") {
		r.fail(&sqlstate.Error{Code: sqlstate.InsufficientPrivilege, At: n[i].Pos + 1, Message: "permission denied for schema " + name.Schema})
		return
	}
	switch {
	case r.head == "drop":
		if object == "view" {
			r.notMaterialized(name, n[i].Pos)
		}
		r.drop(out, object, next)
	case r.head == "alter":
		r.alter(out, next)
	case object == "table":
		r.createTable(out, next)
	case object == "view":
		for k := next; k < len(n); k++ {
			if r.word(n, k) == "as" {
				end := len(n)
				if r.words(n, end-4, "with", "no", "schema", "binding") {
					end -= 4
					r.replace(n[end].Pos, r.End, "")
				}
				if k+1 >= end {
					r.fail(r.unexpected(k+1, n))
					return
				}
				query := r.bind(n[k+1:end], n[k-1].IsGroup(), end < len(n))
				r.level(n[k+1:end], true)
				r.keepQuery(out, name, query)
				if r.history || r.sizes {
					r.fail(sqlstate.Unsupported(n[k].Pos, "a view of the system's statements and sizes"))
				}
				return
			}
		}
		r.fail(r.unexpected(len(n), n))
	case next < len(n):
		r.schema(next)
	}
}

// keepQuery keeps a view's query beside the user's comment on a view that it
// replaces.
func (r *rewriter) keepQuery(out *Rewritten, view Name, query bound) {
	a, err := r.env.Catalog.Attributes(view)
	r.failed(err)
	a = query.attributes(a.Comment)
	out.After = append(out.After, fmt.Sprintf("COMMENT ON VIEW %s IS %s", view, QuoteText(a.Text())))
}

// Temporary reports whether s makes a table that only its session sees.
func (s *Statement) Temporary() bool {
	if s.head == "select" || s.head == "with" {
		return s.intoTemporary()
	}
	for i := 1; i < min(4, len(s.nodes)); i++ {
		if w := s.word(s.nodes, i); s.head == "create" && (w == "temp" || w == "temporary") {
			return true
		}
	}
	return false
}

// drop rewrites what follows the first name in DROP. Others are dropped by
// statements of their own.
func (r *rewriter) drop(out *Rewritten, object string, i int) {
	n, first := r.nodes, i
	for i < len(n) && n[i].Kind == sqltext.Comma {
		name, next, err := r.name(n, i+1)
		if err != nil {
			r.fail(err)
			return
		}
		out.Others = append(out.Others, name)
		i = next
	}
	if i > first {
		r.replace(n[first].Pos, n[i-1].Last(), "")
	}
	how := ""
	if r.word2(n, i, "cascade", "restrict") {
		how = " " + r.word(n, i)
		i++
	}
	if i < len(n) {
		r.fail(r.unexpected(i, n))
		return
	}
	exists := ""
	if out.Exists {
		exists = "IF EXISTS "
	}
	for _, name := range out.Others {
		out.After = append(out.After, fmt.Sprintf("DROP %s %s%s%s", object, exists, name, how))
	}
}

// createTable rewrites what follows the name in CREATE TABLE.
func (r *rewriter) createTable(out *Rewritten, i int) {
	n := r.nodes
	var attr Attributes
	query, at := -1, n[min(i, len(n)-1)].Pos
	var columns []string
	if i < len(n) && n[i].Kind == sqltext.OpenParen && !r.isQuery(n[i].Children) {
		as := false
		for k := i + 1; k < len(n); k++ {
			as = as || r.word(n, k) == "as"
		}
		if !as {
			r.columns = []Column{}
			columns = r.items(n[i], &attr)
			out.Columns = r.columns
		} else if !r.onlyNames(n[i]) {
			r.fail(sqlstate.Unsupported(n[i].Pos, "CREATE TABLE (columns with types) AS"))
			return
		} else {
			columns = r.columnList(n[i])
		}
		i++
	}
	for i < len(n) && r.err == nil {
		start := i
		if r.liked && r.word2(n, i, "diststyle", "distkey", "compound", "interleaved", "sortkey") {
			r.fail(invalidTable(n[i].Pos, "a table that is LIKE another has its distribution style and sort key"))
			return
		}
		switch w := r.word(n, i); {
		case w == "as":
			query = i + 1
			r.level(n[query:], true)
			i = len(n)
			continue
		case w == "backup" && (r.word(n, i+1) == "no" || r.word(n, i+1) == "yes"):
			i += 2
		case w == "diststyle" && r.word2(n, i+1, "even", "all", "key", "auto"):
			attr.DistStyle = r.word(n, i+1)
			i += 2
		case w == "distkey" && i+1 < len(n) && n[i+1].IsGroup():
			r.distKey(&attr, n[i+1])
			i += 2
		case w == "compound" && r.word(n, i+1) == "sortkey", w == "interleaved" && r.word(n, i+1) == "sortkey":
			attr.Interleaved = w == "interleaved"
			r.replace(n[i].Pos, n[i].End, "")
			i++
			continue
		case w == "sortkey" && i+1 < len(n) && n[i+1].IsGroup():
			r.sortKey(&attr, n[i+1])
			i += 2
		case w == "sortkey" && r.word(n, i+1) == "auto", w == "encode" && r.word(n, i+1) == "auto":
			i += 2
		default:
			r.fail(r.unexpected(i, n))
			return
		}
		r.replace(n[start].Pos, n[i-1].Last(), "")
	}
	if query >= 0 && query < len(n) && r.err == nil {
		r.made(out, n[query:], columns)
		r.replace(r.Pos, n[query].Pos, "")
	}
	r.layoutOf(&attr, columns, at)
	r.checkKeys(&attr, 0, out.Table, columns)
	if text := attr.Text(); text != "" {
		out.After = append(out.After, fmt.Sprintf("COMMENT ON TABLE %s IS %s", out.Table, QuoteText(text)))
	}
}

// onlyNames reports whether a group is a list of names.
func (r *rewriter) onlyNames(group sqltext.Node) bool {
	for _, part := range splitCommas(group.Children) {
		if len(part) != 1 || !part[0].Kind.IsName() {
			return false
		}
	}
	return true
}

func (r *rewriter) columnList(group sqltext.Node) []string {
	var names []string
	for _, c := range group.Children {
		if c.Kind.IsName() {
			names = append(names, Ident(c.Token, r.src))
		}
	}
	return names
}

// items rewrites the columns and constraints of CREATE TABLE, and returns the
// columns.
func (r *rewriter) items(group sqltext.Node, attr *Attributes) (names []string) {
	parts := splitCommas(group.Children)
	kept := 0
	columns := map[string][]sqltext.Node{}
	notNull := map[string]bool{}
	for k, part := range parts {
		if len(part) == 0 {
			r.fail(r.unexpected(len(r.nodes), r.nodes))
			return nil
		}
		i := 0
		if r.word(part, 0) == "constraint" {
			i = 2
		}
		switch w := r.word(part, i); {
		case w == "primary" || w == "unique" || w == "foreign":
			if next := r.tableKey(attr, part, 0); r.err == nil && next < len(part) {
				r.fail(r.unexpected(next, part))
			}
			end := part[len(part)-1].Last()
			start := part[0].Pos
			if kept > 0 {
				start = parts[k-1][len(parts[k-1])-1].Last()
				if k > kept { // what stood before was removed too
					start = r.removedTo(parts, k)
				}
			} else if k+1 < len(parts) && len(parts[k+1]) > 0 {
				end = parts[k+1][0].Pos
			}
			r.replace(start, end, "")
		case w == "check":
			r.fail(sqlstate.Unsupported(part[i].Pos, "CHECK"))
		case w == "like":
			names = append(names, r.like(part, i, attr)...)
			r.columns = nil
			kept++
		default:
			kept++
			if !part[0].Kind.IsName() {
				r.fail(r.near(part[0].Token))
				return nil
			}
			name := Ident(part[0].Token, r.src)
			columns[name] = part
			names = append(names, name)
			notNull[name] = r.column(part, attr)
		}
	}
	if kept == 0 {
		r.fail(&sqlstate.Error{Code: sqlstate.SyntaxError, Message: "a table must have at least one column", At: group.Pos + 1})
	}
	for _, k := range attr.Keys {
		for _, name := range k.Columns {
			if part := columns[name]; k.Kind == Primary && part != nil && !notNull[name] {
				r.insert(part[len(part)-1].Last(), " NOT NULL")
				notNull[name] = true
			}
		}
	}
	for i, c := range r.columns {
		r.columns[i].NotNull = notNull[c.Name]
	}
	return names
}

func (r *rewriter) removedTo(parts [][]sqltext.Node, k int) int {
	return parts[k-1][len(parts[k-1])-1].Last()
}

// like writes the columns of another table, and returns their names.
func (r *rewriter) like(part []sqltext.Node, i int, attr *Attributes) (names []string) {
	name, next, err := r.name(part, i+1)
	if err != nil {
		r.fail(err)
		return nil
	}
	defaults := r.words(part, next, "including", "defaults")
	if next < len(part) && !defaults {
		if !r.words(part, next, "excluding", "defaults") {
			r.fail(sqlstate.Unsupported(part[next].Pos, "LIKE … %s", strings.ToUpper(part[next].Text(r.src))))
			return nil
		}
	}
	table, err := r.env.Catalog.Table(name)
	if err != nil {
		r.fail(err)
		return nil
	}
	if table == nil {
		r.fail(&sqlstate.Error{Code: sqlstate.UndefinedTable, Message: fmt.Sprintf("relation \"%s\" does not exist", name.Table), At: part[i+1].Pos + 1})
		return nil
	}
	var cols []string
	for _, c := range table.Columns {
		if !defaults || c.Identity != NoIdentity {
			c.Default = ""
		}
		cols = append(cols, c.Declaration())
		names = append(names, c.Name)
	}
	r.replace(part[0].Pos, part[len(part)-1].Last(), strings.Join(cols, ", "))
	r.likeLayout(attr, name, part[0].Pos)
	return names
}

// duckType returns the type and the check of a column that exists.
func duckType(c Column) string {
	var n int
	switch {
	case c.Blank:
		fmt.Sscanf(c.Type, "character(%d)", &n)
		return "VARCHAR " + lengthCheck(c.Name, typ{length: n, blank: true})
	case strings.HasPrefix(c.Type, "character varying("):
		fmt.Sscanf(c.Type, "character varying(%d)", &n)
		return "VARCHAR " + lengthCheck(c.Name, typ{length: n})
	case c.Type == "character varying":
		return "VARCHAR"
	}
	return c.Type
}

// lengthCheck is the constraint that keeps a text's length in bytes. It is
// also how the type is known later: see [TypeOfCheck].
func lengthCheck(name string, t typ) string {
	q := Quote(name)
	if t.blank {
		return fmt.Sprintf("CHECK (strlen(%s) <= %d AND NOT suffix(%s, ' '))", q, t.length, q)
	}
	return fmt.Sprintf("CHECK (strlen(%s) <= %d) CHECK (NOT suffix(%s, ' '))", q, t.length, q)
}

// IsBlankCheck reports whether a constraint, as DuckDB prints it, is the one
// that keeps trailing blanks out of a VARCHAR. Redshift stores them and does
// not see them when it compares and groups, which DuckDB cannot do: they are
// refused where they would be stored.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html#r_Character_types-significance-of-trailing-blanks
func IsBlankCheck(text string) bool {
	return strings.Contains(text, "suffix(") && !strings.Contains(text, "strlen(")
}

// TypeOfCheck returns the type that a constraint of ours declares, and
// whether it is CHAR. text is as DuckDB prints it.
func TypeOfCheck(text string) (typeName string, length int, blank, ok bool) {
	i := strings.Index(text, "<= ")
	if i < 0 || !strings.Contains(text, "strlen(") {
		return "", 0, false, false
	}
	if _, err := fmt.Sscanf(text[i+3:], "%d", &length); err != nil {
		return "", 0, false, false
	}
	blank = strings.Contains(text, "suffix(") || strings.Contains(text, "rtrim(") // the latter of older warehouses
	return textType(length, blank), length, blank, true
}

// textType is the type of a text of a length in bytes.
func textType(length int, blank bool) string {
	if blank {
		return fmt.Sprintf("character(%d)", length)
	}
	return fmt.Sprintf("character varying(%d)", length)
}

// column rewrites one column's declaration and reports whether it is NOT NULL.
func (r *rewriter) column(part []sqltext.Node, attr *Attributes) (notNull bool) {
	if len(part) < 2 {
		r.fail(r.unexpected(len(r.nodes), r.nodes))
		return false
	}
	name := Ident(part[0].Token, r.src)
	end := r.typeEnd(part, 1)
	var t typ
	var err error
	if r.word(part, 1) == "super" {
		t.duck = "JSON"
	} else if t, err = r.readType(part[1:end], true); err != nil {
		r.fail(err)
		return false
	}
	if end == 1 {
		r.fail(r.near(part[1].Token))
		return false
	}
	if t.duck != "" {
		r.replace(part[1].Pos, part[end-1].Last(), t.duck)
	}
	plain := true
	drop := func(from, upTo int) {
		r.replace(part[from].Pos, part[min(upTo, len(part))-1].Last(), "")
	}
	for i := end; i < len(part) && r.err == nil; {
		switch w := r.word(part, i); {
		case w == "encode" && i+1 < len(part):
			if attr.Encode == nil {
				attr.Encode = map[string]string{}
			}
			attr.Encode[name] = r.word(part, i+1)
			r.encoding(name, part[1:end], part[i+1])
			drop(i, i+2)
			i += 2
		case w == "distkey":
			r.onlyDistKey(attr, name, part[i].Pos)
			drop(i, i+1)
			i++
		case w == "sortkey":
			attr.SortKey = append(attr.SortKey, name)
			drop(i, i+1)
			i++
		case w == "unique":
			attr.Keys = append(attr.Keys, Key{Kind: Unique, Columns: []string{name}, at: part[i].Pos})
			drop(i, i+1)
			i++
		case r.words(part, i, "primary", "key"):
			attr.Keys = append(attr.Keys, Key{Kind: Primary, Columns: []string{name}, at: part[i].Pos})
			drop(i, i+2)
			i += 2
		case w == "references":
			k := Key{Kind: Foreign, Columns: []string{name}}
			next := r.references(&k, part, i)
			if r.err != nil {
				return false
			}
			attr.Keys = append(attr.Keys, k)
			drop(i, next)
			i = next
		case r.words(part, i, "not", "null"):
			notNull = true
			i += 2
		case w == "null":
			i++
		case w == "default":
			plain = false
			k := i + 1
			for k < len(part) && !r.word2(part, k, "encode", "distkey", "sortkey", "not", "unique", "primary", "references") && !(r.word(part, k) == "null" && k > i+1) {
				k++
			}
			r.level(part[i+1:k], false)
			i = k
		case w == "identity" || w == "generated":
			plain, notNull = false, true
			i = r.identity(part, i)
		default:
			if w == "collate" || w == "check" {
				r.fail(sqlstate.Unsupported(part[i].Pos, "%s", strings.ToUpper(w)))
			} else {
				r.fail(r.unexpected(i, part))
			}
			return false
		}
	}
	if t.length > 0 {
		r.insert(part[len(part)-1].Last(), " "+lengthCheck(name, t))
	}
	if typ := t.inCatalog(r.word(part, 1)); typ == "" || !plain || strings.Trim(part[0].Text(r.src), `"`) != name {
		r.columns = nil
	} else if r.columns != nil {
		r.columns = append(r.columns, Column{Name: name, Type: typ, Blank: t.blank})
	}
	return notNull
}
