package queue

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"salamander/operation"
)

// A RedrivePolicy says where messages go that are received too often.
type RedrivePolicy struct {
	Target     Key
	MaxReceive int
}

// limits are the attributes that are numbers, with their default.
var limits = map[string]struct{ min, max, whenUnset int }{
	"DelaySeconds":                  {0, 900, 0},
	"MaximumMessageSize":            {1024, 1048576, 1048576},
	"MessageRetentionPeriod":        {60, 1209600, 345600},
	"ReceiveMessageWaitTimeSeconds": {0, 20, 0},
	"VisibilityTimeout":             {0, 43200, 30},
}

// Number returns an attribute that is a number.
func (q Queue) Number(name string) int {
	if n, err := strconv.Atoi(q.Attributes[name]); err == nil {
		return n
	}
	return limits[name].whenUnset
}

func (q Queue) seconds(name string) time.Duration {
	return time.Duration(q.Number(name)) * time.Second
}

// oldest returns when the oldest message that is still kept was sent.
func (q Queue) oldest(now time.Time) time.Time { return now.Add(-q.seconds("MessageRetentionPeriod")) }

// Fifo reports whether the queue is first in, first out.
func (q Queue) Fifo() bool { return q.Attributes["FifoQueue"] == "true" }

// Redrive returns the queue's redrive policy.
func (q Queue) Redrive() (RedrivePolicy, bool) {
	p, problem := parseRedrive(q.Attributes["RedrivePolicy"])
	return p, problem == ""
}

// All returns the attributes with those that were not set, and the counts.
//
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
func (q Queue) All(c Counts) map[string]string {
	all := maps.Clone(q.Attributes)
	if all == nil {
		all = map[string]string{}
	}
	for name := range limits {
		all[name] = strconv.Itoa(q.Number(name))
	}
	if all["SqsManagedSseEnabled"] == "" {
		all["SqsManagedSseEnabled"] = "true"
	}
	if q.Fifo() {
		for name, text := range map[string]string{"ContentBasedDeduplication": "false", "DeduplicationScope": "queue", "FifoThroughputLimit": "perQueue"} {
			if all[name] == "" {
				all[name] = text
			}
		}
	}
	all["QueueArn"] = q.ARN()
	all["CreatedTimestamp"] = strconv.FormatInt(q.Created.Unix(), 10)
	all["LastModifiedTimestamp"] = strconv.FormatInt(q.Modified.Unix(), 10)
	all["ApproximateNumberOfMessages"] = strconv.FormatInt(c.Visible, 10)
	all["ApproximateNumberOfMessagesNotVisible"] = strconv.FormatInt(c.InFlight, 10)
	all["ApproximateNumberOfMessagesDelayed"] = strconv.FormatInt(c.Delayed, 10)
	return all
}

var queueName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

// Create makes a queue. One of the same name is returned as it is when the
// attributes do not contradict it; otherwise the error is QueueNameExists.
func (q *Queues) Create(ctx context.Context, queue Queue) (Queue, error) {
	name, fifo := strings.CutSuffix(queue.Name, ".fifo")
	if !queueName.MatchString(name) || len(queue.Name) > 80 {
		return Queue{}, operation.Errorf("InvalidParameterValue",
			"Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
	}
	attributes, err := q.check(ctx, queue.Key, fifo, queue.Attributes)
	if err != nil {
		return Queue{}, err
	}
	if fifo && attributes["FifoQueue"] != "true" {
		return Queue{}, operation.Errorf("InvalidParameterValue",
			"Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
	}
	if !fifo && attributes["FifoQueue"] == "true" {
		return Queue{}, operation.Errorf("InvalidParameterValue", "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.")
	}
	queue.Attributes = attributes
	queue.Created = q.opt.Now().UTC().Truncate(time.Second)
	queue.Modified = queue.Created
	there, err := q.opt.Store.Create(ctx, queue)
	if !errors.Is(err, ErrExists) {
		return there, err
	}
	has := there.All(Counts{})
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if attributes[name] != has[name] {
			return Queue{}, operation.Errorf("QueueNameExists", "A queue already exists with the same name and a different value for attribute %s", name)
		}
	}
	return there, nil
}

// SetAttributes changes attributes of a queue.
func (q *Queues) SetAttributes(ctx context.Context, key Key, attributes map[string]string) error {
	there, err := q.Queue(ctx, key)
	if err != nil {
		return err
	}
	if text, ok := attributes["FifoQueue"]; ok && text != strconv.FormatBool(there.Fifo()) {
		return unknownAttribute("FifoQueue")
	}
	attributes, err = q.check(ctx, key, there.Fifo(), attributes)
	if err != nil {
		return err
	}
	err = q.opt.Store.Change(ctx, key, func(queue *Queue) error {
		if queue.Attributes == nil {
			queue.Attributes = map[string]string{}
		}
		for name, text := range attributes {
			if text == "" {
				delete(queue.Attributes, name)
			} else {
				queue.Attributes[name] = text
			}
		}
		queue.Modified = q.opt.Now().UTC().Truncate(time.Second)
		return nil
	})
	q.wake(key)
	return err
}

func unknownAttribute(name string) error {
	return operation.Errorf("InvalidAttributeName", "Unknown Attribute %s.", name)
}

func badAttribute(name string) error {
	return operation.Errorf("InvalidAttributeValue", "Invalid value for the parameter %s.", name)
}

// check judges attributes that are to be set, and returns them normalized.
func (q *Queues) check(ctx context.Context, key Key, fifo bool, attributes map[string]string) (map[string]string, error) {
	checked := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		text := attributes[name]
		if l, ok := limits[name]; ok {
			n, err := strconv.Atoi(text)
			if err != nil || n < l.min || n > l.max {
				return nil, badAttribute(name)
			}
			checked[name] = strconv.Itoa(n)
			continue
		}
		checked[name] = text
		if err := q.checkText(ctx, key, fifo, name, text); err != nil {
			return nil, err
		}
	}
	return checked, nil
}

func (q *Queues) checkText(ctx context.Context, key Key, fifo bool, name, text string) error {
	oneOf := func(values ...string) error {
		if !slices.Contains(values, text) {
			return badAttribute(name)
		}
		return nil
	}
	switch name {
	case "FifoQueue":
		return oneOf("true", "false")
	case "SqsManagedSseEnabled":
		return oneOf("true", "false")
	case "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit":
		if !fifo {
			return unknownAttribute(name)
		}
		switch name {
		case "ContentBasedDeduplication":
			return oneOf("true", "false")
		case "DeduplicationScope":
			return oneOf("queue", "messageGroup")
		}
		return oneOf("perQueue", "perMessageGroupId")
	case "Policy", "RedriveAllowPolicy":
		if text != "" && !json.Valid([]byte(text)) {
			return badAttribute(name)
		}
		return nil
	case "RedrivePolicy":
		if text == "" {
			return nil
		}
		return q.checkRedrive(ctx, key, fifo, text)
	case "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds":
		if text == "" {
			return nil
		}
		return operation.NotImplemented("sqs", "SetQueueAttributes", "the attribute "+name+" (there is no KMS)")
	}
	return unknownAttribute(name)
}

func (q *Queues) checkRedrive(ctx context.Context, key Key, fifo bool, text string) error {
	p, problem := parseRedrive(text)
	if problem != "" {
		return operation.Errorf("InvalidParameterValue", "Value %s for parameter RedrivePolicy is invalid. Reason: %s.", text, problem)
	}
	target, err := q.Queue(ctx, p.Target)
	if errors.Is(err, ErrNotFound) || err == nil && (p.Target.Account != key.Account || p.Target.Region != key.Region) {
		return operation.Errorf("InvalidParameterValue", "Value %s for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.", text)
	} else if err != nil {
		return err
	}
	if target.Fifo() != fifo {
		return operation.Errorf("InvalidParameterValue", "Value %s for parameter RedrivePolicy is invalid. Reason: Dead letter queue must be same type of queue as the source queue.", text)
	}
	return nil
}

// parseRedrive reads a redrive policy and tells what is wrong with it. AWS takes the count as number or text.
func parseRedrive(text string) (p RedrivePolicy, problem string) {
	var doc struct {
		Target     string          `json:"deadLetterTargetArn"`
		MaxReceive json.RawMessage `json:"maxReceiveCount"`
	}
	if json.Unmarshal([]byte(text), &doc) != nil {
		return p, "Redrive policy is not a valid JSON map"
	}
	if doc.Target == "" {
		return p, "Redrive policy does not contain mandatory attribute: deadLetterTargetArn"
	}
	if len(doc.MaxReceive) == 0 {
		return p, "Redrive policy does not contain mandatory attribute: maxReceiveCount"
	}
	key, ok := ParseARN(doc.Target)
	if !ok {
		return p, "Invalid value for deadLetterTargetArn"
	}
	n, err := strconv.Atoi(strings.Trim(string(doc.MaxReceive), `"`))
	if err != nil || n < 1 || n > 1000 {
		return p, "Invalid value for maxReceiveCount: " + strings.Trim(string(doc.MaxReceive), `"`) + ", valid values are from 1 to 1000 both inclusive"
	}
	return RedrivePolicy{Target: key, MaxReceive: n}, ""
}
