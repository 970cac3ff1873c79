package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// crashMachine waits, runs jobs, writes objects and starts executions: what
// kills must neither lose nor repeat.
const crashMachine = `{"StartAt":"First","States":{
"First":{"Type":"Pass","Result":{"items":[1,2,3,4]},"Next":"Both"},
"Both":{"Type":"Parallel","ResultPath":null,"Next":"Inner","Branches":[
 {"StartAt":"Wait","States":{"Wait":{"Type":"Wait","Seconds":1,"Next":"Job"},
  "Job":{"Type":"Task","Resource":"arn:aws:states:::batch:submitJob.sync","ResultPath":null,"End":true,
   "Parameters":{"JobName":"j","JobQueue":"q","JobDefinition":"d"}}}},
 {"StartAt":"Each","States":{"Each":{"Type":"Map","ItemsPath":"$.items","MaxConcurrency":2,"End":true,"ItemProcessor":{"StartAt":"Put","States":{
  "Put":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:s3:putObject","ResultPath":null,"End":true,
   "Parameters":{"Bucket":"crashes","Key.$":"States.Format('{}/{}', $$.Execution.Name, $)","Body.$":"States.JsonToString($)"}}}}}}}]},
"Inner":{"Type":"Task","Resource":"arn:aws:states:::states:startExecution.sync:2","ResultPath":null,"Next":"Done",
 "Parameters":{"StateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:inner","Input":{}}},
"Done":{"Type":"Succeed"}}}`

const innerMachine = `{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1,"Next":"P"},"P":{"Type":"Pass","End":true}}}`

// A crashed program is one that is killed and started again on its data.
type crashed struct {
	program, dir string
	cmd          *exec.Cmd
	out          bytes.Buffer
	client       *serverClient
}

func (c *crashed) start(t *testing.T) {
	t.Helper()
	c.out.Reset()
	c.cmd = exec.Command(c.program, "up", "--data", c.dir, "--aws-addr", "127.0.0.1:0", "--warehouse-addr", "127.0.0.1:0", "--console-addr", "127.0.0.1:0")
	c.cmd.Dir = filepath.Dir(c.program) // where salamander.yaml is
	c.cmd.Stdout, c.cmd.Stderr = &c.out, &c.out
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.kill)
}

// connect waits until the program answers, if it does before end.
func (c *crashed) connect(t *testing.T, end time.Time) bool {
	t.Helper()
	cfg := defaultConfig()
	cfg.Data = c.dir
	for time.Now().Before(end) {
		if client, err := dial(t.Context(), cfg); err == nil {
			server, err := readServer(c.dir)
			if err == nil && server != nil && server.PID == c.cmd.Process.Pid {
				c.client = client
				return true
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	return false
}

func (c *crashed) kill() {
	_ = c.cmd.Process.Kill() // it may have ended
	_ = c.cmd.Wait()
}

// setUp creates what the machine uses. It bears repeats.
func (c *crashed) setUp(ctx context.Context) error {
	role := "arn:aws:iam::000000000000:role/r"
	steps := []struct {
		service, name string
		in            any
	}{
		{"s3", "CreateBucket", document{"Bucket": "crashes"}},
		{"batch", "CreateComputeEnvironment", document{"computeEnvironmentName": "c", "type": "MANAGED", "state": "ENABLED",
			"computeResources": document{"type": "EC2", "minvCpus": 0, "maxvCpus": 16, "instanceTypes": []string{"optimal"}, "subnets": []string{"subnet-1"},
				"securityGroupIds": []string{"sg-1"}, "instanceRole": "arn:aws:iam::000000000000:instance-profile/i"}}},
		{"batch", "CreateJobQueue", document{"jobQueueName": "q", "state": "ENABLED", "priority": 1, "computeEnvironmentOrder": []document{{"order": 1, "computeEnvironment": "c"}}}},
		{"batch", "RegisterJobDefinition", document{"jobDefinitionName": "d", "type": "container",
			"containerProperties": document{"image": "crash/env", "command": []string{"sleep", "0.2"},
				"resourceRequirements": []document{{"type": "VCPU", "value": "0.25"}, {"type": "MEMORY", "value": "128"}}},
			"retryStrategy": document{"attempts": 10, "evaluateOnExit": []document{{"onStatusReason": "Host EC2*", "action": "RETRY"}, {"onReason": "*", "action": "EXIT"}}}}},
		{"states", "CreateStateMachine", document{"name": "inner", "definition": innerMachine, "roleArn": role}},
		{"states", "CreateStateMachine", document{"name": "crash", "definition": crashMachine, "roleArn": role}},
	}
	for _, s := range steps {
		err := c.client.call(ctx, s.service, s.name, s.in, nil)
		if err != nil && !strings.Contains(err.Error(), "already exists") && !strings.Contains(err.Error(), "Object already") && !strings.Contains(err.Error(), "BucketAlreadyOwnedByYou") {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

type crashEvent struct {
	ID   int64   `json:"id"`
	Type string  `json:"type"`
	At   float64 `json:"timestamp"`
}

// history returns the events of an execution, or an error.
func (c *crashed) history(ctx context.Context, name string) (all []crashEvent, err error) {
	var page struct {
		Events    []crashEvent `json:"events"`
		NextToken string       `json:"nextToken"`
	}
	for first := true; first || page.NextToken != ""; first = false {
		in := document{"executionArn": "arn:aws:states:us-east-1:000000000000:execution:crash:" + name, "maxResults": 1000}
		if page.NextToken != "" {
			in["nextToken"] = page.NextToken
		}
		page.NextToken, page.Events = "", nil
		if err := c.client.call(ctx, "states", "GetExecutionHistory", in, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Events...)
	}
	return all, nil
}

func (c *crashed) startExecution(ctx context.Context, name string) error {
	return c.client.call(ctx, "states", "StartExecution", document{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:crash", "name": name, "input": "{}"}, nil)
}

// finish waits for the end of an execution and returns the types of its
// events, sorted: what runs side by side comes in any order.
func (c *crashed) finish(t *testing.T, name string) []string {
	t.Helper()
	for end := time.Now().Add(60 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		all, err := c.history(t.Context(), name)
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, &c.out)
		}
		if last := all[len(all)-1].Type; strings.HasPrefix(last, "Execution") && last != "ExecutionStarted" {
			var types []string
			for i, ev := range all {
				if ev.ID != int64(i+1) {
					t.Errorf("%s: event %d has the id %d", name, i+1, ev.ID)
				}
				types = append(types, ev.Type)
			}
			slices.Sort(types)
			return types
		}
		if time.Now().After(end) {
			text, _ := json.Marshal(all)
			t.Fatalf("%s does not end: %s\n%s", name, text, &c.out)
		}
	}
}

// The program, killed again and again at random moments, ends every execution
// as an undisturbed run does, and never takes back an event that it told.
// SALAMANDER_CRASHES sets how many kills.
func TestKillsLoseAndRepeatNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	program := binary(t)
	config := "images:\n  crash/env: [" + found(t, "env") + "]\n"
	if err := os.WriteFile(filepath.Join(filepath.Dir(program), "salamander.yaml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	calm := &crashed{program: program, dir: t.TempDir()}
	calm.start(t)
	if !calm.connect(t, time.Now().Add(20*time.Second)) {
		t.Fatalf("no answer: %s", &calm.out)
	}
	if err := calm.setUp(t.Context()); err != nil {
		t.Fatalf("%v\n%s", err, &calm.out)
	}
	if err := calm.startExecution(t.Context(), "calm"); err != nil {
		t.Fatal(err)
	}
	want := calm.finish(t, "calm")
	calm.kill()
	if !slices.Contains(want, "ExecutionSucceeded") {
		t.Fatalf("undisturbed: got %v", want)
	}

	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	kills := setting(t, "SALAMANDER_CRASHES", 10)
	for round := 0; kills > 0; round++ {
		c := &crashed{program: program, dir: t.TempDir()}
		told := map[string][]crashEvent{} // of executions whose start was acknowledged
		for n := 0; n < 12 && kills > 0; n++ {
			c.start(t)
			c.disturbed(t, random, fmt.Sprint("x", n), told)
			c.kill()
			kills--
		}
		c.start(t)
		if !c.connect(t, time.Now().Add(30*time.Second)) {
			t.Fatalf("round %d: no answer after the kills: %s", round, &c.out)
		}
		for name := range told {
			c.unchanged(t, name, told)
			if got := c.finish(t, name); !slices.Equal(got, want) {
				t.Errorf("round %d: %s: got %v; want %v", round, name, got, want)
			}
		}
		c.kill()
		if t.Failed() {
			return
		}
		t.Logf("round %d: %d executions", round, len(told))
	}
}

// disturbed uses the program until a random moment, and notes what it told.
func (c *crashed) disturbed(t *testing.T, random *rand.Rand, name string, told map[string][]crashEvent) {
	t.Helper()
	end := time.Now().Add(time.Duration(random.Int64N(int64(2500 * time.Millisecond))))
	ctx, cancel := context.WithDeadline(t.Context(), end)
	defer cancel()
	if !c.connect(t, end) {
		return
	}
	if err := c.setUp(ctx); err != nil {
		if ctx.Err() == nil {
			t.Errorf("%v\n%s", err, &c.out)
		}
		return
	}
	for name := range told {
		c.unchanged(t, name, told)
	}
	if c.startExecution(ctx, name) == nil {
		told[name] = nil
	}
	for ctx.Err() == nil {
		for name := range told {
			if all, err := c.history(ctx, name); err == nil {
				told[name] = all
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// unchanged checks that what was told of an execution is still so.
func (c *crashed) unchanged(t *testing.T, name string, told map[string][]crashEvent) {
	t.Helper()
	all, err := c.history(t.Context(), name)
	if err != nil {
		t.Errorf("%s: %v\n%s", name, err, &c.out)
	}
	if had := told[name]; len(all) < len(had) || !slices.Equal(all[:len(had)], had) {
		t.Errorf("%s: got %v; want %v first", name, all, had)
	}
}

// found finds a program.
func found(t *testing.T, name string) string {
	t.Helper()
	file, err := exec.LookPath(name)
	if err != nil {
		t.Skip(err)
	}
	return file
}
