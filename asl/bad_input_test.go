package asl

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestBadInput gives definitions of the largest size and of odd forms: each is
// refused, or taken, in a time that grows with its size.
func TestBadInput(t *testing.T) {
	states := func(n int, each func(i int) string) string {
		var b strings.Builder
		b.WriteString(`{"StartAt": "S0", "States": {`)
		for i := range n {
			if i > 0 {
				b.WriteString(",\n")
			}
			fmt.Fprintf(&b, "%q: %s", fmt.Sprintf("S%d", i), each(i))
		}
		b.WriteString("}}")
		return b.String()
	}
	nested := func(n int) string {
		return `{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true, "Parameters": ` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}}}`
	}
	forks := func(n int) string {
		s := `{"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}`
		for i := range n {
			s = fmt.Sprintf(`{"StartAt": "P%d", "States": {"P%[1]d": {"Type": "Parallel", "End": true, "Branches": [%s]}}}`, i, s)
		}
		return s
	}
	many := func(n int, one string) string { return strings.TrimSuffix(strings.Repeat(one+",", n), ",") }
	for _, c := range []struct{ name, definition, want string }{
		{"10,000 states", states(10_000, func(i int) string {
			if i == 9_999 {
				return `{"Type": "Succeed"}`
			}
			return fmt.Sprintf(`{"Type": "Pass", "Next": "S%d"}`, i+1)
		}), ""},
		{"10,000 missing targets", states(10_000, func(i int) string { return fmt.Sprintf(`{"Type": "Pass", "Next": "T%d"}`, i) }),
			`1:61: /States/S0/Next: Missing 'Next' target: T0 (did you mean "S0"?)`},
		{"10,000 unreachable states", states(10_000, func(int) string { return `{"Type": "Succeed"}` }), `2:7: /States/S1: State "S1" is not reachable.`},
		{"too large", `{"Comment": "` + strings.Repeat("x", maxDefinition) + `"}`, `State machine definition is 1048591 bytes; the limit is 1048576`},
		{"unknown fields", `{"StartAt": "A", "States": {"A": {"Type": "Succeed", ` + many(80_000, `"a":1`) + `}}}`, `1:60: /States/A/a: Duplicate field 'a'`},
		{"wide array", `{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true, "Parameters": [` + many(200_000, "{}") + `]}}}`, ""},
		{"deep and wide", `{"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {"Type": "Pass", "End": true, "Output": ` + strings.Repeat("[", 900) + many(100_000, `"{%1%}"`) + strings.Repeat("]", 900) + `}}}`, ""},
		{"arrays nest", nested(10_000), "1:1075: nested deeper than 1000"},
		{"forks nest", forks(101), "States nest deeper than 100"},
		{"long name", `{"StartAt": "A", "States": {"A": {"Type": "Succeed"}, "` + strings.Repeat("b", 500_000) + `": {"Type": "Pass", "Next": "` + strings.Repeat("c", 500_000) + `"}}}`, "State name must have 1 to 80 characters"},
		{"long paths", `{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true, "InputPath": "$` + strings.Repeat("..a", 300_000) + `"}}}`, "Value must be a valid JSONPath."},
		{"NUL", "{\"StartAt\": \"\x00\"}", "1:14: "},
		{"states of a wrong type", `{"StartAt": ["A"], "States": [1]}`, `1:13: /StartAt: Expected value of type String`},
		{"state of a wrong type", `{"StartAt": "B", "States": {"B": {"Type": "Succeed"}, "A": null}}`, `1:60: /States/A: Expected value of type Object`},
		{"a rule of a wrong type", `{"StartAt": "A", "States": {"A": {"Type": "Choice", "Choices": [1], "Default": "A"}}}`, `1:65: /States/A/Choices/0: Expected value of type Object`},
		{"a syntax error of JSONata", "{\"QueryLanguage\": \"JSONata\", \"StartAt\": \"A\", \"States\": {\n\"A\": {\"Type\": \"Pass\", \"End\": true, \"Output\": {\"x\": [\"{% 1 + %}\"]}}}}",
			`2:53: /States/A/Output/x/0: Unexpected end of expression (S0207 at character 3)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			began := time.Now()
			_, err := Parse([]byte(c.definition), ParseOptions{})
			if took := time.Since(began); took > 60*time.Second {
				t.Errorf("took %s", took)
			}
			if err == nil {
				err = errors.New("")
			}
			got, _, _ := strings.Cut(err.Error(), "\n")
			if !strings.Contains(got, c.want) || c.want == "" && got != "" {
				t.Errorf("got %.300s; want %s", got, c.want)
			}
		})
	}
}

// FuzzParse looks for a panic in the parser, and in the machine where a
// definition is found valid.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`{}`, `[]`, `{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}`,
		`{"StartAt":"A","States":{"A":{"Type":"Pass","Parameters":{"a.$":"States.Format('{}',$.x)","b":["$$.Execution.Id"]},"ResultPath":"$.y","Next":"B"},"B":{"Type":"Fail","ErrorPath":"$.y.a"}}}`,
		`{"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Not":{"Variable":"$.a","IsPresent":true},"Next":"B"}],"Default":"B"},"B":{"Type":"Wait","Seconds":1,"End":true}}}`,
		`{"StartAt":"A","States":{"A":{"Type":"Map","ItemsPath":"$.l","ItemProcessor":{"StartAt":"B","States":{"B":{"Type":"Pass","End":true}}},"End":true}}}`,
		`{"StartAt":"A","States":{"A":{"Type":"Parallel","Branches":[{"StartAt":"B","States":{"B":{"Type":"Succeed"}}}],"Catch":[{"ErrorEquals":["States.ALL"],"Next":"C"}],"End":true},"C":{"Type":"Succeed"}}}`,
		`{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Pass","Assign":{"x":"{% $states.input.l %}"},"Output":{"a":["{% $count($x) %}"]},"Next":"B"},"B":{"Type":"Map","Items":"{% $x %}","ItemProcessor":{"StartAt":"C","States":{"C":{"Type":"Choice","Choices":[{"Condition":"{% $states.input > 1 %}","Next":"D"}],"Default":"D"},"D":{"Type":"Fail","Error":"{% 'e' %}"}}},"Catch":[{"ErrorEquals":["e"],"Output":"{% $states.errorOutput %}","Next":"E"}],"End":true},"E":{"Type":"Succeed"}}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, definition []byte) {
		m, err := Parse(definition, ParseOptions{})
		var errs Errors
		if err != nil && (!errors.As(err, &errs) || err.Error() == "" || errs.AWSMessage() == "") {
			t.Fatalf("an error without mistakes: %#v", err)
		}
		if err != nil || len(definition) > 4000 {
			return
		}
		dec, err := m.Start(Start{At: began, Input: json.RawMessage(`{"a":1,"x":"y","l":[1,2,{"b":null}]}`)})
		for range 20 {
			if err != nil {
				t.Fatal(err)
			}
			if dec.Outcome != nil || len(dec.Commands) == 0 {
				return
			}
			next := dec.Commands[0]
			ev := Event{At: next.At, Kind: TimerFired, Command: next.ID}
			if next.Kind != SetTimer {
				ev = Event{At: began, Kind: Aborted}
			}
			dec, err = m.Step(dec.Execution, ev)
		}
	})
}
