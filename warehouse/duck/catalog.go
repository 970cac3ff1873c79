//go:build cgo

package duck

import (
	"context"
	"strings"

	"salamander/warehouse/dialect"
)

// A catalog reads the tables from DuckDB's, within the session's transaction.
type catalog struct{ s *session }

// Table returns a table, or nil.
func (c catalog) Table(name dialect.Name) (*dialect.Table, error) {
	schema := name.Schema
	if schema == "" {
		schema = "public"
	}
	where := " WHERE lower(table_name) = lower(" + dialect.QuoteText(name.Table) + ") AND lower(schema_name) = lower(" + dialect.QuoteText(schema) + ")"
	if name.Schema == "" {
		where = " WHERE lower(table_name) = lower(" + dialect.QuoteText(name.Table) + ") AND (temporary OR lower(schema_name) = 'public')"
		where = strings.Replace(where, "temporary", "database_name = 'temp'", 1)
	}
	rows, err := c.s.c.query(context.Background(), "SELECT column_name, data_type, is_nullable, schema_name FROM duckdb_columns()"+where+" ORDER BY database_name = 'temp' DESC, schema_name, column_index")
	if err != nil {
		return nil, translate(err, nil, nil)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	checks, err := c.s.c.query(context.Background(), "SELECT constraint_column_names[1], constraint_text FROM duckdb_constraints()"+where+" AND constraint_type = 'CHECK'")
	if err != nil {
		return nil, translate(err, nil, nil)
	}
	texts := map[string]string{}
	for _, row := range checks {
		texts[row[0]] = row[1]
	}
	t := &dialect.Table{}
	for _, row := range rows {
		if row[3] != rows[0][3] {
			break
		}
		col := dialect.Column{Name: row[0], Type: row[1], NotNull: row[2] == "f"}
		if typeName, _, blank, ok := dialect.TypeOfCheck(texts[row[0]]); ok {
			col.Type, col.Blank = typeName, blank
		} else if row[1] == "VARCHAR" {
			col.Type = "character varying"
		}
		t.Columns = append(t.Columns, col)
	}
	return t, nil
}
