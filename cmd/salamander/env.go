package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"salamander/warehouse/cluster"
)

func newEnv(c *console) *cobra.Command {
	cfg := defaultConfig()
	name := ""
	cmd := &cobra.Command{
		Use:   "env",
		Short: "Print shell exports for the server that runs on a data directory",
		Long: `env prints what the AWS tools and psql need to reach the server that runs on
the data directory, with the addresses it really has:

    eval "$(salamander env)"
    aws stepfunctions list-state-machines
    psql

With --stack psql reaches the cluster of that stack instead of the server's own
warehouse.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := cfg.load(cmd.Flags(), os.Getenv); err != nil {
				return err
			}
			return printEnv(cmd.Context(), c, cfg, name)
		},
	}
	cfg.flags(cmd.Flags(), "data")
	cmd.Flags().StringVar(&name, "stack", "", "name of the stack whose cluster psql is to reach")
	return cmd
}

func printEnv(ctx context.Context, c *console, cfg config, stackName string) error {
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
	warehouse, err := warehouseOf(ctx, cfg, server, stackName)
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
		{"PGHOST", warehouse.host},
		{"PGPORT", strconv.Itoa(int(warehouse.port))},
		{"PGUSER", warehouse.user},
		{"PGDATABASE", warehouse.database},
		{"PGPASSWORD", warehouse.password},
		{"PGSSLMODE", "disable"},
	} {
		fmt.Fprintf(c.out, "export %s=%s\n", v[0], shellQuote(v[1]))
	}
	_, err = fmt.Fprintln(c.out, "unset AWS_SESSION_TOKEN AWS_PROFILE")
	return err
}

// warehouseOf returns the address of the server's own warehouse, or of the
// cluster of a stack.
func warehouseOf(ctx context.Context, cfg config, server *serverRecord, stackName string) (address, error) {
	if stackName != "" {
		return clusterOf(ctx, cfg, stackName)
	}
	password, err := warehousePassword(cfg.Data)
	if err != nil {
		return address{}, err
	}
	host, port, err := net.SplitHostPort(server.Warehouse)
	if err != nil {
		return address{}, err
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return address{host: host, port: uint16(n), user: warehouseUser, password: password, database: warehouseDatabase}, err
}

// clusterOf returns the address of the one cluster of a stack.
func clusterOf(ctx context.Context, cfg config, stackName string) (address, error) {
	client, err := dial(ctx, cfg)
	if err != nil {
		return address{}, err
	}
	var out struct {
		Resources []stackEvent `xml:"StackResources>member"`
	}
	if err := client.cloudformation(ctx, "DescribeStackResources", url.Values{"StackName": {stackName}}, &out); err != nil {
		return address{}, err
	}
	var ids []string
	for _, r := range out.Resources {
		if r.Type == "AWS::Redshift::Cluster" {
			ids = append(ids, r.Physical)
		}
	}
	if len(ids) != 1 {
		return address{}, exitf(exitFailed, "--stack: the stack %s has %d clusters; need one", stackName, len(ids))
	}
	clusters, err := cluster.Open(cluster.Options{Dir: filepath.Join(cfg.Data, "clusters")})
	if err != nil {
		return address{}, err
	}
	for _, cl := range clusters.List(defaultAccount, client.region) {
		if cl.ID == ids[0] {
			return address{host: cl.Host, port: uint16(cl.Port), user: cl.User, password: cl.Password, database: cl.Database}, nil
		}
	}
	return address{}, exitf(exitFailed, "--stack: the cluster %s is not there", ids[0])
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
