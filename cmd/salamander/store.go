package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"salamander/store"
)

func newStore(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "store",
		Short: "Check, copy and restore a data directory",
		Args:  noArgs,
	}
	cmd.AddCommand(newStoreCheck(c), newStoreBackup(c), newStoreRestore(c))
	return cmd
}

func newStoreCheck(c *console) *cobra.Command {
	cfg := defaultConfig()
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Read a whole data directory and tell what is wrong with it",
		Long: `check reads the database, the log of turns and the files of objects, and
changes nothing. A server may run on the directory. It ends with status 1
where something is wrong: restore a backup then.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := cfg.load(cmd.Flags(), os.Getenv); err != nil {
				return err
			}
			r, err := store.Check(cmd.Context(), cfg.Data)
			if err != nil {
				return err
			}
			printReport(c.out, r)
			if n := len(r.Problems); n > 0 {
				return exitf(exitFailed, "%d problems in %s", n, cfg.Data)
			}
			return nil
		},
	}
	cfg.flags(cmd.Flags(), "data")
	return cmd
}

func newStoreBackup(c *console) *cobra.Command {
	cfg := defaultConfig()
	cmd := &cobra.Command{
		Use:   "backup DIRECTORY",
		Short: "Copy a data directory, while a server runs on it",
		Long: `backup copies the data directory to a new one, whole as a kill at that moment
would have left it, and checks the copy. The files of warehouses are copied
only while no server runs: UNLOAD what must be kept, or stop the server.`,
		Args: oneArg("DIRECTORY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := cfg.load(cmd.Flags(), os.Getenv); err != nil {
				return err
			}
			if server, err := readServer(cfg.Data); err == nil && (server == nil || !alive(cmd.Context(), server)) {
				if err := endWarehouses(cmd.Context(), cfg.Data); err != nil {
					return err
				}
			}
			r, warehouses, err := store.Backup(cmd.Context(), cfg.Data, args[0])
			if err != nil {
				return err
			}
			printReport(c.out, r)
			if !warehouses {
				fmt.Fprintln(c.out, "The server runs: its warehouses were not copied. `salamander warehouse backup` copies one while it serves.")
			}
			return nil
		},
	}
	cfg.flags(cmd.Flags(), "data")
	return cmd
}

func newStoreRestore(c *console) *cobra.Command {
	cfg := defaultConfig()
	cmd := &cobra.Command{
		Use:   "restore DIRECTORY",
		Short: "Make a data directory of a backup",
		Long: `restore copies a backup to the data directory, which must be empty or not be
there, and checks it: of a damaged one nothing is left. Executions that were open go on when a server is started
on it: start only one of several copies.`,
		Args: oneArg("DIRECTORY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := cfg.load(cmd.Flags(), os.Getenv); err != nil {
				return err
			}
			r, err := store.Restore(cmd.Context(), args[0], cfg.Data)
			var damaged *store.BackupError
			if errors.As(err, &damaged) {
				for _, p := range damaged.Problems {
					fmt.Fprintln(c.err, p)
				}
				return exitf(exitFailed, "%s is damaged: nothing was restored to %s", args[0], cfg.Data)
			}
			if err != nil {
				return err
			}
			printReport(c.out, r)
			return nil
		},
	}
	cfg.flags(cmd.Flags(), "data")
	return cmd
}

func oneArg(name string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return exitf(exitUsage, "%s needs one argument, %s (see %s --help)", cmd.CommandPath(), name, cmd.CommandPath())
		}
		return nil
	}
}

func printReport(w io.Writer, r store.Report) {
	fmt.Fprintf(w, "%d executions, %d of them open; %d events; %d turns in the log only; %d objects\n", r.Executions, r.Open, r.Events, r.Records, r.Objects)
	for _, p := range r.Problems {
		fmt.Fprintln(w, p)
	}
}
