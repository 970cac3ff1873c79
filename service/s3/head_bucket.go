package s3

import "context"

// HeadBucketInput is the input of [Service.HeadBucket].
type HeadBucketInput struct {
	Bucket              string
	ExpectedBucketOwner string `json:"ExpectedBucketOwner,omitempty"`
}

// HeadBucketOutput is the output of [Service.HeadBucket].
type HeadBucketOutput struct {
	BucketArn        string `json:"BucketArn"`
	BucketRegion     string `json:"BucketRegion"`
	AccessPointAlias bool   `json:"AccessPointAlias"`
}

// HeadBucket tells whether a bucket is there and where.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
func (s *Service) HeadBucket(ctx context.Context, in *HeadBucketInput) (*HeadBucketOutput, error) {
	b, err := s.bucket(ctx, in.Bucket, in.ExpectedBucketOwner)
	if err != nil {
		return nil, err
	}
	return &HeadBucketOutput{BucketArn: "arn:aws:s3:::" + b.Name, BucketRegion: b.Region}, nil
}
