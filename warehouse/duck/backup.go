//go:build cgo

package duck

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"salamander/warehouse"
	"salamander/warehouse/dialect"
	"salamander/warehouse/pgwire"
	"salamander/warehouse/sqlstate"
)

// BackupStatement is the one statement that is no SQL: it makes a backup, of
// one moment, in the warehouse's own directory, beside statements that run, and
// answers with its path. Only the owner of the warehouse may. The command
// `salamander warehouse backup` sends it and moves the backup to its place.
const BackupStatement = "SALAMANDER BACKUP"

// backupFormat is the version of a backup's form.
const backupFormat = 1

// manifestName is the file that describes a backup; it is written last.
const manifestName = "manifest.json"

// A backup is what manifest.json of a backup says. The rows of each table are
// a Parquet file; schema.sql has the statements once more, for people.
type backup struct {
	Format   int
	Made     time.Time
	Database string
	schemaDump
}

func isBackup(text string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(strings.TrimRight(text, "; \t\r\n")), " "), BackupStatement)
}

// backup answers [BackupStatement].
func (s *session) backup(ctx context.Context, w *pgwire.Writer) error {
	switch {
	case s.start.User != s.e.cfg.User:
		return sqlstate.Errorf(sqlstate.InsufficientPrivilege, "must be the owner of the warehouse to make a backup")
	case s.open || s.block || s.failed:
		return sqlstate.Errorf(sqlstate.ActiveTransaction, "a backup cannot be made inside a transaction block")
	}
	dir, err := os.MkdirTemp(s.e.temp(), "backup-")
	if err != nil {
		return err
	}
	if err := s.e.backup(ctx, dir); err != nil {
		os.RemoveAll(dir)
		return translate(err, nil, nil)
	}
	w.Columns([]pgwire.Column{{Name: "backup", OID: oidVarchar, Size: -1, Mod: -1}})
	w.BeginRow(1)
	w.Value(func(b []byte) []byte { return append(b, dir...) })
	if err := w.EndRow(); err != nil {
		return err
	}
	w.Complete("BACKUP")
	return nil
}

// backup writes all that the database holds at one moment into dir.
func (e *engine) backup(ctx context.Context, dir string) error {
	c, err := e.connect()
	if err != nil {
		return err
	}
	defer c.disconnect()
	if _, err := c.exec(ctx, "BEGIN TRANSACTION READ ONLY"); err != nil {
		return err
	}
	defer c.exec(context.Background(), "ROLLBACK")
	b := backup{Format: backupFormat, Made: time.Now().UTC(), Database: e.cfg.Database}
	d, err := dumpSchema(ctx, c, "")
	if err != nil {
		return err
	}
	b.schemaDump = *d
	for i := range b.Tables {
		t := &b.Tables[i]
		t.File = fmt.Sprintf("%04d-%s.parquet", i+1, plainName(t.Schema+"."+t.Name))
		if t.Rows, err = e.writeTable(ctx, c, t, filepath.Join(dir, t.File)); err != nil {
			return fmt.Errorf("back %s up: %w", t.quoted(), err)
		}
	}
	var sql strings.Builder
	sql.WriteString("-- The schema in DuckDB's words, as `salamander warehouse restore` makes it.\n")
	for _, s := range b.Before {
		sql.WriteString(s + ";\n")
	}
	for _, t := range b.Tables {
		fmt.Fprintf(&sql, "-- %d rows: %s\n", t.Rows, t.File)
	}
	for _, s := range b.After {
		sql.WriteString(s + ";\n")
	}
	if err := writeDurably(filepath.Join(dir, "schema.sql"), []byte(sql.String())); err != nil {
		return err
	}
	text, err := json.MarshalIndent(&b, "", "  ")
	if err != nil {
		return err
	}
	return writeDurably(filepath.Join(dir, manifestName), text)
}

// plainName makes a name one of a file's.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '_' {
			return r
		}
		return '_'
	}, clipTo(name, 100))
}

// writeTable writes the rows of a table into a Parquet file. Types that have no
// equal there are written as texts.
func (e *engine) writeTable(ctx context.Context, c *conn, t *dumpedTable, path string) (int64, error) {
	var cols []string
	for _, col := range t.Columns {
		name := dialect.Quote(col.Name)
		if !plainType(col.Type) {
			name = "CAST(" + name + " AS VARCHAR) AS " + name
		}
		cols = append(cols, name)
	}
	if err := e.gate.enter(ctx); err != nil {
		return 0, err
	}
	defer e.gate.leave()
	st, err := c.prepare("SELECT " + strings.Join(cols, ", ") + " FROM " + t.quoted())
	if err != nil {
		return 0, err
	}
	defer st.close()
	res, err := st.stream(ctx, nil)
	if err != nil {
		return 0, err
	}
	rd, err := newReader(res)
	if err != nil {
		res.close()
		return 0, err
	}
	r := &rows{res: res, rd: rd}
	defer r.close()
	u := &unloading{r: r}
	for i, f := range rd.columns {
		r.columns = append(r.columns, f.column(f.name))
		u.columns = append(u.columns, i)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	buf := bufio.NewWriterSize(file, 1<<20)
	p, err := newParquetFile(u, buf)
	if err != nil {
		return 0, err
	}
	var n int64
	err = rd.each(func(row int) error {
		if n++; n%4096 == 0 {
			if err := pgwire.Cause(ctx); err != nil {
				return err
			}
		}
		return p.write(row)
	})
	for _, last := range []func() error{p.close, buf.Flush, file.Sync} {
		if err == nil {
			err = last()
		}
	}
	return n, err
}

// plainType reports whether a Parquet file keeps the values of a type.
func plainType(name string) bool {
	switch name, _, _ = strings.Cut(name, "("); name {
	case "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "FLOAT", "DOUBLE", "DECIMAL", "VARCHAR", "DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE":
		return true
	}
	return false
}

func writeDurably(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write(text); err != nil {
		return err
	}
	return f.Sync()
}

// Backup writes a backup of a warehouse that no process serves into dir, which
// it makes. It returns [warehouse.ErrLocked] where one does.
func Backup(ctx context.Context, cfg warehouse.ChildConfig, dir string) error {
	e, err := openEngine(cfg, nil, slog.New(slog.DiscardHandler), false)
	if err != nil {
		return err
	}
	defer e.Close()
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	if err := e.backup(ctx, dir); err != nil {
		os.RemoveAll(dir)
		return err
	}
	return nil
}
