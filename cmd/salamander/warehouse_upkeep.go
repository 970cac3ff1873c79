package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/spf13/cobra"

	"salamander/warehouse"
	"salamander/warehouse/cluster"
	"salamander/warehouse/duck"
)

// addUpkeep adds the commands that keep an embedded warehouse: backup, restore
// and compact.
func addUpkeep(c *console, parent *cobra.Command) {
	sub := func(use, short, long string, args cobra.PositionalArgs, run func(ctx context.Context, u *upkeep, args []string) error) *cobra.Command {
		cfg, name := defaultConfig(), ""
		cmd := &cobra.Command{Use: use, Short: short, Long: long, Args: args, RunE: func(cmd *cobra.Command, args []string) error {
			if err := cfg.load(cmd.Flags(), os.Getenv); err != nil {
				return err
			}
			u, err := openUpkeep(cmd.Context(), c, cfg, name)
			if err != nil {
				return err
			}
			return run(cmd.Context(), u, args)
		}}
		cfg.flags(cmd.Flags(), "data")
		cmd.Flags().StringVar(&name, "cluster", "", "the warehouse of this cluster, instead of the server's own")
		parent.AddCommand(cmd)
		return cmd
	}
	sub("backup DIR", "Write the warehouse into a directory, as Parquet and DDL", `Backup writes all that the warehouse holds at one moment into the directory DIR,
which it makes: a Parquet file for each table, schema.sql, and manifest.json,
which is written last. Statements go on meanwhile.`, cobra.ExactArgs(1), func(ctx context.Context, u *upkeep, args []string) error {
		return u.backup(ctx, args[0])
	})
	replace := false
	restore := sub("restore DIR", "Make the warehouse what a backup holds", `Restore fills the warehouse from a backup. Nothing may serve it meanwhile: stop
the server first. Whatever fails, the warehouse stays as it was.`, cobra.ExactArgs(1), func(ctx context.Context, u *upkeep, args []string) error {
		return u.restore(ctx, args[0], replace)
	})
	restore.Flags().BoolVar(&replace, "replace", false, "replace the tables that the warehouse has")
	sub("compact", "Give back the space of deleted rows", `Compact writes the warehouse's file anew, without the space that deleted and
replaced rows left. Nothing may serve it meanwhile: stop the server first.
VACUUM gives back what it can beside statements.`, noArgs, func(ctx context.Context, u *upkeep, _ []string) error {
		return u.compact(ctx)
	})
}

// An upkeep is one embedded warehouse to be kept.
type upkeep struct {
	c      *console
	cfg    config
	child  warehouse.ChildConfig
	server bool // a server runs
	at     address
}

func openUpkeep(ctx context.Context, c *console, cfg config, name string) (*upkeep, error) {
	if behind := cfg.behindWarehouse(); behind != "" {
		return nil, exitf(exitFailed, "the warehouse is %s: keep it with its own tools", behind)
	}
	limits, err := cfg.warehouseLimits()
	if err != nil {
		return nil, exitf(exitUsage, "%w", err)
	}
	u := &upkeep{c: c, cfg: cfg}
	u.child = warehouse.ChildConfig{Dir: filepath.Join(cfg.Data, "warehouse"), User: warehouseUser, Database: warehouseDatabase,
		Account: defaultAccount, Region: cfg.Region, MemoryLimit: limits.memory, TempLimit: limits.temp}
	server, err := readServer(cfg.Data)
	if err != nil {
		return nil, err
	}
	u.server = server != nil && alive(ctx, server)
	if !u.server {
		if err := endWarehouses(ctx, cfg.Data); err != nil {
			return nil, err
		}
	}
	if name != "" && name != builtInCluster {
		return u, u.of(name)
	}
	if u.server {
		u.at, err = warehouseOf(ctx, cfg, server, "")
	}
	return u, err
}

// of makes the upkeep that of a cluster.
func (u *upkeep) of(name string) error {
	dir := filepath.Join(u.cfg.Data, "clusters")
	all, err := cluster.Open(cluster.Options{Dir: dir})
	if err != nil {
		return err
	}
	cl, err := all.Get(cluster.Key{Account: defaultAccount, Region: u.cfg.Region, ID: strings.ToLower(name)})
	if err != nil {
		return exitf(exitFailed, "--cluster: there is no cluster %q in %s", name, u.cfg.Region)
	}
	u.child.Dir = all.Dir(cl.Key)
	u.child.User, u.child.Database = cl.User, cl.Database
	u.at = address{host: cl.Host, port: uint16(cl.Port), user: cl.User, password: cl.Password, database: cl.Database}
	u.server = u.server && !cl.Paused
	return nil
}

func (u *upkeep) backup(ctx context.Context, dir string) error {
	if left, err := os.ReadDir(dir); err == nil && len(left) == 0 {
		if err := os.Remove(dir); err != nil {
			return err
		}
	} else if err == nil {
		return exitf(exitFailed, "%s is not empty", dir)
	} else if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := u.write(ctx, dir); err != nil {
		return exitf(exitFailed, "back the warehouse up: %w", err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.parquet"))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(u.c.out, "%s: %d tables\n", dir, len(files))
	return err
}

// write has the server make the backup, or makes it where none runs.
func (u *upkeep) write(ctx context.Context, dir string) error {
	if !u.server {
		if _, err := os.Stat(u.child.Dir); err != nil {
			return err
		}
		return duck.Backup(ctx, u.child, dir)
	}
	conf, err := pgconn.ParseConfig("")
	if err != nil {
		return err
	}
	conf.Host, conf.Port, conf.User, conf.Password, conf.Database = u.at.host, u.at.port, u.at.user, u.at.password, u.at.database
	conf.TLSConfig, conf.Fallbacks = nil, nil
	conn, err := pgconn.ConnectConfig(ctx, conf)
	if err != nil {
		return fmt.Errorf("connect to %s: %w", net.JoinHostPort(u.at.host, strconv.Itoa(int(u.at.port))), err)
	}
	defer conn.Close(context.Background())
	answer, err := conn.Exec(ctx, duck.BackupStatement).ReadAll()
	if err != nil {
		return err
	}
	if len(answer) != 1 || len(answer[0].Rows) != 1 {
		return errors.New("the warehouse did not tell where the backup is")
	}
	return moveDir(string(answer[0].Rows[0][0]), dir)
}

// moveDir moves a directory of files, to another file system too.
func moveDir(from, to string) error {
	err := os.Rename(from, to)
	if !errors.Is(err, syscall.EXDEV) {
		return err
	}
	files, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	if err := os.Mkdir(to, 0o700); err != nil {
		return err
	}
	for _, f := range files {
		if err := copyDurably(filepath.Join(from, f.Name()), filepath.Join(to, f.Name())); err != nil {
			return errors.Join(err, os.RemoveAll(to), os.RemoveAll(from))
		}
	}
	return os.RemoveAll(from)
}

func copyDurably(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Sync()
}

// offline refuses what cannot be done while a server runs.
func (u *upkeep) offline(what string) error {
	if u.server {
		return exitf(exitFailed, "%s needs the warehouse to be stopped: stop the server of %s first", what, u.cfg.Data)
	}
	return nil
}

func (u *upkeep) restore(ctx context.Context, dir string, replace bool) error {
	if err := u.offline("restore"); err != nil {
		return err
	}
	err := duck.Restore(ctx, u.child, dir, replace)
	switch {
	case errors.Is(err, duck.ErrNotEmpty):
		return exitf(exitFailed, "%w: --replace puts the backup in their place", err)
	case errors.Is(err, warehouse.ErrLocked):
		return exitf(exitFailed, "%w: stop it first", err)
	case err != nil:
		return exitf(exitFailed, "restore %s: %w", dir, err)
	}
	_, err = fmt.Fprintln(u.c.out, "restored", dir)
	return err
}

func (u *upkeep) compact(ctx context.Context) error {
	if err := u.offline("compact"); err != nil {
		return err
	}
	before, after, err := duck.Compact(ctx, u.child)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return exitf(exitFailed, "there is no warehouse in %s", u.child.Dir)
	case errors.Is(err, warehouse.ErrLocked):
		return exitf(exitFailed, "%w: stop it first", err)
	case err != nil:
		return exitf(exitFailed, "compact: %w", err)
	}
	_, err = fmt.Fprintf(u.c.out, "compacted from %.1f MB to %.1f MB\n", float64(before)/1e6, float64(after)/1e6)
	return err
}
