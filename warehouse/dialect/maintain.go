package dialect

import (
	"fmt"
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// Maintained reads VACUUM and ANALYZE and returns the table that they name,
// the zero Name for all.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_VACUUM_command.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_ANALYZE.html
func (s *Statement) Maintained() (Name, error) {
	n, i := s.nodes, 1
	analyze := s.head != "vacuum"
	switch {
	case analyze && s.word(n, i) == "verbose", !analyze && s.word2(n, i, "full", "reindex", "recluster"):
		i++
	case !analyze && s.word2(n, i, "sort", "delete") && s.word(n, i+1) == "only":
		i += 2
	}
	var name Name
	if i < len(n) && n[i].Kind.IsName() && !s.word2(n, i, "to", "boost", "predicate", "all") {
		var err error
		if name, i, err = s.name(n, i); err != nil {
			return name, err
		}
		if analyze && i < len(n) && n[i].Kind == sqltext.OpenParen {
			i++
		}
	}
	switch {
	case analyze && s.word2(n, i, "predicate", "all") && s.word(n, i+1) == "columns":
		i += 2
	case !analyze && s.word(n, i) == "to" && i+2 < len(n) && n[i+1].Kind == sqltext.Integer && s.word(n, i+2) == "percent":
		i += 3
	}
	if !analyze && s.word(n, i) == "boost" {
		i++
	}
	if i < len(n) {
		return name, s.unexpected(i, n)
	}
	return name, nil
}

// target returns a table that must exist.
func (r *rewriter) target(name Name, at int) *Table {
	table, err := r.env.Catalog.Table(name)
	if err == nil && table == nil {
		err = &sqlstate.Error{Code: sqlstate.UndefinedTable, Message: fmt.Sprintf("relation \"%s\" does not exist", name.Table), At: at + 1}
	}
	if err != nil {
		r.fail(err)
	}
	return table
}

// appendFrom turns ALTER TABLE t APPEND FROM s into an INSERT and a DELETE.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE_APPEND.html
func (r *rewriter) appendFrom(out *Rewritten, i int) {
	n := r.nodes
	from, end, err := r.name(n, i)
	if err != nil {
		r.fail(err)
		return
	}
	extra, fill := false, false
	for end < len(n) && r.word2(n, end, "ignoreextra", "filltarget") {
		extra, fill = extra || r.word(n, end) == "ignoreextra", fill || r.word(n, end) == "filltarget"
		end++
	}
	if end < len(n) {
		r.fail(r.unexpected(end, n))
		return
	}
	source, target := r.target(from, n[i].Pos), r.target(out.Table, n[2].Pos)
	if r.err != nil {
		return
	}
	types := map[string]Column{}
	for _, c := range source.Columns {
		types[c.Name] = c
	}
	var names []string
	for _, c := range target.Columns {
		in, ok := types[c.Name]
		switch {
		case !ok && !fill:
			r.fail(&sqlstate.Error{Code: sqlstate.DatatypeMismatch, At: n[i].Pos + 1, Hint: "FILLTARGET fills it.",
				Message: fmt.Sprintf("column \"%s\" of the target table is not in the source table", c.Name)})
			return
		case !ok:
			continue
		case !strings.EqualFold(in.Type, c.Type) || in.Identity != c.Identity:
			r.fail(&sqlstate.Error{Code: sqlstate.DatatypeMismatch, At: n[i].Pos + 1,
				Message: fmt.Sprintf("column \"%s\" has the type %s in the source table and %s in the target table", c.Name, strings.ToLower(in.Type), strings.ToLower(c.Type))})
			return
		}
		names = append(names, Quote(c.Name))
		delete(types, c.Name)
	}
	if len(types) > 0 && !extra {
		for _, c := range source.Columns {
			if _, left := types[c.Name]; left {
				r.fail(&sqlstate.Error{Code: sqlstate.DatatypeMismatch, At: n[i].Pos + 1, Hint: "IGNOREEXTRA drops it.",
					Message: fmt.Sprintf("column \"%s\" of the source table is not in the target table", c.Name)})
				return
			}
		}
	}
	list := strings.Join(names, ", ")
	out.Alone = "ALTER TABLE APPEND"
	r.replace(r.Pos, r.End, fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s", out.Table, list, list, from))
	out.After = append(out.After, "DELETE FROM "+from.String())
}

// A Rebuild is a change of a table that DuckDB has only by making it anew.
type Rebuild struct {
	Add    string // the declaration of a column, in DuckDB's words
	Column string // or the column whose length changes
	Length int    // to so many bytes
}

// changeType reads ALTER TABLE t ALTER COLUMN c TYPE varchar(n).
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html
func (r *rewriter) changeType(out *Rewritten, i int) {
	n := r.nodes
	name := Ident(n[i].Token, r.src)
	typ, err := r.readType(n[i+2:], true)
	if err != nil {
		r.fail(err)
		return
	}
	if end := r.typeEnd(n, i+2); end < len(n) {
		r.fail(r.unexpected(end, n))
		return
	}
	table := r.target(out.Table, n[2].Pos)
	if table == nil {
		return
	}
	r.known(table, name)
	for _, c := range table.Columns {
		if c.Name != name {
			continue
		}
		switch {
		case typ.length == 0 || typ.blank || !strings.HasPrefix(c.Type, "character varying"):
			r.fail(&sqlstate.Error{Code: sqlstate.FeatureNotSupported, At: n[i].Pos + 1,
				Message: fmt.Sprintf("cannot alter column \"%s\" of relation \"%s\": only the size of VARCHAR columns can be altered", name, out.Table.Table)})
		case c.Default != "":
			r.fail(&sqlstate.Error{Code: sqlstate.FeatureNotSupported, At: n[i].Pos + 1,
				Message: fmt.Sprintf("cannot alter column \"%s\" of relation \"%s\": it has a default value", name, out.Table.Table)})
		}
	}
	out.Alone = "ALTER TABLE ALTER COLUMN"
	out.Rebuild = &Rebuild{Column: name, Length: typ.length}
	r.replace(r.Pos, r.End, "SELECT 1 WHERE false")
}

// addColumn rewrites ALTER TABLE t ADD COLUMN, whose declaration begins at
// node i. DuckDB adds columns without constraints, and with constant defaults,
// only.
func (r *rewriter) addColumn(out *Rewritten, i int) {
	part := r.nodes[i:]
	x := &rewriter{Statement: r.Statement, env: r.env}
	x.quoteWords(part)
	var attr Attributes
	notNull := x.column(part, &attr)
	if x.err != nil {
		r.fail(x.err)
		return
	}
	text, _ := x.apply(r.src, part[0].Pos, part[len(part)-1].Last())
	value := r.defaultOf(part)
	if notNull && value == nil && !strings.Contains(text, "nextval(") {
		r.fail(&sqlstate.Error{Code: "42P16", Message: "ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression", At: part[0].Pos + 1})
		return
	}
	if len(attr.Keys) > 0 || len(attr.Encode) > 0 {
		r.keepColumn(out, Ident(part[0].Token, r.src), attr)
	}
	if !notNull && !strings.Contains(text, " CHECK (") && len(value) < 2 {
		if r.word(r.nodes, i-1) != "column" {
			r.insert(r.nodes[i-1].End, " COLUMN")
		}
		r.column(part, &Attributes{})
		return
	}
	out.Rebuild = &Rebuild{Add: text}
	r.replace(r.Pos, r.End, "SELECT 1 WHERE false")
}

// defaultOf returns the default that a column's declaration gives, nil for none.
func (r *rewriter) defaultOf(part []sqltext.Node) []sqltext.Node {
	for i := range part {
		if r.word(part, i) != "default" {
			continue
		}
		end := i + 2
		for end < len(part) && !r.word2(part, end, "encode", "distkey", "sortkey", "not", "null", "unique", "primary", "references") {
			end++
		}
		return part[min(i+1, len(part)):min(end, len(part))]
	}
	return nil
}

// keepColumn keeps the attributes of a column that is added.
func (r *rewriter) keepColumn(out *Rewritten, name string, attr Attributes) {
	a, err := r.env.Catalog.Attributes(out.Table)
	r.failed(err)
	table, err := r.env.Catalog.Table(out.Table)
	r.failed(err)
	columns := []string{name}
	if table != nil {
		for _, c := range table.Columns {
			columns = append(columns, c.Name)
		}
	}
	if e, ok := attr.Encode[name]; ok {
		if a.Encode == nil {
			a.Encode = map[string]string{}
		}
		a.Encode[name] = e
	}
	first := len(a.Keys)
	a.Keys = append(a.Keys, attr.Keys...)
	r.checkKeys(&a, first, out.Table, columns)
	out.After = append(out.After, comments(out.Table, a))
}

// Column returns the declaration of a column that exists, in DuckDB's words.
func (c Column) Declaration() string {
	text := Quote(c.Name) + " " + duckType(c)
	if c.Default != "" {
		text += " DEFAULT " + c.Default
	}
	if c.NotNull {
		text += " NOT NULL"
	}
	return text
}
