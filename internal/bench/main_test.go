package main

import "testing"

func TestParse(t *testing.T) {
	const out = "goos: linux\nBenchmarkRefresh-2 \t 1\t 123 ns/op\t 240.5 ms\t 200 baseline-ms\t 1.20 ratio\nPASS\n"
	m, ok := parse(out, "BenchmarkRefresh")
	if !ok || m["ms"] != 240.5 || m["baseline-ms"] != 200 || m["ratio"] != 1.2 {
		t.Errorf("got %v, %t", m, ok)
	}
	if _, ok := parse(out, "BenchmarkOther"); ok {
		t.Error("found a benchmark that did not run")
	}
}
