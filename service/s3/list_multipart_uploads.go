package s3

import (
	"context"
	"slices"
	"strings"

	"salamander/object"
	"salamander/operation"
)

// ListMultipartUploadsInput is the input of [Service.ListMultipartUploads].
type ListMultipartUploadsInput struct {
	Bucket              string
	Delimiter           string `json:"Delimiter,omitempty"`
	EncodingType        string `json:"EncodingType,omitempty"`
	KeyMarker           string `json:"KeyMarker,omitempty"`
	MaxUploads          *int   `json:"MaxUploads,omitempty"`
	Prefix              string `json:"Prefix,omitempty"`
	UploadIDMarker      string `json:"UploadIdMarker,omitempty"`
	RequestPayer        string `json:"RequestPayer,omitempty"`
	ExpectedBucketOwner string `json:"ExpectedBucketOwner,omitempty"`
}

// ListMultipartUploadsOutput is the output of [Service.ListMultipartUploads].
type ListMultipartUploadsOutput struct {
	Bucket             string         `json:"Bucket"`
	KeyMarker          string         `json:"KeyMarker"`
	UploadIDMarker     string         `json:"UploadIdMarker"`
	NextKeyMarker      string         `json:"NextKeyMarker,omitempty"`
	Prefix             string         `json:"Prefix"`
	Delimiter          string         `json:"Delimiter,omitempty"`
	NextUploadIDMarker string         `json:"NextUploadIdMarker,omitempty"`
	MaxUploads         int            `json:"MaxUploads"`
	IsTruncated        bool           `json:"IsTruncated"`
	Uploads            []Upload       `json:"Uploads,omitempty"`
	CommonPrefixes     []CommonPrefix `json:"CommonPrefixes,omitempty"`
	EncodingType       string         `json:"EncodingType,omitempty"`
}

// An Upload is one under way.
type Upload struct {
	UploadID          string         `json:"UploadId"`
	Key               string         `json:"Key"`
	Initiated         operation.Time `json:"Initiated"`
	StorageClass      string         `json:"StorageClass"`
	Owner             Owner          `json:"Owner"`
	Initiator         Owner          `json:"Initiator"`
	ChecksumAlgorithm string         `json:"ChecksumAlgorithm,omitempty"`
	ChecksumType      string         `json:"ChecksumType,omitempty"`
}

// ListMultipartUploads lists the uploads of a bucket, 1,000 at most a page.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html
func (s *Service) ListMultipartUploads(ctx context.Context, in *ListMultipartUploadsInput) (*ListMultipartUploadsOutput, error) {
	b, err := s.bucket(ctx, in.Bucket, in.ExpectedBucketOwner)
	if err != nil {
		return nil, err
	}
	encode, err := encoder(in.EncodingType)
	if err != nil {
		return nil, err
	}
	limit := 1000
	if in.MaxUploads != nil {
		if *in.MaxUploads < 1 || *in.MaxUploads > 1000 {
			return nil, invalidArgument("max-uploads", "", "Argument max-uploads must be an integer between 1 and 1000")
		}
		limit = *in.MaxUploads
	}
	all, err := s.objects.Uploads(ctx, in.Bucket)
	if err != nil {
		return nil, s3Error(err, in.Bucket, "")
	}
	out := &ListMultipartUploadsOutput{Bucket: in.Bucket, KeyMarker: encode(in.KeyMarker), UploadIDMarker: in.UploadIDMarker,
		Prefix: encode(in.Prefix), Delimiter: encode(in.Delimiter), MaxUploads: limit, EncodingType: in.EncodingType}
	who := owner(b.Account)
	for _, u := range behind(all, in) {
		rolled, isRolled := rollUp(u.Key, in)
		if isRolled && (rolled <= in.KeyMarker || slices.Contains(out.CommonPrefixes, CommonPrefix{encode(rolled)})) {
			continue
		}
		if len(out.Uploads)+len(out.CommonPrefixes) == limit {
			out.IsTruncated = true
			return out, nil
		}
		if isRolled {
			out.CommonPrefixes = append(out.CommonPrefixes, CommonPrefix{encode(rolled)})
			out.NextKeyMarker, out.NextUploadIDMarker = encode(rolled), ""
			continue
		}
		item := Upload{UploadID: u.ID, Key: encode(u.Key), Initiated: seconds(u.Started), StorageClass: "STANDARD", Owner: who, Initiator: who}
		if u.Named {
			item.ChecksumAlgorithm, item.ChecksumType = u.Algorithm, u.Type
		}
		out.Uploads = append(out.Uploads, item)
		out.NextKeyMarker, out.NextUploadIDMarker = encode(u.Key), u.ID
	}
	out.NextKeyMarker, out.NextUploadIDMarker = "", ""
	return out, nil
}

// behind returns the uploads with the prefix and behind the markers.
func behind(all []object.Upload, in *ListMultipartUploadsInput) (rest []object.Upload) {
	seen := false // the upload of the marker
	for _, u := range all {
		switch {
		case !strings.HasPrefix(u.Key, in.Prefix) || u.Key < in.KeyMarker:
		case u.Key > in.KeyMarker || in.KeyMarker == "":
			rest = append(rest, u)
		case in.UploadIDMarker != "" && seen:
			rest = append(rest, u)
		case u.ID == in.UploadIDMarker:
			seen = true
		}
	}
	return rest
}

func rollUp(key string, in *ListMultipartUploadsInput) (string, bool) {
	if in.Delimiter == "" {
		return "", false
	}
	head, _, found := strings.Cut(key[len(in.Prefix):], in.Delimiter)
	return in.Prefix + head + in.Delimiter, found
}
