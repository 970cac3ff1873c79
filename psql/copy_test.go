package psql

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParseCopy(t *testing.T) {
	for _, tt := range []struct{ line, sql, file, err string }{
		{"t from 'a b.csv' csv", "COPY  t FROM STDIN csv", "a b.csv", ""},
		{"s . t(a, b) to stdout", "COPY  s.t ( a, b ) TO STDOUT ", "", ""},
		{`"x y" to 'it''s'`, `COPY  "x y" TO STDOUT `, "it's", ""},
		{"(select ')') to pstdout", "COPY  ( select ')' ) TO STDOUT ", "", ""},
		{"t", "", "", `\copy: parse error at end of line`},
		{"t to program cat", "", "", `\copy: parse error at "cat"`},
		{"t into x", "", "", `\copy: parse error at "into"`},
	} {
		c, err := parseCopy(tt.line)
		if err != nil {
			if err.Error() != tt.err {
				t.Errorf("%q: got %v; want %v", tt.line, err, tt.err)
			}
			continue
		}
		if got := strings.ReplaceAll(c.sql(), "a , b", "a, b"); got != tt.sql || c.file != tt.file || tt.err != "" {
			t.Errorf("%q: got %q, %q; want %q, %q, %q", tt.line, got, c.file, tt.sql, tt.file, tt.err)
		}
	}
}

// The shell is reached only where the user allows it.
func TestShellCommandsByOption(t *testing.T) {
	_, pg := reference(t)
	dir := t.TempDir()
	t.Chdir(dir)
	script := "\\set a `echo x`\n\\echo :a\n\\! echo hi\ncopy (select 1) to stdout \\g |cat\n\\copy (select 2) to program 'cat > out'\n\\copy (select 3) to 'file'\n"
	for _, allowed := range []bool{false, true} {
		args := []string{"-X", "-h", "127.0.0.1", "-p", pg.port, "-d", "dev", "-U", "awsuser"}
		if allowed {
			args = append(args, "--allow-shell")
		}
		var stdout, stderr bytes.Buffer
		Main(t.Context(), args, func(string) (string, bool) { return "", false }, strings.NewReader(script), &stdout, &stderr)
		out, _ := os.ReadFile(filepath.Join(dir, "out"))
		file, _ := os.ReadFile(filepath.Join(dir, "file"))
		if string(file) != "3\n" {
			t.Errorf("\\copy to a file wrote %q", file)
		}
		ran := strings.Contains(stdout.String(), "x\nhi\n1\n") && string(out) == "2\n"
		if ran != allowed || allowed != (stderr.Len() == 0) {
			t.Errorf("allowed=%v: got %q, %q, %q", allowed, stdout.String(), stderr.String(), out)
		}
	}
}

func FuzzParseCopy(f *testing.F) {
	for _, seed := range []string{"t from stdin", `"a""b".c (d,e) to 'f''g' csv`, "(select (1), ')') to program 'x'", "binary t to stdout", "("} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if c, err := parseCopy(line); err == nil && c.sql() == "" {
			t.Error("no statement")
		}
	})
}

func FuzzNamePattern(f *testing.F) {
	for _, seed := range []string{`a.b`, `"A""b".*`, `x?[]`, `$`, `"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		if len(namePattern(pattern)) == 0 {
			t.Error("no part")
		}
	})
}
