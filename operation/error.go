package operation

import (
	"errors"
	"fmt"
)

// An Error is an error of an operation as its caller sees it. Any other error
// that an operation returns leaves as an internal error, and is for the log.
type Error struct {
	Code    string         // the AWS error code: "StateMachineDoesNotExist"
	Message string         // AWS's own text where AWS defines one
	Status  int            // HTTP status; 0 means 400
	Members map[string]any // further members of the error's shape
	Cause   error          // for the log, never for the caller; may be nil
}

// Error returns code and message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Errorf returns an [Error] with status 400.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// NotImplemented is the answer of an operation that Salamander does not have.
// why may be empty.
func NotImplemented(service, name, why string) *Error {
	msg := fmt.Sprintf("Salamander does not implement %s:%s; `salamander parity` lists what it does.", service, name)
	if why != "" {
		msg = fmt.Sprintf("Salamander does not implement %s:%s: %s.", service, name, why)
	}
	return &Error{Code: "NotImplementedException", Message: msg, Status: 501}
}

// AsError returns the caller's view of err: err itself if it is an [Error],
// otherwise an internal error with status 500 that keeps err as its cause.
func AsError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Code: "InternalFailure", Message: "Internal error", Status: 500, Cause: err}
}
