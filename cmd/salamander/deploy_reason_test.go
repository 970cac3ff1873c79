package main

import (
	"strings"
	"testing"
)

// A stack that fails by itself, none of its resources, says why.
func TestDeployTellsWhyTheStackFailed(t *testing.T) {
	const template = "Resources:\n  G: {Type: AWS::Logs::LogGroup}\nOutputs:\n  O: {Value: v, Export: {Name: app-queue}}\n"
	data, dir := t.TempDir(), t.TempDir()
	startUp(t, data)
	t.Chdir(dir)
	writeFiles(t, dir, map[string]string{"t.yaml": template, "before.yaml": template[:strings.Index(template, "Outputs")]})
	if status, out, stderr := runCommand(t, "deploy", "t.yaml", "--stack", "first", "--data", data); status != 0 {
		t.Fatalf("first: got status %d\n%s%s", status, out, stderr)
	}
	const why = "Export with name app-queue is already exported by stack first."
	if status, _, stderr := runCommand(t, "deploy", "t.yaml", "--stack", "second", "--data", data); status != 1 || !strings.Contains(stderr, "ROLLBACK_COMPLETE: "+why) {
		t.Errorf("second: got status %d\n%s\nwant %s", status, stderr, why)
	}
	if status, out, stderr := runCommand(t, "deploy", "before.yaml", "--stack", "third", "--data", data); status != 0 {
		t.Fatalf("third: got status %d\n%s%s", status, out, stderr)
	}
	if status, _, stderr := runCommand(t, "deploy", "t.yaml", "--stack", "third", "--data", data); status != 1 || !strings.Contains(stderr, "UPDATE_ROLLBACK_COMPLETE: "+why) {
		t.Errorf("its update: got status %d\n%s\nwant %s", status, stderr, why)
	}
}
