package asl

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// BenchmarkMapOfWaits is the time of a whole inline Map whose iterations each
// end in a turn of its own. It is to grow little faster than the items.
func BenchmarkMapOfWaits(b *testing.B) {
	m, err := Parse([]byte(`{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "End": true}}}}}}`), ParseOptions{NoLimits: true})
	if err != nil {
		b.Fatal(err)
	}
	for _, n := range []int{1000, 10_000} {
		b.Run(fmt.Sprintf("items=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				dec, err := m.Start(Start{At: began, Input: json.RawMessage("[" + strings.TrimSuffix(strings.Repeat("1,", n), ",") + "]")})
				if err != nil {
					b.Fatal(err)
				}
				for _, c := range dec.Commands {
					if dec, err = m.Step(dec.Execution, Event{At: c.At, Kind: TimerFired, Command: c.ID}); err != nil {
						b.Fatal(err)
					}
				}
				if dec.Outcome == nil || dec.Outcome.Status != Succeeded {
					b.Fatalf("got %+v", dec.Outcome)
				}
			}
		})
	}
}

// BenchmarkQuery is a transition of JSONata: a Choice and a Pass with a
// variable, over a state of 1 KB.
func BenchmarkQuery(b *testing.B) {
	m, err := Parse([]byte(`{"QueryLanguage": "JSONata", "StartAt": "More", "States": {
 "More": {"Type": "Choice", "Choices": [{"Condition": "{% $states.input.left = 0 %}", "Next": "Done"}], "Default": "Count"},
 "Count": {"Type": "Pass", "Output": {"left": "{% $states.input.left - 1 %}", "note": "{% $states.input.note %}"}, "Assign": {"last": "{% $states.input.left %}"}, "Next": "More"},
 "Done": {"Type": "Succeed"}}}`), ParseOptions{NoLimits: true})
	if err != nil {
		b.Fatal(err)
	}
	in := json.RawMessage(fmt.Sprintf(`{"left": 5000, "note": %q}`, strings.Repeat("n", 1000)))
	b.ReportAllocs()
	for b.Loop() {
		dec, err := m.Start(Start{At: began, Input: in})
		if err != nil || dec.Outcome == nil || dec.Outcome.Status != Succeeded {
			b.Fatalf("got %+v, %v", dec.Outcome, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/10_000, "µs/transition")
}
