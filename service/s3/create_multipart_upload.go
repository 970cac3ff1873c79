package s3

import (
	"context"
	"slices"
	"strings"

	"salamander/object"
	"salamander/operation"
)

// CreateMultipartUploadInput is the input of [Service.CreateMultipartUpload].
type CreateMultipartUploadInput struct {
	Bucket            string
	Key               string
	ChecksumAlgorithm string `json:"ChecksumAlgorithm,omitempty"`
	ChecksumType      string `json:"ChecksumType,omitempty"`
	Stored
	Accepted
}

// CreateMultipartUploadOutput is the output of [Service.CreateMultipartUpload].
type CreateMultipartUploadOutput struct {
	Bucket            string `json:"Bucket"`
	Key               string `json:"Key"`
	UploadID          string `json:"UploadId"`
	ChecksumAlgorithm string `json:"ChecksumAlgorithm,omitempty"`
	ChecksumType      string `json:"ChecksumType,omitempty"`
}

// CreateMultipartUpload begins an upload in parts.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html
func (s *Service) CreateMultipartUpload(ctx context.Context, in *CreateMultipartUploadInput) (*CreateMultipartUploadOutput, error) {
	if _, err := s.bucket(ctx, in.Bucket, in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	if err := in.check("CreateMultipartUpload"); err != nil {
		return nil, err
	}
	attributes, err := in.attributes()
	if err != nil {
		return nil, err
	}
	algorithm := in.ChecksumAlgorithm
	switch {
	case algorithm != "" && !slices.Contains(object.Algorithms(), algorithm):
		return nil, operation.NotImplemented(service, "CreateMultipartUpload", "the checksum algorithm "+algorithm)
	case in.ChecksumType != "" && algorithm == "":
		return nil, invalidRequest("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.")
	case in.ChecksumType != "" && !object.ValidUploadType(algorithm, in.ChecksumType):
		return nil, invalidRequest("The " + in.ChecksumType + " checksum type cannot be used with the " + strings.ToLower(algorithm) + " checksum algorithm.")
	}
	id := strings.ReplaceAll(operation.NewID(ctx), "-", "")
	u, err := s.objects.CreateUpload(ctx, in.Bucket, in.Key, id, object.UploadOptions{Attributes: attributes, Algorithm: algorithm, Type: in.ChecksumType})
	if err != nil {
		return nil, s3Error(err, in.Bucket, in.Key)
	}
	out := &CreateMultipartUploadOutput{Bucket: in.Bucket, Key: in.Key, UploadID: u.ID}
	if u.Named {
		out.ChecksumAlgorithm, out.ChecksumType = u.Algorithm, u.Type
	}
	return out, nil
}

// An UploadRef names an upload under way.
type UploadRef struct {
	Bucket              string
	Key                 string
	UploadID            string `json:"UploadId"`
	RequestPayer        string `json:"RequestPayer,omitempty"`
	ExpectedBucketOwner string `json:"ExpectedBucketOwner,omitempty"`
}

func (s *Service) upload(ctx context.Context, in *UploadRef) (object.Upload, error) {
	if _, err := s.bucket(ctx, in.Bucket, in.ExpectedBucketOwner); err != nil {
		return object.Upload{}, err
	}
	u, err := s.objects.Upload(ctx, in.Bucket, in.Key, in.UploadID)
	err = s3Error(err, in.Bucket, in.Key)
	if e := operation.AsError(err); err != nil && e.Code == "NoSuchUpload" {
		e.Members = map[string]any{"UploadId": in.UploadID}
	}
	return u, err
}
