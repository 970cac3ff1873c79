package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"syscall"
	"testing"
	"time"

	"salamander/asl"
	"salamander/internal/bench/npm"
)

// transitions is how many states one run of the loop enters.
const transitions = 10_000

// loopMachine counts down in Pass states and looks at the count in Choice
// states; the state it carries is of about 1 KB.
const loopMachine = `{"StartAt": "More", "States": {
 "More": {"Type": "Choice", "Choices": [{"Variable": "$.left", "NumericEquals": 0, "Next": "Done"}], "Default": "Count"},
 "Count": {"Type": "Pass", "Parameters": {"left.$": "States.MathAdd($.left, -1)", "note.$": "$.note", "rows.$": "$.rows"}, "Next": "More"},
 "Done": {"Type": "Succeed"}}}`

// plainMachine passes a state of about 1 KB on, without a word, and looks at it.
const plainMachine = `{"StartAt": "P0", "States": {%s "Done": {"Type": "Succeed"}}}`

// kilobyte is an input of about 1 KB.
func kilobyte(left int) json.RawMessage {
	rows := make([]string, 12)
	for i := range rows {
		rows[i] = fmt.Sprintf(`{"id":%d,"name":"row number %d","amount":%d.25,"ok":true}`, i, i, i*7)
	}
	return json.RawMessage(fmt.Sprintf(`{"left":%d,"note":%q,"rows":[%s]}`, left, strings.Repeat("n", 320), strings.Join(rows, ",")))
}

// cpu is the processor time of this process, garbage collection included.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkTransition is the processor time of one Pass or Choice state with a
// state of 1 KB, in memory: events with their details, but nothing stored.
func BenchmarkTransition(b *testing.B) {
	var chain strings.Builder
	for i := range transitions / 2 {
		next := fmt.Sprintf("P%d", i+1)
		if i == transitions/2-1 {
			next = "Done"
		}
		fmt.Fprintf(&chain, `"P%d": {"Type": "Pass", "Next": "C%[1]d"}, "C%[1]d": {"Type": "Choice", "Choices": [{"Variable": "$.left", "NumericEquals": 1, "Next": "Done"}], "Default": %q},`, i, next)
	}
	machines := map[string]string{"chain": fmt.Sprintf(plainMachine, chain.String()), "loop": loopMachine}
	for _, name := range []string{"chain", "loop"} {
		b.Run(name, func(b *testing.B) {
			m, err := asl.Parse([]byte(machines[name]), asl.ParseOptions{NoLimits: true})
			if err != nil {
				b.Fatal(err)
			}
			in := kilobyte(transitions / 2)
			b.ReportAllocs()
			best := math.Inf(1)
			for b.Loop() {
				for range 5 {
					began := cpu(b)
					dec, err := m.Start(asl.Start{At: time.Unix(0, 0), Input: in})
					if err != nil || dec.Outcome == nil || dec.Outcome.Status != asl.Succeeded {
						b.Fatalf("got %+v, %v", dec.Outcome, err)
					}
					best = min(best, float64(cpu(b)-began)/1e3/transitions)
				}
			}
			b.ReportMetric(best, "µs")
		})
	}
}

// mapItems is how many items BenchmarkInlineMap runs through its Map state.
const mapItems = 10_000

const mapMachine = `{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {
 "ProcessorConfig": {"Mode": "INLINE"}, "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}}}`

// mapVersion is that of the package aws-local-stepfunctions of npm.
const mapVersion = "3.0.0"

// mapScript is the fastest of five executions, in milliseconds.
const mapScript = `
const { StateMachine } = require('aws-local-stepfunctions');
const {definition, input} = JSON.parse(require('fs').readFileSync(0, 'utf8'));
(async () => {
  const machine = new StateMachine(definition);
  let ms = Infinity, result;
  for (let i = 0; i < 5; i++) {
    const t = process.hrtime.bigint();
    result = await machine.run(input).result;
    ms = Math.min(ms, Number(process.hrtime.bigint() - t) / 1e6);
  }
  process.stdout.write(JSON.stringify({ms, result}));
})();`

// BenchmarkInlineMap is a Map of Pass states over 10,000 items, limits off,
// against aws-local-stepfunctions on Node: same definition, same input, same
// output, in one run. Ours reads the input's text and writes the output's and
// the whole history, theirs has objects.
func BenchmarkInlineMap(b *testing.B) {
	items := make([]string, mapItems)
	for i := range items {
		items[i] = fmt.Sprintf(`{"id":%d,"name":"item %d"}`, i, i)
	}
	in := json.RawMessage("[" + strings.Join(items, ",") + "]")
	m, err := asl.Parse([]byte(mapMachine), asl.ParseOptions{NoLimits: true})
	if err != nil {
		b.Fatal(err)
	}
	p, err := npm.Install("aws-local-stepfunctions", mapVersion)
	if errors.Is(err, npm.ErrUnavailable) {
		b.Skip(err)
	} else if err != nil {
		b.Fatal(err)
	}
	stdin, err := json.Marshal(map[string]json.RawMessage{"definition": json.RawMessage(mapMachine), "input": in})
	if err != nil {
		b.Fatal(err)
	}
	out, err := p.Run(mapScript, stdin)
	if err != nil {
		b.Fatal(err)
	}
	var theirs struct {
		Ms     float64
		Result json.RawMessage
	}
	if err := json.Unmarshal(out, &theirs); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		ms := math.Inf(1)
		for range 5 {
			began := time.Now()
			dec, err := m.Start(asl.Start{At: time.Unix(0, 0), Input: in})
			ms = min(ms, float64(time.Since(began))/1e6)
			if err != nil || dec.Outcome == nil || string(dec.Outcome.Output) != string(theirs.Result) {
				b.Fatalf("got %+v, %v; want the output of the package", dec.Outcome, err)
			}
		}
		b.ReportMetric(ms, "ms")
		b.ReportMetric(theirs.Ms, "baseline-ms")
		b.ReportMetric(theirs.Ms/ms, "ratio")
	}
}
