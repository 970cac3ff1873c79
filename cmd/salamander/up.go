package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/spf13/cobra"

	"salamander/internal/garbage"
)

func newUp(c *console) *cobra.Command {
	cfg := defaultConfig()
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Serve the whole stack until interrupted",
		Long: `up serves the AWS endpoint, the warehouse and the web console until it is
interrupted. The console's link logs one browser in; "salamander console" prints
another. All that
was acknowledged is in the data directory: executions go on where they were
when it is started again, after a kill -9 as well.

Settings are flags, SALAMANDER_<FLAG> variables, or keys of salamander.yaml,
which also maps the images of Batch jobs to commands:

    data: ./data
    images:
      myorg/etl*: python3 /opt/etl/job.py
      busybox: [/bin/busybox]`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := cfg.load(cmd.Flags(), os.Getenv); err != nil {
				return err
			}
			return up(cmd.Context(), c, cfg)
		},
	}
	cfg.flags(cmd.Flags())
	return cmd
}

// settling is how long after its start a server has read what only the start
// needs.
const settling = 500 * time.Millisecond

// up serves until ctx ends or a part of the stack fails.
func up(ctx context.Context, c *console, cfg config) error {
	garbage.Allow(64 << 20)
	a, err := openApp(cfg, c.logger(cfg.LogFormat, cfg.level()), listen)
	if err != nil {
		return err
	}
	err = a.start(ctx)
	if err == nil {
		a.greet(c.out)
		settled := time.AfterFunc(settling, func() { _, _ = garbage.ReleasePages() }) // it is only thrift
		err = a.wait(ctx)
		settled.Stop()
		a.leaveJobs(c.out)
	}
	if closeErr := a.close(); err == nil {
		err = closeErr
	}
	return err
}

// greet tells where the stack listens.
func (a *app) greet(w io.Writer) {
	fmt.Fprintf(w, "AWS endpoint  http://%s\n", a.server.AWS)
	fmt.Fprintf(w, "Warehouse     %s  user %s  database %s\n", a.server.Warehouse, a.warehouse.user, a.warehouse.database)
	if behind := a.config.behindWarehouse(); behind != "" {
		fmt.Fprintf(w, "              before %s\n", behind)
	}
	a.greetConsole(w)
	if a.server.Ops != "" {
		fmt.Fprintf(w, "Metrics       http://%s/metrics\n", a.server.Ops)
	}
	fmt.Fprintf(w, "Data          %s\n", a.config.Data)
	fmt.Fprintf(w, "Shell         eval \"$(%s env --data %s)\"\n", programName(), shellQuote(a.config.Data))
	for _, l := range [][2]string{{a.config.AWSAddr, a.server.AWS}, {a.config.WarehouseAddr, a.server.Warehouse}, {a.config.ConsoleAddr, a.server.Console}} {
		if _, port, err := net.SplitHostPort(l[0]); err == nil && port != "0" && l[0] != l[1] {
			fmt.Fprintf(w, "              %s is taken or was taken before: %s instead\n", l[0], l[1])
		}
	}
}
