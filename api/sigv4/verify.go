package sigv4

import (
	"crypto/hmac"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// MaxSkew is how far from now a request in headers may be signed.
const MaxSkew = 15 * time.Minute

const maxExpires = 7 * 24 * time.Hour

// A Request is the signature of a request, parsed and not yet believed.
type Request struct {
	AccessKey     string
	At            time.Time // when it was signed; zero for version 2
	Region        string    // of the scope; empty for version 2
	Service       string    // of the scope; "s3" for version 2
	SessionToken  string
	SignedHeaders []string // lower case, as listed
	Presigned     bool     // in the query
	Expires       time.Time
	Version       int // 4 or 2

	// PayloadHash is the hash of the body in the signature. Parse sets it for
	// S3, where a header or the presigned form tells it. For other services
	// the caller sets it to [HashPayload] of the body before Verify; left
	// empty, it is the hash of no body.
	PayloadHash string

	date      string // day of the scope
	amzDate   string
	signature string
}

// Parse reads the signature of r, from the Authorization header or the query.
// It returns [ErrUnsigned] when there is none, and an [*Error] with the
// problem Malformed or Unsupported when there is one that does not parse.
func Parse(r *http.Request) (Request, error) {
	auth := r.Header.Get("Authorization")
	query := rawQuery(r.URL.RawQuery)
	switch {
	case auth != "":
		return parseHeader(r, auth)
	case query.has("X-Amz-Algorithm") || query.has("X-Amz-Credential") || query.has(signatureKey):
		return parseQuery(r, query)
	case query.has("AWSAccessKeyId") && query.has("Signature"):
		return parseV2(query)
	}
	return Request{}, ErrUnsigned
}

func parseHeader(r *http.Request, auth string) (Request, error) {
	q := Request{Version: 4, SessionToken: r.Header.Get("X-Amz-Security-Token")}
	scheme, rest, _ := strings.Cut(strings.TrimSpace(auth), " ")
	if scheme != algorithm {
		return q, problem(Unsupported, "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.")
	}
	fields := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		k, v, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok {
			return q, problem(Malformed, fmt.Sprintf("'%s' not a valid key=value pair (missing equal-sign) in Authorization header: '%s'.", part, auth))
		}
		fields[k] = v
	}
	for _, need := range []string{"Credential", "SignedHeaders", "Signature"} {
		if fields[need] == "" {
			return q, problem(Malformed, fmt.Sprintf("Authorization header requires '%s' parameter. Authorization=%s", need, scheme))
		}
	}
	if err := q.parseCredential(fields["Credential"]); err != nil {
		return q, err
	}
	q.SignedHeaders = strings.Split(strings.ToLower(fields["SignedHeaders"]), ";")
	q.signature = fields["Signature"]
	if err := q.parseHeaderDate(r); err != nil {
		return q, err
	}
	if q.Service == "s3" {
		q.PayloadHash = r.Header.Get(hashHeader)
		if q.PayloadHash == "" {
			return q, problem(PayloadMissing, "Missing required header for this request: x-amz-content-sha256")
		}
	}
	return q, q.check()
}

func (q *Request) parseHeaderDate(r *http.Request) error {
	if text := r.Header.Get("X-Amz-Date"); text != "" {
		return q.parseDate(text)
	}
	text := r.Header.Get("Date")
	if text == "" {
		return problem(Malformed, "AWS authentication requires a valid Date or x-amz-date header")
	}
	if at, err := http.ParseTime(text); err == nil {
		return q.parseDate(at.UTC().Format(timeFormat))
	}
	return q.parseDate(text)
}

func (q *Request) parseDate(text string) error {
	at, err := time.Parse(timeFormat, text)
	if err != nil {
		return problem(Malformed, `Date must be in ISO-8601 'basic format'. Got '`+text+`'. See http://en.wikipedia.org/wiki/ISO_8601`)
	}
	q.At, q.amzDate = at, text
	return nil
}

func parseQuery(r *http.Request, query queryValues) (Request, error) {
	q := Request{Version: 4, Presigned: true, SessionToken: query.get("X-Amz-Security-Token")}
	if a := query.get("X-Amz-Algorithm"); a != algorithm {
		return q, problem(Unsupported, `X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"; Salamander only the first`)
	}
	for _, need := range []string{"X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", signatureKey} {
		if query.get(need) == "" {
			return q, problem(Malformed, "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.")
		}
	}
	if err := q.parseCredential(query.get("X-Amz-Credential")); err != nil {
		return q, err
	}
	if err := q.parseDate(query.get("X-Amz-Date")); err != nil {
		return q, err
	}
	secs, err := strconv.Atoi(query.get("X-Amz-Expires"))
	switch {
	case err != nil:
		return q, problem(Malformed, "X-Amz-Expires should be a number")
	case secs < 0:
		return q, problem(Malformed, "X-Amz-Expires must be non-negative")
	case secs > int(maxExpires/time.Second):
		return q, problem(Malformed, "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds")
	}
	q.Expires = q.At.Add(time.Duration(secs) * time.Second)
	q.SignedHeaders = strings.Split(strings.ToLower(query.get("X-Amz-SignedHeaders")), ";")
	q.signature = query.get(signatureKey)
	if q.Service == "s3" {
		q.PayloadHash = UnsignedPayload
		if h := query.get(hashHeader); h != "" {
			q.PayloadHash = h
		} else if slices.Contains(q.SignedHeaders, strings.ToLower(hashHeader)) {
			q.PayloadHash = r.Header.Get(hashHeader)
		}
	}
	return q, q.check()
}

func (q *Request) parseCredential(text string) error {
	parts := strings.Split(text, "/")
	n := len(parts)
	if n < 5 || parts[n-1] != "aws4_request" {
		return problem(Malformed, fmt.Sprintf("Credential must have at least 5 slash-delimited elements in the format AccessKeyId/Date/Region/Service/aws4_request, got '%s'.", text))
	}
	q.AccessKey = strings.Join(parts[:n-4], "/")
	q.date, q.Region, q.Service = parts[n-4], parts[n-3], parts[n-2]
	return nil
}

// check looks at what can be judged without the secret.
func (q *Request) check() error {
	if q.date != q.At.Format("20060102") {
		return problem(Malformed, fmt.Sprintf("Invalid credential date %q. This date is not the same as X-Amz-Date: %q.", q.date, q.At.Format("20060102")))
	}
	if !slices.Contains(q.SignedHeaders, "host") {
		return problem(Malformed, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
	}
	return nil
}

// Verify checks q, which [Parse] made of r, against the secret of its access
// key. A body is not read: see PayloadHash and [Request.Body]. Any error is an
// [*Error].
func (q Request) Verify(r *http.Request, secret string, now time.Time) error {
	if q.Version == 2 {
		return q.verifyV2(r, secret, now)
	}
	if q.PayloadHash == "" {
		q.PayloadHash = emptyHash
	}
	if err := q.verifySignature(r, secret); err != nil {
		return err
	}
	if err := q.verifyTime(now.UTC()); err != nil {
		return err
	}
	return q.verifyHeaders(r)
}

func (q Request) verifySignature(r *http.Request, secret string) error {
	scope := strings.Join([]string{q.date, q.Region, q.Service, "aws4_request"}, "/")
	key := signingKey(secret, q.date, q.Region, q.Service)
	query := canonicalQuery(r.URL.RawQuery)
	var first *Error
	for _, path := range canonicalPaths(r.URL, q.Service) {
		canonical := canonicalRequest(r, path, query, q.SignedHeaders, q.PayloadHash)
		sts := stringToSign(q.amzDate, scope, canonical)
		if hmac.Equal([]byte(hex.EncodeToString(hmac256(key, sts))), []byte(q.signature)) {
			return nil
		}
		if first == nil {
			first = q.mismatch(sts, canonical)
		}
	}
	return first
}

func (q Request) mismatch(stringToSign, canonical string) *Error {
	return &Error{Problem: Mismatch,
		Message:      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
		StringToSign: stringToSign, CanonicalRequest: canonical, Signature: q.signature}
}

func (q Request) verifyTime(now time.Time) error {
	if q.Presigned {
		switch {
		case now.Before(q.At.Add(-MaxSkew)):
			return &Error{Problem: NotYetValid, Message: "Request is not valid yet", At: q.At}
		case now.After(q.Expires):
			return &Error{Problem: Expired, Message: "Request has expired", At: q.At, Expires: q.Expires}
		}
		return nil
	}
	if d := now.Sub(q.At); d > MaxSkew || d < -MaxSkew {
		return &Error{Problem: Skewed, Message: skewText(q, now), At: q.At}
	}
	return nil
}

// skewText is S3's text, or that of everybody else.
func skewText(q Request, now time.Time) string {
	switch {
	case q.Service == "s3":
		return "The difference between the request time and the current time is too large."
	case now.After(q.At):
		return fmt.Sprintf("Signature expired: %s is now earlier than %s (%s - 15 min.)",
			q.At.Format(timeFormat), now.Add(-MaxSkew).Format(timeFormat), now.Format(timeFormat))
	}
	return fmt.Sprintf("Signature not yet current: %s is still later than %s (%s + 15 min.)",
		q.At.Format(timeFormat), now.Add(MaxSkew).Format(timeFormat), now.Format(timeFormat))
}

// verifyHeaders has S3's rule that what an x-amz- header says must be signed.
// Those which change nothing are let through.
func (q Request) verifyHeaders(r *http.Request) error {
	if q.Service != "s3" {
		return nil
	}
	var unsigned []string
	for name := range r.Header {
		name = strings.ToLower(name)
		if !strings.HasPrefix(name, "x-amz-") || slices.Contains(q.SignedHeaders, name) {
			continue
		}
		if name == "x-amz-user-agent" || name == "x-amz-date" || name == strings.ToLower(hashHeader) {
			continue
		}
		unsigned = append(unsigned, name)
	}
	if len(unsigned) == 0 {
		return nil
	}
	slices.Sort(unsigned)
	return &Error{Problem: HeadersUnsigned, Message: "There were headers present in the request which were not signed", Unsigned: unsigned}
}

// queryValues reads a query without judging it.
type queryValues url.Values

func rawQuery(raw string) queryValues {
	v := queryValues{}
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		k, val, _ := strings.Cut(part, "=")
		k = unescapeQuery(k)
		v[k] = append(v[k], unescapeQuery(val))
	}
	return v
}

func (v queryValues) has(k string) bool { return len(v[k]) > 0 }

func (v queryValues) get(k string) string {
	if len(v[k]) == 0 {
		return ""
	}
	return v[k][0]
}

// Is reports whether err is an [*Error] with the problem p.
func Is(err error, p Problem) bool {
	var e *Error
	return errors.As(err, &e) && e.Problem == p
}
