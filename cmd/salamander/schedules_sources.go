package main

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"salamander/engine"
	"salamander/event"
	"salamander/internal/arn"
	"salamander/object"
	"salamander/operation"
	"salamander/stack"
	"salamander/store"
)

// eventSources makes events of what the other domains tell.
type eventSources struct{ *app }

// inside is an event from inside: its identifier is derived from the message,
// so that it is the same when the message comes again.
func inside(m event.Message, s event.Scope, source, kind string, at time.Time, resource string, detail any) (event.Event, error) {
	doc, err := json.Marshal(detail)
	return event.Event{Scope: s, ID: event.Derive(m.Topic, strconv.FormatInt(m.ID, 10)), Type: kind, Source: source, Time: at,
		Resources: []string{resource}, Detail: doc}, err
}

// dated finds inputs that bear a date, which backfill asks for.
var dated = regexp.MustCompile(`\d{4}[-/]?\d{2}[-/]?\d{2}`)

// execution makes "Step Functions Execution Status Change".
//
// https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
func (s eventSources) execution(ctx context.Context, m event.Message) (o event.Occurrence, err error) {
	var told struct {
		Status string
		Whole  bool // it began and ended at once
	}
	if err := json.Unmarshal(m.Payload, &told); err != nil {
		return o, err
	}
	a, err := arn.Parse(m.Key)
	if err != nil {
		return o, err
	}
	ended := told.Status != engine.Running && told.Status != "PENDING_REDRIVE"
	if ended {
		o.Ended = m.Key
	}
	scope := event.Scope{Account: a.Account, Region: a.Region}
	if told.Status != "SUCCEEDED" && !s.events.HasRules(scope) {
		return o, nil
	}
	ex, err := s.engineStore.Execution(ctx, m.Key)
	if errors.Is(err, engine.ErrNotFound) {
		return o, nil
	} else if err != nil {
		return o, err
	}
	if ex.Type == engine.Express || ex.MapRun != "" {
		return o, nil // as on AWS
	}
	if told.Status == "SUCCEEDED" && dated.MatchString(ex.Input) {
		o.Success = &event.Success{Machine: ex.Machine, Input: event.HashInput(ex.Input), Execution: ex.ARN, At: m.At}
	}
	if !s.events.HasRules(scope) {
		return o, nil
	}
	statuses := []string{told.Status}
	if told.Whole {
		statuses = []string{engine.Running, told.Status}
	}
	for i, status := range statuses {
		at := ex.Start
		if status != engine.Running {
			at = ex.Stop
		}
		ev, err := inside(m, scope, "aws.states", "Step Functions Execution Status Change", at, ex.ARN, statusDetail(ex, status))
		if err != nil {
			return o, err
		}
		if i < len(statuses)-1 {
			ev.ID = event.Derive(ev.ID, status)
		}
		o.Events = append(o.Events, ev)
	}
	return o, nil
}

// statusDetail is the detail of the event that says that an execution
// reached a status. It may have gone on since.
func statusDetail(ex engine.Execution, status string) document {
	detail := document{"executionArn": ex.ARN, "stateMachineArn": ex.Machine, "name": ex.Name, "status": status,
		"startDate": ex.Start.UnixMilli(), "stopDate": nil, "input": ex.Input, "output": nil,
		"inputDetails": document{"included": true}, "outputDetails": nil, "error": nil, "cause": nil,
		"stateMachineVersionArn": textOr(ex.Version), "stateMachineAliasArn": textOr(ex.Alias),
		"redriveCount": ex.Redrives, "redriveDate": nil, "redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": nil}
	if !ex.Redriven.IsZero() {
		detail["redriveDate"] = ex.Redriven.UnixMilli()
	}
	switch status {
	case engine.Running, "SUCCEEDED":
		detail["redriveStatusReason"] = "Execution is " + status + " and cannot be redriven"
	case "PENDING_REDRIVE":
	default:
		detail["redriveStatus"] = "REDRIVABLE"
	}
	if len(ex.Input) > maxIncluded {
		detail["input"], detail["inputDetails"] = nil, document{"included": false}
	}
	if status != ex.Status || status == engine.Running {
		return detail
	}
	detail["stopDate"], detail["error"], detail["cause"] = ex.Stop.UnixMilli(), ex.Error, ex.Cause
	if ex.Output != nil {
		detail["output"], detail["outputDetails"] = *ex.Output, document{"included": true}
		if len(ex.Input)+len(*ex.Output) > maxIncluded {
			detail["output"], detail["outputDetails"] = nil, document{"included": false}
		}
	}
	return detail
}

// maxIncluded is how much of input and output an event may hold, in bytes.
const maxIncluded = 248 << 10

func textOr(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// job makes "Batch Job State Change"; its detail is what DescribeJobs tells.
//
// https://docs.aws.amazon.com/batch/latest/userguide/batch_cwe_events.html
func (s eventSources) job(ctx context.Context, m event.Message) (o event.Occurrence, err error) {
	var told store.BatchChange
	if err := json.Unmarshal(m.Payload, &told); err != nil {
		return o, err
	}
	if told.Status == "SUCCEEDED" || told.Status == "FAILED" {
		o.Ended = told.JobARN
	}
	scope := event.Scope{Account: told.Account, Region: told.Region}
	if !s.events.HasRules(scope) {
		return o, nil
	}
	input, err := json.Marshal(document{"jobs": []string{told.JobID}})
	if err != nil {
		return o, err
	}
	caller := operation.Caller{Account: told.Account, Region: told.Region, Principal: "arn:aws:iam::" + told.Account + ":root"}
	resp, err := s.registry.Call(ctx, "batch", "DescribeJobs", &operation.Request{Caller: caller, Input: input})
	if err != nil {
		return o, err
	}
	var out struct {
		Jobs []document `json:"jobs"`
	}
	if err := json.Unmarshal(resp.Output, &out); err != nil || len(out.Jobs) == 0 {
		return o, err
	}
	job := out.Jobs[0]
	job["status"] = told.Status
	ev, err := inside(m, scope, "aws.batch", "Batch Job State Change", m.At, told.JobARN, job)
	o.Events = []event.Event{ev}
	return o, err
}

// object makes the events of a bucket that sends its events to EventBridge,
// the messages of its notifications, and what triggers want to know.
//
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
func (s eventSources) object(ctx context.Context, m event.Message) (o event.Occurrence, err error) {
	var e object.Event
	if err := json.Unmarshal(m.Payload, &e); err != nil {
		return o, err
	}
	scope := event.Scope{Account: e.Account, Region: e.Region}
	o.Object = &event.ObjectChange{Scope: scope, Bucket: e.Bucket, Key: e.Key, At: time.UnixMilli(e.Time).UTC()}
	b, err := s.objects.Bucket(ctx, e.Bucket)
	if errors.Is(err, object.ErrNoBucket) {
		return o, nil
	} else if err != nil || b.Notification == "" {
		return o, err
	}
	n, err := object.ParseNotification(b.Notification)
	if err != nil {
		return o, err
	}
	if o.Deliveries, err = bucketMessages(m, e, n); err != nil || !n.EventBridge || !s.events.HasRules(scope) {
		return o, err
	}
	content := document{"key": e.Key, "sequencer": e.Sequencer}
	detail := document{"version": "0", "bucket": document{"name": e.Bucket}, "object": content, "request-id": requestOf(m),
		"requester": e.Account, "source-ip-address": "127.0.0.1", "reason": e.Reason}
	if e.Type == "Object Deleted" {
		detail["deletion-type"] = "Permanently Deleted"
	} else {
		content["size"], content["etag"] = e.Size, e.ETag
	}
	ev, err := inside(m, scope, "aws.s3", e.Type, time.UnixMilli(e.Time), "arn:aws:s3:::"+e.Bucket, detail)
	o.Events = []event.Event{ev}
	return o, err
}

// requestOf stands for the request that changed an object.
func requestOf(m event.Message) string {
	return strings.ToUpper(strings.ReplaceAll(event.Derive(m.Topic, strconv.FormatInt(m.ID, 10), "request"), "-", "")[:16])
}

// stack makes "CloudFormation Stack Status Change".
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/eventbridge-events.html
func (s eventSources) stack(_ context.Context, m event.Message) (o event.Occurrence, err error) {
	var told stack.Event
	if err := json.Unmarshal(m.Payload, &told); err != nil {
		return o, err
	}
	a, err := arn.Parse(told.Stack)
	if err != nil {
		return o, err
	}
	ev, err := inside(m, event.Scope{Account: a.Account, Region: a.Region}, "aws.cloudformation", "CloudFormation Stack Status Change", told.At,
		told.Stack, document{"stack-id": told.Stack, "status-details": document{"status": told.Status, "status-reason": told.Reason},
			"client-request-token": told.Token})
	o.Events = []event.Event{ev}
	return o, err
}
