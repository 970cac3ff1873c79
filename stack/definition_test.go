package stack_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"salamander/operation"
)

func TestADefinitionInYAML(t *testing.T) {
	const yaml = `# a machine
Comment: "${Note}"
StartAt: A
States:
  A:
    Type: Wait
    Seconds: 3
    Next: B
  B: {Type: Succeed}
`
	var definition string
	w := newWorld()
	h := openWith(t, t.TempDir(), w, func(r *operation.Registry) {
		withObjects(r, map[string]string{"b/m.yaml": yaml, "b/bad.yaml": "a: [", "b/m.json": `{"StartAt":"A"}`})
		type input struct {
			Name       string `json:"name"`
			Definition string `json:"definition"`
			Role       string `json:"roleArn"`
			ARN        string `json:"stateMachineArn"`
			Type       string `json:"type"`
		}
		type output struct {
			ARN string `json:"stateMachineArn"`
		}
		for _, op := range []string{"CreateStateMachine", "UpdateStateMachine", "DeleteStateMachine"} {
			operation.Register(r, operation.Spec{Service: "states", Name: op, Mutates: true}, func(_ context.Context, in *input) (*output, error) {
				if in.Definition != "" {
					definition = in.Definition
				}
				return &output{"arn:aws:states:us-east-1:000000000000:stateMachine:m"}, nil
			})
		}
	})
	defer h.close()
	machine := func(key string) string {
		return "Resources:\n  M:\n    Type: AWS::StepFunctions::StateMachine\n    Properties:\n      RoleArn: arn:aws:iam::000000000000:role/r\n" +
			"      DefinitionS3Location: {Bucket: b, Key: " + key + "}\n      DefinitionSubstitutions: {Note: 'says \"hi\"'}\n"
	}
	st := settle(t, h, create(t, h, machine("m.yaml")).ID, "CREATE_COMPLETE")
	const want = `{"Comment":"says \"hi\"","StartAt":"A","States":{"A":{"Type":"Wait","Seconds":3,"Next":"B"},"B":{"Type":"Succeed"}}}`
	if definition != want || !json.Valid([]byte(definition)) {
		t.Errorf("got %s; want %s", definition, want)
	}
	if _, err := h.Update(t.Context(), request("s", machine("m.json"))); err != nil {
		t.Fatal(err)
	}
	settle(t, h, st.ID, "UPDATE_COMPLETE")
	if definition != `{"StartAt":"A"}` {
		t.Errorf("JSON: got %s", definition)
	}
	if _, err := h.Update(t.Context(), request("s", machine("bad.yaml"))); err != nil {
		t.Fatal(err)
	}
	settle(t, h, st.ID, "UPDATE_ROLLBACK_COMPLETE")
	if text := events(t, h, st.ID); !strings.Contains(text, "the definition is neither JSON nor YAML") {
		t.Errorf("events:\n%s", text)
	}
}
