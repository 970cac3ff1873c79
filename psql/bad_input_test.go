package psql

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestBadInputAgainstPsql runs files that are wrong with the real psql and
// with this one.
func TestBadInputAgainstPsql(t *testing.T) {
	binary := bytes.ReplaceAll(pseudoRandom(4096), []byte{0}, []byte{1})
	for name, text := range map[string]string{
		"binary":          string(binary),
		"comment":         "select 1 /* abc;\nselect 2;\n",
		"dollar":          "select $a$abc;\nselect 2;\n",
		"double quote":    "select \"abc;\nselect 2;\n",
		"quote":           "select 'abc;\nselect 2;\n",
		"parenthesis":     "select (1;\nselect 2;\n",
		"if at end":       "select 1;\n\\if true\nselect 2;\n",
		"ifs at end":      "\\if false\n\\if true\nselect 2;\n\\else",
		"else twice":      "\\if true\n\\else\n\\else\n\\elif true\n\\endif\n\\endif\n\\else\n\\elif\nselect 1;\n",
		"quote of a word": "\\echo 'abc\n\\set x \"a\n\\echo :x\nselect 3;\n",
		"no semicolon":    "select 1 as a",
		"missing files":   "\\i\n\\include\n\\ir\n\\i nowhere.sql\n\\i /\n\\ir nowhere/x.sql\nselect 5;\n",
		"not utf-8":       "\xff\xfe select 1;\nselect '\xe9' as x;\nselect 2;\n",
		"deep ifs":        strings.Repeat("\\if true\n", 3000) + "select 1;\n" + strings.Repeat("\\endif\n", 3000),
		"deep parens":     "select " + strings.Repeat("(", 3000) + "1" + strings.Repeat(")", 3000) + ";\nselect 2;\n",
		"deep comments":   strings.Repeat("/* ", 5000) + strings.Repeat("*/ ", 5000) + "select 1;\n",
		"long word":       "\\echo " + strings.Repeat("x", 1<<20) + "\n\\" + strings.Repeat("y", 5000) + "\nselect 1;\n",
		"self variable":   "\\set a 'select 1 as a, :a'\n:a;\n\\set b ':b'\n:b\nselect 2;\n",
		"statement 16 MB": "select length('" + strings.Repeat("x y;\n", 16<<20/5) + "') as n, nope;\nselect 1;\n",
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "bad.sql"), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			compare(t, call{args: []string{"-f", "bad.sql"}}, dir)
			if len(text) < 1<<20 {
				compare(t, call{stdin: text}, dir)
			}
		})
	}
}

// pseudoRandom returns n bytes, the same at each run.
func pseudoRandom(n int) []byte {
	b, x := make([]byte, n), uint32(1)
	for i := range b {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		b[i] = byte(x)
	}
	return b
}

// A file that includes itself ends as it does for psql at the usual limit of
// open files; psql crashes where that limit is high.
func TestIncludeOfItself(t *testing.T) {
	f := newFake(t)
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{"loop.sql": "\\i loop.sql\n", "a.sql": "\\ir b.sql\n", "b.sql": "\\ir a.sql\n\\echo back\n"} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	status, stdout, stderr := f.run(t.Context(), []string{"-f", "loop.sql"}, "")
	if want := "psql:loop.sql:1: error: loop.sql: Too many open files\n"; status != 0 || stderr != want || stdout != "" {
		t.Errorf("got status %d, %q, %.200q; want 0 and %q", status, stdout, stderr, want)
	}
	status, stdout, stderr = f.run(t.Context(), []string{"-f", "a.sql"}, "")
	if want := "psql:a.sql:1: error: b.sql: Too many open files\n"; status != 0 || stderr != want || stdout != strings.Repeat("back\n", maxFiles/2) {
		t.Errorf("got status %d, %d bytes, %.200q; want 0 and %q", status, len(stdout), stderr, want)
	}
	// Standard input that includes itself is no file, but as deep.
	status, _, stderr = f.run(t.Context(), nil, strings.Repeat("\\i -\n", 3000)+"select 1;\n")
	if n := strings.Count(stderr, "Too many open files"); status != 0 || n != 3000-maxFiles || len(f.queries) != 1 {
		t.Errorf("got status %d, %d errors, %d queries; want 0, %d and 1", status, n, len(f.queries), 3000-maxFiles)
	}
}

// \watch runs a bounded number of times, at most until an error.
func TestWatch(t *testing.T) {
	for _, tt := range []struct {
		script, stderr string
		queries, shown int
	}{
		{"select 1 \\watch c=3 i=0.001\n", "", 3, 3},
		{"select 1 \\watch i=0.001 c=1\n", "", 1, 1},
		{"select 1 \\watch c=2 0.001\n", "", 2, 2},
		{"select 1;\n\\watch 0.001s c=2\n", "", 3, 3},
		{"fail \\watch c=3 i=0.001\n", "ERROR:  it fails\nLINE 1: fail \n        ^\n", 1, 0},
		{"select 1 \\watch c=0\n", "\\watch: incorrect iteration count \"0\"\n", 1, 1},
		{"select 1 \\watch c=x\n", "\\watch: incorrect iteration count \"x\"\n", 1, 1},
		{"select 1 \\watch i=x\n", "\\watch: incorrect interval value \"x\"\n", 1, 1},
		{"select 1 \\watch i=-1\n", "\\watch: incorrect interval value \"-1\"\n", 1, 1},
		{"select 1 \\watch i=inf\n", "\\watch: incorrect interval value \"inf\"\n", 1, 1},
		{"\\watch c=1\n", "\\watch cannot be used with an empty query\n", 0, 0},
	} {
		f := newFake(t)
		status, stdout, stderr := f.run(t.Context(), nil, tt.script)
		if status != 0 || stderr != tt.stderr || len(f.queries) != tt.queries || strings.Count(stdout, "(1 row)") != tt.shown {
			t.Errorf("%q: got status %d, %q, %q, %d queries; want %q and %d", tt.script, status, stdout, stderr, len(f.queries), tt.stderr, tt.queries)
		}
	}
	now := time.Now().Year()
	f := newFake(t)
	if _, stdout, _ := f.run(t.Context(), nil, "\\C head\nselect 1 \\watch c=1 i=2.5\n"); !strings.Contains(stdout, fmt.Sprintf("%d (every 2.5s)\n", now)) || !strings.Contains(stdout, "\nhead\t") {
		t.Errorf("the title: got %q", stdout)
	}
}

// \bind, which psql 15 does not have, sends values apart from the statement.
func TestBind(t *testing.T) {
	_, pg := reference(t)
	for _, tt := range []struct{ script, stdout, stderr string }{
		{"select $1::int + 1 as x \\bind 5 \\g\n", "6\n", ""},
		{"select $1 as a, $2 as b \\bind 'it''s' \"q\" \\g\n", "it's|\"q\"\n", ""},
		{"select 7 \\bind \\g\n", "7\n", ""},
		{"select $1::int / 0 \\bind 5 \\g\nselect 1;\n", "1\n", "ERROR:  division by zero\n"},
		{"select $1::int \\bind x \\g\nselect $1;\n", "", "ERROR:  invalid input syntax for type integer: \"x\"\nCONTEXT:  unnamed portal parameter $1 = '...'\nERROR:  there is no parameter $1\nLINE 1: select $1;\n               ^\n"},
		{"select $1::int \\bind \\g\n", "", "ERROR:  bind message supplies 0 parameters, but prepared statement \"\" requires 1\n"},
		{"select $1 as v \\bind z \\gset\n\\echo :v\n", "z\n", ""},
		{"select 1; select 2 \\bind \\g\n", "1\n2\n", ""},
		{"select 1 \\; select 2 \\bind \\g\n", "", "ERROR:  cannot insert multiple commands into a prepared statement\n"},
	} {
		got := call{args: []string{"-At"}, stdin: tt.script}.ours(t, pg, t.TempDir())
		if got.Stdout != tt.stdout || got.Stderr != tt.stderr || got.Status != 0 {
			t.Errorf("%q:\n got %q, %q, %d\nwant %q, %q", tt.script, got.Stdout, got.Stderr, got.Status, tt.stdout, tt.stderr)
		}
	}
}

// FETCH_COUNT does not hold for statements that "\\;" joins: psql 15 shows
// nothing of those and says nothing.
func TestFetchOfSeveral(t *testing.T) {
	_, pg := reference(t)
	for _, tt := range []struct{ script, stdout, stderr string }{
		{"select 1 \\; select generate_series(2, 4);\n", "1\n2\n3\n4\n", ""},
		{"select generate_series(2, 4) \\; select 5;\n", "2\n3\n4\n5\n", ""},
		{"select 1 \\; select 1/0;\n\\echo :ERROR\n", "1\ntrue\n", "ERROR:  division by zero\n"},
		{"select generate_series(2, 4) /* ; */;\n\\echo :ROW_COUNT\n", "2\n3\n4\n3\n", ""},
	} {
		got := call{args: []string{"-At", "-v", "FETCH_COUNT=2"}, stdin: tt.script}.ours(t, pg, t.TempDir())
		if got.Stdout != tt.stdout || got.Stderr != tt.stderr || got.Status != 0 {
			t.Errorf("%q:\n got %q, %q, %d\nwant %q, %q", tt.script, got.Stdout, got.Stderr, got.Status, tt.stdout, tt.stderr)
		}
	}
}
