package s3

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"salamander/object"
	"salamander/operation"
)

// Checksums are the members for the additional checksums, in and out.
type Checksums struct {
	ChecksumCRC32     string `json:"ChecksumCRC32,omitempty"`
	ChecksumCRC32C    string `json:"ChecksumCRC32C,omitempty"`
	ChecksumCRC64NVME string `json:"ChecksumCRC64NVME,omitempty"`
	ChecksumSHA1      string `json:"ChecksumSHA1,omitempty"`
	ChecksumSHA256    string `json:"ChecksumSHA256,omitempty"`
}

func (c *Checksums) member(algorithm string) *string {
	switch algorithm {
	case object.CRC32:
		return &c.ChecksumCRC32
	case object.CRC32C:
		return &c.ChecksumCRC32C
	case object.CRC64NVME:
		return &c.ChecksumCRC64NVME
	case object.SHA1:
		return &c.ChecksumSHA1
	case object.SHA256:
		return &c.ChecksumSHA256
	}
	panic("no checksum algorithm " + algorithm)
}

func checksumsOf(sum object.Checksum) (c Checksums) {
	if sum.Algorithm != "" {
		*c.member(sum.Algorithm) = sum.Value
	}
	return c
}

// given returns the one checksum that a client sent, or none.
func (c *Checksums) given() (object.Checksum, error) {
	var found object.Checksum
	for _, algorithm := range object.Algorithms() {
		value := *c.member(algorithm)
		if value == "" {
			continue
		}
		if found.Algorithm != "" {
			return found, invalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
		}
		found = object.Checksum{Algorithm: algorithm, Value: value}
	}
	return found, nil
}

// Stored are the members that are stored with an object.
type Stored struct {
	CacheControl       string            `json:"CacheControl,omitempty"`
	ContentDisposition string            `json:"ContentDisposition,omitempty"`
	ContentEncoding    string            `json:"ContentEncoding,omitempty"`
	ContentLanguage    string            `json:"ContentLanguage,omitempty"`
	ContentType        string            `json:"ContentType,omitempty"`
	Expires            string            `json:"Expires,omitempty"`
	Metadata           map[string]string `json:"Metadata,omitempty"`
}

func (s Stored) attributes() (object.Attributes, error) {
	size := 0
	for k, v := range s.Metadata {
		size += len(k) + len(v)
	}
	if size > 2048 {
		return object.Attributes{}, failure(400, "MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size",
			map[string]any{"Size": fmt.Sprint(size), "MaxSizeAllowed": "2048"})
	}
	a := object.Attributes{ContentType: s.ContentType, CacheControl: s.CacheControl, ContentDisposition: s.ContentDisposition,
		ContentEncoding: s.ContentEncoding, ContentLanguage: s.ContentLanguage, Expires: s.Expires, Metadata: s.Metadata}
	if a.ContentType == "" {
		a.ContentType = "binary/octet-stream"
	}
	return a, nil
}

func storedOf(a object.Attributes) Stored {
	return Stored{CacheControl: a.CacheControl, ContentDisposition: a.ContentDisposition, ContentEncoding: a.ContentEncoding,
		ContentLanguage: a.ContentLanguage, ContentType: a.ContentType, Expires: a.Expires, Metadata: a.Metadata}
}

// Accepted are members whose only accepted values are what Salamander does
// anyway.
type Accepted struct {
	ACL                 string `json:"ACL,omitempty"`
	StorageClass        string `json:"StorageClass,omitempty"`
	RequestPayer        string `json:"RequestPayer,omitempty"`
	ExpectedBucketOwner string `json:"ExpectedBucketOwner,omitempty"`
}

func (a Accepted) check(name string) error {
	if a.ACL != "" && a.ACL != "private" && a.ACL != "bucket-owner-full-control" {
		return operation.NotImplemented(service, name, "the access control list "+a.ACL)
	}
	if a.StorageClass != "" && a.StorageClass != "STANDARD" {
		return operation.NotImplemented(service, name, "the storage class "+a.StorageClass)
	}
	return nil
}

// Content is a streaming member of an input, with its digests.
type Content struct {
	ContentLength     *int64 `json:"ContentLength,omitempty"`
	ContentMD5        string `json:"ContentMD5,omitempty"`
	ChecksumAlgorithm string `json:"ChecksumAlgorithm,omitempty"`
	Checksums
	body io.Reader
}

// TakeBody takes the streaming member.
func (c *Content) TakeBody(r io.Reader) { c.body = r }

// maxUpload is the most that one put or part may have: 5 GiB.
const maxUpload = 5 << 30

// trailed is a body that is followed by trailing headers.
type trailed interface{ Trailer() http.Header }

// options makes the options of a put from the digests.
func (c *Content) options() (opt object.PutOptions, err error) {
	if c.body == nil {
		c.body = strings.NewReader("")
	}
	if c.ContentMD5 != "" {
		opt.MD5, err = base64.StdEncoding.DecodeString(c.ContentMD5)
		if err != nil || len(opt.MD5) != 16 {
			return opt, failure(400, "InvalidDigest", "The Content-MD5 you specified was invalid.", map[string]any{"Content-MD5": c.ContentMD5})
		}
	}
	if c.ContentLength != nil && *c.ContentLength > maxUpload {
		return opt, failure(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size",
			map[string]any{"ProposedSize": fmt.Sprint(*c.ContentLength), "MaxSizeAllowed": fmt.Sprint(int64(maxUpload))})
	}
	opt.Checksum, err = c.given()
	if err != nil {
		return opt, err
	}
	if sum := opt.Checksum; sum.Algorithm != "" {
		if !object.ValidChecksum(sum.Algorithm, sum.Value) {
			return opt, invalidRequest("Value for x-amz-checksum-" + strings.ToLower(sum.Algorithm) + " header is invalid.")
		}
		return opt, nil
	}
	if c.ChecksumAlgorithm == "" {
		return opt, nil
	}
	if !slices.Contains(object.Algorithms(), c.ChecksumAlgorithm) {
		return opt, operation.NotImplemented(service, "PutObject", "the checksum algorithm "+c.ChecksumAlgorithm)
	}
	opt.Checksum.Algorithm = c.ChecksumAlgorithm
	if t, ok := c.body.(trailed); ok {
		opt.Announced = func() string { return t.Trailer().Get("x-amz-checksum-" + strings.ToLower(c.ChecksumAlgorithm)) }
	}
	return opt, nil
}

// quote puts an ETag into the quotes that S3 gives it.
func quote(etag string) string { return `"` + etag + `"` }

func unquote(etag string) string {
	etag = strings.TrimPrefix(strings.TrimSpace(etag), "W/")
	return strings.Trim(etag, `"`)
}

// seconds is a time as S3 shows it.
func seconds(t time.Time) operation.Time { return operation.Time{Time: t.Truncate(time.Second)} }

func condition(ifMatch, ifNoneMatch string) (object.Condition, error) {
	if ifNoneMatch != "" && ifNoneMatch != "*" {
		return object.Condition{}, operation.NotImplemented(service, "PutObject", "If-None-Match with an ETag; S3 takes only *")
	}
	return object.Condition{IfMatch: unquote(ifMatch), IfNoneMatch: ifNoneMatch}, nil
}

// conditionError names the condition that did not hold.
func conditionError(err error, c object.Condition, bucket, key string) error {
	err = s3Error(err, bucket, key)
	if e := operation.AsError(err); err != nil && e.Code == "PreconditionFailed" {
		name := "If-None-Match"
		if c.IfMatch != "" {
			name = "If-Match"
		}
		e.Members = map[string]any{"Condition": name}
	}
	return err
}

// readConditions are the conditions of a read.
type readConditions struct {
	ifMatch, ifNoneMatch               string
	ifModifiedSince, ifUnmodifiedSince operation.Time
	prefix                             string // of the headers' names: "x-amz-copy-source-" or nothing
}

// check judges the conditions as RFC 9110 section 13.2.2 orders them. A read
// that is not wanted any more is the error NotModified with status 304; for
// copies, PreconditionFailed.
func (c readConditions) check(obj *object.Object) error {
	modified := obj.Modified.Truncate(time.Second)
	if c.ifMatch != "" {
		if !matches(c.ifMatch, obj.ETag) {
			return preconditionFailed(c.prefix + "If-Match")
		}
	} else if !c.ifUnmodifiedSince.IsZero() && modified.After(c.ifUnmodifiedSince.Time) {
		return preconditionFailed(c.prefix + "If-Unmodified-Since")
	}
	failed := ""
	if c.ifNoneMatch != "" {
		if matches(c.ifNoneMatch, obj.ETag) {
			failed = "If-None-Match"
		}
	} else if !c.ifModifiedSince.IsZero() && !modified.After(c.ifModifiedSince.Time) {
		failed = "If-Modified-Since"
	}
	switch {
	case failed == "":
		return nil
	case c.prefix != "":
		return preconditionFailed(c.prefix + failed)
	}
	return failure(304, "NotModified", "Not Modified", map[string]any{"ETag": quote(obj.ETag)})
}

func matches(list, etag string) bool {
	for item := range strings.SplitSeq(list, ",") {
		if item = unquote(item); item == "*" || item == etag {
			return true
		}
	}
	return false
}

// onlyNull refuses the versions that there are not: without versioning, every
// object has the version null.
func onlyNull(versionID string) error {
	if versionID == "" || versionID == "null" {
		return nil
	}
	return invalidArgument("versionId", versionID, "Invalid version id specified")
}

func (s *Service) head(ctx context.Context, bucket, key, expectedOwner, versionID string) (object.Object, error) {
	if _, err := s.bucket(ctx, bucket, expectedOwner); err != nil {
		return object.Object{}, err
	}
	if err := onlyNull(versionID); err != nil {
		return object.Object{}, err
	}
	obj, err := s.objects.Head(ctx, bucket, key)
	return obj, s3Error(err, bucket, key)
}
