package asl

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ name, definition, want string }{
		{"not JSON", `{"StartAt": nope}`, `1:13: Unrecognized token 'nope': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`},
		{"trailing text", `{} x`, `1:4: unexpected text after the value`},
		{"invalid UTF-8", "{\"a\": \"\xff\"}", `1:8: invalid UTF-8`},
		{"empty", `{}`, `1:1: These fields are required: [States, StartAt]`},
		{"not an object", `[]`, `1:1: The definition must be a JSON object`},
		{"a byte order mark", "\ufeff{}", `1:1: The definition begins with a UTF-8 byte order mark (the bytes EF BB BF), which JSON text must not have`},
		{"StartAt is no string", `{"StartAt":1,"States":{"A":{"Type":"Succeed"}}}`, `1:12: /StartAt: Expected value of type String`},
		{"variables", "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\"End\":true,\n\"Assign\":{\"ok\":1,\n\"1a\":2,\n\"states\":3,\"b.$\":\"x\"}}}}",
			`3:1: /States/A/Assign/1a: '1a' is not a valid variable name
4:1: /States/A/Assign/states: 'states' is not a valid variable name
4:12: /States/A/Assign/b.$: The value for the field 'b.$' must be a valid JSONPath or a valid intrinsic function call (a path begins with $)`},
		{"deep in a template", "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\"End\":true,\n\"Parameters\":{\"a\":[1,{\n\"b.$\":5}]}}}}",
			`3:1: /States/A/Parameters/a/1/b.$: The value for the field 'b.$' must be a valid JSONPath or a valid intrinsic function call`},
		{"duplicate key", "{\n \"StartAt\": \"A\", \"StartAt\": \"A\",\n \"States\": {\"A\": {\"Type\": \"Succeed\"}}}", `2:18: /StartAt: Duplicate field 'StartAt'`},
		{"near name", `{"StartAt":"A","States":{
"A":{"Type":"Pass","Next":"Shpi"},
"Ship":{"Type":"Succeed"}}}`, `2:27: /States/A/Next: Missing 'Next' target: Shpi (did you mean "Ship"?)
3:8: /States/Ship: State "Ship" is not reachable.`},
		{"no end", `{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"A"}}}`, `1:1: Workflow has no terminal state`},
		{"unknown field", `{"StartAt":"A","States":{"A":{"Type":"Pass","End":true,"Catch":[]}}}`, `1:56: /States/A/Catch: Field 'Catch' is not supported`},
		{"pointer", `{"StartAt":"a/b","States":{"a/b":{"Type":"Pass"}}}`, `1:34: /States/a~1b: One of these fields is required: [Next, End]`},
		{"a field of JSONPath", `{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Succeed","InputPath":"$"}}}`,
			`1:74: /States/A/InputPath: The QueryLanguage is set to 'JSONata', but field 'InputPath' is only supported for the 'JSONPath' QueryLanguage`},
		{"an unknown language", `{"QueryLanguage":"jsonpath","StartAt":"A","States":{"A":{"Type":"Pass","End":true,"Parameters":{}}}}`,
			`1:18: /QueryLanguage: Value must be one of: [JSONPath, JSONata]
1:83: /States/A/Parameters: The QueryLanguage is set to 'JSONata', but field 'Parameters' is only supported for the 'JSONPath' QueryLanguage`},
		{"a nested state is of the machine's language", `{"StartAt":"A","States":{"A":{"Type":"Map","QueryLanguage":"JSONata","End":true,"ItemProcessor":{"StartAt":"B","States":{"B":{"Type":"Pass","Output":1,"End":true}}}}}}`,
			`1:141: /States/A/ItemProcessor/States/B/Output: The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage`},
		{"rules of the other language", `{"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Condition":true,"Next":"B"}]},"B":{"Type":"Choice","QueryLanguage":"JSONata","Choices":[{"Variable":"$.x","IsNull":true,"Condition":"{% true %}","Next":"C"}]},"C":{"Type":"Succeed"}}}`,
			`1:58: /States/A/Choices/0: Exactly one comparison operator, And, Or or Not is required
1:59: /States/A/Choices/0/Condition: The QueryLanguage is set to 'JSONPath', but field 'Condition' is only supported for the 'JSONata' QueryLanguage
1:149: /States/B/Choices/0/Variable: The QueryLanguage is set to 'JSONata', but field 'Variable' is only supported for the 'JSONPath' QueryLanguage
1:166: /States/B/Choices/0/IsNull: The QueryLanguage is set to 'JSONata', but field 'IsNull' is only supported for the 'JSONPath' QueryLanguage`},
		{"expressions", `{"QueryLanguage":"JSONata","StartAt":"A","States":{
"A":{"Type":"Pass","Output":{"a":["{% phone.n + $ %}"],"b":"{% $$.x %}","c":"{% $states.result %}","d":"{% ( %}"},"Next":"B"},
"B":{"Type":"Map","Items":5,"ItemProcessor":{"StartAt":"C","States":{"C":{"Type":"Succeed","Output":"{% $states.errorOutput %}"}}},"Output":"{% $states.result %}",
"Catch":[{"ErrorEquals":["States.ALL"],"Output":"{% $states.errorOutput.Error & $states.result %}","Next":"D"}],"Next":"D"},
"D":{"Type":"Fail","Error":"{% 1","Cause":"{% $states.other %}"}}}`,
			`2:35: /States/A/Output/a/0: Reference to 'phone' at the top level is not supported. (the state's input is $states.input)
2:35: /States/A/Output/a/0: Reference to '$' at the top level is not supported. (the state's input is $states.input)
2:60: /States/A/Output/b: Reference to '$$' is not supported.
2:77: /States/A/Output/c: Field '$states.result' does not exist.
2:104: /States/A/Output/d: Expected ")" before end of expression (S0203 at character 1)
3:27: /States/B/Items: Value must be an array, an object or a JSONata expression
3:101: /States/B/ItemProcessor/States/C/Output: Field '$states.errorOutput' does not exist.
4:49: /States/B/Catch/0/Output: Field '$states.result' does not exist.
5:28: /States/D/Error: A JSONata expression begins with '{%' and ends with '%}'
5:43: /States/D/Cause: Field '$states.other' does not exist.`},
		{"a field of JSONata", `{"StartAt":"A","States":{"A":{"Type":"Succeed","Output":1}}}`,
			`1:48: /States/A/Output: The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage`},
		{"distributed", `{"StartAt":"A","States":{"A":{"Type":"Map","End":true,"ItemReader":{},"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED"},"StartAt":"B","States":{"B":{"Type":"Pass","End":true}}}}}}`,
			`1:68: /States/A/ItemReader: These fields are required: [Resource]
1:106: /States/A/ItemProcessor/ProcessorConfig: These fields are required: [ExecutionType]`},
		{"bad path", `{"StartAt":"A","States":{"A":{"Type":"Pass","End":true,"OutputPath":"x","ResultPath":"$[*]"}}}`,
			`1:69: /States/A/OutputPath: Value must be a valid JSONPath. (a path begins with $)
1:86: /States/A/ResultPath: Value is not a Reference Path`},
		{"choice", `{"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Variable":"$.a","StringEquals":1,"Next":"B"},{"Next":"B"}]},"B":{"Type":"Succeed"}}}`,
			`1:91: /States/A/Choices/0/StringEquals: Expected value of type String
1:105: /States/A/Choices/1: Exactly one comparison operator, And, Or or Not is required`},
		{"retry", `{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"x","End":true,"Retry":[{"ErrorEquals":["States.ALL"],"MaxAttempts":-1},{"ErrorEquals":["X"]}]}}}`,
			`1:56: /States/A/Resource: Value is not a valid resource ARN (not an ARN: "x")
1:95: /States/A/Retry/0/ErrorEquals: 'States.ALL' must appear alone and in the last element
1:124: /States/A/Retry/0/MaxAttempts: Value must be between 0 and 99999999`},
	} {
		_, err := Parse([]byte(c.definition), ParseOptions{})
		if err == nil {
			t.Errorf("%s: no error; want %s", c.name, c.want)
		} else if diff := cmp.Diff(c.want, err.Error()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// TestRecordedDiagnostics holds the messages to those of AWS.
func TestRecordedDiagnostics(t *testing.T) {
	files, _ := filepath.Glob(cases + "/*/*.json")
	if len(files) == 0 {
		t.Skip("no recorded cases beside the repository")
	}
	checked := 0
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var c struct {
			ID, Kind   string
			Features   []string
			Definition json.RawMessage
			Request    struct{ Definition, Type string }
			Expect     struct {
				Error    struct{ Code, Message string }
				Response struct {
					Diagnostics []struct{ Code, Location, Message string }
				}
			}
		}
		if json.Unmarshal(b, &c) != nil || c.Kind != "create_error" && c.Kind != "validate" || slices.Contains(c.Features, "JSONata") {
			continue
		}
		if c.Kind == "create_error" && (c.Expect.Error.Code != "InvalidDefinition" || c.Expect.Error.Message == "") {
			continue
		}
		checked++
		text := []byte(c.Definition)
		var plain string
		if json.Unmarshal(text, &plain) == nil {
			text = []byte(plain)
		}
		_, err = Parse(text, ParseOptions{Express: c.Request.Type == "EXPRESS"})
		var errs Errors
		errors.As(err, &errs)
		if c.Kind == "create_error" {
			if got := errs.AWSMessage(); got != c.Expect.Error.Message {
				t.Errorf("%s:\n got %s\nwant %s", c.ID, got, c.Expect.Error.Message)
			}
			continue
		}
		if len(errs) != len(c.Expect.Response.Diagnostics) {
			t.Errorf("%s: %d diagnostics; want %d: %v", c.ID, len(errs), len(c.Expect.Response.Diagnostics), err)
			continue
		}
		for i, d := range c.Expect.Response.Diagnostics {
			if e := errs[i]; e.Code != d.Code || e.Location != d.Location || e.Msg != d.Message {
				t.Errorf("%s:\n got %s %s %s\nwant %s %s %s", c.ID, e.Code, e.Location, e.Msg, d.Code, d.Location, d.Message)
			}
		}
	}
	t.Logf("%d recorded definitions", checked)
}

// differences are definitions that the validators take and AWS's JSONPath does
// not read: an expression for an index, a bare word in a filter, Credentials
// without RoleArn, a hyphen in a variable's name, and JSONPath in a machine
// set to JSONata.
var differences = []string{
	"asl-validator/valid-path-array-context.json", "asl-validator/valid-current-value-predicate.json",
	"asl-validator/valid-task-credentials.json", "statelint/task-with-credentials.json", "statelint/task-with-invalid-credentials.json",
	"asl-validator/valid-assign.asl.json", "asl-validator/valid-map-with-item-batcher-jsonata.json",
}

var resources = regexp.MustCompile(`"(foo:bar|arn:aws:swf:[^"]*|\$\{[^"]*)"`)

// TestDefinitions compares our verdict with those of two validators, where
// they agree.
func TestDefinitions(t *testing.T) {
	root := filepath.Join(filepath.Dir(cases), "definitions")
	b, err := os.ReadFile(filepath.Join(root, "labels.json"))
	if err != nil {
		t.Skip("no labelled definitions beside the repository")
	}
	var labels map[string]map[string]any
	if err := json.Unmarshal(b, &labels); err != nil {
		t.Fatal(err)
	}
	agree, differ, skipped := 0, 0, 0
	for name, l := range labels {
		one, ok1 := l["asl-validator"].(bool)
		two, ok2 := l["amazon-states-language-service"].(bool)
		text, err := os.ReadFile(filepath.Join(root, name))
		if !ok1 || !ok2 || one != two || err != nil {
			continue
		}
		// AWS takes no Resource but those it can run; the validators take any.
		text = resources.ReplaceAll(text, []byte(`"arn:aws:lambda:us-east-1:123456789012:function:x"`))
		_, err = Parse(text, ParseOptions{})
		if err != nil && strings.Contains(err.Error(), "is not implemented") {
			skipped++
			continue
		}
		if (err == nil) == one {
			agree++
			continue
		}
		if slices.Contains(differences, name) {
			continue
		}
		differ++
		t.Errorf("%s: validators say %v; we say %.300v", name, one, err)
	}
	t.Logf("agree %d, differ %d, not implemented %d", agree, differ, skipped)
}
