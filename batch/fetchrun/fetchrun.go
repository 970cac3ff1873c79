// Package fetchrun is the program of the image fetch-and-run: it fetches a
// script from S3 and runs it, as AWS's fetch_and_run.sh does, with the mode
// script_psql for scripts that run SQL files.
//
// What it prints and how it ends is what the shell script does: 2 with the
// usage on standard output for wrong variables, 1 with a line on standard
// error for what cannot be fetched, otherwise what the fetched script ends
// with.
//
// https://github.com/awslabs/aws-batch-helpers/tree/master/fetch-and-run
package fetchrun

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A Fetcher reads objects.
type Fetcher interface {
	// Fetch returns the content of an object. The caller closes it.
	Fetch(ctx context.Context, bucket, key string) (io.ReadCloser, error)
}

// name is what the messages begin with: the script's own name in the image.
const name = "fetch_and_run_psql.sh"

// Exit statuses.
const (
	failed     = 1
	usage      = 2
	cannotExec = 126 // a shell's, for a file that cannot be executed
	terminated = 143
)

const usageText = `Usage:

export BATCH_FILE_TYPE="script"
export BATCH_FILE_S3_URL="s3://my-bucket/my-script"
` + name + ` script-from-s3 [ <script arguments> ]

  - or -

export BATCH_FILE_TYPE="zip"
export BATCH_FILE_S3_URL="s3://my-bucket/my-zip"
` + name + ` script-from-zip [ <script arguments> ]

  - or -

export BATCH_FILE_TYPE="script_psql"
export BATCH_FILE_S3_URL="s3://my-bucket/my-script"
export BATCH_FILE_SQL_S3_URL="s3://my-bucket/my-sql-file"
` + name + ` script-from-s3 [ <script arguments> ]
`

// A runner is one run of the program.
type runner struct {
	args           []string
	lookup         func(string) string
	environ        []string
	fetch          Fetcher
	self           string
	stdout, stderr io.Writer
	exec           func(file string, argv, env []string) error // returns only errors

	dir string // of the fetched files
}

// A stop ends the program with a status, after its text was printed.
type stop struct {
	status int
	text   string
}

// Main fetches and runs what the variables tell, with args, of which the
// first is for people only. It executes the script in place of this program,
// so that it returns, with the exit status, only when something is wrong, or
// when ctx ends. lookup and environ give the variables; self is the program
// that scripts find as psql if there is no other on their PATH.
func Main(ctx context.Context, args []string, lookup func(string) string, environ []string, fetch Fetcher, self string, stdout, stderr io.Writer) int {
	r := &runner{args: args, lookup: lookup, environ: environ, fetch: fetch, self: self,
		stdout: stdout, stderr: stderr, exec: replace}
	return r.main(ctx)
}

func (r *runner) main(ctx context.Context) int {
	end := r.run(ctx)
	if r.dir != "" && r.lookup("KEEP_BATCH_FILE_CONTENTS") == "" {
		os.RemoveAll(r.dir) // as its trap does, whatever comes of it
	}
	switch {
	case ctx.Err() != nil:
		return terminated
	case end.status == usage:
		fmt.Fprintf(r.stdout, "* %s\n\n%s", end.text, usageText)
	default:
		fmt.Fprintf(r.stderr, "%s - %s\n", name, end.text)
	}
	return end.status
}

// run returns only if the script could not be executed.
func (r *runner) run(ctx context.Context) stop {
	kind, url := r.lookup("BATCH_FILE_TYPE"), r.lookup("BATCH_FILE_S3_URL")
	scheme, _, _ := strings.Cut(url, ":")
	switch {
	case kind == "":
		return stop{usage, "BATCH_FILE_TYPE not set, unable to determine type (zip/script) of URL " + url}
	case url == "":
		return stop{usage, "BATCH_FILE_S3_URL not set. No object to download."}
	case scheme != "s3":
		return stop{usage, "BATCH_FILE_S3_URL must be for an S3 object; expecting URL starting with s3://"}
	}
	var mode func(context.Context, string) stop
	switch kind {
	case "script":
		mode = r.script
	case "script_psql":
		mode = r.scriptPsql
	case "zip":
		if len(r.args) == 0 {
			return stop{usage, "zip format requires at least one argument - the script to run from inside"}
		}
		mode = r.zip
	default:
		return stop{usage, "Unsupported value for BATCH_FILE_TYPE. Expected (zip/script/script_psql)."}
	}
	dir, err := filepath.Abs(cmp.Or(r.lookup("TMPDIR"), "/tmp"))
	if err == nil {
		dir, err = os.MkdirTemp(dir, "tmp.*")
	}
	if err != nil {
		return r.failure(err, "Failed to create temp directory.")
	}
	r.dir = dir
	return mode(ctx, url)
}

// failure prints why, as the command that failed would, and returns the text
// that follows it.
func (r *runner) failure(why error, text string) stop {
	fmt.Fprintln(r.stderr, why)
	return stop{failed, text}
}

// rest returns the arguments but for the first.
func (r *runner) rest() []string {
	if len(r.args) == 0 {
		return nil
	}
	return r.args[1:]
}

func (r *runner) script(ctx context.Context, url string) stop {
	file := filepath.Join(r.dir, "batch-file-temp")
	if err := r.download(ctx, url, file, 0o700); err != nil {
		return r.failure(err, "Failed to download S3 script.")
	}
	return r.execute(file, r.rest())
}

// scriptPsql runs the script with the SQL file as its last argument.
func (r *runner) scriptPsql(ctx context.Context, url string) stop {
	file := filepath.Join(r.dir, "batch-file-temp")
	if err := r.download(ctx, url, file, 0o700); err != nil {
		return r.failure(err, "Failed to download S3 script.")
	}
	sql := filepath.Join(r.dir, "sql-file-temp")
	if err := r.download(ctx, r.lookup("BATCH_FILE_SQL_S3_URL"), sql, 0o600); err != nil {
		return r.failure(err, "Failed to download psql S3 script.")
	}
	fmt.Fprintln(r.stdout, strings.Join(slices.Concat([]string{file}, r.rest(), []string{"-f", sql}), " "))
	return r.execute(file, slices.Concat(r.rest(), []string{sql}))
}

// download writes the object at url to a new file that only we may use.
func (r *runner) download(ctx context.Context, url, file string, mode os.FileMode) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("download failed: %s to - %w", url, err)
		}
	}()
	bucket, key, err := splitURL(url)
	if err != nil {
		return err
	}
	return r.patiently(ctx, func() error { return r.fetchTo(ctx, bucket, key, file, mode) })
}

// fetchTo writes an object to a file, over what an earlier try has left there.
func (r *runner) fetchTo(ctx context.Context, bucket, key, file string, mode os.FileMode) error {
	body, err := r.fetch.Fetch(ctx, bucket, key)
	if err != nil {
		return err
	}
	defer body.Close()
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, body); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// splitURL returns bucket and key of s3://bucket/key.
func splitURL(url string) (bucket, key string, err error) {
	path, ok := strings.CutPrefix(url, "s3://")
	bucket, key, slash := strings.Cut(path, "/")
	if !ok || !slash || bucket == "" || key == "" {
		return "", "", fmt.Errorf("%q is no URL of an object: need s3://bucket/key", url)
	}
	return bucket, key, nil
}
