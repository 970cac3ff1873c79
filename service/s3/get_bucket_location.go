package s3

import "context"

// GetBucketLocationInput is the input of [Service.GetBucketLocation].
type GetBucketLocationInput struct {
	Bucket              string
	ExpectedBucketOwner string `json:"ExpectedBucketOwner,omitempty"`
}

// GetBucketLocationOutput is the output of [Service.GetBucketLocation].
type GetBucketLocationOutput struct {
	LocationConstraint string `json:"LocationConstraint,omitempty"` // empty for us-east-1
}

// GetBucketLocation returns the region of a bucket.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
func (s *Service) GetBucketLocation(ctx context.Context, in *GetBucketLocationInput) (*GetBucketLocationOutput, error) {
	b, err := s.bucket(ctx, in.Bucket, in.ExpectedBucketOwner)
	if err != nil {
		return nil, err
	}
	if b.Region == "us-east-1" {
		return &GetBucketLocationOutput{}, nil
	}
	return &GetBucketLocationOutput{b.Region}, nil
}
