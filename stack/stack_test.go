package stack_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"salamander/operation"
	"salamander/stack"
)

const three = `
Parameters:
  Days: {Type: Number, Default: 7}
  Name: {Type: String, Default: ''}
  Secret: {Type: String, NoEcho: true, Default: opensesame}
Conditions:
  Named: !Not [!Equals [!Ref Name, '']]
Resources:
  First:
    Type: AWS::Logs::LogGroup
    Properties:
      RetentionInDays: !Ref Days
      LogGroupName: !If [Named, !Ref Name, !Ref AWS::NoValue]
  Job:
    Type: AWS::Batch::JobDefinition
    Properties:
      Type: container
      ContainerProperties: {Image: !Ref First, Environment: [{Name: S, Value: !Ref Secret}]}
  Last:
    Type: AWS::Logs::LogGroup
    DependsOn: Job
    Properties: {RetentionInDays: !Ref Days}
Outputs:
  Job: {Value: !Ref Job}
`

func create(t *testing.T, h host, template string, params ...string) *stack.Stack {
	t.Helper()
	st, err := h.Create(t.Context(), request("s", template, params...))
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func TestALifeOfAStack(t *testing.T) {
	w := newWorld()
	h := open(t, t.TempDir(), w)
	defer h.close()
	st := settle(t, h, create(t, h, three).ID, stack.CreateComplete)
	if got, want := w.state(), "job s-First=7 s-Last=7"; got != want {
		t.Errorf("created: got %s; want %s", got, want)
	}
	first := st.Outputs[0].Value
	if !strings.Contains(first, ":job-definition/Job-") {
		t.Errorf("output: got %s", first)
	}

	if _, err := h.Update(t.Context(), request("s", three)); operation.AsError(err).Message != "No updates are to be performed." {
		t.Errorf("the same again: got %v", err)
	}
	// In place, and a replacement by another name, which makes another job definition.
	if _, err := h.Update(t.Context(), request("s", three, "Days", "14", "Name", "mine")); err != nil {
		t.Fatal(err)
	}
	st = settle(t, h, st.ID, stack.UpdateComplete)
	if got, want := w.state(), "job mine=14 s-Last=14"; got != want {
		t.Errorf("updated: got %s; want %s", got, want)
	}
	if st.Outputs[0].Value == first {
		t.Error("the job definition was not replaced")
	}
	if _, err := h.Delete(t.Context(), request("s", "")); err != nil {
		t.Fatal(err)
	}
	settle(t, h, st.ID, stack.DeleteComplete)
	if got := w.state(); got != "" {
		t.Errorf("deleted: %s is left", got)
	}
	if text := events(t, h, st.ID); strings.Contains(text, "opensesame") {
		t.Error("a secret shows in the events")
	}
	if _, err := h.Find(t.Context(), scope(), "s"); operation.AsError(err).Message != "Stack with id s does not exist" {
		t.Errorf("find: got %v", err)
	}
}

func TestALastResourceThatFails(t *testing.T) {
	w := newWorld()
	h := open(t, t.TempDir(), w)
	defer h.close()
	bad := strings.Replace(three, "Properties: {RetentionInDays: !Ref Days}", "Properties: {RetentionInDays: 8}", 1)
	st := settle(t, h, create(t, h, bad).ID, stack.RollbackComplete)
	if got := w.state(); got != "" {
		t.Errorf("%s is left", got)
	}
	text := events(t, h, st.ID)
	if want := "s ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [Last]. Rollback requested by user."; !strings.Contains(text, want) {
		t.Errorf("events:\n%s\nwant %s", text, want)
	}
	if _, err := h.Update(t.Context(), request("s", three)); !strings.Contains(fmt.Sprint(err), "is in ROLLBACK_COMPLETE state and can not be updated") {
		t.Errorf("update: got %v", err)
	}
	if _, err := h.Delete(t.Context(), request("s", "")); err != nil {
		t.Fatal(err)
	}
	settle(t, h, st.ID, stack.DeleteComplete)

	// An update that fails comes back to what was there.
	st = settle(t, h, create(t, h, three).ID, stack.CreateComplete)
	outputs := st.Outputs
	if _, err := h.Update(t.Context(), request("s", bad, "Days", "30", "Name", "mine")); err != nil {
		t.Fatal(err)
	}
	st = settle(t, h, st.ID, stack.UpdateRollbackComplete)
	if got, want := w.state(), "job s-First=7 s-Last=7"; got != want {
		t.Errorf("rolled back: got %s; want %s\n%s", got, want, events(t, h, st.ID))
	}
	if len(st.Outputs) != 1 || st.Outputs[0] != outputs[0] {
		t.Errorf("outputs: got %v; want %v", st.Outputs, outputs)
	}
	if _, err := h.Update(t.Context(), request("s", three)); operation.AsError(err).Message != "No updates are to be performed." {
		t.Errorf("the former template again: got %v", err)
	}
}

func TestDoNothingOnFailure(t *testing.T) {
	w := newWorld()
	h := open(t, t.TempDir(), w)
	defer h.close()
	req := request("s", strings.Replace(three, "Properties: {RetentionInDays: !Ref Days}", "Properties: {RetentionInDays: 8}", 1))
	req.OnFailure = "DO_NOTHING"
	st, err := h.Create(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	settle(t, h, st.ID, stack.CreateFailed)
	if got, want := w.state(), "job s-First=7 s-Last=0"; got != want {
		t.Errorf("got %s; want %s", got, want)
	}
	if _, err := h.Delete(t.Context(), request("s", "")); err != nil {
		t.Fatal(err)
	}
	settle(t, h, st.ID, stack.DeleteComplete)
	if got := w.state(); got != "" {
		t.Errorf("%s is left", got)
	}
}

func TestDeletionPolicy(t *testing.T) {
	w := newWorld()
	h := open(t, t.TempDir(), w)
	defer h.close()
	kept := strings.Replace(three, "    DependsOn: Job\n", "    DependsOn: Job\n    DeletionPolicy: Retain\n", 1)
	st := settle(t, h, create(t, h, kept).ID, stack.CreateComplete)
	if _, err := h.Delete(t.Context(), request("s", "")); err != nil {
		t.Fatal(err)
	}
	settle(t, h, st.ID, stack.DeleteComplete)
	if got, want := w.state(), "s-Last=7"; got != want {
		t.Errorf("got %s; want %s", got, want)
	}
	if !strings.Contains(events(t, h, st.ID), "Last DELETE_SKIPPED") {
		t.Error("no event tells that a resource was kept")
	}
}

func TestUnsupportedTypesFailBeforeAnythingIsMade(t *testing.T) {
	w := newWorld()
	h := open(t, t.TempDir(), w)
	defer h.close()
	const text = "Resources:\n  G: {Type: AWS::Logs::LogGroup}\n  X: {Type: AWS::Glue::Job}\n  T: {Type: AWS::SNS::Topic}\n"
	_, err := h.Create(t.Context(), request("s", text))
	for _, want := range []string{"resource X (line 3)", "AWS::Glue::Job", "AWS::SNS::Topic needs sns:CreateTopic"} {
		if !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("got %v; want %s in it", err, want)
		}
	}
	if w.calls > 0 {
		t.Error("something was made")
	}
	req := request("s", "Resources:\n  G: {Type: AWS::Logs::LogGroup}\n  X: {Type: AWS::Glue::Job}\n")
	req.Unsupported = true
	st, err := h.Create(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	settle(t, h, st.ID, stack.CreateComplete)
}

func TestChangeSets(t *testing.T) {
	w := newWorld()
	h := open(t, t.TempDir(), w)
	defer h.close()
	set, err := h.CreateChangeSet(t.Context(), request("s", three), "c1", "", "CREATE")
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Changes) != 3 || set.Changes[0].Action != "Add" || w.calls != 0 {
		t.Errorf("changes: got %+v and %d calls", set.Changes, w.calls)
	}
	if err := h.ExecuteChangeSet(t.Context(), request("s", ""), set); err != nil {
		t.Fatal(err)
	}
	st := settle(t, h, set.Stack, stack.CreateComplete)
	empty, err := h.CreateChangeSet(t.Context(), request("s", three), "c2", "", "UPDATE")
	if err != nil || empty.Status != "FAILED" || !strings.HasPrefix(empty.Reason, "The submitted information didn't contain changes.") {
		t.Errorf("without a change: got %+v, %v", empty, err)
	}
	set, err = h.CreateChangeSet(t.Context(), request("s", three, "Days", "14", "Name", "mine"), "c3", "", "UPDATE")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range set.Changes {
		got = append(got, c.Action+" "+c.Logical+" "+c.Replacement)
	}
	if want := "Modify First True, Modify Job True, Modify Last False"; strings.Join(got, ", ") != want {
		t.Errorf("changes: got %v; want %s", got, want)
	}
	if err := h.ExecuteChangeSet(t.Context(), request("s", ""), set); err != nil {
		t.Fatal(err)
	}
	settle(t, h, st.ID, stack.UpdateComplete)
	if err := h.ExecuteChangeSet(t.Context(), request("s", ""), set); operation.AsError(err).Code != "InvalidChangeSetStatus" {
		t.Errorf("a second time: got %v", err)
	}
}

func TestExportsAreInUse(t *testing.T) {
	w := newWorld()
	h := open(t, t.TempDir(), w)
	defer h.close()
	const giver = "Resources:\n  G: {Type: AWS::Logs::LogGroup}\nOutputs:\n  O: {Value: !Ref G, Export: {Name: the-group}}\n"
	const taker = "Resources:\n  G:\n    Type: AWS::Logs::LogGroup\n    Properties: {LogGroupName: !Sub ['x-${V}', {V: !ImportValue the-group}]}\n"
	a, err := h.Create(t.Context(), request("giver", giver))
	if err != nil {
		t.Fatal(err)
	}
	settle(t, h, a.ID, stack.CreateComplete)
	b, err := h.Create(t.Context(), request("taker", taker))
	if err != nil {
		t.Fatal(err)
	}
	settle(t, h, b.ID, stack.CreateComplete)
	if users, err := h.Importers(t.Context(), scope(), "the-group"); err != nil || len(users) != 1 || users[0] != "taker" {
		t.Errorf("importers: got %v, %v", users, err)
	}
	if _, err := h.Delete(t.Context(), request("giver", "")); err != nil {
		t.Fatal(err)
	}
	const why = "Delete canceled. Cannot delete export the-group as it is in use by taker"
	if st := settle(t, h, a.ID, stack.CreateComplete); st.Reason != why {
		t.Errorf("reason: got %s; want %s", st.Reason, why)
	}
	if text := events(t, h, a.ID); !strings.HasSuffix(text, "giver CREATE_COMPLETE "+why+"\n") {
		t.Errorf("events:\n%s\nwant %s", text, why)
	}
	if _, err := h.Update(t.Context(), request("giver", strings.Replace(giver, "AWS::Logs::LogGroup", "AWS::Logs::LogGroup, Properties: {RetentionInDays: 7}", 1))); err != nil {
		t.Fatal(err)
	}
	settle(t, h, a.ID, stack.UpdateComplete)
	missing, err := h.Create(t.Context(), request("other", strings.Replace(taker, "the-group", "no-group", 1)))
	if err != nil {
		t.Fatal(err)
	}
	settle(t, h, missing.ID, stack.RollbackComplete)
	if text := events(t, h, missing.ID); !strings.Contains(text, "No export named no-group found.") {
		t.Errorf("events:\n%s", text)
	}
}

// A process may end after any call, its answer lost: the next one comes to the
// same end, and nothing is made twice or left behind.
func TestAProcessEndsAnywhere(t *testing.T) {
	bad := strings.Replace(three, "Properties: {RetentionInDays: !Ref Days}", "Properties: {RetentionInDays: 8}", 1)
	for _, c := range []struct {
		name, template, status, state string
		update                        bool
	}{
		{"create", three, stack.CreateComplete, "job s-First=7 s-Last=7", false},
		{"rollback", bad, stack.RollbackComplete, "", false},
		{"update", three, stack.UpdateComplete, "job mine=14 s-Last=14", true},
		{"update rollback", bad, stack.UpdateRollbackComplete, "job s-First=7 s-Last=7", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			for at := 1; ; at++ {
				if !dieAt(t, at, c.template, c.update, c.status, c.state) {
					if at < 4 {
						t.Errorf("only %d calls", at)
					}
					return
				}
			}
		})
	}
}

// dieAt ends the process after the call of that number; it reports whether
// there was one.
func dieAt(t *testing.T, at int, template string, update bool, status, state string) bool {
	t.Helper()
	w, dir := newWorld(), t.TempDir()
	h := open(t, dir, w)
	if update {
		settle(t, h, create(t, h, three).ID, stack.CreateComplete)
	}
	died, base := make(chan struct{}), w.calls
	w.after = func(_ string, call int) {
		if call == base+at {
			go func() { h.Stacks.Close(); close(died) }()
			time.Sleep(time.Millisecond) // until the context has ended
		}
	}
	var err error
	var st *stack.Stack
	if update {
		st, err = h.Update(t.Context(), request("s", template, "Days", "14", "Name", "mine"))
	} else {
		st, err = h.Create(t.Context(), request("s", template))
	}
	if err != nil {
		t.Fatal(err)
	}
	id := st.ID
	_, waitErr := h.Wait(t.Context(), id)
	hit := w.calls >= base+at
	if hit {
		<-died
	}
	h.close()
	w.after = nil
	again := open(t, dir, w)
	defer again.close()
	settle(t, again, id, status)
	if got := w.state(); got != state {
		t.Fatalf("ended after call %d (%v): got %s; want %s\n%s", at, waitErr, got, state, events(t, again, id))
	}
	return hit
}

func TestManyResources(t *testing.T) {
	w := newWorld()
	h := open(t, t.TempDir(), w)
	defer h.close()
	var b strings.Builder
	b.WriteString("Resources:\n")
	for i := range 200 {
		fmt.Fprintf(&b, "  G%d:\n    Type: AWS::Logs::LogGroup\n    Properties: {RetentionInDays: 7}\n", i)
		if i%10 > 0 {
			fmt.Fprintf(&b, "    DependsOn: G%d\n", i-1)
		}
	}
	start := time.Now()
	st := settle(t, h, create(t, h, b.String()).ID, stack.CreateComplete)
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("200 resources took %v; want under 5 s", took)
	} else {
		t.Logf("200 resources in %v", took)
	}
	if _, err := h.Delete(t.Context(), request("s", "")); err != nil {
		t.Fatal(err)
	}
	settle(t, h, st.ID, stack.DeleteComplete)
	if got := w.state(); got != "" {
		t.Errorf("%s is left", got)
	}
}

func TestBadRequests(t *testing.T) {
	w := newWorld()
	h := open(t, t.TempDir(), w)
	defer h.close()
	for name, c := range map[string]struct{ template, want string }{
		"cycle":   {"Resources:\n  A: {Type: AWS::Logs::LogGroup, DependsOn: B}\n  B: {Type: AWS::Logs::LogGroup, DependsOn: A}\n", "Circular dependency between resources"},
		"unknown": {"Resources:\n  A: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Ref Nobody}}\n", "Unresolved resource dependencies [Nobody]"},
		"empty":   {"", "Template"},
		"iam":     {"Resources:\n  A: {Type: AWS::IAM::Role}\n", "Requires capabilities : [CAPABILITY_IAM]"},
	} {
		if _, err := h.Create(t.Context(), request("s", c.template)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v; want %s", name, err, c.want)
		}
	}
	// A property that a type does not take fails with the resource's name.
	st := settle(t, h, create(t, h, "Resources:\n  A: {Type: AWS::Logs::LogGroup, Properties: {Nonsense: 1}}\n").ID, stack.RollbackComplete)
	if text := events(t, h, st.ID); !strings.Contains(text, "A CREATE_FAILED Encountered unsupported property Nonsense") {
		t.Errorf("events:\n%s", text)
	}
	if _, err := h.Create(t.Context(), request("s", three)); operation.AsError(err).Code != "AlreadyExistsException" {
		t.Errorf("a name in use: got %v", err)
	}
}

func TestAProtectedStack(t *testing.T) {
	w := newWorld()
	h := open(t, t.TempDir(), w)
	defer h.close()
	st := settle(t, h, create(t, h, three).ID, stack.CreateComplete)
	if _, err := h.Protect(t.Context(), scope(), "s", true); err != nil {
		t.Fatal(err)
	}
	_, err := h.Delete(t.Context(), request("s", ""))
	if want := "Stack [s] cannot be deleted while TerminationProtection is enabled"; operation.AsError(err).Message != want {
		t.Errorf("got %v; want %s", err, want)
	}
	var e *operation.Error
	if !errors.As(err, &e) || st.ID == "" {
		t.Errorf("got %v", err)
	}
}
