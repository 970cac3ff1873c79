package s3

import (
	"context"

	"salamander/object"
)

// UploadPartInput is the input of [Service.UploadPart], with the streaming
// member Body.
type UploadPartInput struct {
	UploadRef
	PartNumber int
	Content
}

// UploadPartOutput is the output of [Service.UploadPart].
type UploadPartOutput struct {
	ETag string `json:"ETag"`
	Checksums
}

// UploadPart stores a part of an upload, in place of the one of its number.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html
func (s *Service) UploadPart(ctx context.Context, in *UploadPartInput) (*UploadPartOutput, error) {
	u, err := s.upload(ctx, &in.UploadRef)
	if err != nil {
		return nil, err
	}
	opt, err := in.options()
	if err == nil {
		err = checkPart(u, in.PartNumber, opt.Checksum.Algorithm)
	}
	if err != nil {
		return nil, err
	}
	p, err := s.objects.PutPart(ctx, u, in.PartNumber, in.body, opt)
	if err != nil {
		return nil, s3Error(err, in.Bucket, in.Key)
	}
	out := &UploadPartOutput{ETag: quote(p.ETag)}
	if u.Named || opt.Checksum.Algorithm != "" {
		out.Checksums = checksumsOf(p.Checksum)
	}
	return out, nil
}

func checkPart(u object.Upload, number int, algorithm string) error {
	if number < 1 || number > 10000 {
		return invalidArgument("partNumber", "", "Part number must be an integer between 1 and 10000, inclusive")
	}
	if u.Named && algorithm != "" && algorithm != u.Algorithm {
		return invalidRequest("Checksum Type mismatch occurred, expected checksum Type: " + lower(u.Algorithm) + ", actual checksum Type: " + lower(algorithm))
	}
	return nil
}
