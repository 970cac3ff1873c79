// Package lambda is the operations of AWS Lambda, over the functions of
// package function.
package lambda

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"salamander/function"
	"salamander/operation"
)

// A Service is the operations of AWS Lambda.
type Service struct {
	functions *function.Functions
	registry  *operation.Registry
}

// New returns the operations over functions. They fetch packages that are in
// S3 through the registry.
func New(functions *function.Functions, registry *operation.Registry) *Service {
	return &Service{functions, registry}
}

const name = "lambda"

// Register adds the operations to the registry.
func Register(r *operation.Registry, s *Service) {
	spec := func(op string, mutates bool, note string) operation.Spec {
		status := operation.Exact
		if note != "" {
			status = operation.Partial
		}
		return operation.Spec{Service: name, Name: op, Mutates: mutates, Status: status, Note: note}
	}
	const subset = "no layers, images, VPC, file systems, dead letters or code signing; memory is not enforced"
	operation.Register(r, spec("CreateFunction", true, subset), s.CreateFunction)
	operation.Register(r, spec("UpdateFunctionCode", true, subset), s.UpdateFunctionCode)
	operation.Register(r, spec("UpdateFunctionConfiguration", true, subset), s.UpdateFunctionConfiguration)
	operation.Register(r, spec("GetFunction", false, "Code has no Location to download from"), s.GetFunction)
	operation.Register(r, spec("GetFunctionConfiguration", false, ""), s.GetFunctionConfiguration)
	operation.Register(r, spec("ListFunctions", false, "one region; no Lambda@Edge"), s.ListFunctions)
	operation.Register(r, spec("DeleteFunction", true, ""), s.DeleteFunction)
	operation.Register(r, spec("Invoke", true, "no durable executions; beyond the limit of environments invocations wait"), s.Invoke)
	operation.Register(r, spec("PublishVersion", true, ""), s.PublishVersion)
	operation.Register(r, spec("ListVersionsByFunction", false, ""), s.ListVersionsByFunction)
	operation.Register(r, spec("CreateAlias", true, ""), s.CreateAlias)
	operation.Register(r, spec("UpdateAlias", true, ""), s.UpdateAlias)
	operation.Register(r, spec("GetAlias", false, ""), s.GetAlias)
	operation.Register(r, spec("DeleteAlias", true, ""), s.DeleteAlias)
	operation.Register(r, spec("ListAliases", false, ""), s.ListAliases)
	const recorded = "recorded, not enforced"
	operation.Register(r, spec("AddPermission", true, recorded), s.AddPermission)
	operation.Register(r, spec("RemovePermission", true, recorded), s.RemovePermission)
	operation.Register(r, spec("GetPolicy", false, recorded), s.GetPolicy)
}

// fail returns an error with the member Type that those of Lambda have.
func fail(code string, status int, format string, args ...any) *operation.Error {
	kind := "User"
	if status >= 500 {
		kind = "Service"
	}
	return &operation.Error{Code: code, Status: status, Message: fmt.Sprintf(format, args...), Members: map[string]any{"Type": kind}}
}

func invalid(format string, args ...any) *operation.Error {
	return fail("InvalidParameterValueException", 400, format, args...)
}

var namePattern = regexp.MustCompile(`^(?:arn:aws[a-zA-Z-]*:lambda:)?(?:([a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\d):)?(?:(\d{12}):)?(?:function:)?([a-zA-Z0-9_-]+)(?::(\$LATEST|[a-zA-Z0-9_-]+))?$`)

// key returns the key of a function that a caller names by its name, its ARN
// or a part of it, and the qualifier, which the name may bring too; empty
// where neither does.
func key(ctx context.Context, text, qualifier string) (function.Key, string, error) {
	caller := operation.CallerOf(ctx)
	m := namePattern.FindStringSubmatch(text)
	if m == nil {
		return function.Key{}, "", fail("ValidationException", 400,
			"1 validation error detected: Value '%s' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: %s",
			text, `(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?`)
	}
	region, account, short := m[1], m[2], m[3]
	if m[4] != "" {
		if qualifier != "" && qualifier != m[4] {
			return function.Key{}, "", invalid("The derived qualifier from the function name does not match the specified qualifier.")
		}
		qualifier = m[4]
	}
	k := function.Key{Account: caller.Account, Region: caller.Region, Name: short}
	switch {
	case region != "" && region != caller.Region:
		return k, "", fail("ResourceNotFoundException", 404, "Functions from '%s' are not reachable in this region ('%s')", region, caller.Region)
	case account != "" && account != caller.Account:
		return k, "", fail("AccessDeniedException", 403, "User: %s is not authorized to perform the operation on resource: arn:aws:lambda:%s:%s:function:%s because no resource-based policy allows the action",
			caller.Principal, caller.Region, account, short)
	}
	return k, qualifier, nil
}

// unqualified returns the key of a function where only what can be changed of
// it is meant.
func unqualified(ctx context.Context, text string) (function.Key, error) {
	k, qualifier, err := key(ctx, text, "")
	if err == nil && qualifier != "" && qualifier != function.Latest {
		err = notFound(k, ":"+qualifier)
	}
	return k, err
}

func notFound(k function.Key, suffix string) error {
	return fail("ResourceNotFoundException", 404, "Function not found: %s", function.Function{Key: k}.ARN()+suffix)
}

// translateQualified gives errors about a version or alias their AWS form.
func translateQualified(k function.Key, qualifier string, err error) error {
	if errors.Is(err, function.ErrNotFound) {
		return notFound(k, suffix(qualifier))
	}
	return translate(k, err)
}

// translate gives errors of the functions their AWS form.
func translate(k function.Key, err error) error {
	var runtime *function.RuntimeError
	var pack *function.PackageError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, function.ErrNotFound):
		return notFound(k, "")
	case errors.Is(err, function.ErrExists):
		return fail("ResourceConflictException", 409, "Function already exist: %s", k.Name)
	case errors.Is(err, function.ErrChanged):
		return fail("PreconditionFailedException", 412, "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id")
	case errors.As(err, &runtime):
		return invalid("The runtime %s cannot run here: %s.", runtime.Runtime, runtime.Reason)
	case errors.As(err, &pack):
		return invalid("%s", pack.Reason)
	case errors.Is(err, function.ErrClosed):
		return fmt.Errorf("function %s: salamander is stopping: %w", k.Name, context.Canceled)
	}
	return err
}

// reserved are the variables that functions cannot have.
//
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
var reserved = map[string]bool{
	"_HANDLER": true, "_X_AMZN_TRACE_ID": true, "AWS_DEFAULT_REGION": true, "AWS_REGION": true, "AWS_EXECUTION_ENV": true,
	"AWS_LAMBDA_FUNCTION_NAME": true, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": true, "AWS_LAMBDA_FUNCTION_VERSION": true,
	"AWS_LAMBDA_INITIALIZATION_TYPE": true, "AWS_LAMBDA_LOG_GROUP_NAME": true, "AWS_LAMBDA_LOG_STREAM_NAME": true,
	"AWS_ACCESS_KEY": true, "AWS_ACCESS_KEY_ID": true, "AWS_SECRET_ACCESS_KEY": true, "AWS_SESSION_TOKEN": true,
	"AWS_LAMBDA_RUNTIME_API": true, "LAMBDA_TASK_ROOT": true, "LAMBDA_RUNTIME_DIR": true,
}

// refused names a member that is given and that we do not have.
func refused(op string, members map[string]bool) error {
	var names []string
	for member, given := range members {
		if given {
			names = append(names, member)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return operation.NotImplemented(name, op, "it does not know "+strings.Join(sorted(names), ", "))
}
