//go:build cgo

package duck

import (
	"context"
	"fmt"
	"slices"
	"strings"

	db "github.com/duckdb/duckdb-go-bindings"

	"salamander/warehouse/dialect"
)

// replay brings the log of a database that was killed into its file. DuckDB
// does so by itself when it opens a database, but not where the log holds an
// ALTER of a table with a CHECK or a DEFAULT that calls a function, as those of
// our VARCHARs do: it looks the function up in the default database, which is
// the one that it still opens ("GetDefaultDatabase with no default database
// set", DuckDB 1.5.6). Attached to a database in memory it is replayed well.
func replay(file string) error {
	d, err := openDatabase(":memory:", [][2]string{{"autoinstall_known_extensions", "false"}, {"autoload_known_extensions", "false"}})
	if err != nil {
		return err
	}
	defer db.Close(&d)
	e := &engine{db: d}
	c, err := e.connect() // which registers the functions in Go
	if err != nil {
		return err
	}
	defer c.disconnect()
	// Ours are looked up in the default database, by names with schema or without.
	const begin = "CREATE OR REPLACE MACRO rs."
	for _, sql := range slices.Concat(setup[:], macros[:]) {
		name, ok := strings.CutPrefix(sql, begin)
		if !ok {
			continue
		}
		for _, schema := range [...]string{"rs.", "main."} {
			if _, err := c.query(context.Background(), strings.TrimSuffix(begin, "rs.")+schema+name); err != nil {
				return fmt.Errorf("replay the log: %w", err)
			}
		}
	}
	for _, sql := range append(typed[:], truncate) {
		if _, err := c.query(context.Background(), strings.Replace(sql, "TEMP MACRO ", "MACRO main.", 1)); err != nil {
			return fmt.Errorf("replay the log: %w", err)
		}
	}
	for _, sql := range [...]string{"ATTACH " + dialect.QuoteText(file) + " AS killed", "CHECKPOINT killed", "DETACH killed"} {
		if _, err := c.query(context.Background(), sql); err != nil {
			return fmt.Errorf("replay the log: %w", err)
		}
	}
	return nil
}
