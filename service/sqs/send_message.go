package sqs

import (
	"context"
	"fmt"
	"regexp"

	"salamander/operation"
	"salamander/queue"
)

// MessageAttributeValue is a message attribute on the wire.
type MessageAttributeValue struct {
	StringValue *string `json:",omitempty"`
	BinaryValue []byte  `json:",omitempty"`
	DataType    string
}

func attributesOf(in map[string]MessageAttributeValue) map[string]queue.Attribute {
	if len(in) == 0 {
		return nil
	}
	out := make(map[string]queue.Attribute, len(in))
	for name, v := range in {
		a := queue.Attribute{Type: v.DataType, Binary: v.BinaryValue}
		if v.StringValue != nil {
			a.Text = *v.StringValue
		}
		out[name] = a
	}
	return out
}

// MessageInput is what a message is made of.
type MessageInput struct {
	MessageBody             string
	DelaySeconds            *int
	MessageAttributes       map[string]MessageAttributeValue
	MessageSystemAttributes map[string]MessageAttributeValue
	MessageDeduplicationId  string
	MessageGroupId          string
}

func (in MessageInput) outgoing(ctx context.Context) queue.Outgoing {
	c := operation.CallerOf(ctx)
	return queue.Outgoing{Delay: in.DelaySeconds, Message: queue.Message{
		ID: operation.NewID(ctx), Body: in.MessageBody, Sender: c.Account,
		Attributes: attributesOf(in.MessageAttributes), System: attributesOf(in.MessageSystemAttributes),
		Group: in.MessageGroupId, Dedup: in.MessageDeduplicationId}}
}

// checkSystem judges the system attributes, of which there is one.
func (in MessageInput) checkSystem() error {
	for name, v := range in.MessageSystemAttributes {
		if name != "AWSTraceHeader" {
			return invalid("Message system attribute name '%s' is invalid.", name)
		}
		if v.DataType != "String" || v.StringValue == nil {
			return invalid("The message system attribute 'AWSTraceHeader' must be of type String.")
		}
	}
	return nil
}

// SendMessageInput is the input of SendMessage.
type SendMessageInput struct {
	QueueInput
	MessageInput
}

// SendMessageOutput is the output of SendMessage.
type SendMessageOutput struct {
	MD5OfMessageBody             string
	MD5OfMessageAttributes       string `json:",omitempty"`
	MD5OfMessageSystemAttributes string `json:",omitempty"`
	MessageId                    string
	SequenceNumber               string `json:",omitempty"`
}

// digest tells what was sent. The digests are those of this request, also
// where the message was sent before.
func digest(in MessageInput, m queue.Message) SendMessageOutput {
	out := SendMessageOutput{MD5OfMessageBody: queue.MD5(in.MessageBody), MessageId: m.ID,
		MD5OfMessageAttributes:       queue.AttributesMD5(attributesOf(in.MessageAttributes)),
		MD5OfMessageSystemAttributes: queue.AttributesMD5(attributesOf(in.MessageSystemAttributes))}
	if m.DedupKey != "" {
		out.SequenceNumber = sequence(m)
	}
	return out
}

// sequence writes the 20 digits that order the messages of a FIFO queue.
func sequence(m queue.Message) string { return fmt.Sprintf("188%017d", m.Sequence) }

// SendMessage puts a message into a queue.
//
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
func (s *Service) SendMessage(ctx context.Context, in *SendMessageInput) (*SendMessageOutput, error) {
	key, err := keyOf(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	if err := in.checkSystem(); err != nil {
		return nil, err
	}
	sent, errs, err := s.queues.Send(ctx, key, []queue.Outgoing{in.outgoing(ctx)})
	if err != nil {
		return nil, fault(err)
	}
	if errs[0] != nil {
		return nil, errs[0]
	}
	out := digest(in.MessageInput, sent[0])
	return &out, nil
}

// SendMessageBatchInput is the input of SendMessageBatch.
type SendMessageBatchInput struct {
	QueueInput
	Entries []SendMessageBatchEntry
}

// SendMessageBatchEntry is one message of a batch.
type SendMessageBatchEntry struct {
	Id string
	MessageInput
}

// SendMessageBatchOutput is the output of SendMessageBatch.
type SendMessageBatchOutput struct {
	Successful []SentEntry         `json:",omitempty"`
	Failed     []BatchFailureEntry `json:",omitempty"`
}

// SentEntry is a message of a batch that was sent.
type SentEntry struct {
	Id string
	SendMessageOutput
}

// BatchFailureEntry is an entry of a batch that failed.
type BatchFailureEntry struct {
	Id          string
	SenderFault bool
	Code        string
	Message     string
}

func failure(id string, err error) BatchFailureEntry {
	e := operation.AsError(err)
	return BatchFailureEntry{Id: id, SenderFault: e.Status < 500, Code: e.Code, Message: e.Message}
}

var entryID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

// checkBatch judges the ids of a batch's entries.
func checkBatch(ids []string, kind string) error {
	switch {
	case len(ids) == 0:
		return operation.Errorf("EmptyBatchRequest", "There should be at least one %s in the request.", kind)
	case len(ids) > 10:
		return operation.Errorf("TooManyEntriesInBatchRequest", "Maximum number of entries per request are 10. You have sent %d.", len(ids))
	}
	seen := map[string]bool{}
	for _, id := range ids {
		if !entryID.MatchString(id) {
			return operation.Errorf("InvalidBatchEntryId", "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.")
		}
		if seen[id] {
			return operation.Errorf("BatchEntryIdsNotDistinct", "Id %s repeated.", id)
		}
		seen[id] = true
	}
	return nil
}

// maxBatch is how long the messages of a batch may be together, in bytes.
const maxBatch = 1 << 20

// SendMessageBatch puts up to ten messages into a queue.
//
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
func (s *Service) SendMessageBatch(ctx context.Context, in *SendMessageBatchInput) (*SendMessageBatchOutput, error) {
	key, err := keyOf(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	out, total := make([]queue.Outgoing, len(in.Entries)), 0
	ids := make([]string, len(in.Entries))
	for i, e := range in.Entries {
		ids[i], out[i] = e.Id, e.outgoing(ctx)
		total += out[i].Size()
		if err := e.checkSystem(); err != nil {
			return nil, err
		}
	}
	if err := checkBatch(ids, "SendMessageBatchRequestEntry"); err != nil {
		return nil, err
	}
	if total > maxBatch {
		return nil, operation.Errorf("BatchRequestTooLong", "Batch requests cannot be longer than %d bytes. You have sent %d bytes.", maxBatch, total)
	}
	sent, errs, err := s.queues.Send(ctx, key, out)
	if err != nil {
		return nil, fault(err)
	}
	told := &SendMessageBatchOutput{}
	for i, e := range in.Entries {
		if errs[i] != nil {
			told.Failed = append(told.Failed, failure(e.Id, errs[i]))
			continue
		}
		told.Successful = append(told.Successful, SentEntry{e.Id, digest(e.MessageInput, sent[i])})
	}
	return told, nil
}
