package s3

import "context"

// AbortMultipartUploadInput is the input of [Service.AbortMultipartUpload].
type AbortMultipartUploadInput struct{ UploadRef }

// AbortMultipartUploadOutput is the output of [Service.AbortMultipartUpload].
type AbortMultipartUploadOutput struct{}

// AbortMultipartUpload ends an upload and removes its parts.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html
func (s *Service) AbortMultipartUpload(ctx context.Context, in *AbortMultipartUploadInput) (*AbortMultipartUploadOutput, error) {
	u, err := s.upload(ctx, &in.UploadRef)
	if err != nil {
		return nil, err
	}
	return &AbortMultipartUploadOutput{}, s3Error(s.objects.Abort(ctx, u), in.Bucket, in.Key)
}
