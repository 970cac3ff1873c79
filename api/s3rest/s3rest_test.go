package s3rest_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"salamander/api/s3rest"
	"salamander/api/sigv4"
	"salamander/object"
	"salamander/operation"
	"salamander/service/s3"
	"salamander/store"
)

// keys is a caller with the access key "test" and the secret "test".
type keys struct{}

func (keys) Lookup(_ context.Context, accessKey, token, region string) (string, operation.Caller, error) {
	if region == "" {
		region = "us-east-1"
	}
	switch {
	case token != "":
		return "", operation.Caller{}, operation.Errorf("ExpiredToken", "expired")
	case accessKey == "test":
		return "test", operation.Caller{Account: "000000000000", Region: region}, nil
	case accessKey == "111111111111":
		return "test", operation.Caller{Account: accessKey, Region: region}, nil
	}
	return "", operation.Caller{}, operation.Errorf("InvalidClientTokenId", "unknown")
}

// serve starts a server over an empty store.
func serve(t testing.TB) *httptest.Server {
	t.Helper()
	dir := t.TempDir()
	db, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	objects, err := object.New(filepath.Join(dir, "objects"), store.NewObjects(db), object.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var reg operation.Registry
	s3.New(objects).Register(&reg)
	srv := httptest.NewServer(s3rest.New(&reg, keys{}, s3rest.Options{}))
	t.Cleanup(srv.Close)
	return srv
}

// An answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// client signs and sends requests.
type client struct {
	t   testing.TB
	srv *httptest.Server
}

func (c client) request(method, path, body string, header ...string) *http.Request {
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.srv.URL+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

func (c client) do(method, path, body string, header ...string) answer {
	c.t.Helper()
	r := c.request(method, path, body, header...)
	sigv4.Sign(r, sigv4.HashPayload([]byte(body)), sigv4.Credentials{AccessKey: "test", Secret: "test"}, "us-east-1", "s3", time.Now())
	return c.send(r)
}

func (c client) send(r *http.Request) answer {
	c.t.Helper()
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(b)}
}

// want checks status and, where text is given, that the body contains it.
func (c client) want(a answer, status int, text string) answer {
	c.t.Helper()
	if a.status != status || !strings.Contains(a.body, text) {
		c.t.Errorf("got %d %q; want %d with %q", a.status, a.body, status, text)
	}
	return a
}

func TestObjectsOverHTTP(t *testing.T) {
	c := client{t, serve(t)}
	c.want(c.do("PUT", "/bucket", ""), 200, "")
	c.want(c.do("PUT", "/bucket/a%20b/%C3%BC+%2B//x", "hello", "Content-Type", "text/plain", "X-Amz-Meta-Who", "me", "Content-Encoding", "aws-chunked,br"), 200, "")
	got := c.want(c.do("GET", "/bucket/a%20b/%C3%BC+%2B//x", ""), 200, "hello")
	for name, want := range map[string]string{"Content-Type": "text/plain", "X-Amz-Meta-Who": "me", "Content-Encoding": "br",
		"Etag": `"5d41402abc4b2a76b9719d911017c592"`, "Accept-Ranges": "bytes", "Content-Length": "5", "X-Amz-Checksum-Crc64nvme": ""} {
		if v := got.header.Get(name); v != want {
			t.Errorf("%s: got %q; want %q", name, v, want)
		}
	}
	c.want(c.do("GET", "/bucket?list-type=2&encoding-type=url&prefix=a", ""), 200,
		`<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>false</IsTruncated><Contents><Key>a%20b/%C3%BC%2B%2B//x</Key><LastModified>`)
	c.want(c.do("DELETE", "/bucket", ""), 409, "<Error><Code>BucketNotEmpty</Code><Message>The bucket you tried to delete is not empty</Message><BucketName>bucket</BucketName><Resource>/bucket</Resource><RequestId>")
	c.want(c.do("DELETE", "/bucket/a%20b/%C3%BC+%2B//x", ""), 204, "")
	c.want(c.do("GET", "/bucket/a%20b/%C3%BC+%2B//x", ""), 404, "<Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>a b/ü++//x</Key>")
	c.want(c.do("DELETE", "/bucket", ""), 204, "")
	c.want(c.do("GET", "/bucket?location", ""), 404, "<Code>NoSuchBucket</Code>")
	c.want(c.do("GET", "/", ""), 200, "<ListAllMyBucketsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Buckets></Buckets><Owner><ID>")
}

func TestRanges(t *testing.T) {
	c := client{t, serve(t)}
	c.do("PUT", "/bucket", "")
	c.do("PUT", "/bucket/k", "0123456789", "X-Amz-Checksum-Crc32", "poTHxg==")
	for _, tc := range []struct {
		ask    string
		status int
		body   string
		span   string
	}{
		{"bytes=0-3", 206, "0123", "bytes 0-3/10"},
		{"bytes=7-", 206, "789", "bytes 7-9/10"},
		{"bytes=-2", 206, "89", "bytes 8-9/10"},
		{"bytes=-20", 206, "0123456789", "bytes 0-9/10"},
		{"bytes=5-100", 206, "56789", "bytes 5-9/10"},
		{"bytes=3-1", 200, "0123456789", ""},
		{"bytes=0-1,3-4", 200, "0123456789", ""},
		{"nonsense", 200, "0123456789", ""},
		{"bytes=10-", 416, "<Code>InvalidRange</Code><Message>The requested range is not satisfiable</Message><ActualObjectSize>10</ActualObjectSize><RangeRequested>bytes=10-", ""},
		{"bytes=-0", 416, "InvalidRange", ""},
	} {
		got := c.want(c.do("GET", "/bucket/k", "", "Range", tc.ask, "X-Amz-Checksum-Mode", "ENABLED"), tc.status, tc.body)
		if v := got.header.Get("Content-Range"); v != tc.span {
			t.Errorf("%s: got %q; want %q", tc.ask, v, tc.span)
		}
		// The checksum of the whole must not come with a part.
		if v := got.header.Get("X-Amz-Checksum-Crc32"); (v != "") != (tc.body == "0123456789") {
			t.Errorf("%s: checksum %q", tc.ask, v)
		}
	}
	head := c.want(c.do("HEAD", "/bucket/k", "", "Range", "bytes=0-3"), 206, "")
	if head.header.Get("Content-Length") != "4" {
		t.Errorf("head: got %v", head.header)
	}
	if head = c.want(c.do("HEAD", "/bucket/none", ""), 404, ""); head.body != "" {
		t.Errorf("head: got a body %q", head.body)
	}
}

func TestConditionsOverHTTP(t *testing.T) {
	c := client{t, serve(t)}
	c.do("PUT", "/bucket", "")
	etag := c.do("PUT", "/bucket/k", "x").header.Get("ETag")
	c.want(c.do("PUT", "/bucket/k", "y", "If-None-Match", "*"), 412, "<Code>PreconditionFailed</Code><Message>At least one of the pre-conditions you specified did not hold</Message><Condition>If-None-Match</Condition>")
	c.want(c.do("PUT", "/bucket/k", "y", "If-Match", `"0"`), 412, "If-Match")
	c.want(c.do("PUT", "/bucket/none", "y", "If-Match", etag), 404, "NoSuchKey")
	c.want(c.do("PUT", "/bucket/k", "x", "If-Match", etag), 200, "")
	if got := c.want(c.do("GET", "/bucket/k", "", "If-None-Match", etag), 304, ""); got.header.Get("ETag") != etag || got.body != "" {
		t.Errorf("304: got %+v", got)
	}
	c.want(c.do("GET", "/bucket/k", "", "If-Match", `"0"`), 412, "If-Match")
	c.want(c.do("GET", "/bucket/k", "", "If-Modified-Since", time.Now().UTC().Add(time.Hour).Format(http.TimeFormat)), 304, "")
	c.want(c.do("GET", "/bucket/k", "", "If-Unmodified-Since", "Mon, 02 Jan 2006 15:04:05 GMT"), 412, "If-Unmodified-Since")
}

func TestBodiesAsClientsSendThem(t *testing.T) {
	c := client{t, serve(t)}
	c.do("PUT", "/bucket", "")
	put := func(hash, body string, header ...string) answer {
		r := c.request("PUT", "/bucket/k", body, header...)
		sigv4.Sign(r, hash, sigv4.Credentials{AccessKey: "test", Secret: "test"}, "us-east-1", "s3", time.Now())
		return c.send(r)
	}
	const hello = "NhCmhg==" // CRC32 of "hello"
	trailed := func(sum string) string {
		return "2\r\nhe\r\n3\r\nllo\r\n0\r\nx-amz-checksum-crc32:" + sum + "\r\n\r\n"
	}
	trailer := []string{"Content-Encoding", "aws-chunked", "X-Amz-Decoded-Content-Length", "5", "X-Amz-Trailer", "x-amz-checksum-crc32"}

	// (a) a plain body with a checksum in a header
	c.want(put(sigv4.HashPayload([]byte("hello")), "hello", "X-Amz-Checksum-Crc32", hello, "X-Amz-Sdk-Checksum-Algorithm", "CRC32"), 200, "")
	c.want(put(sigv4.HashPayload([]byte("hello")), "hello", "X-Amz-Checksum-Crc32", "AAAAAA=="), 400, "<Code>BadDigest</Code><Message>The CRC32 you specified did not match the calculated checksum.")
	c.want(put(sigv4.HashPayload([]byte("hello")), "hello", "X-Amz-Checksum-Crc32", "x"), 400, "Value for x-amz-checksum-crc32 header is invalid.")
	// (b) unsigned chunks with a trailer, with and without a length
	got := c.want(put(sigv4.StreamingUnsigned, trailed(hello), trailer...), 200, "")
	if got.header.Get("X-Amz-Checksum-Crc32") != hello {
		t.Errorf("got %v", got.header)
	}
	c.want(put(sigv4.StreamingUnsigned, trailed("AAAAAA=="), trailer...), 400, "BadDigest")
	c.want(put(sigv4.StreamingUnsigned, trailed(hello)[:10], trailer...), 400, "IncompleteBody")
	r := c.request("PUT", "/bucket/te", "", trailer...)
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(trailed(hello))), -1
	sigv4.Sign(r, sigv4.StreamingUnsigned, sigv4.Credentials{AccessKey: "test", Secret: "test"}, "us-east-1", "s3", time.Now())
	c.want(c.send(r), 200, "")
	// (d) an unsigned payload
	c.want(put(sigv4.UnsignedPayload, "hello", "Content-Md5", "XUFAKrxLKna5cZ2REBfFkg=="), 200, "")
	c.want(put(sigv4.UnsignedPayload, "hello", "Content-Md5", "AAAAAAAAAAAAAAAAAAAAAA=="), 400, "The Content-MD5 you specified did not match what we received.")
	c.want(put(sigv4.UnsignedPayload, "hello", "Content-Md5", "x"), 400, "InvalidDigest")
	// a signed hash that is not the body's
	c.want(put(sigv4.HashPayload([]byte("other")), "hello"), 400, "XAmzContentSHA256Mismatch")
	r = c.request("PUT", "/bucket/te", "")
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader("hello")), -1
	sigv4.Sign(r, sigv4.UnsignedPayload, sigv4.Credentials{AccessKey: "test", Secret: "test"}, "us-east-1", "s3", time.Now())
	c.want(c.send(r), 411, "MissingContentLength")

	c.want(c.do("GET", "/bucket/k", ""), 200, "hello")
	c.want(c.do("GET", "/bucket/te", ""), 200, "hello")
}

func TestWhoMay(t *testing.T) {
	c := client{t, serve(t)}
	c.do("PUT", "/bucket", "")
	signed := func(cred sigv4.Credentials, at time.Time, service string) answer {
		r := c.request("GET", "/bucket", "")
		sigv4.Sign(r, sigv4.UnsignedPayload, cred, "us-east-1", service, at)
		return c.send(r)
	}
	now := time.Now()
	c.want(c.send(c.request("GET", "/bucket", "")), 403, "<Code>AccessDenied</Code><Message>Access Denied</Message>")
	c.want(signed(sigv4.Credentials{AccessKey: "test", Secret: "wrong"}, now, "s3"), 403, "<Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided. Check your key and signing method.</Message><AWSAccessKeyId>test</AWSAccessKeyId><CanonicalRequest>GET")
	c.want(signed(sigv4.Credentials{AccessKey: "nobody", Secret: "test"}, now, "s3"), 403, "<Code>InvalidAccessKeyId</Code><Message>The AWS Access Key Id you provided does not exist in our records.</Message><AWSAccessKeyId>nobody</AWSAccessKeyId>")
	c.want(signed(sigv4.Credentials{AccessKey: "test", Secret: "test", SessionToken: "old"}, now, "s3"), 400, "ExpiredToken")
	c.want(signed(sigv4.Credentials{AccessKey: "test", Secret: "test"}, now.Add(-time.Hour), "s3"), 403, "RequestTimeTooSkewed")
	c.want(signed(sigv4.Credentials{AccessKey: "test", Secret: "test"}, now, "sts"), 400, "incorrect service")
	c.want(signed(sigv4.Credentials{AccessKey: "111111111111", Secret: "test"}, now, "s3"), 403, "AccessDenied")
	r := c.request("PUT", "/bucket", "")
	sigv4.Sign(r, sigv4.UnsignedPayload, sigv4.Credentials{AccessKey: "111111111111", Secret: "test"}, "us-east-1", "s3", now)
	c.want(c.send(r), 409, "BucketAlreadyExists")
	c.want(c.do("GET", "/bucket", "", "X-Amz-Expected-Bucket-Owner", "111111111111"), 403, "AccessDenied")
	c.want(c.do("GET", "/bucket", "", "X-Amz-Expected-Bucket-Owner", "000000000000"), 200, "")
}

func TestPresignedURLs(t *testing.T) {
	c := client{t, serve(t)}
	c.do("PUT", "/bucket", "")
	presign := func(method, path string, at time.Time) *http.Request {
		r := c.request(method, path, "")
		r.URL = sigv4.Presign(r, sigv4.Credentials{AccessKey: "test", Secret: "test"}, "us-east-1", "s3", at, time.Minute)
		return r
	}
	r := presign("PUT", "/bucket/a%20b", time.Now())
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader("hello")), 5
	c.want(c.send(r), 200, "")
	got := c.want(c.send(presign("GET", "/bucket/a%20b?response-content-type=text/x", time.Now())), 200, "hello")
	if got.header.Get("Content-Type") != "text/x" {
		t.Errorf("got %v", got.header)
	}
	c.want(c.send(presign("GET", "/bucket/a%20b", time.Now().Add(-time.Hour))), 403, "<Message>Request has expired</Message>")
}

func TestWhatIsMissingSaysSo(t *testing.T) {
	c := client{t, serve(t)}
	c.do("PUT", "/bucket", "")
	for _, tc := range [][4]string{
		{"PUT", "/bucket?versioning", "", "s3:PutBucketVersioning"},
		{"GET", "/bucket?policy", "", "s3:GetBucketPolicy"},
		{"PUT", "/bucket/k?tagging", "", "s3:PutObjectTagging"},
		{"POST", "/bucket/k?restore", "", "s3:RestoreObject"},
		{"PUT", "/bucket/k", "X-Amz-Server-Side-Encryption", "x-amz-server-side-encryption in s3:PutObject"},
		{"PUT", "/bucket/k", "X-Amz-Tagging", "x-amz-tagging in s3:PutObject"},
		{"PUT", "/bucket/k", "X-Amz-Checksum-Sha512", "x-amz-checksum-sha512"},
		{"PUT", "/bucket/k", "X-Amz-Storage-Class", "the storage class"},
		{"PUT", "/bucket/k", "X-Amz-Acl", "the access control list"},
	} {
		var header []string
		if tc[2] != "" {
			header = []string{tc[2], "value"}
		}
		if a := c.do(tc[0], tc[1], "", header...); a.status != 501 || !strings.Contains(a.body, "<Code>NotImplemented</Code>") || !strings.Contains(a.body, tc[3]) {
			t.Errorf("%v: got %d %s", tc, a.status, a.body)
		}
	}
	c.want(c.do("PATCH", "/bucket/k", ""), 405, "MethodNotAllowed")
	c.want(c.do("PUT", "/bucket", `<CreateBucketConfiguration><Tags><Tag><Key>a</Key></Tag></Tags></CreateBucketConfiguration>`), 501, "Tags")
	c.want(c.do("GET", "/bucket/k", ""), 404, "NoSuchKey")
}

func TestHostStyle(t *testing.T) {
	c := client{t, serve(t)}
	c.do("PUT", "/bucket", "")
	for host, path := range map[string]string{"bucket.localhost:4566": "/k", "bucket.s3.localhost": "/k", "bucket.s3.us-east-1.localhost:1": "/k",
		"s3.localhost": "/bucket/k", "localhost:4566": "/bucket/k", "[::1]:4566": "/bucket/k"} {
		r := c.request("PUT", path, "")
		r.Host = host
		sigv4.Sign(r, "", sigv4.Credentials{AccessKey: "test", Secret: "test"}, "us-east-1", "s3", time.Now())
		c.want(c.send(r), 200, "")
		c.want(c.do("DELETE", "/bucket/k", ""), 204, "")
		c.want(c.do("HEAD", "/bucket/k", ""), 404, "")
	}
	c.want(c.do("GET", "/bucket", ""), 200, "<MaxKeys>1000</MaxKeys></ListBucketResult>")
}

func TestDeleteObjects(t *testing.T) {
	c := client{t, serve(t)}
	c.do("PUT", "/bucket", "")
	c.do("PUT", "/bucket/a", "")
	c.do("PUT", "/bucket/b", "")
	got := c.want(c.do("POST", "/bucket?delete", `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Object><Key>a</Key></Object><Object><Key>b</Key><VersionId>v7</VersionId></Object></Delete>`), 200,
		`<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Deleted><Key>a</Key></Deleted><Error><Key>b</Key><Code>InvalidArgument</Code>`)
	if got.header.Get("Content-Type") != "application/xml" {
		t.Errorf("got %v", got.header)
	}
	c.want(c.do("POST", "/bucket?delete", `<Delete><Quiet>true</Quiet><Object><Key>b</Key></Object></Delete>`), 200, "2006-03-01/\"></DeleteResult>")
	c.want(c.do("GET", "/bucket", ""), 200, "<MaxKeys>1000</MaxKeys></ListBucketResult>")
	for _, bad := range []string{"", "<Delete>", "<Delete></Delete>", "<Other/>", "<Delete><Object><Key>a</Key></Object></Delete><x/>"} {
		c.want(c.do("POST", "/bucket?delete", bad), 400, "<Code>MalformedXML</Code>")
	}
	c.want(c.do("POST", "/bucket?delete", `<Delete><Object><Key>b</Key></Object></Delete>`, "Content-Md5", "AAAAAAAAAAAAAAAAAAAAAA=="), 400, "BadDigest")
}

// (c) Chunks that are signed one by one, as older clients send them.
func TestSignedChunks(t *testing.T) {
	c := client{t, serve(t)}
	c.do("PUT", "/bucket", "")
	put := func(damage string) answer {
		at := time.Now().UTC()
		r := c.request("PUT", "/bucket/k", "", "Content-Encoding", "aws-chunked", "X-Amz-Decoded-Content-Length", "5", "X-Amz-Trailer", "x-amz-checksum-crc32")
		sigv4.Sign(r, sigv4.StreamingSignedTrailer, sigv4.Credentials{AccessKey: "test", Secret: "test"}, "us-east-1", "s3", at)
		_, seed, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
		body := signedChunks(at, seed, []string{"he", "llo", ""}, "x-amz-checksum-crc32:NhCmhg==")
		body = strings.Replace(body, "llo", damage, 1)
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		return c.send(r)
	}
	c.want(put("llo"), 200, "")
	c.want(c.do("GET", "/bucket/k", ""), 200, "hello")
	c.want(put("lly"), 403, "SignatureDoesNotMatch")
	c.want(c.do("GET", "/bucket/k", ""), 200, "hello")
}

func signedChunks(at time.Time, seed string, chunks []string, trailer string) string {
	sign := func(key []byte, text string) []byte {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(text))
		return h.Sum(nil)
	}
	day := at.Format("20060102")
	key := sign(sign(sign(sign([]byte("AWS4test"), day), "us-east-1"), "s3"), "aws4_request")
	scope := at.Format("20060102T150405Z") + "\n" + day + "/us-east-1/s3/aws4_request\n"
	var b strings.Builder
	prev := seed
	for _, chunk := range chunks {
		prev = fmt.Sprintf("%x", sign(key, "AWS4-HMAC-SHA256-PAYLOAD\n"+scope+prev+"\n"+sigv4.HashPayload(nil)+"\n"+sigv4.HashPayload([]byte(chunk))))
		fmt.Fprintf(&b, "%x;chunk-signature=%s\r\n", len(chunk), prev)
		if chunk != "" {
			b.WriteString(chunk + "\r\n")
		}
	}
	sum := sign(key, "AWS4-HMAC-SHA256-TRAILER\n"+scope+prev+"\n"+sigv4.HashPayload([]byte(trailer+"\n")))
	fmt.Fprintf(&b, "%s\r\nx-amz-trailer-signature:%x\r\n\r\n", trailer, sum)
	return b.String()
}

func TestAnUploadMayBeTooLarge(t *testing.T) {
	c := client{t, serve(t)}
	c.do("PUT", "/bucket", "")
	r := c.request("PUT", "/bucket/k", "", "X-Amz-Decoded-Content-Length", "5368709121")
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader("0\r\n\r\n")), -1
	sigv4.Sign(r, sigv4.StreamingUnsigned, sigv4.Credentials{AccessKey: "test", Secret: "test"}, "us-east-1", "s3", time.Now())
	c.want(c.send(r), 400, "<Code>EntityTooLarge</Code>")
}

// One kilobyte there and back, on one connection.
func BenchmarkPutGet(b *testing.B) {
	c := client{b, serve(b)}
	c.do("PUT", "/bucket", "")
	content := strings.Repeat("x", 1<<10)
	b.ReportAllocs()
	for b.Loop() {
		c.want(c.do("PUT", "/bucket/k", content), 200, "")
		c.want(c.do("GET", "/bucket/k", ""), 200, content)
	}
}
