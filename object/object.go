// Package object keeps buckets and objects on a file system. Contents are
// immutable blobs with random names; an [Index] resolves a key to its blob.
// A writer puts the blob down first and commits the index after, so that an
// object is there whole or not at all; a reader pins the blob it resolved,
// so that an overwrite never changes what it reads.
package object

import (
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Errors that callers branch on. They are wrapped with bucket and key.
var (
	ErrNoBucket       = errors.New("the bucket does not exist")
	ErrBucketExists   = errors.New("the bucket exists")
	ErrBucketNotEmpty = errors.New("the bucket is not empty")
	ErrBucketName     = errors.New("the bucket name is not valid")
	ErrNoKey          = errors.New("the key does not exist")
	ErrKeyTooLong     = errors.New("the key is longer than 1024 bytes")
	ErrKeyInvalid     = errors.New("the key is no UTF-8 text")
	ErrPrecondition   = errors.New("the precondition does not hold")
	ErrNoUpload       = errors.New("the upload does not exist")
	ErrInvalidPart    = errors.New("a part does not exist or has another ETag")
	ErrPartOrder      = errors.New("the parts are not in ascending order")
	ErrPartTooSmall   = errors.New("a part other than the last is too small")
	ErrDigest         = errors.New("the content does not match its digest")
	ErrFull           = errors.New("no space left for the object")
)

// A Bucket holds objects. Its name is unique among all accounts.
type Bucket struct {
	Name    string
	Account string
	Region  string
	Created time.Time

	Notification string // for [ParseNotification]
}

// Attributes are what a client stores with an object and gets back.
type Attributes struct {
	ContentType        string            `json:"contentType,omitempty"`
	CacheControl       string            `json:"cacheControl,omitempty"`
	ContentDisposition string            `json:"contentDisposition,omitempty"`
	ContentEncoding    string            `json:"contentEncoding,omitempty"`
	ContentLanguage    string            `json:"contentLanguage,omitempty"`
	Expires            string            `json:"expires,omitempty"` // as sent
	Metadata           map[string]string `json:"metadata,omitempty"`
}

// An Object is what the index holds of an object.
type Object struct {
	Bucket   string
	Key      string
	Size     int64
	ETag     string // without quotes
	Modified time.Time
	Checksum Checksum
	Parts    []int64 // sizes of the parts of a multipart upload; nil otherwise
	Attributes
	Blob string // name of the content
}

// A Condition must hold when an object is written. The zero value always does.
type Condition struct {
	IfMatch     string // ETag that the object there must have, or "*"
	IfNoneMatch string // "*": there must be none
}

// Holds judges the condition for the object there; old is nil when there is
// none. It returns nil, [ErrNoKey] or [ErrPrecondition].
func (c Condition) Holds(old *Object) error {
	if c.IfMatch != "" {
		if old == nil {
			return ErrNoKey
		}
		if c.IfMatch != "*" && c.IfMatch != old.ETag {
			return ErrPrecondition
		}
	}
	if c.IfNoneMatch != "" && old != nil && (c.IfNoneMatch == "*" || c.IfNoneMatch == old.ETag) {
		return ErrPrecondition
	}
	return nil
}

// Options configures [New]. The zero value works.
type Options struct {
	Now         func() time.Time // time.Now when nil
	Log         *slog.Logger     // blobs that cannot be removed; discarded when nil
	MinPartSize int64            // of all parts but the last; 5 MiB when 0
}

// Objects is the object store. Its methods may be called from many goroutines.
type Objects struct {
	index Index
	blobs *blobs
	opt   Options
}

// New opens the store whose blobs are in dir, which it makes when it is not
// there, and removes the blobs that index does not know: those of uploads and
// deletions that a crash cut. One process at a time may own dir.
func New(dir string, index Index, opt Options) (*Objects, error) {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.MinPartSize == 0 {
		opt.MinPartSize = 5 << 20
	}
	b, err := openBlobs(dir, opt.Log)
	if err != nil {
		return nil, fmt.Errorf("open the objects in %s: %w", dir, err)
	}
	o := &Objects{index: index, blobs: b, opt: opt}
	if err := o.sweep(); err != nil {
		return nil, fmt.Errorf("sweep the objects in %s: %w", dir, err)
	}
	return o, nil
}

// now is the clock in the precision that is stored.
func (o *Objects) now() time.Time { return o.opt.Now().UTC().Truncate(time.Millisecond) }

func named(err error, bucket, key string) error {
	if err == nil {
		return nil
	}
	if key == "" {
		return fmt.Errorf("bucket %q: %w", bucket, err)
	}
	return fmt.Errorf("object %q in bucket %q: %w", key, bucket, err)
}
