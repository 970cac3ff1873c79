package stack

import (
	"fmt"
	"strings"
)

// eventKinds are the types of EventBridge and its Scheduler.
func eventKinds() catalog {
	return catalog{
		"AWS::Events::Rule": {
			props: "Name Description EventBusName EventPattern ScheduleExpression State RoleArn Targets Tags", replace: "Name EventBusName", named: "Name",
			create: func(c *call) error {
				name, _ := c.name("Name", naming{})
				return c.putRule(name)
			},
			update: func(c *call) error {
				if err := c.removeTargets(without(targetIDs(c.old), targetIDs(c.props))); err != nil {
					return err
				}
				return c.putRule(c.private["name"])
			},
			remove: func(c *call) error {
				if err := c.removeTargets(targetIDs(c.props)); err != nil {
					return err
				}
				_, err := c.do("events", "DeleteRule", c.onBus(map[string]any{"Name": c.private["name"]}))
				return gone(err)
			},
			needs: []string{"events:PutRule", "events:PutTargets", "events:RemoveTargets", "events:DeleteRule"},
		},
		"AWS::Events::EventBus": {
			props: "Name EventSourceName Description KmsKeyIdentifier DeadLetterConfig LogConfig Policy Tags", replace: "Name EventSourceName", named: "Name",
			create: func(c *call) error {
				in, err := c.input("events", "CreateEventBus", map[string]string{"Policy": ""})
				if err != nil {
					return err
				}
				out, err := c.do("events", "CreateEventBus", in)
				if err != nil {
					return err
				}
				c.physical = c.text("Name")
				c.attrs = map[string]any{"Arn": get(out, "EventBusArn"), "Name": c.physical}
				return nil
			},
			remove: func(c *call) error {
				_, err := c.do("events", "DeleteEventBus", map[string]any{"Name": c.physical})
				return gone(err)
			},
			needs: []string{"events:CreateEventBus", "events:DeleteEventBus"},
		},
		"AWS::Scheduler::Schedule": {
			props:   "Name GroupName Description ScheduleExpression ScheduleExpressionTimezone StartDate EndDate FlexibleTimeWindow State Target KmsKeyArn ActionAfterCompletion",
			replace: "Name GroupName", named: "Name",
			create: func(c *call) error { return c.putSchedule("CreateSchedule") },
			update: func(c *call) error { return c.putSchedule("UpdateSchedule") },
			remove: func(c *call) error {
				in := map[string]any{"Name": c.physical}
				if g := c.text("GroupName"); g != "" {
					in["GroupName"] = g
				}
				_, err := c.do("scheduler", "DeleteSchedule", in)
				return gone(err)
			},
			needs: []string{"scheduler:CreateSchedule", "scheduler:UpdateSchedule", "scheduler:DeleteSchedule"},
		},
		"AWS::Scheduler::ScheduleGroup": {
			props: "Name Tags", replace: "Name Tags", named: "Name",
			create: func(c *call) error {
				in, err := c.input("scheduler", "CreateScheduleGroup", nil)
				if err != nil {
					return err
				}
				name, generated := c.name("Name", naming{})
				in["Name"] = name
				if _, err := c.do("scheduler", "CreateScheduleGroup", in); c.made(err, generated) != nil {
					return err
				}
				c.physical = name
				c.attrs = map[string]any{"Arn": c.arnOf("scheduler", "schedule-group/"+name), "State": "ACTIVE"}
				return nil
			},
			remove: func(c *call) error {
				_, err := c.do("scheduler", "DeleteScheduleGroup", map[string]any{"Name": c.physical})
				return gone(err)
			},
			needs: []string{"scheduler:CreateScheduleGroup", "scheduler:DeleteScheduleGroup"},
		},
	}
}

// onBus adds the rule's bus to an input.
func (c *call) onBus(in map[string]any) map[string]any {
	if bus := c.text("EventBusName"); bus != "" {
		in["EventBusName"] = bus
	}
	return in
}

// putRule makes or changes a rule and its targets. What Ref gives of a rule
// on another bus than the default is "bus|rule".
func (c *call) putRule(name string) error {
	in, err := c.input("events", "PutRule", map[string]string{"Targets": ""})
	if err != nil {
		return err
	}
	in["Name"] = name
	if c.old == nil && !c.repeat && c.text("Name") != "" {
		if _, err := c.do("events", "DescribeRule", c.onBus(map[string]any{"Name": name})); err == nil {
			return sayf("Resource of type 'AWS::Events::Rule' with identifier '%s' already exists", name)
		}
	}
	out, err := c.do("events", "PutRule", in)
	if err != nil {
		return err
	}
	c.physical, c.private = name, map[string]string{"name": name}
	if bus := c.text("EventBusName"); bus != "" && bus != "default" {
		c.physical = bus[strings.LastIndexByte(bus, '/')+1:] + "|" + name
	}
	c.attrs = map[string]any{"Arn": get(out, "RuleArn")}
	targets := list(c.props, "Targets")
	if len(targets) == 0 {
		return nil
	}
	in, err = inputOf("events", "PutTargets", map[string]any{"Targets": targets}, nil)
	if err != nil {
		return err
	}
	in["Rule"] = name
	out, err = c.do("events", "PutTargets", c.onBus(in))
	if failed := list(out, "FailedEntries"); len(failed) > 0 {
		return fmt.Errorf("target %s: %s (%s)", get(failed[0], "TargetId"), get(failed[0], "ErrorMessage"), get(failed[0], "ErrorCode"))
	}
	return err
}

func targetIDs(props map[string]any) []any {
	var ids []any
	for _, t := range list(props, "Targets") {
		ids = append(ids, get(t, "Id"))
	}
	return ids
}

func (c *call) removeTargets(ids []any) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := c.do("events", "RemoveTargets", c.onBus(map[string]any{"Rule": c.private["name"], "Ids": ids}))
	return gone(err)
}

func (c *call) putSchedule(op string) error {
	in, err := c.input("scheduler", op, nil)
	if err != nil {
		return err
	}
	name, generated := c.physical, false
	if op == "CreateSchedule" {
		name, generated = c.name("Name", naming{})
	}
	in["Name"] = name
	out, err := c.do("scheduler", op, in)
	if err = c.made(err, generated); err != nil {
		return err
	}
	c.physical = name
	if arn := get(out, "ScheduleArn"); arn != "" {
		c.attrs = map[string]any{"Arn": arn}
	} else if c.attrs == nil {
		group := c.text("GroupName")
		if group == "" {
			group = "default"
		}
		c.attrs = map[string]any{"Arn": c.arnOf("scheduler", "schedule/"+group+"/"+name)}
	}
	return nil
}
