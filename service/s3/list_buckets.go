package s3

import (
	"context"
	"strings"

	"salamander/operation"
)

// ListBucketsInput is the input of [Service.ListBuckets].
type ListBucketsInput struct {
	MaxBuckets        *int   `json:"MaxBuckets,omitempty"`
	ContinuationToken string `json:"ContinuationToken,omitempty"`
	Prefix            string `json:"Prefix,omitempty"`
	BucketRegion      string `json:"BucketRegion,omitempty"`
}

// ListBucketsOutput is the output of [Service.ListBuckets].
type ListBucketsOutput struct {
	Buckets           []Bucket `json:"Buckets"`
	Owner             Owner    `json:"Owner"`
	ContinuationToken string   `json:"ContinuationToken,omitempty"`
	Prefix            string   `json:"Prefix,omitempty"`
}

// A Bucket is one of the caller's.
type Bucket struct {
	Name         string         `json:"Name"`
	CreationDate operation.Time `json:"CreationDate"`
	BucketRegion string         `json:"BucketRegion,omitempty"`
	BucketArn    string         `json:"BucketArn,omitempty"`
}

// ListBuckets lists the caller's buckets.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html
func (s *Service) ListBuckets(ctx context.Context, in *ListBucketsInput) (*ListBucketsOutput, error) {
	limit := 10000
	if in.MaxBuckets != nil {
		limit = *in.MaxBuckets
	}
	if limit < 1 || limit > 10000 {
		return nil, invalidArgument("max-buckets", "", "Argument max-buckets must be an integer between 1 and 10000")
	}
	after, err := parseToken(in.ContinuationToken)
	if err != nil {
		return nil, err
	}
	account := operation.CallerOf(ctx).Account
	all, err := s.objects.ListBuckets(ctx, account)
	if err != nil {
		return nil, err
	}
	out := &ListBucketsOutput{Buckets: []Bucket{}, Owner: owner(account), Prefix: in.Prefix}
	for _, b := range all {
		if b.Name <= after || !strings.HasPrefix(b.Name, in.Prefix) || in.BucketRegion != "" && in.BucketRegion != b.Region {
			continue
		}
		if len(out.Buckets) == limit {
			out.ContinuationToken = token(out.Buckets[limit-1].Name)
			break
		}
		out.Buckets = append(out.Buckets, Bucket{b.Name, seconds(b.Created), b.Region, "arn:aws:s3:::" + b.Name})
	}
	return out, nil
}
