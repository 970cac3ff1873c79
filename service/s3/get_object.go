package s3

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"salamander/object"
	"salamander/operation"
)

// GetObjectInput is the input of [Service.GetObject] and [Service.HeadObject].
type GetObjectInput struct {
	Bucket                     string
	Key                        string
	VersionID                  string         `json:"VersionId,omitempty"`
	IfMatch                    string         `json:"IfMatch,omitempty"`
	IfNoneMatch                string         `json:"IfNoneMatch,omitempty"`
	IfModifiedSince            operation.Time `json:"IfModifiedSince,omitzero"`
	IfUnmodifiedSince          operation.Time `json:"IfUnmodifiedSince,omitzero"`
	Range                      string         `json:"Range,omitempty"`
	PartNumber                 *int           `json:"PartNumber,omitempty"`
	ChecksumMode               string         `json:"ChecksumMode,omitempty"`
	RequestPayer               string         `json:"RequestPayer,omitempty"`
	ExpectedBucketOwner        string         `json:"ExpectedBucketOwner,omitempty"`
	ResponseCacheControl       string         `json:"ResponseCacheControl,omitempty"`
	ResponseContentDisposition string         `json:"ResponseContentDisposition,omitempty"`
	ResponseContentEncoding    string         `json:"ResponseContentEncoding,omitempty"`
	ResponseContentLanguage    string         `json:"ResponseContentLanguage,omitempty"`
	ResponseContentType        string         `json:"ResponseContentType,omitempty"`
	ResponseExpires            string         `json:"ResponseExpires,omitempty"`
}

// GetObjectOutput is the output of [Service.GetObject], with the streaming
// member Body, and of [Service.HeadObject].
type GetObjectOutput struct {
	AcceptRanges  string         `json:"AcceptRanges"`
	LastModified  operation.Time `json:"LastModified"`
	ContentLength int64          `json:"ContentLength"`
	ETag          string         `json:"ETag"`
	ContentRange  string         `json:"ContentRange,omitempty"`
	PartsCount    int            `json:"PartsCount,omitempty"`
	ChecksumType  string         `json:"ChecksumType,omitempty"`
	Checksums
	Stored
	body io.ReadCloser
}

// GiveBody gives the streaming member.
func (out *GetObjectOutput) GiveBody() io.ReadCloser { return out.body }

// GetObject reads an object, or a range or a part of it.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
func (s *Service) GetObject(ctx context.Context, in *GetObjectInput) (*GetObjectOutput, error) {
	if _, err := s.bucket(ctx, in.Bucket, in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	if err := onlyNull(in.VersionID); err != nil {
		return nil, err
	}
	r, err := s.objects.Open(ctx, in.Bucket, in.Key)
	if err != nil {
		return nil, s3Error(err, in.Bucket, in.Key)
	}
	out, span, err := in.describe(&r.Object)
	if err == nil {
		_, err = r.Seek(span.from, io.SeekStart)
	}
	if err != nil {
		r.Close()
		return nil, err
	}
	out.body = section{io.LimitReader(r, span.length), r}
	return out, nil
}

// section is a part of an object.
type section struct {
	io.Reader
	io.Closer
}

// describe judges the conditions and describes the object and the part of it
// that is wanted.
func (in *GetObjectInput) describe(obj *object.Object) (*GetObjectOutput, span, error) {
	cond := readConditions{ifMatch: in.IfMatch, ifNoneMatch: in.IfNoneMatch, ifModifiedSince: in.IfModifiedSince, ifUnmodifiedSince: in.IfUnmodifiedSince}
	if err := cond.check(obj); err != nil {
		return nil, span{}, err
	}
	part, err := in.part(obj)
	if err != nil {
		return nil, part, err
	}
	out := &GetObjectOutput{AcceptRanges: "bytes", LastModified: seconds(obj.Modified), ContentLength: part.length, ETag: quote(obj.ETag), Stored: storedOf(obj.Attributes)}
	if in.PartNumber != nil {
		out.PartsCount = len(obj.Parts)
	}
	if part.partial {
		out.ContentRange = fmt.Sprintf("bytes %d-%d/%d", part.from, part.from+part.length-1, obj.Size)
	}
	if strings.EqualFold(in.ChecksumMode, "ENABLED") && part.length == obj.Size {
		// The checksum of the whole would be taken for that of the part.
		out.Checksums, out.ChecksumType = checksumsOf(obj.Checksum), obj.Checksum.Type
	}
	for _, o := range []struct {
		member *string
		value  string
	}{
		{&out.CacheControl, in.ResponseCacheControl}, {&out.ContentDisposition, in.ResponseContentDisposition},
		{&out.ContentEncoding, in.ResponseContentEncoding}, {&out.ContentLanguage, in.ResponseContentLanguage},
		{&out.ContentType, in.ResponseContentType}, {&out.Expires, in.ResponseExpires},
	} {
		if o.value != "" {
			*o.member = o.value
		}
	}
	return out, part, nil
}

// A span is the part of an object that is wanted.
type span struct {
	from, length int64
	partial      bool
}

func (in *GetObjectInput) part(obj *object.Object) (span, error) {
	if in.PartNumber == nil {
		return parseRange(in.Range, obj.Size)
	}
	n := *in.PartNumber
	if in.Range != "" {
		return span{}, invalidRequest("Cannot specify both Range header and partNumber query parameter")
	}
	parts := obj.Parts
	if parts == nil {
		parts = []int64{obj.Size}
	}
	if n < 1 || n > len(parts) {
		return span{}, failure(416, "InvalidPartNumber", "The requested partnumber is not satisfiable",
			map[string]any{"PartNumberRequested": fmt.Sprint(n), "ActualPartCount": fmt.Sprint(len(parts))})
	}
	var from int64
	for _, size := range parts[:n-1] {
		from += size
	}
	return span{from, parts[n-1], parts[n-1] > 0}, nil
}

// parseRange reads a Range header. One that does not parse, or has several
// ranges, means the whole, as S3 has it.
func parseRange(text string, size int64) (span, error) {
	whole := span{0, size, false}
	spec, ok := strings.CutPrefix(strings.TrimSpace(text), "bytes=")
	first, last, dash := strings.Cut(spec, "-")
	if !ok || !dash || strings.Contains(spec, ",") {
		return whole, nil
	}
	from, ferr := strconv.ParseInt(first, 10, 64)
	to, terr := strconv.ParseInt(last, 10, 64)
	switch {
	case first == "" && terr == nil && to >= 0: // the last bytes
		from = max(size-to, 0)
		if to == 0 {
			from = size
		}
		to = size - 1
	case ferr == nil && from >= 0 && last == "":
		to = size - 1
	case ferr != nil || terr != nil || from < 0 || to < from:
		return whole, nil
	}
	if from >= size {
		return span{}, failure(416, "InvalidRange", "The requested range is not satisfiable",
			map[string]any{"RangeRequested": text, "ActualObjectSize": fmt.Sprint(size)})
	}
	return span{from, min(to, size-1) - from + 1, true}, nil
}
