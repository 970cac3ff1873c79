// Package duck is the warehouse's embedded engine: DuckDB, which the session
// layer makes speak Redshift's SQL. It needs cgo.
package duck
