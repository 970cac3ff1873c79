package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"salamander/examples/refresh"
	"salamander/tpcds"
)

// A demoFlags holds the demo's own settings.
type demoFlags struct {
	scale float64
	seed  uint64
	date  string
	poll  int
}

func newDemo(c *console) *cobra.Command {
	cfg := defaultConfig()
	cfg.Data, cfg.LogLevel = "", "warn"
	f := demoFlags{}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run the example: generate, load, refresh twice, verify",
		Long: `demo starts the whole stack on loopback, generates TPC-DS-shaped data, loads the
warehouse by a Batch job, runs the state machine of the refresh, prints the
result of the verification query, runs the refresh again and compares the
checksums of every table.

With --data the directory stays: a demo that was killed goes on there with the
same execution, and ` + "`salamander up --data DIR`" + ` serves what it made.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir := ""
			if !cmd.Flags().Changed("data") {
				removeStale(os.TempDir())
				var err error
				if dir, err = os.MkdirTemp("", temporaryPrefix); err != nil {
					return err
				}
				defer os.RemoveAll(dir)
				cfg.Data = dir // unless the environment or the file names another
			}
			if err := cfg.load(cmd.Flags(), os.Getenv); err != nil {
				return err
			}
			return runDemo(cmd.Context(), c, cfg, f, cfg.Data == dir)
		},
	}
	cfg.flags(cmd.Flags())
	cmd.Flags().Float64Var(&f.scale, "scale", tpcds.DefaultScale, "size of the data; 1 is the row counts of 1 GB")
	cmd.Flags().Uint64Var(&f.seed, "seed", 1, "seed of the data")
	cmd.Flags().StringVar(&f.date, "date", "2003-01-02", "day to refresh")
	cmd.Flags().IntVar(&f.poll, "poll", 1, "seconds between two looks at a job; the published machine waits 30")
	return cmd
}

func runDemo(ctx context.Context, c *console, cfg config, f demoFlags, temporary bool) (err error) {
	day, err := time.Parse(time.DateOnly, f.date)
	if err != nil {
		return exitf(exitUsage, "--date: got %q; need a date such as 2003-01-02", f.date)
	}
	if f.poll < 1 {
		return exitf(exitUsage, "--poll: got %d; need at least 1 second", f.poll)
	}
	if f.scale < 0.0001 || f.scale > 100 {
		return exitf(exitUsage, "--scale: got %g; need 0.0001 to 100", f.scale)
	}
	options := tpcds.Options{Seed: f.seed, Scale: f.scale, Dates: []time.Time{day}}
	if err := options.Validate(); err != nil {
		return exitf(exitUsage, "--date: %w", err)
	}
	cfg.Temporary, cfg.Demo = temporary, true
	a, err := openApp(cfg, c.logger(cfg.LogFormat, cfg.level()), listenAgain(cfg.Data))
	if err != nil {
		return err
	}
	defer a.close()
	defer func() {
		if ctx.Err() != nil && !temporary {
			fmt.Fprintf(c.out, "\nInterrupted. Run it again with --data %s and it goes on.\n", shellQuote(cfg.Data))
		}
	}()
	_, pythonErr := exec.LookPath("python3")
	record, err := openRecord(cfg.Data, demoRecord{Scale: f.scale, Seed: f.seed, Date: f.date, Poll: f.poll, Sync: pythonErr != nil})
	if err != nil {
		return err
	}
	if err := a.start(ctx); err != nil {
		return err
	}
	d := &demo{app: a, console: c, record: record, options: options, temporary: temporary}
	return d.run(ctx)
}

// A demo is one run of the example.
type demo struct {
	*app
	*console
	record    *demoRecord
	options   tpcds.Options
	stack     *demoStack
	temporary bool
}

func (d *demo) step(format string, args ...any) {
	fmt.Fprintf(d.out, "\n"+format+"\n", args...)
}

func (d *demo) run(ctx context.Context) error {
	began := time.Now()
	d.greet(d.out)
	if d.record.Generated {
		d.step("Going on where an earlier run on this directory ended.")
	}
	if d.record.Sync {
		d.step("No python3 on this machine: the state machine's variant with batch:submitJob.sync runs instead of the functions.")
	}
	if err := d.prepare(ctx); err != nil {
		return err
	}
	name := "ETLWorkflowDataRefreshfor" + d.record.Date
	if err := d.refresh(ctx, name, &d.record.First); err != nil {
		return err
	}
	if err := d.verify(ctx); err != nil {
		return err
	}
	if err := d.refresh(ctx, name+"-again", &d.record.Second); err != nil {
		return err
	}
	if err := d.compare(); err != nil {
		return err
	}
	d.step("Done in %s.", seconds(time.Since(began)))
	d.next()
	return nil
}

// prepare generates the data, makes the stack and loads the warehouse.
func (d *demo) prepare(ctx context.Context) (err error) {
	if err := d.makeBucket(ctx); err != nil {
		return err
	}
	if !d.record.Generated {
		d.step("Generate data at scale %g into %s", d.record.Scale, demoBucketURI)
		if err := d.generate(ctx, d.console, d.options); err != nil {
			return err
		}
		d.record.Generated = true
		if err := d.record.save(); err != nil {
			return err
		}
	}
	if d.record.Sync {
		d.stack, err = d.setUp(ctx)
	} else {
		d.stack, err = d.deploy(ctx)
	}
	if err != nil {
		return err
	}
	if d.record.Loaded {
		return nil
	}
	d.step("Load the warehouse: Batch job initial-load runs initial_load.sql")
	if err := d.load(ctx); err != nil {
		return err
	}
	d.record.Loaded = true
	return d.record.save()
}

// load submits the job of the initial load, once for a data directory, and
// waits for it.
func (d *demo) load(ctx context.Context) error {
	job, err := call[jobDetail](ctx, d.app, "demo-initial-load", "batch", "SubmitJob", document{
		"jobName": "initial-load", "jobQueue": d.stack.queue, "jobDefinition": d.stack.definition})
	if err != nil {
		return err
	}
	p := d.newProgress("load", "tables", int64(len(tpcds.Tables())))
	ended, err := d.waitJob(ctx, job.JobID, func(lines []string) {
		loaded := 0
		for _, line := range lines {
			if line == "COPY" || strings.HasPrefix(line, "COPY ") {
				loaded++
			}
		}
		p.add(int64(loaded) - p.done)
	})
	p.end(err == nil && ended.Status == "SUCCEEDED")
	if err == nil && ended.Status != "SUCCEEDED" {
		err = errors.New("the initial load failed: " + d.failure(ctx, ended))
	}
	return err
}

// refresh runs one execution and keeps the checksums of the tables after it.
func (d *demo) refresh(ctx context.Context, name string, sums *[]string) error {
	if len(*sums) > 0 {
		return nil
	}
	d.step("Refresh: execution %s", name)
	input := []byte(d.stack.input)
	if len(input) == 0 {
		var err error
		input, err = refresh.Input(refresh.Parameters{
			JobQueue: d.stack.queue, JobDefinition: d.stack.definition,
			Scripts: demoBucketURI + scriptPrefix, Date: d.record.Date, WaitSeconds: d.record.Poll,
		})
		if err != nil {
			return err
		}
	}
	arn, err := d.startExecution(ctx, d.stack.machine, name, json.RawMessage(input))
	if err != nil {
		return err
	}
	ended, err := d.follow(ctx, d.console, arn)
	if err != nil {
		return err
	}
	if ended.Status != "SUCCEEDED" {
		return d.explain(ctx, name, ended)
	}
	after, err := d.checksums(ctx)
	if err != nil {
		return err
	}
	*sums = after
	return d.record.save()
}

// explain tells at each level why the execution failed.
func (d *demo) explain(ctx context.Context, name string, ended *executionDetail) error {
	var b strings.Builder
	fmt.Fprintf(&b, "execution %s %s: error %q, cause %q", name, ended.Status, ended.Error, ended.Cause)
	failed, err := d.failedJobs(ctx, d.stack.queue, ended.Start.Time)
	if err != nil {
		return errors.Join(errors.New(b.String()), err)
	}
	for _, job := range failed {
		b.WriteString("\n  " + d.failure(ctx, job))
	}
	status := exitFailed
	switch ended.Status {
	case "TIMED_OUT":
		status = exitTimedOut
	case "ABORTED":
		status = exitAborted
	}
	return &exitError{status, errors.New(b.String())}
}

// verify runs the verification query. It must return rows.
func (d *demo) verify(ctx context.Context) error {
	d.step("Verify: who bought on %s, from where", d.record.Date)
	sql, err := refresh.VerificationQuery(d.record.Date)
	if err != nil {
		return err
	}
	conn, err := d.stack.warehouse.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	columns, rows, err := query(ctx, conn, sql)
	if err != nil {
		return fmt.Errorf("verification query: %w", err)
	}
	if len(rows) == 0 {
		return errors.New("the verification query returned no rows: the refresh did not load the day")
	}
	printTable(d.out, columns, rows, 10)
	return nil
}

// checksums returns a line for each table: its name, its number of rows and an
// order-independent checksum over all its columns.
func (d *demo) checksums(ctx context.Context) ([]string, error) {
	conn, err := d.stack.warehouse.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	var lines []string
	for _, t := range tpcds.Tables() {
		columns := make([]string, len(t.Columns))
		for i, col := range t.Columns {
			columns[i] = col.Name
		}
		_, rows, err := query(ctx, conn, refresh.Checksum(t.Name, columns))
		if err != nil {
			return nil, fmt.Errorf("checksum of %s: %w", t.Name, err)
		}
		if len(rows) != 1 || len(rows[0]) != 2 {
			return nil, fmt.Errorf("checksum of %s: got %d rows", t.Name, len(rows))
		}
		lines = append(lines, fmt.Sprintf("%s %s %s", t.Name, rows[0][0], rows[0][1]))
	}
	return lines, nil
}

// compare shows the checksums and fails when the second refresh changed
// something.
func (d *demo) compare() error {
	d.step("Idempotent: rows and checksums of every table after each refresh")
	rows := make([][]string, len(d.record.First))
	for i, line := range d.record.First {
		first := strings.Fields(line)
		same := "equal"
		if i >= len(d.record.Second) || d.record.Second[i] != line {
			same = "DIFFERENT"
		}
		rows[i] = append(first, same)
	}
	printTable(d.out, []string{"table", "rows", "checksum", "second refresh"}, rows, len(rows))
	if !slices.Equal(d.record.First, d.record.Second) {
		return errors.New("the second refresh changed the tables")
	}
	return nil
}

// next tells what to try.
func (d *demo) next() {
	program, dir := programName(), "./tour"
	fmt.Fprint(d.out, "\nNext:\n")
	if d.temporary {
		fmt.Fprintf(d.out, "  %s demo --data %s\n      keep everything; kill it and run it again: it goes on\n", program, dir)
	} else {
		dir = shellQuote(d.config.Data)
	}
	fmt.Fprintf(d.out, `  %[1]s up --data %[2]s
      serve it: aws, boto3 and psql work on it
  eval "$(%[1]s env --data %[2]s)"
      in another shell; then: aws stepfunctions list-state-machines
`, program, dir)
	w := d.stack.warehouse
	fmt.Fprintf(d.out, "  PGPASSWORD=%s psql -h %s -p %d -U %s -d %s\n      the warehouse of this example\n", shellQuote(w.password), w.host, w.port, w.user, w.database)
}

// programName returns how the user can call this program: by its name where
// it is on the PATH.
func programName() string {
	const name = "salamander"
	if _, err := exec.LookPath(name); err == nil {
		return name
	}
	if strings.Contains(os.Args[0], "go-build") { // go run
		return "bin/" + name
	}
	return shellQuote(os.Args[0])
}
