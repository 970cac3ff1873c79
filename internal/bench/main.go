// Bench runs the project's benchmarks, prints them as a table and, with
// -json, writes them as a list of {name, value, unit, baseline, ratio}.
//
// A benchmark reports what it measured with b.ReportMetric: the value under
// its unit ("ms"), and where the measure is a comparison taken in the same run
// "baseline-ms" and "ratio", which is as the aim puts it. A benchmark that
// lacks what it compares with, such as node, skips: that is said, and is not a
// failure.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
)

// A measure is one line of the table: what an issue calls it, and the
// benchmark that takes it.
type measure struct {
	name      string // as in the issues
	pkg       string
	benchmark string
	unit      string // of the metric that is the value
	aim       string
}

// engineMeasures are those of the durable engine, which -only engine selects;
// BENCH_FULL=1 in the environment takes them at full size.
func engineMeasures() []measure {
	all := []measure{}
	for _, n := range []string{"1", "16", "256", "1024", "4096"} {
		aim := "-"
		if n == "1024" {
			aim = "at least 10,000; aim 50,000, ratio 0.33 of a raw group-fsync log of the same bytes"
		}
		const pkg, benchmark = "./internal/bench", "BenchmarkTaskStates/"
		all = append(all,
			measure{"durable Task states/s N=" + n, pkg, benchmark + n, "1/s", aim},
			measure{"p50 of a Task state N=" + n, pkg, benchmark + n, "p50-ms", "-"},
			measure{"p99 of a Task state N=" + n, pkg, benchmark + n, "p99-ms", "-"})
		if n == "1024" {
			all = append(all, measure{"CPU per Task state", pkg, benchmark + n, "µs", "at most 100 µs; aim 30 µs"})
		}
	}
	return append(all,
		measure{"chain of 5 Task states p50", "./internal/bench", "BenchmarkChain", "ms", "at most 10 ms; aim 5 ms"},
		measure{"distributed Map, Pass child", "./internal/bench", "BenchmarkMapRun", "items/s", "1,000,000 items (a tenth unless BENCH_FULL): at least 5,000; aim 20,000"},
		measure{"distributed Map, peak RSS", "./internal/bench", "BenchmarkMapRun", "MB", "at most 1,000 MB; aim 500 MB"},
		measure{"open executions resumed", "./internal/bench", "BenchmarkResume", "s", "100,000 (a tenth unless BENCH_FULL) in 20 s; aim 5 s"},
		measure{"closed executions paged p99", "./internal/bench", "BenchmarkClosed", "p99-ms", "of 1,000,000 (a tenth unless BENCH_FULL) at most 100 ms; aim 20 ms"},
		measure{"history of 25,000 events", "./internal/bench", "BenchmarkHistory", "ms", "at most 500 ms; aim 100 ms"},
		measure{"start to ready", "./internal/bench", "BenchmarkReady", "ms", "at most 300 ms; aim 100 ms"},
		measure{"idle RSS", "./internal/bench", "BenchmarkReady", "MB", "at most 80 MB; aim 50 MB"},
	)
}

// measures lists what is measured.
func measures() []measure {
	return []measure{
		{"one-day refresh", "./warehouse", "BenchmarkRefresh", "ms", "at most 1.3 times raw DuckDB"},
		{"load of store_sales", "./warehouse", "BenchmarkLoad", "ms", "at most 1.3 times raw DuckDB"},
		{"job overhead", "./batch", "BenchmarkSubmitToExec", "ms", "at most 20 ms"},
		{"JSONata evaluation", "./jsonata", "BenchmarkReference", "µs", "at least 3 times jsonata on Node"},
		{"Pass and Choice, chain", "./internal/bench", "BenchmarkTransition/chain", "µs", "at most 10 µs CPU a transition"},
		{"Pass and Choice, loop", "./internal/bench", "BenchmarkTransition/loop", "µs", "at most 10 µs CPU a transition"},
		{"inline Map of 10,000", "./internal/bench", "BenchmarkInlineMap", "ms", "at least 5 times aws-local-stepfunctions"},
	}
}

// warehouseMeasures are those of the warehouse, which -only warehouse selects.
// BENCH_SCALE in the environment is the scale of their data.
func warehouseMeasures() []measure {
	scale := cmp.Or(os.Getenv("BENCH_SCALE"), "0.05")
	return []measure{
		{"load of store_sales at scale " + scale, "./warehouse", "BenchmarkLoad", "ms", "at most 1.35 times raw DuckDB"},
		{"load of store_sales at scale " + scale + " vs PostgreSQL", "./warehouse", "BenchmarkLoadPostgres", "ms", "at least 1.3 times faster than psql \\copy"},
		{"one-day refresh at scale " + scale, "./warehouse", "BenchmarkRefresh", "ms", "at most 1.25 times raw DuckDB's SQL"},
		{"one-day refresh at scale " + scale + " vs PostgreSQL", "./warehouse", "BenchmarkRefreshPostgres", "ms", "at least 4 times faster than PostgreSQL"},
		{"1,000,000 rows out", "./warehouse", "BenchmarkRowsOut", "ms", "at least 0.5 of PostgreSQL's rate; aim 0.8"},
		{"rewriting of script", "./warehouse/dialect", "BenchmarkRewrite/script", "MB/s", "at least 5 MB/s"},
		{"rewriting of the largest statement", "./warehouse/dialect", "BenchmarkRewrite/largest", "ns/op", "under 1,000,000 ns"},
		{"p99 of COMMIT beside a SELECT", "./warehouse", "BenchmarkCommit", "ms", "without the SELECT: the baseline"},
	}
}

// consoleMeasures are those of the console in a browser, which -only console
// selects; the milliseconds of the processor are of the page's main thread.
func consoleMeasures() []measure {
	const pkg, benchmark = "./cmd/salamander", "BenchmarkConsole"
	all := []measure{}
	for _, m := range []struct{ name, unit, aim string }{
		{"first page usable", "home", "under 500 ms"},
		{"execution of 25,000 events opens", "events", "under 1,000 ms"},
		{"execution of 500 states opens", "graph", "under 1,000 ms"},
		{"map run of 10,000 items opens", "items", "under 1,000 ms"},
	} {
		all = append(all,
			measure{m.name, pkg, benchmark, m.unit + "-ms", m.aim},
			measure{m.name + " again, from the cache", pkg, benchmark, m.unit + "-again-ms", "-"},
			measure{m.name + ", processor", pkg, benchmark, m.unit + "-cpu-ms", "-"})
	}
	all = append(all,
		measure{"graph of 500 states laid out", pkg, benchmark, "layout-ms", "under 1,000 ms"},
		measure{"10,000 rows of a query shown", pkg, benchmark, "rows-ms", "under 1,000 ms"},
		measure{"change of a running execution", pkg, benchmark, "change-ms", "under 200 ms"})
	for _, m := range []struct{ name, unit string }{{"25,000 events", "events"}, {"10,000 items", "items"}, {"10,000 rows", "rows"}} {
		all = append(all, measure{"frame of scrolling " + m.name, pkg, benchmark, m.unit + "-frame-cpu-ms", "under 16.7 ms of the processor"})
	}
	return append(all, measure{"assets, compressed", "./console", "BenchmarkAssets", "kB", "under 900 kB"})
}

// A result is an entry of the JSON list.
type result struct {
	Name     string  `json:"name"`
	Value    float64 `json:"value"`
	Unit     string  `json:"unit"`
	Baseline float64 `json:"baseline,omitempty"`
	Ratio    float64 `json:"ratio,omitempty"`
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	file := flags.String("json", "", "file to write the results to")
	benchtime := flags.String("benchtime", "1x", "how long each is run, as go test takes it")
	only := flags.String("only", "", "take the measures whose names contain this, or those of the engine, warehouse or console")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	var results []result
	fmt.Fprintf(stdout, "%-32s %12s %-6s %12s %7s  %s\n", "measure", "value", "unit", "baseline", "ratio", "aim")
	ran := outputs{}
	for _, m := range selected(*only) {
		r, err := ran.take(m, *benchtime)
		var skip *skipError
		if errors.As(err, &skip) {
			fmt.Fprintf(stdout, "%-32s %12s: %s\n", m.name, "skipped", skip.reason)
			continue
		}
		if err != nil {
			fmt.Fprintf(stderr, "bench: %s: %v\n", m.name, err)
			return 1
		}
		fmt.Fprintf(stdout, "%-32s %12.2f %-6s %12s %7s  %s\n", r.Name, r.Value, r.Unit, optional(r.Baseline), optional(r.Ratio), m.aim)
		results = append(results, r)
	}
	if *file == "" {
		return 0
	}
	text, err := json.MarshalIndent(results, "", "  ")
	if err == nil {
		err = os.WriteFile(*file, append(text, '\n'), 0o644)
	}
	if err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return 1
	}
	return 0
}

// selected are the measures that -only names.
func selected(only string) []measure {
	switch only {
	case "engine":
		return engineMeasures()
	case "warehouse":
		return warehouseMeasures()
	case "console":
		return consoleMeasures()
	}
	all := append(measures(), engineMeasures()...)
	if only == "" {
		all = measures()
	}
	return slices.DeleteFunc(all, func(m measure) bool { return !strings.Contains(m.name, only) })
}

func optional(v float64) string {
	if v == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", v)
}

// A skipError tells why a benchmark skipped.
type skipError struct{ reason string }

func (e *skipError) Error() string { return "skipped: " + e.reason }

// outputs are what benchmarks printed that several measures read, by
// benchmark.
type outputs map[string][]byte

// run runs the benchmark of m, once for all measures.
func (all outputs) run(m measure, benchtime string) ([]byte, error) {
	key := m.pkg + " " + m.benchmark
	if out, ok := all[key]; ok {
		return out, nil
	}
	pattern := "^" + strings.ReplaceAll(m.benchmark, "/", "$/^") + "$"
	cmd := exec.Command("go", "test", "-v", "-run", "^$", "-bench", pattern, "-benchtime", benchtime, "-timeout", "30m", m.pkg)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, out)
	}
	all[key] = out
	return out, nil
}

// take runs the benchmark of m and returns what it reported. The error is a
// *skipError if the benchmark skipped.
func (all outputs) take(m measure, benchtime string) (result, error) {
	out, err := all.run(m, benchtime)
	if err != nil {
		return result{}, err
	}
	metrics, ok := parse(string(out), m.benchmark)
	if reason := skipped(string(out)); !ok && reason != "" {
		return result{}, &skipError{reason}
	}
	if !ok {
		return result{}, fmt.Errorf("%s did not run:\n%s", m.benchmark, out)
	}
	value, ok := metrics[m.unit]
	if !ok {
		return result{}, fmt.Errorf("%s reported no %q:\n%s", m.benchmark, m.unit, out)
	}
	r := result{Name: m.name, Value: value, Unit: m.unit, Baseline: metrics["baseline-"+m.unit]}
	if r.Baseline != 0 {
		r.Ratio = metrics["ratio"]
	}
	return r, nil
}

// skipped finds the reason that a benchmark gave for skipping: the line before
// "--- SKIP", behind its place.
func skipped(out string) string {
	before, _, ok := strings.Cut(out, "\n--- SKIP: ")
	if !ok {
		return ""
	}
	line := before[strings.LastIndexByte(before, '\n')+1:]
	if _, reason, ok := strings.Cut(line, ".go:"); ok {
		_, reason, _ = strings.Cut(reason, ": ")
		return reason
	}
	return "without a reason"
}

// parse reads the metrics of a benchmark from go test's output, such as
// "BenchmarkX-2  1  123 ns/op  4.5 ms  1.2 ratio".
func parse(out, benchmark string) (map[string]float64, bool) {
	for lines := bufio.NewScanner(strings.NewReader(out)); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 {
			continue
		}
		name := fields[0]
		if i := strings.LastIndexByte(name, '-'); i > 0 { // the number of processors
			name = name[:i]
		}
		if name != benchmark {
			continue
		}
		metrics := map[string]float64{}
		for i := 2; i+1 < len(fields); i += 2 {
			if v, err := strconv.ParseFloat(fields[i], 64); err == nil {
				metrics[fields[i+1]] = v
			}
		}
		return metrics, true
	}
	return nil, false
}
