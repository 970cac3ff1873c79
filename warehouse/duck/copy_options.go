//go:build cgo

package duck

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"salamander/warehouse"
	"salamander/warehouse/dialect"
	"salamander/warehouse/load"
	"salamander/warehouse/pgwire"
	"salamander/warehouse/sqlstate"
)

// options are how the files of a COPY are read.
func (s *session) options(ctx context.Context, from *dialect.CopyFrom) (load.Options, error) {
	opt := load.Options{
		Delimiter: from.Delimiter, IgnoreHeader: from.IgnoreHeader, Null: from.Null,
		EmptyAsNull: from.EmptyAsNull, BlanksAsNull: from.BlanksAsNull, Truncate: from.Truncate, TrimBlanks: from.TrimBlanks,
		CSV: from.CSV, Quote: from.Quote, Escape: from.Escape, RemoveQuotes: from.RemoveQuotes, FillRecord: from.FillRecord,
		IgnoreBlankLines: from.BlankLines, InvalidChars: from.InvalidChars, RoundDecimals: from.RoundDec,
		DateFormat: from.DateFormat, TimeFormat: from.TimeFormat, AnyDate: from.AnyDate,
	}
	if from.Widths != "" {
		widths, err := load.ParseWidths(from.Widths)
		if err != nil {
			return opt, &sqlstate.Error{Code: sqlstate.InvalidParameterValue, Message: err.Error(), At: from.WidthsAt}
		}
		opt.Widths = widths
	}
	switch strings.ToLower(from.JSON) {
	case "":
	case "auto", "auto ignorecase":
		opt.JSON = &load.JSON{IgnoreCase: len(from.JSON) > 4}
		opt.DateFormat, opt.TimeFormat = orAuto(opt.DateFormat), orAuto(opt.TimeFormat)
	default:
		paths, err := s.jsonPaths(ctx, from)
		if err != nil {
			return opt, err
		}
		opt.JSON = &load.JSON{Paths: paths}
		opt.DateFormat, opt.TimeFormat = orAuto(opt.DateFormat), orAuto(opt.TimeFormat)
	}
	return opt, nil
}

func orAuto(format string) string {
	if format == "" {
		return "auto"
	}
	return format
}

// jsonPaths reads the JSONPaths file that a COPY names.
func (s *session) jsonPaths(ctx context.Context, from *dialect.CopyFrom) ([][]any, error) {
	bucket, key, err := dialect.SplitURL(from.JSON)
	if err != nil {
		return nil, err
	}
	files, release, err := s.pin(ctx, bucket, key, true, from.JSONAt)
	if err != nil {
		return nil, err
	}
	defer release()
	if len(files) == 0 {
		return nil, &sqlstate.Error{Code: sqlstate.InternalError, At: from.JSONAt, Message: fmt.Sprintf("The JSONPaths file %s does not exist", from.JSON)}
	}
	b, err := os.ReadFile(files[0].Path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", from.JSON, err)
	}
	paths, err := load.ParsePaths(b)
	if err != nil {
		return nil, &sqlstate.Error{Code: sqlstate.InvalidParameterValue, Message: err.Error(), Detail: "In " + from.JSON + ".", At: from.JSONAt}
	}
	return paths, nil
}

// maxRecorded is how many rejected rows of one COPY are kept.
const maxRecorded = 100000

// record writes the rows that could not be loaded into stl_load_errors, in a
// transaction of its own: they stay when the load is rolled back.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_LOAD_ERRORS.html
func (e *engine) record(start pgwire.Startup, query int64, from *dialect.CopyFrom, rejected []*load.Error, failed error) error {
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
	for _, r := range rejected[:min(len(rejected), maxRecorded)] {
		_, length, _ := strings.Cut(strings.TrimSuffix(r.Type, ")"), "(")
		name, _, _ := strings.Cut(r.Type, "(")
		values := []string{"100", "0", dialect.QuoteText(from.Table.Table), dialect.QuoteText(at), fmt.Sprint(start.PID), fmt.Sprint(query), dialect.QuoteText(clipTo(r.File, 256)),
			fmt.Sprint(r.Line), dialect.QuoteText(clipTo(r.Column, 127)), dialect.QuoteText(clipTo(name, 10)), dialect.QuoteText(length), fmt.Sprint(r.Position),
			dialect.QuoteText(clipTo(string(r.RawLine), 1024)), dialect.QuoteText(clipTo(r.Raw, 1024)), fmt.Sprint(r.Code), dialect.QuoteText(clipTo(r.Reason, 100)), "0", "0"}
		if _, err := c.exec(ctx, "INSERT INTO rs.stl_load_errors VALUES ("+strings.Join(values, ", ")+")"); err != nil {
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
	format := "Text"
	switch {
	case from.Parquet:
		format = "Parquet"
	case from.JSON != "":
		format = "JSON"
	case from.CSV:
		format = "CSV"
	}
	at := time.Now().UTC().Format(timeForm)
	for part := range slices.Chunk(files, 500) {
		var rows []string
		for i, f := range part {
			rows = append(rows, fmt.Sprintf("(100, %d, 0, NULL, %s, 0, %d, %d, '%s', 1, '%s', 0, 0, NULL)", s.query.id, dialect.QuoteText(clipTo(nameOf(f), 256)), lines[i], errs[nameOf(f)], at, format))
		}
		lines = lines[len(part):]
		if _, err := s.c.exec(ctx, "INSERT INTO rs.stl_load_commits VALUES "+strings.Join(rows, ", ")); err != nil {
			return err
		}
	}
	return nil
}

// clipTo cuts a text to n bytes of valid UTF-8.
func clipTo(s string, n int) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", "?"), "?")
	if len(s) > n {
		s = strings.ToValidUTF8(s[:n], "")
	}
	return s
}
