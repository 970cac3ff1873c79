package main

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"salamander/api/sigv4"
	"salamander/batch"
	"salamander/engine"
	"salamander/identity"
	"salamander/logs"
	"salamander/object"
	"salamander/warehouse"
)

// pinnedObjects lets the warehouse read objects.
type pinnedObjects struct{ objects *object.Objects }

func (p pinnedObjects) Pin(ctx context.Context, req warehouse.PinRequest) ([]warehouse.PinnedObject, func(), error) {
	set, err := p.objects.Pin(ctx, req.Account, req.Bucket, req.Key, req.Exact)
	if errors.Is(err, object.ErrNoBucket) {
		return nil, nil, warehouse.ErrNoBucket
	} else if err != nil {
		return nil, nil, err
	}
	pinned := make([]warehouse.PinnedObject, len(set.Objects))
	for i, o := range set.Objects {
		pinned[i] = warehouse.PinnedObject{Bucket: req.Bucket, Key: o.Key, Size: o.Size, Path: o.Path}
	}
	return pinned, set.Release, nil
}

// Put stores a file that UNLOAD wrote.
func (p pinnedObjects) Put(ctx context.Context, req warehouse.PutRequest) error {
	f, err := os.Open(req.Path)
	if err != nil {
		return err
	}
	defer f.Close()
	bucket, err := p.objects.Bucket(ctx, req.Bucket)
	if errors.Is(err, object.ErrNoBucket) || err == nil && bucket.Account != req.Account {
		return warehouse.ErrNoBucket
	}
	if err != nil {
		return err
	}
	_, err = p.objects.Put(ctx, req.Bucket, req.Key, f, object.PutOptions{})
	return err
}

// jobLogs lets jobs print into log streams.
type jobLogs struct {
	logs *logs.Logs
	log  *slog.Logger
}

func (l jobLogs) Open(scope batch.Scope, group, stream string) batch.LineWriter {
	return lineWriter{l.logs.Writer(scope.Account, scope.Region, group, stream), l.log}
}

// Resume finds the place in a stream by its last time, and by how many events
// have that.
func (l jobLogs) Resume(ctx context.Context, scope batch.Scope, group, stream string) (batch.LineWriter, error) {
	w := &resumed{lineWriter: lineWriter{l.logs.Writer(scope.Account, scope.Region, group, stream), l.log}}
	q := logs.EventQuery{Group: logs.GroupID{Account: scope.Account, Region: scope.Region, Group: group}, Streams: []string{stream}, Backward: true, Limit: 1}
	last, err := l.logs.Store.Events(ctx, q)
	if errors.Is(err, logs.ErrNoGroup) || errors.Is(err, logs.ErrNoStream) || err == nil && len(last) == 0 {
		return w, nil
	} else if err != nil {
		return nil, err
	}
	w.last = last[0].Time
	q.Backward, q.From, q.Limit = false, w.last, 10_000
	for {
		page, err := l.logs.Store.Events(ctx, q)
		if err != nil {
			return nil, err
		}
		if w.skip += len(page); len(page) < q.Limit {
			return w, nil
		}
		after := page[len(page)-1].Position()
		q.After = &after
	}
}

// A resumed writer leaves out the lines that a stream has already: those before
// the last time in it, and as many of that time as are there.
type resumed struct {
	lineWriter
	last time.Time
	skip int
}

func (w *resumed) Line(at time.Time, text string) {
	switch {
	case strings.TrimSuffix(text, "\r") == "" || at.Before(w.last):
		return // the stream has no empty events
	case at.Equal(w.last) && w.skip > 0:
		w.skip--
		return
	}
	w.lineWriter.Line(at, text)
}

type lineWriter struct {
	w   *logs.Writer
	log *slog.Logger
}

func (w lineWriter) Line(at time.Time, text string) {
	if err := w.w.Line(at, text); err != nil {
		w.log.Error("job output lost", "err", err)
	}
}

func (w lineWriter) Close() error { return w.w.Close() }

// logGroups knows the log groups that state machines can log to.
type logGroups struct{ logs *logs.Logs }

func (g logGroups) Exists(ctx context.Context, account, region, group string) (bool, error) {
	_, err := g.logs.Group(ctx, logs.GroupID{Account: account, Region: region, Group: group})
	if errors.Is(err, logs.ErrNoGroup) {
		return false, nil
	}
	return err == nil, err
}

// executionLogs keeps the log records of executions, but for those whose
// group was deleted meanwhile.
type executionLogs struct{ logs *logs.Logs }

func (l executionLogs) Record(ctx context.Context, r engine.Records) error {
	if ok, err := logGroups(l).Exists(ctx, r.Account, r.Region, r.Group); !ok {
		return err
	}
	events := make([]logs.Event, len(r.Records))
	for i, record := range r.Records {
		events[i] = logs.Event{Time: record.At, Message: record.Message}
	}
	return l.logs.Append(ctx, r.Account, r.Region, r.Group, r.Stream, events)
}

// jobCredentials gives jobs sessions of their role.
type jobCredentials struct{ identity *identity.Identity }

func (c jobCredentials) JobEnvironment(_ context.Context, scope batch.Scope, role, jobID string) ([]string, error) {
	session := c.identity.Issue(roleSession(scope.Account, scope.Region, role, jobID))
	return []string{
		"AWS_ACCESS_KEY_ID=" + session.AccessKey,
		"AWS_SECRET_ACCESS_KEY=" + session.Secret,
		"AWS_SESSION_TOKEN=" + session.Token,
	}, nil
}

// roleSession says whose a session of a role is. A role may be given by its
// name, as templates do with Ref; without a role it is the account's root.
func roleSession(account, region, role, name string) identity.SessionOptions {
	if role != "" && !strings.HasPrefix(role, "arn:") {
		role = "arn:aws:iam::" + account + ":role/" + role
	}
	principal, ok := identity.AssumedRole(role, name)
	if !ok {
		principal = ""
	}
	return sessionOf(account, region, principal)
}

func sessionOf(account, region, principal string) identity.SessionOptions {
	return identity.SessionOptions{Principal: principal, Account: account, Region: region}
}

// An objectFetcher reads objects over the AWS endpoint, as fetch-and-run does
// in its container.
type objectFetcher struct {
	endpoint    string // "http://127.0.0.1:4566"
	region      string
	credentials sigv4.Credentials
}

// Fetch returns the body of an object. The caller closes it.
func (f objectFetcher) Fetch(ctx context.Context, bucket, key string) (io.ReadCloser, error) {
	path := (&url.URL{Path: "/" + bucket + "/" + key}).EscapedPath()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.endpoint+path, nil)
	if err != nil {
		return nil, err
	}
	const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	sigv4.Sign(req, empty, f.credentials, f.region, "s3", time.Now())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		defer resp.Body.Close()
		var e struct{ Code, Message string }
		if xml.NewDecoder(io.LimitReader(resp.Body, 10_000)).Decode(&e) != nil {
			e.Code, e.Message = strconv.Itoa(resp.StatusCode), resp.Status
		}
		return nil, fmt.Errorf("GetObject s3://%s/%s: %s: %s", bucket, key, e.Code, e.Message)
	}
	return resp.Body, nil
}
