package main

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"salamander/internal/value"
)

var updateCLI = flag.Bool("update-cli", false, "rewrite what the cases of testdata/cli want")

// TestCLI runs the cases of testdata/cli. A case is a txtar file: args, one a
// line, perhaps stdin, the files, and what is wanted: status, stdout, stderr.
func TestCLI(t *testing.T) {
	cases, err := filepath.Glob("testdata/cli/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatal("no cases in testdata/cli")
	}
	clock := regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d\d`)
	for _, file := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			file, err := filepath.Abs(file)
			if err != nil {
				t.Fatal(err)
			}
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			t.Chdir(t.TempDir())
			parts := map[string]string{}
			given := a.Files[:0:0]
			for _, f := range a.Files {
				switch f.Name {
				case "status", "stdout", "stderr":
					parts[f.Name] = string(f.Data)
					continue
				case "args", "stdin":
					parts[f.Name] = string(f.Data)
				default:
					if err := os.MkdirAll(filepath.Dir(f.Name), 0o755); err != nil {
						t.Fatal(err)
					}
					write(t, f.Name, string(f.Data))
				}
				given = append(given, f)
			}
			var stdout, stderr bytes.Buffer
			args := strings.Split(strings.TrimSuffix(parts["args"], "\n"), "\n")
			status := run(args, strings.NewReader(parts["stdin"]), &stdout, &stderr)
			got := []txtar.File{{Name: "status", Data: []byte(strconv.Itoa(status) + "\n")},
				{Name: "stdout", Data: stdout.Bytes()}, {Name: "stderr", Data: clock.ReplaceAll(stderr.Bytes(), []byte("TIME"))}}
			for _, g := range got {
				if diff := cmp.Diff(parts[g.Name], string(g.Data)); diff != "" && !*updateCLI {
					t.Errorf("%s (-want +got):\n%s", g.Name, diff)
				}
			}
			if *updateCLI {
				a.Files = append(given, got...)
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// Any expression has an answer or an error, and a place within it.
func FuzzEval(f *testing.F) {
	for _, s := range []string{"$.a[?(@.b)]", "{% $sum($states.input.a) %}", "$v.x", "$$.y", "States.Format('{}', $v)", "a.(", "$", "$é[", "{%%}", "$sum(\"😀\")"} {
		f.Add(s)
	}
	in := value.NewObject(value.Member{Key: "a", Value: value.Array{"x"}})
	f.Fuzz(func(t *testing.T, expression string) {
		e := &evaluation{expression: strings.TrimSpace(expression), input: in, context: in, variables: value.NewObject(value.Member{Key: "v", Value: in})}
		var err error
		switch {
		case !isPath(e.expression):
			return // FuzzEval of jsonata
		case strings.HasPrefix(e.expression, "States."):
			_, err = e.intrinsic()
		default:
			_, err = e.path()
		}
		var exit *exitError
		if err != nil && (!errors.As(err, &exit) || exit.Error() == "") {
			t.Errorf("%q: got %v; want an error with a status", expression, err)
		}
		_ = pointAt(expression, byteOf(expression, len(expression)/2))
	})
}
