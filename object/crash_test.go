package object_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"salamander/object"
	"salamander/store"
)

// TestMain lets the test's binary be the process that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("OBJECT_CRASH_DIR"); dir != "" {
		if err := putForever(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

func contentOf(key string) string { return strings.Repeat(key+" ", 20000) }

// putForever puts and overwrites, and prints every key it has put.
func putForever(dir string) error {
	db, err := store.Open(dir, store.Options{})
	if err != nil {
		return err
	}
	o, err := object.New(filepath.Join(dir, "objects"), store.NewObjects(db), object.Options{})
	if err != nil {
		return err
	}
	ctx := context.Background()
	_, err = o.CreateBucket(ctx, "000000000000", "us-east-1", "bucket")
	if err != nil && !errors.Is(err, object.ErrBucketExists) {
		return err
	}
	for i := 0; ; i++ {
		for _, key := range []string{fmt.Sprint("new/", i), fmt.Sprint("over/", i%3)} {
			if _, err := o.Put(ctx, "bucket", key, strings.NewReader(contentOf(key)), object.PutOptions{}); err != nil {
				return err
			}
			fmt.Println(key)
		}
	}
}

// What was acknowledged outlives kill -9, whole, and nothing else stays.
func TestKilledWhilePutting(t *testing.T) {
	dir := t.TempDir()
	acked := map[string]bool{}
	for round := range 4 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "OBJECT_CRASH_DIR="+dir)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; n < 7+round && lines.Scan(); n++ {
			acked[lines.Text()] = true
		}
		_ = cmd.Process.Kill()
		for lines.Scan() { // printed before the end
			acked[lines.Text()] = true
		}
		_ = cmd.Wait()
	}
	if len(acked) < 7 {
		t.Fatalf("only %d puts were acknowledged", len(acked))
	}
	o, _ := open(t, dir)
	for key := range acked {
		if got := get(t, o, key); got != contentOf(key) {
			t.Errorf("%s: got %d bytes; want %d", key, len(got), len(contentOf(key)))
		}
	}
	page, err := o.List(t.Context(), "bucket", object.ListOptions{Max: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, obj := range page.Objects {
		if got := get(t, o, obj.Key); got != contentOf(obj.Key) {
			t.Errorf("%s is there and not whole", obj.Key)
		}
	}
	if n := files(t, dir); n != len(page.Objects) {
		t.Errorf("%d blobs for %d objects", n, len(page.Objects))
	}
}
