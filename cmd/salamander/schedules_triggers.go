package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"salamander/event"
)

func newTriggers(c *console) *cobra.Command {
	cfg := defaultConfig()
	cmd := &cobra.Command{
		Use:   "triggers",
		Short: "Tell what the triggers of the running server wait for",
		Long: `triggers tells for each trigger of salamander.yaml which dates have started, and
what the others wait for:

    triggers:
      daily-refresh:
        bucket: landing
        keys: ["sales/{date}/part-*.csv", "items/{date}.csv"]
        success: sales/{date}/_SUCCESS     # or count: 5, or manifest: sales/{date}/manifest
        quiet: 30s
        deadline: "06:00"                  # of the next day; deadline-days, timezone, weekdays
        start: refresh                     # a state machine's name, or the ARN of a target
        input: {run_date: "{date}"}

A date starts once, when all is there and nothing more came for the quiet time.
Files that miss the deadline are told by the event "Salamander Files Late" of the
source "salamander.triggers" on the default bus.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := cfg.load(cmd.Flags(), os.Getenv); err != nil {
				return err
			}
			server, err := dial(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			var all []event.TriggerStatus
			if err := server.post(cmd.Context(), triggersPath, struct{}{}, &all); err != nil {
				return err
			}
			return c.printTriggers(all)
		},
	}
	cfg.flags(cmd.Flags(), "data")
	return cmd
}

func (c *console) printTriggers(all []event.TriggerStatus) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(c.out, "the server has no triggers: declare them in its salamander.yaml")
		return err
	}
	for _, t := range all {
		fmt.Fprintf(c.out, "%s  s3://%s -> %s\n", t.Name, t.Bucket, t.Target)
		if !t.Deadline.IsZero() {
			fmt.Fprintf(c.out, "  next deadline %s\n", t.Deadline.Format(time.RFC3339))
		}
		if len(t.Days) == 0 {
			fmt.Fprintln(c.out, "  no file has come yet")
		}
		for _, d := range t.Days {
			late := ""
			if d.Late {
				late = "late; "
			}
			if d.Started.IsZero() {
				fmt.Fprintf(c.out, "  %s  %s%s\n", d.Date, late, d.Progress)
			} else {
				fmt.Fprintf(c.out, "  %s  %sstarted %s\n", d.Date, late, d.Started.Format(time.RFC3339))
			}
		}
	}
	return nil
}
