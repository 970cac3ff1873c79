package asl

import (
	"fmt"
	"strings"
)

// parseResource takes the Resource of a Task apart.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html
func parseResource(s string) (Integration, error) {
	in := Integration{Resource: s}
	part := strings.SplitN(s, ":", 6)
	if len(part) < 6 || part[0] != "arn" {
		return in, fmt.Errorf("not an ARN: %q", s)
	}
	service, account, rest := part[2], part[4], part[5]
	switch {
	case service == "lambda" && strings.HasPrefix(rest, "function:"):
		in.Kind, in.Function = LambdaTask, s
		return in, nil
	case service == "states" && strings.HasPrefix(rest, "activity:"):
		in.Kind, in.Activity = ActivityTask, s
		return in, nil
	case service != "states" || account != "":
		return in, fmt.Errorf("neither a Lambda function, an activity nor a service integration: %q", s)
	}
	in.Kind = ServiceTask
	if sdk, ok := strings.CutPrefix(rest, "aws-sdk:"); ok {
		in.Kind, rest = SDKTask, sdk
	}
	var pattern string
	in.Service, in.Action, _ = strings.Cut(rest, ":")
	in.Action, pattern, _ = strings.Cut(in.Action, ".")
	in.Pattern = Pattern(pattern)
	switch in.Pattern {
	case RequestResponse, Sync, Sync2, WaitForToken:
	default:
		return in, fmt.Errorf("unknown integration pattern %q", pattern)
	}
	if in.Service == "" || in.Action == "" {
		return in, fmt.Errorf("a service integration names a service and an action: %q", s)
	}
	return in, nil
}

// typeAndName give resourceType and resource of the task's events.
func (in Integration) typeAndName() (string, string) {
	typ, name := in.Service, in.Action
	if in.Kind == SDKTask {
		typ = "aws-sdk:" + in.Service
	}
	if in.Pattern != RequestResponse {
		name += "." + string(in.Pattern)
	}
	return typ, name
}
