package observe_test

import (
	"log/slog"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"salamander/engine"
	"salamander/engine/observe"
	"salamander/store"
)

// Children of a map run that are stored together are counted one by one.
func TestMeterCountsChildren(t *testing.T) {
	db, err := store.Open(t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	reg := prometheus.NewRegistry()
	e := engine.New(engine.Options{Store: observe.NewMeter(reg).Store(store.NewEngine(db)), Runner: &runner{}, Log: slog.New(slog.DiscardHandler)})
	defer e.Close()
	if err := e.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	m := engine.StateMachine{ARN: "arn:aws:states:us-east-1:000000000000:stateMachine:m", Account: "000000000000", Region: "us-east-1", Name: "m", Type: engine.Standard,
		Definition: `{"StartAt":"M","States":{"M":{"Type":"Map","End":true,"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}}}}`}
	res, err := e.StartAndWait(t.Context(), engine.StartRequest{Machine: m, Name: "x", Input: "[1,2,3,4]"})
	if err != nil || res.Execution.Status != engine.Succeeded {
		t.Fatalf("got %+v, %v", res.Execution, err)
	}
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		for _, one := range f.GetMetric() {
			got[f.GetName()] += one.GetCounter().GetValue()
		}
	}
	if started, ended := got["salamander_executions_started_total"], got["salamander_executions_ended_total"]; started != 5 || ended != 5 {
		t.Errorf("got %v started, %v ended; want 5 each", started, ended)
	}
	if n := got["salamander_history_events_total"]; n != 4*4+8 {
		t.Errorf("got %v events; want %d", n, 4*4+8)
	}
}
