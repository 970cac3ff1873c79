package s3

import (
	"context"
	"io"
	"strings"

	"salamander/object"
	"salamander/operation"
)

// UploadPartCopyInput is the input of [Service.UploadPartCopy].
type UploadPartCopyInput struct {
	UploadRef
	CopySourceMembers
	PartNumber      int
	CopySourceRange string `json:"CopySourceRange,omitempty"`
}

// UploadPartCopyOutput is the output of [Service.UploadPartCopy].
type UploadPartCopyOutput struct {
	CopyPartResult CopyPartResult `json:"CopyPartResult"`
}

// A CopyPartResult describes a copied part.
type CopyPartResult struct {
	ETag         string         `json:"ETag"`
	LastModified operation.Time `json:"LastModified"`
	Checksums
}

// UploadPartCopy stores an object, or a range of it, as a part of an upload.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html
func (s *Service) UploadPartCopy(ctx context.Context, in *UploadPartCopyInput) (*UploadPartCopyOutput, error) {
	u, err := s.upload(ctx, &in.UploadRef)
	if err == nil {
		err = checkPart(u, in.PartNumber, "")
	}
	if err != nil {
		return nil, err
	}
	bucket, key, err := s.source(ctx, &in.CopySourceMembers)
	if err != nil {
		return nil, err
	}
	r, err := s.objects.Open(ctx, bucket, key)
	if err != nil {
		return nil, s3Error(err, bucket, key)
	}
	defer r.Close()
	if err := in.CopySourceMembers.check(&r.Object); err != nil {
		return nil, err
	}
	part, err := copyRange(in.CopySourceRange, r.Size)
	if err != nil {
		return nil, err
	}
	if _, err := r.Seek(part.from, io.SeekStart); err != nil {
		return nil, err
	}
	p, err := s.objects.PutPart(ctx, u, in.PartNumber, io.LimitReader(r, part.length), object.PutOptions{})
	if err != nil {
		return nil, s3Error(err, in.Bucket, in.Key)
	}
	out := CopyPartResult{ETag: quote(p.ETag), LastModified: seconds(p.Modified)}
	if u.Named {
		out.Checksums = checksumsOf(p.Checksum)
	}
	return &UploadPartCopyOutput{out}, nil
}

// copyRange reads bytes=first-last, which must lie within the source.
func copyRange(text string, size int64) (span, error) {
	if text == "" {
		return span{0, size, false}, nil
	}
	part, err := parseRange(text, size)
	if err != nil || !part.partial || strings.HasSuffix(text, "-") || strings.HasPrefix(text, "bytes=-") {
		return span{}, invalidArgument("x-amz-copy-source-range", text, "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy")
	}
	if whole, _ := parseRange(text, 1<<62); whole.length != part.length {
		return span{}, invalidArgument("x-amz-copy-source-range", text, "Range specified is not valid for source object of size: "+itoa(size))
	}
	return part, nil
}
