package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"salamander/api/sigv4"
	"salamander/object"
	"salamander/warehouse"
)

// An s3Endpoint is another S3 whose buckets COPY and UNLOAD reach, beside this
// server's own.
type s3Endpoint struct {
	url    string // "https://s3.{region}.amazonaws.com"; {region} is the bucket's
	region string // of statements that name none
	getenv func(string) string
	client *http.Client
}

// s3Endpoint returns the configured endpoint, or nil.
func (c *config) s3Endpoint(getenv func(string) string) *s3Endpoint {
	if c.WarehouseS3 == "" {
		return nil
	}
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.ResponseHeaderTimeout = time.Minute
	return &s3Endpoint{url: strings.TrimSuffix(c.WarehouseS3, "/"), region: cmp.Or(c.WarehouseS3Region, c.Region), getenv: getenv,
		client: &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// checkS3 checks the endpoint of other buckets.
func (c *config) checkS3() error {
	if c.WarehouseS3 == "" {
		if c.WarehouseS3Region != "" {
			return errors.New("--warehouse-s3-region: need --warehouse-s3-endpoint too")
		}
		return nil
	}
	u, err := url.Parse(strings.ReplaceAll(c.WarehouseS3, "{region}", "region"))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
		return fmt.Errorf("--warehouse-s3-endpoint: got %q; need a URL such as https://s3.{region}.amazonaws.com or http://127.0.0.1:9000", c.WarehouseS3)
	}
	if c.WarehouseS3Region != "" && !region.MatchString(c.WarehouseS3Region) {
		return fmt.Errorf("--warehouse-s3-region: got %q; need a region such as us-east-1", c.WarehouseS3Region)
	}
	return nil
}

// credentials are those of the statement, else those of the environment.
func (e *s3Endpoint) credentials(a warehouse.Access) (sigv4.Credentials, error) {
	if a.AccessKey != "" {
		return sigv4.Credentials{AccessKey: a.AccessKey, Secret: a.Secret, SessionToken: a.Token}, nil
	}
	c := sigv4.Credentials{AccessKey: e.getenv("AWS_ACCESS_KEY_ID"), Secret: e.getenv("AWS_SECRET_ACCESS_KEY"), SessionToken: e.getenv("AWS_SESSION_TOKEN")}
	if c.AccessKey == "" || c.Secret == "" {
		return c, &warehouse.ServiceError{Status: http.StatusForbidden, Code: "AccessDenied",
			Message: "Access Denied: there are no credentials for " + e.url + " (give ACCESS_KEY_ID and SECRET_ACCESS_KEY, or start the server with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)"}
	}
	return c, nil
}

// address returns the URL of a bucket or an object, in path style.
func (e *s3Endpoint) address(a warehouse.Access, bucket, key string) string {
	base := strings.ReplaceAll(e.url, "{region}", cmp.Or(a.Region, e.region))
	return base + strings.ReplaceAll((&url.URL{Path: "/" + bucket + "/" + key}).EscapedPath(), "+", "%2B") // some take + for a blank
}

// do sends a signed request. An answer other than 2xx is a
// [*warehouse.ServiceError]. The caller closes the body.
func (e *s3Endpoint) do(ctx context.Context, a warehouse.Access, method, address, hash string, body io.Reader, size int64) (*http.Response, error) {
	c, err := e.credentials(a)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	req.ContentLength = size
	sigv4.Sign(req, hash, c, cmp.Or(a.Region, e.region), "s3", time.Now())
	resp, err := e.client.Do(req)
	if err != nil {
		return nil, warehouse.Unanswered(err)
	}
	if resp.StatusCode/100 != 2 {
		defer resp.Body.Close()
		return nil, warehouse.ServiceErrorOf(resp)
	}
	return resp, nil
}

// signedFor is how long an object's URL is good: as long as S3 allows.
const signedFor = 7 * 24 * time.Hour

// Pin lists the objects that req names. Their bytes are read later, from a URL
// and only while they are what they are now; release has nothing to do.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
func (e *s3Endpoint) Pin(ctx context.Context, req warehouse.PinRequest) ([]warehouse.PinnedObject, func(), error) {
	c, err := e.credentials(req.Access)
	if err != nil {
		return nil, nil, err
	}
	var all []warehouse.PinnedObject
	for token := ""; ; {
		page, err := e.list(ctx, req, token)
		if err != nil {
			return nil, nil, err
		}
		for _, o := range page.Contents {
			key, err := url.QueryUnescape(o.Key)
			if err != nil || !strings.HasPrefix(key, req.Key) || req.Exact && key != req.Key {
				continue
			}
			get, err := http.NewRequestWithContext(ctx, http.MethodGet, e.address(req.Access, req.Bucket, key), nil)
			if err != nil {
				return nil, nil, err
			}
			signed := sigv4.Presign(get, c, cmp.Or(req.Access.Region, e.region), "s3", time.Now(), signedFor)
			all = append(all, warehouse.PinnedObject{Bucket: req.Bucket, Key: key, Size: o.Size, URL: signed.String(), ETag: o.ETag})
		}
		if !page.IsTruncated || page.Next == "" || req.Exact || req.Max > 0 && len(all) >= req.Max {
			return all, func() {}, nil
		}
		token = page.Next
	}
}

// An s3Page is a part of a bucket's listing.
type s3Page struct {
	Contents []struct {
		Key, ETag string
		Size      int64
	}
	IsTruncated bool
	Next        string `xml:"NextContinuationToken"`
}

func (e *s3Endpoint) list(ctx context.Context, req warehouse.PinRequest, token string) (*s3Page, error) {
	q := url.Values{"list-type": {"2"}, "prefix": {req.Key}, "encoding-type": {"url"}}
	if token != "" {
		q.Set("continuation-token", token)
	}
	if req.Exact { // the first of the keys that begin with it
		q.Set("max-keys", "1")
	} else if req.Max > 0 {
		q.Set("max-keys", strconv.Itoa(min(req.Max, 1000)))
	}
	address := strings.TrimSuffix(e.address(req.Access, req.Bucket, ""), "/") + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")
	resp, err := e.do(ctx, req.Access, http.MethodGet, address, "", nil, 0)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	page := &s3Page{}
	if err := xml.NewDecoder(io.LimitReader(resp.Body, 16<<20)).Decode(page); err != nil {
		return nil, fmt.Errorf("list s3://%s/%s: %w", req.Bucket, req.Key, err)
	}
	return page, nil
}

// Put stores a file, of at most 5 GB.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
func (e *s3Endpoint) Put(ctx context.Context, req warehouse.PutRequest) error {
	f, err := os.Open(req.Path)
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha256.New()
	size, err := io.Copy(sum, f)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return err
	}
	var body io.Reader = io.NopCloser(f)
	if size == 0 {
		body = nil // else it is sent in chunks, which S3 refuses
	}
	resp, err := e.do(ctx, req.Access, http.MethodPut, e.address(req.Access, req.Bucket, req.Key), hex.EncodeToString(sum.Sum(nil)), body, size)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// Remove deletes the objects that req names, one by one.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html
func (e *s3Endpoint) Remove(ctx context.Context, req warehouse.PinRequest) error {
	all, release, err := e.Pin(ctx, req)
	if err != nil {
		return err
	}
	defer release()
	for _, o := range all {
		resp, err := e.do(ctx, req.Access, http.MethodDelete, e.address(req.Access, o.Bucket, o.Key), "", nil, 0)
		if err != nil {
			return err
		}
		resp.Body.Close()
	}
	return nil
}

// A reachedObjects is the objects of this server and, for buckets that it has
// not, those of another endpoint.
type reachedObjects struct{ own, other warehouse.Objects }

// warehouseObjects is what COPY and UNLOAD reach.
func (a *app) warehouseObjects() warehouse.Objects {
	own := pinnedObjects{a.objects}
	if other := a.config.s3Endpoint(os.Getenv); other != nil {
		return reachedObjects{own, other}
	}
	return own
}

// Pin asks the server itself, then the endpoint.
func (r reachedObjects) Pin(ctx context.Context, req warehouse.PinRequest) ([]warehouse.PinnedObject, func(), error) {
	all, release, err := r.own.Pin(ctx, req)
	if errors.Is(err, warehouse.ErrNoBucket) {
		return r.other.Pin(ctx, req)
	}
	return all, release, err
}

// Put asks the server itself, then the endpoint.
func (r reachedObjects) Put(ctx context.Context, req warehouse.PutRequest) error {
	err := r.own.Put(ctx, req)
	if errors.Is(err, warehouse.ErrNoBucket) {
		return r.other.Put(ctx, req)
	}
	return err
}

// Remove asks the server itself, then the endpoint.
func (r reachedObjects) Remove(ctx context.Context, req warehouse.PinRequest) error {
	err := r.own.Remove(ctx, req)
	if errors.Is(err, warehouse.ErrNoBucket) {
		return r.other.Remove(ctx, req)
	}
	return err
}

// Remove deletes what UNLOAD … CLEANPATH finds.
func (p pinnedObjects) Remove(ctx context.Context, req warehouse.PinRequest) error {
	set, release, err := p.Pin(ctx, req)
	if err != nil {
		return err
	}
	defer release()
	for _, o := range set {
		if err := p.objects.Delete(ctx, req.Bucket, o.Key, object.Condition{}); err != nil {
			return err
		}
	}
	return nil
}
