package event

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"salamander/internal/arn"
	"salamander/internal/awsmodel"
	"salamander/operation"
)

// A call is one delivery under way.
type call struct {
	*Events
	d Delivery
	n int // calls of this attempt
}

// callsPerAttempt bounds the operations of one attempt; each has its own
// number, so that a repeat of the attempt after a crash is recognized.
const callsPerAttempt = 8

// do calls an operation as the owner of the delivery.
func (c *call) do(ctx context.Context, service, name string, in, out any) error {
	doc, err := json.Marshal(in)
	if err != nil {
		return err
	}
	principal := c.d.Target.Role
	if principal == "" {
		principal = "arn:aws:iam::" + c.d.Account + ":root"
	}
	caller := operation.Caller{Account: c.d.Account, Region: c.d.Region, Principal: principal,
		Invocation: operation.Invocation{ID: c.d.ID, Call: max(c.d.Attempts, 0)*callsPerAttempt + c.n}}
	c.n++
	resp, err := c.opt.Caller.Call(ctx, service, name, &operation.Request{Caller: caller, Input: doc})
	if err != nil {
		return err
	}
	if resp.Body != nil {
		defer resp.Body.Close()
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			return err
		}
	}
	if out != nil && len(resp.Output) > 0 {
		return json.Unmarshal(resp.Output, out)
	}
	return nil
}

type document = map[string]any

// send calls the target of a delivery. It returns the ARN of what goes on by
// itself, an execution or a job.
func (e *Events) send(ctx context.Context, d Delivery) (ref string, err error) {
	c := &call{Events: e, d: d}
	if d.Scheduler {
		c.d.Input = strings.ReplaceAll(d.Input, "<aws.scheduler.attempt-number>", strconv.Itoa(d.Attempts+1))
	}
	a, err := arn.Parse(d.Target.ARN)
	if err != nil {
		return "", operation.Errorf("InvalidParameter", "%v", err)
	}
	kind, ok := targetKind(a)
	switch {
	case !ok:
		return "", operation.NotImplemented("events", "PutTargets", "targets such as "+d.Target.ARN)
	case kind == "universal":
		return c.universal(ctx, a)
	case a.Account != "" && a.Account != d.Account:
		return "", operation.Errorf("AccessDeniedException", "the target %s belongs to another account", d.Target.ARN)
	case a.Region != "":
		c.d.Region = a.Region
	}
	switch kind {
	case "machine":
		return c.startExecution(ctx, a)
	case "function":
		return "", c.do(ctx, "lambda", "Invoke", document{"FunctionName": d.Target.ARN, "InvocationType": "Event", "Payload": []byte(c.d.Input)}, nil)
	case "jobs":
		return c.submitJob(ctx)
	case "topic":
		return "", c.do(ctx, "sns", "Publish", document{"TopicArn": d.Target.ARN, "Message": c.d.Input}, nil)
	case "queue":
		return "", c.sendMessage(ctx, a)
	case "logs":
		return "", c.putLog(ctx, a)
	}
	return "", c.putEvent(ctx, a)
}

// targetKind tells what an ARN names, if it can be a target.
func targetKind(a arn.ARN) (string, bool) {
	kind := ""
	switch {
	case a.Service == "states" && strings.HasPrefix(a.Resource, "stateMachine:"):
		kind = "machine"
	case a.Service == "lambda" && strings.HasPrefix(a.Resource, "function:"):
		kind = "function"
	case a.Service == "batch" && strings.HasPrefix(a.Resource, "job-queue/"):
		kind = "jobs"
	case a.Service == "sns" && a.Resource != "":
		kind = "topic"
	case a.Service == "sqs" && a.Resource != "":
		kind = "queue"
	case a.Service == "logs" && strings.HasPrefix(a.Resource, "log-group:"):
		kind = "logs"
	case a.Service == "events" && strings.HasPrefix(a.Resource, "event-bus/"):
		kind = "bus"
	case a.Service == "scheduler" && strings.HasPrefix(a.Resource, "aws-sdk:"):
		kind = "universal"
	}
	return kind, kind != ""
}

// CheckTarget returns an error that names what cannot be a target, or nil.
func CheckTarget(text string) error {
	a, err := arn.Parse(text)
	if err != nil {
		return err
	}
	if _, ok := targetKind(a); !ok {
		return fmt.Errorf("%s: targets are state machines, functions, Batch job queues, topics, queues, log groups and event buses", text)
	}
	return nil
}

// startExecution names the execution by the delivery, so that it starts once.
func (c *call) startExecution(ctx context.Context, a arn.ARN) (string, error) {
	name := c.d.Name
	switch {
	case name != "":
	case c.d.EventID != "":
		name = c.d.EventID + "_" + c.d.ID
	default:
		name = c.d.ID
	}
	var out struct{ ExecutionArn string }
	err := c.do(ctx, "states", "StartExecution", document{"stateMachineArn": c.d.Target.ARN, "name": name, "input": c.d.Input}, &out)
	if err != nil && operation.AsError(err).Code == "ExecutionAlreadyExists" {
		machine, _, _ := strings.Cut(strings.TrimPrefix(a.Resource, "stateMachine:"), ":")
		return arn.New("states", a.Region, a.Account, "execution:"+machine+":"+name), nil
	}
	return out.ExecutionArn, err
}

// submitJob submits a job to the queue. The input may hold Parameters and
// ContainerOverrides.
func (c *call) submitJob(ctx context.Context) (string, error) {
	p := c.d.Target.Batch
	if p == nil {
		return "", operation.Errorf("InvalidParameter", "a job queue as a target needs BatchParameters")
	}
	var given struct {
		Parameters         map[string]string
		ContainerOverrides json.RawMessage
	}
	doc := document{"JobName": p.Name, "JobQueue": c.d.Target.ARN, "JobDefinition": p.Definition}
	if json.Unmarshal([]byte(c.d.Input), &given) == nil {
		if len(given.Parameters) > 0 {
			doc["Parameters"] = given.Parameters
		}
		if len(given.ContainerOverrides) > 0 {
			doc["ContainerOverrides"] = given.ContainerOverrides
		}
	}
	if p.ArraySize > 0 {
		doc["ArrayProperties"] = document{"Size": p.ArraySize}
	}
	if p.Attempts > 0 {
		doc["RetryStrategy"] = document{"Attempts": p.Attempts}
	}
	in, err := fromPascal("batch", "SubmitJob", doc)
	if err != nil {
		return "", err
	}
	var out struct {
		JobArn string `json:"jobArn"`
	}
	err = c.do(ctx, "batch", "SubmitJob", in, &out)
	return out.JobArn, err
}

func (c *call) sendMessage(ctx context.Context, a arn.ARN) error {
	var at struct{ QueueUrl string }
	err := c.do(ctx, "sqs", "GetQueueUrl", document{"QueueName": a.Resource, "QueueOwnerAWSAccountId": c.d.Account}, &at)
	if err != nil {
		return err
	}
	in := document{"QueueUrl": at.QueueUrl, "MessageBody": c.d.Input}
	if strings.HasSuffix(a.Resource, ".fifo") {
		in["MessageGroupId"], in["MessageDeduplicationId"] = c.d.Target.Group, c.d.ID
	}
	if len(c.d.Target.Attributes) > 0 {
		attributes := document{}
		for k, v := range c.d.Target.Attributes {
			if v != "" {
				attributes[k] = document{"DataType": "String", "StringValue": v}
			}
		}
		in["MessageAttributes"] = attributes
	}
	return c.do(ctx, "sqs", "SendMessage", in, nil)
}

// putLog writes the input to a stream of its own, as EventBridge does.
func (c *call) putLog(ctx context.Context, a arn.ARN) error {
	group := strings.TrimSuffix(strings.TrimPrefix(a.Resource, "log-group:"), ":*")
	err := c.do(ctx, "logs", "CreateLogStream", document{"logGroupName": group, "logStreamName": c.d.ID}, nil)
	if err != nil && operation.AsError(err).Code != "ResourceAlreadyExistsException" {
		return err
	}
	return c.do(ctx, "logs", "PutLogEvents", document{"logGroupName": group, "logStreamName": c.d.ID,
		"logEvents": []document{{"timestamp": c.d.Accepted.UnixMilli(), "message": c.d.Input}}}, nil)
}

// maxHops is how many buses may pass an event on.
const maxHops = 5

// putEvent gives the input to a bus: a schedule puts an event of its own, a
// rule passes the event on as it is.
func (c *call) putEvent(ctx context.Context, a arn.ARN) error {
	bus := strings.TrimPrefix(a.Resource, "event-bus/")
	if p := c.d.Target.Bus; p != nil {
		var out struct {
			FailedEntryCount int
			Entries          []struct{ ErrorCode, ErrorMessage string }
		}
		err := c.do(ctx, "events", "PutEvents", document{"Entries": []document{{"EventBusName": bus, "Source": p.Source,
			"DetailType": p.Type, "Detail": c.d.Input, "Time": operation.Time{Time: c.d.Scheduled}, "Resources": []string{c.d.Owner}}}}, &out)
		if err == nil && out.FailedEntryCount > 0 {
			err = operation.Errorf(out.Entries[0].ErrorCode, "%s", out.Entries[0].ErrorMessage)
		}
		return err
	}
	if c.d.Hops >= maxHops {
		return operation.Errorf("TooManyHops", "the event has been passed on by %d buses already", c.d.Hops)
	}
	ev, err := readEvent([]byte(c.d.Input))
	if err != nil {
		return operation.Errorf("InvalidInput", "the input for bus %s is no event: %v", bus, err)
	}
	if _, err := c.Bus(Scope{a.Account, a.Region}, bus); err != nil {
		return operation.Errorf("ResourceNotFoundException", "Event bus %s does not exist.", bus)
	}
	deliveries, err := c.match(key(a.Account, a.Region, bus), []Event{ev}, c.d.Hops+1)
	if err != nil || len(deliveries) == 0 {
		return err
	}
	defer c.courier()
	return c.store.Commit(ctx, Change{Accept: deliveries})
}

// readEvent reads what [Event.JSON] wrote.
func readEvent(text []byte) (Event, error) {
	var in struct {
		ID, Source, Account, Region string
		Type                        string `json:"detail-type"`
		Time                        time.Time
		Resources                   []string
		Detail                      json.RawMessage
	}
	if err := json.Unmarshal(text, &in); err != nil {
		return Event{}, err
	}
	if in.ID == "" || in.Source == "" {
		return Event{}, fmt.Errorf("id or source is missing")
	}
	return Event{Scope: Scope{in.Account, in.Region}, ID: in.ID, Type: in.Type, Source: in.Source, Time: in.Time,
		Resources: in.Resources, Detail: in.Detail}, nil
}

// universal calls any operation with the input as its parameters.
//
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
func (c *call) universal(ctx context.Context, a arn.ARN) (string, error) {
	sdk, action, ok := strings.Cut(strings.TrimPrefix(a.Resource, "aws-sdk:"), ":")
	if !ok || action == "" {
		return "", operation.Errorf("InvalidParameter", "%s: need arn:aws:scheduler:::aws-sdk:service:apiAction", c.d.Target.ARN)
	}
	service, ok := awsmodel.SigningName(sdk)
	if !ok {
		service = sdk
	}
	name := strings.ToUpper(action[:1]) + action[1:]
	var given document
	if err := json.Unmarshal([]byte(c.d.Input), &given); err != nil {
		return "", operation.Errorf("InvalidInput", "the input of a universal target must be a JSON object: %v", err)
	}
	in, err := fromPascal(service, name, given)
	if err != nil {
		return "", err
	}
	var out struct{ ExecutionArn, JobArn string }
	if err := c.do(ctx, service, name, in, &out); err != nil {
		return "", err
	}
	return out.ExecutionArn + out.JobArn, nil
}

// fromPascal spells parameters as the operation's model does.
func fromPascal(service, name string, given document) (document, error) {
	doc, err := json.Marshal(given)
	if err != nil {
		return nil, err
	}
	api, ok := awsmodel.Service(service)
	if !ok {
		return given, nil
	}
	op, ok := api.Operation(name)
	if !ok {
		return nil, operation.NotImplemented(service, name, "")
	}
	if doc, err = op.FromPascal(doc); err != nil {
		return nil, operation.Errorf("ValidationException", "%s:%s: %v", service, name, err)
	}
	var in document
	return in, json.Unmarshal(doc, &in)
}

// look asks whether what ref names goes on.
func (e *Events) look(ctx context.Context, ref string) error {
	a, err := arn.Parse(ref)
	if err != nil {
		return e.hasEnded(ctx, ref)
	}
	c := &call{Events: e, d: Delivery{Scope: Scope{a.Account, a.Region}}}
	status := ""
	switch a.Service {
	case "states":
		var out struct{ Status string }
		err = c.do(ctx, "states", "DescribeExecution", document{"executionArn": ref}, &out)
		status = out.Status
	case "batch":
		var out struct{ Jobs []struct{ Status string } }
		err = c.do(ctx, "batch", "DescribeJobs", document{"jobs": []string{strings.TrimPrefix(a.Resource, "job/")}}, &out)
		if len(out.Jobs) > 0 {
			status = out.Jobs[0].Status
		}
	}
	if err != nil && operation.AsError(err).Status >= 500 {
		return err
	}
	if status == "PENDING_REDRIVE" || err == nil && goesOn(status) {
		return nil
	}
	return e.hasEnded(ctx, ref)
}

// goesOn tells of the status of an execution or a job.
func goesOn(status string) bool {
	switch status {
	case "RUNNING", "SUBMITTED", "PENDING", "RUNNABLE", "STARTING":
		return true
	}
	return false
}
