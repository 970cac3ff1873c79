package sqs

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"salamander/queue"
)

// ReceiveMessageInput is the input of ReceiveMessage.
type ReceiveMessageInput struct {
	QueueInput
	AttributeNames              []string
	MessageSystemAttributeNames []string
	MessageAttributeNames       []string
	MaxNumberOfMessages         *int
	VisibilityTimeout           *int
	WaitTimeSeconds             *int
	ReceiveRequestAttemptId     string
}

// ReceiveMessageOutput is the output of ReceiveMessage.
type ReceiveMessageOutput struct {
	Messages []Message `json:",omitempty"`
}

// Message is a received message.
type Message struct {
	MessageId              string
	ReceiptHandle          string
	MD5OfBody              string
	Body                   string
	Attributes             map[string]string                `json:",omitempty"`
	MD5OfMessageAttributes string                           `json:",omitempty"`
	MessageAttributes      map[string]MessageAttributeValue `json:",omitempty"`
}

// systemNames are the attributes that a receiver can ask for.
var systemNames = []string{"All", "SenderId", "SentTimestamp", "ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp",
	"SequenceNumber", "MessageDeduplicationId", "MessageGroupId", "AWSTraceHeader", "DeadLetterQueueSourceArn"}

// ReceiveMessage takes messages from a queue and hides them from others.
//
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
func (s *Service) ReceiveMessage(ctx context.Context, in *ReceiveMessageInput) (*ReceiveMessageOutput, error) {
	key, err := keyOf(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	r, err := in.receive()
	if err != nil {
		return nil, err
	}
	asked := append(slices.Clone(in.AttributeNames), in.MessageSystemAttributeNames...)
	for _, name := range asked {
		if !slices.Contains(systemNames, name) && !slices.Contains(attributeNames, name) {
			return nil, invalid("Unknown Attribute %s.", name)
		}
	}
	messages, err := s.queues.Receive(ctx, key, r)
	if err != nil {
		return nil, fault(err)
	}
	out := &ReceiveMessageOutput{}
	for _, m := range messages {
		told := Message{MessageId: m.ID, ReceiptHandle: m.Handle(), MD5OfBody: queue.MD5(m.Body), Body: m.Body, Attributes: systemOf(m, asked)}
		chosen := map[string]queue.Attribute{}
		for name, a := range m.Attributes {
			if wanted(name, in.MessageAttributeNames) {
				chosen[name] = a
			}
		}
		told.MD5OfMessageAttributes = queue.AttributesMD5(chosen)
		for name, a := range chosen {
			if told.MessageAttributes == nil {
				told.MessageAttributes = map[string]MessageAttributeValue{}
			}
			v := MessageAttributeValue{DataType: a.Type, BinaryValue: a.Binary}
			if len(a.Binary) == 0 {
				v.StringValue = &a.Text
			}
			told.MessageAttributes[name] = v
		}
		out.Messages = append(out.Messages, told)
	}
	return out, nil
}

// receive judges the numbers of the input.
func (in *ReceiveMessageInput) receive() (r queue.Receive, err error) {
	if n := in.MaxNumberOfMessages; n != nil {
		if *n < 1 || *n > 10 {
			return r, invalid("Value %d for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.", *n)
		}
		r.Max = *n
	}
	if n := in.VisibilityTimeout; n != nil {
		if *n < 0 || *n > 43200 {
			return r, invalid("Value %d for parameter VisibilityTimeout is invalid. Reason: Must be >= 0 and <= 43200, if provided.", *n)
		}
		d := time.Duration(*n) * time.Second
		r.Visibility = &d
	}
	if n := in.WaitTimeSeconds; n != nil {
		if *n < 0 || *n > 20 {
			return r, invalid("Value %d for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.", *n)
		}
		d := time.Duration(*n) * time.Second
		r.Wait = &d
	}
	return r, nil
}

// wanted reports whether a message attribute was asked for.
func wanted(name string, asked []string) bool {
	for _, a := range asked {
		if a == name || a == "All" || a == ".*" {
			return true
		}
		if prefix, ok := strings.CutSuffix(a, ".*"); ok && strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// systemOf returns the attributes that SQS adds to a message.
func systemOf(m queue.Message, asked []string) map[string]string {
	if len(asked) == 0 {
		return nil
	}
	millis := func(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
	all := map[string]string{
		"SenderId":                         m.Sender,
		"SentTimestamp":                    millis(m.Sent),
		"ApproximateReceiveCount":          strconv.Itoa(m.Receives),
		"ApproximateFirstReceiveTimestamp": millis(m.First),
	}
	for name, text := range map[string]string{"MessageGroupId": m.Group, "MessageDeduplicationId": m.Dedup,
		"DeadLetterQueueSourceArn": m.DeadSource, "AWSTraceHeader": m.System["AWSTraceHeader"].Text} {
		if text != "" {
			all[name] = text
		}
	}
	if m.Dedup != "" {
		all["SequenceNumber"] = sequence(m)
	}
	if slices.Contains(asked, "All") {
		return all
	}
	chosen := map[string]string{}
	for _, name := range asked {
		if text, ok := all[name]; ok {
			chosen[name] = text
		}
	}
	return chosen
}
