package states_test

import (
	"fmt"
	"strings"
	"testing"

	"salamander/engine"
)

// What AWS limits can be lifted.
func TestLimits(t *testing.T) {
	big := fmt.Sprintf("%q", `{"x":"`+strings.Repeat("y", 300_000)+`"}`)
	start := `{"stateMachineArn":"` + machineARN + `","name":"x","input":` + big + `}`
	s := serve(t, t.TempDir())
	s.create("m", pass)
	s.call("StartExecution", start, "ValidationException")

	s = serveWith(t, t.TempDir(), engine.Options{NoLimits: true})
	s.create("m", `{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}`)
	s.call("StartExecution", start, "")
	if out := s.ended("x"); out["status"] != "SUCCEEDED" || len(out["output"].(string)) < 300_000 {
		t.Errorf("got %v, %v", out["status"], out["error"])
	}
}
