package states_test

import (
	"fmt"
	"strings"
	"testing"
)

const secondPass = `{"StartAt":"A","States":{"A":{"Type":"Pass","Result":2,"End":true}}}`

// published makes a machine m with versions 1 and 2.
func (s *server) published() {
	s.t.Helper()
	first := s.call("CreateStateMachine", fmt.Sprintf(`{"name":"m","definition":%q,"roleArn":"arn:aws:iam::111111111111:role/r","publish":true,"versionDescription":"one"}`, pass), "")
	second := s.call("UpdateStateMachine", fmt.Sprintf(`{"stateMachineArn":%q,"definition":%q,"publish":true}`, machineARN, secondPass), "")
	if first["stateMachineVersionArn"] != machineARN+":1" || second["stateMachineVersionArn"] != machineARN+":2" {
		s.t.Fatalf("versions: got %v, %v", first, second)
	}
}

func TestVersions(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, dir)
	s.published()
	s.call("CreateStateMachine", `{"name":"x","definition":"{}","roleArn":"arn:aws:iam::1:role/r","versionDescription":"none"}`, "ValidationException")
	again := s.call("PublishStateMachineVersion", `{"stateMachineArn":"`+machineARN+`"}`, "")
	if again["stateMachineVersionArn"] != machineARN+":2" {
		t.Errorf("published again: got %v; want version 2", again)
	}
	got := s.call("PublishStateMachineVersion", `{"stateMachineArn":"`+machineARN+`","revisionId":"old"}`, "ConflictException")
	if want := "Failed to publish the State Machine version for revision old. The current State Machine revision is "; !strings.HasPrefix(got["message"].(string), want) {
		t.Errorf("got %s; want %s…", got["message"], want)
	}
	s.stop()
	s = serve(t, dir)
	one := s.call("DescribeStateMachine", `{"stateMachineArn":"`+machineARN+`:1"}`, "")
	if one["definition"] != pass || one["description"] != "one" || one["stateMachineArn"] != machineARN+":1" {
		t.Errorf("version 1: got %v", one)
	}
	s.call("UpdateStateMachine", `{"stateMachineArn":"`+machineARN+`:1","roleArn":"arn:aws:iam::1:role/other"}`, "StateMachineDoesNotExist")
	page := s.call("ListStateMachineVersions", `{"stateMachineArn":"`+machineARN+`","maxResults":1}`, "")
	rest := s.call("ListStateMachineVersions", fmt.Sprintf(`{"stateMachineArn":%q,"nextToken":%q}`, machineARN, page["nextToken"]), "")
	if fmt.Sprint(page["stateMachineVersions"]) == fmt.Sprint(rest["stateMachineVersions"]) || len(rest["stateMachineVersions"].([]any)) != 1 {
		t.Errorf("pages: got %v, %v", page, rest)
	}
	s.call("StartExecution", `{"stateMachineArn":"`+machineARN+`:1","name":"v1"}`, "")
	if out := s.ended("v1"); out["output"] != `{"b":1}` || out["stateMachineVersionArn"] != machineARN+":1" || out["stateMachineArn"] != machineARN {
		t.Errorf("execution of version 1: got %v", out)
	}
	if of := s.call("DescribeStateMachineForExecution", `{"executionArn":"`+executionARN+`v1"}`, ""); of["definition"] != pass || of["stateMachineArn"] != machineARN {
		t.Errorf("machine of the execution: got %v", of)
	}
	if listed := s.call("ListExecutions", `{"stateMachineArn":"`+machineARN+`:1"}`, "")["executions"].([]any); len(listed) != 1 {
		t.Errorf("executions of version 1: got %v", listed)
	}
	if listed := s.call("ListExecutions", `{"stateMachineArn":"`+machineARN+`:2"}`, "")["executions"].([]any); len(listed) != 0 {
		t.Errorf("executions of version 2: got %v", listed)
	}
	s.call("DeleteStateMachineVersion", `{"stateMachineVersionArn":"`+machineARN+`:2"}`, "")
	s.call("DeleteStateMachineVersion", `{"stateMachineVersionArn":"`+machineARN+`:2"}`, "")
	s.call("StartExecution", `{"stateMachineArn":"`+machineARN+`:2"}`, "StateMachineDoesNotExist")
	third := s.call("PublishStateMachineVersion", `{"stateMachineArn":"`+machineARN+`"}`, "")
	if third["stateMachineVersionArn"] != machineARN+":3" {
		t.Errorf("after a deletion: got %v; want version 3", third)
	}
}

func TestAliases(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, dir)
	s.published()
	route := func(text string) string { return `"routingConfiguration":[` + text + `]` }
	one := `{"stateMachineVersionArn":"` + machineARN + `:1","weight":100}`
	halves := `{"stateMachineVersionArn":"` + machineARN + `:1","weight":50},{"stateMachineVersionArn":"` + machineARN + `:2","weight":50}`
	s.call("CreateStateMachineAlias", `{"name":"a","description":"d",`+route(one)+`}`, "")
	s.call("CreateStateMachineAlias", `{"name":"a","description":"d",`+route(one)+`}`, "") // the same again
	for input, code := range map[string]string{
		`{"name":"a",` + route(halves) + `}`:                                                             "ConflictException",
		`{"name":"b",` + route(`{"stateMachineVersionArn":"`+machineARN+`","weight":100}`) + `}`:         "ValidationException",
		`{"name":"b",` + route(`{"stateMachineVersionArn":"`+machineARN+`:1","weight":99}`) + `}`:        "ValidationException",
		`{"name":"b",` + route(one+","+one) + `}`:                                                        "ValidationException",
		`{"name":"b",` + route(`{"stateMachineVersionArn":"`+machineARN+`:9","weight":100}`) + `}`:       "ResourceNotFound",
		`{"name":"b",` + route(`{"stateMachineVersionArn":"x","weight":100}`) + `}`:                      "InvalidArn",
		`{"name":"b",` + route(strings.Replace(halves, "stateMachine:m:2", "stateMachine:n:2", 1)) + `}`: "ValidationException",
	} {
		s.call("CreateStateMachineAlias", input, code)
	}
	s.call("DeleteStateMachineVersion", `{"stateMachineVersionArn":"`+machineARN+`:1"}`, "ConflictException")
	s.call("StartExecution", `{"stateMachineArn":"`+machineARN+`:a","name":"by-alias"}`, "")
	if out := s.ended("by-alias"); out["output"] != `{"b":1}` || out["stateMachineVersionArn"] != machineARN+":1" || out["stateMachineAliasArn"] != machineARN+":a" {
		t.Errorf("execution by alias: got %v", out)
	}
	if listed := s.call("ListExecutions", `{"stateMachineArn":"`+machineARN+`:a"}`, "")["executions"].([]any); len(listed) != 1 {
		t.Errorf("executions of the alias: got %v", listed)
	}
	s.call("UpdateStateMachineAlias", `{"stateMachineAliasArn":"`+machineARN+`:a"}`, "ValidationException")
	s.call("UpdateStateMachineAlias", `{"stateMachineAliasArn":"`+machineARN+`:a",`+route(halves)+`}`, "")
	s.stop()
	s = serve(t, dir)
	if got := s.call("DescribeStateMachineAlias", `{"stateMachineAliasArn":"`+machineARN+`:a"}`, ""); got["description"] != "d" || len(got["routingConfiguration"].([]any)) != 2 {
		t.Errorf("alias: got %v", got)
	}
	ran := map[any]int{}
	for i := range 60 { // all alike once in 2^59
		name := fmt.Sprint("n", i)
		s.call("StartExecution", `{"stateMachineArn":"`+machineARN+`:a","name":"`+name+`"}`, "")
		ran[s.ended(name)["stateMachineVersionArn"]]++
	}
	if len(ran) != 2 {
		t.Errorf("shares: got %v; want both versions", ran)
	}
	for arn, want := range map[string]int{machineARN: 1, machineARN + ":1": 1} {
		if got := s.call("ListStateMachineAliases", `{"stateMachineArn":"`+arn+`"}`, "")["stateMachineAliases"].([]any); len(got) != want {
			t.Errorf("aliases of %s: got %v", arn, got)
		}
	}
	s.call("DeleteStateMachineAlias", `{"stateMachineAliasArn":"`+machineARN+`:a"}`, "")
	s.call("DeleteStateMachineAlias", `{"stateMachineAliasArn":"`+machineARN+`:a"}`, "")
	s.call("DescribeStateMachineAlias", `{"stateMachineAliasArn":"`+machineARN+`:a"}`, "ResourceNotFound")
	s.call("StartExecution", `{"stateMachineArn":"`+machineARN+`:a"}`, "StateMachineDoesNotExist")
}
