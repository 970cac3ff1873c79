package s3

import (
	"context"
	"strconv"
	"strings"

	"salamander/object"
)

// CompleteMultipartUploadInput is the input of [Service.CompleteMultipartUpload].
type CompleteMultipartUploadInput struct {
	UploadRef
	MultipartUpload *CompletedParts `json:"MultipartUpload,omitempty"`
	IfMatch         string          `json:"IfMatch,omitempty"`
	IfNoneMatch     string          `json:"IfNoneMatch,omitempty"`
	ChecksumType    string          `json:"ChecksumType,omitempty"`
	MpuObjectSize   *int64          `json:"MpuObjectSize,omitempty"`
	Checksums
}

// CompletedParts are the parts that make the object.
type CompletedParts struct {
	Parts []CompletedPart
}

// A CompletedPart names a part.
type CompletedPart struct {
	PartNumber int
	ETag       string
	Checksums
}

// CompleteMultipartUploadOutput is the output of [Service.CompleteMultipartUpload].
type CompleteMultipartUploadOutput struct {
	Location     string `json:"Location"`
	Bucket       string `json:"Bucket"`
	Key          string `json:"Key"`
	ETag         string `json:"ETag"`
	ChecksumType string `json:"ChecksumType,omitempty"`
	Checksums
}

// CompleteMultipartUpload makes the parts of an upload an object.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
func (s *Service) CompleteMultipartUpload(ctx context.Context, in *CompleteMultipartUploadInput) (*CompleteMultipartUploadOutput, error) {
	u, err := s.upload(ctx, &in.UploadRef)
	if err != nil {
		return nil, err
	}
	refs, err := in.refs(u)
	if err != nil {
		return nil, err
	}
	opt, err := in.options(u)
	if err != nil {
		return nil, err
	}
	obj, err := s.objects.Complete(ctx, u, refs, opt)
	if err != nil {
		return nil, conditionError(err, opt.Condition, in.Bucket, in.Key)
	}
	return &CompleteMultipartUploadOutput{Location: "/" + in.Bucket + "/" + escapeKey(in.Key), Bucket: in.Bucket, Key: in.Key,
		ETag: quote(obj.ETag), ChecksumType: obj.Checksum.Type, Checksums: checksumsOf(obj.Checksum)}, nil
}

func (in *CompleteMultipartUploadInput) refs(u object.Upload) ([]object.PartRef, error) {
	if in.MultipartUpload == nil || len(in.MultipartUpload.Parts) == 0 {
		return nil, malformedXML()
	}
	var refs []object.PartRef
	for _, p := range in.MultipartUpload.Parts {
		sum, err := p.given()
		if err != nil {
			return nil, err
		}
		if err := checkPart(u, p.PartNumber, sum.Algorithm); err != nil {
			return nil, err
		}
		refs = append(refs, object.PartRef{Number: p.PartNumber, ETag: unquote(p.ETag), Checksum: sum.Value})
	}
	return refs, nil
}

func (in *CompleteMultipartUploadInput) options(u object.Upload) (opt object.CompleteOptions, err error) {
	opt.Size = -1
	if in.MpuObjectSize != nil {
		opt.Size = *in.MpuObjectSize
	}
	if in.ChecksumType != "" && in.ChecksumType != u.Type {
		return opt, invalidRequest("The upload was created using the " + u.Type + " checksum mode. The complete request must use the same checksum mode.")
	}
	sum, err := in.given()
	if err != nil {
		return opt, err
	}
	if sum.Algorithm != "" && sum.Algorithm != u.Algorithm {
		return opt, invalidRequest("Checksum Type mismatch occurred, expected checksum Type: " + lower(u.Algorithm) + ", actual checksum Type: " + lower(sum.Algorithm))
	}
	opt.Checksum = sum.Value
	opt.Condition, err = condition(in.IfMatch, in.IfNoneMatch)
	return opt, err
}

func lower(s string) string { return strings.ToLower(s) }

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
