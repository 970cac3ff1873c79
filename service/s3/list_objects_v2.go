package s3

import "context"

// ListObjectsV2Input is the input of [Service.ListObjectsV2].
type ListObjectsV2Input struct {
	listMembers
	ContinuationToken string `json:"ContinuationToken,omitempty"`
	FetchOwner        bool   `json:"FetchOwner,omitempty"`
	StartAfter        string `json:"StartAfter,omitempty"`
}

// ListObjectsV2Output is the output of [Service.ListObjectsV2].
type ListObjectsV2Output struct {
	IsTruncated           bool           `json:"IsTruncated"`
	Contents              []Object       `json:"Contents,omitempty"`
	Name                  string         `json:"Name"`
	Prefix                string         `json:"Prefix"`
	Delimiter             string         `json:"Delimiter,omitempty"`
	MaxKeys               int            `json:"MaxKeys"`
	CommonPrefixes        []CommonPrefix `json:"CommonPrefixes,omitempty"`
	EncodingType          string         `json:"EncodingType,omitempty"`
	KeyCount              int            `json:"KeyCount"`
	ContinuationToken     string         `json:"ContinuationToken,omitempty"`
	NextContinuationToken string         `json:"NextContinuationToken,omitempty"`
	StartAfter            string         `json:"StartAfter,omitempty"`
}

// ListObjectsV2 lists the objects of a bucket, 1,000 at most a page.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
func (s *Service) ListObjectsV2(ctx context.Context, in *ListObjectsV2Input) (*ListObjectsV2Output, error) {
	after, err := parseToken(in.ContinuationToken)
	if err != nil {
		return nil, err
	}
	if in.ContinuationToken == "" {
		after = in.StartAfter
	}
	p, err := s.list(ctx, &in.listMembers, after, in.FetchOwner)
	if err != nil {
		return nil, err
	}
	out := &ListObjectsV2Output{IsTruncated: p.More, Contents: p.contents, Name: in.Bucket, Prefix: p.encode(in.Prefix), Delimiter: p.encode(in.Delimiter),
		MaxKeys: p.max, CommonPrefixes: p.prefixes, EncodingType: in.EncodingType, KeyCount: len(p.contents) + len(p.prefixes),
		ContinuationToken: in.ContinuationToken, StartAfter: p.encode(in.StartAfter)}
	if p.More {
		out.NextContinuationToken = token(p.Last)
	}
	return out, nil
}
