package notify

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"time"

	"salamander/operation"
)

// tokenLife is how long a subscription can be confirmed.
const tokenLife = 3 * 24 * time.Hour

// A Wish is a subscription that somebody asks for.
type Wish struct {
	Topic      string // ARN
	Protocol   string
	Endpoint   string
	Attributes map[string]string
	ID         string // of the subscription that may be made
	Owner      string // account
	Principal  string
}

// Subscribe subscribes an endpoint to a topic. Web addresses and mailboxes
// are sent a message with which the subscription is to be confirmed. A second
// subscription of the same endpoint is the first.
//
// https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
func (n *Notify) Subscribe(ctx context.Context, w Wish) (Subscription, error) {
	t, err := n.Topic(ctx, w.Topic)
	if err != nil {
		return Subscription{}, err
	}
	if err := w.check(t); err != nil {
		return Subscription{}, err
	}
	s := Subscription{ARN: t.ARN + ":" + w.ID, Topic: t.ARN, Protocol: w.Protocol, Endpoint: w.Endpoint, Owner: w.Owner,
		Attributes: map[string]string{}, Created: n.opt.Now().UTC(), Principal: w.Principal}
	for _, name := range slices.Sorted(maps.Keys(w.Attributes)) {
		if err := s.set(name, w.Attributes[name]); err != nil {
			return Subscription{}, err
		}
	}
	var first []Delivery
	if confirms(s.Protocol) {
		s.Pending, s.Token = true, newToken()
		d, err := n.confirmation(t, s, "SubscriptionConfirmation")
		if err != nil {
			return Subscription{}, err
		}
		first = append(first, d)
	}
	there, err := n.opt.Store.Subscribe(ctx, s, first...)
	if errors.Is(err, ErrExists) {
		return n.subscribeAgain(ctx, t, there, s)
	}
	n.wake()
	return there, err
}

// subscribeAgain answers for an endpoint that is subscribed. One that waits
// for its confirmation is asked once more.
func (n *Notify) subscribeAgain(ctx context.Context, t Topic, there, wish Subscription) (Subscription, error) {
	for name, text := range wish.Attributes {
		if there.Attributes[name] != text {
			return Subscription{}, invalid("Attributes Reason: Subscription already exists with different attributes")
		}
	}
	if !there.Pending {
		return there, nil
	}
	err := n.opt.Store.ChangeSubscription(ctx, there.ARN, func(s *Subscription) error {
		s.Created = n.opt.Now().UTC()
		there = *s
		return nil
	})
	if err != nil {
		return Subscription{}, err
	}
	d, err := n.confirmation(t, there, "SubscriptionConfirmation")
	if err != nil {
		return Subscription{}, err
	}
	err = n.opt.Store.Enqueue(ctx, []Delivery{d})
	n.wake()
	return there, err
}

// confirms reports whether a subscription of the protocol must be confirmed.
func confirms(protocol string) bool { return protocol != "sqs" && protocol != "lambda" }

func newToken() string {
	var b [32]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

func (w Wish) check(t Topic) error {
	if w.Endpoint == "" {
		return invalid("Endpoint must be specified")
	}
	if t.Fifo() && w.Protocol != "sqs" {
		return invalid("Invalid protocol type: %s", w.Protocol)
	}
	switch w.Protocol {
	case "sqs":
		if a := part(w.Endpoint); a.Service != "sqs" || a.Resource == "" {
			return invalid("SQS endpoint ARN")
		} else if strings.HasSuffix(a.Resource, ".fifo") && !t.Fifo() {
			return invalid("Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics")
		}
	case "lambda":
		if a := part(w.Endpoint); a.Service != "lambda" || !strings.HasPrefix(a.Resource, "function:") {
			return invalid("Lambda endpoint ARN")
		}
	case "http", "https":
		u, err := url.Parse(w.Endpoint)
		if err != nil || u.Host == "" {
			return invalid("Endpoint Reason: not a URL")
		}
		if u.Scheme != w.Protocol {
			return invalid("Endpoint must match the specified protocol")
		}
	case "email", "email-json":
		a, err := mail.ParseAddress(w.Endpoint)
		if err != nil || a.Address != w.Endpoint {
			return invalid("Email address")
		}
	case "sms", "application", "firehose":
		return operation.NotImplemented("sns", "Subscribe", "the protocol "+w.Protocol)
	default:
		return invalid("Amazon SNS does not support this protocol string: %s", w.Protocol)
	}
	return nil
}

// SetAttribute changes one attribute of a subscription.
//
// https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html
func (n *Notify) SetAttribute(ctx context.Context, subscription, name, text string) error {
	return n.opt.Store.ChangeSubscription(ctx, subscription, func(s *Subscription) error { return s.set(name, text) })
}

func (s *Subscription) set(name, text string) error {
	switch name {
	case "RawMessageDelivery":
		if text != "true" && text != "false" {
			return invalid("Attributes Reason: RawMessageDelivery: Invalid value [%s]. Must be true or false.", text)
		}
		if text == "true" && s.Protocol != "sqs" && s.Protocol != "http" && s.Protocol != "https" {
			return invalid("Delivery protocol [%s] does not support raw message delivery.", s.Protocol)
		}
	case "FilterPolicy":
		if text != "" && text != "{}" {
			if _, err := parseFilter(text, s.Attributes["FilterPolicyScope"] == "MessageBody"); err != nil {
				return err
			}
		}
	case "FilterPolicyScope":
		if text != "MessageAttributes" && text != "MessageBody" {
			return invalid("FilterPolicyScope: Invalid value [%s]. Please use either MessageBody or MessageAttributes", text)
		}
	case "RedrivePolicy":
		if text != "" {
			if _, err := parseRedrive(text); err != nil {
				return err
			}
		}
	case "DeliveryPolicy":
		if _, err := parseDeliveryPolicy(text); err != nil {
			return err
		}
	case "SubscriptionRoleArn", "ReplayPolicy":
		return operation.NotImplemented("sns", "SetSubscriptionAttributes", "the attribute "+name)
	default:
		return invalid("AttributeName")
	}
	if s.Attributes == nil {
		s.Attributes = map[string]string{}
	}
	if text == "" {
		delete(s.Attributes, name)
	} else {
		s.Attributes[name] = text
	}
	return nil
}

// parseRedrive returns the ARN of the queue that undelivered messages go to.
func parseRedrive(text string) (string, error) {
	var p struct {
		Target string `json:"deadLetterTargetArn"`
	}
	if json.Unmarshal([]byte(text), &p) != nil {
		return "", invalid("RedrivePolicy: failed to parse JSON. Unexpected character")
	}
	if a := part(p.Target); a.Service != "sqs" || a.Resource == "" {
		return "", invalid("RedrivePolicy: deadLetterTargetArn is an invalid arn")
	}
	return p.Target, nil
}

// All returns the attributes of a subscription with those that were not set.
func (s Subscription) All() map[string]string {
	all := maps.Clone(s.Attributes)
	if all == nil {
		all = map[string]string{}
	}
	yes := map[bool]string{true: "true", false: "false"}
	all["SubscriptionArn"], all["TopicArn"], all["Protocol"], all["Endpoint"], all["Owner"] = s.ARN, s.Topic, s.Protocol, s.Endpoint, s.Owner
	all["PendingConfirmation"] = yes[s.Pending]
	all["ConfirmationWasAuthenticated"] = yes[!confirms(s.Protocol)]
	all["SubscriptionPrincipal"] = s.Principal
	if all["RawMessageDelivery"] == "" {
		all["RawMessageDelivery"] = "false"
	}
	if all["FilterPolicy"] != "" && all["FilterPolicyScope"] == "" {
		all["FilterPolicyScope"] = "MessageAttributes"
	}
	if s.Protocol == "http" || s.Protocol == "https" {
		if p, err := parseDeliveryPolicy(all["DeliveryPolicy"]); err == nil {
			all["EffectiveDeliveryPolicy"] = p.effective(false)
		}
	}
	return all
}

// Confirm confirms the subscription of a topic that a token was sent to.
//
// https://docs.aws.amazon.com/sns/latest/api/API_ConfirmSubscription.html
func (n *Notify) Confirm(ctx context.Context, topic, token string) (Subscription, error) {
	if _, err := n.Topic(ctx, topic); err != nil {
		return Subscription{}, err
	}
	list, err := n.Subscriptions(ctx, SubscriptionQuery{Topic: topic})
	if err != nil {
		return Subscription{}, err
	}
	for _, s := range list {
		if s.Token == "" || subtle.ConstantTimeCompare([]byte(s.Token), []byte(token)) != 1 {
			continue
		}
		if s.Pending && n.opt.Now().Sub(s.Created) > tokenLife {
			return Subscription{}, invalid("Token")
		}
		s.Pending = false
		return s, n.opt.Store.ChangeSubscription(ctx, s.ARN, func(s *Subscription) error {
			s.Pending = false
			return nil
		})
	}
	return Subscription{}, invalid("Token")
}

// Unsubscribe ends a subscription. Web addresses and mailboxes are told.
//
// https://docs.aws.amazon.com/sns/latest/api/API_Unsubscribe.html
func (n *Notify) Unsubscribe(ctx context.Context, subscription string) error {
	s, err := n.Subscription(ctx, subscription)
	if errors.Is(err, ErrNoSubscription) {
		return nil
	} else if err != nil {
		return err
	}
	if s.Pending {
		return invalid("SubscriptionArn Reason: Subscription is pending confirmation")
	}
	return n.opt.Store.Unsubscribe(ctx, subscription)
}
