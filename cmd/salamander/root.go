package main

import (
	"io"
	"log/slog"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// A console is where a command reads and writes.
type console struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

// terminal reports whether the output is a terminal that can be redrawn.
func (c *console) terminal() bool {
	f, ok := c.out.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb"
}

// size returns the columns and rows of the terminal.
func (c *console) size() (columns, rows int) {
	if f, ok := c.out.(*os.File); ok {
		if w, h, err := term.GetSize(int(f.Fd())); err == nil && w > 0 && h > 0 {
			return w, h
		}
	}
	return 80, 24
}

func (c *console) logger(format string, level slog.Level) *slog.Logger {
	opt := &slog.HandlerOptions{Level: level}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(c.err, opt))
	}
	return slog.New(slog.NewTextHandler(c.err, opt))
}

func newRoot(c *console) *cobra.Command {
	root := &cobra.Command{
		Use:   "salamander",
		Short: "An AWS-style ETL stack in one program: it really runs",
		Long: `Salamander runs Step Functions state machines, Batch jobs, Lambda functions,
S3 objects and a Redshift-speaking warehouse on this machine, from the files
you already have.

Exit status: 0 success, 1 failed, 2 usage, 3 timed out, 4 aborted, 5 invalid,
6 not running, 130 interrupted.`,
		Version:       versionText(),
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cmd.Help()
		},
	}
	root.SetVersionTemplate("salamander {{.Version}}\n")
	root.SetIn(c.in)
	root.SetOut(c.out)
	root.SetErr(c.err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return exitf(exitUsage, "%w (see %s --help)", err, cmd.CommandPath())
	})
	root.AddCommand(
		newReady(c),
		newRun(c),
		newUp(c),
		newValidate(c),
		newSchedules(c),
		newTriggers(c),
		newDemo(c),
		newDeploy(c),
		newDestroy(c),
		newEnv(c),
		newEval(c),
		newGenerate(c),
		newLanguage(c),
		newBackfill(c),
		newConsoleCommand(c),
		newParity(c),
		newPsql(c),
		newRedrive(c),
		newSQL(c),
		newStore(c),
		newVersion(c),
		newWarehouse(c),
	)
	return root
}

// noArgs refuses arguments with the status for wrong usage.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return exitf(exitUsage, "unknown argument %q for %s (see %s --help)", args[0], cmd.CommandPath(), cmd.CommandPath())
	}
	return nil
}
