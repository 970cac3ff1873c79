//go:build cgo

package duck_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"
)

// TestSQL runs the constructs of testdata/sql: each shows what Redshift's
// documentation says of it.
func TestSQL(t *testing.T) {
	f := start(t)
	for _, g := range readGroups(t) {
		t.Run(strings.TrimSuffix(filepath.Base(g.file), ".sql"), func(t *testing.T) {
			c := f.connect(t)
			for _, sql := range g.setup {
				if key, text, ok := strings.Cut(strings.TrimPrefix(sql, "put "), " "); ok && strings.HasPrefix(sql, "put ") {
					f.put(t, "b", key, strings.NewReplacer(`\n`, "\n", `\000`, "\x00", `\001`, "\x01").Replace(text))
					continue
				}
				if got := answer(c, sql); strings.HasPrefix(got[0], "ERROR") {
					t.Fatalf("%s: %s", sql, got[0])
				}
			}
			for _, one := range g.constructs {
				for i := range one.steps {
					got := answer(c, one.steps[i].sql)
					if *update {
						one.steps[i].want = got
					} else if diff := cmp.Diff(one.steps[i].want, got); diff != "" {
						t.Errorf("%s:%d: %s: %s (-want +got):\n%s", g.file, one.line, one.name, one.steps[i].sql, diff)
					}
					if c.TxStatus() == 'E' {
						answer(c, "rollback")
					}
				}
			}
			if *update {
				if err := g.write(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// answer runs sql and returns its rows, its tags, or its error, one a line.
func answer(c *pgconn.PgConn, sql string) []string {
	results, err := c.Exec(context.Background(), sql).ReadAll()
	if err != nil {
		e, ok := err.(*pgconn.PgError)
		if !ok {
			return []string{"ERROR " + err.Error()}
		}
		return []string{strings.ReplaceAll("ERROR "+e.Code+" "+e.Message, "\n", " ")}
	}
	out := []string{}
	for _, r := range results {
		if len(r.FieldDescriptions) == 0 {
			out = append(out, r.CommandTag.String())
			continue
		}
		for _, row := range r.Rows {
			var vs []string
			for _, v := range row {
				if v == nil {
					vs = append(vs, "NULL")
				} else {
					vs = append(vs, strings.ReplaceAll(string(v), "\n", "⏎"))
				}
			}
			out = append(out, strings.TrimRight(strings.Join(vs, " | "), " "))
		}
		if len(r.Rows) == 0 {
			out = append(out, "(no rows)")
		}
	}
	return out
}
