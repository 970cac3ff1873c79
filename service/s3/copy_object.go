package s3

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"salamander/object"
	"salamander/operation"
)

// CopySourceMembers name the source of a copy and its conditions.
type CopySourceMembers struct {
	CopySource                  string
	CopySourceIfMatch           string         `json:"CopySourceIfMatch,omitempty"`
	CopySourceIfNoneMatch       string         `json:"CopySourceIfNoneMatch,omitempty"`
	CopySourceIfModifiedSince   operation.Time `json:"CopySourceIfModifiedSince,omitzero"`
	CopySourceIfUnmodifiedSince operation.Time `json:"CopySourceIfUnmodifiedSince,omitzero"`
	ExpectedSourceBucketOwner   string         `json:"ExpectedSourceBucketOwner,omitempty"`
}

// source returns bucket and key of the source, which the caller may read.
func (s *Service) source(ctx context.Context, in *CopySourceMembers) (bucket, key string, err error) {
	text, version, _ := strings.Cut(in.CopySource, "?versionId=")
	if err := onlyNull(version); err != nil {
		return "", "", err
	}
	decoded, uerr := url.PathUnescape(text)
	if uerr != nil {
		decoded = text
	}
	bucket, key, _ = strings.Cut(strings.TrimPrefix(decoded, "/"), "/")
	if bucket == "" || key == "" {
		return "", "", invalidArgument("x-amz-copy-source", in.CopySource, "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
	}
	_, err = s.bucket(ctx, bucket, in.ExpectedSourceBucketOwner)
	return bucket, key, err
}

func (in *CopySourceMembers) check(obj *object.Object) error {
	return readConditions{ifMatch: in.CopySourceIfMatch, ifNoneMatch: in.CopySourceIfNoneMatch,
		ifModifiedSince: in.CopySourceIfModifiedSince, ifUnmodifiedSince: in.CopySourceIfUnmodifiedSince,
		prefix: "x-amz-copy-source-"}.check(obj)
}

// CopyObjectInput is the input of [Service.CopyObject].
type CopyObjectInput struct {
	Bucket            string
	Key               string
	IfMatch           string `json:"IfMatch,omitempty"`
	IfNoneMatch       string `json:"IfNoneMatch,omitempty"`
	MetadataDirective string `json:"MetadataDirective,omitempty"`
	TaggingDirective  string `json:"TaggingDirective,omitempty"`
	ChecksumAlgorithm string `json:"ChecksumAlgorithm,omitempty"`
	CopySourceMembers
	Stored
	Accepted
}

// CopyObjectOutput is the output of [Service.CopyObject].
type CopyObjectOutput struct {
	CopyObjectResult CopyResult `json:"CopyObjectResult"`
}

// A CopyResult describes a copy.
type CopyResult struct {
	ETag         string         `json:"ETag"`
	LastModified operation.Time `json:"LastModified"`
	ChecksumType string         `json:"ChecksumType,omitempty"`
	Checksums
}

// CopyObject stores the content of one key as another.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
func (s *Service) CopyObject(ctx context.Context, in *CopyObjectInput) (*CopyObjectOutput, error) {
	if _, err := s.bucket(ctx, in.Bucket, in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	bucket, key, err := s.source(ctx, &in.CopySourceMembers)
	if err != nil {
		return nil, err
	}
	opt, err := in.options(bucket == in.Bucket && key == in.Key)
	if err != nil {
		return nil, err
	}
	obj, err := s.objects.Copy(ctx, bucket, key, in.Bucket, in.Key, opt)
	if err != nil {
		return nil, conditionError(err, opt.Condition, bucket, key)
	}
	return &CopyObjectOutput{CopyResult{quote(obj.ETag), seconds(obj.Modified), obj.Checksum.Type, checksumsOf(obj.Checksum)}}, nil
}

func (in *CopyObjectInput) options(itself bool) (opt object.CopyOptions, err error) {
	if err := in.Accepted.check("CopyObject"); err != nil {
		return opt, err
	}
	if in.TaggingDirective != "" && in.TaggingDirective != "COPY" {
		return opt, operation.NotImplemented(service, "CopyObject", "tags")
	}
	opt = object.CopyOptions{Source: in.CopySourceMembers.check, Algorithm: in.ChecksumAlgorithm}
	if in.ChecksumAlgorithm != "" && !slices.Contains(object.Algorithms(), in.ChecksumAlgorithm) {
		return opt, operation.NotImplemented(service, "CopyObject", "the checksum algorithm "+in.ChecksumAlgorithm)
	}
	if opt.Condition, err = condition(in.IfMatch, in.IfNoneMatch); err != nil {
		return opt, err
	}
	switch in.MetadataDirective {
	case "", "COPY":
		if itself && in.ChecksumAlgorithm == "" && in.StorageClass == "" {
			return opt, invalidRequest("This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.")
		}
	case "REPLACE":
		a, err := in.attributes()
		if err != nil {
			return opt, err
		}
		opt.Replace = &a
	default:
		return opt, invalidArgument("x-amz-metadata-directive", in.MetadataDirective, "Unknown metadata directive.")
	}
	return opt, nil
}
