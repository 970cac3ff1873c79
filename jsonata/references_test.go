package jsonata

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReferences(t *testing.T) {
	for _, c := range []struct {
		expr string
		want References
	}{
		{"1 + 2", References{}},
		{"phone", References{Context: []string{"phone"}}},
		{"phone.number", References{Context: []string{"phone"}}},
		{"$states.input.phone[number = 1].kind", References{Members: []string{"input"}}},
		{"$states.input ~> $map(function($v){$v.a & b})", References{Context: []string{"b"}, Members: []string{"input"}}},
		{"$", References{Context: []string{"$"}}},
		{"$.a", References{Context: []string{"$"}}},
		{"$states.input.($.a)", References{Members: []string{"input"}}},
		{"$$", References{Root: true}},
		{"$states.input[$$.a = b]", References{Root: true, Members: []string{"input"}}},
		{"$sum(prices) + $states.result.n", References{Context: []string{"prices"}, Members: []string{"result"}}},
		{"{'a': b, 'c': $states.errorOutput.Error}", References{Context: []string{"b"}, Members: []string{"errorOutput"}}},
		{"$states.input.list^(>price).name", References{Members: []string{"input"}}},
		{"$states.input.list{kind: $sum(price)}", References{Members: []string{"input"}}},
		{"($x := $states.input; $x.name; other)", References{Context: []string{"other"}, Members: []string{"input"}}},
		{"$states.input ~> |rows|{'a': b}|", References{Members: []string{"input"}}},
		{"*", References{Context: []string{"*"}}},
		{"$states.input.*", References{Members: []string{"input"}}},
		{"[1..3].($ * 2)", References{}},
		{"$filter([1], function($v){$v > 0})", References{}},
		{"$states", References{}},
		{"$x ? a : b", References{Context: []string{"a", "b"}}},
	} {
		e, err := Compile(c.expr)
		if err != nil {
			t.Errorf("%s: %v", c.expr, err)
			continue
		}
		if diff := cmp.Diff(c.want, e.References("states")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.expr, diff)
		}
	}
}
