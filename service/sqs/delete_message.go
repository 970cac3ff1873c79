package sqs

import (
	"context"
	"time"

	"salamander/operation"
	"salamander/queue"
)

// DeleteMessageInput is the input of DeleteMessage.
type DeleteMessageInput struct {
	QueueInput
	ReceiptHandle string
}

// DeleteMessage removes a received message.
//
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html
func (s *Service) DeleteMessage(ctx context.Context, in *DeleteMessageInput) (*None, error) {
	q, err := s.queue(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	return &None{}, s.deleteMessage(ctx, q, in.ReceiptHandle)
}

func (s *Service) deleteMessage(ctx context.Context, q queue.Queue, handle string) error {
	found, ok, err := s.queues.DeleteMessage(ctx, q.Key, handle)
	switch {
	case err != nil:
		return fault(err)
	case !ok:
		return noHandle(handle)
	case found == queue.Stale && q.Fifo():
		return invalid("Value %s for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.", handle)
	}
	return nil // a message that is gone, or that another has received since, is no error
}

func noHandle(handle string) error {
	return operation.Errorf("ReceiptHandleIsInvalid", `The input receipt handle "%s" is not a valid receipt handle.`, handle)
}

// HandleEntry is an entry of a batch that names a message.
type HandleEntry struct {
	Id            string
	ReceiptHandle string
}

// DeleteMessageBatchInput is the input of DeleteMessageBatch.
type DeleteMessageBatchInput struct {
	QueueInput
	Entries []HandleEntry
}

// BatchOutput is the output of batches that answer nothing but success.
type BatchOutput struct {
	Successful []BatchEntry        `json:",omitempty"`
	Failed     []BatchFailureEntry `json:",omitempty"`
}

// BatchEntry is an entry of a batch that succeeded.
type BatchEntry struct {
	Id string
}

// each carries out a batch entry by entry.
func each(ids []string, kind string, f func(i int) error) (*BatchOutput, error) {
	if err := checkBatch(ids, kind); err != nil {
		return nil, err
	}
	out := &BatchOutput{}
	for i, id := range ids {
		if err := f(i); err != nil {
			out.Failed = append(out.Failed, failure(id, err))
		} else {
			out.Successful = append(out.Successful, BatchEntry{id})
		}
	}
	return out, nil
}

// DeleteMessageBatch removes up to ten received messages.
//
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessageBatch.html
func (s *Service) DeleteMessageBatch(ctx context.Context, in *DeleteMessageBatchInput) (*BatchOutput, error) {
	q, err := s.queue(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(in.Entries))
	for i, e := range in.Entries {
		ids[i] = e.Id
	}
	return each(ids, "DeleteMessageBatchRequestEntry", func(i int) error { return s.deleteMessage(ctx, q, in.Entries[i].ReceiptHandle) })
}

// ChangeMessageVisibilityInput is the input of ChangeMessageVisibility.
type ChangeMessageVisibilityInput struct {
	QueueInput
	ReceiptHandle     string
	VisibilityTimeout *int
}

// ChangeMessageVisibility hides a received message for a time from now on.
//
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
func (s *Service) ChangeMessageVisibility(ctx context.Context, in *ChangeMessageVisibilityInput) (*None, error) {
	q, err := s.queue(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	return &None{}, s.hide(ctx, q, in.ReceiptHandle, in.VisibilityTimeout)
}

func (s *Service) hide(ctx context.Context, q queue.Queue, handle string, seconds *int) error {
	if seconds == nil {
		return operation.Errorf("MissingParameter", "The request must contain the parameter VisibilityTimeout.")
	}
	if *seconds < 0 || *seconds > 43200 {
		return invalid("Value %d for parameter VisibilityTimeout is invalid. Reason: VisibilityTimeout must be an integer between 0 and 43200.", *seconds)
	}
	found, ok, err := s.queues.Hide(ctx, q.Key, handle, time.Duration(*seconds)*time.Second)
	switch {
	case err != nil:
		return fault(err)
	case !ok:
		return noHandle(handle)
	case found != queue.Current:
		return invalid("Value %s for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.", handle)
	}
	return nil
}

// VisibilityEntry is an entry of ChangeMessageVisibilityBatch.
type VisibilityEntry struct {
	HandleEntry
	VisibilityTimeout *int
}

// ChangeMessageVisibilityBatchInput is the input of ChangeMessageVisibilityBatch.
type ChangeMessageVisibilityBatchInput struct {
	QueueInput
	Entries []VisibilityEntry
}

// ChangeMessageVisibilityBatch hides up to ten received messages.
//
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibilityBatch.html
func (s *Service) ChangeMessageVisibilityBatch(ctx context.Context, in *ChangeMessageVisibilityBatchInput) (*BatchOutput, error) {
	q, err := s.queue(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(in.Entries))
	for i, e := range in.Entries {
		ids[i] = e.Id
	}
	return each(ids, "ChangeMessageVisibilityBatchRequestEntry", func(i int) error {
		return s.hide(ctx, q, in.Entries[i].ReceiptHandle, in.Entries[i].VisibilityTimeout)
	})
}
