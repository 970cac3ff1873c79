package s3

import "context"

// HeadObject describes an object as [Service.GetObject] does, without it.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
func (s *Service) HeadObject(ctx context.Context, in *GetObjectInput) (*HeadObjectOutput, error) {
	obj, err := s.head(ctx, in.Bucket, in.Key, in.ExpectedBucketOwner, in.VersionID)
	if err != nil {
		return nil, err
	}
	out, _, err := in.describe(&obj)
	if err != nil {
		return nil, err
	}
	return (*HeadObjectOutput)(out), nil
}

// HeadObjectOutput is the output of [Service.HeadObject].
type HeadObjectOutput GetObjectOutput
