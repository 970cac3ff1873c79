package sigv4

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// The keys and answers of AWS's published examples.
const (
	docKey      = "AKIAIOSFODNN7EXAMPLE"
	docSecret   = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	suiteSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
)

var docTime = time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC)

func docRequest(method, url string, header ...string) *http.Request {
	r := httptest.NewRequest(method, url, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
func TestPublishedExamples(t *testing.T) {
	putHash := HashPayload([]byte("Welcome to Amazon S3."))
	for _, tc := range []struct {
		name, method, url, hash, signed, signature string
		header                                     []string
	}{
		{"get object", "GET", "http://examplebucket.s3.amazonaws.com/test.txt", emptyHash,
			"host;range;x-amz-content-sha256;x-amz-date", "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
			[]string{"Range", "bytes=0-9"}},
		{"put object", "PUT", "http://examplebucket.s3.amazonaws.com/test$file.text", putHash,
			"date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class", "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
			[]string{"Date", "Fri, 24 May 2013 00:00:00 GMT", "X-Amz-Storage-Class", "REDUCED_REDUNDANCY"}},
		{"sub-resource", "GET", "http://examplebucket.s3.amazonaws.com/?lifecycle", emptyHash,
			"host;x-amz-content-sha256;x-amz-date", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543", nil},
		{"list", "GET", "http://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J", emptyHash,
			"host;x-amz-content-sha256;x-amz-date", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := docRequest(tc.method, tc.url, tc.header...)
			r.Header.Set("X-Amz-Date", "20130524T000000Z")
			r.Header.Set("X-Amz-Content-Sha256", tc.hash)
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+docKey+"/20130524/us-east-1/s3/aws4_request,SignedHeaders="+tc.signed+",Signature="+tc.signature)
			q, err := Parse(r)
			if err != nil {
				t.Fatal(err)
			}
			if err := q.Verify(r, docSecret, docTime.Add(time.Minute)); err != nil {
				t.Errorf("the published signature: %v", err)
			}
			if err := q.Verify(r, "wrong", docTime); !Is(err, Mismatch) {
				t.Errorf("a wrong secret: got %v; want a mismatch", err)
			}
		})
	}
}

// The suite's get-vanilla, and the first example of the IAM guide.
func TestOtherServicesPublishedExamples(t *testing.T) {
	at := time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)
	c := Credentials{AccessKey: "AKIDEXAMPLE", Secret: suiteSecret}
	r := docRequest("GET", "http://example.amazonaws.com/")
	Sign(r, "", c, "us-east-1", "service", at)
	wantSignature(t, r, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")

	r = docRequest("GET", "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08",
		"Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	Sign(r, "", c, "us-east-1", "iam", at)
	wantSignature(t, r, "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7")
}

func wantSignature(t *testing.T, r *http.Request, want string) {
	t.Helper()
	if got := r.Header.Get("Authorization"); !strings.HasSuffix(got, "Signature="+want) {
		t.Errorf("got %s; want signature %s", got, want)
	}
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
func TestPublishedPresignedURL(t *testing.T) {
	r := docRequest("GET", "http://examplebucket.s3.amazonaws.com/test.txt")
	u := Presign(r, Credentials{AccessKey: docKey, Secret: docSecret}, "us-east-1", "s3", docTime, 24*time.Hour)
	if want := "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"; !strings.HasSuffix(u.RawQuery, want) {
		t.Fatalf("got %s; want signature %s", u.RawQuery, want)
	}
	r.URL = u
	q, err := Parse(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Verify(r, docSecret, docTime.Add(23*time.Hour)); err != nil {
		t.Errorf("within its time: %v", err)
	}
	if err := q.Verify(r, docSecret, docTime.Add(25*time.Hour)); !Is(err, Expired) {
		t.Errorf("after its time: got %v", err)
	}
	if err := q.Verify(r, docSecret, docTime.Add(-time.Hour)); !Is(err, NotYetValid) {
		t.Errorf("before its time: got %v", err)
	}
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html
func TestPresignedVersion2(t *testing.T) {
	r := docRequest("GET", "http://johnsmith.s3.amazonaws.com/photos/puppy.jpg?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620")
	q, err := Parse(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Verify(r, docSecret, time.Unix(1175139000, 0)); err != nil {
		t.Errorf("the published signature: %v", err)
	}
	if err := q.Verify(r, docSecret, time.Unix(1175139621, 0)); !Is(err, Expired) {
		t.Errorf("after its time: got %v", err)
	}
	if err := q.Verify(r, "wrong", time.Unix(1175139000, 0)); !Is(err, Mismatch) {
		t.Errorf("a wrong secret: got %v", err)
	}
}

// What Sign writes, Verify believes, whatever is in path, query and headers.
func TestSignedIsVerified(t *testing.T) {
	for _, service := range []string{"s3", "lambda"} {
		for _, url := range []string{
			"http://h/", "http://h", "http://h/a%20b/c%2Fd/ü+%2B~", "http://h//a/./b/../c/", "http://h/x?b=2&a=1&a=0&c&d=%20+%2B",
			"http://h/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Af/invocations",
		} {
			r := docRequest("POST", url, "X-Amz-Meta-A", "  two   spaces ", "Content-Type", "text/plain")
			hash := HashPayload([]byte("body"))
			Sign(r, hash, Credentials{"AKID", "secret", "token"}, "eu-west-1", service, docTime)
			q, err := Parse(r)
			if err != nil {
				t.Fatal(err)
			}
			if service != "s3" {
				q.PayloadHash = hash
			}
			if err := q.Verify(r, "secret", docTime); err != nil {
				t.Errorf("%s %s: %v", service, url, err)
			}
			if q.AccessKey != "AKID" || q.SessionToken != "token" || q.Region != "eu-west-1" || q.Service != service {
				t.Errorf("parsed: got %+v", q)
			}
			r.Header.Set("X-Amz-Meta-A", "changed")
			if err := q.Verify(r, "secret", docTime); !Is(err, Mismatch) {
				t.Errorf("a changed header: got %v", err)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	signed := func(service string) *http.Request {
		r := docRequest("GET", "http://h/")
		Sign(r, "", Credentials{AccessKey: "AKID", Secret: "secret"}, "us-east-1", service, docTime)
		return r
	}
	verify := func(r *http.Request, now time.Time) error {
		q, err := Parse(r)
		if err != nil {
			return err
		}
		return q.Verify(r, "secret", now)
	}
	if _, err := Parse(docRequest("GET", "http://h/")); err != ErrUnsigned {
		t.Errorf("unsigned: got %v", err)
	}
	if err := verify(signed("s3"), docTime.Add(16*time.Minute)); !Is(err, Skewed) {
		t.Errorf("late: got %v", err)
	}
	if err := verify(signed("states"), docTime.Add(-16*time.Minute)); !Is(err, Skewed) || !strings.Contains(err.Error(), "Signature not yet current: 20130524T000000Z") {
		t.Errorf("early: got %v", err)
	}
	r := signed("s3")
	r.Header.Set("X-Amz-Acl", "public-read")
	if err := verify(r, docTime); !Is(err, HeadersUnsigned) {
		t.Errorf("an unsigned header: got %v", err)
	}
	r = signed("s3")
	r.Header.Del("X-Amz-Content-Sha256")
	if err := verify(r, docTime); !Is(err, PayloadMissing) {
		t.Errorf("no payload hash: got %v", err)
	}
	for _, auth := range []string{
		"AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential", "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0",
		"AWS4-HMAC-SHA256 Credential=a/20130524/us-east-1/s3/aws4_request, SignedHeaders=date, Signature=0",
		"AWS4-HMAC-SHA256 Credential=a/20130523/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0",
	} {
		r := signed("s3")
		r.Header.Set("Authorization", auth)
		if err := verify(r, docTime); !Is(err, Malformed) {
			t.Errorf("%s: got %v; want malformed", auth, err)
		}
	}
	r = signed("s3")
	r.Header.Set("Authorization", "Bearer x")
	if err := verify(r, docTime); !Is(err, Unsupported) {
		t.Errorf("Bearer: got %v; want unsupported", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential=a/20130524/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0", "a=b&c=%zz", "20130524T000000Z")
	f.Add("", "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a%2F20130524%2Fr%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=0", "")
	f.Add("", "AWSAccessKeyId=a&Signature=b&Expires=1", "")
	f.Fuzz(func(t *testing.T, auth, query, date string) {
		r := docRequest("GET", "http://h/a", "Authorization", auth, "X-Amz-Date", date, "X-Amz-Content-Sha256", UnsignedPayload)
		r.URL.RawQuery = query
		q, err := Parse(r)
		if err != nil {
			return
		}
		if err := q.Verify(r, "nobody guesses this", docTime); err == nil {
			t.Error("a signature made without the secret was believed")
		}
	})
}
