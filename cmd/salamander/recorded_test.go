package main

import (
	"archive/tar"
	"compress/bzip2"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"salamander/operation"
)

// recordedData is what testdata/data/record.py says that a directory has.
type recordedData struct {
	Executions []struct {
		ARN, Status, Output, Error string
		Redrives                   int
		Types                      []string
	}
	MapRuns []struct {
		ARN               string
		Succeeded, Failed int
	}
	Resume   []struct{ ARN, Token, Output string }
	Machines map[string]string
	Objects  map[string]string // by bucket/key
	Jobs     []struct {
		ID, Status string
		ExitCode   int
	}
	Parameters map[string]string
	Queues     []string
	Rules      []string
	Query      struct{ SQL, Row string }
}

// unpackRecorded unpacks a recorded data directory.
func unpackRecorded(t *testing.T, archive string) (dir string) {
	t.Helper()
	f, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	root := t.TempDir()
	for r := tar.NewReader(bzip2.NewReader(f)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return filepath.Join(root, "data")
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(root, filepath.FromSlash(h.Name))
		if h.Typeflag == tar.TypeDir {
			err = os.MkdirAll(path, 0o700)
		} else {
			var text []byte
			if text, err = io.ReadAll(r); err == nil {
				err = os.WriteFile(path, text, 0o600)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func recordedArchives(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob("testdata/data/*.tar.bz2")
	if err != nil || len(all) < 2 {
		t.Fatalf("got %q, %v; want the directories of all releases", all, err)
	}
	for i, file := range all {
		if all[i], err = filepath.Abs(file); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// A data directory of each release, killed in the middle, is opened: what it
// has is there, and what was open goes on to its end.
func TestRecordedDirectories(t *testing.T) {
	for _, archive := range recordedArchives(t) {
		t.Run(strings.TrimSuffix(filepath.Base(archive), ".tar.bz2"), func(t *testing.T) {
			dir := unpackRecorded(t, archive)
			var want recordedData
			text, err := os.ReadFile(filepath.Join(dir, "recorded.json"))
			if err == nil {
				err = json.Unmarshal(text, &want)
			}
			if err != nil || len(want.Executions) == 0 || len(want.Resume) == 0 || len(want.Jobs) == 0 || len(want.Objects) == 0 {
				t.Fatalf("recorded.json: %+v, %v", want, err)
			}
			a := startUp(t, dir)
			checkRecorded(t, a, &want)
			a.close()
			if status, out, stderr := runCommand(t, "store", "check", "--data", dir); status != 0 {
				t.Errorf("store check: got status %d, %s%s", status, out, stderr)
			}
			a = startUp(t, dir) // the migrated one, closed in peace
			for i := range want.Resume {
				want.Resume[i].Token = ""
			}
			checkRecorded(t, a, &want)
		})
	}
}

func checkRecorded(t *testing.T, a *app, want *recordedData) {
	ctx := t.Context()
	type described struct {
		Status, Output, Error string
		RedriveCount          int
	}
	describe := func(arn string) described {
		t.Helper()
		out, err := call[described](ctx, a, "", "states", "DescribeExecution", document{"executionArn": arn})
		if err != nil {
			t.Fatal(err)
		}
		return *out
	}
	history := func(arn string) (types []string) {
		t.Helper()
		type event struct {
			ID   int
			Type string
		}
		out, err := call[struct{ Events []event }](ctx, a, "", "states", "GetExecutionHistory", document{"executionArn": arn, "maxResults": 1000})
		if err != nil {
			t.Fatal(err)
		}
		for i, ev := range out.Events {
			if ev.ID != i+1 {
				t.Errorf("%s: event %d has the id %d", arn, i+1, ev.ID)
			}
			types = append(types, ev.Type)
		}
		return types
	}
	for _, x := range want.Executions {
		if diff := cmp.Diff(described{x.Status, x.Output, x.Error, x.Redrives}, describe(x.ARN)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", x.ARN, diff)
		}
		if diff := cmp.Diff(x.Types, history(x.ARN)); diff != "" {
			t.Errorf("history of %s (-want +got):\n%s", x.ARN, diff)
		}
	}
	for _, x := range want.Resume {
		if x.Token != "" {
			if err := do(ctx, a, "", "states", "SendTaskSuccess", document{"taskToken": x.Token, "output": `{"by":"the second"}`}); err != nil {
				t.Errorf("%s: %v", x.ARN, err)
			}
		}
		for deadline := time.Now().Add(time.Minute); describe(x.ARN).Status == "RUNNING" && time.Now().Before(deadline); {
			time.Sleep(10 * time.Millisecond)
		}
		if got := describe(x.ARN); got.Status != "SUCCEEDED" || got.Output != x.Output {
			t.Errorf("%s: got %+v; want %s", x.ARN, got, x.Output)
		}
		types := history(x.ARN)
		if n := len(types); types[0] != "ExecutionStarted" || types[n-1] != "ExecutionSucceeded" || slices.Index(types, "ExecutionSucceeded") != n-1 {
			t.Errorf("history of %s: %v", x.ARN, types)
		}
	}
	for _, x := range want.MapRuns {
		type counts struct{ Total, Succeeded, Failed int }
		type run struct {
			Status                string
			ItemCounts            counts
			ExecutionCounts       counts
			ToleratedFailureCount int
		}
		out, err := call[run](ctx, a, "", "states", "DescribeMapRun", document{"mapRunArn": x.ARN})
		if want := (counts{x.Succeeded + x.Failed, x.Succeeded, x.Failed}); err != nil || out.Status != "SUCCEEDED" || out.ItemCounts != want || out.ExecutionCounts != want {
			t.Errorf("%s: got %+v, %v; want %+v", x.ARN, out, err, want)
		}
		for status, want := range map[string]int{"SUCCEEDED": x.Succeeded, "FAILED": x.Failed} {
			list, err := call[struct {
				Executions []struct{ ExecutionArn string }
			}](ctx, a, "", "states", "ListExecutions", document{"mapRunArn": x.ARN, "statusFilter": status, "maxResults": 1000})
			if err != nil || len(list.Executions) != want {
				t.Errorf("children of %s that are %s: got %d, %v; want %d", x.ARN, status, len(list.Executions), err, want)
				continue
			}
			if types := history(list.Executions[0].ExecutionArn); types[0] != "ExecutionStarted" {
				t.Errorf("history of a child: %v", types)
			}
		}
	}
	for arn, definition := range want.Machines {
		out, err := call[struct{ Definition string }](ctx, a, "", "states", "DescribeStateMachine", document{"stateMachineArn": arn})
		if err != nil || out.Definition != definition {
			t.Errorf("%s: got %+v, %v", arn, out, err)
		}
	}
	for place, text := range want.Objects {
		bucket, key, _ := strings.Cut(place, "/")
		if got := objectText(t, a, bucket, key); got != text {
			t.Errorf("%s: got %d bytes; want %d", place, len(got), len(text))
		}
	}
	for _, j := range want.Jobs {
		type job struct {
			Status    string
			Container struct{ ExitCode int }
		}
		out, err := call[struct{ Jobs []job }](ctx, a, "", "batch", "DescribeJobs", document{"jobs": []string{j.ID}})
		if err != nil || len(out.Jobs) != 1 || out.Jobs[0].Status != j.Status || out.Jobs[0].Container.ExitCode != j.ExitCode {
			t.Errorf("job %s: got %+v, %v; want %+v", j.ID, out, err, j)
		}
	}
	for name, value := range want.Parameters {
		type parameter struct{ Parameter struct{ Value string } }
		if out, err := call[parameter](ctx, a, "", "ssm", "GetParameter", document{"name": name, "withDecryption": true}); err != nil || out.Parameter.Value != value {
			t.Errorf("%s: got %+v, %v; want %q", name, out, err, value)
		}
	}
	for _, name := range want.Queues {
		if err := do(ctx, a, "", "sqs", "GetQueueUrl", document{"queueName": name}); err != nil {
			t.Errorf("queue %s: %v", name, err)
		}
	}
	for _, name := range want.Rules {
		if err := do(ctx, a, "", "events", "DescribeRule", document{"name": name}); err != nil {
			t.Errorf("rule %s: %v", name, err)
		}
	}
	checkRecordedTable(t, a, want.Query.SQL, want.Query.Row)
}

// A directory that a newer release has made is refused, and nothing of it is
// changed.
func TestNewerDirectoriesAreRefused(t *testing.T) {
	archives := recordedArchives(t)
	latest := archives[len(archives)-1]
	sql := func(t *testing.T, dir, statement string) {
		t.Helper()
		conn, err := sqlite.OpenConn(filepath.Join(dir, "state.db"))
		if err == nil {
			err = errors.Join(sqlitex.ExecuteTransient(conn, statement, nil), conn.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, tt := range map[string]struct {
		make func(t *testing.T, dir string)
		want string
	}{
		"tables": {func(t *testing.T, dir string) {
			sql(t, dir, `UPDATE schema_version SET version = 99 WHERE part = 'batch'`)
		}, "the tables of batch are of version 99, which a newer salamander made; this one knows "},
		"part": {func(t *testing.T, dir string) {
			sql(t, dir, `INSERT INTO schema_version VALUES ('teleport', 1)`)
		}, "it has the tables of teleport, which a newer salamander made"},
		"log": {func(t *testing.T, dir string) {
			logs, err := filepath.Glob(filepath.Join(dir, "turns", "*.log"))
			if err != nil || len(logs) == 0 {
				t.Fatal("no log")
			}
			f, err := os.OpenFile(logs[len(logs)-1], os.O_RDWR, 0)
			if err == nil {
				_, err = f.WriteAt([]byte("SLMNLOG2"), 0)
				err = errors.Join(err, f.Close())
			}
			if err != nil {
				t.Fatal(err)
			}
		}, "is of format 2, which a newer salamander wrote; this one reads format 1"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := unpackRecorded(t, latest)
			tt.make(t, dir)
			t.Chdir(t.TempDir())
			for range 2 { // the first attempt changes nothing
				status, _, stderr := runCommand(t, "up", "--data", dir, "--aws-addr", "127.0.0.1:0", "--warehouse-addr", "127.0.0.1:0", "--console-addr", "off")
				if status != exitFailed || !strings.Contains(stderr, tt.want) {
					t.Errorf("got status %d, %q; want %q", status, stderr, tt.want)
				}
			}
		})
	}
}

// objectText reads an object.
func objectText(t *testing.T, a *app, bucket, key string) string {
	t.Helper()
	in, err := json.Marshal(document{"Bucket": bucket, "Key": key})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := a.registry.Call(t.Context(), "s3", "GetObject", &operation.Request{Caller: a.owner(), Input: in})
	if err != nil {
		t.Errorf("%s/%s: %v", bucket, key, err)
		return ""
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Errorf("%s/%s: %v", bucket, key, err)
	}
	return string(text)
}
