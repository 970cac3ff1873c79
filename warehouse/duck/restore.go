//go:build cgo

package duck

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"salamander/warehouse"
	"salamander/warehouse/dialect"
)

// ErrNotEmpty is returned by [Restore] for a warehouse that has tables.
var ErrNotEmpty = errors.New("the warehouse has tables")

// Restore makes the warehouse of cfg what the backup in dir holds. It returns
// [ErrNotEmpty] where it has tables, unless replace is true, and
// [warehouse.ErrLocked] while a process serves it. Whatever fails, the
// warehouse stays as it was.
func Restore(ctx context.Context, cfg warehouse.ChildConfig, dir string, replace bool) error {
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return fmt.Errorf("%s is no backup, or one that was not finished: %w", dir, err)
	}
	var b backup
	if err := json.Unmarshal(text, &b); err != nil {
		return fmt.Errorf("read %s: %w", manifestName, err)
	}
	if b.Format != backupFormat {
		return fmt.Errorf("the backup has form %d; this release reads %d", b.Format, backupFormat)
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	return rebuild(ctx, cfg, func(old *engine) error {
		c, err := old.connect()
		if err != nil {
			return err
		}
		defer c.disconnect()
		rows, err := c.query(ctx, "SELECT count(*) FROM duckdb_tables() WHERE database_name = current_database() AND schema_name <> 'rs'")
		if err == nil && rows[0][0] != "0" && !replace {
			return ErrNotEmpty
		}
		return err
	}, func(c *conn) error {
		return b.fill(ctx, c, func(t *dumpedTable) error {
			if filepath.Base(t.File) != t.File {
				return fmt.Errorf("%s: %q is no name of a file", manifestName, t.File)
			}
			var names, values []string
			for _, col := range t.Columns {
				names = append(names, dialect.Quote(col.Name))
				values = append(values, "CAST("+dialect.Quote(col.Name)+" AS "+col.Type+")")
			}
			if t.Rows == 0 {
				return nil
			}
			_, err := c.exec(ctx, "INSERT INTO "+t.quoted()+" ("+strings.Join(names, ", ")+") SELECT "+strings.Join(values, ", ")+
				" FROM read_parquet("+dialect.QuoteText(filepath.Join(dir, t.File))+")")
			return err
		})
	})
}

// Compact writes the database of cfg anew, without the space that deleted and
// replaced rows left, and returns the sizes of its file, in bytes. It returns
// [warehouse.ErrLocked] while a process serves it. Whatever fails, the
// warehouse stays as it was.
func Compact(ctx context.Context, cfg warehouse.ChildConfig) (before, after int64, err error) {
	path := databaseFile(cfg.Dir)
	if before, err = databaseSize(path); err != nil {
		return 0, 0, err
	}
	err = rebuild(ctx, cfg, func(*engine) error { return nil }, func(c *conn) error {
		if _, err := c.exec(ctx, "ATTACH "+dialect.QuoteText(path)+" AS old_file (READ_ONLY)"); err != nil {
			return err
		}
		d, err := dumpSchema(ctx, c, "old_file")
		if err != nil {
			return err
		}
		err = d.fill(ctx, c, func(t *dumpedTable) error {
			rows, err := c.query(ctx, "SELECT count(*) FROM old_file."+t.quoted())
			if err != nil {
				return err
			}
			if _, err := fmt.Sscan(rows[0][0], &t.Rows); err != nil {
				return err
			}
			_, err = c.exec(ctx, "INSERT INTO "+t.quoted()+" SELECT * FROM old_file."+t.quoted())
			return err
		})
		if err != nil {
			return err
		}
		_, err = c.exec(ctx, "DETACH old_file")
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	after, err = databaseSize(path)
	return before, after, err
}

func databaseFile(dir string) string { return filepath.Join(dir, "warehouse.duckdb") }

// databaseSize is the size of a database with its log.
func databaseSize(path string) (int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	size := info.Size()
	if info, err := os.Stat(path + ".wal"); err == nil {
		size += info.Size()
	}
	return size, nil
}

// rebuild makes a new database beside the one of cfg, which check may refuse
// to replace, has fill fill it, and puts it in its place.
func rebuild(ctx context.Context, cfg warehouse.ChildConfig, check func(old *engine) error, fill func(c *conn) error) error {
	log := slog.New(slog.DiscardHandler)
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return err
	}
	old, err := openEngine(cfg, nil, log, false) // nobody else has it, and its log is written into it
	if err != nil {
		return err
	}
	err = check(old)
	old.Close()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(cfg.Dir, "new-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	made := cfg
	made.Dir = dir
	e, err := openEngine(made, nil, log, true)
	if err != nil {
		return err
	}
	c, err := e.connect()
	for _, name := range oldNames { // an earlier release's backup has tables of these names
		if err == nil {
			_, err = c.exec(ctx, "DROP VIEW IF EXISTS rs."+name)
		}
	}
	if err == nil {
		err = fill(c)
		if err == nil {
			_, err = c.exec(ctx, "DROP TABLE IF EXISTS rs.rs_setup") // so that it is set up for what it has now
		}
		if err == nil {
			_, err = c.exec(ctx, "CHECKPOINT")
		}
		c.disconnect()
	}
	e.Close()
	if err != nil {
		return err
	}
	for _, name := range []string{databaseFile(dir), databaseFile(cfg.Dir)} {
		if _, err := os.Stat(name + ".wal"); err == nil {
			return fmt.Errorf("%s has a log still", name)
		}
	}
	if err := syncFile(databaseFile(dir)); err != nil {
		return err
	}
	if err := os.Rename(databaseFile(dir), databaseFile(cfg.Dir)); err != nil {
		return err
	}
	return syncFile(cfg.Dir)
}

func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
