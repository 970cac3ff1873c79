package s3

import "context"

// DeleteBucketInput is the input of [Service.DeleteBucket].
type DeleteBucketInput struct {
	Bucket              string
	ExpectedBucketOwner string `json:"ExpectedBucketOwner,omitempty"`
}

// DeleteBucketOutput is the output of [Service.DeleteBucket].
type DeleteBucketOutput struct{}

// DeleteBucket removes an empty bucket.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html
func (s *Service) DeleteBucket(ctx context.Context, in *DeleteBucketInput) (*DeleteBucketOutput, error) {
	if _, err := s.bucket(ctx, in.Bucket, in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	return &DeleteBucketOutput{}, s3Error(s.objects.DeleteBucket(ctx, in.Bucket), in.Bucket, "")
}
