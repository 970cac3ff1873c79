package duck_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite what is wanted in testdata/sql, and docs/SQL.md")

// A construct is one case of testdata/sql: statements of Redshift's, what they
// are known to give, and how the embedded warehouse comes to it.
type construct struct {
	name   string
	status string // same, corrected, refused or own
	note   string
	test   string // of Go, where a text cannot show it; the statements are none then
	facts  []string
	steps  []step
	line   int
}

// A step is a statement, and its rows, tags or error, one a line.
type step struct {
	sql  string
	want []string
}

// A group is a file of constructs. Its statements run in one session.
type group struct {
	file, title string
	intro       string
	setup       []string
	constructs  []*construct
}

var statuses = map[string]string{
	"same":      "DuckDB gives what Redshift documents.",
	"corrected": "The statement is rewritten, or a function of ours answers, so that it does.",
	"refused":   "A named error says so: what DuckDB would answer is not what Redshift does, or there is nothing to answer with.",
	"own":       "It is done by Salamander itself, not by DuckDB.",
}

// readGroup reads a file of constructs:
//
//	# title
//	text of the page
//	! statement that runs first
//	= construct
//	: status
//	: note
//	@ 4a the words of the facts that it belongs to
//	statement, whose other lines begin with a blank
//	-> row, or ERROR code message
//
// A construct that a test in Go shows has "test: TestName" for statements.
func readGroup(file string) (*group, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	g := &group{file: file}
	var c *construct
	for i, line := range strings.Split(strings.TrimSuffix(string(b), "\n"), "\n") {
		bad := func(what string) error { return fmt.Errorf("%s:%d: %s: %q", file, i+1, what, line) }
		text := strings.TrimSpace(line)
		_, after, _ := strings.Cut(text, " ")
		switch {
		case strings.HasPrefix(line, "# "):
			g.title = after
		case strings.HasPrefix(line, "! "):
			g.setup = append(g.setup, after)
		case strings.HasPrefix(line, "= "):
			c = &construct{name: after, line: i + 1}
			g.constructs = append(g.constructs, c)
		case c == nil && text == "":
		case c == nil:
			g.intro += line + "\n"
		case strings.HasPrefix(line, ": ") && c.status == "":
			if c.status = after; statuses[after] == "" {
				return nil, bad("no status")
			}
		case strings.HasPrefix(line, ": "):
			c.note = strings.TrimSpace(c.note + " " + after)
		case strings.HasPrefix(line, "@ "):
			c.facts = append(c.facts, after)
		case strings.HasPrefix(line, "test: "):
			c.test = after
		case strings.HasPrefix(line, "->"):
			if len(c.steps) == 0 {
				return nil, bad("a result without a statement")
			}
			last := &c.steps[len(c.steps)-1]
			last.want = append(last.want, strings.TrimPrefix(strings.TrimPrefix(line, "->"), " "))
		case text == "":
		case line[0] == ' ' && len(c.steps) > 0:
			c.steps[len(c.steps)-1].sql += "\n" + line
		default:
			c.steps = append(c.steps, step{sql: line})
		}
	}
	for _, c := range g.constructs {
		if c.status == "" || len(c.steps) == 0 && c.test == "" {
			return nil, fmt.Errorf("%s:%d: %q needs a status, and statements or a test", file, c.line, c.name)
		}
	}
	return g, nil
}

// write writes a group back, with what its statements gave.
func (g *group) write() error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n%s", g.title, g.intro)
	for _, s := range g.setup {
		fmt.Fprintf(&b, "! %s\n", s)
	}
	if len(g.setup) > 0 {
		b.WriteByte('\n')
	}
	for i, c := range g.constructs {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "= %s\n: %s\n", c.name, c.status)
		if c.note != "" {
			fmt.Fprintf(&b, ": %s\n", c.note)
		}
		for _, f := range c.facts {
			fmt.Fprintf(&b, "@ %s\n", f)
		}
		if c.test != "" {
			fmt.Fprintf(&b, "test: %s\n", c.test)
		}
		for _, s := range c.steps {
			b.WriteString(s.sql + "\n")
			for _, w := range s.want {
				b.WriteString(strings.TrimRight("-> "+w, " ") + "\n")
			}
		}
	}
	return os.WriteFile(g.file, []byte(b.String()), 0o644)
}

func readGroups(t testing.TB) []*group {
	t.Helper()
	files, err := filepath.Glob("testdata/sql/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases in testdata/sql")
	}
	var all []*group
	for _, f := range files {
		g, err := readGroup(f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, g)
	}
	return all
}

// page writes docs/SQL.md.
func page(all []*group, head string) []byte {
	var b bytes.Buffer
	b.WriteString(head)
	counts := map[string]int{}
	total := 0
	for _, g := range all {
		for _, c := range g.constructs {
			counts[c.status]++
			total++
		}
	}
	fmt.Fprintf(&b, "| status | constructs | meaning |\n|---|---|---|\n")
	for _, s := range []string{"same", "corrected", "own", "refused"} {
		fmt.Fprintf(&b, "| %s | %d | %s |\n", s, counts[s], statuses[s])
	}
	fmt.Fprintf(&b, "| all | %d | |\n", total)
	for _, g := range all {
		fmt.Fprintf(&b, "\n## %s\n\n", g.title)
		if intro := strings.TrimSpace(g.intro); intro != "" {
			b.WriteString(intro + "\n\n")
		}
		fmt.Fprintf(&b, "Shown by `warehouse/duck/%s`.\n\n| construct | status | |\n|---|---|---|\n", filepath.ToSlash(g.file))
		for _, c := range g.constructs {
			note := c.note
			if c.test != "" {
				note = strings.TrimSpace(note + " (`" + c.test + "`)")
			}
			cell := strings.NewReplacer("|", `\|`, "`", "'")
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", cell.Replace(c.name), c.status, strings.ReplaceAll(note, "|", `\|`))
		}
	}
	return b.Bytes()
}

const pageFile = "../../docs/SQL.md"

// head returns what the page says before the tables, which people write.
func head(b []byte) (string, error) {
	const mark = "<!-- generated from here: make generate -->\n"
	before, _, ok := strings.Cut(string(b), mark)
	if !ok {
		return "", fmt.Errorf("docs/SQL.md lacks the line %q", mark)
	}
	return before + mark + "\n", nil
}

// TestSQLPage holds docs/SQL.md to the cases of testdata/sql.
func TestSQLPage(t *testing.T) {
	old, err := os.ReadFile(pageFile)
	if err != nil {
		t.Fatal(err)
	}
	before, err := head(old)
	if err != nil {
		t.Fatal(err)
	}
	want := page(readGroups(t), before)
	if bytes.Equal(old, want) {
		return
	}
	if *update {
		if err := os.WriteFile(pageFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Error("docs/SQL.md is stale: run make generate")
}

// TestSQLTestsExist finds the tests in Go that constructs name.
func TestSQLTestsExist(t *testing.T) {
	known := map[string]bool{}
	files, _ := filepath.Glob("../*/*_test.go")
	more, _ := filepath.Glob("../../cmd/*/*_test.go")
	for _, f := range append(files, more...) {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`).FindAllSubmatch(b, -1) {
			known[string(m[1])] = true
		}
	}
	seen := map[string]string{}
	for _, g := range readGroups(t) {
		for _, c := range g.constructs {
			if c.test != "" && !known[c.test] {
				t.Errorf("%s:%d: no test %s", g.file, c.line, c.test)
			}
			if other := seen[c.name]; other != "" {
				t.Errorf("%s:%d: %q stands in %s too", g.file, c.line, c.name, other)
			}
			seen[c.name] = g.file
		}
	}
}

// TestSQLCoversWhatWasTried holds that each construct that was tried on DuckDB,
// and found to be wrong, right or missing there, has its case.
func TestSQLCoversWhatWasTried(t *testing.T) {
	b, err := os.ReadFile("testdata/tried.txt")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for _, g := range readGroups(t) {
		for _, c := range g.constructs {
			for _, f := range c.facts {
				shown[f] = true
			}
		}
	}
	known := map[string]bool{}
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		known[line] = true
		if !shown[line] {
			t.Errorf("no case for %q", line)
		}
	}
	for f := range shown {
		if !known[f] {
			t.Errorf("testdata/tried.txt has no line %q", f)
		}
	}
}
