package jsonata

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"salamander/internal/value"
)

type benchCase struct{ Name, Expr string }

// benchSet is the committed set; the reference on Node can read the same
// files.
func benchSet(tb testing.TB) ([]benchCase, value.Value) {
	tb.Helper()
	data, err := os.ReadFile("testdata/bench/expressions.json")
	if err != nil {
		tb.Fatal(err)
	}
	var cases []benchCase
	if err := json.Unmarshal(data, &cases); err != nil {
		tb.Fatal(err)
	}
	if data, err = os.ReadFile("testdata/bench/input.json"); err != nil {
		tb.Fatal(err)
	}
	return cases, parse(tb, string(data))
}

func TestBenchSetEvaluates(t *testing.T) {
	cases, in := benchSet(t)
	for _, c := range cases {
		e, err := Compile(c.Expr)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		if _, ok, err := e.Eval(Env{Input: in, Now: time.Unix(0, 0)}); err != nil || !ok {
			t.Errorf("%s: defined %v, error %v", c.Name, ok, err)
		}
	}
}

func BenchmarkEval(b *testing.B) {
	cases, in := benchSet(b)
	for _, c := range cases {
		b.Run(c.Name, func(b *testing.B) {
			e, err := Compile(c.Expr)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := e.Eval(Env{Input: in}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	cases, _ := benchSet(b)
	b.ReportAllocs()
	for b.Loop() {
		for _, c := range cases {
			if _, err := Compile(c.Expr); err != nil {
				b.Fatal(err)
			}
		}
	}
}
