//go:build cgo

package duck

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"salamander/warehouse/dialect"
	"salamander/warehouse/load"
	"salamander/warehouse/pgwire"
	"salamander/warehouse/sqlstate"
)

// copyStatement runs a COPY of any kind and returns the command tag.
func (s *session) copyStatement(ctx context.Context, st *dialect.Statement, w *pgwire.Writer) (string, error) {
	if !st.Streams() {
		s.wrote = true
		return s.copy(ctx, st, w)
	}
	c, err := st.Stream()
	if err != nil {
		return "", err
	}
	if c.In {
		s.wrote = true
		n, err := s.copyIn(ctx, c, w)
		return fmt.Sprintf("COPY %d", n), err
	}
	n, err := s.copyOut(ctx, c, w)
	return fmt.Sprintf("COPY %d", n), err
}

// A rowSource gives the rows of a COPY FROM STDIN.
type rowSource interface {
	Next() ([]load.Value, error)
	Line() (int64, []byte)
}

// copyIn fills a table with what the client sends, and returns how many rows
// that is. Nothing is kept of a COPY that fails.
func (s *session) copyIn(ctx context.Context, c *dialect.CopyStream, w *pgwire.Writer) (int64, error) {
	from := &dialect.CopyFrom{Table: c.Table, Columns: c.Columns}
	table, err := s.target(ctx, from)
	if err != nil {
		return 0, err
	}
	if table == nil {
		return 0, sqlstate.Errorf(sqlstate.UndefinedTable, "relation \"%s\" does not exist", c.Table.Table)
	}
	if err := s.isView(ctx, c.Table, "copy to"); err != nil {
		return 0, err
	}
	if err := listed(c, table); err != nil {
		return 0, err
	}
	a, err := s.newAppender(from, load.Options{DateFormat: "auto", TimeFormat: "auto", RoundDecimals: true}, table)
	if err != nil {
		return 0, translate(err, nil, nil)
	}
	defer a.destroy()
	client := w.CopyIn(ctx, len(a.loader.Columns), c.Binary)
	defer client.Close()
	rows, err := s.receive(ctx, a, c, client)
	if err != nil {
		return 0, err
	}
	if err := a.finish(); err != nil {
		return 0, translate(err, nil, nil)
	}
	return rows, nil
}

// listed checks the columns that a COPY names.
func listed(c *dialect.CopyStream, table *dialect.Table) error {
	names := append(slices.Clone(c.Columns), append(append(slices.Clone(c.ForceNotNull), c.ForceNull...), c.ForceQuote...)...)
	for i, name := range names {
		if i >= len(c.Columns) && name == "*" {
			continue
		}
		if !slices.ContainsFunc(table.Columns, func(col dialect.Column) bool { return col.Name == name }) {
			return sqlstate.Errorf(sqlstate.UndefinedColumn, "column \"%s\" of relation \"%s\" does not exist", name, c.Table.Table)
		}
		if i < len(c.Columns) && slices.Index(c.Columns, name) < i {
			return sqlstate.Errorf(sqlstate.DuplicateColumn, "column \"%s\" specified more than once", name)
		}
		if i >= len(c.Columns) && c.Columns != nil && !slices.Contains(c.Columns, name) {
			option := "FORCE_QUOTE"
			if slices.Contains(c.ForceNotNull, name) {
				option = "FORCE_NOT_NULL"
			} else if slices.Contains(c.ForceNull, name) {
				option = "FORCE_NULL"
			}
			return sqlstate.Errorf(sqlstate.InvalidColumnReference, "%s column \"%s\" not referenced by COPY", option, name)
		}
	}
	return nil
}

// receive appends the rows that the client sends.
func (s *session) receive(ctx context.Context, a *appender, c *dialect.CopyStream, client io.Reader) (int64, error) {
	var source rowSource
	if c.Binary {
		source = load.NewBinaryStream(client, a.loader.Columns)
	} else {
		source = load.NewStream(client, streamOptions(c, a.loader.Columns))
	}
	for {
		row, err := source.Next()
		if err == nil {
			err = a.loader.Append(row)
		}
		if err == io.EOF {
			return a.loader.Rows(), pgwire.Cause(ctx)
		}
		if err != nil {
			return 0, streamError(err, c, a.loader.Columns, source)
		}
	}
}

func streamOptions(c *dialect.CopyStream, columns []load.Column) load.StreamOptions {
	o := load.StreamOptions{CSV: c.CSV, Delimiter: c.Delimiter, Null: c.Null, Quote: c.Quote, Escape: c.Escape, Header: c.Header, Match: c.HeaderMatch}
	switch c.Encoding {
	case "LATIN1":
		o.Encoding = charmap.ISO8859_1
	case "WIN1252":
		o.Encoding = charmap.Windows1252
	}
	for _, col := range columns {
		o.Columns = append(o.Columns, col.Name)
		o.ForceNotNull = append(o.ForceNotNull, dialect.Forced(c.ForceNotNull, col.Name))
		o.ForceNull = append(o.ForceNull, dialect.Forced(c.ForceNull, col.Name))
	}
	return o
}

// streamError tells what is wrong with a row, and where, as PostgreSQL does.
func streamError(err error, c *dialect.CopyStream, columns []load.Column, source rowSource) error {
	line, raw := source.Line()
	where := fmt.Sprintf("COPY %s, line %d", c.Table.Table, line)
	var bad *load.Error
	var e *sqlstate.Error
	switch {
	case errors.As(err, &bad):
		i := slices.IndexFunc(columns, func(col load.Column) bool { return col.Name == bad.Column })
		if e = valueError(bad, c.Table.Table, &columns[i]); e.Code == sqlstate.NotNullViolation {
			break
		}
		e.Where = fmt.Sprintf("%s, column %s: \"%s\"", where, bad.Column, shortened(bad.Raw))
		return e
	case errors.As(err, &e):
		switch e.Code {
		case sqlstate.BadBinary, sqlstate.ProtocolViolation:
			if b, ok := source.(*load.BinaryStream); ok && b.At >= 0 {
				where += ", column " + columns[b.At].Name
			}
		}
		clone := *e
		e = &clone
	default:
		return translate(err, nil, nil)
	}
	if line == 0 {
		return e
	}
	if e.Where = where; raw != nil {
		e.Where += fmt.Sprintf(": \"%s\"", shortened(string(raw)))
	}
	return e
}

// maxShown is how much of a text PostgreSQL shows where it tells the context.
const maxShown = 100

func shortened(s string) string {
	if len(s) <= maxShown {
		return strings.ToValidUTF8(s, "?")
	}
	return strings.ToValidUTF8(s[:maxShown], "") + "..."
}

// valueError gives a value's error PostgreSQL's words.
func valueError(bad *load.Error, table string, col *load.Column) *sqlstate.Error {
	name := col.Type
	if i := strings.IndexByte(name, '('); i >= 0 && col.Kind != load.Text {
		name = name[:i]
	}
	switch {
	case bad.Code == 1213:
		return sqlstate.Errorf(sqlstate.NotNullViolation, "null value in column \"%s\" of relation \"%s\" violates not-null constraint", col.Name, table)
	case bad.Code == 1204:
		return sqlstate.Errorf(sqlstate.StringTooLong, "value too long for type %s", name)
	case bad.Code == 0:
		return &sqlstate.Error{Code: sqlstate.FeatureNotSupported, Message: "storing a VARCHAR that ends with blanks is not supported by the embedded warehouse", Hint: "Redshift ignores them when it compares."}
	case col.Blank && utf8.ValidString(bad.Raw) && !strings.Contains(bad.Raw, "\x00"):
		return sqlstate.Errorf(sqlstate.FeatureNotSupported, "a character of several bytes in the column \"%s\" of type %s is not supported by the embedded warehouse", col.Name, name)
	case col.Kind == load.Text:
		return sqlstate.Errorf(sqlstate.CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\"")
	case strings.HasPrefix(bad.Reason, "Overflow") && name == "numeric":
		return &sqlstate.Error{Code: sqlstate.NumericOutOfRange, Message: "numeric field overflow",
			Detail: fmt.Sprintf("A field with precision %d, scale %d must round to an absolute value less than 10^%d.", col.Precision, col.Scale, col.Precision-col.Scale)}
	case strings.HasPrefix(bad.Reason, "Overflow"):
		return sqlstate.Errorf(sqlstate.NumericOutOfRange, "value \"%s\" is out of range for type %s", bad.Raw, name)
	case col.Kind == load.Date || col.Kind == load.Timestamp || col.Kind == load.TimestampTZ || col.Kind == load.Time:
		if i := strings.IndexByte(name, ' '); i >= 0 && col.Kind != load.TimestampTZ {
			name = name[:i]
		}
		return sqlstate.Errorf(sqlstate.InvalidDatetime, "invalid input syntax for type %s: \"%s\"", name, bad.Raw)
	}
	return sqlstate.Errorf(sqlstate.InvalidText, "invalid input syntax for type %s: \"%s\"", name, bad.Raw)
}

// isView refuses a COPY of a view by its name, as PostgreSQL does.
func (s *session) isView(ctx context.Context, name dialect.Name, verb string) error {
	schema := name.Schema
	if schema == "" {
		schema = "public"
	}
	rows, err := s.c.query(ctx, "SELECT 1 FROM duckdb_views() WHERE database_name = current_database() AND NOT internal AND lower(view_name) = lower("+
		dialect.QuoteText(name.Table)+") AND lower(schema_name) = lower("+dialect.QuoteText(schema)+")")
	if err != nil || len(rows) == 0 {
		return translate(err, nil, nil)
	}
	e := sqlstate.Errorf(sqlstate.WrongObjectType, "cannot %s view \"%s\"", verb, name.Table)
	if verb == "copy from" {
		e.Hint = "Try the COPY (SELECT ...) TO variant."
	}
	return e
}
