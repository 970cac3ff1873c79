//go:build cgo

package duck

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"salamander/warehouse/dialect"
)

// A catalog reads the tables from DuckDB's, within the session's transaction.
type catalog struct{ s *session }

// Table returns a table, or nil.
func (c catalog) Table(name dialect.Name) (*dialect.Table, error) {
	s, known := c.s, &c.s.e.tables
	if name.Schema == "" && s.settings["search_path"] != "public" {
		_, t, err := c.found(name.Table)
		return t, err
	}
	if s.temporary || s.touches(name) {
		return c.again(name)
	}
	if t, ok := known.get(name, s.since); ok {
		return t, nil
	}
	t, err := c.read(name)
	if err == nil {
		known.put(name, t, s.since)
	}
	return t, err
}

// found finds a relation by the session's search path, and returns its schema
// with it; nil is none.
func (c catalog) found(table string) (schema string, t *dialect.Table, err error) {
	if c.s.temporary {
		if t, err := c.qualified("temp.main", dialect.Name{Table: table}); t != nil || err != nil {
			return dialect.TemporarySchema, t, err
		}
	}
	for _, schema := range schemasOf(c.s.settings["search_path"]) {
		if schema == "$user" {
			schema = c.s.userName()
		}
		if t, err := c.Table(dialect.Name{Schema: schema, Table: table}); t != nil || err != nil {
			return schema, t, err
		}
	}
	return "", nil, nil
}

// schema returns the schema in which a relation without one is found, "" for
// none.
func (c catalog) schema(table string) (string, error) {
	schema, _, err := c.found(table)
	return schema, err
}

// again returns a table that the session's transaction may have made. DuckDB is
// asked once after each statement that defines one.
func (c catalog) again(name dialect.Name) (*dialect.Table, error) {
	if t, ok := c.s.seen[name]; ok {
		return t, nil
	}
	t, err := c.read(name)
	if err == nil && c.s.open {
		if c.s.seen == nil {
			c.s.seen = map[dialect.Name]*dialect.Table{}
		}
		c.s.seen[name] = t
	}
	return t, err
}

// read asks DuckDB for a table, if it has to.
func (c catalog) read(name dialect.Name) (*dialect.Table, error) {
	if t, ok := c.s.defined[name]; ok && !c.s.temporary {
		return t, nil
	}
	if name.Schema != "" {
		return c.qualified(dialect.Quote(name.Schema), name)
	}
	if c.s.temporary {
		if t, err := c.qualified("temp.main", name); t != nil || err != nil {
			return t, err
		}
	}
	return c.qualified("public", name)
}

// hides reports whether a name means a temporary table of the session.
func (s *session) hides(name dialect.Name) (bool, error) {
	if !s.temporary || name.Schema != "" {
		return false, nil
	}
	t, err := catalog{s}.qualified("temp.main", name)
	return t != nil, err
}

func (c catalog) qualified(schema string, name dialect.Name) (*dialect.Table, error) {
	of := dialect.QuoteText(schema + "." + dialect.Quote(name.Table))
	rows, err := c.s.c.query(context.Background(), `SELECT name, type, "notnull", dflt_value FROM pragma_table_info(`+of+`)`)
	var e *nativeError
	switch {
	case errors.As(err, &e) && e.Kind == "Catalog":
		return nil, nil
	case err != nil:
		return nil, translate(err, nil, nil)
	}
	t := &dialect.Table{}
	any := false
	for _, row := range rows {
		any = any || row[1] == "VARCHAR"
		t.Columns = append(t.Columns, dialect.Column{Name: row[0], Type: row[1], NotNull: row[2] == "t", Identity: dialect.IdentityOf(row[3]), Default: row[3]})
	}
	if !any {
		return t, nil
	}
	checks, err := c.s.c.query(context.Background(), "SELECT constraint_column_names[1], constraint_text, schema_name, database_name FROM duckdb_constraints() "+
		"WHERE constraint_type = 'CHECK' AND lower(table_name) = lower("+dialect.QuoteText(name.Table)+")")
	if err != nil {
		return nil, translate(err, nil, nil)
	}
	var texts []dialect.Column
	for _, row := range checks {
		if strings.EqualFold(row[2], strings.Trim(strings.TrimPrefix(schema, "temp."), `"`)) && (row[3] == "temp") == (schema == "temp.main") {
			if typeName, _, blank, ok := dialect.TypeOfCheck(row[1]); ok {
				texts = append(texts, dialect.Column{Name: row[0], Type: typeName, Blank: blank})
			}
		}
	}
	for i := range t.Columns {
		declare(&t.Columns[i], texts)
	}
	return t, nil
}

// Attributes reads what a table's comment keeps.
func (c catalog) Attributes(name dialect.Name) (dialect.Attributes, error) {
	schema := name.Schema
	if path := c.s.settings["search_path"]; schema == "" && path != "public" {
		for _, s := range schemasOf(path) {
			if t, err := c.qualified(dialect.Quote(s), name); err == nil && t != nil {
				schema = s
				break
			}
		}
	} else if schema == "" {
		schema = "public"
	}
	rows, err := c.s.c.query(context.Background(), "SELECT comment FROM (SELECT database_name, schema_name, table_name, comment FROM duckdb_tables() UNION ALL "+
		"SELECT database_name, schema_name, view_name, comment FROM duckdb_views() WHERE NOT internal) WHERE lower(table_name) = lower("+dialect.QuoteText(name.Table)+") AND (database_name = 'temp' AND "+
		fmt.Sprint(name.Schema == "")+" OR database_name = current_database() AND lower(schema_name) = lower("+dialect.QuoteText(schema)+")) ORDER BY database_name <> 'temp'")
	if err != nil {
		return dialect.Attributes{}, translate(err, nil, nil)
	}
	if len(rows) == 0 {
		return dialect.Attributes{}, nil
	}
	return dialect.ReadAttributes(rows[0][0]), nil
}

// declare gives a column the type that it was declared with, where it is one
// of texts.
func declare(col *dialect.Column, texts []dialect.Column) {
	for _, text := range texts {
		if text.Name == col.Name {
			col.Type, col.Blank = text.Type, text.Blank
			return
		}
	}
	if col.Type == "VARCHAR" {
		col.Type = "character varying"
	}
}

// tables remembers what tables are declared to be, for all sessions. Time is
// counted in commits that change the catalog: a transaction reads what was so
// at its beginning, so it takes and gives only what has not changed since.
//
// A commit announces its changes before it is carried out, and again
// afterwards. Between the two nobody can tell whether a transaction that begins
// sees them: what is known is then neither given nor taken.
type tables struct {
	mu       sync.Mutex // guards the fields below
	clock    uint64
	changed  map[string]uint64 // when a table of this name last changed
	all      uint64            // when a change of unknown extent was made
	changing map[string]int    // the names that commits change now, and how many do
	known    map[dialect.Name]*dialect.Table
}

// now is the time at which a transaction begins. It must be taken before.
func (t *tables) now() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.clock
}

func (t *tables) stale(name dialect.Name, since uint64) bool {
	n := strings.ToLower(name.Table)
	return t.all > since || t.changed[n] > since || t.changing[n] > 0 || t.changing[""] > 0
}

func (t *tables) get(name dialect.Name, since uint64) (*dialect.Table, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	table, ok := t.known[name]
	return table, ok && !t.stale(name, since)
}

// maxKnown bounds how many tables are remembered.
const maxKnown = 4096

func (t *tables) put(name dialect.Name, table *dialect.Table, since uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.stale(name, since) {
		t.remember(name, table)
	}
}

// remember keeps what a table is; nil is none. t.mu is held.
func (t *tables) remember(name dialect.Name, table *dialect.Table) {
	if t.known == nil || len(t.known) >= maxKnown {
		t.known = map[dialect.Name]*dialect.Table{}
	}
	t.known[name] = table
}

// begin notes that a commit begins that changes the tables of these names, or
// with "" any, and returns the time. end must be called with both.
func (t *tables) begin(names map[string]bool) uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(names) == 0 {
		return t.clock
	}
	if t.changing == nil {
		t.changing = map[string]int{}
	}
	for n := range names {
		t.changing[n]++
	}
	t.change(names)
	return t.clock
}

// end notes that a commit has ended that began then. The dropped tables are
// known not to be there, if it succeeded and no other commit that may have made
// one overlapped with it; the caller still holds their locks.
func (t *tables) end(names map[string]bool, dropped map[dialect.Name]bool, began uint64) {
	if len(names) == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	alone := t.all < began && t.changing[""] == 0
	for n := range names {
		if t.changing[n]--; t.changing[n] == 0 {
			delete(t.changing, n)
		}
	}
	t.change(names)
	for name := range dropped {
		if alone && !t.stale(name, t.clock) {
			t.remember(name, nil)
		}
	}
}

// change makes what is known of these tables old. t.mu is held.
func (t *tables) change(names map[string]bool) {
	t.clock++
	if t.changed == nil {
		t.changed = map[string]uint64{}
	}
	if len(t.changed) >= maxKnown || names[""] {
		t.changed, t.known, t.all = map[string]uint64{}, nil, t.clock
	}
	for n := range names {
		t.changed[n] = t.clock
	}
	for n := range t.known {
		if names[strings.ToLower(n.Table)] {
			delete(t.known, n)
		}
	}
}
