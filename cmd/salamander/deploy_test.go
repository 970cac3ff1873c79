package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"salamander/api/apitest"
	"salamander/operation"
)

// writeFiles puts files below dir.
func writeFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// nothingLeft checks that the account has nothing that stacks make.
func nothingLeft(t *testing.T, a *app) {
	t.Helper()
	for op, member := range map[string]string{
		"lambda:ListFunctions": "Functions", "s3:ListBuckets": "Buckets", "states:ListStateMachines": "stateMachines", "iam:ListRoles": "Roles",
		"batch:DescribeJobQueues": "jobQueues", "batch:DescribeComputeEnvironments": "computeEnvironments", "redshift:DescribeClusters": "Clusters",
		"iam:ListInstanceProfiles": "InstanceProfiles", "logs:DescribeLogGroups": "logGroups", "sqs:ListQueues": "QueueUrls",
	} {
		service, name, _ := strings.Cut(op, ":")
		out, err := call[map[string]any](t.Context(), a, "", service, name, document{})
		if err != nil {
			if operation.AsError(err).Code != "NotImplementedException" {
				t.Errorf("%s: %v", op, err)
			}
			continue
		}
		if list, _ := (*out)[member].([]any); len(list) > 0 {
			t.Errorf("%s is left: %v", op, list)
		}
	}
}

func TestDeployLocalFiles(t *testing.T) {
	data, dir := t.TempDir(), t.TempDir()
	a := startUp(t, data)
	t.Chdir(t.TempDir())
	writeFiles(t, dir, map[string]string{
		"code/index.py": "def handler(event, context):\n    return 'hello'\n",
		"machine.json":  `{"StartAt":"A","States":{"A":{"Type":"Pass","Result":"${Greeting}","End":true}}}`,
		"child.yaml":    "Resources:\n  Q: {Type: AWS::SQS::Queue}\nOutputs:\n  Arn: {Value: !GetAtt Q.Arn}\n",
		"template.yaml": `
Parameters:
  Greeting: {Type: String, Default: hello}
  Days: {Type: Number, Default: 7}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties: {AssumeRolePolicyDocument: {Version: 2012-10-17, Statement: []}}
  Function:
    Type: AWS::Lambda::Function
    Properties: {Runtime: python3.12, Handler: index.handler, Role: !GetAtt Role.Arn, Code: ./code}
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties: {RoleArn: !GetAtt Role.Arn, DefinitionS3Location: machine.json, DefinitionSubstitutions: {Greeting: !Ref Greeting}}
  Child:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: child.yaml}
  Group:
    Type: AWS::Logs::LogGroup
    DependsOn: Child
    Properties: {RetentionInDays: !Ref Days}
Outputs:
  Queue: {Value: !GetAtt Child.Outputs.Arn}
`})
	file := filepath.Join(dir, "template.yaml")
	deploy := func(want int, args ...string) string {
		t.Helper()
		status, out, stderr := runCommand(t, append([]string{"deploy", file, "--stack", "local", "--data", data}, args...)...)
		if status != want {
			t.Fatalf("deploy %v: got status %d; want %d\n%s%s", args, status, want, out, stderr)
		}
		return out + stderr
	}
	if out := deploy(0, "--plan"); !strings.Contains(out, "5 to add, 0 to modify") || !strings.Contains(out, "policies are recorded, not enforced") {
		t.Errorf("plan:\n%s", out)
	}
	if out := deploy(0); !strings.Contains(out, "Queue = arn:aws:sqs:us-east-1:000000000000:local-Child-") {
		t.Errorf("deploy:\n%s", out)
	}
	if out := deploy(0); !strings.Contains(out, "up to date") && !strings.Contains(out, "UPDATE_COMPLETE") {
		t.Errorf("again:\n%s", out)
	}
	if out := deploy(0, "--plan", "--parameter", "Greeting=hi"); !strings.Contains(out, "Modify  Machine") {
		t.Errorf("plan of a change:\n%s", out)
	}
	if out := deploy(0, "--parameter", "Greeting=hi"); !strings.Contains(out, "UPDATE_COMPLETE") {
		t.Errorf("change:\n%s", out)
	}
	if out := deploy(exitFailed, "--parameter", "Days=8"); !strings.Contains(out, "Group (AWS::Logs::LogGroup) UPDATE_FAILED") || !strings.Contains(out, "UPDATE_ROLLBACK_COMPLETE") {
		t.Errorf("failure:\n%s", out)
	}
	deploy(exitInvalid, "--parameter", "Nobody=1")
	status, out, stderr := runCommand(t, "destroy", "local", "--data", data)
	if status != 0 {
		t.Fatalf("destroy: got status %d\n%s%s", status, out, stderr)
	}
	nothingLeft(t, a)
	if status, _, _ := runCommand(t, "destroy", "local", "--data", data); status != exitFailed {
		t.Errorf("a second time: got status %d; want %d", status, exitFailed)
	}
}

// The published kind of template, whole: 24 resources of 18 types.
func TestDeployTheExample(t *testing.T) {
	file, err := filepath.Abs("../../examples/refresh/template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	a := startUp(t, data)
	t.Chdir(t.TempDir())
	status, out, stderr := runCommand(t, "deploy", file, "--stack", "refresh", "--data", data, "--parameter", "PortNumber=25439")
	if status != 0 || !strings.Contains(out, "ClusterEndpoint = 127.0.0.1:") {
		t.Fatalf("deploy: got status %d\n%s%s", status, out, stderr)
	}
	if status, out, stderr = runCommand(t, "destroy", "refresh", "--data", data); status != 0 {
		t.Fatalf("destroy: got status %d\n%s%s", status, out, stderr)
	}
	nothingLeft(t, a)
}

// Types of every service, made, changed and deleted.
func TestDeployManyTypes(t *testing.T) {
	text, err := os.ReadFile("testdata/stacks/many.yaml")
	if err != nil {
		t.Fatal(err)
	}
	data, dir := t.TempDir(), t.TempDir()
	a := startUp(t, data)
	t.Chdir(dir)
	changed := strings.NewReplacer("DisplayName: bye", "DisplayName: again", "maxReceiveCount: 5", "maxReceiveCount: 7", "rate(2 days)", "rate(3 days)",
		"rate(7 minutes)", "rate(9 minutes)", "Value: c}", "Value: d}", "Value: .zip", "Value: .csv").Replace(string(text))
	for i, body := range []string{string(text), changed} {
		writeFiles(t, dir, map[string]string{"t.yaml": body})
		want := []string{"CREATE_COMPLETE", "UPDATE_COMPLETE"}[i]
		status, out, stderr := runCommand(t, "deploy", "t.yaml", "--stack", "many", "--data", data)
		if status != 0 || !strings.Contains(out, "The stack many is "+want) {
			t.Fatalf("deploy: got status %d\n%s%s", status, out, stderr)
		}
	}
	if status, out, stderr := runCommand(t, "destroy", "many", "--data", data); status != 0 {
		t.Fatalf("destroy: got status %d\n%s%s", status, out, stderr)
	}
	nothingLeft(t, a)
}

// The commands of the AWS CLI that people type.
func TestStacksByTheAWSCommand(t *testing.T) {
	cli := apitest.AWS(t)
	data, dir := t.TempDir(), t.TempDir()
	a := startUp(t, data)
	writeFiles(t, dir, map[string]string{"t.yaml": `
Parameters:
  Days: {Type: Number, Default: 7}
Resources:
  Group: {Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: !Ref Days}}
Outputs:
  Name: {Value: !Ref Group, Export: {Name: the-name}}
`})
	cli.Dir, cli.Env = dir, []string{"AWS_DEFAULT_OUTPUT=text"}
	aws := func(want string, args ...string) {
		t.Helper()
		out := cli.Run(a.endpoint(), args...)
		if !strings.Contains(out, want) {
			t.Errorf("aws %v: got\n%s\nwant %s", args, out, want)
		}
	}
	aws("Successfully created/updated stack - one", "cloudformation", "deploy", "--template-file", "t.yaml", "--stack-name", "one")
	aws("CREATE_COMPLETE", "cloudformation", "describe-stacks", "--stack-name", "one")
	aws("No changes to deploy", "cloudformation", "deploy", "--template-file", "t.yaml", "--stack-name", "one", "--no-fail-on-empty-changeset")
	aws("the-name", "cloudformation", "list-exports")
	aws("Group", "cloudformation", "list-stack-resources", "--stack-name", "one")
	aws("PARAMETERS", "cloudformation", "validate-template", "--template-body", "file://t.yaml")
	aws("", "cloudformation", "delete-stack", "--stack-name", "one")
	aws("", "cloudformation", "wait", "stack-delete-complete", "--stack-name", "one")
	nothingLeft(t, a)
}

// Nobody answers for a custom resource without its token.
func TestSignalsNeedTheirToken(t *testing.T) {
	a := startUp(t, t.TempDir())
	req, err := http.NewRequest(http.MethodPut, a.endpoint()+"/_salamander/cloudformation/guess", strings.NewReader(`{"Status":"SUCCESS"}`))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("got status %d; want 403", resp.StatusCode)
	}
}
