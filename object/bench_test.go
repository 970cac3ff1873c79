package object_test

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"testing"

	"salamander/object"
	"salamander/store"
)

func BenchmarkPut(b *testing.B) {
	for _, size := range []int{1 << 10, 1 << 20, 16 << 20} {
		b.Run(fmt.Sprintf("bytes=%d", size), func(b *testing.B) {
			dir := b.TempDir()
			db, err := store.Open(dir, store.Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			o, err := object.New(filepath.Join(dir, "objects"), store.NewObjects(db), object.Options{})
			if err != nil {
				b.Fatal(err)
			}
			if _, err := o.CreateBucket(b.Context(), "000000000000", "us-east-1", "bucket"); err != nil {
				b.Fatal(err)
			}
			content := bytes.Repeat([]byte("x"), size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				n++
				if _, err := o.Put(b.Context(), "bucket", fmt.Sprint(n), bytes.NewReader(content), object.PutOptions{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRead(b *testing.B) {
	dir := b.TempDir()
	db, err := store.Open(dir, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	o, err := object.New(filepath.Join(dir, "objects"), store.NewObjects(db), object.Options{})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := o.CreateBucket(b.Context(), "000000000000", "us-east-1", "bucket"); err != nil {
		b.Fatal(err)
	}
	if _, err := o.Put(b.Context(), "bucket", "k", bytes.NewReader(make([]byte, 1<<10)), object.PutOptions{}); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		r, err := o.Open(b.Context(), "bucket", "k")
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			b.Fatal(err)
		}
		r.Close()
	}
}
