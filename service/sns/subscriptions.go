package sns

import (
	"context"
	"maps"
	"slices"

	"salamander/internal/pagetoken"
	"salamander/notify"
	"salamander/operation"
)

func sorted(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

// pending is what stands for the ARN of a subscription that is not confirmed.
const pending = "pending confirmation"

// SubscribeInput is the input of Subscribe.
type SubscribeInput struct {
	TopicArn              string
	Protocol              string
	Endpoint              string
	Attributes            map[string]string
	ReturnSubscriptionArn bool
}

// SubscriptionArn is the input or output of operations on one subscription.
type SubscriptionArn struct{ SubscriptionArn string }

// Subscribe subscribes an endpoint to a topic.
//
// https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
func (s *Service) Subscribe(ctx context.Context, in *SubscribeInput) (*SubscriptionArn, error) {
	if _, err := s.topic(ctx, in.TopicArn); err != nil {
		return nil, err
	}
	c := operation.CallerOf(ctx)
	sub, err := s.notify.Subscribe(ctx, notify.Wish{Topic: in.TopicArn, Protocol: in.Protocol, Endpoint: in.Endpoint,
		Attributes: in.Attributes, ID: operation.NewID(ctx), Owner: c.Account, Principal: c.Principal})
	if err != nil {
		return nil, fault(err)
	}
	if sub.Pending && !in.ReturnSubscriptionArn {
		return &SubscriptionArn{pending}, nil
	}
	return &SubscriptionArn{sub.ARN}, nil
}

// ConfirmSubscriptionInput is the input of ConfirmSubscription.
type ConfirmSubscriptionInput struct {
	TopicArn                  string
	Token                     string
	AuthenticateOnUnsubscribe string
}

// ConfirmSubscription confirms the subscription that a token was sent to.
//
// https://docs.aws.amazon.com/sns/latest/api/API_ConfirmSubscription.html
func (s *Service) ConfirmSubscription(ctx context.Context, in *ConfirmSubscriptionInput) (*SubscriptionArn, error) {
	if in.AuthenticateOnUnsubscribe == "true" {
		return nil, operation.NotImplemented("sns", "ConfirmSubscription", "the member AuthenticateOnUnsubscribe")
	}
	sub, err := s.notify.Confirm(ctx, in.TopicArn, in.Token)
	if err != nil {
		return nil, fault(err)
	}
	return &SubscriptionArn{sub.ARN}, nil
}

// Unsubscribe ends a subscription.
//
// https://docs.aws.amazon.com/sns/latest/api/API_Unsubscribe.html
func (s *Service) Unsubscribe(ctx context.Context, in *SubscriptionArn) (*None, error) {
	return &None{}, fault(s.notify.Unsubscribe(ctx, in.SubscriptionArn))
}

// Subscription is a subscription in a list.
type Subscription struct {
	SubscriptionArn string
	Owner           string
	Protocol        string
	Endpoint        string
	TopicArn        string
}

// ListSubscriptionsOutput is the output of the lists of subscriptions.
type ListSubscriptionsOutput struct {
	Subscriptions []Subscription
	NextToken     string `json:",omitempty"`
}

func (s *Service) list(ctx context.Context, token string, q notify.SubscriptionQuery) (_ *ListSubscriptionsOutput, err error) {
	if q.After, err = readToken(token); err != nil {
		return nil, err
	}
	q.Limit = pageSize + 1
	list, err := s.notify.Subscriptions(ctx, q)
	if err != nil {
		return nil, err
	}
	out := &ListSubscriptionsOutput{Subscriptions: []Subscription{}}
	if len(list) > pageSize {
		list = list[:pageSize]
		out.NextToken = pagetoken.Encode(list[pageSize-1].ARN)
	}
	for _, sub := range list {
		told := Subscription{SubscriptionArn: sub.ARN, Owner: sub.Owner, Protocol: sub.Protocol, Endpoint: sub.Endpoint, TopicArn: sub.Topic}
		if sub.Pending {
			told.SubscriptionArn = "PendingConfirmation"
		}
		out.Subscriptions = append(out.Subscriptions, told)
	}
	return out, nil
}

// ListSubscriptions lists the subscriptions of the account.
//
// https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptions.html
func (s *Service) ListSubscriptions(ctx context.Context, in *ListInput) (*ListSubscriptionsOutput, error) {
	c := operation.CallerOf(ctx)
	return s.list(ctx, in.NextToken, notify.SubscriptionQuery{Account: c.Account, Region: c.Region})
}

// ListSubscriptionsByTopicInput is the input of ListSubscriptionsByTopic.
type ListSubscriptionsByTopicInput struct {
	TopicArn  string
	NextToken string
}

// ListSubscriptionsByTopic lists the subscriptions of a topic.
//
// https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
func (s *Service) ListSubscriptionsByTopic(ctx context.Context, in *ListSubscriptionsByTopicInput) (*ListSubscriptionsOutput, error) {
	if _, err := s.topic(ctx, in.TopicArn); err != nil {
		return nil, err
	}
	return s.list(ctx, in.NextToken, notify.SubscriptionQuery{Topic: in.TopicArn})
}

// GetSubscriptionAttributes tells the attributes of a subscription.
//
// https://docs.aws.amazon.com/sns/latest/api/API_GetSubscriptionAttributes.html
func (s *Service) GetSubscriptionAttributes(ctx context.Context, in *SubscriptionArn) (*AttributesOutput, error) {
	sub, err := s.notify.Subscription(ctx, in.SubscriptionArn)
	if err != nil {
		return nil, fault(err)
	}
	return &AttributesOutput{sub.All()}, nil
}

// SetSubscriptionAttributesInput is the input of SetSubscriptionAttributes.
type SetSubscriptionAttributesInput struct {
	SubscriptionArn string
	AttributeName   string
	AttributeValue  string
}

// SetSubscriptionAttributes changes one attribute of a subscription.
//
// https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html
func (s *Service) SetSubscriptionAttributes(ctx context.Context, in *SetSubscriptionAttributesInput) (*None, error) {
	return &None{}, fault(s.notify.SetAttribute(ctx, in.SubscriptionArn, in.AttributeName, in.AttributeValue))
}
