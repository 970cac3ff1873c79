package function

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// MaxUnzipped is the size of an unpacked package in bytes at most.
const MaxUnzipped = 262144000

// packages keeps deployment packages. A package is the zip archive that was
// uploaded, named by its hash; it never changes. What is in it is unpacked
// once in the life of the process.
type packages struct {
	dir      string // of the archives
	unpacked string // of what is in them

	mu sync.Mutex // held while a package is unpacked
}

func (p *packages) archive(sum string) string { return filepath.Join(p.dir, sum+".zip") }

// put keeps an archive and returns its name. It is durable when put returns.
func (p *packages) put(archive []byte) (sum string, err error) {
	hash := sha256.Sum256(archive)
	sum = hex.EncodeToString(hash[:])
	if _, err := p.root(sum, archive); err != nil {
		return "", err
	}
	if _, err := os.Stat(p.archive(sum)); err == nil {
		return sum, nil
	}
	temp, err := os.CreateTemp(p.dir, "new-")
	if err != nil {
		return "", err
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(archive)
	if err == nil {
		err = temp.Sync()
	}
	if closeErr := temp.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(temp.Name(), p.archive(sum))
	}
	if err != nil {
		return "", err
	}
	return sum, syncDir(p.dir)
}

// root returns the directory with what is in a package. It reads the archive
// itself where that is nil and needed.
func (p *packages) root(sum string, archive []byte) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	root := filepath.Join(p.unpacked, sum)
	if _, err := os.Stat(root); err == nil {
		return root, nil
	}
	if archive == nil {
		var err error
		if archive, err = os.ReadFile(p.archive(sum)); err != nil {
			return "", err
		}
	}
	files, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return "", &PackageError{"Could not unzip uploaded file. Please check your file, then try to upload again."}
	}
	temp, err := os.MkdirTemp(p.unpacked, "new-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(temp)
	content := filepath.Join(temp, "content")
	if err := unzip(files, content); err != nil {
		return "", err
	}
	return root, os.Rename(content, root)
}

func unzip(archive *zip.Reader, to string) error {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	size := int64(0)
	for _, f := range archive.File {
		name := filepath.FromSlash(strings.ReplaceAll(f.Name, `\`, "/"))
		if !filepath.IsLocal(name) {
			return &PackageError{fmt.Sprintf("The archive's file %q is outside of the package.", f.Name)}
		}
		path := filepath.Join(to, name)
		mode := f.Mode()
		switch {
		case mode.IsDir() || strings.HasSuffix(f.Name, "/"):
			if err := os.MkdirAll(path, 0o755); err != nil {
				return err
			}
			continue
		case !mode.IsRegular():
			return &PackageError{fmt.Sprintf("The archive's file %q is no plain file.", f.Name)}
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		n, err := unzipFile(f, path, MaxUnzipped-size)
		if err != nil {
			return err
		}
		if size += n; size >= MaxUnzipped {
			return &PackageError{fmt.Sprintf("Unzipped size must be smaller than %d bytes", MaxUnzipped)}
		}
	}
	return nil
}

func unzipFile(f *zip.File, path string, limit int64) (int64, error) {
	r, err := f.Open()
	if err != nil {
		return 0, &PackageError{"Could not unzip uploaded file. Please check your file, then try to upload again."}
	}
	defer r.Close()
	mode := os.FileMode(0o644)
	if f.Mode()&0o111 != 0 {
		mode = 0o755
	}
	count := &counter{r: io.LimitReader(r, limit)}
	if err := writeFile(path, count, mode); err != nil {
		if count.err != nil {
			err = &PackageError{fmt.Sprintf("The archive's file %q is damaged: %v.", f.Name, count.err)}
		}
		return 0, err
	}
	return count.n, nil
}

// A counter counts what is read and keeps the reader's error.
type counter struct {
	r   io.Reader
	n   int64
	err error
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if err != io.EOF {
		c.err = err
	}
	return n, err
}

func writeFile(path string, r io.Reader, mode os.FileMode) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// sweep removes archives that no function has, and what a crash left.
func (p *packages) sweep(ctx context.Context, store Store) error {
	entries, err := os.ReadDir(p.dir)
	if err != nil {
		return err
	}
	used, err := store.Packages(ctx)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !used[strings.TrimSuffix(e.Name(), ".zip")] {
			if err := os.Remove(filepath.Join(p.dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
