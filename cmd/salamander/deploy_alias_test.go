package main

import (
	"encoding/base64"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"salamander/operation"
)

const aliasTemplate = `
Transform: AWS::Serverless-2016-10-31
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties: {AssumeRolePolicyDocument: {Version: 2012-10-17, Statement: []}}
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: said
      Runtime: python3.12
      Handler: index.handler
      Role: !GetAtt Role.Arn
      InlineCode: "def handler(e, c): return 'one'"
      AutoPublishAlias: live
      Events:
        Daily: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
  Canary:
    Type: AWS::Lambda::Alias
    Properties:
      FunctionName: !Ref Fn
      Name: canary
      FunctionVersion: !GetAtt Fn.Version.Version
      Description: to try
Outputs:
  Alias: {Value: !Ref Fn.Alias}
`

// A SAM function with AutoPublishAlias: each change of the code is a version,
// and the alias goes with it.
func TestDeployAlias(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("no python3 on this machine")
	}
	data, dir := t.TempDir(), t.TempDir()
	a := startUp(t, data)
	t.Chdir(dir)
	call := func(op string, in, out any) {
		t.Helper()
		doc, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := a.registry.Call(t.Context(), "lambda", op, &operation.Request{Input: doc,
			Caller: operation.Caller{Account: "000000000000", Region: "us-east-1", Principal: "arn:aws:iam::000000000000:root"}})
		if err != nil {
			t.Fatalf("%s: %v", op, err)
		}
		if err := json.Unmarshal(resp.Output, out); err != nil {
			t.Fatal(err)
		}
	}
	deploy := func(text, want string) {
		t.Helper()
		writeFiles(t, dir, map[string]string{"t.yaml": text})
		status, out, stderr := runCommand(t, "deploy", "t.yaml", "--stack", "alias", "--data", data)
		if !strings.Contains(out+stderr, want) {
			t.Fatalf("deploy: got status %d; want %q\n%s%s", status, want, out, stderr)
		}
	}
	says := func(name, want, version string) {
		t.Helper()
		var out struct{ Payload, ExecutedVersion string }
		call("Invoke", map[string]string{"FunctionName": name}, &out)
		if payload, _ := base64.StdEncoding.DecodeString(out.Payload); string(payload) != want || out.ExecutedVersion != version {
			t.Errorf("%s: got %s by %s; want %s by %s", name, payload, out.ExecutedVersion, want, version)
		}
	}
	deploy(aliasTemplate, "Alias = arn:aws:lambda:us-east-1:000000000000:function:said:live")
	says("said:live", `"one"`, "1")
	var policy struct{ Policy string }
	call("GetPolicy", map[string]string{"FunctionName": "said:live"}, &policy)
	if !strings.Contains(policy.Policy, `"Principal":{"Service":"events.amazonaws.com"}`) || !strings.Contains(policy.Policy, `"Resource":"arn:aws:lambda:us-east-1:000000000000:function:said:live"`) {
		t.Errorf("policy: %s", policy.Policy)
	}

	two := strings.Replace(aliasTemplate, "return 'one'", "return 'two'", 1)
	deploy(two, "The stack alias is UPDATE_COMPLETE")
	says("said:live", `"two"`, "2")
	says("said:1", `"one"`, "1") // SAM retains it

	weighted := strings.Replace(two, "Description: to try", "RoutingConfig: {AdditionalVersionWeights: [{FunctionVersion: 1, FunctionWeight: 1.0}]}", 1)
	deploy(weighted, "The stack alias is UPDATE_COMPLETE")
	says("said:canary", `"one"`, "1")
	var alias struct{ Description, FunctionVersion string }
	call("GetAlias", map[string]string{"FunctionName": "said", "Name": "canary"}, &alias)
	if alias.Description != "" || alias.FunctionVersion != "2" {
		t.Errorf("canary: %+v", alias)
	}

	again := weighted + "  # more\n" // a version of what has one already
	again = strings.Replace(again, "Outputs:", "  Again: {Type: AWS::Lambda::Version, Properties: {FunctionName: !Ref Fn}}\nOutputs:", 1)
	deploy(again, "A version for this Lambda function exists ( 2 ). Modify the function to create a new version.")
	says("said:live", `"two"`, "2")

	if status, out, stderr := runCommand(t, "destroy", "alias", "--data", data); status != 0 {
		t.Fatalf("destroy: got status %d\n%s%s", status, out, stderr)
	}
	var left struct{ Functions []any }
	call("ListFunctions", map[string]string{"FunctionVersion": "ALL"}, &left)
	if len(left.Functions) > 0 {
		t.Errorf("left: %v", left.Functions)
	}
}
