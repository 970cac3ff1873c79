package batch

import (
	"context"
	"strings"
	"unicode/utf8"
)

// checkTags holds the tags of a request to AWS's rules.
//
// https://docs.aws.amazon.com/batch/latest/userguide/using-tags.html#tag-restrictions
func checkTags(tags map[string]string) error {
	if len(tags) > 50 {
		return invalid("A resource can have at most 50 tags.")
	}
	for k, v := range tags {
		switch {
		case k == "" || utf8.RuneCountInString(k) > 128:
			return invalid("The tag key %q must be 1 to 128 characters long.", k)
		case strings.HasPrefix(strings.ToLower(k), "aws:"):
			return invalid("The tag key %q begins with aws:, which is reserved.", k)
		case utf8.RuneCountInString(v) > 256:
			return invalid("The value of tag %q can be at most 256 characters long.", k)
		}
	}
	return nil
}

// ResourceInput is the input of [Service.ListTagsForResource].
type ResourceInput struct {
	ResourceARN string `json:"resourceArn"`
}

// TagsOutput is the output of [Service.ListTagsForResource].
type TagsOutput struct {
	Tags map[string]string `json:"tags"`
}

// ListTagsForResource returns the tags of a compute environment, job queue,
// job definition or job.
//
// https://docs.aws.amazon.com/batch/latest/APIReference/API_ListTagsForResource.html
func (s *Service) ListTagsForResource(ctx context.Context, in *ResourceInput) (*TagsOutput, error) {
	tags, err := s.batch.Tags(ctx, scope(ctx), in.ResourceARN)
	return &TagsOutput{table(tags)}, err
}

// TagResourceInput is the input of [Service.TagResource].
type TagResourceInput struct {
	ResourceARN string            `json:"resourceArn"`
	Tags        map[string]string `json:"tags"`
}

// TagResource adds tags to a resource.
//
// https://docs.aws.amazon.com/batch/latest/APIReference/API_TagResource.html
func (s *Service) TagResource(ctx context.Context, in *TagResourceInput) (*None, error) {
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	return &None{}, s.batch.Tag(ctx, scope(ctx), in.ResourceARN, in.Tags)
}

// UntagResourceInput is the input of [Service.UntagResource].
type UntagResourceInput struct {
	ResourceARN string   `json:"resourceArn"`
	TagKeys     []string `json:"tagKeys"`
}

// UntagResource removes tags from a resource.
//
// https://docs.aws.amazon.com/batch/latest/APIReference/API_UntagResource.html
func (s *Service) UntagResource(ctx context.Context, in *UntagResourceInput) (*None, error) {
	return &None{}, s.batch.Untag(ctx, scope(ctx), in.ResourceARN, in.TagKeys)
}
