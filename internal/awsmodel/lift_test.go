package awsmodel

import (
	"strings"
	"testing"
)

func TestLifted(t *testing.T) {
	in := map[string]any{"stateMachineArn": "arn:m", "input": strings.Repeat("x", maxPayload+1)}
	o := op(t, "states", "StartExecution")
	if o.Check(in) == "" {
		t.Error("an input over the limit was taken")
	}
	if text := o.Lifted().Check(in); text != "" {
		t.Errorf("without the limit: got %s", text)
	}
	in["name"] = strings.Repeat("x", 81)
	if o.Lifted().Check(in) == "" {
		t.Error("a name over its limit was taken")
	}
	if list := op(t, "states", "ListStateMachines"); list.Lifted() != list {
		t.Error("an operation without data was copied")
	}
}
