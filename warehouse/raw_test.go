//go:build cgo

package warehouse_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	db "github.com/duckdb/duckdb-go-bindings"

	"salamander/sqltext"
)

// A rawDuck is DuckDB in this process, without anything of ours: what the
// benchmarks compare with.
type rawDuck struct {
	d db.Database
	c db.Connection
}

func openRaw(tb testing.TB) *rawDuck {
	tb.Helper()
	r := &rawDuck{}
	if db.Open(filepath.Join(tb.TempDir(), "raw.duckdb"), &r.d) != db.StateSuccess || db.Connect(r.d, &r.c) != db.StateSuccess {
		tb.Fatal("open DuckDB")
	}
	tb.Cleanup(func() {
		db.Disconnect(&r.c)
		db.Close(&r.d)
	})
	if err := r.exec("create schema public"); err != nil {
		tb.Fatal(err)
	}
	return r
}

func (r *rawDuck) exec(sql string) error {
	_, err := r.value(sql)
	return err
}

// value runs sql and returns its first value as text.
func (r *rawDuck) value(sql string) (string, error) {
	var res db.Result
	defer db.DestroyResult(&res)
	if db.Query(r.c, sql, &res) != db.StateSuccess {
		return "", fmt.Errorf("%s\n%s", db.ResultError(&res), sql)
	}
	chunk := db.FetchChunk(res)
	if chunk.Ptr == nil || db.DataChunkGetSize(chunk) == 0 {
		return "", nil
	}
	defer db.DestroyDataChunk(&chunk)
	v := db.DataChunkGetVector(chunk, 0)
	t := db.ColumnLogicalType(&res, 0)
	defer db.DestroyLogicalType(&t)
	if db.GetTypeId(t) != db.TypeVarchar {
		return "", nil
	}
	s := *(*db.StringT)(db.VectorGetData(v))
	return db.StringTData(&s), nil
}

// statements returns the statements of one of the example's scripts as psql
// sends them.
func statements(tb testing.TB, script string, vars map[string]string) []string {
	tb.Helper()
	src, err := os.ReadFile(filepath.Join("..", "examples", "refresh", "sql", script+".sql"))
	if err != nil {
		tb.Fatal(err)
	}
	set := map[string]string{}
	for name, value := range vars {
		set[name] = value
	}
	s := sqltext.Scanner{BackslashEscapes: true, Lookup: func(name string) (string, bool) {
		v, ok := set[name]
		return v, ok
	}}
	var all []string
	var buf []byte
	for line := range strings.Lines(string(src)) {
		s.Line(strings.TrimSuffix(line, "\n"))
		for {
			var stop sqltext.Stop
			buf, stop = s.Scan(buf)
			if stop == sqltext.AtSemicolon {
				all, buf = append(all, string(buf)), nil
				continue
			}
			if stop == sqltext.AtBackslash {
				command := s.Command()
				var args []string
				for {
					arg, ok, err := s.Arg(sqltext.ArgNormal, true)
					if err != nil {
						tb.Fatal(err)
					}
					if !ok {
						break
					}
					args = append(args, arg.Text)
				}
				if s.EndCommand(); command == "set" {
					set[args[0]] = strings.Join(args[1:], "")
				}
				continue
			}
			break
		}
		if len(buf) > 0 {
			buf = append(buf, '\n')
		}
	}
	return all
}

var (
	attributes = regexp.MustCompile(`(?i) encode \w+|backup no|diststyle \w+|(?:distkey|sortkey) ?\([^)]*\)|,\s*primary key \([^)]*\)`)
	copyFrom   = regexp.MustCompile(`(?s)^copy (\S+) from 's3://b/([^']*)'.*$`)
)

// stripped returns a statement of the example as DuckDB takes it: without
// Redshift's attributes, and COPY with the options of DuckDB's reader.
func stripped(objects, sql string) string {
	if m := copyFrom.FindStringSubmatch(sql); m != nil {
		glob, header := m[2]+"*", "false"
		if strings.HasPrefix(m[2], oneKey) {
			header = "true"
		} else if strings.HasSuffix(m[2], "manifest") {
			glob, header = strings.TrimSuffix(m[2], "manifest")+"*.gz", "true"
		}
		return fmt.Sprintf("copy %s from '%s' (format csv, delimiter '~', header %s, quote '', escape '', nullstr '', compression gzip, auto_detect false)",
			m[1], filepath.Join(objects, "b", glob), header)
	}
	return attributes.ReplaceAllString(sql, "")
}
