//go:build cgo

package proxy_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"salamander/examples/refresh"
	"salamander/tpcds"
	"salamander/warehouse"
)

var exampleDay = time.Date(2003, 1, 2, 0, 0, 0, 0, time.UTC)

// place writes the example's data as objects below dir.
func place(t *testing.T, dir string, opt tpcds.Options) {
	t.Helper()
	f := fixture{dir: dir}
	files, err := tpcds.Files(opt)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		var b bytes.Buffer
		if err := file.WriteText(&b); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file.Key, ".gz") {
			var packed bytes.Buffer
			z := gzip.NewWriter(&packed)
			z.Write(b.Bytes())
			z.Close()
			b = packed
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

// script runs one of the example's scripts with the real psql.
func script(psql, name, dsn string) error {
	cmd := exec.Command(psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-v", "dt=2003-01-02", "-v", "s3dataloc=s3://b/",
		"-v", "s3datareadrole=arn:r", "-f", filepath.Join("..", "..", "examples", "refresh", "sql", name+".sql"), dsn)
	cmd.Env = append(os.Environ(), "PGCONNECT_TIMEOUT=10")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %v\n%s", name, err, out)
	}
	return nil
}

// sums are the checksums of the example's tables.
func sums(t *testing.T, dsn string) string {
	t.Helper()
	c, err := pgconn.Connect(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
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

// The example's scripts, as they are, give the same tables on PostgreSQL as on
// the embedded warehouse; a second refresh changes nothing, and two at a time
// wait for one another.
func TestExample(t *testing.T) {
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("psql is not on PATH")
	}
	f := start(t, "postgres")
	place(t, f.dir, tpcds.Options{Seed: 1, Scale: 0.005, Dates: []time.Time{exampleDay}})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	embedded, err := warehouse.Start(warehouse.Options{Dir: t.TempDir(), Listener: ln, Password: "secret", MemoryLimit: 1 << 30,
		Objects: warehouse.DirObjects(f.dir), Command: []string{os.Args[0]}, Env: []string{childEnv + "=1"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		embedded.Stop(ctx)
	})
	run := func(dsn string) (loaded, refreshed string) {
		t.Helper()
		must := func(names ...string) {
			t.Helper()
			for _, name := range names {
				if err := script(psql, name, dsn); err != nil {
					t.Fatal(err)
				}
			}
		}
		must("connection_check", "initial_load")
		loaded = sums(t, dsn)
		must("customer_address", "item", "store_sales")
		refreshed = sums(t, dsn)
		must("customer_address", "item", "store_sales", "verify")
		if again := sums(t, dsn); again != refreshed {
			t.Errorf("the second refresh changed something:\n%s%s", refreshed, again)
		}
		return loaded, refreshed
	}
	loaded, refreshed := run(f.dsn("secret"))
	if loaded == refreshed || strings.Contains(loaded, "!") {
		t.Errorf("the refresh changed nothing, or failed:\n%s", refreshed)
	}
	wantLoaded, wantRefreshed := run(fmt.Sprintf("postgres://awsuser:secret@%s/dev?sslmode=disable", embedded.Addr()))
	if loaded != wantLoaded {
		t.Errorf("after the load, PostgreSQL\n%sembedded\n%s", loaded, wantLoaded)
	}
	if refreshed != wantRefreshed {
		t.Errorf("after the refresh, PostgreSQL\n%sembedded\n%s", refreshed, wantRefreshed)
	}
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			for _, name := range []string{"customer_address", "item", "store_sales"} {
				if err := script(psql, name, f.dsn("secret")); err != nil {
					t.Errorf("two at a time: %v", err)
				}
			}
		})
	}
	both.Wait()
	if got := sums(t, f.dsn("secret")); got != refreshed {
		t.Errorf("after two refreshes at a time\n%swant\n%s", got, refreshed)
	}
}
