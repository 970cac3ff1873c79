package dialect

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"salamander/warehouse/sqlstate"
)

var update = flag.Bool("update", false, "rewrite what is wanted in testdata/rewrite")

// TestRewrite runs the cases of testdata/rewrite. A case is a txtar file:
// statements, and what each becomes or why it is refused. Table t has the
// columns a integer and b char(5).
func TestRewrite(t *testing.T) {
	files, err := filepath.Glob("testdata/rewrite/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases in testdata/rewrite")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := rewritten(string(a.Files[0].Data))
			if *update {
				a.Files = append(a.Files[:1], txtar.File{Name: "duckdb", Data: []byte(got)})
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if len(a.Files) != 2 {
				t.Fatal("want two files: redshift and duckdb")
			}
			if diff := cmp.Diff(string(a.Files[1].Data), got); diff != "" {
				t.Errorf("rewritten (-want +got):\n%s", diff)
			}
		})
	}
}

// rewritten writes what the statements of a text become, one a paragraph.
func rewritten(text string) string {
	all, err := Parse(text)
	if err != nil {
		return said(text, err)
	}
	var b strings.Builder
	for _, s := range all {
		b.WriteString(one(text, s) + "\n")
	}
	return b.String()
}

func one(text string, s *Statement) string {
	if err := s.Classify(); err != nil {
		return said(text, err)
	}
	switch s.Kind {
	case Begin, Commit, Rollback, Nothing:
		return s.Tag + "\n"
	case Set, Show:
		set, err := s.Setting()
		if err != nil {
			return said(text, err)
		}
		return fmt.Sprintf("%s %s %q\n", s.Tag, set.Name, set.Values)
	case Copy:
		c, err := s.Copy()
		if err != nil {
			return said(text, err)
		}
		return fmt.Sprintf("%+v\n", *c)
	case Unload:
		u, err := s.Unload()
		if err != nil {
			return said(text, err)
		}
		return fmt.Sprintf("%+v\n", *u)
	}
	out, err := s.Rewrite(Env{Catalog: none{}, User: "awsuser", Database: "dev", Version: "8.0.2", PID: 7, Types: Types{}, Schema: schemaOf})
	if err != nil {
		return said(text, err)
	}
	return strings.Join(append([]string{out.SQL}, out.After...), ";\n") + "\n"
}

// schemaOf finds the temporary tables h and #h, q in s2, nothing that begins
// with no, and all else in public.
func schemaOf(table string) (string, error) {
	switch {
	case table == "h", table == "#h":
		return TemporarySchema, nil
	case table == "q":
		return "s2", nil
	case strings.HasPrefix(table, "no"):
		return "", nil
	}
	return "public", nil
}

// said writes an error with the line that it is in.
func said(text string, err error) string {
	var e *sqlstate.Error
	if !errors.As(err, &e) {
		return "internal error: " + err.Error() + "\n"
	}
	near := ""
	if e.At > 0 {
		near, _, _ = strings.Cut(text[min(e.At-1, len(text)):], "\n")
		near = " at " + near
	}
	return e.Code + " " + e.Message + near + "\n"
}
