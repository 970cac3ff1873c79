package events

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"salamander/event"
	"salamander/operation"
	"salamander/store"
)

func start(t *testing.T) (context.Context, *Service) {
	t.Helper()
	db, err := store.Open(t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	e, err := event.New(t.Context(), event.Options{Store: store.NewEvents(db), Caller: &operation.Registry{}})
	if err != nil {
		t.Fatal(err)
	}
	return operation.WithCaller(t.Context(), operation.Caller{Account: "000000000000", Region: "us-east-1"}), New(e)
}

func wantCode(t *testing.T, err error, code, message string) {
	t.Helper()
	if e := operation.AsError(err); err == nil || e.Code != code || !strings.Contains(e.Message, message) {
		t.Errorf("got %v; want %s: %s", err, code, message)
	}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

const queue = "arn:aws:sqs:us-east-1:000000000000:q"

func TestARulesLife(t *testing.T) {
	ctx, s := start(t)
	out := must[*PutRuleOutput](t)(s.PutRule(ctx, &PutRuleInput{Name: "r", EventPattern: `{"source":["a"]}`, Description: "d", Tags: []Tag{{"k", "v"}}}))
	if out.RuleArn != "arn:aws:events:us-east-1:000000000000:rule/r" {
		t.Errorf("arn: got %s", out.RuleArn)
	}
	two := 2
	template := &InputTransformer{InputPathsMap: map[string]string{"x": "$.detail.x"}, InputTemplate: `{"x": <x>}`}
	targets := []Target{
		{Id: "a", Arn: queue, InputTransformer: template, RetryPolicy: &RetryPolicy{MaximumRetryAttempts: &two}, DeadLetterConfig: &DeadLetterConfig{queue}},
		{Id: "b", Arn: "arn:aws:batch:us-east-1:000000000000:job-queue/j", RoleArn: "r", BatchParameters: &BatchParameters{JobDefinition: "d", JobName: "n",
			ArrayProperties: &BatchArrayProperties{3}, RetryStrategy: &BatchRetryStrategy{2}}},
	}
	must[*TargetsOutput](t)(s.PutTargets(ctx, &PutTargetsInput{Rule: "r", Targets: targets}))
	listed := must[*ListTargetsByRuleOutput](t)(s.ListTargetsByRule(ctx, &ListTargetsByRuleInput{Rule: "r"}))
	if diff := cmp.Diff(targets, listed.Targets); diff != "" {
		t.Errorf("targets (-want +got):\n%s", diff)
	}
	names := must[*ListRuleNamesByTargetOutput](t)(s.ListRuleNamesByTarget(ctx, &ListRuleNamesByTargetInput{TargetArn: queue}))
	if len(names.RuleNames) != 1 {
		t.Errorf("names: got %v", names.RuleNames)
	}
	_, err := s.DeleteRule(ctx, &DeleteRuleInput{Name: "r"})
	wantCode(t, err, "ValidationException", "Rule can't be deleted since it has targets.")
	must[*None](t)(s.DisableRule(ctx, &RuleInput{Name: "r"}))
	described := must[*DescribeRuleOutput](t)(s.DescribeRule(ctx, &RuleInput{Name: "r"}))
	if described.State != "DISABLED" || described.Description != "d" || described.EventBusName != "default" {
		t.Errorf("described: got %+v", described)
	}
	must[*None](t)(s.TagResource(ctx, &TagResourceInput{out.RuleArn, []Tag{{"salamander:overlap", "queue"}}}))
	must[*None](t)(s.UntagResource(ctx, &UntagResourceInput{out.RuleArn, []string{"k"}}))
	tags := must[*TagsOutput](t)(s.ListTagsForResource(ctx, &TagsInput{out.RuleArn}))
	if len(tags.Tags) != 1 || tags.Tags[0] != (Tag{"salamander:overlap", "queue"}) {
		t.Errorf("tags: got %v", tags.Tags)
	}
	_, err = s.TagResource(ctx, &TagResourceInput{out.RuleArn, []Tag{{"salamander:catch-up", "maybe"}}})
	wantCode(t, err, "ValidationException", "must be one of skip, last, all")
	must[*TargetsOutput](t)(s.RemoveTargets(ctx, &RemoveTargetsInput{Rule: "r", Ids: []string{"a", "b", "none"}}))
	must[*None](t)(s.DeleteRule(ctx, &DeleteRuleInput{Name: "r"}))
	must[*None](t)(s.DeleteRule(ctx, &DeleteRuleInput{Name: "r"}))
	_, err = s.DescribeRule(ctx, &RuleInput{Name: "r"})
	wantCode(t, err, "ResourceNotFoundException", "Rule r does not exist on EventBus default.")
}

func TestWhatRulesRefuse(t *testing.T) {
	ctx, s := start(t)
	_, err := s.PutRule(ctx, &PutRuleInput{Name: "r"})
	wantCode(t, err, "ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.")
	_, err = s.PutRule(ctx, &PutRuleInput{Name: "r", ScheduleExpression: "rate(5 minute)"})
	wantCode(t, err, "ValidationException", "Parameter ScheduleExpression is not valid.")
	_, err = s.PutRule(ctx, &PutRuleInput{Name: "r", EventPattern: `{}`})
	wantCode(t, err, "InvalidEventPatternException", "Event pattern is not valid. Reason: Empty objects are not allowed")
	_, err = s.PutRule(ctx, &PutRuleInput{Name: "r", EventBusName: "none", EventPattern: `{"a":["b"]}`})
	wantCode(t, err, "ResourceNotFoundException", "Event bus none does not exist.")
	must[*CreateEventBusOutput](t)(s.CreateEventBus(ctx, &CreateEventBusInput{Name: "own"}))
	_, err = s.CreateEventBus(ctx, &CreateEventBusInput{Name: "own"})
	wantCode(t, err, "ResourceAlreadyExistsException", "Event bus own already exists.")
	_, err = s.PutRule(ctx, &PutRuleInput{Name: "r", EventBusName: "own", ScheduleExpression: "rate(5 minutes)"})
	wantCode(t, err, "ValidationException", "ScheduleExpression is supported only on the default event bus.")
	must[*PutRuleOutput](t)(s.PutRule(ctx, &PutRuleInput{Name: "r", EventBusName: "arn:aws:events:us-east-1:000000000000:event-bus/own", EventPattern: `{"a":["b"]}`}))
	_, err = s.DeleteEventBus(ctx, &BusInput{"own"})
	wantCode(t, err, "ValidationException", "since it has rules")
	_, err = s.DeleteEventBus(ctx, &BusInput{"default"})
	wantCode(t, err, "ValidationException", "Cannot delete event bus default.")
	put := func(target Target) error {
		_, err := s.PutTargets(ctx, &PutTargetsInput{Rule: "r", EventBusName: "own", Targets: []Target{target}})
		return err
	}
	bad, path, good := "{", "$.", "{}"
	wantCode(t, put(Target{Id: "x", Arn: "nope"}), "ValidationException", "not in correct format")
	wantCode(t, put(Target{Id: "x", Arn: "arn:aws:kinesis:us-east-1:000000000000:stream/s"}), "NotImplementedException", "kinesis")
	wantCode(t, put(Target{Id: "x", Arn: queue, Input: &bad}), "ValidationException", "JSON syntax error in input for target x")
	wantCode(t, put(Target{Id: "x", Arn: queue, InputPath: &path}), "ValidationException", "Invalid InputPath")
	wantCode(t, put(Target{Id: "x", Arn: queue, Input: &good, InputTransformer: &InputTransformer{InputTemplate: "{}"}}), "ValidationException", "Only one of")
	wantCode(t, put(Target{Id: "x", Arn: queue, InputTransformer: &InputTransformer{InputTemplate: "<y>"}}), "ValidationException", "invalid placeholder <y>")
}

func TestPutEvents(t *testing.T) {
	ctx, s := start(t)
	out := must[*PutEventsOutput](t)(s.PutEvents(ctx, &PutEventsInput{[]PutEventsEntry{
		{Source: "a", DetailType: "t", Detail: `{"x":1}`},
		{DetailType: "t", Detail: `{}`},
		{Source: "aws.s3", DetailType: "t", Detail: `{}`},
		{Source: "a", DetailType: "t", Detail: `[]`},
		{Source: "a", DetailType: "t", Detail: `{}`, EventBusName: "none"},
	}}))
	var codes []string
	for _, e := range out.Entries {
		codes = append(codes, e.ErrorCode)
	}
	want := []string{"", "InvalidArgument", "NotAuthorizedForSourceException", "MalformedDetail", "ResourceNotFoundException"}
	if diff := cmp.Diff(want, codes); diff != "" || out.FailedEntryCount != 4 || out.Entries[0].EventId == "" {
		t.Errorf("%d failed (-want +got):\n%s", out.FailedEntryCount, diff)
	}
	_, err := s.PutEvents(ctx, &PutEventsInput{[]PutEventsEntry{{Source: "a", DetailType: "t", Detail: strings.Repeat(" ", 1<<20)}}})
	wantCode(t, err, "ValidationException", "Total size of the entries in the request is over the limit.")
}

func TestTestEventPattern(t *testing.T) {
	ctx, s := start(t)
	full, err := json.Marshal(map[string]any{"id": "1", "account": "a", "source": "s", "time": "t", "region": "r", "resources": []string{}, "detail-type": "d"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		pattern string
		want    bool
	}{{`{"source":["s"]}`, true}, {`{"source":["x"]}`, false}} {
		if out := must[*TestEventPatternOutput](t)(s.TestEventPattern(ctx, &TestEventPatternInput{tt.pattern, string(full)})); out.Result != tt.want {
			t.Errorf("%s: got %v", tt.pattern, out.Result)
		}
	}
	_, err = s.TestEventPattern(ctx, &TestEventPatternInput{`{"source":"s"}`, string(full)})
	wantCode(t, err, "InvalidEventPatternException", `"source" must be an object or an array`)
	_, err = s.TestEventPattern(ctx, &TestEventPatternInput{`{"source":["s"]}`, `{"id":"1"}`})
	wantCode(t, err, "ValidationException", "Parameter Event is not valid.")
}

func TestListsGoOn(t *testing.T) {
	ctx, s := start(t)
	for i := range 5 {
		must[*PutRuleOutput](t)(s.PutRule(ctx, &PutRuleInput{Name: fmt.Sprint("r", i), EventPattern: `{"a":["b"]}`}))
	}
	var names []string
	in := &ListRulesInput{NamePrefix: "r", Limit: 2}
	for {
		out := must[*ListRulesOutput](t)(s.ListRules(ctx, in))
		for _, r := range out.Rules {
			names = append(names, r.Name)
		}
		if in.NextToken = out.NextToken; in.NextToken == "" {
			break
		}
	}
	if fmt.Sprint(names) != "[r0 r1 r2 r3 r4]" {
		t.Errorf("got %v", names)
	}
}
