package jsonata

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"salamander/internal/value"
)

// outcome is the text of a result, "undefined", or the code of the error.
func outcome(expr string, env Env) string {
	e, err := Compile(expr)
	if err != nil {
		return err.(*Error).Code
	}
	v, ok, err := e.Eval(env)
	var bad *Error
	switch {
	case errors.As(err, &bad):
		return bad.Code
	case err != nil:
		return err.Error()
	case !ok:
		return "undefined"
	}
	return value.Text(v)
}

func parse(t testing.TB, text string) value.Value {
	t.Helper()
	v, err := value.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestErrorsTellPlaceAndText(t *testing.T) {
	for _, c := range []struct {
		expr  string
		pos   int
		token string
		text  string
	}{
		{`1 + "a"`, 3, "+", `T2002: The right side of the "+" operator must evaluate to a number`},
		{`"é😀" + 1`, 7, "+", `T2001: The left side of the "+" operator must evaluate to a number`}, // UTF-16 units
		{`$nofn(1)`, 6, "nofn", `T1006: Attempted to invoke a non-function`},
		{`sum(1)`, 4, "sum", `T1005: Attempted to invoke a non-function. Did you mean $sum?`},
		{`$sum(["a"])`, 5, "sum", `T0412: Argument 1 of function "sum" must be an array of "numbers"`},
		{`$uppercase(1)`, 11, "uppercase", `T0410: Argument 1 of function "uppercase" does not match function signature`},
		{`($f := function($x){$x + "a"}; $f(1))`, 34, "+", `T2002: The right side of the "+" operator must evaluate to a number`},
		{`$number("x")`, 8, "number", `D3030: Unable to cast value to a number: "x"`},
		{`[1..true]`, 4, "..", `T2004: The right side of the range operator (..) must evaluate to an integer`},
		{`{"a":1,"a":2}`, 1, "", `D1009: Multiple key definitions evaluate to same key: "a"`},
		{`1 2`, 3, "2", `S0201: Syntax error: 2`},
		{`[1`, 2, "(end)", `S0203: Expected "]" before end of expression`},
		{`{"a" 1}`, 6, "1", `S0202: Expected ":", got 1`},
		{`'abc`, 4, "", `S0101: String literal must be terminated by a matching quote`},
		{`)`, 1, ")", `S0211: The symbol ")" cannot be used as a unary operator`},
		{`1 +`, 3, "(end)", `S0207: Unexpected end of expression`},
		{`$error("no")`, 7, "error", `D3137: no`},
		{`/(/`, 3, "", `S0302: No terminating / in regular expression`},
		{`/(?<a>.)(?<a>.)/`, 16, `(?<a>.)(?<a>.)`, `S0303: Invalid regular expression: duplicate capture group name`},
	} {
		e, err := Compile(c.expr)
		if err == nil {
			_, _, err = e.Eval(Env{NoInput: true})
		}
		var bad *Error
		if !errors.As(err, &bad) {
			t.Errorf("%s: %v; want an error", c.expr, err)
			continue
		}
		if bad.Error() != c.text || bad.Position != c.pos || bad.Token != c.token {
			t.Errorf("%s:\n\tgot  %s at %d, token %q\n\twant %s at %d, token %q", c.expr, bad, bad.Position, bad.Token, c.text, c.pos, c.token)
		}
	}
}

func TestUndefinedIsNotNull(t *testing.T) {
	env := Env{Input: parse(t, `{"a":null,"b":[null,1]}`)}
	for expr, want := range map[string]string{
		`a`: `null`, `zz`: `undefined`, `b`: `[null,1]`, `b[0]`: `null`, `b[5]`: `undefined`, `[zz]`: `[]`, `[a]`: `[null]`,
		`{"x":zz,"y":a}`: `{"y":null}`, `$exists(a)`: `true`, `()`: `undefined`,
	} {
		if got := outcome(expr, env); got != want {
			t.Errorf("%s = %s; want %s", expr, got, want)
		}
	}
	if got := outcome(`$`, Env{}); got != "null" {
		t.Errorf("$ of the zero Env = %s; want null", got)
	}
	if got := outcome(`$`, Env{NoInput: true}); got != "undefined" {
		t.Errorf("$ without input = %s; want undefined", got)
	}
}

func TestNumbersKeepTheirTextUntilComputed(t *testing.T) {
	env := Env{Input: parse(t, `{"n":12345678901234567890,"f":1.50,"o":{"x":1.0}}`)}
	for expr, want := range map[string]string{
		`n`: `12345678901234567890`, `f`: `1.50`, `o`: `{"x":1.0}`, `[f,f]`: `[1.50,1.50]`, `f + 0`: `1.5`,
		`n + 1`: `12345678901234567000`, `0.1 + 0.2`: `0.30000000000000004`, `1e21`: `1e+21`, `1e-7`: `1e-7`, `1e20`: `100000000000000000000`,
		`1/0`: `D1001`, `$string(1/0)`: `D3001`, `-0`: `0`,
	} {
		if got := outcome(expr, env); got != want {
			t.Errorf("%s = %s; want %s", expr, got, want)
		}
	}
}

func TestObjectsKeepTheirOrder(t *testing.T) {
	env := Env{Input: parse(t, `[{"k":"z"},{"k":"2"},{"k":"a"},{"k":"1"}]`)}
	if got, want := outcome(`${k: k}`, env), `{"z":"z","2":"2","a":"a","1":"1"}`; got != want {
		t.Errorf("got %s; want %s", got, want)
	}
}

func TestFunctionsHaveNoJSON(t *testing.T) {
	for _, expr := range []string{`$sum`, `function($x){$x}`, `[$sum]`, `{"f":/a/}`, `$sum(?)`} {
		if got := outcome(expr, Env{}); got != ErrFunction.Error() {
			t.Errorf("%s = %s; want %s", expr, got, ErrFunction)
		}
	}
}

func TestTimeAndRandomnessArrive(t *testing.T) {
	env := Env{Now: time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.FixedZone("", 3600)), Random: func() uint64 { return 1 << 63 }}
	for expr, want := range map[string]string{
		`$now()`: `"2026-01-02T02:04:05.006Z"`, `$now("[Y]/[M]/[D]")`: `"2026/1/2"`, `$millis()`: `1767319445006`, `$random()`: `0.5`,
		`$toMillis("10:30", "[H]:[m]")`: `1767349800000`,
	} {
		if got := outcome(expr, env); got != want {
			t.Errorf("%s = %s; want %s", expr, got, want)
		}
	}
	if got := outcome(`$random()`, Env{}); got != "D3142" {
		t.Errorf("$random() without a source = %s; want D3142", got)
	}
}

func TestInputIsNeverChanged(t *testing.T) {
	const text = `{"a":[{"b":2,"c":[3,1]},{"b":1}],"o":{"x":{"y":1}}}`
	in := parse(t, text)
	for _, expr := range []string{`$ ~> |a|{"b":9,"new":$},"c"|`, `$sort(a[0].c)`, `$reverse(a)`, `a^(b)`, `$append(a, 1)`, `$merge([o, {"x":1}])`, `a[]`, `a.c[]`, `$shuffle(a)`, `a{$string(b): $}`, `$x := a`} {
		outcome(expr, Env{Input: in, Bindings: map[string]value.Value{"b": in}, Random: func() uint64 { return 0 }})
		if got := value.Text(in); got != text {
			t.Fatalf("%s changed the input to %s", expr, got)
		}
	}
}

func TestLimits(t *testing.T) {
	small := Limits{Depth: 1000, Steps: 500_000, Size: 8 << 20}
	for expr, want := range map[string]string{
		`($f := function(){$f()}; $f())`:                                                    "U1001",
		`($f := function($n){1 + $f($n)}; $f(1))`:                                           "U1001",
		`$sum([1..1000000])`:                                                                "U1002",
		`($f := function($s){$f($s & $s)}; $f("abcdefgh"))`:                                 "U1002",
		`$pad("a", 1e12)`:                                                                   "U1002",
		`$match("` + strings.Repeat("a", 50) + `b", /(a+)+$/)`:                              "U1001",
		`($f := function($x, $n){$n = 0 ? $x : $f([[$x]], $n - 1)}; $f(1, 2000))`:           "U1001",
		`($f := function($x, $n){$n = 0 ? $boolean($x) : $f([[$x]], $n - 1)}; $f(1, 9000))`: "U1001",
		`($r := [1..100]; $count($map($r, function($x){$count($map($r, function($y){$count($map($r, function($z){1}))}))})))`: "U1001",
		`[1..10000000000]`: "D2014",
		`$replace($pad("",1000,"a"), /a/, $pad("",20000,"b"))`: "U1002",
		`$formatInteger(1e300, "I")`:                           "D3143",
	} {
		if got := outcome(expr, Env{Limits: small}); got != want {
			t.Errorf("%.60s = %.100s; want %s", expr, got, want)
		}
	}
	for _, expr := range []string{strings.Repeat("(", 100_000), strings.Repeat("[", 100_000), strings.Repeat("-", 100_000) + "1",
		"1" + strings.Repeat("+1", 100_000), "a" + strings.Repeat("[0]", 100_000), "1" + strings.Repeat("?1:1", 50_000), strings.Repeat("function(){", 100_000)} {
		if got := outcome(expr, Env{}); got != "U1001" && !strings.HasPrefix(got, "S") {
			t.Errorf("%.20s… = %.100s; want U1001", expr, got)
		}
	}
	if got := outcome("a"+strings.Repeat(".a", 1000), Env{Input: parse(t, `{"a":1}`)}); got != "undefined" {
		t.Errorf("a long path = %s; want undefined", got)
	}
}

func TestExpressionsAreShared(t *testing.T) {
	e, err := Compile(`($f := function($n){$n <= 1 ? 1 : $n * $f($n - 1)}; items#$i[v > 1].{"i": $i, "up": %.name & $string(v), "f": $f(v), "m": $match(%.name, /(.)b/)})`)
	if err != nil {
		t.Fatal(err)
	}
	in := parse(t, `{"name":"ab","items":[{"v":1},{"v":2},{"v":3}]}`)
	want, _, err := e.Eval(Env{Input: in})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 200 {
				if got, _, err := e.Eval(Env{Input: in}); err != nil || !value.Equal(got, want) {
					t.Errorf("got %v, %v", got, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestAppendingDoesNotShowThrough(t *testing.T) {
	const expr = `($a := $append([1..20], [21]); $b := $append($a, "b"); $c := $append($a, "c"); $d := $append($b, "d");
		[$count($a), $b[-1], $c[-1], $d[[-2..-1]], $count($c)])`
	if got, want := outcome(expr, Env{}), `[21,"b","c","b","d",22]`; got != want {
		t.Errorf("got %s; want %s", got, want)
	}
	if got := outcome(`$count($reduce([1..100000], function($l, $x){$append($l, $x)}, []))`, Env{Limits: Limits{Size: 64 << 20}}); got != "100000" {
		t.Errorf("100,000 appends: got %s; want 100000", got)
	}
}
