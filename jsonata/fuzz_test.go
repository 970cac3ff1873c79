package jsonata

import (
	"errors"
	"testing"
	"time"

	"salamander/internal/value"
)

func seeds() []string {
	return []string{
		`a.b[0].c`, `$sum(o.v)`, `o{k: $sum(v)}`, `o@$x.p#$i[q>1].{"k": $x.k, "i": $i}`, `o.p.{"q": q, "k": %.k}`, `o^(>v, k).k`,
		`$map(n, function($v, $i){$v * $i})`, `a ~> |b|{"x":1},["c"]|`, `($f := λ($x)<n:n>{$x <= 1 ? 1 : $x * $f($x - 1)}; $f(5))`,
		`$replace("abc", /(b)(?=c)/i, "$1$0$$")`, `$fromMillis(0, "[FNn], [D1o] [MNn,3-3] [Y0001] [h]:[m01] [P] [Z01:01t] [W] [w] [X] [x]")`,
		`$toMillis("1st March 2020", "[D1o] [MNn] [Y]")`, `$formatNumber(-12345.678, "#,##0.00;(#)", {"decimal-separator": ","})`,
		`$formatInteger(1234, "Ww;o")`, `$parseInteger("twelve thousand", "w")`, `zz ?: 1 ?? [1..3]`, `$eval("1+1", n)`, `**.*[$ in [1, "x"]]`,
		`$substring(?, 1, 2)("hello")`, `$sift(o[0], function($v){$v})[]`, "`a`.'b'.\"c\" /* x */ & \"\\u0041\\ud83d\\ude00\"", `$zip(n, n)[[0..1]][-1]`,
		`$encodeUrl("é%") & $decodeUrl("%C3%A9") & $base64decode("aGk=")`, `$sort(n, function($a, $b){$a > $b}) ~> $reverse ~> $string`, `%.%`, `$partition([1,2],1)`,
		`{"a": $parse("{}"), "b": $hash("a", "MD5")}`, `$formatNumber(1e300, "0.0e0")`, `$round(1e300, -400)`, `$distinct(nest) = nest`,
	}
}

// FuzzEval looks for panics, for unbounded work, and for results that differ
// from one evaluation to the next.
func FuzzEval(f *testing.F) {
	for _, s := range seeds() {
		f.Add(s)
	}
	in := parse(f, `{"a":{"b":{"c":3},"d":[1,2,3,{"e":"x"}]},"n":[5,3,9,1],"s":"Hello World","o":[{"k":"x","v":1,"p":[{"q":1},{"q":2}]},{"k":"y","v":2,"p":{"q":3}}],"nul":null,"e":[],"nest":[[1,2],[3,[4,5]]]}`)
	f.Fuzz(func(t *testing.T, expr string) {
		e, err := Compile(expr)
		if err != nil {
			var bad *Error
			if !errors.As(err, &bad) || bad.Message == "unknown error" || bad.Position < 0 {
				t.Fatalf("Compile: %v", err)
			}
			return
		}
		run := func() (string, error) {
			n := uint64(0)
			v, ok, err := e.Eval(Env{Input: in, Now: time.Unix(1e9, 0), Library: StepFunctions(), Random: func() uint64 { n += 1 << 61; return n },
				Limits: Limits{Depth: 500, Steps: 50_000, Size: 4 << 20}})
			if !ok {
				return "undefined", err
			}
			return value.Text(v), err
		}
		got, err := run()
		var bad *Error
		if err != nil && !errors.Is(err, ErrFunction) && (!errors.As(err, &bad) || bad.Message == "unknown error") {
			t.Fatalf("Eval: %v", err)
		}
		again, err2 := run()
		if got != again || (err == nil) != (err2 == nil) {
			t.Fatalf("%s then %s", got, again)
		}
		if err == nil && got != "undefined" {
			if _, err := value.Parse([]byte(got)); err != nil {
				t.Fatalf("the result %s is not JSON: %v", got, err)
			}
		}
	})
}

func FuzzSignature(f *testing.F) {
	for _, s := range []string{"<s-nn?:s>", "<a<n>:n>", "<(sa<n>)f<s:o>+x?>", "<<", "<(", "<-?+>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if s == "" {
			return
		}
		sig, bad := parseSignature(s)
		if bad != nil {
			return
		}
		defer func() {
			if r := recover(); r != nil {
				if _, ok := r.(*fault); !ok {
					panic(r)
				}
			}
		}()
		sig.validate([]any{1.0, "a", []any{1.0}, undefined}, "context")
	})
}
