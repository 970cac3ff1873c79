package lambda

import (
	"context"
	"encoding/json"
	"io"

	"salamander/function"
	"salamander/operation"
)

// CreateFunctionInput is the input of CreateFunction.
type CreateFunctionInput struct {
	FunctionName string
	Code         Code
	PackageType  string
	Tags         map[string]string
	Settings

	Architectures                                  []string
	Publish                                        bool
	CodeSigningConfigArn, TenancyConfig, PublishTo Other
}

// CreateFunction creates a function from a zip archive, which the request
// brings or which is in S3, and its first version where asked.
//
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
func (s *Service) CreateFunction(ctx context.Context, in *CreateFunctionInput) (*Configuration, error) {
	k, err := unqualified(ctx, in.FunctionName)
	if err != nil {
		return nil, err
	}
	fn := function.Function{Key: k, Timeout: 3, MemorySize: 128, Tags: in.Tags, Creation: operation.NewID(ctx)}
	if err := refused("CreateFunction", map[string]bool{
		"PackageType Image": in.PackageType == "Image" || in.Code.ImageUri != "", "Code.SourceKMSKeyArn": in.Code.SourceKMSKeyArn != "",
		"CodeSigningConfigArn": in.CodeSigningConfigArn.given(), "TenancyConfig": in.TenancyConfig.given(), "PublishTo": in.PublishTo.given(),
	}); err != nil {
		return nil, err
	}
	if in.Runtime == nil || in.Handler == nil || *in.Runtime == "" || *in.Handler == "" {
		return nil, invalid("Runtime and Handler are mandatory parameters for functions created with deployment packages.")
	}
	if err := in.check("CreateFunction", fn); err != nil {
		return nil, err
	}
	in.apply(&fn)
	if fn.Machine, err = machine(in.Architectures, "x86_64"); err != nil {
		return nil, err
	}
	archive, err := s.archive(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	fn, err = s.functions.Create(ctx, fn, archive)
	if err != nil {
		return nil, translate(k, err)
	}
	if in.Publish {
		if fn, err = s.publish(ctx, k, function.Publication{}); err != nil {
			return nil, translate(k, err)
		}
	}
	return configuration(fn, fn.Version), nil
}

// machine returns the architecture that a request names.
func machine(architectures []string, otherwise string) (string, error) {
	switch {
	case len(architectures) == 0:
		return otherwise, nil
	case len(architectures) == 1 && (architectures[0] == "x86_64" || architectures[0] == "arm64"):
		return architectures[0], nil
	}
	return "", invalid("Architectures %q: need one of x86_64 and arm64.", architectures)
}

// maxUpload is the size of an archive that a request brings in bytes at most.
const maxUpload = 70167211

// archive returns the bytes of a package.
func (s *Service) archive(ctx context.Context, c Code) ([]byte, error) {
	switch {
	case c.ZipFile != nil && c.S3Bucket != "":
		return nil, invalid("Please do not provide other FunctionCode parameters when providing a ZipFile.")
	case len(c.ZipFile) > maxUpload:
		return nil, fail("RequestEntityTooLargeException", 413, "Request must be smaller than %d bytes for the CreateFunction operation", maxUpload)
	case len(c.ZipFile) > 0:
		return c.ZipFile, nil
	case c.ZipFile != nil:
		return nil, invalid("Uploaded file must be a non-empty zip")
	case c.S3Bucket == "" || c.S3Key == "":
		return nil, invalid("Please provide a source for function code.")
	}
	in := map[string]string{"Bucket": c.S3Bucket, "Key": c.S3Key}
	if c.S3ObjectVersion != "" {
		in["VersionId"] = c.S3ObjectVersion
	}
	doc, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	caller := operation.CallerOf(ctx)
	resp, err := s.registry.Call(ctx, "s3", "GetObject", &operation.Request{Caller: caller, Input: doc})
	if err != nil {
		e := operation.AsError(err)
		if e.Status >= 500 && e.Status != 501 {
			return nil, err
		}
		return nil, invalid("Error occurred while GetObject. S3 Error Code: %s. S3 Error Message: %s", e.Code, e.Message)
	}
	if resp.Body == nil {
		return nil, invalid("Uploaded file must be a non-empty zip")
	}
	defer resp.Body.Close()
	return io.ReadAll(io.LimitReader(resp.Body, function.MaxUnzipped))
}
