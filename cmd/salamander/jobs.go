package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

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
	for image, command := range a.config.Images {
		images[image] = strings.Fields(command)
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

// newFetchAndRun is the program of the built-in image. Batch starts it; it is
// no command for people.
func newFetchAndRun(c *console) *cobra.Command {
	return &cobra.Command{
		Use:                "fetch-and-run",
		Short:              "Fetch a script from S3 and run it, as the image fetchrunpsql does",
		Hidden:             true,
		DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if status := fetchAndRun(cmd.Context(), c, args); status != 0 {
				return &exitError{status: status}
			}
			return nil
		},
	}
}

func fetchAndRun(ctx context.Context, c *console, args []string) int {
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintln(c.err, err)
		return exitFailed
	}
	fetch := objectFetcher{
		endpoint: os.Getenv("AWS_ENDPOINT_URL"),
		region:   os.Getenv("AWS_REGION"),
		credentials: sigv4.Credentials{
			AccessKey: os.Getenv("AWS_ACCESS_KEY_ID"), Secret: os.Getenv("AWS_SECRET_ACCESS_KEY"), SessionToken: os.Getenv("AWS_SESSION_TOKEN")},
	}
	return fetchrun.Main(ctx, args, os.Getenv, os.Environ(), fetch, self, c.out, c.err)
}
