package s3

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"salamander/object"
	"salamander/operation"
)

// NotificationConfiguration says who is told of a bucket's objects.
type NotificationConfiguration struct {
	TopicConfigurations          []TopicConfiguration          `json:"TopicConfigurations,omitempty"`
	QueueConfigurations          []QueueConfiguration          `json:"QueueConfigurations,omitempty"`
	LambdaFunctionConfigurations []LambdaFunctionConfiguration `json:"LambdaFunctionConfigurations,omitempty"`
	EventBridgeConfiguration     *EventBridgeConfiguration     `json:"EventBridgeConfiguration,omitempty"`
}

// EventBridgeConfiguration has all events go to EventBridge too.
type EventBridgeConfiguration struct{}

// TopicConfiguration tells a topic.
type TopicConfiguration struct {
	ID       string                           `json:"Id,omitempty"`
	TopicArn string                           `json:"TopicArn"`
	Events   []string                         `json:"Events"`
	Filter   *NotificationConfigurationFilter `json:"Filter,omitempty"`
}

// QueueConfiguration tells a queue.
type QueueConfiguration struct {
	ID       string                           `json:"Id,omitempty"`
	QueueArn string                           `json:"QueueArn"`
	Events   []string                         `json:"Events"`
	Filter   *NotificationConfigurationFilter `json:"Filter,omitempty"`
}

// LambdaFunctionConfiguration calls a function.
type LambdaFunctionConfiguration struct {
	ID                string                           `json:"Id,omitempty"`
	LambdaFunctionArn string                           `json:"LambdaFunctionArn"`
	Events            []string                         `json:"Events"`
	Filter            *NotificationConfigurationFilter `json:"Filter,omitempty"`
}

// NotificationConfigurationFilter tells which keys.
type NotificationConfigurationFilter struct {
	Key *S3KeyFilter `json:"Key,omitempty"`
}

// S3KeyFilter is what keys begin and end with.
type S3KeyFilter struct {
	FilterRules []FilterRule `json:"FilterRules,omitempty"`
}

// FilterRule is a prefix or a suffix.
type FilterRule struct {
	Name  string `json:"Name"`
	Value string `json:"Value"`
}

// PutBucketNotificationConfigurationInput is the input of
// [Service.PutBucketNotificationConfiguration].
type PutBucketNotificationConfigurationInput struct {
	Bucket                    string
	ExpectedBucketOwner       string `json:"ExpectedBucketOwner,omitempty"`
	SkipDestinationValidation bool   `json:"SkipDestinationValidation,omitempty"` // destinations are not asked in any case
	NotificationConfiguration NotificationConfiguration
}

// PutBucketNotificationConfigurationOutput is empty.
type PutBucketNotificationConfigurationOutput struct{}

// PutBucketNotificationConfiguration says who is told of a bucket's objects,
// in place of what was said before. Unlike S3 it sends no test message and
// does not ask the destinations first.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
func (s *Service) PutBucketNotificationConfiguration(ctx context.Context, in *PutBucketNotificationConfigurationInput) (*PutBucketNotificationConfigurationOutput, error) {
	if _, err := s.bucket(ctx, in.Bucket, in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	c := in.NotificationConfiguration
	n := object.Notification{EventBridge: c.EventBridgeConfiguration != nil}
	for _, t := range c.TopicConfigurations {
		n.Targets = append(n.Targets, filtered(object.NotificationTarget{ID: t.ID, Kind: "Topic", ARN: t.TopicArn, Events: t.Events}, t.Filter))
	}
	for _, t := range c.QueueConfigurations {
		n.Targets = append(n.Targets, filtered(object.NotificationTarget{ID: t.ID, Kind: "Queue", ARN: t.QueueArn, Events: t.Events}, t.Filter))
	}
	for _, t := range c.LambdaFunctionConfigurations {
		n.Targets = append(n.Targets, filtered(object.NotificationTarget{ID: t.ID, Kind: "LambdaFunction", ARN: t.LambdaFunctionArn, Events: t.Events}, t.Filter))
	}
	for i := range n.Targets {
		t := &n.Targets[i]
		if t.ID == "" {
			t.ID = operation.NewID(ctx)
		}
		if err := checkNotification(*t); err != nil {
			return nil, err
		}
	}
	if err := checkFilters(in.NotificationConfiguration); err != nil {
		return nil, err
	}
	return &PutBucketNotificationConfigurationOutput{}, s3Error(s.objects.SetNotification(ctx, in.Bucket, n), in.Bucket, "")
}

func filtered(t object.NotificationTarget, f *NotificationConfigurationFilter) object.NotificationTarget {
	if f == nil || f.Key == nil {
		return t
	}
	for _, r := range f.Key.FilterRules {
		switch strings.ToLower(r.Name) {
		case "prefix":
			t.Prefix = r.Value
		case "suffix":
			t.Suffix = r.Value
		}
	}
	return t
}

// checkNotification refuses what is no destination, and events that never
// come here.
func checkNotification(t object.NotificationTarget) error {
	destination := map[string]string{"Topic": ":sns:", "Queue": ":sqs:", "LambdaFunction": ":lambda:"}[t.Kind]
	if !strings.HasPrefix(t.ARN, "arn:") || !strings.Contains(t.ARN, destination) {
		return invalidArgument("Arn", t.ARN, "The ARN could not be parsed")
	}
	if len(t.Events) == 0 {
		return malformedXML()
	}
	known := []string{"s3:ObjectCreated:*", "s3:ObjectCreated:Put", "s3:ObjectCreated:Post", "s3:ObjectCreated:Copy",
		"s3:ObjectCreated:CompleteMultipartUpload", "s3:ObjectRemoved:*", "s3:ObjectRemoved:Delete"}
	for _, e := range t.Events {
		if !slices.Contains(known, e) {
			return operation.NotImplemented(service, "PutBucketNotificationConfiguration", fmt.Sprintf("the event %s", e))
		}
	}
	return nil
}

func checkFilters(c NotificationConfiguration) error {
	var all []*NotificationConfigurationFilter
	for _, t := range c.TopicConfigurations {
		all = append(all, t.Filter)
	}
	for _, t := range c.QueueConfigurations {
		all = append(all, t.Filter)
	}
	for _, t := range c.LambdaFunctionConfigurations {
		all = append(all, t.Filter)
	}
	for _, f := range all {
		if f == nil || f.Key == nil {
			continue
		}
		for _, r := range f.Key.FilterRules {
			if n := strings.ToLower(r.Name); n != "prefix" && n != "suffix" {
				return invalidArgument("FilterRule.Name", r.Name, "filter rule name must be either prefix or suffix")
			}
		}
	}
	return nil
}

// GetBucketNotificationConfigurationInput is the input of
// [Service.GetBucketNotificationConfiguration].
type GetBucketNotificationConfigurationInput struct {
	Bucket              string
	ExpectedBucketOwner string `json:"ExpectedBucketOwner,omitempty"`
}

// GetBucketNotificationConfiguration tells who is told of a bucket's objects.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketNotificationConfiguration.html
func (s *Service) GetBucketNotificationConfiguration(ctx context.Context, in *GetBucketNotificationConfigurationInput) (*NotificationConfiguration, error) {
	b, err := s.bucket(ctx, in.Bucket, in.ExpectedBucketOwner)
	if err != nil {
		return nil, err
	}
	n, err := object.ParseNotification(b.Notification)
	if err != nil {
		return nil, err
	}
	out := &NotificationConfiguration{}
	if n.EventBridge {
		out.EventBridgeConfiguration = &EventBridgeConfiguration{}
	}
	for _, t := range n.Targets {
		f := filterOf(t)
		switch t.Kind {
		case "Topic":
			out.TopicConfigurations = append(out.TopicConfigurations, TopicConfiguration{t.ID, t.ARN, t.Events, f})
		case "Queue":
			out.QueueConfigurations = append(out.QueueConfigurations, QueueConfiguration{t.ID, t.ARN, t.Events, f})
		default:
			out.LambdaFunctionConfigurations = append(out.LambdaFunctionConfigurations, LambdaFunctionConfiguration{t.ID, t.ARN, t.Events, f})
		}
	}
	return out, nil
}

func filterOf(t object.NotificationTarget) *NotificationConfigurationFilter {
	var rules []FilterRule
	if t.Prefix != "" {
		rules = append(rules, FilterRule{"Prefix", t.Prefix})
	}
	if t.Suffix != "" {
		rules = append(rules, FilterRule{"Suffix", t.Suffix})
	}
	if rules == nil {
		return nil
	}
	return &NotificationConfigurationFilter{&S3KeyFilter{rules}}
}
