package object

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
)

// CreateBucket makes a bucket. When there is one of that name already it
// returns that one and [ErrBucketExists]; its Account tells whose it is.
func (o *Objects) CreateBucket(ctx context.Context, account, region, name string) (Bucket, error) {
	if err := CheckBucketName(name); err != nil {
		return Bucket{}, err
	}
	b, err := o.index.CreateBucket(ctx, Bucket{Name: name, Account: account, Region: region, Created: o.now()})
	return b, named(err, name, "")
}

// DeleteBucket removes a bucket without objects, and the uploads under way in
// it: [ErrNoBucket], [ErrBucketNotEmpty].
func (o *Objects) DeleteBucket(ctx context.Context, name string) error {
	freed, err := o.index.DeleteBucket(ctx, name)
	if err != nil {
		return named(err, name, "")
	}
	o.blobs.free(freed...)
	return nil
}

// Bucket returns a bucket, or [ErrNoBucket].
func (o *Objects) Bucket(ctx context.Context, name string) (Bucket, error) {
	b, err := o.index.Bucket(ctx, name)
	return b, named(err, name, "")
}

// ListBuckets returns the buckets of an account, by name.
func (o *Objects) ListBuckets(ctx context.Context, account string) ([]Bucket, error) {
	return o.index.Buckets(ctx, account)
}

// CheckBucketName returns [ErrBucketName], with the reason, for a name that S3
// does not take.
//
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
func CheckBucketName(name string) error {
	bad := func(why string) error { return fmt.Errorf("%w: %q %s", ErrBucketName, name, why) }
	if len(name) < 3 || len(name) > 63 {
		return bad("must have 3 to 63 characters")
	}
	for i := range len(name) {
		c := name[i]
		alnum := 'a' <= c && c <= 'z' || '0' <= c && c <= '9'
		if !alnum && c != '-' && c != '.' {
			return bad("may have lower-case letters, digits, dots and hyphens only")
		}
		if !alnum && (i == 0 || i == len(name)-1) {
			return bad("must begin and end with a letter or digit")
		}
	}
	if strings.Contains(name, "..") {
		return bad("must not have two dots together")
	}
	if addr, err := netip.ParseAddr(name); err == nil && addr.Is4() {
		return bad("must not look like an IP address")
	}
	for _, prefix := range []string{"xn--", "sthree-", "amzn-s3-demo-"} {
		if strings.HasPrefix(name, prefix) {
			return bad("must not begin with " + prefix)
		}
	}
	for _, suffix := range []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"} {
		if strings.HasSuffix(name, suffix) {
			return bad("must not end with " + suffix)
		}
	}
	return nil
}
