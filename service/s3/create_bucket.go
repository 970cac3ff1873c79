package s3

import (
	"context"
	"errors"

	"salamander/object"
	"salamander/operation"
)

// CreateBucketInput is the input of [Service.CreateBucket].
type CreateBucketInput struct {
	Bucket                    string
	ACL                       string                     `json:"ACL,omitempty"`
	ObjectOwnership           string                     `json:"ObjectOwnership,omitempty"`
	CreateBucketConfiguration *CreateBucketConfiguration `json:"CreateBucketConfiguration,omitempty"`
}

// CreateBucketConfiguration says where the bucket is.
type CreateBucketConfiguration struct {
	LocationConstraint string `json:"LocationConstraint,omitempty"`
}

// CreateBucketOutput is the output of [Service.CreateBucket].
type CreateBucketOutput struct {
	Location  string `json:"Location"`
	BucketArn string `json:"BucketArn"`
}

// CreateBucket makes a bucket. As on AWS, making one's own bucket again is
// fine in us-east-1 and an error elsewhere.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
func (s *Service) CreateBucket(ctx context.Context, in *CreateBucketInput) (*CreateBucketOutput, error) {
	if err := (Accepted{ACL: in.ACL}).check("CreateBucket"); err != nil {
		return nil, err
	}
	if in.ObjectOwnership != "" && in.ObjectOwnership != "BucketOwnerEnforced" {
		return nil, operation.NotImplemented(service, "CreateBucket", "the object ownership "+in.ObjectOwnership)
	}
	caller := operation.CallerOf(ctx)
	region, err := bucketRegion(caller.Region, in.CreateBucketConfiguration)
	if err != nil {
		return nil, err
	}
	b, err := s.objects.CreateBucket(ctx, caller.Account, region, in.Bucket)
	out := &CreateBucketOutput{Location: "/" + in.Bucket, BucketArn: "arn:aws:s3:::" + in.Bucket}
	switch {
	case !errors.Is(err, object.ErrBucketExists):
		if err != nil {
			return nil, s3Error(err, in.Bucket, "")
		}
		return out, nil
	case b.Account != caller.Account:
		return nil, failure(409, "BucketAlreadyExists", "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.",
			map[string]any{"BucketName": in.Bucket})
	case b.Region == "us-east-1" && region == "us-east-1":
		return out, nil
	}
	return nil, failure(409, "BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.",
		map[string]any{"BucketName": in.Bucket})
}

// bucketRegion is the region that a bucket gets: the constraint, which the
// endpoint of us-east-1 takes for every region and the others for their own.
func bucketRegion(endpoint string, c *CreateBucketConfiguration) (string, error) {
	constraint := ""
	if c != nil {
		constraint = c.LocationConstraint
	}
	switch {
	case constraint == "EU":
		constraint = "eu-west-1"
	case constraint == "us-east-1":
		return "", failure(400, "InvalidLocationConstraint", "The specified location-constraint is not valid", map[string]any{"LocationConstraint": constraint})
	}
	switch {
	case constraint == "" && endpoint == "us-east-1":
		return endpoint, nil
	case constraint == endpoint || endpoint == "us-east-1":
		return constraint, nil
	case constraint == "":
		constraint = "unspecified"
	}
	return "", failure(400, "IllegalLocationConstraintException",
		"The "+constraint+" location constraint is incompatible for the region specific endpoint this request was sent to.", nil)
}
