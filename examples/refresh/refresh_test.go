package refresh

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
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

func TestDefinitionHasThePublishedShape(t *testing.T) {
	text, err := Definition(Functions{SubmitJob: "arn:aws:lambda:us-east-1:000000000000:function:submit", CheckJob: "arn:aws:lambda:us-east-1:000000000000:function:check"})
	if err != nil {
		t.Fatal(err)
	}
	var m machine
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	count(m, got)
	want := map[string]int{"Task": 12, "Pass": 5, "Choice": 4, "Wait": 4, "Fail": 3, "Parallel": 1}
	for k, n := range want {
		if got[k] != n {
			t.Errorf("states of type %s: got %d; want %d", k, got[k], n)
		}
	}
	if strings.Contains(text, "${") {
		t.Error("a placeholder is left")
	}
	if _, err := Definition(Functions{SubmitJob: "x"}); err == nil {
		t.Error("a definition without the check function")
	}
}

func TestSyncDefinitionIsJSON(t *testing.T) {
	var m machine
	if err := json.Unmarshal([]byte(SyncDefinition()), &m); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(SyncDefinition(), ":lambda:") {
		t.Error("the variant without functions calls one")
	}
}

func TestInput(t *testing.T) {
	doc, err := Input(Inputs{Bucket: "b", JobDefinition: "arn:d:1", JobQueue: `q"1`, Date: day, Wait: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	var in struct {
		Wait      int `json:"wait_seconds"`
		SalesFACT step
	}
	if err := json.Unmarshal(doc, &in); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{}
	for _, p := range in.SalesFACT.ContainerOverrides.Environment {
		env[p.Name] = p.Value
	}
	if in.Wait != 1 || in.SalesFACT.JobQueue != `q"1` || env["DATASET_DATE"] != "2003-01-02" || env["BATCH_FILE_SQL_S3_URL"] != "s3://b/etlscript/store_sales.sql" {
		t.Errorf("got %s", doc)
	}
	for _, p := range env {
		key, ok := strings.CutPrefix(p, "s3://b/")
		if _, there := Scripts()[key]; ok && !there {
			t.Errorf("the input names %s, which is no script", p)
		}
	}
}

func TestJobDefinition(t *testing.T) {
	j := Job{Name: "n", Image: "i/fetchrunpsql", Bucket: "b", DataReadRole: "arn:r", Host: "127.0.0.1", Port: "5439", Database: "dev", User: "awsuser", Password: `p"\ä`}
	doc, err := JobDefinition(j)
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		ContainerProperties struct{ Environment []pair }
	}
	if err := json.Unmarshal(doc, &d); err != nil {
		t.Fatal(err)
	}
	if env := d.ContainerProperties.Environment; len(env) != 11 || !slices.Contains(env, pair{"REDSHIFT_PASSWORD", j.Password}) {
		t.Errorf("environment: got %v", env)
	}
	j.Port = ""
	if _, err := JobDefinition(j); err == nil || !strings.Contains(err.Error(), "${WarehousePort}") {
		t.Errorf("no port: got %v", err)
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
	for key, text := range Scripts() {
		for _, word := range []string{"sysdate", "getdate", "current_date", "now("} {
			if strings.Contains(strings.ToLower(text), word) {
				t.Errorf("%s uses %s", key, word)
			}
		}
	}
}
