//go:build cgo

package duck

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"salamander/warehouse/dialect"
	"salamander/warehouse/pgwire"
	"salamander/warehouse/sqlstate"
)

// execute runs a statement up to its result. TRUNCATE commits what it stands
// in, as on Redshift.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_TRUNCATE.html
func (s *session) execute(ctx context.Context, st *dialect.Statement, w *pgwire.Writer) (*result, *dialect.Rewritten, error) {
	res, out, err := s.carryOut(ctx, st, w)
	if err == nil && st.Words("truncate") {
		s.block = false
		if err = s.commit(ctx); err != nil {
			res.close()
			return nil, nil, err
		}
	}
	return res, out, err
}

// alter does what a rewritten ALTER TABLE asks for beside its SQL.
func (s *session) alter(ctx context.Context, out *dialect.Rewritten) error {
	if out.Rebuild == nil {
		return nil
	}
	return s.rebuild(ctx, out.Table, out.Rebuild)
}

// mayRun refuses statements that cannot be undone with the others of a block.
func (s *session) mayRun(out *dialect.Rewritten) error {
	if out.Alone != "" && s.block {
		return sqlstate.Errorf(sqlstate.ActiveTransaction, "%s cannot run inside a transaction block", out.Alone)
	}
	return nil
}

// rebuild makes a table anew with a column more, or with another length: its
// checks cannot be changed. It is a part of the session's transaction.
func (s *session) rebuild(ctx context.Context, name dialect.Name, how *dialect.Rebuild) error {
	schema, err := s.schemaOf(ctx, name)
	if err != nil {
		return err
	}
	table, err := catalog{s}.qualified(schema, name)
	if err != nil || table == nil {
		return err
	}
	var declared, names []string
	for _, c := range table.Columns {
		if c.Name == how.Column {
			c.Type = fmt.Sprintf("character varying(%d)", how.Length)
		}
		declared = append(declared, c.Declaration())
		names = append(names, dialect.Quote(c.Name))
	}
	if how.Add != "" {
		declared = append(declared, how.Add)
	}
	comments, err := s.comments(ctx, schema, name)
	if err != nil {
		return err
	}
	temp := ""
	if schema == "temp.main" {
		temp = "TEMP "
	}
	old, made := schema+"."+dialect.Quote(name.Table), dialect.Quote("rs new "+name.Table)
	list := strings.Join(names, ", ")
	for _, sql := range append([]string{
		fmt.Sprintf("CREATE %sTABLE %s.%s (%s)", temp, schema, made, strings.Join(declared, ", ")),
		fmt.Sprintf("INSERT INTO %s.%s (%s) SELECT %s FROM %s", schema, made, list, list, old),
		"DROP TABLE " + old,
		fmt.Sprintf("ALTER TABLE %s.%s RENAME TO %s", schema, made, dialect.Quote(name.Table)),
	}, comments...) {
		if _, err := s.c.exec(ctx, sql); err != nil {
			err = translate(err, nil, nil)
			var e *sqlstate.Error
			if errors.As(err, &e) && e.Code == sqlstate.StringTooLong && how.Column != "" {
				e.Message = fmt.Sprintf("cannot alter column \"%s\" of relation \"%s\": it has a value that is longer than %d bytes", how.Column, name.Table, how.Length)
			}
			return err
		}
	}
	return nil
}

// schemaOf returns the schema that a table is in, quoted.
func (s *session) schemaOf(ctx context.Context, name dialect.Name) (string, error) {
	if name.Schema != "" {
		return dialect.Quote(name.Schema), nil
	}
	rows, err := s.c.query(ctx, "SELECT database_name, schema_name FROM duckdb_tables() WHERE lower(table_name) = lower("+dialect.QuoteText(name.Table)+
		") AND (database_name = 'temp' OR list_contains(current_schemas(false), schema_name)) ORDER BY database_name <> 'temp', list_position(current_schemas(false), schema_name)")
	if err != nil {
		return "", translate(err, nil, nil)
	}
	switch {
	case len(rows) == 0:
		return "", sqlstate.Errorf(sqlstate.UndefinedTable, "relation \"%s\" does not exist", name.Table)
	case rows[0][0] == "temp":
		return "temp.main", nil
	}
	return dialect.Quote(rows[0][1]), nil
}

// comments returns the statements that comment a table and its columns as they
// are commented now.
func (s *session) comments(ctx context.Context, schema string, name dialect.Name) ([]string, error) {
	where := " WHERE lower(table_name) = lower(" + dialect.QuoteText(name.Table) + ") AND comment IS NOT NULL AND "
	if schema == "temp.main" {
		where += "database_name = 'temp'"
	} else {
		where += "database_name = current_database() AND schema_name = " + dialect.QuoteText(strings.ReplaceAll(strings.Trim(schema, `"`), `""`, `"`))
	}
	of := schema + "." + dialect.Quote(name.Table)
	rows, err := s.c.query(ctx, "SELECT comment, '' FROM duckdb_tables()"+where+" UNION ALL SELECT comment, column_name FROM duckdb_columns()"+where)
	if err != nil {
		return nil, translate(err, nil, nil)
	}
	var all []string
	for _, row := range rows {
		on := "TABLE " + of
		if row[1] != "" {
			on = "COLUMN " + of + "." + dialect.Quote(row[1])
		}
		all = append(all, "COMMENT ON "+on+" IS "+dialect.QuoteText(row[0]))
	}
	return all, nil
}

// maintained checks what VACUUM and ANALYZE name: there is nothing to do.
func (s *session) maintained(ctx context.Context, st *dialect.Statement) error {
	name, err := st.Maintained()
	if err != nil || name.Table == "" {
		return err
	}
	if err := s.e.gate.enter(ctx); err != nil {
		return err
	}
	defer s.e.gate.leave()
	if !s.open {
		s.since = s.e.tables.now()
	}
	table, err := catalog{s}.Table(name)
	if err == nil && table == nil {
		err = sqlstate.Errorf(sqlstate.UndefinedTable, "relation \"%s\" does not exist", name.Table)
	}
	return err
}
