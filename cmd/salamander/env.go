package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func newEnv(c *console) *cobra.Command {
	cfg := defaultConfig()
	cmd := &cobra.Command{
		Use:   "env",
		Short: "Print shell exports for the server that runs on a data directory",
		Long: `env prints what the AWS tools and psql need to reach the server that runs on
the data directory, with the addresses it really has:

    eval "$(salamander env)"
    aws stepfunctions list-state-machines
    psql`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := cfg.load(cmd.Flags(), os.Getenv); err != nil {
				return err
			}
			return printEnv(cmd.Context(), c, cfg)
		},
	}
	cfg.flags(cmd.Flags(), "data")
	return cmd
}

func printEnv(ctx context.Context, c *console, cfg config) error {
	server, err := readServer(cfg.Data)
	if err != nil {
		return err
	}
	if server == nil || !alive(ctx, server) {
		return exitf(exitNotRunning, "no server runs on %s: start one with `salamander up --data %s`", cfg.Data, shellQuote(cfg.Data))
	}
	accessKey, secret, err := ownKeys(cfg.Data)
	if err != nil {
		return err
	}
	password, err := warehousePassword(cfg.Data)
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(server.Warehouse)
	if err != nil {
		return err
	}
	for _, v := range [][2]string{
		{"AWS_ENDPOINT_URL", "http://" + server.AWS},
		{"AWS_REGION", server.Region},
		{"AWS_DEFAULT_REGION", server.Region},
		{"AWS_ACCESS_KEY_ID", accessKey},
		{"AWS_SECRET_ACCESS_KEY", secret},
		{"AWS_DISABLE_HOST_PREFIX_INJECTION", "true"},
		{"AWS_EC2_METADATA_DISABLED", "true"},
		{"PGHOST", host},
		{"PGPORT", port},
		{"PGUSER", warehouseUser},
		{"PGDATABASE", warehouseDatabase},
		{"PGPASSWORD", password},
		{"PGSSLMODE", "disable"},
	} {
		fmt.Fprintf(c.out, "export %s=%s\n", v[0], shellQuote(v[1]))
	}
	_, err = fmt.Fprintln(c.out, "unset AWS_SESSION_TOKEN AWS_PROFILE")
	return err
}

// alive asks the server whether it is there.
func alive(ctx context.Context, server *serverRecord) bool {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+server.AWS+"/_salamander/health", nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// shellQuote returns s as one word of a POSIX shell.
func shellQuote(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=+,@%") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
