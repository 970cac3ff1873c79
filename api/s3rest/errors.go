package s3rest

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"net/http"
	"strconv"
	"strings"

	"salamander/api/sigv4"
	"salamander/operation"
)

// fail answers with an error.
func (x *exchange) fail(err error) {
	var known *operation.Error
	if !errors.As(err, &known) {
		err = x.signatureError(sigv4.Request{}, err) // met while the body was read
	}
	e := *operation.AsError(err)
	switch e.Code {
	case "InternalFailure":
		x.opt.Log.Error("s3 request", "operation", x.target.operation, "request", x.id, "error", err)
		e.Code, e.Message = "InternalError", "We encountered an internal error. Please try again."
	case "NotImplementedException":
		e.Code = "NotImplemented"
	}
	if e.Status == 0 {
		e.Status = http.StatusBadRequest
	}
	h := x.w.Header()
	if etag, ok := e.Members["ETag"].(string); ok && e.Status == http.StatusNotModified {
		h["ETag"] = []string{etag}
		x.w.WriteHeader(e.Status)
		return
	}
	var doc bytes.Buffer
	writeError(&doc, &e, x.r.URL.Path, x.id)
	h.Set("Content-Type", "application/xml")
	h.Set("Content-Length", strconv.Itoa(doc.Len()))
	x.w.WriteHeader(e.Status)
	if x.r.Method != http.MethodHead {
		_, _ = x.w.Write(doc.Bytes()) // the client may have left
	}
}

// credentialsError is S3's spelling of an access key that nobody has.
func credentialsError(sig sigv4.Request, err error) error {
	e := operation.AsError(err)
	switch {
	case e.Code == "ExpiredToken":
		return &operation.Error{Code: "ExpiredToken", Message: "The provided token has expired.", Cause: err}
	case e.Code != "InvalidClientTokenId":
		return err
	case sig.SessionToken != "":
		return &operation.Error{Code: "InvalidToken", Message: "The provided token is malformed or otherwise invalid.", Cause: err}
	}
	return &operation.Error{Code: "InvalidAccessKeyId", Status: http.StatusForbidden, Cause: err,
		Message: "The AWS Access Key Id you provided does not exist in our records.", Members: map[string]any{"AWSAccessKeyId": sig.AccessKey}}
}

// signatureError is S3's spelling of a refused signature.
func (x *exchange) signatureError(sig sigv4.Request, err error) error {
	var p *sigv4.Error
	if !errors.As(err, &p) {
		return err
	}
	e := &operation.Error{Code: "AccessDenied", Status: http.StatusForbidden, Message: p.Message, Cause: err}
	now := isoTime(x.opt.Now())
	switch p.Problem {
	case sigv4.Malformed:
		e.Code, e.Status = "AuthorizationHeaderMalformed", http.StatusBadRequest
		if sig.Presigned {
			e.Code = "AuthorizationQueryParametersError"
		}
	case sigv4.Unsupported, sigv4.PayloadMissing:
		e.Code, e.Status = "InvalidRequest", http.StatusBadRequest
	case sigv4.PayloadMismatch:
		e.Code, e.Status = "XAmzContentSHA256Mismatch", http.StatusBadRequest
	case sigv4.Incomplete:
		e.Code, e.Status = "IncompleteBody", http.StatusBadRequest
	case sigv4.Mismatch:
		e.Code = "SignatureDoesNotMatch"
		e.Message = "The request signature we calculated does not match the signature you provided. Check your key and signing method."
		e.Members = map[string]any{"AWSAccessKeyId": sig.AccessKey, "StringToSign": p.StringToSign, "SignatureProvided": p.Signature,
			"StringToSignBytes": spaced(p.StringToSign)}
		if p.CanonicalRequest != "" {
			e.Members["CanonicalRequest"], e.Members["CanonicalRequestBytes"] = p.CanonicalRequest, spaced(p.CanonicalRequest)
		}
	case sigv4.Skewed:
		e.Code = "RequestTimeTooSkewed"
		e.Members = map[string]any{"RequestTime": p.At.Format("20060102T150405Z"), "ServerTime": now, "MaxAllowedSkewMilliseconds": "900000"}
	case sigv4.Expired:
		e.Members = map[string]any{"Expires": isoTime(p.Expires), "ServerTime": now}
	case sigv4.HeadersUnsigned:
		e.Members = map[string]any{"HeadersNotSigned": strings.Join(p.Unsigned, ", ")}
	}
	return e
}

func spaced(s string) string { return fmt.Sprintf("% x", s) }

// digests makes the hashes that a header can announce, by its name.
func digests() map[string]hash.Hash {
	return map[string]hash.Hash{
		"Content-Md5":              md5.New(),
		"X-Amz-Checksum-Crc32":     crc32.NewIEEE(),
		"X-Amz-Checksum-Crc32c":    crc32.New(crc32.MakeTable(crc32.Castagnoli)),
		"X-Amz-Checksum-Crc64nvme": crc64.New(crc64.MakeTable(0x9a6c9329ac4bc9b5)),
		"X-Amz-Checksum-Sha1":      sha1.New(),
		"X-Amz-Checksum-Sha256":    sha256.New(),
	}
}

// checkDigests compares a document with the digests in headers and trailers.
// Those of an empty body are not its own: they are the object's.
func checkDigests(header, trailer http.Header, doc []byte) error {
	if len(doc) == 0 {
		return nil
	}
	for name, h := range digests() {
		if strings.HasPrefix(name, "X-Amz-Checksum") && header.Get("X-Amz-Sdk-Checksum-Algorithm") == "" && trailer.Get(name) == "" {
			continue // a checksum of the object, in CompleteMultipartUpload
		}
		want := header.Get(name)
		if want == "" {
			want = trailer.Get(name)
		}
		if want == "" {
			continue
		}
		h.Write(doc)
		if got := base64.StdEncoding.EncodeToString(h.Sum(nil)); got != want {
			what := "Content-MD5"
			if sum, ok := strings.CutPrefix(name, "X-Amz-Checksum-"); ok {
				what = strings.ToUpper(sum)
				return &operation.Error{Code: "BadDigest", Message: "The " + what + " you specified did not match the calculated checksum."}
			}
			return &operation.Error{Code: "BadDigest", Message: "The " + what + " you specified did not match what we received.",
				Members: map[string]any{"ExpectedDigest": want, "CalculatedDigest": got}}
		}
	}
	return nil
}
