package main

import (
	"strings"
	"testing"
)

// A queue of fair shares, whose policy changes in place.
func TestDeploySchedulingPolicy(t *testing.T) {
	const template = `
Resources:
  Policy:
    Type: AWS::Batch::SchedulingPolicy
    Properties:
      FairsharePolicy: {ShareDecaySeconds: 3600, ShareDistribution: [{ShareIdentifier: etl, WeightFactor: 0.5}]}
  Environment:
    Type: AWS::Batch::ComputeEnvironment
    Properties:
      Type: MANAGED
      ComputeResources: {Type: EC2, MinvCpus: 0, MaxvCpus: 4, InstanceTypes: [optimal], InstanceRole: r, Subnets: [s], SecurityGroupIds: [g]}
  Queue:
    Type: AWS::Batch::JobQueue
    Properties:
      Priority: 1
      SchedulingPolicyArn: !Ref Policy
      ComputeEnvironmentOrder: [{Order: 1, ComputeEnvironment: !Ref Environment}]
Outputs:
  Policy: {Value: !GetAtt Policy.Arn}
`
	data, dir := t.TempDir(), t.TempDir()
	a := startUp(t, data)
	t.Chdir(dir)
	writeFiles(t, dir, map[string]string{"t.yaml": template})
	if status, out, stderr := runCommand(t, "deploy", "t.yaml", "--stack", "fair", "--data", data); status != 0 ||
		!strings.Contains(out, "Policy = arn:aws:batch:us-east-1:000000000000:scheduling-policy/") {
		t.Fatalf("deploy: got status %d\n%s%s", status, out, stderr)
	}
	writeFiles(t, dir, map[string]string{"t.yaml": strings.Replace(template, "WeightFactor: 0.5", "WeightFactor: 2", 1)})
	if status, out, stderr := runCommand(t, "deploy", "t.yaml", "--stack", "fair", "--data", data); status != 0 || !strings.Contains(out, "UPDATE_COMPLETE") || strings.Contains(out, "Queue ") {
		t.Fatalf("change: got status %d\n%s%s", status, out, stderr)
	}
	if status, out, stderr := runCommand(t, "destroy", "fair", "--data", data); status != 0 {
		t.Fatalf("destroy: got status %d\n%s%s", status, out, stderr)
	}
	nothingLeft(t, a)
}
