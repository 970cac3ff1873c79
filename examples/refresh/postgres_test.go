package refresh

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"salamander/tpcds"
)

// postgres runs a server of its own, and skips the test where there is none.
func postgres(t *testing.T) (psql func(args ...string) (string, error)) {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	client, err := exec.LookPath("psql")
	if len(found) == 0 || err != nil {
		t.Skip("no PostgreSQL server and psql on this machine")
	}
	bin := filepath.Dir(found[len(found)-1])
	dir, err := os.MkdirTemp("", "refresh-pg")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	attr := &syscall.SysProcAttr{}
	if os.Geteuid() == 0 { // which PostgreSQL refuses to run as
		u, err := user.Lookup("postgres")
		if err != nil {
			t.Skip("no user postgres on this machine")
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if err := os.Chown(dir, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	data := filepath.Join(dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "awsuser", "-A", "trust", "-E", "UTF8", "--no-sync")
	initdb.SysProcAttr, initdb.Dir = attr, dir
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	l.Close()
	server := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-p", port, "-c", "listen_addresses=127.0.0.1",
		"-c", "unix_socket_directories=", "-c", "fsync=off")
	server.SysProcAttr, server.Dir = attr, dir
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Process.Signal(syscall.SIGINT)
		server.Wait()
	})
	psql = func(args ...string) (string, error) {
		cmd := exec.Command(client, append([]string{"-X", "-h", "127.0.0.1", "-p", port, "-U", "awsuser", "-d", "postgres", "-v", "ON_ERROR_STOP=1"}, args...)...)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	for deadline := time.Now().Add(30 * time.Second); ; {
		if out, err := psql("-c", "select 1"); err == nil {
			return psql
		} else if time.Now().After(deadline) {
			t.Fatalf("the server does not start: %s", out)
		}
	}
}

// plain turns a script for Redshift into one for PostgreSQL: without the
// attributes of tables and columns, and with \copy from the files in dir.
func plain(script, dir string) string {
	for _, attr := range []string{` encode \w+`, `\bbackup no\b`, `\bdiststyle \w+`, `\bdistkey\(\w+\)`, `\bsortkey\(\w+\)`, `,\n  primary key \([^)]*\)`} {
		script = regexp.MustCompile(attr).ReplaceAllString(script, "")
	}
	copies := regexp.MustCompile(`(?s)copy public\.(\w+) from [^;]*;`)
	return copies.ReplaceAllStringFunc(script, func(stmt string) string {
		table := copies.FindStringSubmatch(stmt)[1]
		return fmt.Sprintf(`\copy public.%s from '%s/%s' (delimiter '~', null '')`, table, dir, table)
	})
}

// place writes the files of the load and the day into dir, one for each table.
func place(t *testing.T, dir string, opt tpcds.Options) {
	t.Helper()
	files, err := tpcds.Files(opt)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		var b bytes.Buffer
		if err := f.WriteText(&b); err != nil {
			t.Fatal(err)
		}
		text, name := b.Bytes(), f.Table
		if f.Date != "" {
			name = "stg_" + name
		} else {
			_, text, _ = bytes.Cut(text, []byte("\n"))
		}
		out, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err == nil {
			_, err = out.Write(text)
			out.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// The scripts, on a real PostgreSQL: the refresh does what it says, and a
// second run changes nothing in any column of any table.
func TestRefreshOnPostgreSQL(t *testing.T) {
	psql := postgres(t)
	dir := t.TempDir()
	place(t, dir, tpcds.Options{Seed: 1, Scale: 0.005, Dates: []time.Time{day}})
	must := func(args ...string) string {
		t.Helper()
		out, err := psql(args...)
		if err != nil {
			t.Fatalf("psql %q: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(out)
	}
	run := func(name string) string {
		t.Helper()
		file := filepath.Join(dir, name+".sql")
		if err := os.WriteFile(file, []byte(plain(read(t, "sql/"+name+".sql"), dir)), 0o644); err != nil {
			t.Fatal(err)
		}
		return must("-q", "-v", "dt=2003-01-02", "-v", "s3dataloc=s3://b/", "-v", "s3datareadrole=arn:r", "-f", file)
	}
	value := func(sql string) string { t.Helper(); return must("-Atc", sql) }
	checksums := func() string {
		t.Helper()
		all := ""
		for _, table := range tpcds.Tables() {
			var names []string
			for _, c := range table.Columns {
				names = append(names, c.Name)
			}
			all += table.Name + " " + value(Checksum(table.Name, names)) + "\n"
		}
		return all
	}
	must("-c", `create function strtol(text, int) returns bigint language sql as $$ select ('x' || lpad($1, 16, '0'))::bit(64)::bigint $$`)

	run("connection_check")
	run("initial_load")
	items := value("select count(*) from item")
	loaded := checksums()
	refresh := func() string {
		run("customer_address")
		run("item")
		run("store_sales")
		return checksums()
	}
	first := refresh()
	if first == loaded {
		t.Error("the refresh changed nothing")
	}
	for what, sql := range map[string]string{
		"prices changed":            "select count(*) from item where i_rec_start_date = '2003-01-02' and i_item_id in (select i_item_id from item where i_rec_end_date = '2003-01-01')",
		"new items":                 "select count(*) from item where i_rec_start_date = '2003-01-02' and i_item_id not in (select i_item_id from item where i_rec_start_date < '2003-01-02')",
		"attributes overwritten":    "select count(*) from item where i_size = 'economy' and i_rec_end_date is null",
		"sales of the day":          "select count(*) from store_sales where ss_sold_date_sk = 2452642",
		"sales without a customer":  "select count(*) from store_sales where ss_sold_date_sk = 2452642 and ss_customer_sk is null",
		"sales of new items":        "select count(*) from store_sales join item on i_item_sk = ss_item_sk where ss_sold_date_sk = 2452642 and i_rec_start_date = '2003-01-02'",
		"sales with all other keys": "select count(*) from store_sales where ss_sold_date_sk = 2452642 and ss_addr_sk is not null and ss_hdemo_sk is not null and ss_store_sk is not null and ss_sold_time_sk is not null",
		"new addresses":             "select count(*) - 500 from customer_address",
	} {
		if n, _ := strconv.Atoi(value(sql)); n < 10 {
			t.Errorf("%s: got %d; want at least 10", what, n)
		}
	}
	for what, sql := range map[string]string{
		"business keys with several open rows": "select count(*) from (select i_item_id from item where i_rec_end_date is null group by 1 having count(*) > 1) x",
		"surrogate keys twice":                 "select count(*) from (select i_item_sk from item group by 1 having count(*) > 1 union all select ca_address_sk from customer_address group by 1 having count(*) > 1) x",
		"sales lost or doubled":                fmt.Sprintf("select count(*) - %d from store_sales where ss_sold_date_sk = 2452642", 690),
		"items lost":                           "select count(*) from (select 1) x where (select count(*) from item) < " + items,
	} {
		if n := value(sql); n != "0" {
			t.Errorf("%s: got %s; want 0", what, n)
		}
	}
	if out := run("verify"); strings.Contains(out, "(0 rows)") || !strings.Contains(out, "bought_city") {
		t.Errorf("the verification query finds nothing:\n%s", out)
	}
	if second := refresh(); second != first {
		t.Errorf("a second run changes the tables:\nfirst\n%ssecond\n%s", first, second)
	}
}
