//go:build cgo

package duck_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"salamander/examples/refresh"
	"salamander/tpcds"
)

// TestExample runs the example's scripts with the real psql, the refresh
// twice: the second run changes nothing.
func TestExample(t *testing.T) {
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("psql is not on PATH")
	}
	f := start(t)
	opt := tpcds.Options{Seed: 1, Scale: 0.005, Dates: []time.Time{time.Date(2003, 1, 2, 0, 0, 0, 0, time.UTC)}}
	exampleObjects(t, f, opt)
	run := func(script string) {
		t.Helper()
		began := time.Now()
		cmd := exec.Command(psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-v", "dt=2003-01-02", "-v", "s3dataloc=s3://b/",
			"-v", "s3datareadrole=arn:r", "-f", filepath.Join("..", "..", "examples", "refresh", "sql", script+".sql"), f.dsn("secret"))
		cmd.Env = append(os.Environ(), "PGCONNECT_TIMEOUT=10")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", script, err, out)
		}
		t.Logf("%s: %v", script, time.Since(began))
	}
	c := f.connect(t)
	sums := func() string { return exampleSums(c) }
	day := func() string {
		run("customer_address")
		run("item")
		run("store_sales")
		return sums()
	}
	run("connection_check")
	run("initial_load")
	loaded := sums()
	first := day()
	if first == loaded {
		t.Error("the refresh changed nothing")
	}
	if second := day(); second != first {
		t.Errorf("the second run changed something:\n%s%s", first, second)
	}
	run("verify")
	t.Log("\n" + first)
}

// exampleObjects writes the example's data into the bucket b.
func exampleObjects(t *testing.T, f *fixture, opt tpcds.Options) {
	t.Helper()
	files, err := tpcds.Files(opt)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		var b bytes.Buffer
		if err := file.WriteText(&b); err != nil {
			t.Fatal(err)
		}
		f.put(t, "b", file.Key, b.String())
	}
	for _, table := range tpcds.Tables() {
		m, err := tpcds.Manifest(opt, table.Name, "s3://b/")
		if err != nil {
			t.Fatal(err)
		}
		f.put(t, "b", tpcds.ManifestKey(table.Name), string(m))
	}
}

// exampleSums are the checksums of the example's tables.
func exampleSums(c *pgconn.PgConn) string {
	all := ""
	for _, table := range tpcds.Tables() {
		var names []string
		for _, col := range table.Columns {
			names = append(names, col.Name)
		}
		all += table.Name + " " + ask(c, refresh.Checksum(table.Name, names)) + "\n"
	}
	return all
}
