//go:build cgo

package duck

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	db "github.com/duckdb/duckdb-go-bindings"

	"salamander/warehouse"
	"salamander/warehouse/access"
	"salamander/warehouse/dialect"
	"salamander/warehouse/pgwire"
	"salamander/warehouse/sqlstate"
	"salamander/warehouse/tablelock"
)

// An engine is one database file and the sessions on it.
type engine struct {
	cfg     warehouse.ChildConfig
	objects warehouse.Objects
	log     *slog.Logger
	db      db.Database

	dead chan struct{} // closed when the database serves nobody any more
	once sync.Once     // for dead

	gate    gate      // between statements and commits
	tables  tables    // what all sessions know of them
	views   userViews // whether there are any
	history history

	connections connectionLog

	locks tablelock.Manager

	access atomic.Pointer[access.State] // who may do what, as it is committed

	sessionsMu sync.Mutex // guards sessions
	sessions   map[uint32]*session

	functions    sync.Once // registers ours
	forget       func()    // what they know of the engine; nil before
	functionsErr error
}

// Open opens the database in cfg.Dir, and makes it when there is none. It
// returns [warehouse.ErrLocked] while another process has it.
func Open(cfg warehouse.ChildConfig, objects warehouse.Objects, log *slog.Logger) (warehouse.Engine, error) {
	e, err := openEngine(cfg, objects, log, false)
	if err != nil {
		return nil, err // an interface that is nil
	}
	return e, nil
}

// openEngine opens the database; files tells whether its statements may reach
// files, which a user's never may.
func openEngine(cfg warehouse.ChildConfig, objects warehouse.Objects, log *slog.Logger, files bool) (*engine, error) {
	e := &engine{cfg: cfg, objects: objects, log: log, dead: make(chan struct{})}
	temp := e.temp()
	if err := os.MkdirAll(temp, 0o700); err != nil {
		return nil, err
	}
	for _, left := range [...]string{"backup-*", "unload-*"} { // of a process that was killed
		names, _ := filepath.Glob(filepath.Join(temp, left)) // the pattern is well formed
		for _, name := range names {
			os.RemoveAll(name)
		}
	}
	options := [][2]string{
		{"temp_directory", temp},
		{"autoinstall_known_extensions", "false"},
		{"autoload_known_extensions", "false"},
		{"allow_unsigned_extensions", "false"},
		{"enable_external_access", strconv.FormatBool(files)},
		{"immediate_transaction_mode", "true"}, // BEGIN fixes what a transaction reads
	}
	if limit := memoryLimit(cfg.MemoryLimit); limit > 0 {
		options = append(options, [2]string{"memory_limit", strconv.FormatInt(limit>>20, 10) + "MiB"})
	}
	if cfg.TempLimit > 0 {
		options = append(options, [2]string{"max_temp_directory_size", strconv.FormatInt(cfg.TempLimit>>20, 10) + "MiB"})
	}
	if cfg.Threads > 0 {
		options = append(options, [2]string{"threads", strconv.Itoa(cfg.Threads)})
	}
	file := databaseFile(cfg.Dir)
	d, err := openDatabase(file, options)
	if err != nil && strings.Contains(err.Error(), "replaying WAL") {
		if replayErr := replay(file); replayErr != nil {
			return nil, fmt.Errorf("open the database in %q: %w", cfg.Dir, replayErr)
		}
		d, err = openDatabase(file, options)
	}
	if err != nil {
		if strings.Contains(err.Error(), "Could not set lock") {
			return nil, warehouse.ErrLocked
		}
		return nil, fmt.Errorf("open the database in %q: %w", cfg.Dir, err)
	}
	e.db = d
	if err := e.prepare(); err != nil {
		db.Close(&e.db)
		return nil, err
	}
	return e, nil
}

// memoryLimit is the limit asked for, or half of the machine's memory.
func memoryLimit(asked int64) int64 {
	if asked > 0 {
		return asked
	}
	b, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	var kb int64
	if _, err := fmt.Sscanf(string(b), "MemTotal: %d kB", &kb); err != nil {
		return 0
	}
	return kb << 10 / 2
}

// truncate is a macro of the session's own: its parameters have types, which
// only files of a newer format can hold. In those texts are compressed by
// DICT_FSST, which doubles the time of an update (measured with DuckDB 1.5.6).
const truncate = "CREATE OR REPLACE TEMP MACRO rs_trunc(x TIMESTAMP) AS CAST(x AS DATE), (x DATE) AS x, (x TIMESTAMPTZ) AS CAST(x AS DATE), (x BIGINT) AS x, (x DOUBLE) AS trunc(x), (x, n) AS trunc(x, n)"

// setup makes the database what a session expects.
var setup = [...]string{
	`CREATE TABLE IF NOT EXISTS rs.rs_load_errors (userid INTEGER, slice INTEGER, tbl VARCHAR, starttime TIMESTAMP, session INTEGER, query BIGINT,
		filename VARCHAR, line_number BIGINT, colname VARCHAR, type VARCHAR, col_length VARCHAR, position INTEGER, raw_line VARCHAR, raw_field_value VARCHAR,
		err_code INTEGER, err_reason VARCHAR, is_partial INTEGER, start_offset BIGINT)`,
	`CREATE TABLE IF NOT EXISTS rs.rs_load_commits (userid INTEGER, query BIGINT, slice INTEGER, name VARCHAR, filename VARCHAR, byte_offset INTEGER, lines_scanned BIGINT,
		errors INTEGER, curtime TIMESTAMP, status INTEGER, file_format VARCHAR, is_partial INTEGER, start_offset BIGINT, copy_job_id BIGINT)`,
	// The start of the statement, in whole seconds, and that of the transaction.
	//
	// https://docs.aws.amazon.com/redshift/latest/dg/r_GETDATE.html
	"CREATE OR REPLACE MACRO rs.getdate() AS date_trunc('second', rs_clock())",
	"CREATE OR REPLACE MACRO rs.rs_sysdate() AS CAST(current_timestamp AT TIME ZONE 'UTC' AS TIMESTAMP)",
	"CREATE OR REPLACE MACRO rs.rs_divisor(x) AS CASE WHEN x = 0 THEN error('division by zero') ELSE x END",
	// The quotient of two decimals by their digits, rounded half away from zero.
	`CREATE OR REPLACE MACRO rs.rs_round(n, d) AS CASE
		WHEN d = 0 THEN error('division by zero')
		WHEN 2 * abs(n % d) >= abs(d) THEN n // d + CASE WHEN (n < 0) = (d < 0) THEN 1 ELSE -1 END
		ELSE n // d END`,
	`CREATE OR REPLACE MACRO rs.rs_point(q, s) AS CASE WHEN q < 0 THEN '-' ELSE '' END ||
		left(lpad(CAST(abs(q) AS VARCHAR), CAST(greatest(length(CAST(abs(q) AS VARCHAR)), s + 1) AS INTEGER), '0'), -s) || '.' ||
		right(lpad(CAST(abs(q) AS VARCHAR), CAST(greatest(length(CAST(abs(q) AS VARCHAR)), s + 1) AS INTEGER), '0'), s)`,
	`CREATE OR REPLACE MACRO rs.rs_divide(a, b, zeros, s) AS
		rs.rs_point(rs.rs_round(CAST(replace(a, '.', '') || zeros AS HUGEINT), CAST(replace(b, '.', '') AS HUGEINT)), s)`,
	`CREATE OR REPLACE MACRO rs.rs_cut(x, n) AS CASE WHEN x IS NULL OR strlen(CAST(x AS VARCHAR)) <= n THEN CAST(x AS VARCHAR)
		WHEN strlen(CAST(x AS VARCHAR)) = length(CAST(x AS VARCHAR)) THEN left(CAST(x AS VARCHAR), n)
		ELSE error('rs: cutting a text within a multibyte character') END`,
	"CREATE OR REPLACE MACRO rs.rs_compare(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL WHEN a < b THEN -1 WHEN a > b THEN 1 ELSE 0 END",
	"CREATE OR REPLACE MACRO rs.rs_compare_times(a, b) AS rs.rs_compare(CAST(a AS TIMESTAMP), CAST(b AS TIMESTAMP))",
	"CREATE OR REPLACE MACRO rs.rs_last_day(d) AS last_day(CAST(d AS TIMESTAMP))",
	// A place before the first counts towards the length, as in PostgreSQL.
	"CREATE OR REPLACE MACRO rs.rs_substring(s, n) AS substring(CAST(s AS VARCHAR), greatest(n, 1)), (s, n, l) AS substring(CAST(s AS VARCHAR), greatest(n, 1), greatest(l + least(n, 1) - 1, 0))",
	"CREATE OR REPLACE MACRO rs.rs_dateadd_millisecond(n, d) AS CAST(d AS TIMESTAMP) + to_milliseconds(CAST(n AS BIGINT))",
	"CREATE OR REPLACE MACRO rs.rs_dateadd_microsecond(n, d) AS CAST(d AS TIMESTAMP) + to_microseconds(CAST(n AS BIGINT))",
	// A text without blanks at its end, which few have: rtrim would copy all.
	"CREATE OR REPLACE MACRO rs.rs_shorn(x) AS CASE WHEN suffix(CAST(x AS VARCHAR), ' ') THEN rtrim(CAST(x AS VARCHAR)) ELSE CAST(x AS VARCHAR) END",
	"CREATE OR REPLACE MACRO rs.rs_cut_char(x, n) AS rtrim(rs.rs_cut(x, n))",
	"CREATE OR REPLACE MACRO rs.rs_concat(a, b) AS CAST(a AS VARCHAR) || CAST(b AS VARCHAR)",
	"CREATE OR REPLACE MACRO rs.rs_datediff(unit, a, b) AS date_diff(unit, CAST(a AS TIMESTAMP), CAST(b AS TIMESTAMP))",
	"CREATE OR REPLACE MACRO rs.rs_to_hex(x) AS lower(to_hex(x))",
	"CREATE OR REPLACE MACRO rs.rs_charindex(part, s) AS strpos(CAST(s AS VARCHAR), CAST(part AS VARCHAR))",
	"CREATE OR REPLACE MACRO rs.nvl2(x, a, b) AS CASE WHEN x IS NOT NULL THEN a ELSE b END",
	"CREATE OR REPLACE MACRO rs.len(s) AS length(CAST(s AS VARCHAR))",
	"CREATE OR REPLACE MACRO rs.rs_dateadd_year(n, d) AS CAST(d AS TIMESTAMP) + to_years(CAST(n AS INTEGER))",
	"CREATE OR REPLACE MACRO rs.rs_dateadd_quarter(n, d) AS CAST(d AS TIMESTAMP) + to_months(3 * CAST(n AS INTEGER))",
	"CREATE OR REPLACE MACRO rs.rs_dateadd_month(n, d) AS CAST(d AS TIMESTAMP) + to_months(CAST(n AS INTEGER))",
	"CREATE OR REPLACE MACRO rs.rs_dateadd_week(n, d) AS CAST(d AS TIMESTAMP) + to_days(7 * CAST(n AS INTEGER))",
	"CREATE OR REPLACE MACRO rs.rs_dateadd_day(n, d) AS CAST(d AS TIMESTAMP) + to_days(CAST(n AS INTEGER))",
	"CREATE OR REPLACE MACRO rs.rs_dateadd_hour(n, d) AS CAST(d AS TIMESTAMP) + to_hours(CAST(n AS BIGINT))",
	"CREATE OR REPLACE MACRO rs.rs_dateadd_minute(n, d) AS CAST(d AS TIMESTAMP) + to_minutes(CAST(n AS BIGINT))",
	"CREATE OR REPLACE MACRO rs.rs_dateadd_second(n, d) AS CAST(d AS TIMESTAMP) + to_seconds(CAST(n AS DOUBLE))",
}

func (e *engine) prepare() error {
	c, err := e.connect()
	if err != nil {
		return err
	}
	defer c.disconnect()
	ctx := context.Background()
	all := append(append(append(setup[:], accessSetup[:]...), firstUser(e.cfg.User)...), macros[:]...)
	all = append(all, catalogSetup(e.cfg.Database, e.cfg.User)...)
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(all, "\x00"))))
	if rows, err := c.query(ctx, "SELECT sum FROM rs.rs_setup"); err == nil && len(rows) == 1 && rows[0][0] == sum {
		return e.resume(ctx, c) // made by this release
	}
	renames, err := renamed(ctx, c)
	if err != nil {
		return fmt.Errorf("prepare the database: %w", err)
	}
	all = slices.Concat([]string{"BEGIN TRANSACTION"}, renames, append(all, "CREATE OR REPLACE TABLE rs.rs_setup AS SELECT '"+sum+"' AS sum", "COMMIT"))
	for _, sql := range all {
		if _, err := c.exec(ctx, sql); err != nil {
			return fmt.Errorf("prepare the database: %w\n%s", err, sql)
		}
	}
	return e.resume(ctx, c)
}

// oldNames are those that tables had in earlier releases.
var oldNames = [...]string{"stl_load_errors", "stl_load_commits"}

// renamed returns the statements that give tables of earlier releases the names
// that they have in this one, where views of users' own rows have theirs.
func renamed(ctx context.Context, c *conn) ([]string, error) {
	var all []string
	for _, name := range oldNames {
		rows, err := c.query(ctx, "SELECT 1 FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = 'rs' AND table_name = "+dialect.QuoteText(name))
		if err != nil {
			return nil, err
		}
		if len(rows) > 0 {
			to := "rs_" + strings.TrimPrefix(name, "stl_")
			all = append(all, "DROP TABLE IF EXISTS rs."+to, "ALTER TABLE rs."+name+" RENAME TO "+to)
		}
	}
	return all, nil
}

// resume goes on with the ids of statements where the recorded ones end.
func (e *engine) resume(ctx context.Context, c *conn) error {
	rows, err := c.query(ctx, "SELECT greatest((SELECT max(query) FROM rs.rs_load_errors), (SELECT max(query) FROM rs.rs_load_commits), 0)")
	if err != nil {
		return fmt.Errorf("prepare the database: %w", err)
	}
	unused, err := c.query(ctx, "SELECT sequence_name FROM duckdb_sequences() q WHERE schema_name = 'rs' AND NOT EXISTS (SELECT 1 FROM duckdb_columns() c WHERE contains(c.column_default, q.sequence_name))")
	if err != nil {
		return fmt.Errorf("prepare the database: %w", err)
	}
	for _, q := range unused { // of tables that were dropped
		if _, err := c.exec(ctx, "DROP SEQUENCE rs."+dialect.Quote(q[0])); err != nil {
			return fmt.Errorf("prepare the database: %w", err)
		}
	}
	rights, err := readAccess(ctx, c)
	if err != nil {
		return fmt.Errorf("prepare the database: %w", err)
	}
	e.access.Store(rights)
	e.history.last, err = strconv.ParseInt(rows[0][0], 10, 64)
	return err
}

// temp is the directory of files that last as long as a statement.
func (e *engine) temp() string {
	return cmp.Or(e.cfg.TempDir, filepath.Join(e.cfg.Dir, "temp"))
}

// connect returns a new connection with the settings of a session.
func (e *engine) connect() (*conn, error) {
	c := &conn{fatal: e.die}
	if db.Connect(e.db, &c.c) != db.StateSuccess {
		return nil, sqlstate.Errorf(sqlstate.TooManyConnections, "the warehouse could not open a session")
	}
	e.functions.Do(func() {
		if e.functionsErr = registerScalars(c); e.functionsErr == nil {
			e.functionsErr = registerCasts(c)
		}
		if e.functionsErr == nil {
			e.forget, e.functionsErr = e.registerSignal(c)
		}
	})
	if e.functionsErr != nil {
		c.disconnect()
		return nil, e.functionsErr
	}
	for _, sql := range append([]string{
		"CREATE SCHEMA IF NOT EXISTS public", "CREATE SCHEMA IF NOT EXISTS rs",
		"SET errors_as_json = true", "SET integer_division = true", "SET default_null_order = 'postgres'",
		"SET TimeZone = 'UTC'", "SET search_path = 'public,rs'",
	}, typed[:]...) {
		if _, err := c.exec(context.Background(), sql); err != nil {
			c.disconnect()
			return nil, err
		}
	}
	return c, nil
}

func (c *conn) disconnect() { db.Disconnect(&c.c) }

// Dead is closed when the database serves nobody any more, and must be opened
// anew by another process: after a disk was full in the wrong moment.
func (e *engine) Dead() <-chan struct{} { return e.dead }

func (e *engine) die() { e.once.Do(func() { close(e.dead) }) }

// Close ends the engine and writes its log into the database file.
func (e *engine) Close() error {
	db.Close(&e.db)
	if e.forget != nil {
		e.forget()
	}
	return nil
}

// Open begins a session.
func (e *engine) Open(_ context.Context, start pgwire.Startup) (pgwire.Session, error) {
	if start.Database != e.cfg.Database {
		return nil, sqlstate.Errorf(sqlstate.InvalidCatalog, "database \"%s\" does not exist", start.Database)
	}
	c, err := e.connect()
	if err != nil {
		return nil, err
	}
	s := newSession(e, c, start)
	err = s.startup()
	if err == nil {
		err = e.entered(s)
	}
	if err != nil {
		c.disconnect()
		return nil, err
	}
	return s, nil
}
