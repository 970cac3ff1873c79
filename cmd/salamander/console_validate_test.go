package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	web "salamander/console"
)

// What the editor shows of a mistake has its place and what would mend it.
func TestConsoleValidatesWithPlacesAndHints(t *testing.T) {
	_, b := startConsole(t, t.TempDir())
	var out struct{ Findings []web.Finding }
	definition := "{\"StartAt\": \"Pay\",\n \"Comment\": \"🚚 é\", \"States\": {\"Pay\": {\"Type\": \"Pass\", \"Next\": \"Shpi\"},\n \"Ship\": {\"Type\": \"Succeed\"}}}"
	b.ask("POST", "/api/validate", document{"definition": definition, "type": "STANDARD"}, &out)
	var got []web.Finding
	for _, f := range out.Findings {
		if f.Pointer == "/States/Pay/Next" {
			got = append(got, f)
		}
	}
	want := []web.Finding{{Severity: "ERROR", Code: "MISSING_TRANSITION_TARGET", Message: `Missing 'Next' target: Shpi`, Hint: `did you mean "Ship"?`,
		Location: "/States/Pay/Next", Pointer: "/States/Pay/Next", Line: 2, Column: 64}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	b.ask("POST", "/api/validate", document{"definition": `{"StartAt":"A","States":{"A":{"Type":"Pass","Parameters":{"x":"$.x"},"End":true}}}`}, &out)
	if len(out.Findings) != 1 || out.Findings[0].Severity != "WARNING" || out.Findings[0].Line != 1 {
		t.Errorf("a warning: got %+v", out.Findings)
	}
	b.ask("POST", "/api/validate", document{"definition": `{"StartAt":`}, &out)
	if len(out.Findings) != 1 || out.Findings[0].Severity != "ERROR" {
		t.Errorf("no JSON: got %+v", out.Findings)
	}
}

func TestColumnsAreInCodeUnits(t *testing.T) {
	lines := []string{"abc", "é🚚x"}
	for _, c := range []struct{ line, column, want int }{{1, 1, 1}, {1, 3, 3}, {2, 7, 4}, {2, 99, 5}, {0, 0, 0}, {3, 2, 2}} {
		if got := codeUnits(lines, c.line, c.column); got != c.want {
			t.Errorf("line %d column %d: got %d; want %d", c.line, c.column, got, c.want)
		}
	}
}
