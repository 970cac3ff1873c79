package integration

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"salamander/engine"
	"salamander/operation"
)

// sdkNames are the services' names in error names and causes: those of AWS's
// SDK for Java, version 2 for SDK integrations and version 1 for the
// optimized ones.
var sdkNames = map[string]struct{ v2, v1, v1Service, v1Exception string }{
	"states": {"Sfn", "StepFunctions", "AWSStepFunctions", "AWSStepFunctionsException"},
	"batch":  {"Batch", "Batch", "AWSBatch", "AWSBatchException"},
	"lambda": {"Lambda", "Lambda", "AWSLambda", "AWSLambdaException"},
	"logs":   {"CloudWatchLogs", "CloudWatchLogs", "AWSLogs", "AWSLogsException"},
	"sts":    {"Sts", "SecurityTokenService", "AWSSecurityTokenService", "AWSSecurityTokenServiceException"},
	"s3":     {"S3", "S3", "Amazon S3", "AmazonS3Exception"},
	"sqs":    {"Sqs", "SQS", "AmazonSQS", "AmazonSQSException"},
	"events": {"EventBridge", "EventBridge", "AmazonEventBridge", "AmazonEventBridgeException"},
	"sns":    {"Sns", "SNS", "AmazonSNS", "AmazonSNSException"},
	"ssm":    {"Ssm", "SimpleSystemsManagement", "AWSSimpleSystemsManagement", "AWSSimpleSystemsManagementException"},
	"iam":    {"Iam", "IdentityManagement", "AmazonIdentityManagement", "AmazonIdentityManagementException"},

	"secretsmanager": {"SecretsManager", "SecretsManager", "AWSSecretsManager", "AWSSecretsManagerException"},
	"redshift-data":  {"RedshiftData", "RedshiftData", "AWSRedshiftDataAPI", "AWSRedshiftDataAPIException"},
}

// s3Errors are the errors that the S3 model names; the others are S3Exception.
var s3Errors = map[string]bool{"NoSuchBucket": true, "NoSuchKey": true, "NoSuchUpload": true, "BucketAlreadyExists": true,
	"BucketAlreadyOwnedByYou": true, "InvalidObjectState": true, "ObjectNotInActiveTierError": true}

// known reports whether the service's model has an error of this code.
func (e endpoint) known(code string) bool {
	if e.service == "s3" {
		return s3Errors[code]
	}
	return e.api != nil && e.api.Error(code) != nil
}

// serviceError tells an error of the service from all others. Those that
// concern nobody but us stay as they are, for the log.
func serviceError(err error) (*operation.Error, error) {
	var failed *engine.TaskError
	if err == nil || errors.As(err, &failed) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return nil, err
	}
	var e *operation.Error
	if !errors.As(err, &e) || e.Code == "InternalFailure" {
		return nil, err
	}
	if e.Code == "NotImplementedException" {
		return nil, &engine.TaskError{Name: "States.Runtime", Cause: e.Message}
	}
	return e, nil
}

// sdkError is the failure of an SDK integration: Sfn.InvalidTokenException.
func sdkError(err error, e endpoint, requestID string) error {
	failed, err := serviceError(err)
	if failed == nil {
		return err
	}
	name, ok := sdkNames[e.service]
	service := name.v2
	if !ok {
		service = upperFirst(e.service)
	}
	code := service + "Exception"
	if e.known(failed.Code) {
		code = exceptionName(failed.Code)
	}
	more := ") (SDK Attempt Count: 1)"
	if e.service == "s3" {
		more = ", Extended Request ID: " + requestID + ")"
	}
	return &engine.TaskError{Name: service + "." + code,
		Cause: fmt.Sprintf("%s (Service: %s, Status Code: %d, Request ID: %s%s", failed.Message, service, status(failed), requestID, more)}
}

// optimizedError is the failure of an optimized integration:
// StepFunctions.StateMachineDoesNotExistException.
func optimizedError(err error, e endpoint, requestID string) error {
	failed, err := serviceError(err)
	if failed == nil {
		return err
	}
	name, ok := sdkNames[e.service]
	if !ok {
		upper := upperFirst(e.service)
		name.v1, name.v1Service, name.v1Exception = upper, "Amazon"+upper, "Amazon"+upper+"Exception"
	}
	if e.service == "sqs" && failed.Code == "InvalidAddress" {
		// A queue's URL is where AWS's SDK sends the request; this one leads nowhere.
		host := strings.TrimSuffix(strings.TrimPrefix(failed.Message, "The address "), " is not valid for this endpoint.")
		return &engine.TaskError{Name: "SQS.SdkClientException", Cause: "Unable to execute HTTP request: " + host + ": Name or service not known"}
	}
	code := name.v1Exception
	if e.known(failed.Code) {
		code = exceptionName(failed.Code)
	}
	return &engine.TaskError{Name: name.v1 + "." + code,
		Cause: fmt.Sprintf("%s (Service: %s; Status Code: %d; Error Code: %s; Request ID: %s; Proxy: null)",
			failed.Message, name.v1Service, status(failed), failed.Code, requestID)}
}

// exceptionName is the name of the class that AWS's SDK for Java makes of an
// error's shape.
func exceptionName(code string) string {
	for _, suffix := range []string{"Exception", "Fault", "Error"} {
		if base, ok := strings.CutSuffix(code, suffix); ok {
			return base + "Exception"
		}
	}
	return code + "Exception"
}

func status(e *operation.Error) int {
	if e.Status == 0 {
		return 400
	}
	return e.Status
}
