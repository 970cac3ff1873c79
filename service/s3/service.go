// Package s3 is the operations of Amazon S3 over the object store, one file
// an operation. It knows no HTTP: api/s3rest translates S3's REST protocol.
package s3

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"salamander/object"
	"salamander/operation"
)

// A Service carries out the operations.
type Service struct{ objects *object.Objects }

// New returns the operations over objects.
func New(objects *object.Objects) *Service { return &Service{objects} }

const service = "s3"

// Register registers the operations of s.
func (s *Service) Register(r *operation.Registry) {
	register(r, "CreateBucket", true, s.CreateBucket)
	register(r, "DeleteBucket", true, s.DeleteBucket)
	register(r, "HeadBucket", false, s.HeadBucket)
	register(r, "ListBuckets", false, s.ListBuckets)
	register(r, "GetBucketLocation", false, s.GetBucketLocation)
	register(r, "PutObject", true, s.PutObject)
	register(r, "GetObject", false, s.GetObject)
	register(r, "HeadObject", false, s.HeadObject)
	register(r, "DeleteObject", true, s.DeleteObject)
	register(r, "DeleteObjects", true, s.DeleteObjects)
	register(r, "CopyObject", true, s.CopyObject)
	register(r, "ListObjects", false, s.ListObjects)
	register(r, "ListObjectsV2", false, s.ListObjectsV2)
	register(r, "ListObjectVersions", false, s.ListObjectVersions)
	register(r, "GetBucketNotificationConfiguration", false, s.GetBucketNotificationConfiguration)
	register(r, "PutBucketNotificationConfiguration", true, s.PutBucketNotificationConfiguration)
	register(r, "GetBucketVersioning", false, s.GetBucketVersioning)
	register(r, "CreateMultipartUpload", true, s.CreateMultipartUpload)
	register(r, "UploadPart", true, s.UploadPart)
	register(r, "UploadPartCopy", true, s.UploadPartCopy)
	register(r, "CompleteMultipartUpload", true, s.CompleteMultipartUpload)
	register(r, "AbortMultipartUpload", true, s.AbortMultipartUpload)
	register(r, "ListParts", false, s.ListParts)
	register(r, "ListMultipartUploads", false, s.ListMultipartUploads)
}

// register registers f so that members which the operation does not have are
// refused by name: encryption, tags and locks must not be taken for granted.
func register[In, Out any](r *operation.Registry, name string, mutates bool, f func(context.Context, *In) (*Out, error)) {
	spec := operation.Spec{Service: service, Name: name, Mutates: mutates, Status: operation.Partial,
		Note: "no versions, encryption, tags, access control lists or locks; members for these are refused"}
	var inner operation.Registry
	operation.Register(&inner, spec, f)
	r.Handle(spec, func(ctx context.Context, req *operation.Request) (*operation.Response, error) {
		if member := unknownMember[In](req.Input); member != "" {
			return nil, operation.NotImplemented(service, name, "the member "+member)
		}
		return inner.Call(ctx, service, name, req)
	})
}

// unknownMember returns a member of doc that In does not have.
func unknownMember[In any](doc json.RawMessage) string {
	if len(doc) == 0 {
		return ""
	}
	dec := json.NewDecoder(strings.NewReader(string(doc)))
	dec.DisallowUnknownFields()
	err := dec.Decode(new(In))
	if err == nil {
		return ""
	}
	name, ok := strings.CutPrefix(err.Error(), "json: unknown field ")
	if !ok {
		return "" // Register reports it
	}
	return strings.Trim(name, `"`)
}

// bucket returns a bucket of the caller's account.
func (s *Service) bucket(ctx context.Context, name, expectedOwner string) (object.Bucket, error) {
	if name == "" {
		return object.Bucket{}, invalidArgument("Bucket", "", "a bucket name is needed")
	}
	b, err := s.objects.Bucket(ctx, name)
	if err != nil {
		return b, s3Error(err, name, "")
	}
	account := operation.CallerOf(ctx).Account
	if b.Account != account || expectedOwner != "" && expectedOwner != account {
		return b, accessDenied()
	}
	return b, nil
}

// ownerID is the canonical user id of an account.
func ownerID(account string) string {
	sum := sha256.Sum256([]byte("salamander canonical user " + account))
	return hex.EncodeToString(sum[:])
}

// An Owner owns buckets and objects.
type Owner struct {
	DisplayName string `json:"DisplayName,omitempty"`
	ID          string `json:"ID"`
}

func owner(account string) Owner { return Owner{ID: ownerID(account)} }
