package asl

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWarnings(t *testing.T) {
	const dollar, path, static = "No .$ on a field that appears to be a JSONPath or Intrinsic Function.",
		"Field value looks like a path, but field name does not end with 'Path'.", "Attempt to use a path in the result of a pass state."
	for _, c := range []struct{ name, states, want string }{
		{"nothing", `"A":{"Type":"Pass","Parameters":{"a.$":"$.x","b":"$5","c":"States.Format","d":["$.x"],"e":"costs $","f":"States.TaskFailed"},"End":true}`, ""},
		{"templates", `"A":{"Type":"Pass",
"Parameters":{"a":"$.x",
"b":{"c":[1,{
"d":"$$.Execution.Id"}]},
"e":"States.Format('{}', $.x"},
"Assign":{"v":"States.UUID()",
"w":"$v"},"End":true}`, `2:15: /States/A/Parameters/a: ` + dollar + ` ('a.$' evaluates it)
4:1: /States/A/Parameters/b/c/1/d: ` + dollar + ` ('d.$' evaluates it)
6:11: /States/A/Assign/v: ` + dollar + ` ('v.$' evaluates it)
7:1: /States/A/Assign/w: ` + dollar + ` ('w.$' evaluates it)`},
		{"results", `"A":{"Type":"Pass","Next":"B","Result":"$.x"},
"B":{"Type":"Pass","End":true,"Result":{"a.$":"$.x",
"b":["$.y",{
"c":"$.z"}]}}`, `1:56: /States/A/Result: ` + static + ` (` + staticHint + `)
2:41: /States/B/Result/a.$: ` + static + ` (` + staticHint + `)
4:1: /States/B/Result/b/1/c: ` + static + ` (` + staticHint + `)`},
		{"paths", `"A":{"Type":"Choice","Choices":[{"Not":{"And":[
{"Variable":"$.a","StringEquals":"$.b"}]},"Next":"B",
"Assign":{"x":"$.a"}}],"Default":"C"},
"B":{"Type":"Fail","Error":"$.e",
"Cause":"States.Format('{}', $.e)"},
"C":{"Type":"Fail","ErrorPath":"$.e","Cause":"States.ALL"}`, `2:19: /States/A/Choices/0/Not/And/0/StringEquals: ` + path + ` ('StringEqualsPath' takes it)
3:11: /States/A/Choices/0/Assign/x: ` + dollar + ` ('x.$' evaluates it)
4:20: /States/B/Error: ` + path + ` ('ErrorPath' takes it)
5:1: /States/B/Cause: ` + path + ` ('CausePath' takes it)`},
		{"nested", `"A":{"Type":"Map","ItemSelector":{"i":"$$.Map.Item.Index"},"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"JSON"},
"Parameters":{"Bucket":"$.b","Key":"k"}},"ItemBatcher":{"MaxItemsPerBatch":1,
"BatchInput":{"x":"$.x"}},
"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"B","States":{"B":{"Type":"Pass","QueryLanguage":"JSONata","Output":{"a":"$.x"},"Next":"C"},
"C":{"Type":"Pass","Parameters":{"x":"$.x"},"End":true}}},"Catch":[{"ErrorEquals":["States.ALL"],"Next":"D",
"Assign":{"x":"$.x"}}],"Next":"D"},
"D":{"Type":"Parallel","End":true,"Branches":[{"StartAt":"E","States":{
"E":{"Type":"Pass","Result":{"x.$":1},"End":true}}}]}`, `1:60: /States/A/ItemSelector/i: ` + dollar + ` ('i.$' evaluates it)
2:15: /States/A/ItemReader/Parameters/Bucket: ` + dollar + ` ('Bucket.$' evaluates it)
3:15: /States/A/ItemBatcher/BatchInput/x: ` + dollar + ` ('x.$' evaluates it)
5:34: /States/A/ItemProcessor/States/C/Parameters/x: ` + dollar + ` ('x.$' evaluates it)
6:11: /States/A/Catch/0/Assign/x: ` + dollar + ` ('x.$' evaluates it)
8:30: /States/D/Branches/0/States/E/Result/x.$: ` + static + ` (` + staticHint + `)`},
	} {
		definition := []byte(`{"StartAt":"A","States":{` + c.states + `}}`)
		if _, err := Parse(definition, ParseOptions{}); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(c.want, Warnings(definition).Error()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	if w := Warnings([]byte(`{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Pass","Output":{"a":"$.x"},"Assign":{"b":"$.x"},"End":true}}}`)); len(w) > 0 {
		t.Errorf("JSONata: %v", w)
	}
	for _, bad := range []string{``, `[]`, `{"States":[]}`, `{"States":{"A":1,"B":{"Type":2},"C":{"Type":"Map","ItemProcessor":3,"ItemReader":[],"Catch":{}},"D":{"Type":"Choice","Choices":[1,{"And":{},"Not":[]}]}}}`} {
		if w := Warnings([]byte(bad)); len(w) > 0 {
			t.Errorf("%s: %v", bad, w)
		}
	}
	if w := Warnings([]byte(`{"States":{"a/b":{"Type":"Wait","Seconds":"$.s"}}}`)); len(w) != 1 || w[0].Location != "/States/a/b/Seconds" || w[0].Code != "NO_PATH" {
		t.Errorf("of a definition with mistakes: %v", w)
	}
}

// The examples have no warnings.
func TestExamplesHaveNoWarnings(t *testing.T) {
	files, _ := filepath.Glob("../examples/*/*.asl.json")
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if w := Warnings(b); len(w) > 0 {
			t.Errorf("%s: %v", f, w)
		}
	}
}

func FuzzWarnings(f *testing.F) {
	f.Add([]byte(`{"States":{"A":{"Type":"Map","ItemReader":{"ReaderConfig":{"MaxItems":"$.n"}},"ItemProcessor":{"States":{"B":{"Type":"Pass","Result":["$",{"a.$":1}]}}}}}}`))
	f.Add([]byte(`{"States":{"A":{"Type":"Choice","Choices":[{"Not":{"Or":[{"StringEquals":"$x"}]},"Assign":{"a":[{"b":"States.UUID()"}]}}]}}}`))
	f.Fuzz(func(t *testing.T, definition []byte) {
		for _, e := range Warnings(definition) {
			if e.Line < 1 || e.Column < 1 || e.Path == "" || e.Location == "" {
				t.Errorf("no place: %+v", e)
			}
		}
	})
}
