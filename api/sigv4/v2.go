package sigv4

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// subresources are the query parameters that Signature Version 2 covers.
const subresources = " accelerate acl analytics cors defaultObjectAcl delete inventory lifecycle location logging metrics" +
	" notification object-lock partNumber policy replication requestPayment restore select select-type storageClass tagging torrent" +
	" uploadId uploads versionId versioning versions website response-cache-control response-content-disposition" +
	" response-content-encoding response-content-language response-content-type response-expires "

// parseV2 reads a URL presigned with Signature Version 2.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html
func parseV2(query queryValues) (Request, error) {
	q := Request{Version: 2, Presigned: true, Service: "s3", PayloadHash: UnsignedPayload,
		AccessKey:    query.get("AWSAccessKeyId"),
		SessionToken: query.get("x-amz-security-token"),
		signature:    query.get("Signature"),
		amzDate:      query.get("Expires"),
	}
	secs, err := strconv.ParseInt(q.amzDate, 10, 64)
	if err != nil {
		return q, problem(Malformed, "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters")
	}
	q.Expires = time.Unix(secs, 0).UTC()
	return q, nil
}

func (q Request) verifyV2(r *http.Request, secret string, now time.Time) error {
	var first *Error
	for _, resource := range resourcesV2(r) {
		sts := stringToSignV2(r, q.amzDate, resource)
		h := hmac.New(sha1.New, []byte(secret))
		h.Write([]byte(sts))
		if hmac.Equal([]byte(base64.StdEncoding.EncodeToString(h.Sum(nil))), []byte(q.signature)) {
			if now.After(q.Expires) {
				return &Error{Problem: Expired, Message: "Request has expired", Expires: q.Expires}
			}
			return nil
		}
		if first == nil {
			first = q.mismatch(sts, "")
		}
	}
	return first
}

// resourcesV2 returns the forms of the resource: the path, and with a
// host-style name the bucket before it.
func resourcesV2(r *http.Request) []string {
	query := rawQuery(r.URL.RawQuery)
	var subs []string
	for name, values := range query {
		if !strings.Contains(subresources, " "+name+" ") {
			continue
		}
		if values[0] != "" {
			name += "=" + values[0]
		}
		subs = append(subs, name)
	}
	slices.Sort(subs)
	suffix := ""
	if len(subs) > 0 {
		suffix = "?" + strings.Join(subs, "&")
	}
	path := r.URL.EscapedPath()
	forms := []string{path + suffix}
	if strings.Count(path, "/") == 1 { // a bucket: boto3 signs it as a directory
		forms = append(forms, path+"/"+suffix)
	}
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if bucket, _, ok := strings.Cut(host, "."); ok && net.ParseIP(host) == nil {
		forms = append(forms, "/"+bucket+path+suffix)
	}
	return forms
}

// stringToSignV2 takes a header that was moved into the query, as boto3 does,
// from there.
func stringToSignV2(r *http.Request, date, resource string) string {
	query := rawQuery(r.URL.RawQuery)
	header := func(name string) string {
		if v := r.Header.Get(name); v != "" {
			return v
		}
		return query.get(name)
	}
	amz := map[string]string{}
	for name, values := range query {
		if name := strings.ToLower(name); strings.HasPrefix(name, "x-amz-") {
			amz[name] = strings.Join(values, ",")
		}
	}
	for name, values := range r.Header {
		if name := strings.ToLower(name); strings.HasPrefix(name, "x-amz-") {
			amz[name] = strings.Join(values, ",")
		}
	}
	names := make([]string, 0, len(amz))
	for name := range amz {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	b.WriteString(r.Method + "\n" + header("content-md5") + "\n" + header("content-type") + "\n" + date + "\n")
	for _, name := range names {
		b.WriteString(name + ":" + strings.TrimSpace(amz[name]) + "\n")
	}
	b.WriteString(resource)
	return b.String()
}
