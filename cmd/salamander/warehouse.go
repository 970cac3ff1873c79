package main

import (
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"salamander/warehouse"
	"salamander/warehouse/duck"
)

// newWarehouse is the commands that keep a warehouse, and without one of them
// the warehouse's child process. The supervisor starts it; nobody else can,
// since it takes its connections from there.
func newWarehouse(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "warehouse",
		Short: "Back up, restore and compact the embedded warehouse",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			signal.Ignore(os.Interrupt, syscall.SIGTERM) // the parent says when
			log := slog.New(slog.NewTextHandler(os.Stderr, nil))
			return warehouse.RunChild(cmd.Context(), duck.Open, log)
		},
	}
	addUpkeep(c, cmd)
	return cmd
}
