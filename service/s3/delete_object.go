package s3

import (
	"context"

	"salamander/object"
)

// DeleteObjectInput is the input of [Service.DeleteObject].
type DeleteObjectInput struct {
	Bucket              string
	Key                 string
	VersionID           string `json:"VersionId,omitempty"`
	IfMatch             string `json:"IfMatch,omitempty"`
	RequestPayer        string `json:"RequestPayer,omitempty"`
	ExpectedBucketOwner string `json:"ExpectedBucketOwner,omitempty"`
}

// DeleteObjectOutput is the output of [Service.DeleteObject].
type DeleteObjectOutput struct{}

// DeleteObject removes an object. One that is not there is no error.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html
func (s *Service) DeleteObject(ctx context.Context, in *DeleteObjectInput) (*DeleteObjectOutput, error) {
	if _, err := s.bucket(ctx, in.Bucket, in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	if err := onlyNull(in.VersionID); err != nil {
		return nil, err
	}
	c := object.Condition{IfMatch: unquote(in.IfMatch)}
	if err := s.objects.Delete(ctx, in.Bucket, in.Key, c); err != nil {
		return nil, conditionError(err, c, in.Bucket, in.Key)
	}
	return &DeleteObjectOutput{}, nil
}
