package s3

import "context"

// GetBucketVersioningInput is the input of [Service.GetBucketVersioning].
type GetBucketVersioningInput struct {
	Bucket              string
	ExpectedBucketOwner string `json:"ExpectedBucketOwner,omitempty"`
}

// GetBucketVersioningOutput is the output of [Service.GetBucketVersioning]:
// empty, as for every bucket that never had versions.
type GetBucketVersioningOutput struct{}

// GetBucketVersioning tells that a bucket has no versions.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html
func (s *Service) GetBucketVersioning(ctx context.Context, in *GetBucketVersioningInput) (*GetBucketVersioningOutput, error) {
	if _, err := s.bucket(ctx, in.Bucket, in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	return &GetBucketVersioningOutput{}, nil
}
