package s3

import (
	"context"

	"salamander/object"
	"salamander/operation"
)

// DeleteObjectsInput is the input of [Service.DeleteObjects].
type DeleteObjectsInput struct {
	Bucket              string
	Delete              Delete
	ChecksumAlgorithm   string `json:"ChecksumAlgorithm,omitempty"`
	RequestPayer        string `json:"RequestPayer,omitempty"`
	ExpectedBucketOwner string `json:"ExpectedBucketOwner,omitempty"`
}

// Delete names the objects to remove.
type Delete struct {
	Objects []ObjectIdentifier
	Quiet   bool `json:"Quiet,omitempty"` // errors only
}

// An ObjectIdentifier names an object.
type ObjectIdentifier struct {
	Key       string
	VersionID string `json:"VersionId,omitempty"`
	ETag      string `json:"ETag,omitempty"`
}

// DeleteObjectsOutput is the output of [Service.DeleteObjects].
type DeleteObjectsOutput struct {
	Deleted []DeletedObject `json:"Deleted,omitempty"`
	Errors  []DeleteError   `json:"Errors,omitempty"`
}

// A DeletedObject was removed, or was not there.
type DeletedObject struct {
	Key       string `json:"Key"`
	VersionID string `json:"VersionId,omitempty"` // null, where it was asked for
}

// A DeleteError tells why an object was not removed.
type DeleteError struct {
	Key     string `json:"Key"`
	Code    string `json:"Code"`
	Message string `json:"Message"`
}

// DeleteObjects removes up to 1,000 objects, each by itself.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
func (s *Service) DeleteObjects(ctx context.Context, in *DeleteObjectsInput) (*DeleteObjectsOutput, error) {
	if _, err := s.bucket(ctx, in.Bucket, in.ExpectedBucketOwner); err != nil {
		return nil, err
	}
	if n := len(in.Delete.Objects); n == 0 || n > 1000 {
		return nil, malformedXML()
	}
	errs := s.deleteAll(ctx, in)
	out := &DeleteObjectsOutput{}
	for i, obj := range in.Delete.Objects {
		if errs[i] != nil {
			e := operation.AsError(errs[i])
			out.Errors = append(out.Errors, DeleteError{obj.Key, e.Code, e.Message})
		} else if !in.Delete.Quiet {
			out.Deleted = append(out.Deleted, DeletedObject{obj.Key, obj.VersionID})
		}
	}
	return out, nil
}

// deleteAll removes many at a time, so that they share commits.
func (s *Service) deleteAll(ctx context.Context, in *DeleteObjectsInput) []error {
	errs := make([]error, len(in.Delete.Objects))
	done := make(chan struct{}, len(errs))
	slots := make(chan struct{}, 64)
	for i, obj := range in.Delete.Objects {
		slots <- struct{}{}
		go func() {
			defer func() { <-slots; done <- struct{}{} }()
			if errs[i] = onlyNull(obj.VersionID); errs[i] == nil {
				c := object.Condition{IfMatch: unquote(obj.ETag)}
				errs[i] = conditionError(s.objects.Delete(ctx, in.Bucket, obj.Key, c), c, in.Bucket, obj.Key)
			}
		}()
	}
	for range in.Delete.Objects {
		<-done
	}
	return errs
}
