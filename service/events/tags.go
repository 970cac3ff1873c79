package events

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"salamander/event"
	"salamander/internal/arn"
	"salamander/operation"
)

// tagsOf checks tags. Those that say what becomes of missed and overlapping
// occurrences must say something that is known.
func tagsOf(list []Tag) (map[string]string, error) {
	tags := map[string]string{}
	for _, t := range list {
		if strings.HasPrefix(strings.ToLower(t.Key), "aws:") {
			return nil, invalid("System tags cannot be added/updated by requester")
		}
		if _, twice := tags[t.Key]; twice {
			return nil, invalid("The tag key %s is there twice.", t.Key)
		}
		tags[t.Key] = t.Value
	}
	if len(tags) > 50 {
		return nil, operation.Errorf("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
	}
	if text := event.CheckTags(tags); text != "" {
		return nil, invalid("%s", text)
	}
	return tags, nil
}

// TagsInput is the input of [Service.ListTagsForResource].
type TagsInput struct{ ResourceARN string }

// TagsOutput is the output of [Service.ListTagsForResource].
type TagsOutput struct{ Tags []Tag }

// A tagged is a bus or a rule.
type tagged struct {
	bus  string
	rule *event.RuleID
}

func (s *Service) resource(ctx context.Context, text string) (tagged, error) {
	missing := operation.Errorf("ResourceNotFoundException", "Resource %s does not exist.", text)
	a, err := arn.Parse(text)
	own := scope(ctx)
	if err != nil || a.Service != "events" || a.Account != own.Account || a.Region != own.Region {
		return tagged{}, missing
	}
	if bus, ok := strings.CutPrefix(a.Resource, "event-bus/"); ok {
		if _, err := s.events.Bus(own, bus); err != nil {
			return tagged{}, missing
		}
		return tagged{bus: bus}, nil
	}
	name, ok := strings.CutPrefix(a.Resource, "rule/")
	bus := event.DefaultBus
	if b, n, other := strings.Cut(name, "/"); other {
		bus, name = b, n
	}
	id := event.RuleID{Scope: own, Bus: bus, Name: name}
	if _, err := s.events.Rule(id); !ok || err != nil {
		return tagged{}, missing
	}
	return tagged{rule: &id}, nil
}

// ListTagsForResource lists the tags of a bus or a rule.
//
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListTagsForResource.html
func (s *Service) ListTagsForResource(ctx context.Context, in *TagsInput) (*TagsOutput, error) {
	r, err := s.resource(ctx, in.ResourceARN)
	if err != nil {
		return nil, err
	}
	var tags map[string]string
	if r.rule != nil {
		rule, err := s.events.Rule(*r.rule)
		if err != nil {
			return nil, err
		}
		tags = rule.Tags
	} else {
		b, err := s.events.Bus(scope(ctx), r.bus)
		if err != nil {
			return nil, err
		}
		tags = b.Tags
	}
	out := &TagsOutput{Tags: []Tag{}}
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out.Tags = append(out.Tags, Tag{k, tags[k]})
	}
	return out, nil
}

func (s *Service) changeTags(ctx context.Context, text string, change func(map[string]string)) (*None, error) {
	r, err := s.resource(ctx, text)
	if err != nil {
		return nil, err
	}
	apply := func(tags map[string]string) map[string]string {
		tags = maps.Clone(tags)
		if tags == nil {
			tags = map[string]string{}
		}
		change(tags)
		return tags
	}
	if r.rule != nil {
		err = s.events.UpdateRule(ctx, *r.rule, func(rule *event.Rule, _ bool) error {
			rule.Tags = apply(rule.Tags)
			return nil
		})
	} else {
		_, err = s.events.UpdateBus(ctx, scope(ctx), r.bus, func(b *event.Bus) { b.Tags = apply(b.Tags) })
	}
	if errors.Is(err, event.ErrNotFound) {
		return nil, operation.Errorf("ResourceNotFoundException", "Resource %s does not exist.", text)
	}
	return &None{}, err
}

// TagResourceInput is the input of [Service.TagResource].
type TagResourceInput struct {
	ResourceARN string
	Tags        []Tag
}

// TagResource adds tags to a bus or a rule.
//
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TagResource.html
func (s *Service) TagResource(ctx context.Context, in *TagResourceInput) (*None, error) {
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	return s.changeTags(ctx, in.ResourceARN, func(have map[string]string) { maps.Copy(have, tags) })
}

// UntagResourceInput is the input of [Service.UntagResource].
type UntagResourceInput struct {
	ResourceARN string
	TagKeys     []string
}

// UntagResource removes tags from a bus or a rule.
//
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_UntagResource.html
func (s *Service) UntagResource(ctx context.Context, in *UntagResourceInput) (*None, error) {
	return s.changeTags(ctx, in.ResourceARN, func(have map[string]string) {
		for _, k := range in.TagKeys {
			delete(have, k)
		}
	})
}
