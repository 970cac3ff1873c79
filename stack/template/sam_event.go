package template

import (
	"fmt"
	"slices"
	"strings"
)

// A samEvent is one of a resource's Events.
type samEvent struct {
	name  string
	node  *Node
	props *Node
}

// copy copies properties under their own names.
func (e samEvent) copy(to *Node, names ...string) {
	for _, name := range names {
		if v := e.props.Get(name); v != nil {
			to.set(name, v.clone())
		}
	}
}

// An eventKind is a type of events: its properties, and what it makes.
type eventKind struct {
	properties string
	expand     func(*samResource, samEvent)
}

func (r *samResource) failEvent(e samEvent, format string, args ...any) {
	r.fail(e.node, "Event with id [%s] is invalid. %s", e.name, fmt.Sprintf(format, args...))
}

// events expands a resource's Events.
func (r *samResource) events(kinds map[string]eventKind) {
	all := r.props.Get("Events")
	if all == nil {
		return
	}
	if len(all.Members) > MaxResources {
		r.fail(all, "%d Events make more resources than a template can have.", len(all.Members))
		return
	}
	for _, m := range all.Members {
		e := samEvent{m.Key, m.Value, m.Value.Get("Properties")}
		typ := m.Value.Get("Type").string()
		kind, ok := kinds[typ]
		if !ok {
			r.failEvent(e, "the event type '%s' is not implemented.", typ)
			continue
		}
		if e.props == nil || e.props.Kind != Map {
			e.props = object(m.Value)
		}
		unknown := slices.IndexFunc(e.props.Members, func(p Member) bool {
			return !slices.Contains(strings.Fields(kind.properties), p.Key)
		})
		if unknown >= 0 {
			r.failEvent(e, "property %s not defined for resource of type %s", e.props.Members[unknown].Key, typ)
			continue
		}
		if dlq := e.props.Get("DeadLetterConfig"); dlq != nil && (dlq.Get("Arn") == nil || len(dlq.Members) != 1) {
			r.failEvent(e, "a DeadLetterConfig without an Arn is not implemented.")
			continue
		}
		if e.props.Get("State") != nil && e.props.Get("Enabled") != nil {
			r.failEvent(e, "State and Enabled Properties cannot both be specified.")
			continue
		}
		kind.expand(r, e)
	}
}

// scheduleRule is the rule of an event of type Schedule, without its target.
func (r *samResource) scheduleRule(e samEvent) *Node {
	rule := object(e.node)
	if s := e.props.Get("Schedule"); s != nil {
		rule.set("ScheduleExpression", s.clone())
	} else {
		r.failEvent(e, "Missing required property 'Schedule'.")
	}
	e.copy(rule, "State", "Name", "Description")
	enabled(e, rule)
	return rule
}

func enabled(e samEvent, rule *Node) {
	if on := e.props.Get("Enabled"); on != nil {
		state := "DISABLED"
		if on.Text == "true" {
			state = "ENABLED"
		}
		rule.set("State", state)
	}
}

// patternRule is the rule of an event of type EventBridgeRule, without its
// target.
func (r *samResource) patternRule(e samEvent) *Node {
	rule := object(e.node)
	e.copy(rule, "EventBusName", "State")
	if p := e.props.Get("Pattern"); p != nil {
		rule.set("EventPattern", p.clone())
	}
	if n := e.props.Get("RuleName"); n != nil {
		rule.set("Name", n.clone())
	}
	enabled(e, rule)
	return rule
}

// ruleTarget is the target of a rule. role may be nil.
func (r *samResource) ruleTarget(e samEvent, suffix string, role *Node) *Node {
	id := r.id + e.name
	if len(id)+len(suffix) > 64 {
		id = id[:64-len(suffix)]
	}
	t := object(e.node, "Arn", r.target(), "Id", id+suffix)
	if given := e.props.Get("Target").Get("Id"); given != nil {
		t.set("Id", given.clone())
	}
	t.set("RoleArn", role)
	e.copy(t, "Input", "InputPath", "InputTransformer", "DeadLetterConfig", "RetryPolicy")
	return t
}

const scheduleV2Properties = `PermissionsBoundary ScheduleExpression FlexibleTimeWindow Name State Description StartDate EndDate
	ScheduleExpressionTimezone GroupName KmsKeyArn Input RoleArn DeadLetterConfig RetryPolicy OmitName`

// scheduleV2 makes a schedule of the Scheduler, with the role by which it calls
// the function or starts the state machine.
func (r *samResource) scheduleV2(e samEvent, function bool) {
	id := r.id + e.name
	if e.props.Get("ScheduleExpression") == nil {
		r.failEvent(e, "Missing required property 'ScheduleExpression'.")
		return
	}
	s := object(e.node)
	e.copy(s, "ScheduleExpression", "State", "Description", "StartDate", "EndDate", "ScheduleExpressionTimezone", "GroupName", "KmsKeyArn")
	if omit := e.props.Get("OmitName"); omit.string() != "true" {
		s.set("Name", id)
		e.copy(s, "Name")
	} else if e.props.Get("Name") != nil {
		r.failEvent(e, "Name cannot be set when OmitName is True")
	}
	s.set("FlexibleTimeWindow", object(e.node, "Mode", "OFF"))
	e.copy(s, "FlexibleTimeWindow")
	role := getAtt(e.node, id+"Role", "Arn")
	if given := e.props.Get("RoleArn"); given != nil {
		role = given.clone()
	} else {
		action, policy := "states:StartExecution", id+"StartExecutionPolicy"
		if function {
			action, policy = "lambda:InvokeFunction", id+"LambdaPolicy"
		}
		policies := list(e.node, r.allow(e, policy, action))
		if dlq := e.props.Get("DeadLetterConfig"); dlq != nil {
			policies.Items = append(policies.Items, object(e.node, "PolicyName", id+"SQSPolicy", "PolicyDocument", object(e.node,
				"Statement", list(e.node, object(e.node, "Action", "sqs:SendMessage", "Effect", "Allow", "Resource", dlq.Get("Arn").clone())))))
		}
		made := object(e.node, "AssumeRolePolicyDocument", assumeRole(e.node, "scheduler.amazonaws.com"), "Policies", policies)
		e.copy(made, "PermissionsBoundary")
		r.put(id+"Role", "AWS::IAM::Role", made, false)
	}
	t := object(e.node, "Arn", r.target(), "RoleArn", role)
	e.copy(t, "Input", "DeadLetterConfig", "RetryPolicy")
	s.set("Target", t)
	r.put(id, "AWS::Scheduler::Schedule", s, false)
}

// allow is a policy that allows an action on the resource.
func (r *samResource) allow(e samEvent, name, action string) *Node {
	return object(e.node, "PolicyName", name, "PolicyDocument", object(e.node,
		"Statement", list(e.node, object(e.node, "Action", action, "Effect", "Allow", "Resource", r.target()))))
}
