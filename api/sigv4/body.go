package sigv4

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// maxLine is the longest chunk header or trailer line that is read.
const maxLine = 4096

// A Body is the payload of an S3 request as the client meant it: chunk
// framing removed, and checked against the signature while it is read. A
// wrong body is an [*Error] instead of the end, so a reader that got io.EOF
// has the whole payload, and what it was told is true.
type Body struct {
	r       io.Reader
	length  int64
	trailer http.Header
}

// Body returns the payload of r, which q was made of and verified with. The
// zero Request stands for a request without a signature.
func (q Request) Body(r *http.Request, secret string) (*Body, error) {
	mode := q.PayloadHash
	if mode == "" {
		mode = r.Header.Get(hashHeader)
	}
	src := io.Reader(http.NoBody)
	if r.Body != nil {
		src = r.Body
	}
	b := &Body{length: r.ContentLength, trailer: http.Header{}}
	switch mode {
	case "", UnsignedPayload:
		b.r = &lengthReader{r: src, want: b.length}
		return b, nil
	case StreamingUnsigned, StreamingSigned, StreamingSignedTrailer:
		return b, b.decode(q, r, src, mode, secret)
	}
	if strings.HasPrefix(mode, "STREAMING-") {
		return nil, problem(Unsupported, fmt.Sprintf("Salamander does not implement payloads signed as %s", mode))
	}
	if sum, err := hex.DecodeString(mode); err != nil || len(sum) != sha256.Size {
		return nil, problem(Malformed, "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.")
	}
	b.r = &hashReader{r: &lengthReader{r: src, want: b.length}, h: sha256.New(), want: strings.ToLower(mode)}
	return b, nil
}

func (b *Body) decode(q Request, r *http.Request, src io.Reader, mode, secret string) error {
	text := r.Header.Get("X-Amz-Decoded-Content-Length")
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return problem(Malformed, "You must provide the x-amz-decoded-content-length HTTP header.")
	}
	b.length = n
	c := &chunkReader{r: bufio.NewReaderSize(src, 32<<10), trailer: b.trailer, declared: r.Header.Values("X-Amz-Trailer")}
	if mode != StreamingUnsigned {
		c.sign = &chunkSigner{
			key:   signingKey(secret, q.date, q.Region, q.Service),
			scope: q.amzDate + "\n" + strings.Join([]string{q.date, q.Region, q.Service, "aws4_request"}, "/") + "\n",
			prev:  q.signature,
		}
	}
	b.r = &lengthReader{r: c, want: n}
	return nil
}

// Read reads the payload.
func (b *Body) Read(p []byte) (int, error) { return b.r.Read(p) }

// Length returns the length of the payload, or -1 where nothing tells it.
func (b *Body) Length() int64 { return b.length }

// Trailer returns the trailing headers. It is complete when Read has
// returned io.EOF.
func (b *Body) Trailer() http.Header { return b.trailer }

// lengthReader wants exactly the bytes announced; -1 wants any number.
type lengthReader struct {
	r         io.Reader
	want, got int64
}

func (l *lengthReader) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	l.got += int64(n)
	switch {
	case l.want < 0:
	case l.got > l.want:
		return n, problem(Incomplete, "The request body is longer than its Content-Length or x-amz-decoded-content-length.")
	case (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)) && l.got < l.want:
		return n, problem(Incomplete, "You did not provide the number of bytes specified by the Content-Length HTTP header")
	}
	return n, err
}

// hashReader compares the hash of what was read at its end.
type hashReader struct {
	r    io.Reader
	h    hash.Hash
	want string
}

func (s *hashReader) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.h.Write(p[:n])
	if errors.Is(err, io.EOF) && hex.EncodeToString(s.h.Sum(nil)) != s.want {
		return n, problem(PayloadMismatch, "The provided 'x-amz-content-sha256' header does not match what was computed.")
	}
	return n, err
}

// A chunkReader removes the framing aws-chunked.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
type chunkReader struct {
	r        *bufio.Reader
	sign     *chunkSigner // nil when chunks are not signed
	left     int64        // of the chunk under way
	within   bool         // a chunk is under way
	trailer  http.Header
	declared []string // names announced in x-amz-trailer
	err      error
}

func (c *chunkReader) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	if len(p) == 0 {
		return 0, nil
	}
	if !c.within {
		if c.err = c.begin(); c.err != nil {
			return 0, c.err
		}
	}
	n, err := c.r.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	if c.sign != nil {
		c.sign.h.Write(p[:n])
	}
	if err == nil && c.left == 0 {
		err = c.finish()
	}
	c.err = unexpected(err)
	return n, c.err
}

// begin reads a chunk's header; after the last chunk it reads the trailer and
// returns io.EOF.
func (c *chunkReader) begin() error {
	line, err := c.line()
	if err != nil {
		return unexpected(err)
	}
	size, ext, _ := strings.Cut(line, ";")
	n, err := strconv.ParseUint(strings.TrimSpace(size), 16, 62)
	if err != nil {
		return problem(Incomplete, fmt.Sprintf("the chunk size %q is no hexadecimal number", size))
	}
	if c.sign != nil {
		sig, ok := strings.CutPrefix(strings.TrimSpace(ext), "chunk-signature=")
		if !ok {
			return problem(Incomplete, "a chunk has no chunk-signature")
		}
		c.sign.begin(sig)
	}
	if n == 0 {
		if err := c.end(); err != nil {
			return err
		}
		return io.EOF
	}
	c.left, c.within = int64(n), true
	return nil
}

// finish reads the line break behind a chunk and checks its signature.
func (c *chunkReader) finish() error {
	c.within = false
	line, err := c.line()
	if err != nil {
		return err
	}
	if line != "" {
		return problem(Incomplete, "a chunk is longer than its size says")
	}
	if c.sign != nil {
		return c.sign.check()
	}
	return nil
}

// end checks the last, empty chunk and reads the trailing headers.
func (c *chunkReader) end() error {
	if c.sign != nil {
		if err := c.sign.check(); err != nil {
			return err
		}
	}
	var signed strings.Builder
	signature := ""
	for {
		line, err := c.line()
		if errors.Is(err, io.EOF) { // some clients leave the last line break out
			break
		}
		if err != nil {
			return unexpected(err)
		}
		if line == "" {
			// A signed trailer may come behind an empty line.
			if _, err := c.r.Peek(1); err != nil {
				break
			}
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || len(c.trailer) > 32 {
			return problem(Incomplete, "the trailing headers do not parse")
		}
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		if name == "x-amz-trailer-signature" {
			signature = value
			continue
		}
		signed.WriteString(name + ":" + value + "\n")
		c.trailer.Add(name, value)
	}
	return c.checkTrailer(signed.String(), signature)
}

// checkTrailer wants every trailer that was announced, and its signature.
func (c *chunkReader) checkTrailer(signed, signature string) error {
	for _, names := range c.declared {
		for name := range strings.SplitSeq(names, ",") {
			if name = strings.TrimSpace(name); name != "" && c.trailer.Get(name) == "" {
				return problem(Incomplete, fmt.Sprintf("the trailing header %q was announced and did not come", name))
			}
		}
	}
	if c.sign == nil || signed == "" {
		return nil
	}
	return c.sign.checkTrailer(signed, signature)
}

// line reads a line without its break. It returns io.EOF only where nothing
// was left to read.
func (c *chunkReader) line() (string, error) {
	var line []byte
	for {
		b, err := c.r.ReadByte()
		switch {
		case err != nil && len(line) == 0:
			return "", err
		case err != nil:
			return "", io.ErrUnexpectedEOF
		case b == '\n':
			return strings.TrimSuffix(string(line), "\r"), nil
		case len(line) >= maxLine:
			return "", problem(Incomplete, "a line of the chunk framing is too long")
		}
		line = append(line, b)
	}
}

// unexpected names an end that came before the last chunk.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return problem(Incomplete, "The request body terminated unexpectedly")
	}
	return err
}

// A chunkSigner checks the chain of chunk signatures.
type chunkSigner struct {
	key   []byte
	scope string // date and scope, a line each
	prev  string // signature before this chunk
	want  string // what this chunk says
	h     hash.Hash
}

func (s *chunkSigner) begin(sig string) {
	s.want, s.h = sig, sha256.New()
}

func (s *chunkSigner) check() error {
	return s.compare(s.want, algorithm+"-PAYLOAD\n"+s.scope+s.prev+"\n"+emptyHash+"\n"+hex.EncodeToString(s.h.Sum(nil)))
}

func (s *chunkSigner) checkTrailer(signed, signature string) error {
	return s.compare(signature, algorithm+"-TRAILER\n"+s.scope+s.prev+"\n"+HashPayload([]byte(signed)))
}

func (s *chunkSigner) compare(got, sts string) error {
	if want := hex.EncodeToString(hmac256(s.key, sts)); want != got {
		return &Error{Problem: Mismatch, StringToSign: sts, Signature: got,
			Message: "The request signature we calculated does not match the signature you provided. Check your key and signing method."}
	}
	s.prev = got
	return nil
}
