//go:build cgo && linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// outliveJob holds a transaction while the server is killed: it says that it is
// there, waits for the file "go" and goes on.
const outliveJob = `
create table if not exists seen (a int);
begin;
insert into seen values (1);
\echo ready
\! while [ ! -e "$GO" ]; do sleep 0.02; done
insert into seen values (2);
commit;
\t
select count(*) from seen;
\echo done
`

type outliveDetail struct {
	Status, StatusReason string
	Attempts             []struct {
		StatusReason string
		Container    struct{ ExitCode *int }
	}
}

// submitOutlive submits the job, and returns its id.
func (c *crashed) submitOutlive(t *testing.T, goFile string) string {
	t.Helper()
	server, err := readServer(c.dir)
	must(t, err)
	host, port, _ := strings.Cut(server.Warehouse, ":")
	password, err := warehousePassword(c.dir)
	must(t, err)
	script := filepath.Join(t.TempDir(), "job.sql")
	must(t, os.WriteFile(script, []byte(outliveJob), 0o600))
	var job struct {
		JobID string `json:"jobId"`
	}
	must(t, c.client.call(t.Context(), "batch", "RegisterJobDefinition", document{"jobDefinitionName": "outlive", "type": "container",
		"containerProperties": document{"image": "crash/env", "command": []string{c.program, "psql", "--allow-shell", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", host, "-p", port, "-f", script},
			"environment": []document{{"name": "PGUSER", "value": warehouseUser}, {"name": "PGDATABASE", "value": warehouseDatabase},
				{"name": "PGPASSWORD", "value": password}, {"name": "GO", "value": goFile}},
			"resourceRequirements": []document{{"type": "VCPU", "value": "0.25"}, {"type": "MEMORY", "value": "128"}}},
		"retryStrategy": document{"attempts": 2, "evaluateOnExit": []document{{"onStatusReason": "Host EC2*", "action": "RETRY"}, {"onReason": "*", "action": "EXIT"}}}}, nil))
	must(t, c.client.call(t.Context(), "batch", "SubmitJob", document{"jobName": "o", "jobQueue": "q", "jobDefinition": "outlive"}, &job))
	return job.JobID
}

func (c *crashed) job(t *testing.T, id string) outliveDetail {
	t.Helper()
	var out struct {
		Jobs []outliveDetail `json:"jobs"`
	}
	must(t, c.client.call(t.Context(), "batch", "DescribeJobs", document{"jobs": []string{id}}, &out))
	if len(out.Jobs) != 1 {
		t.Fatalf("job %s: got %+v", id, out)
	}
	return out.Jobs[0]
}

// printed returns the lines of all jobs, in order.
func (c *crashed) printed(t *testing.T) (lines []string) {
	t.Helper()
	var out struct {
		Events []struct {
			Message string `json:"message"`
		} `json:"events"`
	}
	if err := c.client.call(t.Context(), "logs", "FilterLogEvents", document{"logGroupName": "/aws/batch/job"}, &out); err != nil {
		return nil // there is no group yet
	}
	for _, e := range out.Events {
		if strings.Contains(e.Message, "INFO:") { // the table is there
			continue
		}
		lines = append(lines, strings.TrimSpace(e.Message))
	}
	return lines
}

func (c *crashed) restart(t *testing.T) {
	t.Helper()
	c.start(t)
	if !c.connect(t, time.Now().Add(30*time.Second)) {
		t.Fatalf("no answer: %s", &c.out)
	}
}

func (c *crashed) until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(60 * time.Second); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s; printed %q\n%s", what, c.printed(t), &c.out)
		}
	}
}

// shims returns the processes that work in the attempts' directories.
func (c *crashed) shims(t *testing.T) (pids []int) {
	t.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/cwd")
	must(t, err)
	for _, link := range links {
		if at, err := os.Readlink(link); err == nil && strings.HasPrefix(at, filepath.Join(c.dir, "attempts")+"/") {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(link)))
			pids = append(pids, pid)
		}
	}
	return pids
}

// A job with an open transaction survives a kill of the server, which finds it
// and the warehouse again; every line is in its log once. A stop in peace
// leaves it too. Where the job's shim is killed, its host is gone.
func TestJobOutlivesTheServer(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	program := binary(t)
	must(t, os.WriteFile(filepath.Join(filepath.Dir(program), "salamander.yaml"), []byte("images:\n  crash/env: ["+found(t, "env")+"]\n"), 0o600))
	c := &crashed{program: program, dir: t.TempDir()}
	c.restart(t)
	must(t, c.setUp(t.Context()))
	goFile := filepath.Join(t.TempDir(), "go")
	id := c.submitOutlive(t, goFile)
	c.until(t, "the job is not ready", func() bool { return slices.Contains(c.printed(t), "ready") })
	c.kill()
	c.restart(t)
	if got := c.job(t, id); got.Status != "RUNNING" || len(got.Attempts) != 0 {
		t.Errorf("after the kill: got %+v\n%s", got, &c.out)
	}
	must(t, c.cmd.Process.Signal(os.Interrupt))
	_ = c.cmd.Wait() // with the status of an interrupt
	if !strings.Contains(c.out.String(), "1 job goes on without the server") {
		t.Errorf("interrupted: got %s", &c.out)
	}
	must(t, os.WriteFile(goFile, nil, 0o600))
	c.restart(t)
	c.until(t, "the job does not end", func() bool { s := c.job(t, id).Status; return s == "SUCCEEDED" || s == "FAILED" })
	if got := c.job(t, id); got.Status != "SUCCEEDED" || len(got.Attempts) != 1 {
		t.Errorf("got %+v", got)
	}
	if got, want := c.printed(t), []string{"ready", "2", "done"}; !slices.Equal(got, want) {
		t.Errorf("printed %q; want %q", got, want)
	}

	must(t, os.Remove(goFile))
	id = c.submitOutlive(t, goFile)
	c.until(t, "the second job is not ready", func() bool { return len(c.printed(t)) == 4 })
	for _, pid := range c.shims(t) {
		must(t, syscall.Kill(pid, syscall.SIGKILL))
	}
	must(t, os.WriteFile(goFile, nil, 0o600))
	c.until(t, "the second job does not end", func() bool { s := c.job(t, id).Status; return s == "SUCCEEDED" || s == "FAILED" })
	got := c.job(t, id)
	if got.Status != "SUCCEEDED" || len(got.Attempts) != 2 || !strings.HasPrefix(got.Attempts[0].StatusReason, "Host EC2 (instance i-") || got.Attempts[0].Container.ExitCode != nil {
		t.Errorf("got %+v", got)
	}
	if got, want := fmt.Sprint(c.printed(t)[4:]), "[ready 4 done]"; got != want {
		t.Errorf("printed %s; want %s", got, want)
	}
	must(t, c.cmd.Process.Signal(os.Interrupt))
	_ = c.cmd.Wait()
}
