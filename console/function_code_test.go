package console

import (
	"archive/zip"
	"bytes"
	"io"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func packed(t testing.TB, files ...*zip.FileHeader) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, h := range files {
		to, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(to, "text of "+h.Name); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func header(name string, mode fs.FileMode) *zip.FileHeader {
	h := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Date(2020, 1, 2, 3, 4, 6, 0, time.UTC)}
	h.SetMode(mode)
	return h
}

// unpacked is what an archive has: name, mode, text.
func unpacked(t testing.TB, archive []byte) (all []string) {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.File {
		text, err := readFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, f.Mode().String()+" "+f.Name+" "+string(text))
	}
	return all
}

// A changed file keeps its name, place and mode; the others stay as they are.
func TestRezip(t *testing.T) {
	archive := packed(t, header("run.sh", 0o755), header("lib/a.py", 0o644), header("link", 0o777|fs.ModeSymlink))
	got, err := rezip(archive, []codeChange{{"run.sh", "#!/bin/sh\necho é\n"}}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"-rwxr-xr-x run.sh #!/bin/sh\necho é\n", "-rw-r--r-- lib/a.py text of lib/a.py", "Lrwxrwxrwx link text of link"}
	if diff := cmp.Diff(want, unpacked(t, got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, name := range []string{"none", "link", "../run.sh"} {
		if _, err := rezip(archive, []codeChange{{name, "x"}}, time.Now()); err == nil || !strings.Contains(err.Error(), "has no file") {
			t.Errorf("%s: got %v; want that there is none", name, err)
		}
	}
	if _, err := rezip([]byte("no zip"), nil, time.Now()); err == nil {
		t.Error("no zip: got no error")
	}
}

func FuzzRezip(f *testing.F) {
	f.Add(packed(f, header("a", 0o644), header("b/c", 0o600)), "a", "new")
	f.Add([]byte("PK"), "a", "")
	f.Fuzz(func(t *testing.T, archive []byte, name, text string) {
		out, err := rezip(archive, []codeChange{{name, text}}, time.Unix(1700000000, 0))
		if err != nil {
			return
		}
		r, err := zip.NewReader(bytes.NewReader(out), int64(len(out)))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range r.File {
			if file.Name != name || !file.Mode().IsRegular() {
				continue
			}
			if got, err := file.Open(); err == nil {
				all, _ := io.ReadAll(got)
				if string(all) == text {
					return
				}
			}
		}
		t.Errorf("%q has not become %q", name, text)
	})
}
