package states

import (
	"context"
	"errors"
	"slices"
	"strings"

	"salamander/engine"
	"salamander/operation"
)

// mergeTags puts tags to those that are there; a later one of the same key
// wins.
func mergeTags(tags, more []engine.Tag) []engine.Tag {
	tags = slices.Clone(tags)
	for _, t := range more {
		if i := slices.IndexFunc(tags, func(o engine.Tag) bool { return o.Key == t.Key }); i >= 0 {
			tags[i] = t
		} else {
			tags = append(tags, t)
		}
	}
	return tags
}

// changeTags changes the tags of a state machine or an activity.
func (s *Service) changeTags(ctx context.Context, text string, change func([]engine.Tag) []engine.Tag) ([]engine.Tag, error) {
	a, err := parseARN(text, "stateMachine", "activity")
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	err = engine.ErrNotFound
	var tags []engine.Tag
	if activity := strings.HasPrefix(a.Resource, "activity:"); own(ctx, a) && activity {
		var found engine.Activity
		if found, err = s.store.Activity(ctx, text); err == nil {
			tags = found.Tags
			if change != nil {
				found.Tags = change(tags)
				err = s.store.PutActivity(ctx, found)
			}
		}
	} else if own(ctx, a) {
		var found engine.StateMachine
		if found, err = s.store.Machine(ctx, text); err == nil {
			tags = found.Tags
			if change != nil {
				found.Tags = change(tags)
				err = s.store.PutMachine(ctx, found)
			}
		}
	}
	if errors.Is(err, engine.ErrNotFound) {
		err = operation.Errorf("ResourceNotFound", "Resource not found: '%s'", text)
	}
	return tags, err
}

// TagResourceInput is the input of [Service.TagResource].
type TagResourceInput struct {
	ResourceArn string       `json:"resourceArn"`
	Tags        []engine.Tag `json:"tags"`
}

// TagResourceOutput is the output of [Service.TagResource].
type TagResourceOutput struct{}

// maxTags is how many tags a resource may have.
const maxTags = 50

// checkTags refuses more tags than a resource may have.
func checkTags(arn string, tags []engine.Tag) error {
	if len(tags) > maxTags {
		return &operation.Error{Code: "TooManyTags", Message: "You have exceeded the maximum number of tags for this resource", Members: map[string]any{"resourceName": arn}}
	}
	return nil
}

// TagResource adds tags to a state machine or an activity.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_TagResource.html
func (s *Service) TagResource(ctx context.Context, in *TagResourceInput) (*TagResourceOutput, error) {
	have, err := s.changeTags(ctx, in.ResourceArn, nil)
	if err != nil {
		return nil, err
	}
	if err := checkTags(in.ResourceArn, mergeTags(have, in.Tags)); err != nil {
		return nil, err
	}
	_, err = s.changeTags(ctx, in.ResourceArn, func(tags []engine.Tag) []engine.Tag { return mergeTags(tags, in.Tags) })
	return &TagResourceOutput{}, err
}

// UntagResourceInput is the input of [Service.UntagResource].
type UntagResourceInput struct {
	ResourceArn string   `json:"resourceArn"`
	TagKeys     []string `json:"tagKeys"`
}

// UntagResourceOutput is the output of [Service.UntagResource].
type UntagResourceOutput struct{}

// UntagResource removes tags of a state machine or an activity.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_UntagResource.html
func (s *Service) UntagResource(ctx context.Context, in *UntagResourceInput) (*UntagResourceOutput, error) {
	_, err := s.changeTags(ctx, in.ResourceArn, func(tags []engine.Tag) []engine.Tag {
		return slices.DeleteFunc(slices.Clone(tags), func(t engine.Tag) bool { return slices.Contains(in.TagKeys, t.Key) })
	})
	return &UntagResourceOutput{}, err
}

// ListTagsForResourceInput is the input of [Service.ListTagsForResource].
type ListTagsForResourceInput struct {
	ResourceArn string `json:"resourceArn"`
}

// ListTagsForResourceOutput is the output of [Service.ListTagsForResource].
type ListTagsForResourceOutput struct {
	Tags []engine.Tag `json:"tags"`
}

// ListTagsForResource lists the tags of a state machine or an activity.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListTagsForResource.html
func (s *Service) ListTagsForResource(ctx context.Context, in *ListTagsForResourceInput) (*ListTagsForResourceOutput, error) {
	tags, err := s.changeTags(ctx, in.ResourceArn, nil)
	if err != nil {
		return nil, err
	}
	return &ListTagsForResourceOutput{Tags: append([]engine.Tag{}, tags...)}, nil
}
