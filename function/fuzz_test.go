package function

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// No archive writes outside of its directory.
func FuzzUnzip(f *testing.F) {
	seed := func(name string) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		w, _ := z.Create(name)
		w.Write([]byte("x"))
		z.Close()
		return b.Bytes()
	}
	for _, name := range []string{"index.py", "a/b/c", "../up", "/root", `a\..\..\b`, "dir/", "."} {
		f.Add(seed(name))
	}
	f.Fuzz(func(t *testing.T, archive []byte) {
		dir := t.TempDir()
		files, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
		if err != nil {
			return
		}
		_ = unzip(files, filepath.Join(dir, "in")) // may fail: what matters is where it writes
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.Name() != "in" || strings.Contains(e.Name(), "..") {
				t.Fatalf("wrote %s", e.Name())
			}
		}
	})
}
