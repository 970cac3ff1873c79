package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// readyPath tells what the server is not ready for.
const readyPath = "/_salamander/ready"

// readiness is the answer of readyPath: a line a part, as /readyz gives them.
type readiness struct {
	Ready bool
	Text  string
}

func newReady(c *console) *cobra.Command {
	cfg := defaultConfig()
	wait := time.Duration(0)
	cmd := &cobra.Command{
		Use:   "ready",
		Short: "Tell whether the server takes work",
		Long: `ready asks the server that runs on the data directory whether its parts take
work: one line a part. Exit status: 0 when all do, 1 when one does not, 6 when
no server runs. With --wait it asks until they do.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := cfg.load(cmd.Flags(), os.Getenv); err != nil {
				return err
			}
			if wait < 0 {
				return exitf(exitUsage, "--wait: got %s; need a time such as 30s", wait)
			}
			for deadline := time.Now().Add(wait); ; {
				told, err := askReady(cmd.Context(), cfg)
				if err == nil && told.Ready || time.Now().After(deadline) || cmd.Context().Err() != nil {
					fmt.Fprint(c.out, told.Text)
					if err == nil && !told.Ready {
						err = exitf(exitFailed, "the server on %s is not ready", cfg.Data)
					}
					return err
				}
				time.Sleep(200 * time.Millisecond)
			}
		},
	}
	cmd.Flags().DurationVar(&wait, "wait", 0, "how long to wait for it, such as 30s")
	cfg.flags(cmd.Flags(), "data")
	return cmd
}

// askReady asks the server once.
func askReady(ctx context.Context, cfg config) (told readiness, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	server, err := dial(ctx, cfg)
	if err != nil {
		return told, err
	}
	return told, server.post(ctx, readyPath, struct{}{}, &told)
}

// A check is a part of the server and what keeps it from working.
type check struct {
	name string
	err  error
}

// checks looks at the parts. A server that is healthy but not ready takes up
// what it had in hand, or waits for its warehouse.
func (a *app) checks(ctx context.Context, ready bool) []check {
	_, err := a.db.Undelivered(ctx)
	checks := []check{{"store", err}, {"commits", a.ops.store.failing()}}
	if ready {
		checks = append(checks, check{"recovery", a.recovered()}, check{"warehouse", a.warehouseAnswers(ctx)})
	}
	return checks
}

// readinessOf makes one line a check.
func readinessOf(checks []check) readiness {
	all := true
	var b strings.Builder
	for _, c := range checks {
		if c.err == nil {
			fmt.Fprintf(&b, "ok      %s\n", c.name)
			continue
		}
		all = false
		fmt.Fprintf(&b, "failed  %s: %s\n", c.name, strings.Join(strings.Fields(c.err.Error()), " "))
	}
	return readiness{all, b.String()}
}

func (a *app) recovered() error {
	if !a.ops.started.Load() {
		return errors.New("what the last server left is being taken up")
	}
	return nil
}

// warehouseAnswers reports what keeps the warehouse from taking a connection.
func (a *app) warehouseAnswers(ctx context.Context) error {
	if p := a.health.warehouseNow(ctx); p.State != "ok" {
		return fmt.Errorf("%s: %s", p.State, p.Detail)
	}
	return nil
}
