package object

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// PutOptions are what comes with a content. The zero value works.
type PutOptions struct {
	Attributes
	Condition
	MD5       []byte   // that the content must have; nil for any
	Checksum  Checksum // algorithm, CRC64NVME when empty, and the value wanted, any when empty
	Announced func() string
	// Announced, where it is set, returns the value wanted once the content
	// was read: it comes in a trailing header.
}

// Put stores what r gives, until io.EOF, as the object of a key. It returns
// when the object is durable. Nothing changes when it fails, be it because r
// fails ([ErrDigest] included), the disk is full ([ErrFull]), the condition
// does not hold ([ErrPrecondition], [ErrNoKey]) or there is no bucket.
func (o *Objects) Put(ctx context.Context, bucket, key string, r io.Reader, opt PutOptions) (Object, error) {
	if err := o.admit(ctx, bucket, key); err != nil {
		return Object{}, named(err, bucket, key)
	}
	if c := opt.Condition; c != (Condition{}) { // judged again with the commit
		old, err := o.lookup(ctx, bucket, key)
		if err == nil {
			err = c.Holds(old)
		}
		if err != nil {
			return Object{}, named(err, bucket, key)
		}
	}
	w, err := o.receive(ctx, r, opt)
	if err != nil {
		return Object{}, named(err, bucket, key)
	}
	obj := Object{Bucket: bucket, Key: key, Size: w.size, ETag: hex.EncodeToString(w.md5), Modified: o.now(),
		Checksum: w.checksum, Attributes: opt.Attributes, Blob: w.name}
	return o.commit(ctx, obj, opt.Condition, "PutObject")
}

// admit checks what can be checked before the content is read.
func (o *Objects) admit(ctx context.Context, bucket, key string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	_, err := o.index.Bucket(ctx, bucket)
	return err
}

// CheckKey returns [ErrKeyTooLong] or [ErrKeyInvalid] for a key that S3 does
// not take.
func CheckKey(key string) error {
	switch {
	case len(key) > 1024:
		return ErrKeyTooLong
	case key == "" || !utf8.ValidString(key):
		return ErrKeyInvalid
	}
	return nil
}

// receive writes a content and compares its digests with what was announced.
func (o *Objects) receive(ctx context.Context, r io.Reader, opt PutOptions) (written, error) {
	algorithm := opt.Checksum.Algorithm
	if algorithm == "" {
		algorithm = CRC64NVME
	}
	w, err := o.blobs.write(ctx, r, algorithm)
	if err != nil {
		return w, err
	}
	want := opt.Checksum.Value
	if opt.Announced != nil {
		want = opt.Announced()
	}
	switch {
	case opt.MD5 != nil && !bytes.Equal(opt.MD5, w.md5):
		b64 := base64.StdEncoding.EncodeToString
		err = &DigestError{"MD5", b64(opt.MD5), b64(w.md5)}
	case want != "" && want != w.checksum.Value:
		err = &DigestError{algorithm, want, w.checksum.Value}
	}
	if err != nil {
		o.blobs.free(w.name)
	}
	return w, err
}

// commit makes a written blob the object of its key.
func (o *Objects) commit(ctx context.Context, obj Object, c Condition, reason string) (Object, error) {
	freed, err := o.index.PutObject(ctx, obj, c, reason)
	if err != nil {
		o.drop(ctx, obj)
		return Object{}, named(err, obj.Bucket, obj.Key)
	}
	o.blobs.free(freed...)
	return obj, nil
}

// drop removes the blob of a commit that failed, but not where the commit may
// have gone through: a caller that left, or an answer that was lost.
func (o *Objects) drop(ctx context.Context, obj Object) {
	there, err := o.index.Object(context.WithoutCancel(ctx), obj.Bucket, obj.Key)
	if (err == nil && there.Blob == obj.Blob) || ctx.Err() != nil {
		return // swept at the next start if it is not in use
	}
	o.blobs.free(obj.Blob)
}

// CopyOptions say what a copy takes from its source.
type CopyOptions struct {
	Condition                     // for the target
	Source    func(*Object) error // judges the source; may be nil
	Replace   *Attributes         // instead of the source's; nil keeps them
	Algorithm string              // of the copy's checksum; the source's when empty
}

// Copy stores the content of one key as another, or as the same with other
// attributes.
func (o *Objects) Copy(ctx context.Context, fromBucket, fromKey, bucket, key string, opt CopyOptions) (Object, error) {
	if err := o.admit(ctx, bucket, key); err != nil {
		return Object{}, named(err, bucket, key)
	}
	src, err := o.Open(ctx, fromBucket, fromKey)
	if err != nil {
		return Object{}, err
	}
	defer src.Close()
	if opt.Source != nil {
		if err := opt.Source(&src.Object); err != nil {
			return Object{}, err
		}
	}
	obj := Object{Bucket: bucket, Key: key, Size: src.Size, ETag: src.ETag, Modified: o.now(), Checksum: src.Checksum, Attributes: src.Attributes}
	if opt.Replace != nil {
		obj.Attributes = *opt.Replace
	}
	if err := o.copyBlob(ctx, src, &obj, opt.Algorithm); err != nil {
		return Object{}, named(err, bucket, key)
	}
	return o.commit(ctx, obj, opt.Condition, "CopyObject")
}

// copyBlob links the content where its digests stay the same, and writes it
// again otherwise: a copy of parts is no longer in parts.
func (o *Objects) copyBlob(ctx context.Context, src *Reader, obj *Object, algorithm string) error {
	if algorithm == "" {
		algorithm = src.Checksum.Algorithm
	}
	if !strings.Contains(src.ETag, "-") && algorithm == src.Checksum.Algorithm {
		name, err := o.blobs.link(src.Blob)
		if err != nil {
			return full(err)
		}
		if name != "" {
			obj.Blob = name
			return nil
		}
	}
	w, err := o.blobs.write(ctx, src, algorithm)
	if err != nil {
		return fmt.Errorf("copy %q: %w", src.Key, err)
	}
	obj.Blob, obj.Checksum, obj.ETag = w.name, w.checksum, hex.EncodeToString(w.md5)
	return nil
}
