package psql

import (
	"fmt"
	"strings"
)

// A relation is what \d NAME describes.
type relation struct {
	sh           *shell
	call         listingCall
	oid          string
	schema, name string
	row          []cell // of describe/table/relation.sql
	t            table
}

func (r *relation) kind() string         { return r.row[1].text }
func (r *relation) is(kinds string) bool { return strings.Contains(kinds, r.kind()) }
func (r *relation) has(column int) bool  { return r.row[column].text == "t" }

// ask sends one of the queries of describe/table and returns its rows.
func (r *relation) ask(name string, replace ...string) ([][]cell, bool) {
	res, ok := r.askTable(name, replace...)
	return res.rows, ok
}

func (r *relation) askTable(name string, replace ...string) (table, bool) {
	l, _ := listingOf("table/" + name)
	query, err := l.query(r.call)
	if err != nil {
		r.sh.errorf("%v", err)
		return table{}, false
	}
	query = strings.NewReplacer(append(replace, "{oid}", r.oid)...).Replace(query)
	res, ok := r.sh.internal(query, true)
	if !ok || res == nil {
		return table{}, false
	}
	if len(res.table.columns) < answerWidth(name) {
		r.sh.errorf("\\d: the server's answer has %d columns where %d are expected", len(res.table.columns), answerWidth(name))
		return table{}, false
	}
	return res.table, true
}

// answerWidth is the number of columns of a query of describe/table.
func answerWidth(name string) int {
	return map[string]int{
		"find": 3, "relation": 13, "columns": 7, "index_columns": 3, "index": 11, "indexes": 12, "checks": 2, "foreign_keys": 4,
		"referenced_by": 3, "triggers": 5, "parents": 1, "children": 4, "view": 1, "rules": 2, "sequence": 1, "owner": 2,
		"policies": 6, "statistics": 9, "table_rules": 3, "publications": 3, "tablespace": 1,
	}[name]
}

// describeTables is \d NAME: it describes each relation that the pattern
// names.
func (s *shell) describeTables(c listingCall) bool {
	find := relation{sh: s, call: c}
	rows, ok := find.ask("find")
	if !ok {
		return false
	}
	if len(rows) == 0 && !s.quiet() {
		s.errorf("Did not find any relation named \"%s\".", *c.pattern)
		return true
	}
	for _, row := range rows {
		r := &relation{sh: s, call: c, oid: row[0].text, schema: row[1].text, name: row[2].text}
		if !r.describe() {
			return false
		}
	}
	return true
}

// describe shows one relation.
func (r *relation) describe() bool {
	options := "'', "
	if r.call.plus {
		options = "pg_catalog.array_to_string(c.reloptions || array(select 'toast.' || x from pg_catalog.unnest(tc.reloptions) x), ', ')\n, "
	}
	rows, ok := r.ask("relation", "{options}", options)
	if !ok {
		return false
	}
	if len(rows) == 0 {
		if !r.sh.quiet() {
			r.sh.errorf("Did not find any relation with OID %s.", r.oid)
		}
		return true
	}
	r.row = rows[0]
	title := map[string]string{"r": "Table", "v": "View", "m": "Materialized view", "i": "Index", "S": "Sequence"}[r.kind()]
	if title == "" || r.has(8) {
		r.sh.errorf("\\d: a partitioned or foreign table, its parts and types are not implemented by this psql: \"%s.%s\"", r.schema, r.name)
		return false
	}
	if r.row[12].text == "u" && r.is("rimS") {
		title = "Unlogged " + strings.ToLower(title)
	}
	switch r.kind() {
	case "S":
		ok = r.sequence()
	case "i":
		ok = r.indexColumns() && r.indexFooter() && r.tablespace()
	default:
		ok = r.columns() && r.footers()
	}
	if !ok {
		return false
	}
	r.t.title = fmt.Sprintf("%s \"%s.%s\"", title, r.schema, r.name)
	r.t.noFooter = true
	expanded := r.sh.popt.expanded
	r.sh.popt.expanded = expandedOff // whatever \x says, except for sequences
	if r.is("S") {
		r.sh.popt.expanded = expanded
	}
	r.sh.printListing(r.t)
	r.sh.popt.expanded = expanded
	return true
}

func (r *relation) heads(names ...string) {
	for _, name := range names {
		r.t.columns = append(r.t.columns, column{name: name})
	}
}

// columns shows the columns of a table or view.
func (r *relation) columns() bool {
	compressed := r.call.version >= 140000 && r.is("rm")
	targeted := r.is("rm")
	compression, target := "", ""
	r.heads("Column", "Type", "Collation", "Nullable", "Default")
	if r.call.plus {
		r.heads("Storage")
		if compressed {
			compression = "  a.attcompression AS attcompression,\n"
			r.heads("Compression")
		}
		if targeted {
			target = "  CASE WHEN a.attstattarget=-1 THEN NULL ELSE a.attstattarget END AS attstattarget,\n"
			r.heads("Stats target")
		}
		r.heads("Description")
	}
	rows, ok := r.ask("columns", "{compression}", compression, "{target}", target)
	if !ok {
		return false
	}
	for _, row := range rows {
		if r.call.plus && len(row) < len(r.t.columns)+2 {
			r.sh.errorf("\\d: the server's answer has too few columns")
			return false
		}
		nullable := ""
		if row[3].text == "t" {
			nullable = "not null"
		}
		out := []cell{row[0], row[1], row[4], {text: nullable}, {text: columnDefault(row)}}
		if r.call.plus {
			rest := row[7:]
			out = append(out, cell{text: storageName(rest[0].text)})
			rest = rest[1:]
			if compressed {
				out = append(out, cell{text: map[string]string{"p": "pglz", "l": "lz4"}[rest[0].text]})
				rest = rest[1:]
			}
			out = append(out, rest...)
		}
		r.t.rows = append(r.t.rows, out)
	}
	return true
}

func columnDefault(row []cell) string {
	switch {
	case row[5].text == "a":
		return "generated always as identity"
	case row[5].text == "d":
		return "generated by default as identity"
	case row[6].text == "s":
		return "generated always as (" + row[2].text + ") stored"
	}
	return row[2].text
}

func storageName(letter string) string {
	if name := map[string]string{"p": "plain", "m": "main", "x": "extended", "e": "external"}[letter]; name != "" {
		return name
	}
	return "???"
}

func (r *relation) foot(lines ...string) { r.t.footers = append(r.t.footers, lines...) }

// indexColumns shows the columns of an index.
func (r *relation) indexColumns() bool {
	r.heads("Column", "Type")
	if r.call.version >= 110000 {
		r.heads("Key?")
	}
	r.heads("Definition")
	if r.call.plus {
		r.heads("Storage", "Stats target")
	}
	rows, ok := r.ask("index_columns")
	for _, row := range rows {
		if r.call.plus && len(row) >= 2 {
			row[len(row)-2].text = storageName(row[len(row)-2].text)
		}
		r.t.rows = append(r.t.rows, row)
	}
	return ok
}

// indexFooter is the line below an index.
func (r *relation) indexFooter() bool {
	rows, ok := r.ask("index")
	if !ok || len(rows) == 0 {
		return ok
	}
	i := rows[0]
	on := func(n int) bool { return i[n].text == "t" }
	text := ""
	switch {
	case on(1):
		text = "primary key, "
	case on(0) && on(7):
		text = "unique nulls not distinct, "
	case on(0):
		text = "unique, "
	}
	text += fmt.Sprintf("%s, for table \"%s.%s\"", i[8].text, r.schema, i[9].text)
	if i[10].text != "" {
		text += ", predicate (" + i[10].text + ")"
	}
	for _, flag := range []struct {
		on   bool
		word string
	}{{on(2), ", clustered"}, {!on(3), ", invalid"}, {on(4), ", deferrable"}, {on(5), ", initially deferred"}, {on(6), ", replica identity"}} {
		if flag.on {
			text += flag.word
		}
	}
	r.foot(text)
	return true
}

func (r *relation) sequence() bool {
	if r.call.version < 100000 {
		r.sh.errorf("\\d: sequences of servers before version 10 are not implemented by this psql")
		return false
	}
	t, ok := r.askTable("sequence")
	if !ok {
		return false
	}
	r.t = t
	rows, ok := r.ask("owner")
	if len(rows) == 1 {
		switch rows[0][1].text {
		case "a":
			r.foot("Owned by: " + rows[0][0].text)
		case "i":
			r.foot("Sequence for identity column: " + rows[0][0].text)
		}
	}
	return ok
}
