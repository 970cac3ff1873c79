package sns

import (
	"context"
	"regexp"

	"salamander/notify"
	"salamander/operation"
)

// MessageAttributeValue is a message attribute on the wire.
type MessageAttributeValue struct {
	DataType    string
	StringValue string
	BinaryValue []byte
}

// MessageInput is what a message is made of.
type MessageInput struct {
	Message                string
	Subject                string
	MessageStructure       string
	MessageAttributes      map[string]MessageAttributeValue
	MessageDeduplicationId string
	MessageGroupId         string
}

func (in MessageInput) message(ctx context.Context) notify.Message {
	m := notify.Message{ID: operation.NewID(ctx), Subject: in.Subject, Text: in.Message, Structure: in.MessageStructure,
		Group: in.MessageGroupId, Dedup: in.MessageDeduplicationId}
	for name, v := range in.MessageAttributes {
		if m.Attributes == nil {
			m.Attributes = map[string]notify.Attribute{}
		}
		m.Attributes[name] = notify.Attribute{Type: v.DataType, Text: v.StringValue, Binary: v.BinaryValue}
	}
	return m
}

// PublishInput is the input of Publish.
type PublishInput struct {
	TopicArn    string
	TargetArn   string
	PhoneNumber string
	MessageInput
}

// PublishOutput is the output of Publish.
type PublishOutput struct {
	MessageId      string
	SequenceNumber string `json:",omitempty"`
}

// Publish sends a message to the subscribers of a topic.
//
// https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
func (s *Service) Publish(ctx context.Context, in *PublishInput) (*PublishOutput, error) {
	topic := in.TopicArn
	switch {
	case in.PhoneNumber != "":
		return nil, operation.NotImplemented("sns", "Publish", "the member PhoneNumber")
	case topic != "" && in.TargetArn != "":
		return nil, invalid("TargetArn Reason: Only one of TopicArn and TargetArn may be given")
	case topic == "":
		topic = in.TargetArn
	}
	if topic == "" {
		return nil, invalid("TopicArn or TargetArn Reason: no value for required parameter")
	}
	if _, err := s.topic(ctx, topic); err != nil {
		return nil, err
	}
	id, sequence, err := s.notify.Publish(ctx, topic, in.message(ctx))
	if err != nil {
		return nil, fault(err)
	}
	return &PublishOutput{id, sequence}, nil
}

// PublishBatchInput is the input of PublishBatch.
type PublishBatchInput struct {
	TopicArn                   string
	PublishBatchRequestEntries []PublishBatchEntry
}

// PublishBatchEntry is one message of a batch.
type PublishBatchEntry struct {
	Id string
	MessageInput
}

// PublishBatchOutput is the output of PublishBatch.
type PublishBatchOutput struct {
	Successful []PublishedEntry
	Failed     []FailedEntry
}

// PublishedEntry is a message of a batch that was published.
type PublishedEntry struct {
	Id string
	PublishOutput
}

// FailedEntry is a message of a batch that was not.
type FailedEntry struct {
	Id          string
	Code        string
	Message     string
	SenderFault bool
}

var entryID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

// PublishBatch sends up to ten messages to the subscribers of a topic.
//
// https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html
func (s *Service) PublishBatch(ctx context.Context, in *PublishBatchInput) (*PublishBatchOutput, error) {
	if _, err := s.topic(ctx, in.TopicArn); err != nil {
		return nil, err
	}
	entries := in.PublishBatchRequestEntries
	switch {
	case len(entries) == 0:
		return nil, operation.Errorf("EmptyBatchRequest", "The batch request doesn't contain any entries.")
	case len(entries) > 10:
		return nil, operation.Errorf("TooManyEntriesInBatchRequest", "The batch request contains more entries than permissible.")
	}
	seen := map[string]bool{}
	for _, e := range entries {
		if !entryID.MatchString(e.Id) {
			return nil, operation.Errorf("InvalidBatchEntryId", "The Id of a batch entry in a batch request doesn't abide by the specification.")
		}
		if seen[e.Id] {
			return nil, operation.Errorf("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.")
		}
		seen[e.Id] = true
	}
	out := &PublishBatchOutput{Successful: []PublishedEntry{}, Failed: []FailedEntry{}}
	for _, e := range entries {
		id, sequence, err := s.notify.Publish(ctx, in.TopicArn, e.message(ctx))
		if err != nil {
			f := notify.Fault(err)
			out.Failed = append(out.Failed, FailedEntry{e.Id, f.Code, f.Message, f.Status < 500})
			continue
		}
		out.Successful = append(out.Successful, PublishedEntry{e.Id, PublishOutput{id, sequence}})
	}
	return out, nil
}
