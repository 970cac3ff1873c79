package sigv4

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
)

// The published example of a chunked upload: 66,560 bytes in three chunks.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
func TestPublishedChunkedUpload(t *testing.T) {
	a := func(n int) string { return strings.Repeat("a", n) }
	body := "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n" + a(65536) + "\r\n" +
		"400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n" + a(1024) + "\r\n" +
		"0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n"
	request := func(body string) *http.Request {
		r := docRequest("PUT", "https://s3.amazonaws.com/examplebucket/chunkObject.txt",
			"X-Amz-Date", "20130524T000000Z", "X-Amz-Storage-Class", "REDUCED_REDUNDANCY", "Content-Encoding", "aws-chunked",
			"X-Amz-Content-Sha256", StreamingSigned, "X-Amz-Decoded-Content-Length", "66560", "Content-Length", "66824",
			"Authorization", "AWS4-HMAC-SHA256 Credential="+docKey+"/20130524/us-east-1/s3/aws4_request,SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class,Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9")
		r.Body = io.NopCloser(strings.NewReader(body))
		return r
	}
	read := func(body string) (int, error) {
		r := request(body)
		q, err := Parse(r)
		if err == nil {
			err = q.Verify(r, docSecret, docTime)
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := q.Body(r, docSecret)
		if err != nil {
			t.Fatal(err)
		}
		if b.Length() != 66560 {
			t.Errorf("length: got %d", b.Length())
		}
		n, err := io.Copy(io.Discard, b)
		return int(n), err
	}
	if n, err := read(body); n != 66560 || err != nil {
		t.Errorf("the published body: got %d, %v", n, err)
	}
	if _, err := read(strings.Replace(body, "aa\r\n400", "ab\r\n400", 1)); !Is(err, Mismatch) {
		t.Errorf("a changed byte: got %v; want a mismatch", err)
	}
	if _, err := read(body[:70000-4000]); !Is(err, Incomplete) {
		t.Errorf("a cut body: got %v; want incomplete", err)
	}
	if _, err := read(body[:strings.LastIndex(body, "0;chunk")]); !Is(err, Incomplete) {
		t.Errorf("no last chunk: got %v; want incomplete", err)
	}
}

// chunked frames data as clients do, signed when s is given.
func chunked(data string, size int, s *chunkSigner, trailer string) string {
	var b strings.Builder
	chunk := func(part string) {
		if s == nil {
			fmt.Fprintf(&b, "%x\r\n", len(part))
		} else {
			sts := algorithm + "-PAYLOAD\n" + s.scope + s.prev + "\n" + emptyHash + "\n" + HashPayload([]byte(part))
			s.prev = hex.EncodeToString(hmac256(s.key, sts))
			fmt.Fprintf(&b, "%x;chunk-signature=%s\r\n", len(part), s.prev)
		}
		if part != "" {
			b.WriteString(part + "\r\n")
		}
	}
	for len(data) > 0 {
		n := min(size, len(data))
		chunk(data[:n])
		data = data[n:]
	}
	chunk("")
	if trailer != "" {
		b.WriteString(trailer + "\r\n")
		if s != nil {
			sig := hex.EncodeToString(hmac256(s.key, algorithm+"-TRAILER\n"+s.scope+s.prev+"\n"+HashPayload([]byte(trailer+"\n"))))
			b.WriteString("x-amz-trailer-signature:" + sig + "\r\n")
		}
	}
	b.WriteString("\r\n")
	return b.String()
}

func streamed(mode, body string, length int) (Request, *http.Request) {
	r := docRequest("PUT", "http://h/b/k", "X-Amz-Decoded-Content-Length", fmt.Sprint(length), "X-Amz-Trailer", "x-amz-checksum-crc32")
	Sign(r, mode, Credentials{AccessKey: docKey, Secret: docSecret}, "us-east-1", "s3", docTime)
	r.Body = io.NopCloser(iotest.HalfReader(strings.NewReader(body)))
	q, _ := Parse(r)
	return q, r
}

func TestTrailers(t *testing.T) {
	const data, trailer = "hello trailing world", "x-amz-checksum-crc32:AAAAAA=="
	for _, mode := range []string{StreamingUnsigned, StreamingSignedTrailer} {
		var s *chunkSigner
		if mode == StreamingSignedTrailer {
			q, _ := streamed(mode, "", len(data))
			s = &chunkSigner{key: signingKey(docSecret, q.date, q.Region, q.Service), prev: q.signature,
				scope: q.amzDate + "\n" + q.date + "/us-east-1/s3/aws4_request\n"}
		}
		framed := chunked(data, 7, s, trailer)
		read := func(framed string, length int) (string, http.Header, error) {
			q, r := streamed(mode, framed, length)
			if s != nil {
				q.signature = firstPrev(mode, length)
			}
			b, err := q.Body(r, docSecret)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(b)
			return string(got), b.Trailer(), err
		}
		got, tr, err := read(framed, len(data))
		if got != data || err != nil || tr.Get("x-amz-checksum-crc32") != "AAAAAA==" {
			t.Errorf("%s: got %q, %v, %v", mode, got, tr, err)
		}
		if _, _, err := read(framed, len(data)+1); err == nil {
			t.Errorf("%s: a wrong decoded length was believed", mode)
		}
		if _, _, err := read(strings.Replace(framed, trailer+"\r\n", "", 1), len(data)); !Is(err, Incomplete) {
			t.Errorf("%s: without the trailer: got %v", mode, err)
		}
		if s == nil {
			continue
		}
		if _, _, err := read(strings.Replace(framed, "AAAAAA", "BAAAAA", 1), len(data)); !Is(err, Mismatch) {
			t.Errorf("%s: a changed trailer: got %v", mode, err)
		}
	}
}

func firstPrev(mode string, length int) string {
	q, _ := streamed(mode, "", length)
	return q.signature
}

func TestPlainBodies(t *testing.T) {
	read := func(hash, body string, length int64) error {
		r := docRequest("PUT", "http://h/b/k")
		Sign(r, hash, Credentials{AccessKey: docKey, Secret: docSecret}, "us-east-1", "s3", docTime)
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), length
		q, err := Parse(r)
		if err != nil {
			return err
		}
		b, err := q.Body(r, docSecret)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, b)
		return err
	}
	hash := HashPayload([]byte("data"))
	if err := read(hash, "data", 4); err != nil {
		t.Errorf("hashed: %v", err)
	}
	if err := read(hash, "dataX", 5); !Is(err, PayloadMismatch) {
		t.Errorf("another body: got %v", err)
	}
	if err := read(hash, "dat", 4); !Is(err, Incomplete) {
		t.Errorf("a short body: got %v", err)
	}
	if err := read(UnsignedPayload, "anything", 8); err != nil {
		t.Errorf("unsigned payload: %v", err)
	}
	if err := read("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "", 0); !Is(err, Unsupported) {
		t.Errorf("ecdsa: got %v", err)
	}
	if err := read("nonsense", "", 0); !Is(err, Malformed) {
		t.Errorf("nonsense: got %v", err)
	}
}

func FuzzChunks(f *testing.F) {
	f.Add([]byte(chunked("hello", 2, nil, "x-amz-checksum-crc32:AAAAAA==")))
	f.Add([]byte("5\r\nhello\r\n0\r\n\r\n"))
	f.Add([]byte("fffffffffffffffff\r\n"))
	f.Fuzz(func(t *testing.T, framed []byte) {
		q, r := streamed(StreamingUnsigned, "", 5)
		r.Body = io.NopCloser(bytes.NewReader(framed))
		b, err := q.Body(r, docSecret)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(b)
		if err == nil && (len(got) != 5 || b.Trailer().Get("x-amz-checksum-crc32") == "") {
			t.Errorf("got %q and %v without an error", got, b.Trailer())
		}
	})
}
