package warehouse

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A PinRequest names the objects that a COPY reads.
type PinRequest struct {
	Account string // owner of the caller's credentials, 12 digits
	Bucket  string
	Key     string // a key, or a prefix of keys
	Exact   bool   // Key is the whole key
	Max     int    // so many objects are enough; 0 is all
	Access  Access
}

// An Access says how a bucket of another S3 endpoint is reached.
type Access struct {
	AccessKey, Secret, Token string // "" is what the server itself has
	Region                   string // "" is what the server itself has
}

// A PinnedObject is an object whose bytes stay as they are until released.
type PinnedObject struct {
	Bucket, Key string
	Size        int64
	Path        string // of the file that holds the bytes; "" where URL is set
	URL         string // where the bytes are, of an object of another endpoint; it needs no further signature
	ETag        string // of such an object's bytes
}

// A PutRequest asks to store a file as an object.
type PutRequest struct {
	Account string // owner of the caller's credentials, 12 digits
	Bucket  string
	Key     string
	Path    string // of the file; its bytes are read before Put returns
	Access  Access
}

// ErrNoBucket is returned by [Objects] for a bucket that does not exist.
var ErrNoBucket = errors.New("the specified bucket does not exist")

// Objects resolves and pins objects for COPY. Goroutines may share it.
type Objects interface {
	// Pin returns the objects that req names, in the order of their keys,
	// pinned until release is called. None is no error. It returns
	// ErrNoBucket for an unknown bucket.
	Pin(ctx context.Context, req PinRequest) (objects []PinnedObject, release func(), err error)

	// Put stores an object, over one that has the key. It returns ErrNoBucket
	// for an unknown bucket.
	Put(ctx context.Context, req PutRequest) error

	// Remove deletes the objects that req names. None is no error. It returns
	// ErrNoBucket for an unknown bucket.
	Remove(ctx context.Context, req PinRequest) error
}

// A ServiceError is what another S3 endpoint answers. [Objects] may return it.
type ServiceError struct {
	Status        int // of HTTP; 0 where nothing answered
	Code, Message string
	RequestID     string
}

// Error returns the text that Redshift gives such an error.
func (e *ServiceError) Error() string {
	text := "S3ServiceException:" + e.Message
	if e.Status != 0 {
		text += fmt.Sprintf(",Status %d", e.Status)
	}
	if text += ",Error " + e.Code; e.RequestID != "" {
		text += ",Rid " + e.RequestID
	}
	return text
}

// DirObjects serves the directories below a root as buckets, and their files
// as objects. It pins nothing: it is for tests and for files that do not
// change.
type DirObjects string

// Pin lists the files below the root whose path fits req.
func (d DirObjects) Pin(ctx context.Context, req PinRequest) ([]PinnedObject, func(), error) {
	root, err := d.bucket(req.Bucket)
	if err != nil {
		return nil, nil, err
	}
	var all []PinnedObject
	err = filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		key := filepath.ToSlash(rel)
		if req.Exact && key != req.Key || !strings.HasPrefix(key, req.Key) {
			return nil
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		all = append(all, PinnedObject{Bucket: req.Bucket, Key: key, Size: info.Size(), Path: path})
		return ctx.Err()
	})
	if err != nil {
		return nil, nil, fmt.Errorf("list bucket %q: %w", req.Bucket, err)
	}
	slices.SortFunc(all, func(a, b PinnedObject) int { return strings.Compare(a.Key, b.Key) })
	return all, func() {}, nil
}

// bucket returns the directory of a bucket.
func (d DirObjects) bucket(name string) (string, error) {
	if name == "" || strings.ContainsAny(name, "/\\") || name == ".." {
		return "", ErrNoBucket
	}
	root := filepath.Join(string(d), name)
	if info, err := os.Stat(root); err != nil || !info.IsDir() {
		return "", ErrNoBucket
	}
	return root, nil
}

// Remove deletes files below the root.
func (d DirObjects) Remove(ctx context.Context, req PinRequest) error {
	all, release, err := d.Pin(ctx, req)
	if err != nil {
		return err
	}
	defer release()
	for _, o := range all {
		if err := os.Remove(o.Path); err != nil {
			return err
		}
	}
	return nil
}

// Put writes a file below the root.
func (d DirObjects) Put(_ context.Context, req PutRequest) error {
	root, err := d.bucket(req.Bucket)
	if err != nil {
		return err
	}
	path := filepath.Join(root, filepath.FromSlash(req.Key))
	if rel, err := filepath.Rel(root, path); err != nil || strings.HasPrefix(rel, "..") {
		return fmt.Errorf("the key %q leads out of the bucket", req.Key)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	b, err := os.ReadFile(req.Path)
	if err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o600)
}
