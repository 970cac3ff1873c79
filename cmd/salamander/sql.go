package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/spf13/cobra"

	"salamander/psql"
	"salamander/warehouse/cluster"
)

// sqlFlags are the flags of `salamander sql`.
type sqlFlags struct {
	cfg            config
	stack, cluster string
	format         string
}

// newSQL runs statements on the warehouse of the server that runs on a data
// directory, where address and password are found.
func newSQL(c *console) *cobra.Command {
	f := sqlFlags{cfg: defaultConfig()}
	cmd := &cobra.Command{
		Use:   "sql STATEMENTS",
		Short: "Run SQL on the warehouse of the running server",
		Long: `Run SQL on the warehouse of the server that runs on the data directory, and print
the results. "-" reads the statements from standard input. Scripts with psql's
commands run by "salamander psql".`,
		Example: `  salamander sql "select count(*) from store_sales"
  salamander sql --format csv --stack refresh "select * from item" > item.csv`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return exitf(exitUsage, "sql needs one argument, the statements (see %s --help)", cmd.CommandPath())
			}
			if err := f.cfg.load(cmd.Flags(), os.Getenv); err != nil {
				return err
			}
			return c.sql(cmd.Context(), f, args[0])
		},
	}
	f.cfg.flags(cmd.Flags(), "data")
	cmd.Flags().StringVar(&f.stack, "stack", "", "the warehouse of a `stack`'s cluster")
	cmd.Flags().StringVar(&f.cluster, "cluster", "", "the warehouse of the cluster with this `identifier`")
	cmd.Flags().StringVar(&f.format, "format", "table", "`table`, csv or json")
	return cmd
}

// sql runs the statements. They fail with status 1, like psql's -c.
func (c *console) sql(ctx context.Context, f sqlFlags, text string) error {
	switch {
	case f.format != "table" && f.format != "csv" && f.format != "json":
		return exitf(exitUsage, "--format: need table, csv or json, not %q", f.format)
	case f.stack != "" && f.cluster != "":
		return exitf(exitUsage, "--stack and --cluster: give one of them")
	}
	at, err := sqlAddress(ctx, f)
	if err != nil {
		return err
	}
	if text == "-" {
		all, err := io.ReadAll(c.in)
		if err != nil {
			return fmt.Errorf("read standard input: %w", err)
		}
		text = string(all)
	}
	if f.format == "json" {
		return sqlJSON(ctx, at, text, c.out)
	}
	// A file rather than -c: each statement is then one of its own, as in a script.
	args := []string{"-X", "-q", "-v", "ON_ERROR_STOP=1", "-P", "pager=off", "-h", at.host, "-p", strconv.Itoa(int(at.port)), "-U", at.user, "-d", at.database}
	if f.format == "csv" {
		args = append(args, "--csv")
	}
	env := func(name string) (string, bool) {
		switch name {
		case "PGPASSWORD":
			return at.password, true
		case "PGSSLMODE":
			return "disable", true
		}
		return "", false
	}
	switch psql.Main(ctx, args, env, strings.NewReader(sqlOnly(text)), c.out, c.err) {
	case psql.ExitOK:
		return nil
	case psql.ExitBadConn:
		return &exitError{status: exitNotRunning}
	}
	return &exitError{status: exitFailed}
}

// sqlOnly ends the statements as a script's.
func sqlOnly(text string) string {
	text = strings.TrimRight(text, " \t\r\n")
	if strings.HasSuffix(text, ";") {
		return text + "\n"
	}
	return text + "\n;\n"
}

// sqlAddress finds the warehouse that the flags name.
func sqlAddress(ctx context.Context, f sqlFlags) (address, error) {
	server, err := readServer(f.cfg.Data)
	if err != nil {
		return address{}, err
	}
	if server == nil || !alive(ctx, server) {
		return address{}, exitf(exitNotRunning, "no server runs on %s: start one with `salamander up --data %s`", f.cfg.Data, shellQuote(f.cfg.Data))
	}
	if f.cluster == "" {
		return warehouseOf(ctx, f.cfg, server, f.stack)
	}
	clusters, err := cluster.Open(cluster.Options{Dir: filepath.Join(f.cfg.Data, "clusters")})
	if err != nil {
		return address{}, err
	}
	for _, cl := range clusters.List(defaultAccount, server.Region) {
		if cl.ID == f.cluster {
			return address{host: cl.Host, port: uint16(cl.Port), user: cl.User, password: cl.Password, database: cl.Database}, nil
		}
	}
	return address{}, exitf(exitFailed, "--cluster: there is no cluster %q", f.cluster)
}

// sqlJSON prints the rows of each result as a JSON array of objects, one
// array a line.
func sqlJSON(ctx context.Context, at address, text string, out io.Writer) error {
	cfg, err := pgconn.ParseConfig(fmt.Sprintf("host=%s port=%d user=%s dbname=%s sslmode=disable", at.host, at.port, at.user, at.database))
	if err != nil {
		return err
	}
	cfg.Password = at.password
	conn, err := pgconn.ConnectConfig(ctx, cfg)
	if err != nil {
		return exitf(exitNotRunning, "connect to the warehouse: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	results := conn.Exec(ctx, text)
	for results.NextResult() {
		r := results.ResultReader()
		if err := writeJSONRows(out, r); err != nil {
			_ = results.Close()
			return err
		}
	}
	err = results.Close()
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return exitf(exitFailed, "%s:  %s (SQLSTATE %s)", pg.Severity, pg.Message, pg.Code)
	}
	return err
}

func writeJSONRows(out io.Writer, r *pgconn.ResultReader) error {
	fields := r.FieldDescriptions()
	if len(fields) == 0 {
		_, err := r.Close()
		return ignorePG(err)
	}
	var b bytes.Buffer
	b.WriteByte('[')
	for n := 0; r.NextRow(); n++ {
		if n > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('{')
		for i, v := range r.Values() {
			if i > 0 {
				b.WriteByte(',')
			}
			name, err := json.Marshal(fields[i].Name)
			if err != nil {
				return err
			}
			b.Write(name)
			b.WriteByte(':')
			b.Write(jsonValue(fields[i].DataTypeOID, v))
		}
		b.WriteByte('}')
		if b.Len() > 64<<10 {
			if _, err := out.Write(b.Bytes()); err != nil {
				return err
			}
			b.Reset()
		}
	}
	if _, err := r.Close(); err != nil {
		return ignorePG(err)
	}
	b.WriteString("]\n")
	_, err := out.Write(b.Bytes())
	return err
}

// ignorePG leaves the server's own errors to the end of all results.
func ignorePG(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return nil
	}
	return err
}

// jsonValue is a value in JSON: numbers and booleans as such, others as text.
func jsonValue(oid uint32, v []byte) []byte {
	if v == nil {
		return []byte("null")
	}
	switch oid {
	case 16: // bool
		if string(v) == "t" {
			return []byte("true")
		}
		return []byte("false")
	case 20, 21, 23, 26, 700, 701, 1700: // int8, int2, int4, oid, float4, float8, numeric
		if json.Valid(v) {
			return v
		}
	}
	text, err := json.Marshal(string(v))
	if err != nil {
		return []byte("null")
	}
	return text
}
