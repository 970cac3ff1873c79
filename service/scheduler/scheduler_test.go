package scheduler

import (
	"context"
	"strings"
	"testing"
	"time"

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

func input() *ScheduleInput {
	return &ScheduleInput{Name: "s", ScheduleExpression: "cron(0 2 * * ? *)", ScheduleExpressionTimezone: "UTC",
		FlexibleTimeWindow: FlexibleTimeWindow{Mode: "OFF"},
		Target:             Target{Arn: "arn:aws:states:us-east-1:000000000000:stateMachine:m", RoleArn: "arn:aws:iam::000000000000:role/r"}}
}

func TestASchedulesLife(t *testing.T) {
	ctx, s := start(t)
	must[*CreateScheduleGroupOutput](t)(s.CreateScheduleGroup(ctx, &CreateScheduleGroupInput{Name: "g", Tags: []Tag{{"salamander:catch-up", "all"}}}))
	in := input()
	in.GroupName, in.FlexibleTimeWindow = "g", FlexibleTimeWindow{"FLEXIBLE", 5}
	in.StartDate, in.EndDate = &operation.Time{Time: time.Unix(2e9, 0).UTC()}, &operation.Time{Time: time.Unix(2e9+1e6, 0).UTC()}
	out := must[*ScheduleOutput](t)(s.CreateSchedule(ctx, in))
	if out.ScheduleArn != "arn:aws:scheduler:us-east-1:000000000000:schedule/g/s" {
		t.Errorf("arn: got %s", out.ScheduleArn)
	}
	_, err := s.CreateSchedule(ctx, in)
	wantCode(t, err, "ConflictException", "Schedule s already exists.")
	got := must[*GetScheduleOutput](t)(s.GetSchedule(ctx, &OneInput{Name: "s", GroupName: "g"}))
	attempts := 185
	want := &GetScheduleOutput{Arn: out.ScheduleArn, Name: "s", GroupName: "g", ScheduleExpression: in.ScheduleExpression,
		ScheduleExpressionTimezone: "UTC", StartDate: *in.StartDate, EndDate: *in.EndDate, FlexibleTimeWindow: in.FlexibleTimeWindow,
		State: "ENABLED", ActionAfterCompletion: "NONE", CreationDate: got.CreationDate, LastModificationDate: got.LastModificationDate,
		Target: Target{Arn: in.Target.Arn, RoleArn: in.Target.RoleArn, RetryPolicy: &RetryPolicy{&attempts, 86400}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("schedule (-want +got):\n%s", diff)
	}
	in.State = "DISABLED"
	must[*ScheduleOutput](t)(s.UpdateSchedule(ctx, in))
	list := must[*ListSchedulesOutput](t)(s.ListSchedules(ctx, &ListSchedulesInput{State: "DISABLED", NamePrefix: "s"}))
	if len(list.Schedules) != 1 || list.Schedules[0].Target.Arn != in.Target.Arn {
		t.Errorf("list: got %+v", list)
	}
	must[*None](t)(s.DeleteScheduleGroup(ctx, &GroupInput{Name: "g"}))
	_, err = s.GetSchedule(ctx, &OneInput{Name: "s", GroupName: "g"})
	wantCode(t, err, "ResourceNotFoundException", "Schedule s does not exist.")
}

func TestWhatSchedulesRefuse(t *testing.T) {
	ctx, s := start(t)
	for name, tt := range map[string]struct {
		change        func(*ScheduleInput)
		code, message string
	}{
		"expression": {func(in *ScheduleInput) { in.ScheduleExpression = "cron(0 2 * * * *)" }, "ValidationException", "Invalid Schedule Expression cron(0 2 * * * *)."},
		"zone":       {func(in *ScheduleInput) { in.ScheduleExpressionTimezone = "Mars/Base" }, "ValidationException", "Invalid Schedule Expression Timezone Mars/Base."},
		"window":     {func(in *ScheduleInput) { in.FlexibleTimeWindow.Mode = "FLEXIBLE" }, "ValidationException", "MaximumWindowInMinutes must be set"},
		"group":      {func(in *ScheduleInput) { in.GroupName = "none" }, "ResourceNotFoundException", "Schedule group none does not exist."},
		"arn":        {func(in *ScheduleInput) { in.Target.Arn = "x" }, "ValidationException", "Provided Arn is not in correct format."},
		"target":     {func(in *ScheduleInput) { in.Target.Arn = "arn:aws:ecs:us-east-1:000000000000:cluster/c" }, "NotImplementedException", "ecs"},
		"bus":        {func(in *ScheduleInput) { in.Target.Arn = "arn:aws:events:us-east-1:000000000000:event-bus/default" }, "ValidationException", "EventBridgeParameters"},
	} {
		in := input()
		tt.change(in)
		_, err := s.CreateSchedule(ctx, in)
		if err == nil {
			t.Errorf("%s: taken", name)
			continue
		}
		wantCode(t, err, tt.code, tt.message)
	}
	_, err := s.DeleteScheduleGroup(ctx, &GroupInput{Name: "default"})
	wantCode(t, err, "ValidationException", "default")
}
