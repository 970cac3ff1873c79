package states_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Warnings are told on request, behind the mistakes, and alone leave the result OK.
func TestValidateWarnings(t *testing.T) {
	s := serve(t, t.TempDir())
	const warned = `{"StartAt":"A","States":{"A":{"Type":"Pass","Parameters":{"x":"$.x"},"Next":"B"},"B":{"Type":"Pass","Result":{"y.$":"$.y"},"End":true}}}`
	const both = `{"StartAt":"A","States":{"A":{"Type":"Pass","Parameters":{"x":"$.x"}},"C":{"Type":"Fail","Cause":"$.c"}}}`
	dollar := `{"severity":"WARNING","code":"NO_DOLLAR","message":"No .$ on a field that appears to be a JSONPath or Intrinsic Function.","location":"/States/A/Parameters/x"}`
	static := `{"severity":"WARNING","code":"PASS_RESULT_IS_STATIC","message":"Attempt to use a path in the result of a pass state.","location":"/States/B/Result/y.$"}`
	path := `{"severity":"WARNING","code":"NO_PATH","message":"Field value looks like a path, but field name does not end with 'Path'.","location":"/States/C/Cause"}`
	next := `{"severity":"ERROR","code":"SCHEMA_VALIDATION_FAILED","message":"One of these fields is required: [Next, End]","location":"/States/A"}`
	reach := `{"severity":"ERROR","code":"MISSING_TRANSITION_TARGET","message":"State \"C\" is not reachable.","location":"/States/C"}`
	for _, c := range []struct{ definition, members, want string }{
		{warned, ``, `{"result":"OK","diagnostics":[],"truncated":false}`},
		{warned, `,"severity":"ERROR"`, `{"result":"OK","diagnostics":[],"truncated":false}`},
		{warned, `,"severity":"WARNING"`, `{"result":"OK","diagnostics":[` + dollar + `,` + static + `],"truncated":false}`},
		{warned, `,"severity":"WARNING","maxResults":2`, `{"result":"OK","diagnostics":[` + dollar + `,` + static + `],"truncated":false}`},
		{warned, `,"severity":"WARNING","maxResults":1`, `{"result":"OK","diagnostics":[` + dollar + `],"truncated":true}`},
		{both, ``, `{"result":"FAIL","diagnostics":[` + next + `,` + reach + `],"truncated":false}`},
		{both, `,"severity":"WARNING","maxResults":3`, `{"result":"FAIL","diagnostics":[` + next + `,` + reach + `,` + dollar + `],"truncated":true}`},
		{both, `,"severity":"WARNING"`, `{"result":"FAIL","diagnostics":[` + next + `,` + reach + `,` + dollar + `,` + path + `],"truncated":false}`},
	} {
		got := s.call("ValidateStateMachineDefinition", fmt.Sprintf(`{"definition":%q%s}`, c.definition, c.members), "")
		var want map[string]any
		if err := json.Unmarshal([]byte(c.want), &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.members, diff)
		}
	}
	s.call("ValidateStateMachineDefinition", `{"definition":"{}","severity":"warning"}`, "ValidationException")
}
