package sqs

import (
	"context"
	"slices"

	"salamander/internal/pagetoken"
	"salamander/operation"
	"salamander/queue"
)

// CreateQueueInput is the input of CreateQueue.
type CreateQueueInput struct {
	QueueName  string
	Attributes map[string]string
	Tags       map[string]string `json:"tags"`
}

// QueueURL is the output of operations that name a queue.
type QueueURL struct {
	QueueUrl string
}

// CreateQueue makes a queue.
//
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
func (s *Service) CreateQueue(ctx context.Context, in *CreateQueueInput) (*QueueURL, error) {
	c := operation.CallerOf(ctx)
	q, err := s.queues.Create(ctx, queue.Queue{
		Key:        queue.Key{Account: c.Account, Region: c.Region, Name: in.QueueName},
		Attributes: in.Attributes, Tags: in.Tags})
	if err != nil {
		return nil, fault(err)
	}
	return &QueueURL{s.url(q.Key)}, nil
}

// QueueInput is the input of operations on one queue.
type QueueInput struct {
	QueueUrl string
}

// DeleteQueue removes a queue with its messages.
//
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteQueue.html
func (s *Service) DeleteQueue(ctx context.Context, in *QueueInput) (*None, error) {
	key, err := keyOf(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	return &None{}, fault(s.queues.Delete(ctx, key))
}

// PurgeQueue removes all messages of a queue, at once.
//
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html
func (s *Service) PurgeQueue(ctx context.Context, in *QueueInput) (*None, error) {
	key, err := keyOf(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	return &None{}, fault(s.queues.Purge(ctx, key))
}

// SetQueueAttributesInput is the input of SetQueueAttributes.
type SetQueueAttributesInput struct {
	QueueInput
	Attributes map[string]string
}

// SetQueueAttributes changes attributes of a queue.
//
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
func (s *Service) SetQueueAttributes(ctx context.Context, in *SetQueueAttributesInput) (*None, error) {
	key, err := keyOf(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	return &None{}, fault(s.queues.SetAttributes(ctx, key, in.Attributes))
}

// GetQueueAttributesInput is the input of GetQueueAttributes.
type GetQueueAttributesInput struct {
	QueueInput
	AttributeNames []string
}

// GetQueueAttributesOutput is the output of GetQueueAttributes.
type GetQueueAttributesOutput struct {
	Attributes map[string]string `json:",omitempty"`
}

// attributeNames are those that GetQueueAttributes can be asked for.
var attributeNames = []string{"All", "Policy", "VisibilityTimeout", "MaximumMessageSize", "MessageRetentionPeriod",
	"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "CreatedTimestamp", "LastModifiedTimestamp", "QueueArn",
	"ApproximateNumberOfMessagesDelayed", "DelaySeconds", "ReceiveMessageWaitTimeSeconds", "RedrivePolicy", "FifoQueue",
	"ContentBasedDeduplication", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "DeduplicationScope", "FifoThroughputLimit",
	"RedriveAllowPolicy", "SqsManagedSseEnabled"}

// GetQueueAttributes tells attributes of a queue.
//
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
func (s *Service) GetQueueAttributes(ctx context.Context, in *GetQueueAttributesInput) (*GetQueueAttributesOutput, error) {
	q, err := s.queue(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	for _, name := range in.AttributeNames {
		if !slices.Contains(attributeNames, name) {
			return nil, operation.Errorf("InvalidAttributeName", "Unknown Attribute %s.", name)
		}
	}
	out := &GetQueueAttributesOutput{}
	if len(in.AttributeNames) == 0 {
		return out, nil
	}
	counts, err := s.queues.Counts(ctx, q)
	if err != nil {
		return nil, fault(err)
	}
	all := q.All(counts)
	if slices.Contains(in.AttributeNames, "All") {
		out.Attributes = all
		return out, nil
	}
	out.Attributes = map[string]string{}
	for _, name := range in.AttributeNames {
		if text, ok := all[name]; ok {
			out.Attributes[name] = text
		}
	}
	return out, nil
}

// GetQueueURLInput is the input of GetQueueUrl.
type GetQueueURLInput struct {
	QueueName              string
	QueueOwnerAWSAccountId string
}

// GetQueueURL tells the URL of a queue.
//
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueUrl.html
func (s *Service) GetQueueURL(ctx context.Context, in *GetQueueURLInput) (*QueueURL, error) {
	c := operation.CallerOf(ctx)
	key := queue.Key{Account: c.Account, Region: c.Region, Name: in.QueueName}
	if in.QueueOwnerAWSAccountId != "" {
		key.Account = in.QueueOwnerAWSAccountId
	}
	if _, err := s.queues.Queue(ctx, key); err != nil {
		return nil, fault(err)
	}
	return &QueueURL{s.url(key)}, nil
}

// ListQueuesInput is the input of ListQueues.
type ListQueuesInput struct {
	QueueNamePrefix string
	NextToken       string
	MaxResults      *int
}

// ListQueuesOutput is the output of ListQueues.
type ListQueuesOutput struct {
	QueueUrls []string `json:",omitempty"`
	NextToken string   `json:",omitempty"`
}

// page reads a token and the size of a page; without a size there are no
// tokens, and a thousand at most.
func page(token string, size *int) (after string, limit int, err error) {
	if token != "" && size == nil {
		return "", 0, invalid("MaxResults is a mandatory parameter when you provide a value for NextToken.")
	}
	if pagetoken.Decode(token, &after) != nil {
		return "", 0, invalid("Invalid or expired next token.")
	}
	if size == nil {
		return after, 1000, nil
	}
	if *size < 1 || *size > 1000 {
		return "", 0, invalid("Value for parameter MaxResults is invalid. Reason: MaxResults must be an integer between 1 and 1000.")
	}
	return after, *size, nil
}

// ListQueues lists queues by name.
//
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueues.html
func (s *Service) ListQueues(ctx context.Context, in *ListQueuesInput) (*ListQueuesOutput, error) {
	c := operation.CallerOf(ctx)
	after, limit, err := page(in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	list, err := s.queues.List(ctx, queue.Query{Account: c.Account, Region: c.Region, Prefix: in.QueueNamePrefix, After: after, Limit: limit + 1})
	if err != nil {
		return nil, err
	}
	out := &ListQueuesOutput{}
	if len(list) > limit {
		list = list[:limit]
		if in.MaxResults != nil {
			out.NextToken = pagetoken.Encode(list[limit-1].Name)
		}
	}
	for _, q := range list {
		out.QueueUrls = append(out.QueueUrls, s.url(q.Key))
	}
	return out, nil
}

// ListDeadLetterSourceQueuesInput is the input of ListDeadLetterSourceQueues.
type ListDeadLetterSourceQueuesInput struct {
	QueueInput
	NextToken  string
	MaxResults *int
}

// ListDeadLetterSourceQueuesOutput is the output of ListDeadLetterSourceQueues.
type ListDeadLetterSourceQueuesOutput struct {
	QueueUrls []string `json:"queueUrls"`
	NextToken string   `json:",omitempty"`
}

// ListDeadLetterSourceQueues lists the queues whose messages end in a queue.
//
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListDeadLetterSourceQueues.html
func (s *Service) ListDeadLetterSourceQueues(ctx context.Context, in *ListDeadLetterSourceQueuesInput) (*ListDeadLetterSourceQueuesOutput, error) {
	dead, err := s.queue(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	after, limit, err := page(in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	out := &ListDeadLetterSourceQueuesOutput{QueueUrls: []string{}}
	for last := after; ; {
		list, err := s.queues.List(ctx, queue.Query{Account: dead.Account, Region: dead.Region, After: after, Limit: 1000})
		if err != nil || len(list) == 0 {
			return out, err
		}
		for _, q := range list {
			after = q.Name
			if p, ok := q.Redrive(); !ok || p.Target != dead.Key {
				continue
			}
			if len(out.QueueUrls) == limit {
				if in.MaxResults != nil {
					out.NextToken = pagetoken.Encode(last)
				}
				return out, nil
			}
			out.QueueUrls, last = append(out.QueueUrls, s.url(q.Key)), q.Name
		}
	}
}

// TagQueueInput is the input of TagQueue.
type TagQueueInput struct {
	QueueInput
	Tags map[string]string
}

// TagQueue adds tags to a queue.
//
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_TagQueue.html
func (s *Service) TagQueue(ctx context.Context, in *TagQueueInput) (*None, error) {
	return s.tag(ctx, in.QueueUrl, func(tags map[string]string) {
		for name, value := range in.Tags {
			tags[name] = value
		}
	})
}

// UntagQueueInput is the input of UntagQueue.
type UntagQueueInput struct {
	QueueInput
	TagKeys []string
}

// UntagQueue removes tags from a queue.
//
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_UntagQueue.html
func (s *Service) UntagQueue(ctx context.Context, in *UntagQueueInput) (*None, error) {
	return s.tag(ctx, in.QueueUrl, func(tags map[string]string) {
		for _, name := range in.TagKeys {
			delete(tags, name)
		}
	})
}

func (s *Service) tag(ctx context.Context, address string, change func(map[string]string)) (*None, error) {
	key, err := keyOf(ctx, address)
	if err != nil {
		return nil, err
	}
	return &None{}, fault(s.queues.Tag(ctx, key, change))
}

// ListQueueTagsOutput is the output of ListQueueTags.
type ListQueueTagsOutput struct {
	Tags map[string]string `json:",omitempty"`
}

// ListQueueTags tells the tags of a queue.
//
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueueTags.html
func (s *Service) ListQueueTags(ctx context.Context, in *QueueInput) (*ListQueueTagsOutput, error) {
	q, err := s.queue(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	return &ListQueueTagsOutput{q.Tags}, nil
}
