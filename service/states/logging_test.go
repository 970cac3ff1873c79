package states_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"salamander/engine"
)

// A journal keeps the log records that come to it.
type journal struct {
	mu  sync.Mutex
	all []engine.Records
}

func (j *journal) Record(_ context.Context, r engine.Records) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.all = append(j.all, r)
	return nil
}

// types returns the types of the events that are logged, once there are n.
func (j *journal) types(t *testing.T, execution string, n int) (types []string, messages []map[string]any) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		types, messages = nil, nil
		j.mu.Lock()
		for _, r := range j.all {
			for _, record := range r.Records {
				var m map[string]any
				if err := json.Unmarshal([]byte(record.Message), &m); err != nil {
					t.Fatal(err)
				}
				if strings.HasPrefix(m["execution_arn"].(string), execution) {
					types, messages = append(types, m["type"].(string)), append(messages, m)
					if !strings.HasPrefix(r.Stream, "states/") || r.Group != "there" || r.Account != "111111111111" {
						t.Errorf("place: got %+v", r)
					}
				}
			}
		}
		j.mu.Unlock()
		if len(types) >= n {
			return types, messages
		}
		if time.Now().After(deadline) {
			t.Fatalf("log records of %s: got %v; want %d", execution, types, n)
		}
	}
}

func TestExecutionLogs(t *testing.T) {
	s := serve(t, t.TempDir())
	const failing = `{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Fail","Error":"E","Cause":"why"}}}`
	for i, test := range []struct {
		level, kind string
		data        bool
		want        []string
	}{
		{"ALL", "STANDARD", true, []string{"ExecutionStarted", "PassStateEntered", "PassStateExited", "FailStateEntered", "ExecutionFailed"}},
		{"ALL", "EXPRESS", false, []string{"ExecutionStarted", "PassStateEntered", "PassStateExited", "FailStateEntered", "ExecutionFailed"}},
		{"ERROR", "STANDARD", false, []string{"FailStateEntered", "ExecutionFailed"}},
		{"FATAL", "STANDARD", true, []string{"ExecutionFailed"}},
	} {
		name := fmt.Sprint("logged", i)
		arn := "arn:aws:states:us-east-1:111111111111:stateMachine:" + name
		s.call("CreateStateMachine", fmt.Sprintf(`{"name":%q,"type":%q,"definition":%q,"roleArn":"arn:aws:iam::1:role/r","loggingConfiguration":{"level":%q,
			"includeExecutionData":%v,"destinations":[{"cloudWatchLogsLogGroup":{"logGroupArn":"arn:aws:logs:us-east-1:111111111111:log-group:there:*"}}]}}`,
			name, test.kind, failing, test.level, test.data), "")
		ex := s.call("StartExecution", fmt.Sprintf(`{"stateMachineArn":%q,"name":"x","input":"{\"secret\":1}"}`, arn), "")
		types, messages := s.logs.types(t, ex["executionArn"].(string), len(test.want))
		if !reflect.DeepEqual(types, test.want) {
			t.Errorf("%s: got %v; want %v", test.level, types, test.want)
		}
		if told := strings.Contains(fmt.Sprint(messages), "secret"); told != (test.data && test.level == "ALL") {
			t.Errorf("%s, data %v: got %v", test.level, test.data, messages)
		}
		last := messages[len(messages)-1]
		if d := last["details"].(map[string]any); d["error"] != "E" || last["id"] != "5" || last["previous_event_id"] != "4" || last["redrive_count"] != "0" {
			t.Errorf("%s: last record: got %v", test.level, last)
		}
	}
}

func TestLoggingConfiguration(t *testing.T) {
	s := serve(t, t.TempDir())
	for conf, want := range map[string]string{
		`{"level":"ERROR"}`: "Must specify exactly one Log Destination.",
		`{"level":"ALL","destinations":[{"cloudWatchLogsLogGroup":{"logGroupArn":"arn:aws:logs:us-east-1:111111111111:log-group:gone:*"}}]}`:  "Log Destination not found.",
		`{"level":"ALL","destinations":[{"cloudWatchLogsLogGroup":{"logGroupArn":"arn:aws:logs:us-east-1:222222222222:log-group:there:*"}}]}`: "Log Destination not found.",
		`{"level":"ALL","destinations":[{"cloudWatchLogsLogGroup":{"logGroupArn":"there"}}]}`:                                                 "The Log Destination must be the ARN of a log group that ends with ':*'.",
	} {
		got := s.call("CreateStateMachine", fmt.Sprintf(`{"name":"m","definition":%q,"roleArn":"arn:aws:iam::1:role/r","loggingConfiguration":%s}`, pass, conf), "InvalidLoggingConfiguration")
		if want := "Invalid Logging Configuration: " + want; got["message"] != want {
			t.Errorf("%s: got %s; want %s", conf, got["message"], want)
		}
	}
	s.create("m", pass)
	first := s.call("UpdateStateMachine", `{"stateMachineArn":"`+machineARN+`","loggingConfiguration":{"level":"FATAL","destinations":[{"cloudWatchLogsLogGroup":{"logGroupArn":"arn:aws:logs:us-east-1:111111111111:log-group:there:*"}}]}}`, "")
	if first["revisionId"] == nil {
		t.Errorf("a new configuration made no revision: %v", first)
	}
	got := s.call("DescribeStateMachine", `{"stateMachineArn":"`+machineARN+`"}`, "")["loggingConfiguration"].(map[string]any)
	if got["level"] != "FATAL" || got["includeExecutionData"] != false || len(got["destinations"].([]any)) != 1 {
		t.Errorf("configuration: got %v", got)
	}
}
