package jsonata

import (
	"strings"
	"testing"
)

func TestVariables(t *testing.T) {
	for expr, want := range map[string]string{
		`$a.b + $c`:                             "a c",
		`$states.input.x[$ > $min]`:             "states",
		`$states.input.x[$ > $low]`:             "low states",
		`($x := $y; $x + $z)`:                   "y z",
		`($x := 1); $x`:                         "",
		`(($x := 1); $x)`:                       "x",
		`function($a){$a + $b}($c)`:             "b c",
		`o@$v.p#$i[$i > $n].{"a": $v, "b": $w}`: "n w",
		`$map($list, function($v, $i){$v})`:     "list",
		`$sum($$.a) + $nofn(1)`:                 "nofn",
		`$a ~> |$b|{"x": $c}, $d|`:              "a b c d",
		`a^(>$k){$g: $h}`:                       "g h k",
		`$x ?: $y ?? $z ? $p : $q`:              "p q x y z",
	} {
		e, err := Compile(expr)
		if err != nil {
			if want != "" {
				t.Errorf("%s: %v", expr, err)
			}
			continue
		}
		if got := strings.Join(e.Variables(nil), " "); got != want {
			t.Errorf("%s takes %q; want %q", expr, got, want)
		}
	}
}

func TestStepFunctionsHaveNoDefaultOperators(t *testing.T) {
	for _, expr := range []string{`$a ?: 1`, `$a ?? 1`} {
		if _, err := Compile(expr); err != nil {
			t.Errorf("Compile(%s): %v", expr, err)
		}
		if _, err := CompileStepFunctions(expr); err == nil {
			t.Errorf("CompileStepFunctions(%s) gives no error", expr)
		}
	}
	if _, err := CompileStepFunctions(`$a ? 1 : $f(?, 2)`); err != nil {
		t.Error(err)
	}
}
