package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"salamander/engine/dataset"
)

// directoryObjects are the objects of local runs: the files DIR/BUCKET/KEY.
type directoryObjects struct{ root *os.Root }

// newDirectoryObjects opens a directory of buckets.
func newDirectoryObjects(dir string) (dataset.Objects, error) {
	if dir == "" {
		return noObjects{}, nil
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, exitf(exitUsage, "--objects: %w", err)
	}
	return directoryObjects{root}, nil
}

// noObjects are those of a run without --objects.
type noObjects struct{}

var errNoObjects = errors.New("a run without a server reads and writes objects in a directory of buckets: --objects DIR")

func (noObjects) Get(context.Context, json.RawMessage) (io.ReadCloser, error) {
	return nil, errNoObjects
}
func (noObjects) List(context.Context, json.RawMessage) (dataset.Page, error) {
	return dataset.Page{}, errNoObjects
}
func (noObjects) Put(context.Context, string, string, []byte) error { return errNoObjects }

// Get opens a file.
func (d directoryObjects) Get(_ context.Context, arguments json.RawMessage) (io.ReadCloser, error) {
	var in struct{ Bucket, Key, VersionID string }
	if err := json.Unmarshal(arguments, &in); err != nil {
		return nil, err
	}
	if in.VersionID != "" {
		return nil, fmt.Errorf("a directory of buckets has no versions, such as %q", in.VersionID)
	}
	f, err := d.root.Open(path.Join(in.Bucket, in.Key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no file %s/%s in the directory of buckets", in.Bucket, in.Key)
	}
	return f, err
}

// List lists all files of a bucket whose keys have a prefix.
func (d directoryObjects) List(_ context.Context, arguments json.RawMessage) (page dataset.Page, err error) {
	var in struct{ Bucket, Prefix string }
	if err := json.Unmarshal(arguments, &in); err != nil {
		return page, err
	}
	err = fs.WalkDir(d.root.FS(), in.Bucket, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		key := strings.TrimPrefix(name, in.Bucket+"/")
		if !strings.HasPrefix(key, in.Prefix) {
			return nil
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		page.Objects = append(page.Objects, dataset.Object{Key: key, Modified: info.ModTime(), Size: info.Size(), StorageClass: "STANDARD"})
		return nil
	})
	return page, err
}

// Put writes a file.
func (d directoryObjects) Put(_ context.Context, bucket, key string, body []byte) error {
	name := path.Join(bucket, key)
	if err := d.root.MkdirAll(path.Dir(name), 0o777); err != nil {
		return err
	}
	return d.root.WriteFile(name, body, 0o666)
}
