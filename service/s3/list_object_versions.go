package s3

import (
	"context"

	"salamander/operation"
)

// ListObjectVersionsInput is the input of [Service.ListObjectVersions].
type ListObjectVersionsInput struct {
	listMembers
	KeyMarker       string `json:"KeyMarker,omitempty"`
	VersionIDMarker string `json:"VersionIdMarker,omitempty"`
}

// ListObjectVersionsOutput is the output of [Service.ListObjectVersions].
type ListObjectVersionsOutput struct {
	IsTruncated         bool           `json:"IsTruncated"`
	KeyMarker           string         `json:"KeyMarker"`
	VersionIDMarker     string         `json:"VersionIdMarker"`
	NextKeyMarker       string         `json:"NextKeyMarker,omitempty"`
	NextVersionIDMarker string         `json:"NextVersionIdMarker,omitempty"`
	Versions            []Version      `json:"Versions,omitempty"`
	Name                string         `json:"Name"`
	Prefix              string         `json:"Prefix"`
	Delimiter           string         `json:"Delimiter,omitempty"`
	MaxKeys             int            `json:"MaxKeys"`
	CommonPrefixes      []CommonPrefix `json:"CommonPrefixes,omitempty"`
	EncodingType        string         `json:"EncodingType,omitempty"`
}

// A Version of an object: without versioning, the one with the id null.
type Version struct {
	ETag              string         `json:"ETag"`
	ChecksumAlgorithm []string       `json:"ChecksumAlgorithm,omitempty"`
	ChecksumType      string         `json:"ChecksumType,omitempty"`
	Size              int64          `json:"Size"`
	StorageClass      string         `json:"StorageClass"`
	Key               string         `json:"Key"`
	VersionID         string         `json:"VersionId"`
	IsLatest          bool           `json:"IsLatest"`
	LastModified      operation.Time `json:"LastModified"`
	Owner             *Owner         `json:"Owner,omitempty"`
}

// ListObjectVersions lists the objects of a bucket as the one version that
// each has, 1,000 at most a page.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
func (s *Service) ListObjectVersions(ctx context.Context, in *ListObjectVersionsInput) (*ListObjectVersionsOutput, error) {
	if in.VersionIDMarker != "" && in.KeyMarker == "" {
		return nil, invalidArgument("version-id-marker", in.VersionIDMarker, "A version-id marker cannot be specified without a key marker.")
	}
	if err := onlyNull(in.VersionIDMarker); err != nil {
		return nil, err
	}
	p, err := s.list(ctx, &in.listMembers, in.KeyMarker, true)
	if err != nil {
		return nil, err
	}
	out := &ListObjectVersionsOutput{IsTruncated: p.More, KeyMarker: p.encode(in.KeyMarker), VersionIDMarker: in.VersionIDMarker, Name: in.Bucket,
		Prefix: p.encode(in.Prefix), Delimiter: p.encode(in.Delimiter), MaxKeys: p.max, CommonPrefixes: p.prefixes, EncodingType: in.EncodingType}
	for _, o := range p.contents {
		out.Versions = append(out.Versions, Version{o.ETag, o.ChecksumAlgorithm, o.ChecksumType, o.Size, o.StorageClass, o.Key, "null", true, o.LastModified, o.Owner})
	}
	if p.More {
		out.NextKeyMarker = p.encode(p.Last)
		if n := len(p.Objects); n > 0 && p.Objects[n-1].Key == p.Last {
			out.NextVersionIDMarker = "null"
		}
	}
	return out, nil
}
