package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
)

// connect opens a connection to the warehouse as any client does.
func (w address) connect(ctx context.Context) (*pgx.Conn, error) {
	cfg, err := pgx.ParseConfig("")
	if err != nil {
		return nil, err
	}
	cfg.Host, cfg.Port = w.host, w.port
	cfg.User, cfg.Password, cfg.Database = w.user, w.password, w.database
	cfg.TLSConfig, cfg.Fallbacks = nil, nil
	cfg.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	return pgx.ConnectConfig(ctx, cfg)
}

// query returns the columns and the rows of one statement, as text.
func query(ctx context.Context, conn *pgx.Conn, sql string) (columns []string, rows [][]string, err error) {
	results, err := conn.PgConn().Exec(ctx, sql).ReadAll()
	if err != nil {
		return nil, nil, err
	}
	for _, r := range results {
		if len(r.FieldDescriptions) == 0 {
			continue
		}
		columns, rows = nil, nil
		for _, f := range r.FieldDescriptions {
			columns = append(columns, f.Name)
		}
		for _, values := range r.Rows {
			row := make([]string, len(values))
			for i, v := range values {
				row[i] = string(v)
			}
			rows = append(rows, row)
		}
	}
	return columns, rows, nil
}

// printTable sets rows in columns, numbers to the right. limit is the number
// of rows shown at most; the rest is counted.
func printTable(w io.Writer, columns []string, rows [][]string, limit int) {
	widths := make([]int, len(columns))
	right := make([]bool, len(columns))
	for i, c := range columns {
		widths[i] = utf8.RuneCountInString(c)
		right[i] = len(rows) > 0
	}
	shown := rows[:min(limit, len(rows))]
	for _, row := range shown {
		for i, v := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(v))
			right[i] = right[i] && strings.Trim(v, "0123456789.-") == ""
		}
	}
	print := func(row []string) {
		var b strings.Builder
		for i, v := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(v))
			if right[i] {
				v = pad + v
			} else {
				v += pad
			}
			b.WriteString("  " + v)
		}
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	}
	print(columns)
	rule := make([]string, len(columns))
	for i, n := range widths {
		rule[i] = strings.Repeat("─", n)
	}
	print(rule)
	for _, row := range shown {
		print(row)
	}
	if more := len(rows) - len(shown); more > 0 {
		fmt.Fprintf(w, "  … and %d more\n", more)
	}
}
