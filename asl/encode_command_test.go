package asl

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Commands are written as encoding/json writes them, but for what it escapes
// without need.
func TestCommandsAreWrittenAsEncodingJSONDoes(t *testing.T) {
	type plainTask Task
	type plainCommand struct {
		ID   int64       `json:"id"`
		Kind CommandKind `json:"kind"`
		Task *plainTask  `json:"task,omitempty"`
		Map  *MapRun     `json:"map,omitempty"`
		At   time.Time   `json:"at,omitzero"`
	}
	full := Task{State: "é \"s\" <1>", Integration: Integration{Kind: ServiceTask, Resource: "r", Function: "f", Activity: "a", Service: "s", Action: "x", Pattern: Sync},
		Parameters: json.RawMessage(`{"a":[1,"<&>"]}`), Timeout: time.Second, Heartbeat: time.Minute, Token: "t", Credentials: json.RawMessage(`{"RoleArn":"r"}`), Attempt: 3}
	for _, c := range []Command{
		{ID: 1, Kind: SetTimer, At: began.Add(123456789)},
		{ID: 2, Kind: CancelTask},
		{ID: 3, Kind: RunTask, Task: &full},
		{ID: 4, Kind: RunTask, Task: &Task{State: "s", Parameters: json.RawMessage(`{}`)}},
		{ID: 5, Kind: RunTask, Task: &Task{}},
		{ID: 6, Kind: RunMap, Map: &MapRun{ARN: "a", Items: json.RawMessage(`[1]`), At: began}},
	} {
		got, err := c.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(plainCommand{c.ID, c.Kind, (*plainTask)(c.Task), c.Map, c.At}); err != nil {
			t.Fatal(err)
		}
		if want := string(bytes.TrimSpace(b.Bytes())); string(got) != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		var back Command
		if err := json.Unmarshal(got, &back); err != nil {
			t.Fatal(err)
		}
		if c.Task != nil && c.Task.Parameters == nil {
			back.Task.Parameters = nil // which reads as null
		}
		if diff := cmp.Diff(c, back); diff != "" {
			t.Errorf("read again (-want +got):\n%s", diff)
		}
	}
}
