package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"salamander/api/sigv4"
	"salamander/batch"
	"salamander/batch/fetchrun"
	"salamander/batch/process"
	"salamander/store"
)

// fetchRunImage matches the image of the example, which is built in.
const fetchRunImage = "*fetchrunpsql"

// openJobs connects Batch with processes, logs and sessions, and the
// functions with theirs.
func (a *app) openJobs() error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this executable: %w", err)
	}
	images := map[string][]string{fetchRunImage: {self, "fetch-and-run"}}
	for image, argv := range a.config.Images {
		images[image] = argv
	}
	endpoint := "http://" + a.server.AWS
	var shim []string
	if a.config.outlives() {
		shim = []string{self, shimArgument}
	}
	a.executor = process.New(process.Options{
		Images:  images,
		Dir:     filepath.Join(a.config.Data, "jobs"),
		Shim:    shim,
		Kept:    filepath.Join(a.config.Data, "attempts"),
		OnError: func(err error) { a.log.Error("jobs", "err", err) },
		Env: []string{
			"AWS_ENDPOINT_URL=" + endpoint,
			"AWS_REGION=" + a.config.Region,
			"AWS_DEFAULT_REGION=" + a.config.Region,
			"AWS_EC2_METADATA_DISABLED=true",
			"AWS_DISABLE_HOST_PREFIX_INJECTION=true",
		},
	})
	var executor batch.Executor = a.executor
	if shim != nil && a.config.Warehouse == "" {
		executor = warmExecutor{a.executor, a}
	}
	a.batch = batch.New(batch.Options{
		Store:       store.NewBatch(a.db),
		Executor:    executor,
		EndJobs:     a.config.endsJobs(),
		Logs:        jobLogs{a.logs, a.log},
		Credentials: jobCredentials{a.identity},
		OnError:     func(err error) { a.log.Error("batch", "err", err) },
	})
	return a.openFunctions(filepath.Join(a.config.Data, "functions"), store.NewFunctions(a.db))
}

// shimArgument makes this program the shim of a job: see [process.RunShim]. It is
// no command for people.
const shimArgument = "__shim"

// outlives reports whether jobs and the warehouse outlive a server that is
// killed.
func (c *config) outlives() bool { return !c.Temporary && !c.StopJobs }

// endsJobs reports whether the server ends its jobs when it is stopped.
func (c *config) endsJobs() bool { return c.Temporary || c.StopJobs || c.Demo }

// leaveJobs tells what goes on without the server.
func (a *app) leaveJobs(w io.Writer) {
	n := a.batch.Running()
	if n == 0 || a.config.endsJobs() {
		return
	}
	jobs := "1 job goes"
	if n > 1 {
		jobs = fmt.Sprint(n, " jobs go")
	}
	fmt.Fprintf(w, "%s on without the server; the next \"%s up\" on this data directory takes over. (--stop-jobs ends them.)\n", jobs, programName())
}

// fetchAndRun is the program of the built-in image, which Batch starts as
// `salamander fetch-and-run`. It is no command for people.
func fetchAndRun(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintln(stderr, err)
		return exitFailed
	}
	fetch := objectFetcher{
		endpoint: os.Getenv("AWS_ENDPOINT_URL"),
		region:   os.Getenv("AWS_REGION"),
		credentials: sigv4.Credentials{
			AccessKey: os.Getenv("AWS_ACCESS_KEY_ID"), Secret: os.Getenv("AWS_SECRET_ACCESS_KEY"), SessionToken: os.Getenv("AWS_SESSION_TOKEN")},
	}
	return fetchrun.Main(ctx, args, os.Getenv, os.Environ(), fetch, self, stdout, stderr)
}
