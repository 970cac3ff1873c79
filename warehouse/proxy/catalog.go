package proxy

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgproto3"

	"salamander/warehouse"
	"salamander/warehouse/dialect"
	"salamander/warehouse/load"
	"salamander/warehouse/source"
	"salamander/warehouse/sqlstate"
)

type pinned = warehouse.PinnedObject

// ownName is the name of the statements and portals that are the relay's own.
const ownName = "salamander relay"

// ask runs a statement of the relay's own, within the client's transaction and
// seen by nobody, and returns its rows.
func (r *relay) ask(sql string) ([][][]byte, error) {
	r.add(&entry{kind: closing, hidden: true})
	r.add(&entry{kind: closing, hidden: true})
	r.add(&entry{kind: parse, hidden: true})
	r.add(&entry{kind: bind, hidden: true})
	e := r.add(&entry{kind: execute, hidden: true})
	err := r.write(&pgproto3.Close{ObjectType: 'P', Name: ownName}, &pgproto3.Close{ObjectType: 'S', Name: ownName},
		&pgproto3.Parse{Name: ownName, Query: sql},
		&pgproto3.Bind{DestinationPortal: ownName, PreparedStatement: ownName}, &pgproto3.Execute{Portal: ownName}, &pgproto3.Flush{})
	if err != nil {
		return nil, err
	}
	<-e.done
	return e.rows, e.failed
}

// A table is one that exists behind.
type table struct {
	oid     int64
	columns []tableColumn
}

// A tableColumn is a column in PostgreSQL's words.
type tableColumn struct {
	name     string
	typ      string // "character varying(60)"
	notNull  bool
	identity bool // GENERATED ALWAYS
}

// table finds a table, or returns nil.
func (r *relay) table(name dialect.Name) (*table, error) {
	rows, err := r.ask(`SELECT a.attrelid, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity = 'a'
		FROM pg_catalog.pg_attribute a WHERE a.attrelid = to_regclass(` + dialect.QuoteText(name.String()) + `) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	t := &table{}
	if t.oid, err = strconv.ParseInt(string(rows[0][0]), 10, 64); err != nil {
		return nil, err
	}
	for _, row := range rows {
		t.columns = append(t.columns, tableColumn{string(row[1]), string(row[2]), string(row[3]) == "t", string(row[4]) == "t"})
	}
	return t, nil
}

// filled returns the columns that a COPY fills. The identity columns are among
// them only with EXPLICIT_IDS.
//
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-conversion.html#copy-explicit-ids
func (t *table) filled(from *dialect.CopyFrom) ([]tableColumn, error) {
	var out []tableColumn
	if from.Columns == nil {
		for _, c := range t.columns {
			if !c.identity || from.ExplicitIDs {
				out = append(out, c)
			}
		}
		return out, nil
	}
	for _, name := range from.Columns {
		i := slices.IndexFunc(t.columns, func(c tableColumn) bool { return c.name == name })
		if i < 0 {
			return nil, sqlstate.Errorf(sqlstate.UndefinedColumn, "column \"%s\" of relation \"%s\" does not exist", name, from.Table.Table)
		}
		if t.columns[i].identity && !from.ExplicitIDs {
			return nil, &sqlstate.Error{Code: sqlstate.FeatureNotSupported, Message: "cannot set an identity column to a value", Hint: "COPY with EXPLICIT_IDS sets it."}
		}
		out = append(out, t.columns[i])
	}
	return out, nil
}

// A catalog tells rewriting of the tables that exist, as its transaction sees
// them.
type catalog struct{ r *relay }

// Table returns a table, or nil. Outside of a transaction block asking is one
// of its own.
func (c catalog) Table(name dialect.Name) (*dialect.Table, error) {
	t, err := c.r.table(name)
	if err != nil || t == nil {
		return nil, err
	}
	out := &dialect.Table{}
	for _, col := range t.columns {
		out.Columns = append(out.Columns, dialect.Column{Name: col.name, Type: col.typ, NotNull: col.notNull, Blank: strings.HasPrefix(col.typ, "character(")})
	}
	return out, nil
}

// Attributes returns none: PostgreSQL has none of Redshift's.
func (catalog) Attributes(dialect.Name) (dialect.Attributes, error) { return dialect.Attributes{}, nil }

// parquet loads Parquet files.
func (l *loading) parquet(ctx context.Context, b *batch) {
	for _, o := range l.files {
		f, err := o.File(ctx, "")
		if err == nil {
			err = b.loader.Parquet(source.Name(o), f, o.Size)
			f.Close()
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			l.fail(err)
			return
		}
	}
	if err := b.loader.End(); err != nil {
		l.fail(err)
	}
}

// maxRecorded is how many rejected rows of one COPY are kept.
const maxRecorded = 100000

// record writes the rows that could not be loaded, in a transaction of its
// own: they stay when the load is rolled back.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_LOAD_ERRORS.html
func (r *relay) record(l *loading, rejected []*load.Error) error {
	if err := r.s.p.helpers(r.ctx); err != nil {
		return err
	}
	c, err := r.s.p.connect(r.ctx, nil)
	if err != nil {
		return err
	}
	defer c.Close(context.WithoutCancel(r.ctx))
	at := time.Now().UTC().Format("2006-01-02 15:04:05.999999")
	for part := range slices.Chunk(rejected[:min(len(rejected), maxRecorded)], 500) {
		var rows []string
		for _, bad := range part {
			typ, length, _ := strings.Cut(strings.TrimSuffix(bad.Type, ")"), "(")
			rows = append(rows, fmt.Sprintf("(100, 0, %d, '%s', %d, 0, %s, %d, %s, %s, %s, %d, %s, %s, %d, %s, 0, 0)", l.table.oid, at, r.c.PID(), text(bad.File, 256), bad.Line,
				text(bad.Column, 127), text(typ, 10), text(length, 10), bad.Position, text(string(bad.RawLine), 1024), text(bad.Raw, 1024), bad.Code, text(bad.Reason, 100)))
		}
		if _, err := c.Exec(r.ctx, "INSERT INTO "+dialect.HelperSchema+".load_errors VALUES "+strings.Join(rows, ", ")).ReadAll(); err != nil {
			return helperError(err)
		}
	}
	return nil
}

// text quotes a text of at most n bytes of valid UTF-8.
func text(s string, n int) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", "?"), "?")
	for len(s) > n {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return dialect.QuoteText(s)
}
