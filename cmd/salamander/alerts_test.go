package main

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestAlertRulesAreJudged(t *testing.T) {
	_, err := alertRules([]alertConfig{
		{Name: "a", To: []string{"mailto:a@example.com"}, LongerThan: "soon", Zone: "Mars/Base", Days: []string{"someday"}},
		{Name: "b", To: []string{"https://example.com/hook"}, By: "06:30", Days: []string{"mon", "Fri"}, Every: "0s"},
		{Name: "b", To: []string{"https://example.com/hook"}},
	})
	for _, want := range []string{`rule 1 "a": longer-than: got "soon"`, `zone: got "Mars/Base"`, `days: got "someday"`, `rule 3 "b": name: another rule has it`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("without %q: %v", want, err)
		}
	}
	if err != nil && strings.Contains(err.Error(), "rule 2") {
		t.Errorf("a good rule: %v", err)
	}
	rules, _ := alertRules([]alertConfig{{Name: "b", To: []string{"slack:https://example.com/hook"}, Every: "0s"}})
	if rules[0].Every != -1 {
		t.Errorf("every 0s: got %v; want never withheld", rules[0].Every)
	}
}

// A job fails, and with it the execution: the message has the job's last
// lines, and reaches a webhook and, by a topic, a queue.
func TestAnAlertTellsWhatAJobPrinted(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	told := make(chan string, 10)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		told <- string(text)
	}))
	defer hook.Close()
	cfg := defaultConfig()
	cfg.Data, cfg.AWSAddr, cfg.WarehouseAddr = t.TempDir(), "127.0.0.1:0", "127.0.0.1:0"
	cfg.Images = map[string]command{"shell": {"/bin/sh", "-c"}}
	topic := "arn:aws:sns:us-east-1:000000000000:alerts"
	cfg.Alerts = []alertConfig{{Name: "failures", Machines: []string{"load"}, To: []string{hook.URL, topic}}}
	a, err := openApp(cfg, slog.New(slog.DiscardHandler), listen)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.close() })
	if err := a.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	must := func(service, name string, in any) map[string]any {
		t.Helper()
		out, err := call[map[string]any](t.Context(), a, "", service, name, in)
		if err != nil {
			t.Fatal(err)
		}
		return *out
	}
	must("sns", "CreateTopic", document{"Name": "alerts"})
	queue := must("sqs", "CreateQueue", document{"QueueName": "alerts"})["QueueUrl"]
	must("sns", "Subscribe", document{"TopicArn": topic, "Protocol": "sqs", "Endpoint": "arn:aws:sqs:us-east-1:000000000000:alerts", "Attributes": document{"RawMessageDelivery": "true"}})
	must("batch", "CreateComputeEnvironment", document{"computeEnvironmentName": "ce", "type": "MANAGED", "state": "ENABLED",
		"computeResources": document{"type": "EC2", "minvCpus": 0, "maxvCpus": 4, "instanceTypes": []string{"optimal"}, "subnets": []string{"s"}, "securityGroupIds": []string{"g"}, "instanceRole": "r"}})
	must("batch", "CreateJobQueue", document{"jobQueueName": "q", "priority": 1, "computeEnvironmentOrder": []document{{"order": 1, "computeEnvironment": "ce"}}})
	must("batch", "RegisterJobDefinition", document{"jobDefinitionName": "d", "type": "container", "containerProperties": document{
		"image": "shell", "command": []string{"echo the warehouse is on fire; exit 3"},
		"resourceRequirements": []document{{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "128"}}}})
	definition := `{"StartAt":"Load","States":{"Load":{"Type":"Task","Resource":"arn:aws:states:::batch:submitJob.sync",
		"Parameters":{"JobName":"load-fact","JobQueue":"q","JobDefinition":"d"},"End":true}}}`
	machine := must("states", "CreateStateMachine", document{"name": "load", "definition": definition, "roleArn": "arn:aws:iam::000000000000:role/r"})["stateMachineArn"]
	must("states", "StartExecution", document{"stateMachineArn": machine, "name": "nightly"})

	var doc struct {
		Status, State, Error, Text string
		Jobs                       []struct {
			Name string
			Log  []string
		}
	}
	select {
	case text := <-told:
		if err := json.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatal(err)
		}
	case <-time.After(60 * time.Second):
		t.Fatal("nobody was told")
	}
	if doc.Status != "FAILED" || doc.State != "Load" || doc.Error != "States.TaskFailed" || len(doc.Jobs) != 1 || doc.Jobs[0].Name != "load-fact" ||
		!strings.Contains(strings.Join(doc.Jobs[0].Log, "\n"), "the warehouse is on fire") {
		t.Errorf("got %+v", doc)
	}
	got := must("sqs", "ReceiveMessage", document{"QueueUrl": queue, "WaitTimeSeconds": 20})
	text, _ := json.Marshal(got)
	if !strings.Contains(string(text), "the warehouse is on fire") {
		t.Errorf("by the topic: got %s", text)
	}
}
