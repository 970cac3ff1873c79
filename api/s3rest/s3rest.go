// Package s3rest speaks S3's REST protocol: paths and sub-resources, headers,
// XML and streamed bodies, translated to and from the operations of service
// "s3" in the registry. It authenticates its requests itself, since the
// signature reaches into the body.
//
// The handler must get paths as they were sent: a [http.ServeMux] before it
// would clean the keys.
package s3rest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"salamander/api/sigv4"
	"salamander/operation"
)

// Credentials tells whose an access key is. The error is an
// [operation.Error] with the code InvalidClientTokenId or ExpiredToken.
type Credentials interface {
	Lookup(ctx context.Context, accessKey, sessionToken, region string) (secret string, caller operation.Caller, err error)
}

// Options configures [New]. The zero value works.
type Options struct {
	Log   *slog.Logger     // internal errors; discarded when nil
	Hosts []string         // names below which a host names a bucket, besides localhost
	Now   func() time.Time // clock of signatures; time.Now when nil
}

type server struct {
	reg     *operation.Registry
	creds   Credentials
	opt     Options
	routes  map[string]route
	headers map[string]member
	queries map[string]member
}

// New returns the handler of S3's protocol.
func New(reg *operation.Registry, creds Credentials, opt Options) http.Handler {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	return &server{reg, creds, opt, routes(), headerMembers(), queryMembers()}
}

// An exchange is one request and what is known about it.
type exchange struct {
	*server
	w      http.ResponseWriter
	r      *http.Request
	id     string
	target target
	caller operation.Caller
	body   *sigv4.Body
}

// ServeHTTP answers one request.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{server: s, w: w, r: r, id: requestID()}
	w.Header().Set("X-Amz-Request-Id", x.id)
	w.Header().Set("X-Amz-Id-2", hostID(x.id))
	if err := x.serve(); err != nil {
		x.fail(err)
	}
}

func (x *exchange) serve() error {
	var err error
	if x.target, err = x.parseTarget(x.r); err != nil {
		return err
	}
	if x.target.operation == "PostObject" { // its signature is in the form
		return x.postObject()
	}
	if err := x.authenticate(); err != nil {
		return err
	}
	rt, ok := x.routes[x.target.operation]
	if !ok {
		return operation.NotImplemented("s3", x.target.operation, "")
	}
	req := &operation.Request{Caller: x.caller}
	doc, err := x.members(rt)
	if err != nil {
		return err
	}
	switch {
	case rt.streams:
		if x.body.Length() < 0 {
			return &operation.Error{Code: "MissingContentLength", Status: http.StatusLengthRequired, Message: "You must provide the Content-Length HTTP header."}
		}
		req.Body = x.body
	case rt.document != "":
		err = x.readDocument(rt.document, doc)
	default:
		_, err = x.readAll() // so that a signed body is one
	}
	if err != nil {
		return err
	}
	if req.Input, err = json.Marshal(doc); err != nil {
		return err
	}
	resp, err := x.reg.Call(x.r.Context(), "s3", x.target.operation, req)
	if err != nil {
		return err
	}
	if resp.Body != nil {
		defer resp.Body.Close()
	}
	return x.answer(rt, resp)
}

// authenticate finds the caller and makes the body ready to be read.
func (x *exchange) authenticate() error {
	sig, err := sigv4.Parse(x.r)
	if errors.Is(err, sigv4.ErrUnsigned) {
		return &operation.Error{Code: "AccessDenied", Status: http.StatusForbidden, Message: "Access Denied"}
	}
	if err != nil {
		return x.signatureError(sig, err)
	}
	if sig.Service != "s3" {
		return &operation.Error{Code: "AuthorizationHeaderMalformed", Status: 400,
			Message: `The authorization header is malformed; incorrect service "` + sig.Service + `". This endpoint belongs to "s3".`}
	}
	secret, caller, err := x.creds.Lookup(x.r.Context(), sig.AccessKey, sig.SessionToken, sig.Region)
	if err != nil {
		return credentialsError(sig, err)
	}
	if err := sig.Verify(x.r, secret, x.opt.Now()); err != nil {
		return x.signatureError(sig, err)
	}
	x.caller = caller
	x.body, err = sig.Body(x.r, secret)
	if err != nil {
		return x.signatureError(sig, err)
	}
	return nil
}

// maxDocument is the largest XML body that is read: 10,000 parts with their
// checksums fit.
const maxDocument = 8 << 20

func (x *exchange) readAll() ([]byte, error) {
	doc, err := io.ReadAll(io.LimitReader(x.body, maxDocument+1))
	if err == nil && len(doc) > maxDocument {
		err = &operation.Error{Code: "MaxMessageLengthExceeded", Message: "Your request was too big."}
	}
	if err == nil {
		err = checkDigests(x.r.Header, x.body.Trailer(), doc)
	}
	return doc, err
}

// answer writes the response of an operation.
func (x *exchange) answer(rt route, resp *operation.Response) error {
	doc := map[string]json.RawMessage{}
	if err := json.Unmarshal(resp.Output, &doc); err != nil {
		return err
	}
	status := rt.status
	if status == 0 {
		status = http.StatusOK
	}
	if doc["ContentRange"] != nil {
		status = http.StatusPartialContent
	}
	if rt.headers {
		if err := x.writeHeaders(doc); err != nil {
			return err
		}
	}
	var content bytes.Buffer
	if rt.root != "" {
		if err := writeXML(&content, rt, resp.Output, doc); err != nil {
			return err
		}
		x.w.Header().Set("Content-Type", "application/xml")
		x.w.Header().Set("Content-Length", strconv.Itoa(content.Len()))
	}
	x.w.WriteHeader(status)
	var body io.Reader = &content
	if resp.Body != nil {
		body = resp.Body
	}
	if x.r.Method == http.MethodHead {
		return nil
	}
	if _, err := io.Copy(x.w, body); err != nil {
		// Part of the answer is out: the client must see that it is cut.
		panic(http.ErrAbortHandler)
	}
	return nil
}

func requestID() string {
	var b [8]byte
	rand.Read(b[:])
	return strings.ToUpper(hex.EncodeToString(b[:]))
}

// hostID stands for the machine that S3 names in x-amz-id-2.
func hostID(id string) string {
	return base64.StdEncoding.EncodeToString([]byte("salamander " + id))
}
