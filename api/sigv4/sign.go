// Package sigv4 signs HTTP requests with AWS Signature Version 4 and verifies
// them: in headers, in the query of a presigned URL, and in the chunks of a
// streamed S3 body. It also verifies the presigned URLs of Signature Version
// 2, which boto3 still makes by default.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
package sigv4

import (
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Credentials sign requests. SessionToken is empty for long-lived ones.
type Credentials struct{ AccessKey, Secret, SessionToken string }

// Sign adds the headers of a signature to r: X-Amz-Date, X-Amz-Security-Token
// and Authorization, and for S3 X-Amz-Content-Sha256. payloadHash is
// [HashPayload] of the body, or [UnsignedPayload] for S3; empty means no body.
// The headers Host, Content-Type, Content-MD5 and X-Amz-* are signed.
func Sign(r *http.Request, payloadHash string, c Credentials, region, service string, at time.Time) {
	at = at.UTC()
	if payloadHash == "" {
		payloadHash = emptyHash
	}
	r.Header.Set("X-Amz-Date", at.Format(timeFormat))
	if c.SessionToken != "" {
		r.Header.Set("X-Amz-Security-Token", c.SessionToken)
	}
	if service == "s3" {
		r.Header.Set(hashHeader, payloadHash)
	}
	signed := []string{"host"}
	for name := range r.Header {
		name = strings.ToLower(name)
		if name == "content-type" || name == "content-md5" || name == "range" || strings.HasPrefix(name, "x-amz-") {
			signed = append(signed, name)
		}
	}
	slices.Sort(signed)
	scope := scopeOf(at, region, service)
	canonical := canonicalRequest(r, canonicalPaths(r.URL, service)[0], canonicalQuery(r.URL.RawQuery), signed, payloadHash)
	sts := stringToSign(at.Format(timeFormat), scope, canonical)
	key := signingKey(c.Secret, at.Format("20060102"), region, service)
	r.Header.Set("Authorization", algorithm+" Credential="+c.AccessKey+"/"+scope+
		", SignedHeaders="+strings.Join(signed, ";")+", Signature="+hex.EncodeToString(hmac256(key, sts)))
}

// Presign returns r's URL with a signature in its query, good for the time
// expires, seven days at most. Headers of r other than Host are not signed.
func Presign(r *http.Request, c Credentials, region, service string, at time.Time, expires time.Duration) *url.URL {
	at = at.UTC()
	u := *r.URL
	q := u.Query()
	scope := scopeOf(at, region, service)
	q.Set("X-Amz-Algorithm", algorithm)
	q.Set("X-Amz-Credential", c.AccessKey+"/"+scope)
	q.Set("X-Amz-Date", at.Format(timeFormat))
	q.Set("X-Amz-Expires", strconv.Itoa(int(expires/time.Second)))
	q.Set("X-Amz-SignedHeaders", "host")
	if c.SessionToken != "" {
		q.Set("X-Amz-Security-Token", c.SessionToken)
	}
	hash := emptyHash
	if service == "s3" {
		hash = UnsignedPayload
	}
	query := canonicalQuery(q.Encode())
	canonical := canonicalRequest(r, canonicalPaths(&u, service)[0], query, []string{"host"}, hash)
	sts := stringToSign(at.Format(timeFormat), scope, canonical)
	key := signingKey(c.Secret, at.Format("20060102"), region, service)
	u.RawQuery = query + "&" + signatureKey + "=" + hex.EncodeToString(hmac256(key, sts))
	return &u
}

func scopeOf(at time.Time, region, service string) string {
	return at.Format("20060102") + "/" + region + "/" + service + "/aws4_request"
}
