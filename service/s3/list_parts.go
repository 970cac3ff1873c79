package s3

import (
	"context"

	"salamander/operation"
)

// ListPartsInput is the input of [Service.ListParts].
type ListPartsInput struct {
	UploadRef
	MaxParts         *int `json:"MaxParts,omitempty"`
	PartNumberMarker int  `json:"PartNumberMarker,omitempty"`
}

// ListPartsOutput is the output of [Service.ListParts].
type ListPartsOutput struct {
	Bucket               string `json:"Bucket"`
	Key                  string `json:"Key"`
	UploadID             string `json:"UploadId"`
	PartNumberMarker     int    `json:"PartNumberMarker"`
	NextPartNumberMarker int    `json:"NextPartNumberMarker,omitempty"`
	MaxParts             int    `json:"MaxParts"`
	IsTruncated          bool   `json:"IsTruncated"`
	Parts                []Part `json:"Parts,omitempty"`
	Initiator            Owner  `json:"Initiator"`
	Owner                Owner  `json:"Owner"`
	StorageClass         string `json:"StorageClass"`
	ChecksumAlgorithm    string `json:"ChecksumAlgorithm,omitempty"`
	ChecksumType         string `json:"ChecksumType,omitempty"`
}

// A Part is one of an upload.
type Part struct {
	PartNumber   int            `json:"PartNumber"`
	LastModified operation.Time `json:"LastModified"`
	ETag         string         `json:"ETag"`
	Size         int64          `json:"Size"`
	Checksums
}

// ListParts lists the parts of an upload, 1,000 at most a page.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html
func (s *Service) ListParts(ctx context.Context, in *ListPartsInput) (*ListPartsOutput, error) {
	u, err := s.upload(ctx, &in.UploadRef)
	if err != nil {
		return nil, err
	}
	limit := 1000
	if in.MaxParts != nil {
		if *in.MaxParts < 0 {
			return nil, invalidArgument("max-parts", "", "Argument max-parts must be an integer between 0 and 2147483647")
		}
		limit = min(limit, *in.MaxParts)
	}
	parts, err := s.objects.Parts(ctx, u)
	if err != nil {
		return nil, s3Error(err, in.Bucket, in.Key)
	}
	who := owner(operation.CallerOf(ctx).Account)
	out := &ListPartsOutput{Bucket: in.Bucket, Key: in.Key, UploadID: in.UploadID, PartNumberMarker: in.PartNumberMarker, MaxParts: limit,
		Initiator: who, Owner: who, StorageClass: "STANDARD"}
	if u.Named {
		out.ChecksumAlgorithm, out.ChecksumType = u.Algorithm, u.Type
	}
	for _, p := range parts {
		if p.Number <= in.PartNumberMarker {
			continue
		}
		if len(out.Parts) == limit {
			out.IsTruncated = limit > 0
			break
		}
		part := Part{PartNumber: p.Number, LastModified: seconds(p.Modified), ETag: quote(p.ETag), Size: p.Size}
		if u.Named {
			part.Checksums = checksumsOf(p.Checksum)
		}
		out.Parts = append(out.Parts, part)
		out.NextPartNumberMarker = p.Number
	}
	return out, nil
}
