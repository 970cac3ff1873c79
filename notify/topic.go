package notify

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"salamander/internal/arn"
	"salamander/operation"
)

var topicName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)

// CreateTopic makes a topic, or returns the one that is there when the
// attributes do not contradict it.
//
// https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
func (n *Notify) CreateTopic(ctx context.Context, account, region, name string, attributes, tags map[string]string) (Topic, error) {
	base, fifo := strings.CutSuffix(name, ".fifo")
	if !topicName.MatchString(base) || len(name) > 256 {
		return Topic{}, invalid("Topic Name")
	}
	if fifo != (attributes["FifoTopic"] == "true") {
		if fifo {
			return Topic{}, invalid("Topic Name")
		}
		return Topic{}, invalid("Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII letters, numbers, underscores, and hyphens, and must be between 1 and 256 characters long.")
	}
	t := Topic{ARN: arn.New("sns", region, account, name), Attributes: map[string]string{}, Tags: tags, Created: n.opt.Now().UTC()}
	for _, k := range slices.Sorted(maps.Keys(attributes)) {
		if err := checkTopicAttribute(fifo, k, attributes[k]); err != nil {
			return Topic{}, err
		}
		t.Attributes[k] = attributes[k]
	}
	there, err := n.opt.Store.CreateTopic(ctx, t)
	if !errors.Is(err, ErrExists) {
		return there, err
	}
	for k, v := range t.Attributes {
		if has := there.Attributes[k]; has != v {
			return Topic{}, invalid("Attributes Reason: Topic already exists with different attributes")
		}
	}
	for k, v := range tags {
		if has, ok := there.Tags[k]; !ok || has != v {
			return Topic{}, invalid("Tags Reason: Topic already exists with different tags")
		}
	}
	return there, nil
}

// SetTopicAttribute changes one attribute of a topic.
//
// https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html
func (n *Notify) SetTopicAttribute(ctx context.Context, topic, name, text string) error {
	return n.opt.Store.ChangeTopic(ctx, topic, func(t *Topic) error {
		if name == "FifoTopic" {
			return invalid("AttributeName")
		}
		if err := checkTopicAttribute(t.Fifo(), name, text); err != nil {
			return err
		}
		if t.Attributes == nil {
			t.Attributes = map[string]string{}
		}
		if text == "" {
			delete(t.Attributes, name)
		} else {
			t.Attributes[name] = text
		}
		return nil
	})
}

func checkTopicAttribute(fifo bool, name, text string) error {
	oneOf := func(values ...string) error {
		if text != "" && !slices.Contains(values, text) {
			return invalid("%s: Invalid value [%s]", name, text)
		}
		return nil
	}
	switch name {
	case "FifoTopic":
		return oneOf("true", "false")
	case "ContentBasedDeduplication":
		if !fifo {
			return invalid("Content-Based Deduplication can only be set for FIFO topics")
		}
		return oneOf("true", "false")
	case "FifoThroughputScope":
		return oneOf("Topic", "MessageGroup")
	case "SignatureVersion":
		return oneOf("1", "2")
	case "TracingConfig":
		return oneOf("PassThrough") // there is nothing to trace to
	case "DisplayName":
		if len(text) > 100 {
			return invalid("DisplayName Reason: Display name must be 100 characters or less")
		}
		return nil
	case "Policy":
		if text != "" && !json.Valid([]byte(text)) {
			return invalid("Policy Error: null")
		}
		return nil
	case "DeliveryPolicy":
		_, err := parseDeliveryPolicy(text)
		return err
	}
	if strings.HasSuffix(name, "FeedbackRoleArn") || strings.HasSuffix(name, "FeedbackSampleRate") || name == "KmsMasterKeyId" ||
		name == "ArchivePolicy" || name == "DataProtectionPolicy" {
		if text == "" {
			return nil
		}
		return operation.NotImplemented("sns", "SetTopicAttributes", "the attribute "+name)
	}
	return invalid("AttributeName")
}

// All returns the attributes of a topic with those that were not set.
func (n *Notify) All(ctx context.Context, t Topic) (map[string]string, error) {
	all := maps.Clone(t.Attributes)
	if all == nil {
		all = map[string]string{}
	}
	list, err := n.Subscriptions(ctx, SubscriptionQuery{Topic: t.ARN})
	if err != nil {
		return nil, err
	}
	pending := 0
	for _, s := range list {
		if s.Pending {
			pending++
		}
	}
	all["TopicArn"], all["Owner"] = t.ARN, t.Account()
	all["SubscriptionsConfirmed"] = strconv.Itoa(len(list) - pending)
	all["SubscriptionsPending"] = strconv.Itoa(pending)
	all["SubscriptionsDeleted"] = strconv.Itoa(t.Deleted)
	policy, err := parseDeliveryPolicy(all["DeliveryPolicy"])
	if err != nil {
		return nil, err
	}
	all["EffectiveDeliveryPolicy"] = policy.effective(true)
	for name, text := range map[string]string{"DisplayName": "", "Policy": defaultPolicy(t)} {
		if all[name] == "" {
			all[name] = text
		}
	}
	if t.Fifo() && all["ContentBasedDeduplication"] == "" {
		all["ContentBasedDeduplication"] = "false"
	}
	return all, nil
}

func defaultPolicy(t Topic) string {
	return `{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{"Sid":"__default_statement_ID","Effect":"Allow","Principal":{"AWS":"*"},` +
		`"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes","SNS:AddPermission","SNS:RemovePermission","SNS:DeleteTopic","SNS:Subscribe","SNS:ListSubscriptionsByTopic","SNS:Publish"],` +
		`"Resource":"` + t.ARN + `","Condition":{"StringEquals":{"AWS:SourceOwner":"` + t.Account() + `"}}}]}`
}
