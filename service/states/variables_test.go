package states

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestVariableReferences(t *testing.T) {
	got := variableReferences(`{"StartAt":"A","States":{
		"A":{"Type":"Pass","InputPath":"$in","ResultPath":"$.x","OutputPath":"$","Parameters":{"a.$":"$tmpl.b[0]","b":"$no","c.$":"States.Format('$lit', $$.Execution.Id, $arg)"}},
		"B":{"Type":"Choice","Choices":[{"And":[{"Variable":"$guess","StringEqualsPath":"$answer"}]}]},
		"C":{"Type":"Map","MaxConcurrencyPath":"$max","ItemProcessor":{"States":{"D":{"Type":"Pass","Assign":{"y.$":"$.x"}},"E":{"Type":"Fail","CausePath":"$why"}}}},
		"G":{"Type":"Pass","QueryLanguage":"JSONata","Comment":"$no","Output":{"a.$":"$no","b":["{% /* $no */ $match('$no', /$/) ~> $each(function($w){ $y }) %}"]}},
		"F":{"Type":"Pass","QueryLanguage":"JSONata","Output":"{% ($x := $counted; $map($list, function($v, $i){ $v + $x + $states.input.a + $i }) & '$lit') %}"}}}`)
	want := map[string][]string{"A": {"arg", "in", "tmpl"}, "B": {"answer", "guess"}, "C": {"max"}, "E": {"why"}, "F": {"counted", "list"}, "G": {"y"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("references (-want +got):\n%s", diff)
	}
}

func FuzzVariableReferences(f *testing.F) {
	f.Add(`{"States":{"A":{"Output":"{% '$"}}}`)
	f.Add(`{"States":{"A":{"x.$":"$$$ $\\"}}}`)
	f.Fuzz(func(_ *testing.T, text string) { variableReferences(text) })
}
