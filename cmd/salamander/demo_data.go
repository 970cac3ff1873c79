package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"

	"golang.org/x/sync/errgroup"

	"salamander/operation"
	"salamander/tpcds"
)

const (
	demoBucket    = "salamander-demo"
	demoBucketURI = "s3://" + demoBucket + "/"
	scriptPrefix  = "etlscript/"
)

// put stores an object. The bucket must be there.
func (a *app) put(ctx context.Context, key string, body io.Reader) error {
	in := fmt.Appendf(nil, `{"Bucket":%q,"Key":%q}`, demoBucket, key)
	_, err := a.registry.Call(ctx, "s3", "PutObject", &operation.Request{Caller: a.owner(), Input: in, Body: body})
	if err != nil {
		return fmt.Errorf("put %s%s: %w", demoBucketURI, key, err)
	}
	return nil
}

func (a *app) makeBucket(ctx context.Context) error {
	err := do(ctx, a, "", "s3", "CreateBucket", document{"Bucket": demoBucket})
	var e *operation.Error
	if errors.As(err, &e) && (e.Code == "BucketAlreadyOwnedByYou" || e.Code == "BucketAlreadyExists") {
		return nil
	}
	return err
}

// keys returns the keys that are in the demo's bucket.
func (a *app) keys(ctx context.Context) (map[string]bool, error) {
	have, token := map[string]bool{}, ""
	for {
		in := document{"Bucket": demoBucket}
		if token != "" {
			in["ContinuationToken"] = token
		}
		out, err := call[struct {
			Contents []struct{ Key string }
			Next     string `json:"NextContinuationToken"`
		}](ctx, a, "", "s3", "ListObjectsV2", in)
		if err != nil {
			return nil, err
		}
		for _, o := range out.Contents {
			have[o.Key] = true
		}
		if token = out.Next; token == "" {
			return have, nil
		}
	}
}

// generate puts the initial load and the extracts into the bucket. An object
// is there whole or not at all, so what is there from before a kill is kept.
func (a *app) generate(ctx context.Context, c *console, opt tpcds.Options) error {
	files, err := tpcds.Files(opt)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	have, err := a.keys(ctx)
	if err != nil {
		return err
	}
	total := int64(0)
	for _, f := range files {
		total += int64(f.Rows)
	}
	p := c.newProgress("generate", "rows", total)
	workers, working := errgroup.WithContext(ctx)
	workers.SetLimit(runtime.GOMAXPROCS(0))
	done := make(chan int64, len(files))
	for _, f := range files {
		if have[f.Key] {
			done <- int64(f.Rows)
			continue
		}
		workers.Go(func() error {
			if err := a.putFile(working, f); err != nil {
				return err
			}
			done <- int64(f.Rows)
			return nil
		})
	}
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		for n := range done {
			p.add(n)
		}
	}()
	err = workers.Wait()
	close(done)
	<-finished
	p.end(err == nil)
	if err != nil {
		return err
	}
	return a.putManifests(ctx, opt)
}

// putFile generates a file straight into the object.
func (a *app) putFile(ctx context.Context, f tpcds.File) error {
	r, w := io.Pipe()
	go func() { w.CloseWithError(f.Write(w)) }()
	err := a.put(ctx, f.Key, r)
	r.CloseWithError(errors.New("not read to the end"))
	return err
}

func (a *app) putManifests(ctx context.Context, opt tpcds.Options) error {
	for _, t := range tpcds.Tables() {
		manifest, err := tpcds.Manifest(opt, t.Name, demoBucketURI)
		if err != nil {
			return err
		}
		if err := a.put(ctx, tpcds.ManifestKey(t.Name), bytes.NewReader(manifest)); err != nil {
			return err
		}
	}
	return nil
}
