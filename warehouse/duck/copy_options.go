//go:build cgo

package duck

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"salamander/warehouse"
	"salamander/warehouse/dialect"
	"salamander/warehouse/load"
	"salamander/warehouse/pgwire"
	"salamander/warehouse/source"
)

// maxRecorded is how many rejected rows of one COPY are kept.
const maxRecorded = 100000

// record writes the rows that could not be loaded into stl_load_errors, in a
// transaction of its own: they stay when the load is rolled back.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_LOAD_ERRORS.html
func (e *engine) record(start pgwire.Startup, user, query int64, from *dialect.CopyFrom, rejected []*load.Error, failed error) error {
	var last *load.Error
	if errors.As(failed, &last) {
		rejected = append(rejected, last)
	}
	if len(rejected) == 0 {
		return nil
	}
	c, err := e.connect()
	if err != nil {
		return err
	}
	defer c.disconnect()
	ctx := context.Background()
	if _, err := c.exec(ctx, "BEGIN TRANSACTION"); err != nil {
		return err
	}
	at := time.Now().UTC().Format("2006-01-02 15:04:05.999999")
	table := from.Table.Table
	if s := from.Table.Schema; s != "" && s != "public" {
		table = s + "." + table
	}
	for _, r := range rejected[:min(len(rejected), maxRecorded)] {
		_, length, _ := strings.Cut(strings.TrimSuffix(r.Type, ")"), "(")
		name, _, _ := strings.Cut(r.Type, "(")
		values := []string{fmt.Sprint(user), "0", dialect.QuoteText(table), dialect.QuoteText(at), fmt.Sprint(start.PID), fmt.Sprint(query), dialect.QuoteText(clipTo(r.File, 256)),
			fmt.Sprint(r.Line), dialect.QuoteText(clipTo(r.Column, 127)), dialect.QuoteText(clipTo(name, 10)), dialect.QuoteText(length), fmt.Sprint(r.Position),
			dialect.QuoteText(clipTo(string(r.RawLine), 1024)), dialect.QuoteText(clipTo(r.Raw, 1024)), fmt.Sprint(r.Code), dialect.QuoteText(clipTo(r.Reason, 100)), "0", "0"}
		if _, err := c.exec(ctx, "INSERT INTO rs.rs_load_errors VALUES ("+strings.Join(values, ", ")+")"); err != nil {
			return err
		}
	}
	_, err = c.exec(ctx, "COMMIT")
	return err
}

// loaded writes the files of a COPY into stl_load_commits, in its transaction.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_LOAD_COMMITS.html
func (s *session) loaded(ctx context.Context, from *dialect.CopyFrom, files []warehouse.PinnedObject, lines []int64, rejected []*load.Error) error {
	errs := map[string]int{}
	for _, r := range rejected {
		errs[r.File]++
	}
	format := formatOf(from)
	at := time.Now().UTC().Format(timeForm)
	for part := range slices.Chunk(files, 500) {
		var rows []string
		for i, f := range part {
			rows = append(rows, fmt.Sprintf("(%d, %d, 0, NULL, %s, 0, %d, %d, '%s', 1, '%s', 0, 0, NULL)", s.user, s.query.id, dialect.QuoteText(clipTo(source.Name(f), 256)), lines[i], errs[source.Name(f)], at, format))
		}
		lines = lines[len(part):]
		if _, err := s.c.exec(ctx, "INSERT INTO rs.rs_load_commits VALUES "+strings.Join(rows, ", ")); err != nil {
			return err
		}
	}
	return nil
}

// formatOf is the form of the files of a COPY, in stl_load_commits' words.
func formatOf(from *dialect.CopyFrom) string {
	switch {
	case from.Parquet:
		return "Parquet"
	case from.JSON != "":
		return "JSON"
	case from.CSV:
		return "CSV"
	}
	return "Text"
}

func sizeOf(files []warehouse.PinnedObject) (n int64) {
	for _, f := range files {
		n += f.Size
	}
	return n
}

// clipTo cuts a text to n bytes of valid UTF-8.
func clipTo(s string, n int) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", "?"), "?")
	if len(s) > n {
		s = strings.ToValidUTF8(s[:n], "")
	}
	return s
}
