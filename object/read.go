package object

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
)

// A Reader reads one object. It goes on reading the same content when the
// object is overwritten or deleted. It must be closed; one goroutine may use
// it at a time.
type Reader struct {
	Object
	f     *os.File
	close func()
}

// Read reads the content.
func (r *Reader) Read(p []byte) (int, error) { return r.f.Read(p) }

// Seek sets the place of the next Read.
func (r *Reader) Seek(offset int64, whence int) (int64, error) { return r.f.Seek(offset, whence) }

// Path returns the file of the content. It is there until Close, and must not
// be written to.
func (r *Reader) Path() string { return r.f.Name() }

// Close ends the reading and gives the content free.
func (r *Reader) Close() error {
	err := r.f.Close()
	r.close()
	return err
}

// Head returns an object: [ErrNoBucket], [ErrNoKey].
func (o *Objects) Head(ctx context.Context, bucket, key string) (Object, error) {
	obj, err := o.index.Object(ctx, bucket, key)
	return obj, named(err, bucket, key)
}

// lookup is Head with nil for a key that is not there.
func (o *Objects) lookup(ctx context.Context, bucket, key string) (*Object, error) {
	obj, err := o.index.Object(ctx, bucket, key)
	if errors.Is(err, ErrNoKey) {
		return nil, nil
	}
	return &obj, err
}

// Open returns a reader of an object: [ErrNoBucket], [ErrNoKey].
func (o *Objects) Open(ctx context.Context, bucket, key string) (*Reader, error) {
	for {
		obj, err := o.index.Object(ctx, bucket, key)
		if err != nil {
			return nil, named(err, bucket, key)
		}
		if !o.blobs.pin(obj.Blob) {
			if err := o.gone(ctx, obj); err != nil {
				return nil, err
			}
			continue
		}
		f, err := os.Open(o.blobs.path(obj.Blob))
		if err != nil {
			o.blobs.unpin(obj.Blob)
			return nil, named(err, bucket, key)
		}
		return &Reader{obj, f, sync.OnceFunc(func() { o.blobs.unpin(obj.Blob) })}, nil
	}
}

// gone tells an object that was overwritten since it was resolved, which is
// nil and tried again, from one whose file is lost.
func (o *Objects) gone(ctx context.Context, obj Object) error {
	now, err := o.index.Object(ctx, obj.Bucket, obj.Key)
	if err == nil && now.Blob == obj.Blob {
		err = fmt.Errorf("its content is lost: %s is missing", o.blobs.path(obj.Blob))
	}
	return named(err, obj.Bucket, obj.Key)
}

// A Pinned object is kept as it is until its [PinSet] is released.
type Pinned struct {
	Key  string
	Size int64
	Path string // of a file with the content; not to be written to
}

// A PinSet is the objects that [Objects.Pin] found.
type PinSet struct {
	Objects []Pinned // by key
	release func()
}

// Release gives the objects free. It may be called more than once.
func (p *PinSet) Release() { p.release() }

// Pin resolves the objects whose keys begin with prefix, or the one of that
// key where exact is set, and keeps their contents until Release. The bucket
// must be the account's: [ErrNoBucket] otherwise. No object is no error.
func (o *Objects) Pin(ctx context.Context, account, bucket, prefix string, exact bool) (*PinSet, error) {
	if b, err := o.index.Bucket(ctx, bucket); err != nil {
		return nil, named(err, bucket, "")
	} else if b.Account != account {
		return nil, named(ErrNoBucket, bucket, "")
	}
	var names []string
	p := &PinSet{}
	p.release = sync.OnceFunc(func() {
		for _, name := range names {
			o.blobs.unpin(name)
		}
	})
	err := o.resolve(ctx, bucket, prefix, exact, func(obj Object) {
		names = append(names, obj.Blob)
		p.Objects = append(p.Objects, Pinned{obj.Key, obj.Size, o.blobs.path(obj.Blob)})
	})
	if err != nil {
		p.Release()
		return nil, named(err, bucket, prefix)
	}
	return p, nil
}

// resolve calls f with the objects found, pinned.
func (o *Objects) resolve(ctx context.Context, bucket, prefix string, exact bool, f func(Object)) error {
	from, to := prefix, successor(prefix)
	if exact {
		to = prefix + "\x00"
	}
	for {
		batch, err := o.index.Objects(ctx, bucket, from, to, 1000)
		if err != nil || len(batch) == 0 {
			return err
		}
		for _, obj := range batch {
			pinned, err := o.pinLatest(ctx, obj)
			if err != nil && !errors.Is(err, ErrNoKey) {
				return err
			}
			if err == nil {
				f(pinned)
			}
			from = obj.Key + "\x00"
		}
	}
}

// pinLatest pins obj, or what has taken its place.
func (o *Objects) pinLatest(ctx context.Context, obj Object) (Object, error) {
	for !o.blobs.pin(obj.Blob) {
		if err := o.gone(ctx, obj); err != nil {
			return obj, err
		}
		var err error
		if obj, err = o.index.Object(ctx, obj.Bucket, obj.Key); err != nil {
			return obj, err
		}
	}
	return obj, nil
}

// Delete removes an object; one that is not there is no error: [ErrNoBucket],
// [ErrPrecondition].
func (o *Objects) Delete(ctx context.Context, bucket, key string, c Condition) error {
	freed, err := o.index.DeleteObject(ctx, bucket, key, c)
	if err != nil {
		return named(err, bucket, key)
	}
	o.blobs.free(freed...)
	return nil
}
