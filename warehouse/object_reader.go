package warehouse

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"
)

// Open returns the object's bytes, which are read while they are taken. ctx
// ends the reading. An object of another endpoint that was overwritten since it
// was pinned, and whatever else that endpoint refuses, is a [*ServiceError].
func (o PinnedObject) Open(ctx context.Context) (io.ReadCloser, error) {
	if o.URL == "" {
		return os.Open(o.Path)
	}
	r := &remoteReader{ctx: ctx, o: o}
	if err := r.open(); err != nil {
		return nil, err
	}
	return r, nil
}

// File returns the object as a file. One of another endpoint is copied to dir,
// "" being the usual place, into a file that is gone when it is closed.
func (o PinnedObject) File(ctx context.Context, dir string) (*os.File, error) {
	if o.URL == "" {
		return os.Open(o.Path)
	}
	r, err := o.Open(ctx)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	f, err := os.CreateTemp(dir, "object-")
	if err != nil {
		return nil, err
	}
	os.Remove(f.Name()) // its bytes stay until it is closed
	if _, err := io.Copy(f, r); err != nil {
		f.Close()
		return nil, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// maxRetries is how often an endpoint is asked again for the rest of an object
// while nothing of it comes.
const maxRetries = 4

// retryPause is how long the first pause is; each is twice the one before.
const retryPause = 100 * time.Millisecond

// A remoteReader reads an object over HTTP. Where the connection breaks it goes
// on at the same byte.
type remoteReader struct {
	ctx  context.Context
	o    PinnedObject
	body io.ReadCloser // nil where it must be asked for
	at   int64         // the next byte
	bad  int           // attempts since a byte came
}

// remoteClient follows no redirection: an endpoint is what was configured.
var remoteClient = sync.OnceValue(func() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DisableCompression, t.ResponseHeaderTimeout = true, time.Minute
	return &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
})

// Read reads the next bytes.
func (r *remoteReader) Read(p []byte) (int, error) {
	for {
		if r.at == r.o.Size {
			return 0, io.EOF
		}
		if r.body == nil {
			if err := r.open(); err != nil {
				return 0, err
			}
		}
		n, err := r.body.Read(p)
		if r.at += int64(n); r.at > r.o.Size {
			return 0, fmt.Errorf("s3://%s/%s is longer than %d bytes", r.o.Bucket, r.o.Key, r.o.Size)
		}
		if n > 0 {
			r.bad = 0
			if err != nil {
				r.Close()
			}
			return n, nil
		}
		if err == nil {
			continue
		}
		r.Close()
		if err := r.pause(err); err != nil {
			return 0, err
		}
	}
}

// open asks for the bytes that are not read yet.
func (r *remoteReader) open() error {
	for {
		err := r.get()
		if err == nil {
			return nil
		}
		var service *ServiceError
		if errors.As(err, &service) && service.Status < 500 && service.Status != http.StatusTooManyRequests {
			return err
		}
		if err := r.pause(err); err != nil {
			return err
		}
	}
}

// pause waits before the next attempt, or returns why there is none.
func (r *remoteReader) pause(why error) error {
	if r.ctx.Err() != nil {
		return context.Cause(r.ctx)
	}
	if r.bad++; r.bad > maxRetries {
		return Unanswered(why)
	}
	select {
	case <-r.ctx.Done():
		return context.Cause(r.ctx)
	case <-time.After(retryPause << r.bad):
		return nil
	}
}

func (r *remoteReader) get() error {
	req, err := http.NewRequestWithContext(r.ctx, http.MethodGet, r.o.URL, nil)
	if err != nil {
		return err
	}
	if r.o.ETag != "" {
		req.Header.Set("If-Match", r.o.ETag)
	}
	want := http.StatusOK
	if r.at > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", r.at))
		want = http.StatusPartialContent
	}
	resp, err := remoteClient().Do(req)
	if err != nil {
		return err
	}
	if resp.StatusCode != want {
		defer resp.Body.Close()
		return ServiceErrorOf(resp)
	}
	r.body = resp.Body
	return nil
}

// Close ends the reading.
func (r *remoteReader) Close() error {
	if r.body == nil {
		return nil
	}
	err := r.body.Close()
	r.body = nil
	return err
}

// Unanswered is the [*ServiceError] for an endpoint that does not answer. One
// that did is returned as it is.
func Unanswered(err error) error {
	var service *ServiceError
	if errors.As(err, &service) || errors.Is(err, context.Canceled) {
		return err
	}
	var sent *url.Error
	if errors.As(err, &sent) { // its URL holds a signature
		err = sent.Err
	}
	return &ServiceError{Code: "RequestTimeout", Message: "the endpoint does not answer: " + err.Error()}
}

// ServiceErrorOf reads the error that an S3 endpoint answered. The caller
// closes the body.
func ServiceErrorOf(resp *http.Response) *ServiceError {
	e := &ServiceError{Status: resp.StatusCode, RequestID: resp.Header.Get("X-Amz-Request-Id")}
	var told struct{ Code, Message, RequestId string }
	if xml.NewDecoder(io.LimitReader(resp.Body, 64<<10)).Decode(&told) == nil {
		e.Code, e.Message = told.Code, told.Message
		if told.RequestId != "" {
			e.RequestID = told.RequestId
		}
	}
	if e.Code == "" { // no XML, such as of HEAD or a proxy
		e.Code, e.Message = http.StatusText(resp.StatusCode), resp.Status
	}
	return e
}
