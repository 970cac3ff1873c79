package jsonata

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"salamander/internal/bench/npm"
	"salamander/internal/value"
)

// referenceVersion is that of the package jsonata of npm that we compare with.
const referenceVersion = "2.2.2"

// A reference result is that of one expression on Node.
type referenceResult struct {
	Name   string
	Nanos  float64 // of one warm evaluation
	Result json.RawMessage
}

// referenceScript evaluates the cases that come in, warm: the fastest of five
// batches, of 20 ms at least each, after as long a warming up.
const referenceScript = `
const jsonata = require('jsonata');
const {cases, input} = JSON.parse(require('fs').readFileSync(0, 'utf8'));
(async () => {
  const out = [];
  for (const c of cases) {
    const e = jsonata(c.Expr);
    const batch = async (n) => {
      const t = process.hrtime.bigint();
      for (let i = 0; i < n; i++) await e.evaluate(input);
      return Number(process.hrtime.bigint() - t);
    };
    let n = 1;
    for (let took = 0; (took = await batch(n)) < 2e7; ) n = Math.max(n + 1, Math.min(2 * n, Math.ceil(n * 2.2e7 / took)));
    let nanos = Infinity;
    for (let i = 0; i < 5; i++) nanos = Math.min(nanos, await batch(n) / n);
    out.push({Name: c.Name, Nanos: nanos, Result: await e.evaluate(input)});
  }
  process.stdout.write(JSON.stringify(out));
})();`

// reference evaluates the cases by the reference implementation, on Node. It
// skips the benchmark where there is none.
func reference(b *testing.B, cases []benchCase, in value.Value) []referenceResult {
	b.Helper()
	p, err := npm.Install("jsonata", referenceVersion)
	if errors.Is(err, npm.ErrUnavailable) {
		b.Skip(err)
	} else if err != nil {
		b.Fatal(err)
	}
	stdin, err := json.Marshal(map[string]any{"cases": cases, "input": json.RawMessage(value.Text(in))})
	if err != nil {
		b.Fatal(err)
	}
	out, err := p.Run(referenceScript, stdin)
	if err != nil {
		b.Fatal(err)
	}
	var results []referenceResult
	if err := json.Unmarshal(out, &results); err != nil {
		b.Fatal(err)
	}
	return results
}

// warm is how long one evaluation takes, measured as referenceScript does.
func warm(b *testing.B, e *Expr, in value.Value) float64 {
	b.Helper()
	batch := func(n int) float64 {
		began := time.Now()
		for range n {
			if _, _, err := e.Eval(Env{Input: in}); err != nil {
				b.Fatal(err)
			}
		}
		return float64(time.Since(began))
	}
	n := 1
	for took := batch(n); took < 2e7; took = batch(n) {
		n = max(n+1, min(2*n, int(math.Ceil(float64(n)*2.2e7/took))))
	}
	nanos := math.Inf(1)
	for range 5 {
		nanos = min(nanos, batch(n)/float64(n))
	}
	return nanos
}

// BenchmarkReference compares warm evaluation of the committed set with the
// reference implementation on Node, in one run, and holds the results together.
// It reports the geometric means.
func BenchmarkReference(b *testing.B) {
	cases, in := benchSet(b)
	theirs := reference(b, cases, in)
	for b.Loop() {
		ourLog, theirLog := 0.0, 0.0
		for i, c := range cases {
			e, err := Compile(c.Expr)
			if err != nil {
				b.Fatal(err)
			}
			v, _, err := e.Eval(Env{Input: in})
			if err != nil {
				b.Fatal(err)
			}
			if want, err := value.Parse(theirs[i].Result); err != nil || !value.Equal(v, want) {
				b.Errorf("%s: the results differ: got %.200s; want %.200s", c.Name, value.Text(v), theirs[i].Result)
			}
			ours := warm(b, e, in)
			b.Logf("%-12s %s", c.Name, fmt.Sprintf("%10.2f µs, reference %10.2f µs: %.1f times", ours/1e3, theirs[i].Nanos/1e3, theirs[i].Nanos/ours))
			ourLog, theirLog = ourLog+math.Log(ours), theirLog+math.Log(theirs[i].Nanos)
		}
		n := float64(len(cases))
		b.ReportMetric(math.Exp(ourLog/n)/1e3, "µs")
		b.ReportMetric(math.Exp(theirLog/n)/1e3, "baseline-µs")
		b.ReportMetric(math.Exp((theirLog-ourLog)/n), "ratio")
	}
}
