package object

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"os"
)

// UploadOptions begin a multipart upload.
type UploadOptions struct {
	Attributes
	Algorithm string // of the checksums; CRC64NVME when empty
	Type      string // COMPOSITE or FULL_OBJECT; what S3 takes for the algorithm when empty
}

// CreateUpload begins a multipart upload with the identifier id. When there
// is one of that id already, it returns that one.
func (o *Objects) CreateUpload(ctx context.Context, bucket, key, id string, opt UploadOptions) (Upload, error) {
	if err := o.admit(ctx, bucket, key); err != nil {
		return Upload{}, named(err, bucket, key)
	}
	u := Upload{ID: id, Bucket: bucket, Key: key, Started: o.now(), Attributes: opt.Attributes,
		Algorithm: opt.Algorithm, Type: opt.Type, Named: opt.Algorithm != ""}
	if u.Algorithm == "" {
		u.Algorithm = CRC64NVME
	}
	if u.Type == "" {
		u.Type = Composite
		if u.Algorithm == CRC64NVME {
			u.Type = FullObject
		}
	}
	u, err := o.index.CreateUpload(ctx, u)
	return u, named(err, bucket, key)
}

// Upload returns an upload under way, or [ErrNoUpload].
func (o *Objects) Upload(ctx context.Context, bucket, key, id string) (Upload, error) {
	u, err := o.index.Upload(ctx, bucket, key, id)
	return u, named(err, bucket, key)
}

// Uploads returns the uploads of a bucket by key and start, or [ErrNoBucket].
func (o *Objects) Uploads(ctx context.Context, bucket string) ([]Upload, error) {
	if _, err := o.index.Bucket(ctx, bucket); err != nil {
		return nil, named(err, bucket, "")
	}
	return o.index.Uploads(ctx, bucket)
}

// PutPart stores a part in place of the one of its number. Its checksum is
// that of the upload where opt has none. Attributes and Condition of opt are
// not used.
func (o *Objects) PutPart(ctx context.Context, u Upload, number int, r io.Reader, opt PutOptions) (Part, error) {
	if opt.Checksum.Algorithm == "" {
		opt.Checksum.Algorithm = u.Algorithm
	}
	w, err := o.receive(ctx, r, opt)
	if err != nil {
		return Part{}, named(err, u.Bucket, u.Key)
	}
	p := Part{Number: number, Size: w.size, ETag: hex.EncodeToString(w.md5), Modified: o.now(), Checksum: w.checksum, Blob: w.name}
	freed, err := o.index.PutPart(ctx, u.ID, p)
	if err != nil {
		if ctx.Err() == nil {
			o.blobs.free(w.name)
		}
		return Part{}, named(err, u.Bucket, u.Key)
	}
	o.blobs.free(freed...)
	return p, nil
}

// Parts returns the parts of an upload by number.
func (o *Objects) Parts(ctx context.Context, u Upload) ([]Part, error) {
	parts, err := o.index.Parts(ctx, u.ID)
	return parts, named(err, u.Bucket, u.Key)
}

// A PartRef names a part that a client wants in its object.
type PartRef struct {
	Number   int
	ETag     string // without quotes
	Checksum string // base64; empty for any
}

// CompleteOptions end a multipart upload.
type CompleteOptions struct {
	Condition
	Checksum string // of the whole, as the upload's algorithm makes it; empty for any
	Size     int64  // of the whole; -1 for any
}

// Complete makes the parts, in the order of refs, the object of the upload's
// key: [ErrInvalidPart], [ErrPartOrder], [ErrPartTooSmall], [ErrDigest].
func (o *Objects) Complete(ctx context.Context, u Upload, refs []PartRef, opt CompleteOptions) (Object, error) {
	obj, err := o.complete(ctx, u, refs, opt)
	return obj, named(err, u.Bucket, u.Key)
}

func (o *Objects) complete(ctx context.Context, u Upload, refs []PartRef, opt CompleteOptions) (Object, error) {
	parts, err := o.choose(ctx, u, refs)
	if err != nil {
		return Object{}, err
	}
	w, err := o.joinParts(ctx, u, parts)
	if err != nil {
		return Object{}, err
	}
	obj := Object{Bucket: u.Bucket, Key: u.Key, Size: w.size, ETag: partsETag(parts), Modified: o.now(),
		Checksum: w.checksum, Attributes: u.Attributes, Blob: w.name}
	for _, p := range parts {
		obj.Parts = append(obj.Parts, p.Size)
	}
	if u.Type == Composite {
		obj.Checksum, err = composite(u.Algorithm, parts)
	}
	switch {
	case err != nil:
	case opt.Checksum != "" && opt.Checksum != obj.Checksum.Value:
		err = &DigestError{u.Algorithm, opt.Checksum, obj.Checksum.Value}
	case opt.Size >= 0 && opt.Size != obj.Size:
		err = fmt.Errorf("the object has %d bytes; want %d: %w", obj.Size, opt.Size, ErrDigest)
	}
	if err != nil {
		o.blobs.free(w.name)
		return Object{}, err
	}
	freed, err := o.index.CompleteUpload(ctx, u.ID, obj, opt.Condition)
	if err != nil {
		o.drop(ctx, obj)
		return Object{}, err
	}
	o.blobs.free(freed...)
	return obj, nil
}

// choose finds the parts that refs name.
func (o *Objects) choose(ctx context.Context, u Upload, refs []PartRef) ([]Part, error) {
	there, err := o.index.Parts(ctx, u.ID)
	if err != nil {
		return nil, err
	}
	byNumber := map[int]Part{}
	for _, p := range there {
		byNumber[p.Number] = p
	}
	var parts []Part
	for i, ref := range refs {
		if i > 0 && ref.Number <= refs[i-1].Number {
			return nil, ErrPartOrder
		}
		p, ok := byNumber[ref.Number]
		if !ok || p.ETag != ref.ETag || ref.Checksum != "" && ref.Checksum != p.Checksum.Value {
			return nil, fmt.Errorf("part %d: %w", ref.Number, ErrInvalidPart)
		}
		parts = append(parts, p)
	}
	if len(parts) == 0 {
		return nil, ErrInvalidPart
	}
	for _, p := range parts[:len(parts)-1] {
		if p.Size < o.opt.MinPartSize {
			return nil, fmt.Errorf("part %d has %d bytes: %w", p.Number, p.Size, ErrPartTooSmall)
		}
	}
	return parts, nil
}

// joinParts writes the parts into one blob.
func (o *Objects) joinParts(ctx context.Context, u Upload, parts []Part) (written, error) {
	c := &concat{}
	for _, p := range parts {
		if !o.blobs.pin(p.Blob) { // the upload ended, or the part was replaced
			return written{}, fmt.Errorf("part %d: %w", p.Number, ErrInvalidPart)
		}
		defer o.blobs.unpin(p.Blob)
		c.paths = append(c.paths, o.blobs.path(p.Blob))
	}
	defer c.close()
	return o.blobs.write(ctx, c, u.Algorithm)
}

// concat reads files one behind the other, one open at a time.
type concat struct {
	paths []string
	f     *os.File
}

func (c *concat) Read(p []byte) (int, error) {
	for {
		if c.f == nil {
			if len(c.paths) == 0 {
				return 0, io.EOF
			}
			f, err := os.Open(c.paths[0])
			if err != nil {
				return 0, err
			}
			c.f, c.paths = f, c.paths[1:]
		}
		n, err := c.f.Read(p)
		if err == io.EOF {
			c.close()
			err = nil
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

func (c *concat) close() {
	if c.f != nil {
		c.f.Close()
		c.f = nil
	}
}

// partsETag is the MD5 over the MD5s of the parts, and their number.
func partsETag(parts []Part) string {
	h := md5.New()
	for _, p := range parts {
		raw, err := hex.DecodeString(p.ETag)
		if err != nil {
			panic("the ETag of a part is no MD5: " + p.ETag)
		}
		h.Write(raw)
	}
	return fmt.Sprintf("%x-%d", h.Sum(nil), len(parts))
}

// Abort ends an upload and removes its parts, or returns [ErrNoUpload].
func (o *Objects) Abort(ctx context.Context, u Upload) error {
	freed, err := o.index.AbortUpload(ctx, u.ID)
	if err != nil {
		return named(err, u.Bucket, u.Key)
	}
	o.blobs.free(freed...)
	return nil
}
