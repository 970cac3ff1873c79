//go:build cgo

package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// A backup of a server that runs is restored into another data directory,
// which a server then serves; compact and restore refuse to work below one.
func TestBackupAndRestoreByCommand(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	t.Chdir(t.TempDir())
	ask := func(a *app, sql string) string {
		t.Helper()
		conf, err := pgconn.ParseConfig("sslmode=disable")
		must(t, err)
		conf.Host, conf.Port, conf.User, conf.Password, conf.Database = a.warehouse.host, a.warehouse.port, a.warehouse.user, a.warehouse.password, a.warehouse.database
		c, err := pgconn.ConnectConfig(t.Context(), conf)
		must(t, err)
		defer c.Close(context.Background())
		r, err := c.Exec(t.Context(), sql).ReadAll()
		if err != nil {
			return err.Error()
		}
		if len(r) == 0 || len(r[len(r)-1].Rows) == 0 {
			return ""
		}
		var values []string
		for _, v := range r[len(r)-1].Rows[0] {
			values = append(values, string(v))
		}
		return strings.Join(values, "|")
	}
	command := func(want int, text string, args ...string) {
		t.Helper()
		status, out, errs := runCommand(t, append([]string{"warehouse"}, args...)...)
		if status != want || !strings.Contains(out+errs, text) {
			t.Errorf("%q: got status %d, %s%s; want %d, %q", args, status, out, errs, want, text)
		}
	}
	a := startUp(t, dir)
	const check = "select count(*), sum(n), max(id), (select count(*) from v) from t"
	if got := ask(a, "create table t (id bigint identity(1,1), n int, x varchar(20)) diststyle all sortkey(n); insert into t (n, x) select generate_series, 'text' from generate_series(1, 5000); create view v as select * from t where n > 10; comment on table t is 'it'; "+check); got != "5000|12502500|5000|4990" {
		t.Fatal(got)
	}
	backup := filepath.Join(t.TempDir(), "b")
	command(exitOK, "tables", "backup", backup, "--data", dir)
	if got := ask(a, "insert into t (n) values (0); "+check); got != "5001|12502500|5001|4990" {
		t.Error(got)
	}
	command(exitFailed, "is not empty", "backup", backup, "--data", dir)
	command(exitFailed, "restore needs the warehouse to be stopped", "restore", backup, "--data", dir, "--replace")
	command(exitFailed, "compact needs the warehouse to be stopped", "compact", "--data", dir)
	command(exitFailed, "there is no cluster", "compact", "--data", dir, "--cluster", "none")
	if left, _ := filepath.Glob(filepath.Join(dir, "warehouse", "temp", "backup-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	must(t, a.close())

	command(exitOK, "restored", "restore", backup, "--data", other)
	b := startUp(t, other)
	if got := ask(b, check); got != "5000|12502500|5000|4990" {
		t.Errorf("restored: got %s", got)
	}
	if got := ask(b, "insert into t (n) values (1); select max(id) from t"); got != "5001" {
		t.Errorf("the next identity: got %s", got)
	}
	if got := ask(b, `select "diststyle", sortkey1, tbl_rows from svv_table_info where "table" = 't'`); got != "ALL|n|5001" {
		t.Errorf("attributes: got %s", got)
	}
	must(t, b.close())

	command(exitFailed, "the warehouse has tables: --replace", "restore", backup, "--data", dir)
	command(exitOK, "tables", "backup", filepath.Join(t.TempDir(), "offline"), "--data", dir)
	command(exitOK, "compacted from", "compact", "--data", dir)
	a = startUp(t, dir)
	if got := ask(a, check); got != "5001|12502500|5001|4990" {
		t.Errorf("compacted: got %s", got)
	}
	must(t, a.close())
	command(exitOK, "restored", "restore", backup, "--data", dir, "--replace")
	must(t, os.Remove(filepath.Join(backup, "manifest.json")))
	command(exitFailed, "is no backup", "restore", backup, "--data", dir, "--replace")
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{"": 0, "1": 1, "4GB": 4e9, "512MiB": 512 << 20, "1.5 gib": 3 << 29, "2tb": 2e12, "7B": 7} {
		if got, err := parseSize(text); err != nil || got != want {
			t.Errorf("%q: got %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"x", "-1GB", "0", "GB", "1e300TB", "4 apples", "1GBB"} {
		if got, err := parseSize(text); err == nil {
			t.Errorf("%q: got %d; want an error", text, got)
		}
	}
}

func TestWarehouseLimitsAreChecked(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, tt := range [][2]string{{"--warehouse-memory=1MB", "need at least 64MB"}, {"--warehouse-memory=much", `got "much"; need a size such as 4GB`}, {"--warehouse-temp=x", "--warehouse-temp: got"}} {
		if status, _, errs := runCommand(t, "up", tt[0]); status != exitUsage || !strings.Contains(errs, tt[1]) {
			t.Errorf("%s: got %d, %s; want %s", tt[0], status, errs, tt[1])
		}
	}
}
