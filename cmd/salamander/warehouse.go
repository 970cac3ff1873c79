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

// newWarehouse is the warehouse's child process. The supervisor starts it;
// nobody else can, since it takes its connections from there.
func newWarehouse(*console) *cobra.Command {
	return &cobra.Command{
		Use:    "warehouse",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			signal.Ignore(os.Interrupt, syscall.SIGTERM) // the parent says when
			log := slog.New(slog.NewTextHandler(os.Stderr, nil))
			return warehouse.RunChild(cmd.Context(), duck.Open, log)
		},
	}
}
