package refresh

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var day = time.Date(2003, 1, 2, 0, 0, 0, 0, time.UTC)

type machine struct {
	StartAt string
	States  map[string]struct {
		Type     string
		Next     string
		Resource string
		Branches []machine
	}
}

func count(m machine, types map[string]int) {
	for _, s := range m.States {
		types[s.Type]++
		for _, b := range s.Branches {
			count(b, types)
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := fs.ReadFile(Files, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestDefinitionHasThePublishedShape(t *testing.T) {
	text, err := Definition(Functions{Submit: "arn:aws:lambda:us-east-1:000000000000:function:submit", Check: "arn:aws:lambda:us-east-1:000000000000:function:check"})
	if err != nil {
		t.Fatal(err)
	}
	var m machine
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	count(m, got)
	want := map[string]int{"Task": 12, "Pass": 5, "Choice": 4, "Wait": 4, "Fail": 3, "Parallel": 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("states by type (-want +got):\n%s", diff)
	}
	if bytes.Contains(text, []byte("${")) {
		t.Error("a placeholder is left")
	}
	if _, err := Definition(Functions{Submit: "x"}); err == nil {
		t.Error("a definition without the check function")
	}
}

func TestSyncDefinitionIsJSON(t *testing.T) {
	text := read(t, "statemachine-sync.asl.json")
	var m machine
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text, ":lambda:") {
		t.Error("the variant without functions calls one")
	}
}

func TestInput(t *testing.T) {
	doc, err := Input(Parameters{Scripts: "s3://b/etlscript/", JobDefinition: "arn:d:1", JobQueue: `q"1`, Date: "2003-01-02", WaitSeconds: 1})
	if err != nil {
		t.Fatal(err)
	}
	var in input
	if err := json.Unmarshal(doc, &in); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{}
	for _, p := range in.SalesFACT.ContainerOverrides.Environment {
		env[p.Name] = p.Value
	}
	if in.Wait != 1 || in.SalesFACT.JobQueue != `q"1` || env["DATASET_DATE"] != "2003-01-02" {
		t.Errorf("got %s", doc)
	}
	for _, s := range []step{in.DBConnection, in.CustomerAddressDim, in.ItemDim, in.SalesFACT} {
		for _, p := range s.ContainerOverrides.Environment {
			name, ok := strings.CutPrefix(p.Value, "s3://b/etlscript/")
			if strings.HasSuffix(name, ".sql") {
				name = "sql/" + name
			}
			if ok {
				read(t, name)
			}
		}
	}
	for _, p := range []Parameters{{}, {Date: "2003-01-02"}, {Scripts: "s", JobDefinition: "d", JobQueue: "q", Date: "2 January"}} {
		if doc, err := Input(p); err == nil {
			t.Errorf("%+v: got %s; want an error", p, doc)
		}
	}
}

func TestJobDefinitionIsJSON(t *testing.T) {
	text, err := os.ReadFile("jobdefinition.json")
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(text) {
		t.Error("jobdefinition.json is not JSON")
	}
}

func TestVerificationQuery(t *testing.T) {
	sql, err := VerificationQuery("2003-01-02")
	if err != nil || !strings.HasPrefix(sql, "select") || strings.Contains(sql, ":'") || !strings.Contains(sql, "d_date = '2003-01-02'") {
		t.Errorf("got %v, %s", err, sql)
	}
	if _, err := VerificationQuery("'; drop table item"); err == nil {
		t.Error("a query for no date")
	}
}

// The script gives psql its variables whole, and takes the last argument.
func TestRunSQL(t *testing.T) {
	dir := t.TempDir()
	show := "#!/bin/sh\necho \"password $PGPASSWORD\"\nfor a in \"$@\"; do echo \"[$a]\"; done\n"
	if err := os.WriteFile(filepath.Join(dir, "psql"), []byte(show), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, shell := range []string{"sh", "bash"} {
		path, err := exec.LookPath(shell)
		if err != nil {
			t.Logf("no %s here", shell)
			continue
		}
		cmd := exec.Command(path, "run_sql.sh", "ignored", "file.sql")
		cmd.Env = []string{"PATH=" + dir + ":/usr/bin:/bin", "REDSHIFT_ENDPOINT=h", "REDSHIFT_PORT=1", "REDSHIFT_DBNAME=dev", "REDSHIFT_USER=u",
			"REDSHIFT_PASSWORD=a b*", "S3_DATA_LOC=s3://with blank/", "S3_DATA_READ_ROLE=arn:r", "DATASET_DATE=2003-01-02"}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", shell, err, out)
		}
		for _, want := range []string{"password a b*\n", "[s3dataloc=s3://with blank/]\n", "[dt=2003-01-02]\n", "[-f]\n[file.sql]\n", "[ON_ERROR_STOP=1]\n"} {
			if !strings.Contains(string(out), want) {
				t.Errorf("%s: no %q in\n%s", shell, want, out)
			}
		}
		if strings.Count(string(out), "a b*") != 1 {
			t.Errorf("%s: the password is shown\n%s", shell, out)
		}
	}
	if out, err := exec.Command("sh", "run_sql.sh").CombinedOutput(); err == nil {
		t.Errorf("no script: got success\n%s", out)
	}
}

// No script reads the clock: a day can be run again at any time.
func TestScriptsDoNotReadTheClock(t *testing.T) {
	for _, name := range []string{"run_sql.sh", "sql/connection_check.sql", "sql/initial_load.sql", "sql/customer_address.sql", "sql/item.sql", "sql/store_sales.sql", "sql/verify.sql"} {
		text := read(t, name)
		for _, word := range []string{"sysdate", "getdate", "current_date", "now("} {
			if strings.Contains(strings.ToLower(text), word) {
				t.Errorf("%s uses %s", name, word)
			}
		}
	}
}
