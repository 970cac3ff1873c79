package sigv4

import (
	"errors"
	"time"
)

// ErrUnsigned means that a request carries no signature at all.
var ErrUnsigned = errors.New("sigv4: the request is not signed")

// A Problem tells why a signed request was refused. Each protocol has its own
// code for it: a mismatch is SignatureDoesNotMatch everywhere, a malformed
// header is AuthorizationHeaderMalformed in S3 and
// IncompleteSignatureException elsewhere.
type Problem string

// The problems.
const (
	Malformed       Problem = "malformed"        // the authorization does not parse
	Unsupported     Problem = "unsupported"      // another algorithm, or a form that is not implemented
	Mismatch        Problem = "mismatch"         // the signature is not the one the secret makes
	Skewed          Problem = "skewed"           // signed more than 15 minutes from now
	Expired         Problem = "expired"          // a presigned URL whose time is over
	NotYetValid     Problem = "not yet valid"    // a presigned URL from the future
	HeadersUnsigned Problem = "headers unsigned" // x-amz- headers that the signature does not cover
	PayloadMismatch Problem = "payload mismatch" // the body is not what was signed
	PayloadMissing  Problem = "payload missing"  // S3 without x-amz-content-sha256
	Incomplete      Problem = "incomplete"       // the body ended early or its chunks do not parse
)

// An Error is a refused request.
type Error struct {
	Problem          Problem
	Message          string    // AWS's text
	StringToSign     string    // of a mismatch
	CanonicalRequest string    // of a mismatch
	Signature        string    // what the client sent, of a mismatch
	At               time.Time // when the request was signed, of Skewed
	Expires          time.Time // of Expired
	Unsigned         []string  // of HeadersUnsigned
}

// Error returns the message.
func (e *Error) Error() string { return "sigv4: " + string(e.Problem) + ": " + e.Message }

func problem(p Problem, message string) *Error { return &Error{Problem: p, Message: message} }
