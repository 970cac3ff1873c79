package sns

import (
	"context"
	"strings"

	"salamander/internal/arn"
	"salamander/internal/pagetoken"
	"salamander/operation"
)

func isTopic(text string) bool {
	a, err := arn.Parse(text)
	return err == nil && a.Service == "sns" && a.Resource != "" && !strings.Contains(a.Resource, ":")
}

// Tag is a tag.
type Tag struct {
	Key   string
	Value string
}

func tagMap(list []Tag) map[string]string {
	if len(list) == 0 {
		return nil
	}
	tags := map[string]string{}
	for _, t := range list {
		tags[t.Key] = t.Value
	}
	return tags
}

// CreateTopicInput is the input of CreateTopic.
type CreateTopicInput struct {
	Name                 string
	Attributes           map[string]string
	Tags                 []Tag
	DataProtectionPolicy string
}

// TopicArn is the input or output of operations on one topic.
type TopicArn struct{ TopicArn string }

// CreateTopic makes a topic.
//
// https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
func (s *Service) CreateTopic(ctx context.Context, in *CreateTopicInput) (*TopicArn, error) {
	if in.DataProtectionPolicy != "" {
		return nil, operation.NotImplemented("sns", "CreateTopic", "the member DataProtectionPolicy")
	}
	c := operation.CallerOf(ctx)
	t, err := s.notify.CreateTopic(ctx, c.Account, c.Region, in.Name, in.Attributes, tagMap(in.Tags))
	if err != nil {
		return nil, fault(err)
	}
	return &TopicArn{t.ARN}, nil
}

// DeleteTopic removes a topic and its subscriptions.
//
// https://docs.aws.amazon.com/sns/latest/api/API_DeleteTopic.html
func (s *Service) DeleteTopic(ctx context.Context, in *TopicArn) (*None, error) {
	if !isTopic(in.TopicArn) {
		return nil, invalid("TopicArn Reason: An ARN must have at least 6 elements, not 1")
	}
	return &None{}, fault(s.notify.DeleteTopic(ctx, in.TopicArn))
}

// ListInput is the input of lists.
type ListInput struct{ NextToken string }

// ListTopicsOutput is the output of ListTopics.
type ListTopicsOutput struct {
	Topics    []TopicArn
	NextToken string `json:",omitempty"`
}

// ListTopics lists topics, a hundred at once.
//
// https://docs.aws.amazon.com/sns/latest/api/API_ListTopics.html
func (s *Service) ListTopics(ctx context.Context, in *ListInput) (*ListTopicsOutput, error) {
	after, err := readToken(in.NextToken)
	if err != nil {
		return nil, err
	}
	c := operation.CallerOf(ctx)
	list, err := s.notify.Topics(ctx, c.Account, c.Region, after, pageSize+1)
	if err != nil {
		return nil, err
	}
	out := &ListTopicsOutput{Topics: []TopicArn{}}
	if len(list) > pageSize {
		list = list[:pageSize]
		out.NextToken = pagetoken.Encode(list[pageSize-1].ARN)
	}
	for _, t := range list {
		out.Topics = append(out.Topics, TopicArn{t.ARN})
	}
	return out, nil
}

// AttributesOutput is the output of operations that tell attributes.
type AttributesOutput struct{ Attributes map[string]string }

// GetTopicAttributes tells the attributes of a topic.
//
// https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html
func (s *Service) GetTopicAttributes(ctx context.Context, in *TopicArn) (*AttributesOutput, error) {
	t, err := s.topic(ctx, in.TopicArn)
	if err != nil {
		return nil, err
	}
	all, err := s.notify.All(ctx, t)
	return &AttributesOutput{all}, err
}

// SetTopicAttributesInput is the input of SetTopicAttributes.
type SetTopicAttributesInput struct {
	TopicArn       string
	AttributeName  string
	AttributeValue string
}

// SetTopicAttributes changes one attribute of a topic.
//
// https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html
func (s *Service) SetTopicAttributes(ctx context.Context, in *SetTopicAttributesInput) (*None, error) {
	return &None{}, fault(s.notify.SetTopicAttribute(ctx, in.TopicArn, in.AttributeName, in.AttributeValue))
}

// TagResourceInput is the input of TagResource.
type TagResourceInput struct {
	ResourceArn string
	Tags        []Tag
}

func noResource() error {
	return &operation.Error{Code: "ResourceNotFound", Message: "Resource does not exist", Status: 404}
}

func (s *Service) tag(ctx context.Context, arn string, change func(map[string]string)) (*None, error) {
	if _, err := s.notify.Topic(ctx, arn); err != nil {
		return nil, noResource()
	}
	return &None{}, fault(s.notify.Tag(ctx, arn, change))
}

// TagResource adds tags to a topic.
//
// https://docs.aws.amazon.com/sns/latest/api/API_TagResource.html
func (s *Service) TagResource(ctx context.Context, in *TagResourceInput) (*None, error) {
	return s.tag(ctx, in.ResourceArn, func(tags map[string]string) {
		for _, t := range in.Tags {
			tags[t.Key] = t.Value
		}
	})
}

// UntagResourceInput is the input of UntagResource.
type UntagResourceInput struct {
	ResourceArn string
	TagKeys     []string
}

// UntagResource removes tags from a topic.
//
// https://docs.aws.amazon.com/sns/latest/api/API_UntagResource.html
func (s *Service) UntagResource(ctx context.Context, in *UntagResourceInput) (*None, error) {
	return s.tag(ctx, in.ResourceArn, func(tags map[string]string) {
		for _, name := range in.TagKeys {
			delete(tags, name)
		}
	})
}

// ListTagsForResourceInput is the input of ListTagsForResource.
type ListTagsForResourceInput struct{ ResourceArn string }

// ListTagsForResourceOutput is the output of ListTagsForResource.
type ListTagsForResourceOutput struct{ Tags []Tag }

// ListTagsForResource tells the tags of a topic.
//
// https://docs.aws.amazon.com/sns/latest/api/API_ListTagsForResource.html
func (s *Service) ListTagsForResource(ctx context.Context, in *ListTagsForResourceInput) (*ListTagsForResourceOutput, error) {
	t, err := s.notify.Topic(ctx, in.ResourceArn)
	if err != nil {
		return nil, noResource()
	}
	out := &ListTagsForResourceOutput{Tags: []Tag{}}
	for _, name := range sorted(t.Tags) {
		out.Tags = append(out.Tags, Tag{name, t.Tags[name]})
	}
	return out, nil
}
