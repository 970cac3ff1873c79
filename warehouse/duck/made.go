//go:build cgo

package duck

import (
	"context"
	"fmt"
	"strings"

	db "github.com/duckdb/duckdb-go-bindings"

	"salamander/warehouse/dialect"
	"salamander/warehouse/sqlstate"
)

// make makes the table of CREATE TABLE AS or SELECT INTO, whose query is
// prepared, with the lengths of texts that DuckDB's own CREATE TABLE AS would
// lose. It returns the statement that fills the table.
func (s *session) make(ctx context.Context, st *dialect.Statement, out *dialect.Rewritten, query *statement) (*statement, error) {
	columns, err := madeColumns(out.Made, query)
	if err != nil {
		return nil, err
	}
	if _, err := s.c.exec(ctx, out.Made.Declare(columns)); err != nil {
		return nil, translate(err, st, nil)
	}
	head := "INSERT INTO " + out.Made.Table.String() + " "
	if out.Made.Temporary {
		head = "INSERT INTO temp.main." + dialect.Quote(out.Made.Table.Table) + " "
	}
	out.SQL, out.Mapping = head+out.SQL, out.Mapping.Shifted(len(head))
	filling, err := s.c.prepare(out.SQL)
	if err != nil {
		return nil, translate(err, st, out)
	}
	return filling, nil
}

// madeColumns are the columns of a table that a prepared query makes.
func madeColumns(made *dialect.Made, query *statement) ([]dialect.Column, error) {
	n := int(db.PreparedStatementColumnCount(query.s))
	if len(made.Names) > n {
		return nil, sqlstate.Errorf(sqlstate.SyntaxError, "CREATE TABLE AS specifies too many column names")
	}
	seen := map[string]bool{}
	columns := make([]dialect.Column, n)
	for i := range columns {
		name := db.PreparedStatementColumnName(query.s, db.IdxT(i))
		t := db.PreparedStatementColumnLogicalType(query.s, db.IdxT(i))
		word, ok := typeText(t)
		db.DestroyLogicalType(&t)
		if !ok {
			return nil, sqlstate.Errorf(sqlstate.FeatureNotSupported, "a table with the type of column \"%s\" is not supported by the embedded warehouse", name)
		}
		columns[i] = dialect.Column{Name: name, Type: word}
		if i < len(made.Texts) && len(made.Texts) == n && word == "VARCHAR" && strings.EqualFold(made.Texts[i].Name, name) && made.Texts[i].Type != "" {
			columns[i].Type, columns[i].Blank = made.Texts[i].Type, made.Texts[i].Blank
		}
		if i < len(made.Names) {
			columns[i].Name = made.Names[i]
		}
		columns[i].Name = lowerName(columns[i].Name)
		if seen[columns[i].Name] {
			return nil, sqlstate.Errorf("42701", "column \"%s\" specified more than once", columns[i].Name)
		}
		seen[columns[i].Name] = true
	}
	return columns, nil
}

// typeText is a type in DuckDB's words.
func typeText(t db.LogicalType) (string, bool) {
	id := db.GetTypeId(t)
	switch id {
	case db.TypeDecimal:
		return fmt.Sprintf("DECIMAL(%d,%d)", db.DecimalWidth(t), db.DecimalScale(t)), true
	case db.TypeVarchar:
		if alias := db.LogicalTypeGetAlias(t); alias != "" {
			return alias, true
		}
	case db.TypeList:
		child := db.ListTypeChildType(t)
		defer db.DestroyLogicalType(&child)
		word, ok := typeText(child)
		return word + "[]", ok
	}
	word := typeWords[id]
	return word, word != ""
}

// typeWords are the types without parameters. A null without a type is an
// integer, as in DuckDB's own CREATE TABLE AS.
var typeWords = map[db.Type]string{
	db.TypeBoolean: "BOOLEAN", db.TypeTinyInt: "TINYINT", db.TypeSmallInt: "SMALLINT", db.TypeInteger: "INTEGER", db.TypeBigInt: "BIGINT", db.TypeHugeInt: "HUGEINT",
	db.TypeUTinyInt: "UTINYINT", db.TypeUSmallInt: "USMALLINT", db.TypeUInteger: "UINTEGER", db.TypeUBigInt: "UBIGINT", db.TypeFloat: "FLOAT", db.TypeDouble: "DOUBLE",
	db.TypeDate: "DATE", db.TypeTime: "TIME", db.TypeTimestamp: "TIMESTAMP", db.TypeTimestampTZ: "TIMESTAMPTZ", db.TypeInterval: "INTERVAL", db.TypeVarchar: "VARCHAR",
	db.TypeBlob: "BLOB", db.TypeUUID: "UUID", db.TypeSQLNull: "INTEGER",
}
