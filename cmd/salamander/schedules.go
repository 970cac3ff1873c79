package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"salamander/event"
	"salamander/event/schedule"
)

func newSchedules(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "schedules",
		Short: "Tell when schedules happen",
		Long: `Rules and schedules are made with the AWS tools: aws events put-rule, aws scheduler
create-schedule. What becomes of occurrences that were missed while no server ran, and
of those that come while an earlier one still runs, is said by tags (of a rule, or of a
schedule's group) or by salamander.yaml:

    schedules:
      rule/nightly:             {catch-up: last, overlap: queue}
      schedule/default/hourly:  {catch-up: all}
      trigger/daily:            {overlap: skip}

catch-up is skip, last (as when nothing is said) or all; the tag is salamander:catch-up.
overlap is allow (as when nothing is said), skip or queue; the tag is salamander:overlap.
It looks at executions of state machines and at Batch jobs.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newSchedulesNext(c))
	return cmd
}

func newSchedulesNext(c *console) *cobra.Command {
	cfg := defaultConfig()
	count, zoneName, from := 0, "UTC", ""
	cmd := &cobra.Command{
		Use:   "next [EXPRESSION]",
		Short: "Print the next times of an expression, or of all rules and schedules",
		Long: `next prints when an expression happens next, without a server:

    salamander schedules next 'cron(30 2 ? * MON-FRI *)' --timezone Europe/Berlin

What falls into the hour that spring leaves out is left out; what falls into the
hour that autumn repeats happens once. A rate counts from now, or from --from.

Without an expression it prints the next times of the rules and schedules of
the server that runs on the data directory.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return exitf(exitUsage, "one expression at most: quote it, since it has blanks and brackets")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if count < 1 || count > 10_000 {
				return exitf(exitUsage, "--count: got %d; need 1 to 10000", count)
			}
			zone, err := event.LoadZone(zoneName)
			if err != nil {
				return exitf(exitUsage, "--timezone: %w", err)
			}
			start := time.Now().UTC().Truncate(time.Second)
			if from != "" {
				if start, err = parseMoment(from, zone); err != nil {
					return exitf(exitUsage, "--from: %w", err)
				}
			}
			if len(args) == 1 {
				return c.nextTimes(args[0], start, zone, count)
			}
			if err := cfg.load(cmd.Flags(), os.Getenv); err != nil {
				return err
			}
			return c.upcoming(cmd, cfg, zone, count, start)
		},
	}
	cfg.flags(cmd.Flags(), "data")
	cmd.Flags().IntVarP(&count, "count", "n", 5, "how many times")
	cmd.Flags().StringVar(&zoneName, "timezone", zoneName, "time zone of the expression and of what is printed")
	cmd.Flags().StringVar(&from, "from", "", "begin after this time, such as 2026-03-28 or 2026-03-28T12:00 (default now)")
	return cmd
}

// parseMoment reads a date or a time.
func parseMoment(text string, zone *time.Location) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("got %q; need a time such as 2026-03-28T12:00", text)
}

// shownTime is how times are printed, with the offset of their zone.
const shownTime = "Mon 2006-01-02 15:04:05 -07:00"

func (c *console) nextTimes(expression string, start time.Time, zone *time.Location, count int) error {
	e, err := schedule.Parse(expression, schedule.Scheduler)
	if err != nil {
		return exitf(exitInvalid, "%w", err)
	}
	at := start
	for range count {
		next := e.Next(at, start, zone)
		if next.IsZero() {
			if at.Equal(start) {
				return exitf(exitFailed, "%s does not happen after %s", expression, start.In(zone).Format(shownTime))
			}
			break
		}
		fmt.Fprintln(c.out, next.In(zone).Format(shownTime))
		at = next
	}
	return nil
}

// upcoming prints what a server does next.
func (c *console) upcoming(cmd *cobra.Command, cfg config, zone *time.Location, count int, start time.Time) error {
	server, err := dial(cmd.Context(), cfg)
	if err != nil {
		return err
	}
	var all []event.Upcoming
	if err := server.post(cmd.Context(), schedulesPath, struct{}{}, &all); err != nil {
		return err
	}
	if len(all) == 0 {
		_, err := fmt.Fprintln(c.out, "no rule or schedule has times")
		return err
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	for _, u := range all {
		times := "never again"
		if !u.Enabled {
			times = "disabled"
		} else if u.NoTargets {
			times = "enabled, but has no targets: calls nothing"
		} else if next, err := u.Times(start, count); err != nil {
			return err
		} else if len(next) > 0 {
			shown := make([]string, len(next))
			for i, t := range next {
				shown[i] = t.In(zone).Format(shownTime)
			}
			times = strings.Join(shown, "\n\t\t")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", u.Name, u.Expression, times)
	}
	return w.Flush()
}

// dates lists the dates of a range, the newest first if asked.
func dates(from, to time.Time, newest bool) []time.Time {
	var all []time.Time
	for d := from; !d.After(to); d = d.AddDate(0, 0, 1) {
		all = append(all, d)
	}
	if newest {
		slices.Reverse(all)
	}
	return all
}
