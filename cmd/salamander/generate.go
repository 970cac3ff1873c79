package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"salamander/examples/refresh"
	"salamander/tpcds"
)

// A generation is what the command generate was asked for.
type generation struct {
	dir    string
	bucket string
	scale  float64
	seed   uint64
	date   string
}

func newGenerate(c *console) *cobra.Command {
	var g generation
	cmd := &cobra.Command{
		Use:   "generate DIRECTORY",
		Short: "Write the example's data set and scripts",
		Long: `generate writes the data set of the example, TPC-DS-shaped, and its scripts
below etlscript/ into a directory, to be put into the bucket of the template:

    salamander generate data
    aws s3 mb s3://salamander-demo
    aws s3 cp --recursive --quiet data s3://salamander-demo`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return exitf(exitUsage, "generate: need one directory (see salamander generate --help)")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			g.dir = args[0]
			return g.run(cmd.Context(), c)
		},
	}
	cmd.Flags().Float64Var(&g.scale, "scale", tpcds.DefaultScale, "size of the data; 1 is the row counts of 1 GB")
	cmd.Flags().Uint64Var(&g.seed, "seed", 1, "seed of the data")
	cmd.Flags().StringVar(&g.date, "date", "2003-01-02", "day whose extracts are written")
	cmd.Flags().StringVar(&g.bucket, "bucket", demoBucket, "bucket that the manifests name")
	return cmd
}

func (g *generation) run(ctx context.Context, c *console) error {
	day, err := time.Parse(time.DateOnly, g.date)
	if err != nil {
		return exitf(exitUsage, "--date: got %q; need a date such as 2003-01-02", g.date)
	}
	if g.scale < 0.0001 || g.scale > 100 {
		return exitf(exitUsage, "--scale: got %g; need 0.0001 to 100", g.scale)
	}
	opt := tpcds.Options{Seed: g.seed, Scale: g.scale, Dates: []time.Time{day}}
	files, err := tpcds.Files(opt)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	if err := eachScript(g.write); err != nil {
		return err
	}
	for _, t := range tpcds.Tables() {
		manifest, err := tpcds.Manifest(opt, t.Name, "s3://"+g.bucket+"/")
		if err != nil {
			return err
		}
		if err := g.write(tpcds.ManifestKey(t.Name), manifest); err != nil {
			return err
		}
	}
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(runtime.GOMAXPROCS(0))
	rows := 0
	for _, f := range files {
		rows += f.Rows
		work.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return g.file(f)
		})
	}
	if err := work.Wait(); err != nil {
		return err
	}
	fmt.Fprintf(c.out, "%d rows in %d files below %s\n", rows, len(files), g.dir)
	return nil
}

// eachScript calls put for each of the example's scripts with its key.
func eachScript(put func(key string, text []byte) error) error {
	scripts, err := fs.Glob(refresh.Files, "sql/*.sql")
	if err != nil {
		return err
	}
	for _, file := range append(scripts, "run_sql.sh") {
		text, err := fs.ReadFile(refresh.Files, file)
		if err != nil {
			return err
		}
		if err := put(scriptPrefix+path.Base(file), text); err != nil {
			return err
		}
	}
	return nil
}

func (g *generation) create(key string) (*os.File, error) {
	name := filepath.Join(g.dir, filepath.FromSlash(key))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return nil, err
	}
	return os.Create(name)
}

func (g *generation) write(key string, text []byte) error {
	f, err := g.create(key)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

func (g *generation) file(f tpcds.File) error {
	out, err := g.create(f.Key)
	if err != nil {
		return err
	}
	err = f.Write(out)
	if e := out.Close(); err == nil {
		err = e
	}
	return err
}
