package s3

import (
	"errors"
	"fmt"

	"salamander/object"
	"salamander/operation"
)

// The texts are S3's own.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html

func failure(status int, code, message string, members map[string]any) *operation.Error {
	return &operation.Error{Code: code, Message: message, Status: status, Members: members}
}

func accessDenied() *operation.Error { return failure(403, "AccessDenied", "Access Denied", nil) }

func invalidArgument(name, value, message string) *operation.Error {
	return failure(400, "InvalidArgument", message, map[string]any{"ArgumentName": name, "ArgumentValue": value})
}

func invalidRequest(message string) *operation.Error {
	return failure(400, "InvalidRequest", message, nil)
}

func malformedXML() *operation.Error {
	return failure(400, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema", nil)
}

func preconditionFailed(condition string) *operation.Error {
	return failure(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold", map[string]any{"Condition": condition})
}

// s3Error gives the errors of the object store the codes of S3.
func s3Error(err error, bucket, key string) error {
	var e *operation.Error
	if err == nil || errors.As(err, &e) {
		return err
	}
	for _, known := range []struct {
		err error
		as  *operation.Error
	}{
		{object.ErrNoBucket, failure(404, "NoSuchBucket", "The specified bucket does not exist", map[string]any{"BucketName": bucket})},
		{object.ErrNoKey, failure(404, "NoSuchKey", "The specified key does not exist.", map[string]any{"Key": key})},
		{object.ErrBucketNotEmpty, failure(409, "BucketNotEmpty", "The bucket you tried to delete is not empty", map[string]any{"BucketName": bucket})},
		{object.ErrBucketName, failure(400, "InvalidBucketName", "The specified bucket is not valid.", map[string]any{"BucketName": bucket})},
		{object.ErrKeyTooLong, failure(400, "KeyTooLongError", "Your key is too long", map[string]any{"Size": fmt.Sprint(len(key)), "MaxSizeAllowed": "1024"})},
		{object.ErrKeyInvalid, failure(400, "InvalidURI", "Couldn't parse the specified URI.", map[string]any{"URI": key})},
		{object.ErrPrecondition, preconditionFailed("")},
		{object.ErrNoUpload, failure(404, "NoSuchUpload", "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.", nil)},
		{object.ErrInvalidPart, failure(400, "InvalidPart", "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.", nil)},
		{object.ErrPartOrder, failure(400, "InvalidPartOrder", "The list of parts was not in ascending order. Parts must be ordered by part number.", nil)},
		{object.ErrPartTooSmall, failure(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", nil)},
		{object.ErrFull, failure(507, "InsufficientStorage", "There is no space left on Salamander's disk for the object; nothing of it was stored.", nil)},
		{object.ErrDigest, digestError(err)},
	} {
		if errors.Is(err, known.err) {
			known.as.Cause = err
			return known.as
		}
	}
	return err
}

func digestError(err error) *operation.Error {
	var d *object.DigestError
	if !errors.As(err, &d) {
		return invalidRequest("The provided 'x-amz-mp-object-size' header value does not match what was computed.")
	}
	if d.Algorithm == "MD5" {
		return failure(400, "BadDigest", "The Content-MD5 you specified did not match what we received.",
			map[string]any{"ExpectedDigest": d.Want, "CalculatedDigest": d.Got})
	}
	return failure(400, "BadDigest", "The "+d.Algorithm+" you specified did not match the calculated checksum.", nil)
}
