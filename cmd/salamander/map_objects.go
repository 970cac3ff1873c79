package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"salamander/engine"
	"salamander/engine/dataset"
	"salamander/operation"
)

// mapObjects is where map runs of an execution read and write: S3's
// operations, called by the execution's role.
type mapObjects struct {
	registry *operation.Registry
	caller   operation.Caller
	log      *slog.Logger
}

func (a *app) mapObjects(ex engine.Execution) dataset.Objects {
	return mapObjects{a.registry, operation.Caller{Account: ex.Account, Region: ex.Region, Principal: ex.Role}, a.log}
}

// errInside is what users see of errors that are for the log.
var errInside = fmt.Errorf("%s", "Internal error")

// Get calls GetObject.
func (m mapObjects) Get(ctx context.Context, arguments json.RawMessage) (io.ReadCloser, error) {
	resp, err := m.call(ctx, "GetObject", arguments, nil)
	if err != nil {
		return nil, err
	}
	if resp.Body == nil {
		return io.NopCloser(strings.NewReader("")), nil
	}
	return resp.Body, nil
}

// List calls ListObjectsV2.
func (m mapObjects) List(ctx context.Context, arguments json.RawMessage) (dataset.Page, error) {
	resp, err := m.call(ctx, "ListObjectsV2", arguments, nil)
	if err != nil {
		return dataset.Page{}, err
	}
	var out struct {
		NextContinuationToken string
		Contents              []struct {
			Key, ETag, StorageClass string
			Size                    int64
			LastModified            operation.Time
		}
	}
	if err := json.Unmarshal(resp.Output, &out); err != nil {
		return dataset.Page{}, err
	}
	page := dataset.Page{Next: out.NextContinuationToken}
	for _, o := range out.Contents {
		page.Objects = append(page.Objects, dataset.Object{Key: o.Key, ETag: o.ETag, Modified: o.LastModified.Time, Size: o.Size, StorageClass: o.StorageClass})
	}
	return page, nil
}

// Put calls PutObject.
func (m mapObjects) Put(ctx context.Context, bucket, key string, body []byte) error {
	input, err := json.Marshal(map[string]any{"Bucket": bucket, "Key": key, "ContentType": "application/json", "ContentLength": len(body)})
	if err != nil {
		return err
	}
	_, err = m.call(ctx, "PutObject", input, body)
	return err
}

// call makes a call, whose error is in the words of AWS's SDK.
func (m mapObjects) call(ctx context.Context, name string, input json.RawMessage, body []byte) (*operation.Response, error) {
	req := &operation.Request{Caller: m.caller, Input: input}
	if body != nil {
		req.Body = bytes.NewReader(body)
	}
	resp, err := m.registry.Call(ctx, "s3", name, req)
	var failed *operation.Error
	if err == nil || ctx.Err() != nil || !errors.As(err, &failed) {
		if err != nil && ctx.Err() == nil {
			m.log.Error("an object of a map run cannot be read or written", "operation", name, "error", err)
			err = errInside
		}
		return resp, err
	}
	status := failed.Status
	if status == 0 {
		status = 400
	}
	var id [32]byte
	rand.Read(id[:])
	return nil, fmt.Errorf("%s (Service: Amazon S3; Status Code: %d; Error Code: %s; Request ID: %X; S3 Extended Request ID: %s; Proxy: null)",
		failed.Message, status, failed.Code, id[:8], base64.StdEncoding.EncodeToString(id[8:]))
}
