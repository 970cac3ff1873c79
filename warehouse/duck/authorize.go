//go:build cgo

package duck

import (
	"context"
	"slices"
	"strings"

	"salamander/warehouse/access"
	"salamander/warehouse/dialect"
	"salamander/warehouse/sqlstate"
)

// authorize refuses a statement that the user may not run. A superuser may run
// any; for others, what cannot be judged is refused.
func (s *session) authorize(ctx context.Context, st *dialect.Statement) error {
	if s.super() {
		return nil
	}
	if s.me() == nil {
		return sqlstate.Errorf(sqlstate.InvalidAuthorization, "user \"%s\" does not exist", s.start.User)
	}
	switch st.Kind {
	case dialect.Begin, dialect.Commit, dialect.Rollback, dialect.Set, dialect.Show, dialect.Fetch, dialect.CloseCursor,
		dialect.Prepare, dialect.Execute, dialect.Deallocate, dialect.Access, dialect.Grant, dialect.Cancel:
		return nil // they check for themselves, or what they run is checked
	}
	if err := s.e.gate.enter(ctx); err != nil {
		return err
	}
	defer s.e.gate.leave()
	j := judge{s: s, state: s.rights(), user: s.user}
	if err := j.targets(ctx, st); err != nil {
		return err
	}
	if err := j.reads(ctx, st.Reads(), st.Tag == "VACUUM"); err != nil {
		return err
	}
	if st.Kind != dialect.Unload {
		return nil
	}
	to, err := st.Unload()
	if err != nil {
		return err
	}
	all, err := dialect.Parse(to.Query)
	if err != nil {
		return unplaced(err)
	}
	for _, inner := range all {
		if err := inner.Classify(); err != nil {
			return unplaced(err)
		}
		if inner.Kind != dialect.Query {
			return denied("statement", inner.Tag)
		}
		if err := j.reads(ctx, inner.Reads(), false); err != nil {
			return err
		}
	}
	return nil
}

// A judge decides for one user.
type judge struct {
	s     *session
	state *access.State
	user  int64
	view  bool   // of a view's text: names are not resolved by the session's path
	rows  string // those of the materialized view whose text it is
	depth int
}

// A relation is one that exists.
type relation struct {
	temporary    bool
	schema, name string // as DuckDB has them
	view         string // its text; "" for a table
}

// relations returns those of the names that exist, in any schema.
func (s *session) relations(ctx context.Context, names []dialect.Name) ([]relation, error) {
	var texts []string
	for _, n := range names {
		if t := dialect.QuoteText(strings.ToLower(n.Table)); !slices.Contains(texts, t) {
			texts = append(texts, t)
		}
	}
	if len(texts) == 0 {
		return nil, nil
	}
	in := strings.Join(texts, ", ")
	rows, err := s.c.query(ctx, "SELECT database_name = 'temp', schema_name, table_name, '' FROM duckdb_tables() WHERE NOT internal AND lower(table_name) IN ("+in+")"+
		" UNION ALL SELECT database_name = 'temp', schema_name, view_name, sql FROM duckdb_views() WHERE NOT internal AND lower(view_name) IN ("+in+")")
	if err != nil {
		return nil, translate(err, nil, nil)
	}
	var all []relation
	for _, r := range rows {
		all = append(all, relation{r[0] == "t", r[1], r[2], r[3]})
	}
	return all, nil
}

// path are the schemas in which the session looks for a name.
func (s *session) path() []string {
	var all []string
	for part := range strings.SplitSeq(s.settings["search_path"], ",") {
		all = append(all, strings.ToLower(strings.Trim(strings.TrimSpace(part), `"`)))
	}
	return append(all, "rs", "main")
}

// object names a relation that is made, where its schema is not given in the
// first one of the session's path.
func (s *session) object(name dialect.Name) access.Object {
	if name.Schema == "" {
		for _, schema := range s.path() {
			if schema != "$user" {
				name.Schema = schema
				break
			}
		}
	}
	return object(name)
}

// found returns the relations of all that a name may mean.
func (j *judge) found(name dialect.Name, all []relation) []relation {
	var some []relation
	path := j.s.path()
	catalog := strings.EqualFold(name.Schema, "warehouse") || strings.EqualFold(name.Schema, "temp") || strings.EqualFold(name.Schema, j.s.e.cfg.Database)
	for _, r := range all {
		switch {
		case !strings.EqualFold(r.name, name.Table):
		case name.Schema == "" && r.temporary && !j.view:
			return nil // the session's own hides the others
		case r.temporary:
		case name.Schema != "" && !catalog && !strings.EqualFold(r.schema, name.Schema):
		case name.Schema == "" && !j.view && !slices.Contains(path, strings.ToLower(r.schema)):
		default:
			some = append(some, r)
		}
	}
	return some
}

// reads checks that the user may read the names that are relations, or that it
// owns them.
func (j *judge) reads(ctx context.Context, names []dialect.Name, own bool) error {
	all, err := j.s.relations(ctx, names)
	if err != nil {
		return err
	}
	for _, name := range names {
		for _, r := range j.found(name, all) {
			if err := j.readable(ctx, r, own); err != nil {
				return err
			}
		}
	}
	return nil
}

func (j *judge) readable(ctx context.Context, r relation, own bool) error {
	if r.schema == "rs" || r.schema == "main" {
		if j.view && r.schema == "rs" && strings.EqualFold(r.name, j.rows) {
			return nil
		}
		if !dialect.IsSystemTable(dialect.Name{Table: r.name}) && !strings.HasPrefix(r.name, "info_") {
			return denied("relation", r.name)
		}
		return nil
	}
	o := object(dialect.Name{Schema: r.schema, Table: r.name})
	switch {
	case !j.state.Can(j.user, schemaObject(r.schema), "USAGE"):
		return denied("schema", r.schema)
	case own && !j.state.Owns(j.user, o):
		return mustOwn(o)
	case !j.state.Can(j.user, o, "SELECT"):
		return denied("relation", r.name)
	}
	if r.view == "" {
		return nil
	}
	rows, _ := dialect.Materialized(dialect.Name{Schema: r.schema, Table: r.name})
	return j.inside(ctx, r, o, rows.Table)
}

// inside checks that the owner of o may read what the text of a view names: a
// view reads with the rights of its owner.
func (j *judge) inside(ctx context.Context, r relation, o access.Object, rows string) error {
	inside := judge{s: j.s, state: j.state, user: j.state.Owner(o), view: true, rows: rows, depth: j.depth + 1}
	if u := j.state.UserID(inside.user); u != nil && u.Super {
		return nil
	}
	if inside.depth > 32 {
		return sqlstate.Errorf(sqlstate.InsufficientPrivilege, "permission denied for relation %s: too many views in one another", r.name)
	}
	stmts, err := dialect.Parse(r.view)
	if err != nil || len(stmts) != 1 || stmts[0].Classify() != nil {
		return denied("relation", r.name)
	}
	return inside.reads(ctx, stmts[0].Reads(), false)
}

// targets checks that the user may change what a statement changes.
func (j *judge) targets(ctx context.Context, st *dialect.Statement) error {
	verbs := map[string][]string{"INSERT": {"INSERT"}, "UPDATE": {"UPDATE"}, "DELETE": {"DELETE"}, "TRUNCATE TABLE": {"TRUNCATE"}, "COPY": {"INSERT"}}[st.Tag]
	switch {
	case st.Kind == dialect.Copy && st.Streams():
		if c, err := st.Stream(); err != nil {
			return err
		} else if !c.In {
			verbs = []string{"SELECT"}
		}
	case st.Tag == "MERGE":
		verbs = append(st.MergeVerbs(), "SELECT")
	case st.Filters() && (st.Tag == "UPDATE" || st.Tag == "DELETE"):
		verbs = append(verbs, "SELECT")
	}
	targets := st.Touches()
	switch st.Kind {
	case dialect.Query, dialect.Declare, dialect.Unload, dialect.Nothing:
		return nil
	case dialect.Define:
		return j.defines(ctx, st, targets)
	case dialect.Write:
		if len(verbs) == 0 || len(targets) != 1 {
			return denied("statement", st.Tag)
		}
	case dialect.Copy:
		if len(targets) == 0 && st.Streams() {
			return nil // of a query, whose names are read
		}
	default:
		return nil // all its names are read
	}
	for _, t := range targets {
		if err := j.target(ctx, t.Name, verbs); err != nil {
			return err
		}
	}
	return nil
}

// target checks privileges on a relation that a statement changes.
func (j *judge) target(ctx context.Context, name dialect.Name, verbs []string) error {
	all, err := j.s.relations(ctx, []dialect.Name{name})
	if err != nil {
		return err
	}
	for _, r := range j.found(name, all) {
		o := object(dialect.Name{Schema: r.schema, Table: r.name})
		if r.schema == "rs" || r.schema == "main" {
			return denied("relation", r.name)
		}
		if !j.state.Can(j.user, schemaObject(r.schema), "USAGE") {
			return denied("schema", r.schema)
		}
		for _, v := range verbs {
			if !j.state.Can(j.user, o, v) {
				return denied("relation", r.name)
			}
		}
	}
	return nil
}

// defines checks a statement that changes the catalog.
func (j *judge) defines(ctx context.Context, st *dialect.Statement, targets []dialect.Touched) error {
	if len(targets) == 0 {
		return denied("statement", st.Tag)
	}
	for _, t := range targets {
		if err := j.define(ctx, st, t); err != nil {
			return err
		}
	}
	return nil
}

func (j *judge) define(ctx context.Context, st *dialect.Statement, t dialect.Touched) error {
	verb, what, _ := strings.Cut(st.Tag, " ")
	switch {
	case st.OwnerChange() != nil:
		return nil // it checks for itself
	case st.Tag == "CREATE SCHEMA":
		if !j.state.Can(j.user, j.s.database(), "CREATE") {
			return denied("database", j.s.e.cfg.Database)
		}
		return nil
	case verb == "CREATE" && st.Temporarily():
		if !j.state.Can(j.user, j.s.database(), "TEMP") {
			return sqlstate.Errorf(sqlstate.InsufficientPrivilege, "permission denied to create temporary tables in database \"%s\"", j.s.e.cfg.Database)
		}
		return nil
	case st.Tag == "CREATE TABLE", st.Tag == "CREATE VIEW", st.Tag == "CREATE MATERIALIZED VIEW", st.Tag == "SELECT":
		schema := j.s.object(t.Name).Schema
		if st.Tag == "SELECT" && st.Temporarily() {
			return nil
		}
		if !j.state.Can(j.user, schemaObject(schema), "CREATE") {
			return denied("schema", schema)
		}
		if !t.Replace {
			return nil
		}
	case t.Schema && (verb == "DROP" || verb == "ALTER" || verb == "COMMENT"):
		if o := schemaObject(t.Name.Table); !j.state.Owns(j.user, o) && !j.state.Can(j.user, o, verb) {
			return mustOwn(o)
		}
		return nil
	case (verb == "DROP" || verb == "ALTER") && (what == "TABLE" || what == "VIEW" || what == "MATERIALIZED VIEW"), verb == "COMMENT", verb == "REFRESH":
	default:
		return denied("statement", st.Tag)
	}
	all, err := j.s.relations(ctx, []dialect.Name{t.Name})
	if err != nil {
		return err
	}
	for _, r := range j.found(t.Name, all) {
		o := object(dialect.Name{Schema: r.schema, Table: r.name})
		if r.schema == "rs" || r.schema == "main" || !j.state.Owns(j.user, o) && !j.state.Can(j.user, o, verb) {
			return mustOwn(o)
		}
		if verb == "REFRESH" {
			if err := j.refreshes(ctx, r, o); err != nil {
				return err
			}
		}
	}
	return nil
}

// refreshes checks that the owner of a materialized view may read what its
// query names.
func (j *judge) refreshes(ctx context.Context, r relation, o access.Object) error {
	_, query := dialect.Materialized(dialect.Name{Schema: r.schema, Table: r.name})
	all, err := j.s.relations(ctx, []dialect.Name{query})
	if err != nil {
		return err
	}
	for _, q := range all {
		if q.schema == "rs" && q.view != "" {
			return j.inside(ctx, q, o, "")
		}
	}
	return nil // there is none, which is told when it runs
}

// noteDefined notes what a statement made, dropped or renamed, in who may do what.
// before tells that what IF NOT EXISTS asks for was there.
func (s *session) noteDefined(ctx context.Context, st *dialect.Statement, before bool) error {
	state, me := s.rights(), s.user
	for _, t := range st.Touches() {
		o := s.object(t.Name)
		if t.Schema {
			o = schemaObject(t.Name.Table)
		}
		if hidden, err := s.hides(t.Name); err != nil {
			return err
		} else if hidden && !t.Schema {
			continue
		}
		verb, _, _ := strings.Cut(st.Tag, " ")
		switch {
		case (verb == "CREATE" || st.Tag == "SELECT") && !st.Temporarily() && !before:
			defaults := slices.ContainsFunc(state.Defaults, func(d access.Default) bool { return d.Owner == me })
			if me == access.FirstUser && !defaults && !state.Knows(o) {
				continue
			}
			state = state.Clone()
			state.Made(o, me)
		case verb == "DROP" && state.Knows(o):
			state = state.Clone()
			state.Forget(o)
		case st.RenamesTo() != "" && state.Knows(o):
			state = state.Clone()
			state.Rename(o, strings.ToLower(st.RenamesTo()))
		}
	}
	if state == s.rights() {
		return nil
	}
	return s.saveRights(ctx, state)
}

// existed reports whether what CREATE … IF NOT EXISTS or OR REPLACE makes is
// there, and so keeps its owner.
func (s *session) existed(ctx context.Context, st *dialect.Statement) (bool, error) {
	if st.Tag != "CREATE SCHEMA" && st.Tag != "CREATE VIEW" && st.Tag != "CREATE TABLE" {
		return false, nil
	}
	touched := st.Touches()
	if len(touched) == 0 || !touched[0].Exists && !touched[0].Replace {
		return false, nil
	}
	t := touched[0]
	if t.Schema {
		rows, err := s.c.query(ctx, "SELECT 1 FROM duckdb_schemas() WHERE lower(schema_name) = lower("+dialect.QuoteText(t.Name.Table)+") AND database_name = current_database()")
		return len(rows) > 0, translate(err, nil, nil)
	}
	all, err := s.relations(ctx, []dialect.Name{t.Name})
	return slices.ContainsFunc(all, func(r relation) bool {
		return !r.temporary && object(dialect.Name{Schema: r.schema, Table: r.name}) == s.object(t.Name)
	}), err
}
