package asl

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// One Assign sets 256 KiB at most, and all variables that a state sees hold 10
// MiB; what is overwritten does not count.
func TestVariableLimits(t *testing.T) {
	chain := func(n int, name func(i int) string) string {
		var b strings.Builder
		b.WriteString(`{"QueryLanguage": "JSONata", "StartAt": "S0", "States": {`)
		for i := range n {
			fmt.Fprintf(&b, `"S%d": {"Type": "Pass", "Assign": {%q: "{%% $states.input %%}"}, "Next": "S%d"},`, i, name(i), i+1)
		}
		fmt.Fprintf(&b, `"S%d": {"Type": "Succeed"}}}`, n)
		return b.String()
	}
	text := func(n int) string { return `"` + strings.Repeat("x", n-2) + `"` }
	own := func(i int) string { return fmt.Sprintf("v%d", i) }
	same := func(int) string { return "v" }
	for _, c := range []struct {
		name, definition, input, state string
		lifted                         bool
	}{
		{"as much as may be", chain(40, own), text(maxData), "", false},
		{"one more", chain(41, own), text(maxData), "S40", false},
		{"overwritten", chain(100, same), text(maxData), "", false},
		{"limits lifted", chain(41, own), text(maxData + 1), "", true},
		{"two in one Assign", `{"QueryLanguage": "JSONata", "StartAt": "S", "States": {"S": {"Type": "Pass", "Assign": {"a": "{% $states.input %}", "b": "{% $states.input %}"}, "End": true}}}`,
			text(maxData/2 + 1), "S", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := Parse([]byte(c.definition), ParseOptions{NoLimits: c.lifted})
			if err != nil {
				t.Fatal(err)
			}
			dec, err := m.Start(Start{At: began, Input: json.RawMessage(c.input)})
			if err != nil || dec.Outcome == nil {
				t.Fatalf("got %v, %v", dec.Outcome, err)
			}
			switch o := dec.Outcome; {
			case c.state == "" && o.Status != Succeeded:
				t.Errorf("got %s: %.300s", o.Status, *o.Cause)
			case c.state != "" && (o.Status != Failed || *o.Error != "States.DataLimitExceeded" || !strings.Contains(*o.Cause, "'"+c.state+"'")):
				t.Errorf("got %+v; want a failure in %s", o, c.state)
			}
		})
	}
}
