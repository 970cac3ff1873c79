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
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
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
	only := flags.String("only", "", "take the measures whose names contain this")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	var results []result
	fmt.Fprintf(stdout, "%-24s %12s %-6s %12s %7s  %s\n", "measure", "value", "unit", "baseline", "ratio", "aim")
	for _, m := range measures() {
		if !strings.Contains(m.name, *only) {
			continue
		}
		r, err := take(m, *benchtime)
		var skip *skipError
		if errors.As(err, &skip) {
			fmt.Fprintf(stdout, "%-24s %12s: %s\n", m.name, "skipped", skip.reason)
			continue
		}
		if err != nil {
			fmt.Fprintf(stderr, "bench: %s: %v\n", m.name, err)
			return 1
		}
		fmt.Fprintf(stdout, "%-24s %12.2f %-6s %12s %7s  %s\n", r.Name, r.Value, r.Unit, optional(r.Baseline), optional(r.Ratio), m.aim)
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

func optional(v float64) string {
	if v == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", v)
}

// A skipError tells why a benchmark skipped.
type skipError struct{ reason string }

func (e *skipError) Error() string { return "skipped: " + e.reason }

// take runs the benchmark of m and returns what it reported. The error is a
// *skipError if the benchmark skipped.
func take(m measure, benchtime string) (result, error) {
	pattern := "^" + strings.ReplaceAll(m.benchmark, "/", "$/^") + "$"
	cmd := exec.Command("go", "test", "-v", "-run", "^$", "-bench", pattern, "-benchtime", benchtime, "-timeout", "30m", m.pkg)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return result{}, fmt.Errorf("%w\n%s", err, out)
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
	return result{m.name, value, m.unit, metrics["baseline-"+m.unit], metrics["ratio"]}, nil
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
