package object_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"salamander/object"
	"salamander/store"
)

// open opens the store in dir with a bucket "b".
func open(t *testing.T, dir string) (*object.Objects, *store.DB) {
	t.Helper()
	db, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	o, err := object.New(filepath.Join(dir, "objects"), store.NewObjects(db), object.Options{MinPartSize: 4})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.CreateBucket(t.Context(), "000000000000", "us-east-1", "bucket"); err != nil && !errors.Is(err, object.ErrBucketExists) {
		t.Fatal(err)
	}
	return o, db
}

func put(t *testing.T, o *object.Objects, key, content string) object.Object {
	t.Helper()
	obj, err := o.Put(t.Context(), "bucket", key, strings.NewReader(content), object.PutOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return obj
}

func get(t *testing.T, o *object.Objects, key string) string {
	t.Helper()
	r, err := o.Open(t.Context(), "bucket", key)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// files counts the blobs on disk.
func files(t *testing.T, dir string) (n int) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(dir, "objects"), func(_ string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestPutGetDelete(t *testing.T) {
	dir := t.TempDir()
	o, _ := open(t, dir)
	obj, err := o.Put(t.Context(), "bucket", "a/ü +", strings.NewReader("hello"), object.PutOptions{
		Attributes: object.Attributes{ContentType: "text/plain", Metadata: map[string]string{"k": "v"}},
		Checksum:   object.Checksum{Algorithm: object.CRC32, Value: "NhCmhg=="}})
	if err != nil {
		t.Fatal(err)
	}
	if obj.ETag != "5d41402abc4b2a76b9719d911017c592" || obj.Checksum != (object.Checksum{Algorithm: "CRC32", Value: "NhCmhg==", Type: "FULL_OBJECT"}) {
		t.Errorf("got %+v", obj)
	}
	head, err := o.Head(t.Context(), "bucket", "a/ü +")
	if err != nil || head.Size != 5 || head.Metadata["k"] != "v" || head.ContentType != "text/plain" || !head.Modified.Equal(obj.Modified) {
		t.Errorf("head: got %+v, %v", head, err)
	}
	if got := get(t, o, "a/ü +"); got != "hello" {
		t.Errorf("got %q", got)
	}
	if _, err := o.Head(t.Context(), "bucket", "none"); !errors.Is(err, object.ErrNoKey) {
		t.Errorf("no key: got %v", err)
	}
	if _, err := o.Head(t.Context(), "none", "none"); !errors.Is(err, object.ErrNoBucket) {
		t.Errorf("no bucket: got %v", err)
	}
	if err := o.DeleteBucket(t.Context(), "bucket"); !errors.Is(err, object.ErrBucketNotEmpty) {
		t.Errorf("delete a full bucket: got %v", err)
	}
	for range 2 {
		if err := o.Delete(t.Context(), "bucket", "a/ü +", object.Condition{}); err != nil {
			t.Fatal(err)
		}
	}
	if n := files(t, dir); n != 0 {
		t.Errorf("%d blobs stay", n)
	}
	if err := o.DeleteBucket(t.Context(), "bucket"); err != nil {
		t.Error(err)
	}
}

// https://reveng.sourceforge.io/crc-catalogue/: the check values of "123456789".
func TestChecksums(t *testing.T) {
	dir := t.TempDir()
	o, _ := open(t, dir)
	for algorithm, want := range map[string]string{
		object.CRC32: "y/Q5Jg==", object.CRC32C: "4waSgw==", object.CRC64NVME: "rosUhgp5mIg=", "": "rosUhgp5mIg=",
		object.SHA1: "98O8HYCOBHMq32eZZczDTKeuNEE=", object.SHA256: "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=",
	} {
		obj, err := o.Put(t.Context(), "bucket", "k", strings.NewReader("123456789"), object.PutOptions{Checksum: object.Checksum{Algorithm: algorithm, Value: want}})
		if err != nil || obj.Checksum.Value != want {
			t.Errorf("%s: got %v, %v; want %s", algorithm, obj.Checksum, err, want)
		}
	}
	for _, opt := range []object.PutOptions{
		{MD5: make([]byte, 16)},
		{Checksum: object.Checksum{Algorithm: object.SHA1, Value: "AAAA"}},
		{Announced: func() string { return "AAAA" }},
	} {
		if _, err := o.Put(t.Context(), "bucket", "bad", strings.NewReader("x"), opt); !errors.Is(err, object.ErrDigest) {
			t.Errorf("got %v; want ErrDigest", err)
		}
	}
	if n := files(t, dir); n != 1 {
		t.Errorf("%d blobs; want 1", n)
	}
}

func TestAReaderKeepsWhatItOpened(t *testing.T) {
	dir := t.TempDir()
	o, _ := open(t, dir)
	put(t, o, "k", "old")
	r, err := o.Open(t.Context(), "bucket", "k")
	if err != nil {
		t.Fatal(err)
	}
	set, err := o.Pin(t.Context(), "000000000000", "bucket", "k", true)
	if err != nil || len(set.Objects) != 1 || set.Objects[0].Size != 3 {
		t.Fatalf("pin: got %+v, %v", set, err)
	}
	put(t, o, "k", "new content")
	if b, err := os.ReadFile(set.Objects[0].Path); string(b) != "old" {
		t.Errorf("the pinned file: got %q, %v", b, err)
	}
	if b, err := io.ReadAll(r); string(b) != "old" {
		t.Errorf("the reader: got %q, %v", b, err)
	}
	if got := get(t, o, "k"); got != "new content" {
		t.Errorf("a new reader: got %q", got)
	}
	path := r.Path()
	r.Close()
	r.Close()
	if _, err := os.Stat(path); err != nil {
		t.Error("the blob went while it was pinned")
	}
	set.Release()
	set.Release()
	if _, err := os.Stat(path); err == nil {
		t.Error("the blob stays when nobody needs it")
	}
	if n := files(t, dir); n != 1 {
		t.Errorf("%d blobs; want 1", n)
	}
}

func TestPin(t *testing.T) {
	o, _ := open(t, t.TempDir())
	for i := range 1500 {
		put(t, o, fmt.Sprintf("p/%04d", i), "x")
	}
	put(t, o, "p", "x")
	put(t, o, "q", "x")
	set, err := o.Pin(t.Context(), "000000000000", "bucket", "p/", false)
	if err != nil || len(set.Objects) != 1500 || set.Objects[1499].Key != "p/1499" {
		t.Errorf("prefix: got %d, %v", len(set.Objects), err)
	}
	set.Release()
	if set, err := o.Pin(t.Context(), "000000000000", "bucket", "p", true); err != nil || len(set.Objects) != 1 {
		t.Errorf("exact: got %+v, %v", set, err)
	}
	if set, err := o.Pin(t.Context(), "000000000000", "bucket", "none", false); err != nil || len(set.Objects) != 0 {
		t.Errorf("nothing: got %+v, %v", set, err)
	}
	if _, err := o.Pin(t.Context(), "111111111111", "bucket", "p", false); !errors.Is(err, object.ErrNoBucket) {
		t.Errorf("another account: got %v", err)
	}
}

type failing struct{ after io.Reader }

func (f failing) Read(p []byte) (int, error) {
	n, err := f.after.Read(p)
	if err == io.EOF {
		err = errors.New("the client went away")
	}
	return n, err
}

func TestACutPutLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	o, _ := open(t, dir)
	put(t, o, "k", "old")
	if _, err := o.Put(t.Context(), "bucket", "k", failing{strings.NewReader("new")}, object.PutOptions{}); err == nil {
		t.Error("a cut content was stored")
	}
	if got := get(t, o, "k"); got != "old" {
		t.Errorf("got %q; want what was there", got)
	}
	if n := files(t, dir); n != 1 {
		t.Errorf("%d blobs; want 1", n)
	}
}

func TestStartSweepsWhatACrashLeft(t *testing.T) {
	dir := t.TempDir()
	o, db := open(t, dir)
	put(t, o, "k", "kept")
	db.Close()
	for _, name := range []string{"tmp/half", "ab/ab000000000000000000000000000000"} {
		if err := os.WriteFile(filepath.Join(dir, "objects", name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o, _ = open(t, dir)
	if got := get(t, o, "k"); got != "kept" {
		t.Errorf("got %q", got)
	}
	if n := files(t, dir); n != 1 {
		t.Errorf("%d blobs; want 1", n)
	}
}

func TestConditions(t *testing.T) {
	o, _ := open(t, t.TempDir())
	write := func(c object.Condition) error {
		_, err := o.Put(t.Context(), "bucket", "k", strings.NewReader("x"), object.PutOptions{Condition: c})
		return err
	}
	if err := write(object.Condition{IfMatch: "*"}); !errors.Is(err, object.ErrNoKey) {
		t.Errorf("If-Match on nothing: got %v", err)
	}
	var wg sync.WaitGroup
	won := make(chan bool, 20)
	for range 20 {
		wg.Go(func() {
			err := write(object.Condition{IfNoneMatch: "*"})
			if err == nil {
				won <- true
			} else if !errors.Is(err, object.ErrPrecondition) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(won) != 1 {
		t.Errorf("%d of 20 won; want 1", len(won))
	}
	if err := write(object.Condition{IfMatch: "9dd4e461268c8034f5c8564e155c67a6"}); err != nil {
		t.Errorf("If-Match: %v", err)
	}
	if err := write(object.Condition{IfMatch: "0"}); !errors.Is(err, object.ErrPrecondition) {
		t.Errorf("another ETag: got %v", err)
	}
}

func TestCopy(t *testing.T) {
	dir := t.TempDir()
	o, _ := open(t, dir)
	src := put(t, o, "from", "content")
	obj, err := o.Copy(t.Context(), "bucket", "from", "bucket", "to", object.CopyOptions{Replace: &object.Attributes{ContentType: "a/b"}})
	if err != nil || obj.ETag != src.ETag || obj.ContentType != "a/b" || obj.Blob == src.Blob {
		t.Fatalf("got %+v, %v", obj, err)
	}
	if err := o.Delete(t.Context(), "bucket", "from", object.Condition{}); err != nil {
		t.Fatal(err)
	}
	if got := get(t, o, "to"); got != "content" {
		t.Errorf("got %q", got)
	}
	if obj, err = o.Copy(t.Context(), "bucket", "to", "bucket", "to", object.CopyOptions{Algorithm: object.SHA1}); err != nil || obj.Checksum.Algorithm != object.SHA1 {
		t.Errorf("another checksum: got %+v, %v", obj, err)
	}
	if _, err := o.Copy(t.Context(), "bucket", "none", "bucket", "to", object.CopyOptions{}); !errors.Is(err, object.ErrNoKey) {
		t.Errorf("no source: got %v", err)
	}
	if n := files(t, dir); n != 1 {
		t.Errorf("%d blobs; want 1", n)
	}
}

func TestMultipart(t *testing.T) {
	dir := t.TempDir()
	o, _ := open(t, dir)
	u, err := o.CreateUpload(t.Context(), "bucket", "big", "id-1", object.UploadOptions{Attributes: object.Attributes{ContentType: "a/b"}})
	if err != nil {
		t.Fatal(err)
	}
	if again, err := o.CreateUpload(t.Context(), "bucket", "big", "id-1", object.UploadOptions{}); err != nil || again.ContentType != "a/b" {
		t.Errorf("the same id: got %+v, %v", again, err)
	}
	part := func(n int, content string) object.PartRef {
		p, err := o.PutPart(t.Context(), u, n, strings.NewReader(content), object.PutOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return object.PartRef{Number: n, ETag: p.ETag}
	}
	part(1, "replaced")
	one, five := part(1, "one."), part(5, "five")
	short := part(7, "7")
	unused := part(9, "unused")
	complete := func(refs ...object.PartRef) (object.Object, error) {
		return o.Complete(t.Context(), u, refs, object.CompleteOptions{Size: -1})
	}
	for want, refs := range map[error][]object.PartRef{
		object.ErrPartOrder:    {five, one},
		object.ErrPartTooSmall: {one, short, unused},
		object.ErrInvalidPart:  {one, {Number: 6, ETag: "x"}},
	} {
		if _, err := complete(refs...); !errors.Is(err, want) {
			t.Errorf("got %v; want %v", err, want)
		}
	}
	obj, err := complete(one, five, short)
	if err != nil {
		t.Fatal(err)
	}
	if got := get(t, o, "big"); got != "one.five7" || obj.ContentType != "a/b" || !strings.HasSuffix(obj.ETag, "-3") || len(obj.Parts) != 3 {
		t.Errorf("got %q, %+v", got, obj)
	}
	if same := put(t, o, "same", "one.five7"); same.Checksum != obj.Checksum {
		t.Errorf("checksum of the whole: got %v; want %v", obj.Checksum, same.Checksum)
	}
	if _, err := complete(one); !errors.Is(err, object.ErrNoUpload) && !errors.Is(err, object.ErrInvalidPart) {
		t.Errorf("completed again: got %v", err)
	}
	if n := files(t, dir); n != 2 {
		t.Errorf("%d blobs; want 2", n)
	}
}

func TestCompositeChecksumAndAbort(t *testing.T) {
	dir := t.TempDir()
	o, _ := open(t, dir)
	u, err := o.CreateUpload(t.Context(), "bucket", "k", "id", object.UploadOptions{Algorithm: object.SHA256})
	if err != nil {
		t.Fatal(err)
	}
	p, err := o.PutPart(t.Context(), u, 1, strings.NewReader("abc"), object.PutOptions{})
	if err != nil {
		t.Fatal(err)
	}
	obj, err := o.Complete(t.Context(), u, []object.PartRef{{Number: 1, ETag: p.ETag, Checksum: p.Checksum.Value}}, object.CompleteOptions{Size: 3})
	if err != nil || obj.Checksum.Type != object.Composite || obj.Checksum.Value != "T4tCwi3TcptRm6b2jS2nzFstYG0F2u1a1RKMwD5sY1g=-1" {
		t.Errorf("got %+v, %v", obj.Checksum, err)
	}
	u, err = o.CreateUpload(t.Context(), "bucket", "k2", "id2", object.UploadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.PutPart(t.Context(), u, 1, strings.NewReader("abc"), object.PutOptions{}); err != nil {
		t.Fatal(err)
	}
	if all, err := o.Uploads(t.Context(), "bucket"); err != nil || len(all) != 1 {
		t.Errorf("uploads: got %v, %v", all, err)
	}
	if err := o.Abort(t.Context(), u); err != nil {
		t.Error(err)
	}
	if err := o.Abort(t.Context(), u); !errors.Is(err, object.ErrNoUpload) {
		t.Errorf("aborted twice: got %v", err)
	}
	if n := files(t, dir); n != 1 {
		t.Errorf("%d blobs; want 1", n)
	}
}

func TestDeleteBucketEndsItsUploads(t *testing.T) {
	dir := t.TempDir()
	o, _ := open(t, dir)
	u, err := o.CreateUpload(t.Context(), "bucket", "k", "id", object.UploadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.PutPart(t.Context(), u, 1, strings.NewReader("abc"), object.PutOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := o.DeleteBucket(t.Context(), "bucket"); err != nil {
		t.Fatal(err)
	}
	if n := files(t, dir); n != 0 {
		t.Errorf("%d blobs stay", n)
	}
}

func TestEventsComeWithTheCommit(t *testing.T) {
	o, db := open(t, t.TempDir())
	got := make(chan string, 10)
	db.Subscribe(store.ObjectTopic, func(_ context.Context, m store.Message) error {
		got <- m.Key + " " + string(m.Payload)
		return nil
	})
	put(t, o, "a/b", "x")
	db.Deliver()
	if m := <-got; !strings.HasPrefix(m, `bucket/a/b {"type":"Object Created","reason":"PutObject","account":"000000000000","region":"us-east-1","bucket":"bucket","key":"a/b","size":1`) {
		t.Errorf("got %s", m)
	}
	if err := o.Delete(t.Context(), "bucket", "a/b", object.Condition{}); err != nil {
		t.Fatal(err)
	}
	if m := <-got; !strings.Contains(m, "Object Deleted") {
		t.Errorf("got %s", m)
	}
}

func TestBucketNames(t *testing.T) {
	for _, name := range []string{"ab", "Abc", "a_b", "-ab", "ab-", "a..b", "192.168.0.1", "xn--a", "a-s3alias", strings.Repeat("a", 64), "a/b"} {
		if err := object.CheckBucketName(name); !errors.Is(err, object.ErrBucketName) {
			t.Errorf("%q: got %v", name, err)
		}
	}
	for _, name := range []string{"abc", "a.b-c", "1.2.3", strings.Repeat("a", 63)} {
		if err := object.CheckBucketName(name); err != nil {
			t.Error(err)
		}
	}
}

func TestOverwritesWhileReading(t *testing.T) {
	dir := t.TempDir()
	o, _ := open(t, dir)
	put(t, o, "k", strings.Repeat("0", 1000))
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := range 20 {
				put(t, o, "k", strings.Repeat(fmt.Sprint((i+j)%10), 1000))
			}
		})
		wg.Go(func() {
			for range 100 {
				b := []byte(get(t, o, "k"))
				if len(b) != 1000 || len(bytes.Trim(b, string(b[:1]))) != 0 {
					t.Errorf("a mixed content: %d bytes", len(b))
				}
			}
		})
	}
	wg.Wait()
	if n := files(t, dir); n != 1 {
		t.Errorf("%d blobs; want 1", n)
	}
}
