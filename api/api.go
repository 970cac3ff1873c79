// Package api speaks the wire protocols of AWS on one port: AWS JSON 1.0 and
// 1.1, REST-JSON and Query, each translated to and from the canonical
// documents of package operation by the shapes of the service's model. It
// checks signatures and knows operations, no services. What is not made of
// operations and documents (S3) is mounted as a handler of its own.
package api

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"salamander/operation"
)

// Credentials tells whose an access key is. The error is an
// [operation.Error] with the code InvalidClientTokenId or ExpiredToken.
type Credentials interface {
	Lookup(ctx context.Context, accessKey, sessionToken, region string) (secret string, caller operation.Caller, err error)
}

// Options configures [New]. The zero value serves loopback clients.
type Options struct {
	Log     *slog.Logger            // access log and internal errors; discarded when nil
	Hosts   []string                // names or addresses clients may use besides loopback, with or without a port
	Mounts  map[string]http.Handler // by signing name, for services that are not made of documents; "s3" also gets what is unsigned and looks like an object
	MaxBody int64                   // bytes of a request body; 80 MiB when 0 (a function's package in base64). Mounts have their own
	Now     func() time.Time        // clock of signatures; time.Now when nil
	Health  func() map[string]any   // further members of the health document; may be nil
	Lifted  bool                    // inputs of Step Functions may be larger than 256 KiB
}

// HealthPath answers GET with a small document while the server serves.
const HealthPath = "/_salamander/health"

type server struct {
	reg   *operation.Registry
	creds Credentials
	opt   Options
}

// New returns the handler of the AWS port.
func New(reg *operation.Registry, creds Credentials, opt Options) http.Handler {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.MaxBody == 0 {
		opt.MaxBody = 80 << 20
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	return &server{reg, creds, opt}
}

// An exchange is one request and what became known about it, for the log.
type exchange struct {
	http.ResponseWriter
	r       *http.Request
	id      string
	target  target
	caller  operation.Caller
	status  int
	written int64
	err     *operation.Error
}

// ServeHTTP answers one request.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{ResponseWriter: w, r: r, id: requestID()}
	began := time.Now()
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				s.log(x, time.Since(began))
				panic(p)
			}
			s.opt.Log.Error("panic in a request", "panic", fmt.Sprint(p), "stack", string(debug.Stack()), "request", x.id)
			if x.status == 0 {
				x.fail(&operation.Error{Code: "InternalFailure", Message: "Internal error", Status: 500})
			}
		}
		s.log(x, time.Since(began))
	}()
	s.serve(x)
}

func (s *server) serve(x *exchange) {
	if err := s.guard(x.r); err != nil {
		x.Header().Set("X-Amzn-RequestId", x.id)
		x.Header().Set("X-Amzn-ErrorType", err.Code)
		x.err = err
		writeJSON(x, err.Status, map[string]any{"__type": err.Code, "message": err.Message})
		return
	}
	if x.r.URL.Path == HealthPath {
		s.health(x)
		return
	}
	body, target, err := s.route(x.r)
	x.target = target
	if err != nil {
		x.fail(err)
		return
	}
	if h := s.opt.Mounts[target.service]; h != nil && target.op == nil && target.name == "" {
		h.ServeHTTP(x, x.r)
		return
	}
	x.Header().Set("X-Amzn-RequestId", x.id)
	if err := s.call(x, body); err != nil {
		x.fail(operation.AsError(err))
	}
}

// call authenticates, decodes, checks, carries out and answers.
func (s *server) call(x *exchange, body []byte) error {
	caller, err := s.authenticate(x.r, x.target, body)
	if err != nil {
		return err
	}
	x.caller = caller
	op := x.target.op
	if op == nil {
		return x.target.unknown()
	}
	if _, ok := s.reg.Lookup(op.API.Name, op.Name); !ok || !op.Covered {
		return operation.NotImplemented(op.API.Name, op.Name, "")
	}
	if s.opt.Lifted && op.API.Name == "states" {
		op = op.Lifted()
		x.target.op = op
	}
	req := &operation.Request{Caller: caller}
	if err := x.target.codec().decode(req, x.target, x.r, body); err != nil {
		return err
	}
	resp, err := s.reg.Call(x.r.Context(), op.API.Name, op.Name, req)
	if err != nil {
		return err
	}
	if resp.Body != nil {
		defer resp.Body.Close()
	}
	return x.target.codec().encode(x, op, resp, x.id)
}

// fail answers with an error, in the form of the target's protocol.
func (x *exchange) fail(e *operation.Error) {
	x.err = e
	if x.status != 0 { // the answer has begun: cut it, so that it is not taken for whole
		panic(http.ErrAbortHandler)
	}
	x.Header().Set("X-Amzn-RequestId", x.id)
	x.target.codec().fail(x, x.target, e, x.id)
}

// WriteHeader notes the status for the log.
func (x *exchange) WriteHeader(status int) {
	if x.status == 0 && status >= 200 {
		x.status = status
	}
	x.ResponseWriter.WriteHeader(status)
}

// Write counts the bytes for the log.
func (x *exchange) Write(p []byte) (int, error) {
	if x.status == 0 {
		x.status = http.StatusOK
	}
	n, err := x.ResponseWriter.Write(p)
	x.written += int64(n)
	return n, err
}

// ReadFrom lets a file go out without a copy, as far as the writer below can.
func (x *exchange) ReadFrom(src io.Reader) (int64, error) {
	if x.status == 0 {
		x.status = http.StatusOK
	}
	n, err := io.Copy(x.ResponseWriter, src)
	x.written += n
	return n, err
}

// Unwrap gives [http.ResponseController] the writer below.
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

func (s *server) health(x *exchange) {
	doc := map[string]any{"status": "ok"}
	if s.opt.Health != nil {
		for k, v := range s.opt.Health() {
			doc[k] = v
		}
	}
	writeJSON(x, http.StatusOK, doc)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	doc, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain values
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(doc) // the client may have left
}

func (s *server) log(x *exchange, took time.Duration) {
	attrs := []slog.Attr{
		slog.String("request", x.id), slog.String("method", x.r.Method), slog.String("path", x.r.URL.Path),
		slog.Int("status", x.status), slog.Duration("took", took), slog.Int64("bytes", x.written),
	}
	text := func(key, value string) {
		if value != "" {
			attrs = append(attrs, slog.String(key, value))
		}
	}
	text("service", x.target.service)
	text("operation", x.target.operation())
	text("account", x.caller.Account)
	text("invocation", x.caller.Invocation.ID)
	text("case", x.r.Header.Get("X-Conformance-Case"))
	level := slog.LevelInfo
	if x.r.URL.Path == HealthPath {
		level = slog.LevelDebug
	}
	if x.err != nil {
		text("error", x.err.Code)
		text("message", x.err.Message)
		if x.err.Cause != nil {
			text("cause", x.err.Cause.Error())
			level = slog.LevelError
		}
	}
	s.opt.Log.LogAttrs(context.WithoutCancel(x.r.Context()), level, "aws request", attrs...)
}

// requestID is a random UUID, the form of AWS's request ids.
func requestID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
