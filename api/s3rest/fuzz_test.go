package s3rest_test

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"salamander/api/sigv4"
)

// Whatever is asked by whom may ask, the answer is none of our own mistakes,
// and what says it is XML is.
func FuzzRequest(f *testing.F) {
	handler := serve(f).Config.Handler
	send := func(method, path, query, name, value, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "http://127.0.0.1/", strings.NewReader(body))
		r.Method, r.URL.Path, r.URL.RawQuery = method, "/"+strings.TrimLeft(path, "/"), query
		if name != "" && !strings.EqualFold(name, "host") && !strings.EqualFold(name, "authorization") {
			r.Header.Set(name, value)
		}
		sigv4.Sign(r, sigv4.HashPayload([]byte(body)), sigv4.Credentials{AccessKey: "test", Secret: "test"}, "us-east-1", "s3", time.Now())
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w
	}
	send("PUT", "/bucket", "", "", "", "")
	send("PUT", "/bucket/k", "", "", "", "content")
	for _, seed := range [][6]string{
		{"GET", "/bucket/k", "partNumber=1&versionId=null", "Range", "bytes=1-2", ""},
		{"GET", "/bucket", "list-type=2&max-keys=1&continuation-token=MWE&delimiter=/&encoding-type=url", "", "", ""},
		{"PUT", "/bucket/k2", "", "X-Amz-Copy-Source", "/bucket/k?versionId=null", ""},
		{"POST", "/bucket/k", "uploads", "X-Amz-Checksum-Algorithm", "SHA1", ""},
		{"PUT", "/bucket/k", "uploadId=x&partNumber=1", "X-Amz-Checksum-Crc32", "AAAAAA==", "x"},
		{"POST", "/bucket/k", "uploadId=x", "", "", "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>a</ETag></Part></CompleteMultipartUpload>"},
		{"POST", "/bucket", "delete", "Content-MD5", "x", "<Delete><Object><Key>a</Key></Object></Delete>"},
		{"HEAD", "/bucket/k", "", "If-Modified-Since", "Mon, 02 Jan 2006 15:04:05 GMT", ""},
		{"PUT", "/new-bucket", "", "X-Amz-Acl", "private", "<CreateBucketConfiguration><LocationConstraint>EU</LocationConstraint></CreateBucketConfiguration>"},
		{"POST", "/bucket", "", "Content-Type", "multipart/form-data; boundary=edge", "--edge\r\n"},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3], seed[4], seed[5])
	}
	f.Fuzz(func(t *testing.T, method, path, query, name, value, body string) {
		if _, err := url.ParseQuery(query); err != nil || strings.ContainsAny(name+value+method, "\r\n\x00 ") {
			t.Skip()
		}
		w := send(method, path, query, name, value, body)
		if w.Code >= 500 && w.Code != 501 {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
		if w.Header().Get("Content-Type") != "application/xml" || method == "HEAD" || method == "GET" && w.Code < 300 && strings.Count(path, "/") > 1 {
			return
		}
		for dec := xml.NewDecoder(w.Body); ; {
			if _, err := dec.Token(); errors.Is(err, io.EOF) {
				return
			} else if err != nil {
				t.Fatalf("%v in %s", err, w.Body)
			}
		}
	})
}
