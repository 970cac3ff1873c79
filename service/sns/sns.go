// Package sns has the operations of Amazon SNS over notify.
package sns

import (
	"context"

	"salamander/internal/pagetoken"
	"salamander/notify"
	"salamander/operation"
)

// A Service has the operations of SNS.
type Service struct{ notify *notify.Notify }

// New returns the operations over topics.
func New(n *notify.Notify) *Service { return &Service{n} }

// Register registers the operations.
func Register(r *operation.Registry, s *Service) {
	spec := operation.SpecsOf("sns")
	const attributes = "a policy is recorded, not enforced; encryption, delivery status logging and archives are refused"
	operation.Register(r, spec("CreateTopic", true, attributes), s.CreateTopic)
	operation.Register(r, spec("DeleteTopic", true, ""), s.DeleteTopic)
	operation.Register(r, spec("ListTopics", false, ""), s.ListTopics)
	operation.Register(r, spec("GetTopicAttributes", false, ""), s.GetTopicAttributes)
	operation.Register(r, spec("SetTopicAttributes", true, attributes), s.SetTopicAttributes)
	operation.Register(r, spec("Subscribe", true, "protocols sqs, lambda, http, https, email, email-json"), s.Subscribe)
	operation.Register(r, spec("ConfirmSubscription", true, "AuthenticateOnUnsubscribe is refused"), s.ConfirmSubscription)
	operation.Register(r, spec("Unsubscribe", true, ""), s.Unsubscribe)
	operation.Register(r, spec("ListSubscriptions", false, ""), s.ListSubscriptions)
	operation.Register(r, spec("ListSubscriptionsByTopic", false, ""), s.ListSubscriptionsByTopic)
	operation.Register(r, spec("GetSubscriptionAttributes", false, ""), s.GetSubscriptionAttributes)
	operation.Register(r, spec("SetSubscriptionAttributes", true, ""), s.SetSubscriptionAttributes)
	operation.Register(r, spec("Publish", true, "to topics; to telephones and applications is refused"), s.Publish)
	operation.Register(r, spec("PublishBatch", true, ""), s.PublishBatch)
	operation.Register(r, spec("TagResource", true, ""), s.TagResource)
	operation.Register(r, spec("UntagResource", true, ""), s.UntagResource)
	operation.Register(r, spec("ListTagsForResource", false, ""), s.ListTagsForResource)
	for _, name := range []string{"AddPermission", "RemovePermission"} {
		r.Refuse("sns", name, "policies are not enforced; the attribute Policy is recorded")
	}
}

// None is the output of operations that answer nothing.
type None struct{}

func fault(err error) error {
	if err == nil {
		return nil
	}
	return notify.Fault(err)
}

func invalid(text string) error {
	return operation.Errorf("InvalidParameter", "Invalid parameter: %s", text)
}

// pageSize is how many topics or subscriptions a list has at once.
const pageSize = 100

func readToken(token string) (after string, err error) {
	if pagetoken.Decode(token, &after) != nil {
		return "", invalid("NextToken")
	}
	return after, nil
}

// topic returns a topic of an ARN, of which AWS first tells what it is not.
func (s *Service) topic(ctx context.Context, arn string) (notify.Topic, error) {
	t, err := s.notify.Topic(ctx, arn)
	if err != nil && !isTopic(arn) {
		return t, invalid("TopicArn")
	}
	return t, fault(err)
}
