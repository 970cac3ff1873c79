package object_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"salamander/object"
	"salamander/store"
)

// A disk that is really full: nothing half-written, and what is there stays.
func TestAFullDisk(t *testing.T) {
	db, err := store.Open(t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	dir := smallDisk(t, 2<<20)
	o, err := object.New(dir, store.NewObjects(db), object.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.CreateBucket(t.Context(), "000000000000", "us-east-1", "bucket"); err != nil {
		t.Fatal(err)
	}
	put(t, o, "k", "kept")
	_, err = o.Put(t.Context(), "bucket", "k", io.LimitReader(rand.Reader, 4<<20), object.PutOptions{})
	if !errors.Is(err, object.ErrFull) {
		t.Errorf("got %v; want ErrFull", err)
	}
	if got := get(t, o, "k"); got != "kept" {
		t.Errorf("got %q", got)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "tmp", "*")); err != nil || len(left) != 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
	put(t, o, "k2", "there is room again")
}

// An index without room fails the put by the same name.
func TestAFullIndex(t *testing.T) {
	dir := t.TempDir()
	db, err := store.Open(dir, store.Options{MaxPages: 80})
	if err != nil {
		t.Skip("the schema alone does not fit: ", err)
	}
	t.Cleanup(func() { db.Close() })
	o, err := object.New(filepath.Join(dir, "objects"), store.NewObjects(db), object.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = o.CreateBucket(t.Context(), "000000000000", "us-east-1", "bucket")
	n := 0
	for ; err == nil && n < 1000; n++ {
		_, err = o.Put(t.Context(), "bucket", fmt.Sprint(n)+strings.Repeat("k", 900), strings.NewReader("x"), object.PutOptions{})
	}
	if !errors.Is(err, object.ErrFull) {
		t.Fatalf("got %v; want ErrFull", err)
	}
	if got := files(t, dir); got != n-1 && n > 0 {
		t.Errorf("%d blobs after %d puts; want %d", got, n, n-1)
	}
}
