//go:build cgo

package duck

import (
	"context"
	"strings"

	"salamander/warehouse/dialect"
	"salamander/warehouse/sqlstate"
)

// schemasOf are the schemas of a search path as the setting tells it.
func schemasOf(path string) []string {
	var all []string
	for part := range strings.SplitSeq(path, ",") {
		if name := strings.TrimSpace(part); name != "" {
			all = append(all, name)
		}
	}
	return all
}

// follow makes DuckDB look for names in the schemas of a search path. A schema
// that does not exist is passed over, until it is made; at least one must be
// there. nil is the default path.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_search_path.html
func (s *session) follow(ctx context.Context, schemas []string) error {
	if schemas == nil {
		schemas = []string{"public"}
	}
	rows, err := s.c.query(ctx, "SELECT schema_name FROM duckdb_schemas() WHERE database_name = current_database() AND schema_name NOT IN ('rs', 'main')")
	if err != nil {
		return translate(err, nil, nil)
	}
	there := map[string]bool{}
	for _, row := range rows {
		there[row[0]] = true
	}
	var path []string
	for _, name := range schemas {
		if name == "$user" {
			name = s.userName()
		}
		if there[name] {
			path = append(path, dialect.Quote(name))
		}
	}
	if len(path) == 0 {
		return sqlstate.Errorf(sqlstate.InvalidSchema, "no schema of the search path \"%s\" exists", strings.Join(schemas, ", "))
	}
	if _, err := s.c.exec(ctx, "SET search_path = "+dialect.QuoteText(strings.Join(append(path, "rs"), ","))); err != nil {
		return translate(err, nil, nil)
	}
	return nil
}
