package redshiftdata

import (
	"context"
	"errors"
	"strconv"
	"time"

	"salamander/operation"
	"salamander/warehouse/dataapi"
)

// catalogLife is how long a question to the catalog may take.
const catalogLife = time.Minute

// Listing is what the operations that look into a database have in common.
type Listing struct {
	Where
	NextToken  string
	MaxResults int
}

// maxListed is the length of a page where no other is asked for.
const maxListed = 1000

// ask asks the catalog of the database to connect to.
func (s *Service) ask(ctx context.Context, op string, w Where, connected, sql string, values ...string) ([][][]byte, error) {
	if connected != "" {
		w.Database = connected
	}
	t, _, err := s.target(ctx, op, w)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, catalogLife)
	defer cancel()
	result, err := dataapi.Query(ctx, t, sql, values...)
	var refused *dataapi.ConnectionError
	switch {
	case err == nil:
		return result.Rows, nil
	case ctx.Err() != nil:
		return nil, operation.Errorf("QueryTimeoutException", "The query did not end within %v.", catalogLife)
	case errors.As(err, &refused):
		return nil, operation.Errorf("DatabaseConnectionException", "%s", refused.Error())
	}
	return nil, invalid("%s", err)
}

// like is a pattern of names; without one, all fit.
func like(pattern string) string {
	if pattern == "" {
		return "%"
	}
	return pattern
}

// ListDatabasesInput is the input of [Service.ListDatabases].
type ListDatabasesInput struct{ Listing }

// ListDatabasesOutput is the output of [Service.ListDatabases].
type ListDatabasesOutput struct {
	Databases []string
	NextToken string `json:",omitempty"`
}

// ListDatabases lists the databases of a cluster.
//
// https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_ListDatabases.html
func (s *Service) ListDatabases(ctx context.Context, in *ListDatabasesInput) (*ListDatabasesOutput, error) {
	rows, err := s.ask(ctx, "ListDatabases", in.Where, "", `SELECT datname FROM pg_database WHERE datname NOT IN ('template0', 'template1', 'padb_harvest') ORDER BY datname`)
	if err != nil {
		return nil, err
	}
	names, next, err := cut(texts(rows), in.NextToken, in.MaxResults, maxListed, whole)
	return &ListDatabasesOutput{names, next}, err
}

func texts(rows [][][]byte) []string {
	all := make([]string, len(rows))
	for i, row := range rows {
		all[i] = string(row[0])
	}
	return all
}

func whole(s string) string { return s }

// elsewhere returns a database to list, "" where it is the connected one, which
// may have a name of its own where a server stands behind the warehouse.
func elsewhere(database, connected string) string {
	if connected == "" || connected == database {
		return ""
	}
	return database
}

// ListSchemasInput is the input of [Service.ListSchemas].
type ListSchemasInput struct {
	Listing
	ConnectedDatabase string
	SchemaPattern     string
}

// ListSchemasOutput is the output of [Service.ListSchemas].
type ListSchemasOutput struct {
	Schemas   []string
	NextToken string `json:",omitempty"`
}

// ListSchemas lists the schemas of a database.
//
// https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_ListSchemas.html
func (s *Service) ListSchemas(ctx context.Context, in *ListSchemasInput) (*ListSchemasOutput, error) {
	rows, err := s.ask(ctx, "ListSchemas", in.Where, in.ConnectedDatabase,
		`SELECT schema_name FROM information_schema.schemata WHERE catalog_name = coalesce(nullif($1, ''), current_database()) AND schema_name LIKE $2 ORDER BY schema_name`,
		elsewhere(in.Database, in.ConnectedDatabase), like(in.SchemaPattern))
	if err != nil {
		return nil, err
	}
	names, next, err := cut(texts(rows), in.NextToken, in.MaxResults, maxListed, whole)
	return &ListSchemasOutput{names, next}, err
}

// ListTablesInput is the input of [Service.ListTables].
type ListTablesInput struct {
	Listing
	ConnectedDatabase string
	SchemaPattern     string
	TablePattern      string
}

// Table is a table or a view.
type Table struct {
	Name   string `json:"name"`
	Type   string `json:"type"`
	Schema string `json:"schema"`
}

// ListTablesOutput is the output of [Service.ListTables].
type ListTablesOutput struct {
	Tables    []Table
	NextToken string `json:",omitempty"`
}

// ListTables lists the tables and views of a database.
//
// https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_ListTables.html
func (s *Service) ListTables(ctx context.Context, in *ListTablesInput) (*ListTablesOutput, error) {
	rows, err := s.ask(ctx, "ListTables", in.Where, in.ConnectedDatabase,
		`SELECT table_schema, table_name, table_type FROM information_schema.tables
		WHERE table_catalog = coalesce(nullif($1, ''), current_database()) AND table_schema LIKE $2 AND table_name LIKE $3 ORDER BY table_schema, table_name`,
		elsewhere(in.Database, in.ConnectedDatabase), like(in.SchemaPattern), like(in.TablePattern))
	if err != nil {
		return nil, err
	}
	all := make([]Table, len(rows))
	for i, row := range rows {
		all[i] = Table{Schema: string(row[0]), Name: string(row[1]), Type: string(row[2])}
		if all[i].Type == "BASE TABLE" {
			all[i].Type = "TABLE"
		}
		if all[i].Schema == "pg_catalog" || all[i].Schema == "information_schema" {
			all[i].Type = "SYSTEM " + all[i].Type
		}
	}
	page, next, err := cut(all, in.NextToken, in.MaxResults, maxListed, func(t Table) string { return t.Schema + "." + t.Name })
	return &ListTablesOutput{page, next}, err
}

// DescribeTableInput is the input of [Service.DescribeTable].
type DescribeTableInput struct {
	Listing
	ConnectedDatabase string
	Schema            string
	Table             string
}

// DescribeTableOutput is the output of [Service.DescribeTable].
type DescribeTableOutput struct {
	TableName  string `json:",omitempty"`
	ColumnList []Column
	NextToken  string `json:",omitempty"`
}

const columnsOf = `SELECT n.nspname, c.relname, a.attname, a.atttypid, a.atttypmod, a.attnotnull, d.adsrc, a.attlen
	FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
	LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
	WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v') AND n.nspname LIKE $1 AND c.relname LIKE $2
	ORDER BY n.nspname, c.relname, a.attnum`

// DescribeTable describes the columns of a table: of all that have its name,
// when no schema is given.
//
// https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_DescribeTable.html
func (s *Service) DescribeTable(ctx context.Context, in *DescribeTableInput) (*DescribeTableOutput, error) {
	if in.ConnectedDatabase != "" && in.ConnectedDatabase != in.Database {
		return nil, operation.NotImplemented(name, "DescribeTable", "another ConnectedDatabase than Database")
	}
	rows, err := s.ask(ctx, "DescribeTable", in.Where, "", columnsOf, like(literal(in.Schema)), like(literal(in.Table)))
	if err != nil {
		return nil, err
	}
	all := make([]Column, len(rows))
	for i, row := range rows {
		if all[i], err = tableColumn(row); err != nil {
			return nil, err
		}
	}
	page, next, err := cut(all, in.NextToken, in.MaxResults, maxListed, func(c Column) string { return c.SchemaName + "." + c.TableName + "." + c.Name })
	return &DescribeTableOutput{in.Table, page, next}, err
}

// literal writes a name as a pattern that only it fits.
func literal(name string) string {
	var out []byte
	for i := range len(name) {
		if c := name[i]; c == '%' || c == '_' || c == '\\' {
			out = append(out, '\\')
		}
		out = append(out, name[i])
	}
	return string(out)
}

func tableColumn(row [][]byte) (Column, error) {
	oid, err := strconv.ParseUint(string(row[3]), 10, 32)
	if err != nil {
		return Column{}, err
	}
	mod, err := strconv.ParseInt(string(row[4]), 10, 32)
	if err != nil {
		return Column{}, err
	}
	c := column(dataapi.Column{Name: string(row[2]), OID: uint32(oid), Mod: int32(mod)})
	c.Label, c.SchemaName, c.TableName, c.ColumnDefault = "", string(row[0]), string(row[1]), string(row[6])
	if string(row[5]) == "t" {
		c.Nullable = 0
	}
	if c.Length, err = strconv.Atoi(string(row[7])); err != nil {
		return Column{}, err
	}
	if c.Length < 0 {
		c.Length = c.Precision
	}
	return c, nil
}
