package console

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path"
	"strconv"
	"time"

	"salamander/operation"
)

// getObject downloads an object: as a file, whatever it is, since a page of a
// bucket must never run here.
//
//	GET /api/object?bucket=&key= -> bytes
func (c *Console) getObject(w http.ResponseWriter, r *http.Request) (any, error) {
	q := query{r: r}
	bucket, key := q.need("bucket"), q.need("key")
	if q.err != nil {
		return nil, q.err
	}
	in, err := json.Marshal(document{"Bucket": bucket, "Key": key})
	if err != nil {
		return nil, err
	}
	resp, err := c.opt.Registry.Call(r.Context(), "s3", "GetObject", &operation.Request{Caller: c.opt.Caller, Input: in})
	if err != nil {
		return nil, err
	}
	if resp.Body == nil {
		return nil, fmt.Errorf("GetObject of %q gave no body", key)
	}
	defer resp.Body.Close()
	var out struct{ ContentLength int64 }
	if err := json.Unmarshal(resp.Output, &out); err != nil {
		return nil, err
	}
	attachment(w.Header(), path.Base(key), "application/octet-stream")
	w.Header().Set("Content-Length", strconv.FormatInt(out.ContentLength, 10))
	if _, err := io.Copy(w, resp.Body); err != nil && r.Context().Err() == nil {
		c.opt.Log.Error("console download", "bucket", bucket, "key", key, "err", err)
		panic(http.ErrAbortHandler) // a file that ends early must not look whole
	}
	return sent{}, nil
}

// putObject uploads an object, as a stream.
//
//	PUT /api/object?bucket=&key= bytes -> {"etag", "size"}
func (c *Console) putObject(w http.ResponseWriter, r *http.Request) (any, error) {
	q := query{r: r}
	bucket, key := q.need("bucket"), q.need("key")
	if q.err != nil {
		return nil, q.err
	}
	doc := document{"Bucket": bucket, "Key": key}
	if kind := r.Header.Get("X-Salamander-Content-Type"); kind != "" {
		doc["ContentType"] = kind
	}
	in, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	body := &counter{r: r.Body}
	resp, err := c.opt.Registry.Call(r.Context(), "s3", "PutObject", &operation.Request{Caller: c.opt.Caller, Input: in, Body: body})
	if err != nil {
		return nil, err
	}
	var out struct{ ETag string }
	if err := json.Unmarshal(resp.Output, &out); err != nil {
		return nil, err
	}
	return document{"etag": out.ETag, "size": body.n}, nil
}

// A counter counts what is read.
type counter struct {
	r io.Reader
	n int64
}

// Read reads.
func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// head reads the beginning of an object.
func (c *Console) head(ctx context.Context, bucket, key string, most int64) (text []byte, size int64, changed time.Time, err error) {
	about, err := call[struct {
		ContentLength int64
		LastModified  operation.Time
	}](ctx, c, "s3", "HeadObject", document{"Bucket": bucket, "Key": key})
	if err != nil {
		return nil, 0, changed, err
	}
	size, changed = about.ContentLength, about.LastModified.Time
	if size == 0 || most == 0 {
		return nil, size, changed, nil
	}
	in, err := json.Marshal(document{"Bucket": bucket, "Key": key, "Range": fmt.Sprintf("bytes=0-%d", most-1)})
	if err != nil {
		return nil, 0, changed, err
	}
	resp, err := c.opt.Registry.Call(ctx, "s3", "GetObject", &operation.Request{Caller: c.opt.Caller, Input: in})
	if err != nil {
		return nil, 0, changed, err
	}
	defer resp.Body.Close()
	text, err = io.ReadAll(io.LimitReader(resp.Body, most))
	return text, size, changed, err
}

// Limits of a preview.
const (
	previewBytes    = 256 << 10
	maxPreviewBytes = 2 << 20
	maxPreviewRows  = 500
	maxPreviewField = 2000 // bytes of a field that is shown
)

// preview shows what an object begins with.
//
//	GET /api/preview?bucket=&key=&bytes= -> preview
func (c *Console) preview(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{r: r}
	bucket, key, most := q.need("bucket"), q.need("key"), q.number("bytes", previewBytes, maxPreviewBytes)
	if q.err != nil {
		return nil, q.err
	}
	text, size, _, err := c.head(r.Context(), bucket, key, most)
	if err != nil {
		return nil, err
	}
	return look(text, size, int(most)), nil
}
