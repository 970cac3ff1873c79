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
	executor := process.New(process.Options{
		Images: images,
		Dir:    filepath.Join(a.config.Data, "jobs"),
		Env: []string{
			"AWS_ENDPOINT_URL=" + endpoint,
			"AWS_REGION=" + a.config.Region,
			"AWS_DEFAULT_REGION=" + a.config.Region,
			"AWS_EC2_METADATA_DISABLED=true",
			"AWS_DISABLE_HOST_PREFIX_INJECTION=true",
		},
	})
	a.batch = batch.New(batch.Options{
		Store:       store.NewBatch(a.db),
		Executor:    executor,
		Logs:        jobLogs{a.logs, a.log},
		Credentials: jobCredentials{a.identity},
		OnError:     func(err error) { a.log.Error("batch", "err", err) },
	})
	return a.openFunctions(filepath.Join(a.config.Data, "functions"), store.NewFunctions(a.db))
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
