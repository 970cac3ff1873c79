package asl

import (
	"encoding/json"
	"testing"
	"time"

	"salamander/internal/value"
)

// FuzzTemplate puts a payload template into the fields of a state of each query
// language, and runs what is found valid: twice, with the same outcome, in
// bounded time, and with details that are JSON.
func FuzzTemplate(f *testing.F) {
	for _, s := range []string{
		`{"a.$":"$.x","b":[{"c.$":"States.Format('{}-{}', $.x, $$.Execution.Name)"}],"d.$":"$.l[?(@.b)]"}`,
		`{"a.$":"States.ArrayPartition(States.ArrayRange(1, 1000, 1), 7)","b.$":"States.JsonMerge($, $$, false)"}`,
		`{"a.$":"$..*","b.$":"States.Hash($, 'SHA-512')","c.$":"States.Base64Decode(States.Base64Encode('x'))"}`,
		`{"a":"{% $states.input.l ~> $map(function($v){$string($v)}) %}","b":["{% $states.context.State.Name %}",{"c":"{%$uuid()%}"}]}`,
		`{"a":"{% ($f := function($n){$n < 1 ? 1 : $n * $f($n - 1)}; $f(20)) %}"}`,
		`"{% {\"x\": $states.input.*, \"y\": [1..100][$ % 7 = 0]} %}"`,
	} {
		f.Add([]byte(s), []byte(`{"x":"y","l":[1,{"b":null},"é"]}`))
	}
	f.Fuzz(func(t *testing.T, template, input []byte) {
		if len(template) > 4000 || len(input) > 4000 {
			return
		}
		if _, err := value.Parse(input); err != nil || !json.Valid(template) {
			return
		}
		for _, definition := range []string{
			`{"StartAt":"A","States":{"A":{"Type":"Pass","Parameters":` + string(template) + `,"Assign":{"v.$":"$"},"End":true}}}`,
			`{"StartAt":"A","QueryLanguage":"JSONata","States":{"A":{"Type":"Pass","Output":` + string(template) + `,"Assign":{"v":` + string(template) + `},"End":true}}}`,
		} {
			m, err := Parse([]byte(definition), ParseOptions{})
			if err != nil {
				continue
			}
			var outcomes [2]string
			for i := range outcomes {
				started := time.Now()
				dec, err := m.Start(Start{At: began, Input: input})
				if err != nil || dec.Outcome == nil {
					t.Fatalf("got %+v, %v; want an outcome", dec.Outcome, err)
				}
				if took := time.Since(started); took > 20*time.Second {
					t.Fatalf("took %s", took)
				}
				text, err := json.Marshal(dec.History)
				if err != nil {
					t.Fatal(err)
				}
				outcomes[i] = string(text)
			}
			if outcomes[0] != outcomes[1] {
				t.Fatalf("got\n%s, then\n%s", outcomes[0], outcomes[1])
			}
		}
	})
}
