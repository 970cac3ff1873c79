//go:build cgo

package duck

import (
	"context"
	"fmt"
	"strings"

	"salamander/warehouse/dialect"
)

// A dumpedTable is a table of a backup, and where its rows are.
type dumpedTable struct {
	Schema  string
	Name    string
	Columns []dumpedColumn
	File    string `json:",omitempty"` // of a backup: relative to its directory
	Rows    int64
}

func (t *dumpedTable) quoted() string { return dialect.Quote(t.Schema) + "." + dialect.Quote(t.Name) }

// A dumpedColumn is a column and its type in DuckDB's words.
type dumpedColumn struct{ Name, Type string }

// A schemaDump is what a database holds besides rows, as statements of
// DuckDB's: Before the rows are there, and After.
type schemaDump struct {
	Before []string
	After  []string
	Tables []dumpedTable
}

// own are the schemas that a dump leaves out: what the warehouse makes itself.
const own = "('rs', 'main', 'pg_catalog', 'information_schema')"

// dumpSchema reads the schema of a database, "" for the connection's own,
// within the transaction that is open. The warehouse's own views and functions
// are left out, since each release makes its own; its tables, such as those of
// loads and users, are in, and the queries of materialized views.
func dumpSchema(ctx context.Context, c *conn, database string) (*schemaDump, error) {
	d := &schemaDump{}
	of := "database_name = current_database()"
	if database != "" {
		of = "database_name = " + dialect.QuoteText(database)
	}
	var err error
	each := func(sql string, do func(row []string)) {
		if err != nil {
			return
		}
		var rows [][]string
		if rows, err = c.query(ctx, strings.ReplaceAll(sql, "$of", of)); err != nil {
			err = fmt.Errorf("read the schema: %w", err)
			return
		}
		for _, row := range rows {
			do(row)
		}
	}
	each("SELECT schema_name FROM duckdb_schemas() WHERE $of AND NOT internal AND schema_name NOT IN "+own+" ORDER BY oid", func(row []string) {
		d.Before = append(d.Before, "CREATE SCHEMA IF NOT EXISTS "+dialect.Quote(row[0]))
	})
	// Only sql tells the next value for sure: last_value is the next one after
	// the database was opened anew.
	each(`SELECT schema_name, sequence_name, increment_by, min_value, max_value, regexp_extract(sql, ' START (-?[0-9]+) (NO )?CYCLE;?\s*$', 1), cycle
		FROM duckdb_sequences() WHERE $of AND NOT temporary ORDER BY sequence_oid`, func(row []string) {
		cycle := "NO CYCLE"
		if row[6] == "t" {
			cycle = "CYCLE"
		}
		d.Before = append(d.Before, fmt.Sprintf("CREATE SEQUENCE %s.%s INCREMENT BY %s MINVALUE %s MAXVALUE %s START WITH %s %s", dialect.Quote(row[0]), dialect.Quote(row[1]), row[2], row[3], row[4], row[5], cycle))
	})
	each("SELECT schema_name, table_name, sql, comment FROM duckdb_tables() WHERE $of AND NOT internal AND NOT temporary AND NOT (schema_name = 'rs' AND table_name = 'rs_setup') ORDER BY table_oid", func(row []string) {
		t := dumpedTable{Schema: row[0], Name: row[1]}
		if t.Schema == "rs" { // which the new database may have made
			d.Before = append(d.Before, "DROP TABLE IF EXISTS "+t.quoted())
		}
		d.Before = append(d.Before, strings.TrimSuffix(row[2], ";"))
		d.Tables = append(d.Tables, t)
		if row[3] != "" {
			d.After = append(d.After, "COMMENT ON TABLE "+t.quoted()+" IS "+dialect.QuoteText(row[3]))
		}
	})
	byName := map[string]*dumpedTable{}
	for i := range d.Tables {
		byName[d.Tables[i].quoted()] = &d.Tables[i]
	}
	var comments []string
	each("SELECT schema_name, table_name, column_name, data_type, comment FROM duckdb_columns() WHERE $of AND NOT internal AND schema_name NOT IN ('main', 'pg_catalog', 'information_schema') ORDER BY schema_name, table_name, column_index", func(row []string) {
		t := dumpedTable{Schema: row[0], Name: row[1]}
		if known := byName[t.quoted()]; known != nil {
			known.Columns = append(known.Columns, dumpedColumn{row[2], row[3]})
		}
		if row[4] != "" && row[0] != "rs" {
			comments = append(comments, "COMMENT ON COLUMN "+t.quoted()+"."+dialect.Quote(row[2])+" IS "+dialect.QuoteText(row[4]))
		}
	})
	each("SELECT schema_name, function_name, array_to_string(parameters, ', '), macro_definition, function_type FROM duckdb_functions() WHERE $of AND NOT internal AND function_type IN ('macro', 'table_macro') AND schema_name NOT IN "+own+" ORDER BY function_oid", func(row []string) {
		as := "(" + row[3] + ")"
		if row[4] == "table_macro" {
			as = "TABLE " + row[3]
		}
		d.After = append(d.After, fmt.Sprintf("CREATE OR REPLACE MACRO %s.%s(%s) AS %s", dialect.Quote(row[0]), dialect.Quote(row[1]), row[2], as))
	})
	each("SELECT schema_name, view_name, sql, comment FROM duckdb_views() WHERE $of AND NOT internal AND NOT temporary AND (schema_name NOT IN "+own+" OR schema_name = 'rs' AND view_name LIKE 'mv query %') ORDER BY view_oid", func(row []string) {
		d.After = append(d.After, strings.TrimSuffix(strings.TrimSpace(row[2]), ";"))
		if row[3] != "" {
			d.After = append(d.After, "COMMENT ON VIEW "+dialect.Quote(row[0])+"."+dialect.Quote(row[1])+" IS "+dialect.QuoteText(row[3]))
		}
	})
	d.After = append(d.After, comments...)
	return d, err
}

// fill makes the schema in an empty database and has load fill each table; all
// is one transaction.
func (d *schemaDump) fill(ctx context.Context, c *conn, load func(t *dumpedTable) error) error {
	run := func(sql string) error {
		if _, err := c.exec(ctx, sql); err != nil {
			return fmt.Errorf("%w\n%s", err, sql)
		}
		return nil
	}
	if err := run("BEGIN TRANSACTION"); err != nil {
		return err
	}
	for _, sql := range d.Before {
		if err := run(sql); err != nil {
			return err
		}
	}
	for i := range d.Tables {
		t := &d.Tables[i]
		if err := load(t); err != nil {
			return fmt.Errorf("fill %s: %w", t.quoted(), err)
		}
		rows, err := c.query(ctx, "SELECT count(*) FROM "+t.quoted())
		if err != nil {
			return err
		}
		if t.Rows >= 0 && rows[0][0] != fmt.Sprint(t.Rows) {
			return fmt.Errorf("fill %s: %s rows came, and there are to be %d", t.quoted(), rows[0][0], t.Rows)
		}
	}
	// A view may depend on one that was made later, where it was replaced.
	for left := d.After; len(left) > 0; {
		var again []string
		var first error
		for _, sql := range left {
			if err := run(sql); err != nil {
				again = append(again, sql)
				if first == nil {
					first = err
				}
			}
		}
		if len(again) == len(left) {
			return first
		}
		left = again
	}
	return run("COMMIT")
}
