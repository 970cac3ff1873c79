// Package tpcds generates data of the shape of TPC-DS: the ten tables that
// the refresh of store sales needs, with their true names, columns, types and
// row counts, and the daily extracts that the refresh loads. The values are
// our own. The same seed and scale give the same bytes (before compression)
// on every machine, whatever the order in which files are written: each row
// is a function of seed, table and row number.
//
// The initial load is '~'-delimited gzip with a header line in each file; the
// extracts have none. Text is UTF-8, with apostrophes and accents. An empty
// field is NULL for numbers and dates.
//
// Names, columns and row counts: TPC-DS specification 2.10, clauses 2 and 3.
// https://www.tpc.org/tpc_documents_current_versions/pdf/tpc-ds_v2.10.0.pdf
package tpcds
