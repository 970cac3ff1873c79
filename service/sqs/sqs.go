// Package sqs has the operations of Amazon SQS over queue.
package sqs

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"salamander/operation"
	"salamander/queue"
)

// A Service has the operations of SQS.
type Service struct {
	queues   *queue.Queues
	endpoint func() string
}

// New returns the operations over queues. endpoint gives what queue URLs
// begin with: "http://127.0.0.1:4566".
func New(queues *queue.Queues, endpoint func() string) *Service { return &Service{queues, endpoint} }

// Register registers the operations.
func Register(r *operation.Registry, s *Service) {
	spec := operation.SpecsOf("sqs")
	const attributes = "a policy is recorded, not enforced; encryption with KMS keys is refused"
	operation.Register(r, spec("CreateQueue", true, attributes), s.CreateQueue)
	operation.Register(r, spec("SetQueueAttributes", true, attributes), s.SetQueueAttributes)
	operation.Register(r, spec("GetQueueAttributes", false, ""), s.GetQueueAttributes)
	operation.Register(r, spec("GetQueueUrl", false, ""), s.GetQueueURL)
	operation.Register(r, spec("ListQueues", false, ""), s.ListQueues)
	operation.Register(r, spec("ListDeadLetterSourceQueues", false, ""), s.ListDeadLetterSourceQueues)
	operation.Register(r, spec("DeleteQueue", true, "the name is free at once"), s.DeleteQueue)
	operation.Register(r, spec("PurgeQueue", true, "may be repeated within a minute"), s.PurgeQueue)
	operation.Register(r, spec("SendMessage", true, ""), s.SendMessage)
	operation.Register(r, spec("SendMessageBatch", true, ""), s.SendMessageBatch)
	operation.Register(r, spec("ReceiveMessage", false, "a repeat with ReceiveRequestAttemptId gives other messages"), s.ReceiveMessage)
	operation.Register(r, spec("DeleteMessage", true, ""), s.DeleteMessage)
	operation.Register(r, spec("DeleteMessageBatch", true, ""), s.DeleteMessageBatch)
	operation.Register(r, spec("ChangeMessageVisibility", true, ""), s.ChangeMessageVisibility)
	operation.Register(r, spec("ChangeMessageVisibilityBatch", true, ""), s.ChangeMessageVisibilityBatch)
	operation.Register(r, spec("TagQueue", true, ""), s.TagQueue)
	operation.Register(r, spec("UntagQueue", true, ""), s.UntagQueue)
	operation.Register(r, spec("ListQueueTags", false, ""), s.ListQueueTags)
	for _, name := range []string{"AddPermission", "RemovePermission"} {
		r.Refuse("sqs", name, "policies are not enforced; the attribute Policy is recorded")
	}
	for _, name := range []string{"StartMessageMoveTask", "CancelMessageMoveTask", "ListMessageMoveTasks"} {
		r.Refuse("sqs", name, "messages are not moved back from dead-letter queues")
	}
}

// None is the output of operations that answer nothing.
type None struct{}

func noQueue() error {
	return operation.Errorf("QueueDoesNotExist", "The specified queue does not exist.")
}

func fault(err error) error {
	if errors.Is(err, queue.ErrNotFound) {
		return noQueue()
	}
	return err
}

func invalid(format string, args ...any) error {
	return operation.Errorf("InvalidParameterValue", format, args...)
}

func (s *Service) url(key queue.Key) string {
	return s.endpoint() + "/" + key.Account + "/" + key.Name
}

var account = regexp.MustCompile(`^[0-9]{12}$`)

// keyOf reads a queue's URL. Any host will do: it may have been made at AWS,
// or by this server under another name.
func keyOf(ctx context.Context, text string) (queue.Key, error) {
	c := operation.CallerOf(ctx)
	if text == "" {
		return queue.Key{}, operation.Errorf("MissingParameter", "The request must contain the parameter QueueUrl.")
	}
	u, err := url.Parse(text)
	if err != nil {
		return queue.Key{}, invalidAddress(text)
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if n := len(parts); n >= 2 && account.MatchString(parts[n-2]) && parts[n-1] != "" {
		return queue.Key{Account: parts[n-2], Region: c.Region, Name: parts[n-1]}, nil
	}
	return queue.Key{}, invalidAddress(text)
}

func invalidAddress(text string) error {
	return &operation.Error{Code: "InvalidAddress", Status: 404, Message: fmt.Sprintf("The address %s is not valid for this endpoint.", text)}
}

// queue returns the queue of a URL.
func (s *Service) queue(ctx context.Context, text string) (queue.Queue, error) {
	key, err := keyOf(ctx, text)
	if err != nil {
		return queue.Queue{}, err
	}
	q, err := s.queues.Queue(ctx, key)
	return q, fault(err)
}
