package main

import (
	"strings"
	"testing"
)

// A wrong --warehouse is told with what is needed, and never with its password.
func TestWarehouseURL(t *testing.T) {
	for url, want := range map[string]string{
		"postgres://etl:s3cret@db.example.com/dwh":          "PostgreSQL at db.example.com:5432, database dwh",
		"postgresql://etl:s3cret@db.example.com:6543/dwh":   "PostgreSQL at db.example.com:6543, database dwh",
		"redshift://etl:s3cret@c.example.com/dev":           "Redshift at c.example.com:5439, database dev",
		"mysql://etl:s3cret@db.example.com/dwh":             `!--warehouse: got scheme "mysql"; need postgres://user:password@host:5432/database or redshift://user:password@host:5439/database`,
		"postgres://db.example.com/dwh":                     "!--warehouse: need postgres://user:password@host:port/database",
		"postgres://etl:s3cret@db.example.com":              "!--warehouse: need postgres://user:password@host:port/database",
		"postgres://etl:s3cret@db.example.com:no/dwh":       "!--warehouse: need a URL such as postgres://user:password@host:5432/database",
		"postgres://etl:s3cret@db.example.com/x?sslmode=no": "!--warehouse: the URL of the server is wrong: sslmode is invalid",
	} {
		cfg := defaultConfig()
		cfg.Data, cfg.Warehouse = t.TempDir(), url
		got := cfg.behindWarehouse()
		if err := cfg.validate(); err != nil {
			got = "!" + err.Error()
		}
		if got != want || strings.Contains(got, "s3cret") {
			t.Errorf("%s\n got %s\nwant %s", url, got, want)
		}
	}
}
