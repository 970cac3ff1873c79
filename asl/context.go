package asl

import (
	"time"

	"salamander/internal/value"
)

// timeFormat is that of times in the context object.
const timeFormat = "2006-01-02T15:04:05.000Z"

func member(k string, v value.Value) value.Member { return value.Member{Key: k, Value: v} }

// contextObject gives $$ as the thread's current state sees it.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
func (t *turn) contextObject(th *thread) value.Value {
	c := t.x.Context
	if c.Given != nil {
		if given, err := value.Parse(c.Given); err == nil {
			return given
		}
	}
	stamp := func(at time.Time) string { return at.UTC().Format(timeFormat) }
	exec := value.NewObject(member("Id", c.ExecutionArn), member("Input", t.x.Input.v), member("StartTime", stamp(c.StartTime)),
		member("Name", c.ExecutionName), member("RoleArn", c.RoleArn), member("RedriveCount", value.Int(int64(c.RedriveCount))))
	if !c.RedriveTime.IsZero() {
		exec.Set("RedriveTime", stamp(c.RedriveTime))
	}
	state := value.NewObject(member("Name", th.State), member("EnteredTime", stamp(th.EnteredAt)))
	switch t.state(th).kind {
	case "Task", "Parallel", "Map": // those that can be retried
		state.Set("RetryCount", value.Int(th.RetryCount))
	}
	out := value.NewObject(member("Execution", exec),
		member("StateMachine", value.NewObject(member("Id", c.StateMachineArn), member("Name", c.StateMachineName))),
		member("State", state))
	for at := th; at != nil; at = at.parent {
		if at.Item != nil {
			out.Set("Map", value.NewObject(member("Item", value.NewObject(member("Index", value.Int(int64(at.Index))), member("Value", at.Item.v)))))
			break
		}
	}
	if th.Token != "" {
		out.Set("Task", value.NewObject(member("Token", th.Token)))
	}
	return out
}

// env gives what expressions of the thread's state see.
func (t *turn) env(th *thread, input value.Value) *env {
	limits := queryLimits
	if t.m.opt.NoLimits {
		limits = liftedLimits
	}
	return &env{limits: limits, input: input, context: func() value.Value { return t.contextObject(th) }, vars: th.vars(), random: t.random, raw: th.Input.v, now: t.at}
}
