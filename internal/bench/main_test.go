package main

import "testing"

func TestParse(t *testing.T) {
	const out = "goos: linux\nBenchmarkRefresh-2 \t 1\t 123 ns/op\t 240.5 ms\t 200 baseline-ms\t 1.20 ratio\nPASS\n"
	m, ok := parse(out, "BenchmarkRefresh")
	if !ok || m["ms"] != 240.5 || m["baseline-ms"] != 200 || m["ratio"] != 1.2 {
		t.Errorf("got %v, %t", m, ok)
	}
	if m, ok := parse("BenchmarkT\nBenchmarkT/one-two-2 \t 1\t 1 ns/op\t 6.5 µs\n", "BenchmarkT/one-two"); !ok || m["µs"] != 6.5 {
		t.Errorf("got %v, %t of a part of a benchmark", m, ok)
	}
	if _, ok := parse(out, "BenchmarkOther"); ok {
		t.Error("found a benchmark that did not run")
	}
}

func TestSkipped(t *testing.T) {
	const out = "BenchmarkX\n    x_test.go:84: cannot compare with a package of npm: there is no node\n--- SKIP: BenchmarkX\nPASS\n"
	if got, want := skipped(out), "cannot compare with a package of npm: there is no node"; got != want {
		t.Errorf("got %q; want %q", got, want)
	}
	if got := skipped("BenchmarkX\n--- SKIP: BenchmarkX\nPASS\n"); got != "without a reason" {
		t.Errorf("got %q of a skip without a reason", got)
	}
	if got := skipped("PASS\n"); got != "" {
		t.Errorf("got %q of a benchmark that ran", got)
	}
}
