package s3

import (
	"context"
	"encoding/base64"
	"strings"

	"salamander/object"
	"salamander/operation"
)

// listMembers are what both versions of the listing have.
type listMembers struct {
	Bucket              string
	Delimiter           string `json:"Delimiter,omitempty"`
	EncodingType        string `json:"EncodingType,omitempty"`
	MaxKeys             *int   `json:"MaxKeys,omitempty"`
	Prefix              string `json:"Prefix,omitempty"`
	RequestPayer        string `json:"RequestPayer,omitempty"`
	ExpectedBucketOwner string `json:"ExpectedBucketOwner,omitempty"`
}

// ListObjectsInput is the input of [Service.ListObjects].
type ListObjectsInput struct {
	listMembers
	Marker string `json:"Marker,omitempty"`
}

// ListObjectsOutput is the output of [Service.ListObjects].
type ListObjectsOutput struct {
	IsTruncated    bool           `json:"IsTruncated"`
	Marker         string         `json:"Marker"`
	NextMarker     string         `json:"NextMarker,omitempty"`
	Contents       []Object       `json:"Contents,omitempty"`
	Name           string         `json:"Name"`
	Prefix         string         `json:"Prefix"`
	Delimiter      string         `json:"Delimiter,omitempty"`
	MaxKeys        int            `json:"MaxKeys"`
	CommonPrefixes []CommonPrefix `json:"CommonPrefixes,omitempty"`
	EncodingType   string         `json:"EncodingType,omitempty"`
}

// An Object is one of a listing.
type Object struct {
	Key               string         `json:"Key"`
	LastModified      operation.Time `json:"LastModified"`
	ETag              string         `json:"ETag"`
	ChecksumAlgorithm []string       `json:"ChecksumAlgorithm,omitempty"`
	ChecksumType      string         `json:"ChecksumType,omitempty"`
	Size              int64          `json:"Size"`
	StorageClass      string         `json:"StorageClass"`
	Owner             *Owner         `json:"Owner,omitempty"`
}

// A CommonPrefix stands for the keys that begin with it.
type CommonPrefix struct {
	Prefix string `json:"Prefix"`
}

// ListObjects lists the objects of a bucket, 1,000 at most a page.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html
func (s *Service) ListObjects(ctx context.Context, in *ListObjectsInput) (*ListObjectsOutput, error) {
	p, err := s.list(ctx, &in.listMembers, in.Marker, true)
	if err != nil {
		return nil, err
	}
	out := &ListObjectsOutput{IsTruncated: p.More, Marker: p.encode(in.Marker), Contents: p.contents, Name: in.Bucket, Prefix: p.encode(in.Prefix),
		Delimiter: p.encode(in.Delimiter), MaxKeys: p.max, CommonPrefixes: p.prefixes, EncodingType: in.EncodingType}
	if p.More && in.Delimiter != "" {
		out.NextMarker = p.encode(p.Last)
	}
	return out, nil
}

// page is a page of a listing.
type page struct {
	object.Listing
	max      int
	contents []Object
	prefixes []CommonPrefix
	encode   func(string) string
}

func (s *Service) list(ctx context.Context, in *listMembers, after string, withOwner bool) (*page, error) {
	b, err := s.bucket(ctx, in.Bucket, in.ExpectedBucketOwner)
	if err != nil {
		return nil, err
	}
	p := &page{max: 1000}
	if p.encode, err = encoder(in.EncodingType); err != nil {
		return nil, err
	}
	if in.MaxKeys != nil {
		if *in.MaxKeys < 0 {
			return nil, invalidArgument("max-keys", "", "Argument maxKeys must be an integer between 0 and 2147483647")
		}
		p.max = min(*in.MaxKeys, 1000)
	}
	p.Listing, err = s.objects.List(ctx, in.Bucket, object.ListOptions{Prefix: in.Prefix, Delimiter: in.Delimiter, After: after, Max: p.max})
	if err != nil {
		return nil, s3Error(err, in.Bucket, "")
	}
	for _, obj := range p.Objects {
		item := Object{Key: p.encode(obj.Key), LastModified: seconds(obj.Modified), ETag: quote(obj.ETag), ChecksumType: obj.Checksum.Type,
			ChecksumAlgorithm: []string{obj.Checksum.Algorithm}, Size: obj.Size, StorageClass: "STANDARD"}
		if withOwner {
			o := owner(b.Account)
			item.Owner = &o
		}
		p.contents = append(p.contents, item)
	}
	for _, prefix := range p.Prefixes {
		p.prefixes = append(p.prefixes, CommonPrefix{p.encode(prefix)})
	}
	return p, nil
}

// encoder returns the encoding of names that a client wants, so that XML can
// carry them.
func encoder(kind string) (func(string) string, error) {
	switch kind {
	case "":
		return func(s string) string { return s }, nil
	case "url":
		return escapeKey, nil
	}
	return nil, invalidArgument("encoding-type", kind, "Invalid Encoding Method specified in Request")
}

// escapeKey percent-encodes all but letters, digits, "-._~*" and the slash.
func escapeKey(s string) string {
	const hexDigits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~*/", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', hexDigits[c>>4], hexDigits[c&15]})
	}
	return b.String()
}

// token is the continuation token behind a name.
func token(last string) string { return base64.RawURLEncoding.EncodeToString([]byte("1" + last)) }

func parseToken(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) == 0 || raw[0] != '1' {
		return "", invalidArgument("continuation-token", text, "The continuation token provided is incorrect")
	}
	return string(raw[1:]), nil
}
