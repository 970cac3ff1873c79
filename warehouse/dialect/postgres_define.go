package dialect

import (
	"fmt"
	"strconv"
	"strings"

	"salamander/sqltext"
)

// pgObjects are what CREATE, ALTER and DROP of PostgreSQL are passed on for.
var pgObjects = wordSet("table view schema materialized index sequence database unique statistics")

// object returns the index of what CREATE, ALTER or DROP is about, and refuses
// what is not passed on.
func (p *pgRewriter) object() int {
	i := 1
	for p.word2(p.nodes, i, "or", "replace", "temp", "temporary", "local", "global", "unlogged") {
		if w := p.word(p.nodes, i); w == "local" || w == "global" {
			p.replace(p.nodes[i].Pos, p.nodes[i].End, "")
		}
		i++
	}
	w := p.word(p.nodes, i)
	switch {
	case w == "":
		p.fail(p.unexpected(i, p.nodes))
	case w == "user" || w == "group" || w == "role":
		e := pgUnsupported(p.nodes[i].Pos, "%s %s", strings.ToUpper(p.head), strings.ToUpper(w))
		e.Hint = "Everyone works as the one user that the server was given."
		p.fail(e)
	case !pgObjects[w]:
		what := strings.ToUpper(w)
		if w == "external" {
			what += " " + strings.ToUpper(p.word(p.nodes, i+1))
		}
		p.fail(pgUnsupported(p.nodes[i].Pos, "%s %s", strings.ToUpper(p.head), what))
	case w == "table" && p.words(p.nodes, 1, "or", "replace"):
		p.fail(pgUnsupported(p.nodes[1].Pos, "CREATE OR REPLACE TABLE"))
	}
	return i
}

// pgName passes over IF [NOT] EXISTS at node i, reads a name and returns the
// index after it.
func (p *pgRewriter) pgName(i int) (Name, int) {
	switch {
	case p.words(p.nodes, i, "if", "not", "exists"):
		i += 3
	case p.words(p.nodes, i, "if", "exists"):
		i += 2
	}
	name, next, err := p.name(p.nodes, i)
	if err != nil {
		p.fail(err)
	}
	return name, next
}

// create rewrites CREATE.
func (p *pgRewriter) create() {
	i := p.object()
	if p.err != nil {
		return
	}
	p.names(p.nodes)
	switch p.word(p.nodes, i) {
	case "table":
		at := i + 1
		if p.words(p.nodes, at, "if", "not", "exists") {
			at += 3
		}
		if at < len(p.nodes) && p.hashed(p.nodes[at]) && !p.Temporary() {
			p.insert(p.nodes[0].End, " TEMP")
		}
		if _, next := p.pgName(i + 1); p.err == nil {
			p.table(next)
		}
	case "materialized":
		if p.word(p.nodes, i+1) != "view" {
			p.fail(p.unexpected(i+1, p.nodes))
		} else if _, next := p.pgName(i + 2); p.err == nil {
			p.attributes(next)
		}
	case "view":
		p.level(p.nodes[i:])
		if k := len(p.nodes) - 4; k > 0 && p.words(p.nodes, k, "with", "no", "schema", "binding") {
			p.fail(pgUnsupported(p.nodes[k].Pos, "WITH NO SCHEMA BINDING"))
		}
	case "schema":
		if k := p.find(p.nodes, "quota"); k > 0 {
			p.fail(pgUnsupported(p.nodes[k].Pos, "QUOTA"))
		}
	}
}

// table rewrites what follows the name in CREATE TABLE.
func (p *pgRewriter) table(i int) {
	n := p.nodes
	if i < len(n) && n[i].Kind == sqltext.OpenParen && !p.queryIn(n[i].Children) {
		if p.find(n[i:], "as") < 0 {
			p.items(n[i])
		}
		i++
	}
	p.attributes(i)
}

// attributes drops the attributes of a table, at node i, and rewrites the
// query after AS.
func (p *pgRewriter) attributes(i int) {
	n := p.nodes
	for i < len(n) && p.err == nil {
		start := i
		switch w := p.word(n, i); {
		case w == "as":
			p.level(n[i+1:])
			return
		case w == "backup" && p.word2(n, i+1, "no", "yes"), w == "diststyle" && p.word2(n, i+1, "even", "all", "key", "auto"),
			w == "distkey" && i+1 < len(n) && n[i+1].IsGroup(), w == "sortkey" && (i+1 < len(n) && n[i+1].IsGroup() || p.word(n, i+1) == "auto"),
			w == "encode" && p.word(n, i+1) == "auto":
			i += 2
		case (w == "compound" || w == "interleaved") && p.word(n, i+1) == "sortkey":
			i += 3
		case p.words(n, i, "auto", "refresh") && p.word2(n, i+2, "yes", "no"):
			if p.word(n, i+2) == "yes" {
				p.fail(pgUnsupported(n[i].Pos, "AUTO REFRESH YES"))
			}
			i += 3
		case p.words(n, i, "on", "commit") && p.word2(n, i+2, "drop", "preserve", "delete"):
			return
		default:
			p.fail(p.unexpected(i, n))
			return
		}
		if i > len(n) {
			p.fail(p.unexpected(len(n), n))
			return
		}
		p.replace(n[start].Pos, n[i-1].Last(), "")
	}
}

// tableConstraint reports whether a part of CREATE TABLE is a key of the table
// and no column. Keys are informational, as in Redshift.
func (p *pgRewriter) tableConstraint(part []sqltext.Node) bool {
	i := 0
	if p.word(part, 0) == "constraint" {
		i = 2
	}
	group := func(k int) bool { return k < len(part) && part[k].IsGroup() }
	switch p.word(part, i) {
	case "primary", "foreign":
		return p.word(part, i+1) == "key" && group(i+2)
	case "unique":
		return group(i + 1)
	}
	return false
}

// items rewrites the columns and constraints of CREATE TABLE. The constraints
// go, with the commas that they leave; the columns of the primary key are NOT
// NULL.
func (p *pgRewriter) items(group sqltext.Node) {
	key := map[string]bool{}
	parts := splitCommas(group.Children)
	for _, part := range parts {
		if len(part) == 0 {
			p.fail(p.near(group.Token))
			return
		}
		if k := p.find(part, "primary"); k >= 0 && p.tableConstraint(part) {
			for _, name := range (&rewriter{Statement: p.Statement}).columnList(part[k+2]) {
				key[name] = true
			}
		}
	}
	first, pos := true, group.Pos+1 // pos is after what was kept last
	for _, part := range parts {
		if p.tableConstraint(part) {
			continue
		}
		comma := p.commaBefore(group, part[0].Pos)
		switch {
		case comma >= pos && first:
			p.replace(pos, comma+1, "")
		case comma > pos:
			p.replace(pos, comma, "")
		}
		first, pos = false, part[len(part)-1].Last()
		switch {
		case p.word(part, 0) == "check" || p.word(part, 0) == "constraint":
			p.fail(pgUnsupported(part[0].Pos, "CHECK"))
		case p.word(part, 0) == "like":
			p.insert(pos, " INCLUDING CONSTRAINTS")
		case !part[0].Kind.IsName():
			p.fail(p.near(part[0].Token))
		default:
			if name := Ident(part[0].Token, p.src); !p.column(part, name) && key[name] {
				p.insert(pos, " NOT NULL")
			}
		}
		if p.err != nil {
			return
		}
	}
	if first {
		p.fail(p.near(group.Close))
	} else if pos < group.Close.Pos && p.commaBefore(group, group.Close.Pos) >= pos {
		p.replace(pos, group.Close.Pos, "")
	}
}

// commaBefore returns where the last comma of a group before pos is, or -1.
func (p *pgRewriter) commaBefore(group sqltext.Node, pos int) int {
	at := -1
	for _, c := range group.Children {
		if c.Kind == sqltext.Comma && c.Pos < pos {
			at = c.Pos
		}
	}
	return at
}

// column rewrites one column's declaration and reports whether it is NOT NULL.
func (p *pgRewriter) column(part []sqltext.Node, name string) (notNull bool) {
	if len(part) < 2 {
		p.fail(p.unexpected(len(p.nodes), p.nodes))
		return false
	}
	end := p.typeEnd(part, 1)
	if end == 1 {
		p.fail(p.near(part[1].Token))
		return false
	}
	t, err := p.pgType(part[1:end], true)
	if err != nil {
		p.fail(err)
		return false
	}
	if t.name != "" {
		p.replace(part[1].Pos, part[end-1].Last(), t.name)
	}
	if t.length > 0 && p.env.Collate {
		p.insert(part[end-1].Last(), ` COLLATE "C"`)
	}
	drop := func(from, upTo int) int {
		upTo = min(upTo, len(part))
		p.replace(part[from].Pos, part[upTo-1].Last(), "")
		return upTo
	}
	for i := end; i < len(part) && p.err == nil; {
		switch w := p.word(part, i); {
		case w == "encode":
			i = drop(i, i+2)
		case w == "distkey", w == "sortkey", w == "unique":
			i = drop(i, i+1)
		case p.words(part, i, "primary", "key"):
			p.replace(part[i].Pos, part[i+1].End, "NOT NULL")
			notNull = true
			i += 2
		case w == "references":
			_, next, err := p.name(part, i+1)
			if err != nil {
				p.fail(err)
				return
			}
			if next < len(part) && part[next].IsGroup() {
				next++
			}
			i = drop(i, next)
		case p.words(part, i, "not", "null"):
			if notNull {
				drop(i, i+2)
			}
			notNull = true
			i += 2
		case w == "null":
			i++
		case w == "default":
			k := i + 1
			for k < len(part) && !p.word2(part, k, "encode", "distkey", "sortkey", "not", "unique", "primary", "references") && !(p.word(part, k) == "null" && k > i+1) {
				k++
			}
			p.level(part[i+1 : k])
			i = k
		case w == "identity" || w == "generated":
			notNull = true
			i = p.identity(part, i)
		case p.words(part, i, "collate", "case_sensitive"), p.words(part, i, "collate", "cs"):
			i = drop(i, i+2)
		default:
			if w == "collate" {
				p.fail(pgUnsupported(part[i].Pos, "COLLATE"))
			} else {
				p.fail(p.unexpected(i, part))
			}
			return
		}
	}
	if t.length > 0 {
		p.insert(part[len(part)-1].Last(), pgLengthCheck(name, t))
	}
	return notNull
}

// pgLengthCheck keeps a column's length in bytes, and keeps blanks at the end
// out of a VARCHAR, which Redshift does not see when it compares.
// [PostgresConstraint] knows them by their names.
func pgLengthCheck(name string, t pgTyp) string {
	q := Quote(name)
	if t.blank {
		return fmt.Sprintf(" CONSTRAINT %s CHECK (octet_length(CAST(%s AS text)) <= %d)", Quote(pgConstraint("character", t.length, name)), q, t.length)
	}
	return fmt.Sprintf(" CONSTRAINT %s CHECK (octet_length(%s) <= %d) CONSTRAINT %s CHECK (right(%s, 1) <> ' ')",
		Quote(pgConstraint("character varying", t.length, name)), q, t.length, Quote(pgBlank(name)), q)
}

// The names of constraints have 63 bytes at most.
func pgConstraint(typ string, length int, column string) string {
	return clipBytes(fmt.Sprintf("%s(%d) of %s", typ, length, column), 63)
}

func pgBlank(column string) string { return clipBytes("no blanks at the end of "+column, 63) }

func clipBytes(s string, n int) string {
	if len(s) > n {
		return strings.ToValidUTF8(s[:n], "")
	}
	return s
}

// PostgresConstraint tells what a violated constraint of ours means: the type
// whose length was exceeded, or "" with blank where a text ended with blanks.
func PostgresConstraint(name string) (typ string, blank, ok bool) {
	if strings.HasPrefix(name, "no blanks at the end of ") {
		return "", true, true
	}
	typ, _, found := strings.Cut(name, " of ")
	if !found || !strings.HasPrefix(typ, "character") || !strings.HasSuffix(typ, ")") {
		return "", false, false
	}
	return typ, false, true
}

// identity rewrites the identity clause at node i and returns the index after
// it.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html
func (p *pgRewriter) identity(part []sqltext.Node, i int) int {
	start, kind := i, "ALWAYS"
	if p.word(part, i) == "generated" {
		if !p.words(part, i, "generated", "by", "default", "as", "identity") {
			p.fail(p.unexpected(min(i+1, len(part)), part))
			return i
		}
		i, kind = i+4, "BY DEFAULT"
	}
	if i++; i >= len(part) || part[i].Kind != sqltext.OpenParen {
		p.fail(p.unexpected(i, part))
		return i
	}
	seed, step, ok := (&rewriter{Statement: p.Statement}).seedAndStep(part[i])
	if !ok {
		p.fail(p.near(part[i].Token))
		return i
	}
	limits := ""
	switch {
	case step < 0 && seed > -1:
		limits = " MAXVALUE " + strconv.FormatInt(seed, 10)
	case step > 0 && seed < 1:
		limits = " MINVALUE " + strconv.FormatInt(seed, 10)
	}
	p.replace(part[start].Pos, part[i].Last(), fmt.Sprintf("GENERATED %s AS IDENTITY (START WITH %d INCREMENT BY %d%s)", kind, seed, step, limits))
	return i + 1
}

// drop rewrites DROP.
func (p *pgRewriter) drop() {
	p.object()
	p.names(p.nodes)
}

// alter rewrites ALTER TABLE: attributes of Redshift's tables are nothing to
// PostgreSQL.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html
func (p *pgRewriter) alter() {
	i := p.object()
	if p.err != nil {
		return
	}
	p.names(p.nodes)
	n := p.nodes
	if p.word(n, i) != "table" {
		return
	}
	name, next := p.pgName(i + 1)
	if p.err != nil {
		return
	}
	nothing := func() { p.replace(n[next].Pos, n[len(n)-1].Last(), "SET WITHOUT OIDS") } // which does nothing
	switch w := p.word(n, next); {
	case w == "append":
		p.fail(pgUnsupported(n[next].Pos, "ALTER TABLE APPEND"))
	case w == "alter" && p.word2(n, next+1, "distkey", "diststyle", "sortkey", "compound", "interleaved", "encode"):
		nothing()
	case w == "alter":
		p.alterColumn(name, next)
	case w == "add" && p.word2(n, next+1, "primary", "unique", "foreign"), w == "add" && p.word(n, next+1) == "constraint" && p.word2(n, next+3, "primary", "unique", "foreign"):
		nothing() // informational
	case w == "add":
		k := next + 1
		if p.word(n, k) == "column" {
			k++
		}
		if k < len(n) && n[k].Kind.IsName() {
			p.column(n[k:], Ident(n[k].Token, p.src))
		}
	case w == "row" || w == "set" && p.word2(n, next+1, "location", "table", "file"):
		p.fail(pgUnsupported(n[next].Pos, "ALTER TABLE … %s", strings.ToUpper(w)))
	default:
		p.level(n[next:])
	}
}

// alterColumn rewrites ALTER TABLE t ALTER COLUMN c, after the name.
func (p *pgRewriter) alterColumn(table Name, i int) {
	n := p.nodes
	k := i + 1
	if p.word(n, k) == "column" {
		k++
	}
	if k >= len(n) || !n[k].Kind.IsName() {
		p.fail(p.unexpected(k, n))
		return
	}
	column := Ident(n[k].Token, p.src)
	switch w := p.word(n, k+1); {
	case w == "encode":
		p.replace(n[i].Pos, n[len(n)-1].Last(), "SET WITHOUT OIDS")
	case w == "type" && k+2 < len(n):
		t, err := p.pgType(n[k+2:], true)
		if err != nil {
			p.fail(err)
			return
		}
		if t.length == 0 {
			p.fail(pgUnsupported(n[k].Pos, "ALTER COLUMN TYPE of other than texts"))
			return
		}
		p.replace(n[k+2].Pos, n[len(n)-1].Last(), t.name)
		p.swapChecks(table, column, t)
	default:
		p.level(n[k+1:])
	}
}

// swapChecks puts the check of a column's new length in the old one's place.
func (p *pgRewriter) swapChecks(table Name, column string, t pgTyp) {
	if p.env.Catalog == nil {
		p.fail(pgUnsupported(p.Pos, "ALTER COLUMN TYPE here"))
		return
	}
	known, err := p.env.Catalog.Table(table)
	if err != nil {
		p.fail(err)
	}
	if known == nil {
		return // PostgreSQL says so
	}
	for _, c := range known.Columns {
		if c.Name != column {
			continue
		}
		typ, rest, _ := strings.Cut(c.Type, "(")
		length, _ := strconv.Atoi(strings.TrimSuffix(rest, ")"))
		if length == 0 {
			p.fail(pgUnsupported(p.Pos, "ALTER COLUMN TYPE of a column of type %s", c.Type))
			return
		}
		old := Quote(pgConstraint(typ, length, column))
		add := strings.ReplaceAll(strings.TrimPrefix(pgLengthCheck(column, t), " "), " CONSTRAINT ", ", ADD CONSTRAINT ")
		p.insert(p.nodes[len(p.nodes)-1].Last(), fmt.Sprintf(", DROP CONSTRAINT IF EXISTS %s, DROP CONSTRAINT IF EXISTS %s, ADD %s", old, Quote(pgBlank(column)), add))
		return
	}
}
