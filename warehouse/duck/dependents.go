//go:build cgo

package duck

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"salamander/warehouse/dialect"
	"salamander/warehouse/sqlstate"
)

// userViews tells whether users have views, or may have had since the engine began:
// to list them takes longer than most statements. It serves all sessions.
type userViews struct {
	is atomic.Int32 // unknown, none, or some
}

const (
	unknownViews = iota
	noViews
	someViews
)

// made notes that a session makes one, committed or not.
func (v *userViews) made() { v.is.Store(someViews) }

// A dependent is a view, and what its query reads.
type dependent struct {
	name         dialect.Name
	materialized bool
	reads        []dialect.Name
	query        string // as the user wrote it
}

// dependents reads the views that depend on tables: not those WITH NO SCHEMA
// BINDING.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_VIEW.html
func (s *session) dependents(ctx context.Context) ([]dependent, error) {
	if s.e.views.is.Load() == noViews {
		return nil, nil
	}
	rows, err := s.c.query(ctx, "SELECT v.schema_name, v.view_name, v.comment, m.view_name IS NOT NULL FROM duckdb_views() v LEFT JOIN duckdb_views() m "+
		"ON m.database_name = v.database_name AND m.schema_name = 'rs' AND m.view_name = 'mv query ' || v.schema_name || '.' || v.view_name "+
		"WHERE v.database_name = current_database() AND NOT v.internal AND v.schema_name NOT IN ('rs', 'main', 'pg_catalog', 'information_schema')")
	if err != nil {
		return nil, translate(err, nil, nil)
	}
	if len(rows) == 0 { // the CAS fails where one was made meanwhile
		s.e.views.is.CompareAndSwap(unknownViews, noViews)
	}
	var all []dependent
	for _, row := range rows {
		a := dialect.ReadAttributes(row[2])
		if a.Query == "" || a.Late {
			continue
		}
		d := dependent{name: dialect.Name{Schema: row[0], Table: row[1]}, materialized: row[3] == "t", query: a.Query}
		for _, name := range dialect.QueryReads(a.Query) {
			if name.Schema == "" {
				name.Schema = a.Schemas[name.Table]
			}
			d.reads = append(d.reads, inSchema(name))
		}
		all = append(all, d)
	}
	return all, nil
}

// inSchema is a name with its schema.
func inSchema(name dialect.Name) dialect.Name {
	if name.Schema == "" {
		name.Schema = "public"
	}
	return name
}

// on returns the views that depend on one of names, and those on these, each
// behind those that it depends on.
func on(all []dependent, names ...dialect.Name) (found []dependent) {
	gone := slices.Clone(names)
	for k := 0; k < len(gone); k++ {
		for _, d := range all {
			if slices.Contains(d.reads, gone[k]) && !slices.Contains(gone, d.name) {
				gone = append(gone, d.name)
				found = append(found, d)
			}
		}
	}
	return found
}

// depend looks for the views that depend on what a statement drops or renames.
// With CASCADE they are dropped; else they keep the statement from running.
// DuckDB knows no views that depend on tables: they would be left behind, and
// read whatever has the name next.
func (s *session) depend(ctx context.Context, st *dialect.Statement) error {
	if strings.HasSuffix(st.Tag, "VIEW") && strings.HasPrefix(st.Tag, "CREATE") {
		s.e.views.made()
	}
	names, cascade := st.Drops()
	renamed, column, rename := st.Renames()
	if rename {
		names = []dialect.Name{renamed}
	}
	if len(names) == 0 {
		return nil
	}
	first, err := "", error(nil)
	for i, name := range names {
		if hidden, err := s.hides(name); err != nil {
			return err
		} else if hidden {
			return nil
		}
		if names[i], err = s.found(name); err != nil {
			return err
		}
		if i == 0 {
			first = name.Table
		}
	}
	all, err := s.dependents(ctx)
	if err != nil {
		return err
	}
	found := on(all, names...)
	if column != "" {
		found = slices.DeleteFunc(found, func(d dependent) bool {
			return !slices.Contains(d.reads, names[0]) || !dialect.QueryNames(d.query, column)
		})
	}
	if len(found) == 0 {
		return nil
	}
	kind := "table"
	if strings.HasSuffix(st.Tag, "VIEW") {
		kind = "view"
	}
	detail := fmt.Sprintf("view %s depends on it", found[0].name.Table)
	if rename {
		return &sqlstate.Error{Code: sqlstate.FeatureNotSupported, Message: fmt.Sprintf("renaming %s, or a column of it, on which views depend, is not supported by the embedded warehouse", first),
			Detail: detail, Hint: "Drop the views first, or make them WITH NO SCHEMA BINDING."}
	}
	if !cascade {
		return &sqlstate.Error{Code: sqlstate.DependentObjects, Message: fmt.Sprintf("cannot drop %s %s because other objects depend on it", kind, first), Detail: detail,
			Hint: "Use DROP ... CASCADE to drop the dependent objects too."}
	}
	return s.dropAll(ctx, st, found)
}

// found is a name with the schema in which it is found.
func (s *session) found(name dialect.Name) (dialect.Name, error) {
	var err error
	if name.Schema == "" {
		name.Schema, err = catalog{s}.schema(name.Table)
	}
	return inSchema(name), err
}

// dropAll drops views, the last first.
func (s *session) dropAll(ctx context.Context, st *dialect.Statement, views []dependent) error {
	for _, d := range slices.Backward(views) {
		drops := []string{"DROP VIEW " + d.name.String()}
		if d.materialized {
			rows, query := dialect.Materialized(d.name)
			drops = append(drops, "DROP TABLE "+rows.String(), "DROP VIEW "+query.String())
		}
		for _, sql := range drops {
			if _, err := s.c.exec(ctx, sql); err != nil {
				return translate(err, st, nil)
			}
		}
	}
	return nil
}

// sever looks for the views that cannot be queried without the column that a
// statement has dropped. With CASCADE they are dropped; else the statement fails.
func (s *session) sever(ctx context.Context, st *dialect.Statement) error {
	name, column, cascade, ok := st.DropsColumn()
	if !ok {
		return nil
	}
	if hidden, err := s.hides(name); hidden || err != nil {
		return err
	}
	table, err := s.found(name)
	if err != nil {
		return err
	}
	all, err := s.dependents(ctx)
	if err != nil {
		return err
	}
	var views []dependent
	var names []dialect.Name
	for _, d := range all {
		if slices.Contains(d.reads, table) && !s.binds(d) {
			views, names = append(views, d), append(names, d.name)
		}
	}
	if len(views) > 0 && !cascade {
		return &sqlstate.Error{Code: sqlstate.DependentObjects, Message: fmt.Sprintf("cannot drop table %s column %s because other objects depend on it", name.Table, column),
			Detail: fmt.Sprintf("view %s depends on it", names[0].Table), Hint: "Use DROP ... CASCADE to drop the dependent objects too."}
	}
	return s.dropAll(ctx, st, append(views, on(all, names...)...))
}

// binds reports whether a view can be queried.
func (s *session) binds(d dependent) bool {
	name := d.name
	if d.materialized {
		_, name = dialect.Materialized(d.name)
	}
	ps, err := s.c.prepare("SELECT * FROM " + name.String())
	if err == nil {
		ps.close()
	}
	return err == nil
}
