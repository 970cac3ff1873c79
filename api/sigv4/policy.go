package sigv4

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// ParseForm reads the signature of a form that a browser posts to S3, whose
// fields field returns by their names in lower case. It signs the field
// "policy". It returns [ErrUnsigned] when there is none.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
func ParseForm(field func(name string) string) (Request, error) {
	q := Request{Version: 4, Presigned: true, Service: "s3", PayloadHash: UnsignedPayload, SessionToken: field("x-amz-security-token")}
	switch {
	case field("policy") == "":
		return q, ErrUnsigned
	case field("x-amz-signature") != "":
		if field("x-amz-algorithm") != algorithm {
			return q, problem(Unsupported, "Only AWS4-HMAC-SHA256 is supported as x-amz-algorithm.")
		}
		if err := q.parseCredential(field("x-amz-credential")); err != nil {
			return q, err
		}
		if err := q.parseDate(field("x-amz-date")); err != nil {
			return q, err
		}
		q.signature = field("x-amz-signature")
		if q.Service != "s3" || !strings.HasPrefix(q.amzDate, q.date) {
			return q, problem(Malformed, "The x-amz-credential of the form does not belong to s3 or to the x-amz-date.")
		}
	case field("signature") != "":
		q.Version, q.AccessKey, q.signature = 2, field("awsaccesskeyid"), field("signature")
	default:
		return q, ErrUnsigned
	}
	return q, nil
}

// VerifyForm checks the signature of the policy, in base64 as the form has
// it. What the policy demands, its time included, is the caller's to check.
func (q Request) VerifyForm(policy, secret string) error {
	want := ""
	if q.Version == 2 {
		h := hmac.New(sha1.New, []byte(secret))
		h.Write([]byte(policy))
		want = base64.StdEncoding.EncodeToString(h.Sum(nil))
	} else {
		want = hex.EncodeToString(hmac256(signingKey(secret, q.date, q.Region, q.Service), policy))
	}
	if !hmac.Equal([]byte(want), []byte(q.signature)) {
		return q.mismatch(policy, "")
	}
	return nil
}
