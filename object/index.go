package object

import (
	"context"
	"time"
)

// An Index resolves keys to blobs, durably. Every change is one commit. The
// methods that take blobs out of use return their names, for [Objects] to
// remove once nobody reads them.
type Index interface {
	// CreateBucket stores b, or returns the bucket of that name that is there
	// with [ErrBucketExists].
	CreateBucket(ctx context.Context, b Bucket) (Bucket, error)
	// DeleteBucket removes a bucket without objects, and the uploads under way
	// in it: ErrNoBucket, ErrBucketNotEmpty.
	DeleteBucket(ctx context.Context, name string) (freed []string, err error)
	// Bucket returns a bucket, or ErrNoBucket.
	Bucket(ctx context.Context, name string) (Bucket, error)
	// SetNotification stores a bucket's notification: ErrNoBucket.
	SetNotification(ctx context.Context, name, notification string) error
	// Buckets returns the buckets of an account, by name.
	Buckets(ctx context.Context, account string) ([]Bucket, error)

	// PutObject stores obj where c holds, in place of the object of that key:
	// ErrNoBucket, and what [Condition.Holds] returns. It emits the event
	// with the same commit.
	PutObject(ctx context.Context, obj Object, c Condition, reason string) (freed []string, err error)
	// Object returns an object: ErrNoBucket, ErrNoKey.
	Object(ctx context.Context, bucket, key string) (Object, error)
	// Objects returns at most limit objects whose keys are at least from and
	// less than to (no bound when empty), in the order of their bytes. A
	// bucket that is not there is empty.
	Objects(ctx context.Context, bucket, from, to string, limit int) ([]Object, error)
	// DeleteObject removes an object where c holds; one that is not there is
	// no error: ErrNoBucket, ErrPrecondition.
	DeleteObject(ctx context.Context, bucket, key string, c Condition) (freed []string, err error)

	// CreateUpload stores u, or returns the upload that has its ID already.
	CreateUpload(ctx context.Context, u Upload) (Upload, error)
	// Upload returns an upload, or ErrNoUpload.
	Upload(ctx context.Context, bucket, key, id string) (Upload, error)
	// Uploads returns the uploads of a bucket, by key and start.
	Uploads(ctx context.Context, bucket string) ([]Upload, error)
	// PutPart stores p in place of the part of its number: ErrNoUpload.
	PutPart(ctx context.Context, id string, p Part) (freed []string, err error)
	// Parts returns the parts of an upload by number.
	Parts(ctx context.Context, id string) ([]Part, error)
	// CompleteUpload ends the upload and stores obj, as PutObject does:
	// ErrNoUpload too.
	CompleteUpload(ctx context.Context, id string, obj Object, c Condition) (freed []string, err error)
	// AbortUpload removes an upload and its parts: ErrNoUpload.
	AbortUpload(ctx context.Context, id string) (freed []string, err error)

	// Blobs calls f with every blob in use.
	Blobs(ctx context.Context, f func(name string)) error
}

// An Upload is a multipart upload under way.
type Upload struct {
	ID        string
	Bucket    string
	Key       string
	Started   time.Time
	Algorithm string // of the checksums; CRC64NVME when the client named none
	Type      string // FULL_OBJECT or COMPOSITE
	Named     bool   // the client named the algorithm
	Attributes
}

// A Part is one uploaded part.
type Part struct {
	Number   int
	Size     int64
	ETag     string
	Modified time.Time
	Checksum Checksum
	Blob     string
}

// An Event is what the index emits when an object is created or removed, on
// the topic "s3.object" with the key "bucket/key".
type Event struct {
	Type      string `json:"type"`   // "Object Created" or "Object Deleted"
	Reason    string `json:"reason"` // "PutObject", "CopyObject", "CompleteMultipartUpload", "DeleteObject"
	Account   string `json:"account"`
	Region    string `json:"region"`
	Bucket    string `json:"bucket"`
	Key       string `json:"key"`
	Size      int64  `json:"size"`
	ETag      string `json:"eTag"`
	Sequencer string `json:"sequencer"` // rises with every event of a key, as text
	Time      int64  `json:"time"`      // Unix milliseconds
}
