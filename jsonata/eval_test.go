package jsonata

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"salamander/internal/value"
)

var update = flag.Bool("update", false, "rewrite the outcomes in testdata/eval")

// report is the outcome of an expression as the files have it.
func report(expr string, env Env) string {
	e, err := Compile(expr)
	var v value.Value
	ok := false
	if err == nil {
		v, ok, err = e.Eval(env)
	}
	var bad *Error
	switch {
	case errors.As(err, &bad):
		return fmt.Sprintf("error at %d: %s", bad.Position, bad)
	case err != nil:
		return "error: " + err.Error()
	case !ok:
		return "undefined"
	}
	return value.Text(v)
}

// TestEval evaluates the expressions of testdata/eval. Where a rule is the
// reference's, jsonata 2.2.2 on Node gave the same outcome.
func TestEval(t *testing.T) {
	files, err := filepath.Glob("testdata/eval/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases in testdata/eval")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			env := Env{Input: parse(t, string(ar.Files[0].Data)), Now: time.Date(2026, 3, 4, 5, 6, 7, 8e6, time.UTC)}
			want := string(ar.Files[1].Data)
			var got strings.Builder
			for line := range strings.Lines(want) {
				if !strings.HasPrefix(line, "\t") {
					expr := strings.TrimSuffix(line, "\n")
					fmt.Fprintf(&got, "%s\n\t%s\n", expr, report(expr, env))
				}
			}
			if *update {
				ar.Files[1].Data = []byte(got.String())
				if err := os.WriteFile(file, txtar.Format(ar), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got.String(), "\n")); diff != "" && !*update {
				t.Errorf("outcomes (-want +got):\n%s", diff)
			}
		})
	}
}
