package main

import (
	"os"

	"github.com/spf13/cobra"
)

// newPsql lists psql among the commands. Its arguments are psql's own, so
// that run hands them over before cobra reads them.
func newPsql(c *console) *cobra.Command {
	return &cobra.Command{
		Use:                "psql [OPTION]... [DBNAME [USERNAME]]",
		Short:              "Run SQL scripts as psql does",
		DisableFlagParsing: true,
		RunE: func(_ *cobra.Command, args []string) error {
			if status := runPsql(args, os.Stdin, c.out, c.err); status != 0 {
				return &exitError{status: status}
			}
			return nil
		},
	}
}
