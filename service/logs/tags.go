package logs

import (
	"context"
	"maps"

	"salamander/logs"
)

// ResourceInput is the input of ListTagsForResource.
type ResourceInput struct {
	ResourceArn string `json:"resourceArn"`
}

// TagsOutput is the output of ListTagsForResource.
type TagsOutput struct {
	Tags map[string]string `json:"tags"`
}

// ListTagsForResource returns the tags of a group.
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListTagsForResource.html
func (s *Service) ListTagsForResource(ctx context.Context, in *ResourceInput) (*TagsOutput, error) {
	id, err := ofARN(ctx, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	g, err := s.logs.Group(ctx, id)
	if err != nil {
		return nil, fault(err)
	}
	out := &TagsOutput{Tags: map[string]string{}}
	maps.Copy(out.Tags, g.Tags)
	return out, nil
}

// TagResourceInput is the input of TagResource.
type TagResourceInput struct {
	ResourceArn string            `json:"resourceArn"`
	Tags        map[string]string `json:"tags"`
}

// TagResource adds tags to a group.
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagResource.html
func (s *Service) TagResource(ctx context.Context, in *TagResourceInput) (*None, error) {
	return s.changeTags(ctx, in.ResourceArn, func(tags map[string]string) { maps.Copy(tags, in.Tags) })
}

// UntagResourceInput is the input of UntagResource.
type UntagResourceInput struct {
	ResourceArn string   `json:"resourceArn"`
	TagKeys     []string `json:"tagKeys"`
}

// UntagResource removes tags of a group.
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_UntagResource.html
func (s *Service) UntagResource(ctx context.Context, in *UntagResourceInput) (*None, error) {
	return s.changeTags(ctx, in.ResourceArn, func(tags map[string]string) {
		for _, k := range in.TagKeys {
			delete(tags, k)
		}
	})
}

func (s *Service) changeTags(ctx context.Context, resource string, change func(map[string]string)) (*None, error) {
	id, err := ofARN(ctx, resource)
	if err != nil {
		return nil, err
	}
	err = s.logs.UpdateGroup(ctx, id, func(g *logs.Group) {
		if g.Tags == nil {
			g.Tags = map[string]string{}
		}
		change(g.Tags)
	})
	return &None{}, fault(err)
}
