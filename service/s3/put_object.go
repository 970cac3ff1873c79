package s3

import "context"

// PutObjectInput is the input of [Service.PutObject], with the streaming
// member Body.
type PutObjectInput struct {
	Bucket      string
	Key         string
	IfMatch     string `json:"IfMatch,omitempty"`
	IfNoneMatch string `json:"IfNoneMatch,omitempty"`
	Stored
	Accepted
	Content
}

// PutObjectOutput is the output of [Service.PutObject].
type PutObjectOutput struct {
	ETag         string `json:"ETag"`
	ChecksumType string `json:"ChecksumType,omitempty"`
	Checksums
}

// PutObject stores an object, in place of the one there, whole or not at all.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
func (s *Service) PutObject(ctx context.Context, in *PutObjectInput) (*PutObjectOutput, error) {
	if _, err := s.bucket(ctx, in.Bucket, in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	if err := in.check("PutObject"); err != nil {
		return nil, err
	}
	opt, err := in.options()
	if err != nil {
		return nil, err
	}
	if opt.Attributes, err = in.attributes(); err != nil {
		return nil, err
	}
	if opt.Condition, err = condition(in.IfMatch, in.IfNoneMatch); err != nil {
		return nil, err
	}
	obj, err := s.objects.Put(ctx, in.Bucket, in.Key, in.body, opt)
	if err != nil {
		return nil, conditionError(err, opt.Condition, in.Bucket, in.Key)
	}
	return &PutObjectOutput{ETag: quote(obj.ETag), ChecksumType: obj.Checksum.Type, Checksums: checksumsOf(obj.Checksum)}, nil
}
