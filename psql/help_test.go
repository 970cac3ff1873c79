package psql

import (
	"bytes"
	"strings"
	"testing"
)

// helpOf returns what a script without a connection prints.
func helpOf(t *testing.T, script string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	s := newShell(t.Context(), func(string) (string, bool) { return "", false }, strings.NewReader(script), &stdout, &stderr)
	if s.runFile("-", false); stderr.Len() > 0 {
		t.Errorf("%s: %s", script, stderr.String())
	}
	return stdout.String()
}

func TestHelp(t *testing.T) {
	for script, want := range map[string]string{
		`\?`:             "  \\gexec                   runs the query, then each value of its result\n",
		`\? options`:     "  -1, --single-transaction one transaction for all -c and -f\n",
		`\? variables`:   "  ON_ERROR_STOP            on: the first error ends the script\n",
		`\h`:             "  ALTER USER                       EXECUTE\n",
		`\h unload`:      "Command:     UNLOAD\nDescription: write a query's rows to S3\nSyntax:\nUNLOAD ( 'query' ) TO 's3://bucket/prefix' {",
		`\h drop  t;`:    "Command:     DROP TABLE\nDescription: remove tables\nSyntax:\nDROP TABLE [ IF EXISTS ] name, ... [ CASCADE | RESTRICT ]\n\n",
		`\help drop x y`: "Command:     DROP VIEW\n",
		`\h nonsense`:    "No help available for \"nonsense\".\nTry \\h with no arguments to see available help.\n",
		`\copyright`:     "PostgreSQL is a trademark",
	} {
		if got := helpOf(t, script+"\n"); !strings.Contains(got, want) {
			t.Errorf("%s: got\n%s\nwant %s", script, got, want)
		}
	}
	if got := helpOf(t, "\\h *\n"); strings.Count(got, "Command: ") != len(statementForms()) {
		t.Errorf("\\h *: got %s", got)
	}
}

// Each command that the help names is there, and each that is there is named.
func TestHelpIsWhole(t *testing.T) {
	words := strings.FieldsFunc(commandHelp, func(r rune) bool { return strings.ContainsRune(" ,[]\n|", r) })
	named := map[string]bool{}
	for _, w := range words {
		if name, ok := strings.CutPrefix(w, `\`); ok {
			named[name] = true
			base, _, _ := splitListing(name)
			if lookup(name) == nil && !isListing(name) && base != "sf" && base != "sv" && !strings.Contains(" if elif else endif ! goto label ", " "+name+" ") {
				t.Errorf("\\? names \\%s, which is not there", name)
			}
		}
	}
	for _, name := range []string{"set", "unset", "gset", "watch", "copy", "bind", "encoding", "crosstabview", "dtv", "dl", "dconfig", "dRs", "sf", "prompt", "warn", "x"} {
		if !named[name] {
			t.Errorf("\\? does not name \\%s", name)
		}
	}
	for _, f := range statementForms() {
		if f.about == "" || f.syntax == "" || strings.ToUpper(f.name) != f.name {
			t.Errorf("\\h has %+v", f)
		}
	}
}
