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
)

// MaxUnzipped is the size of an unpacked package in bytes at most.
const MaxUnzipped = 262144000

// packages keeps deployment packages in a directory: for each its zip archive
// and what is in it. A package is named by the hash of its archive and never
// changes.
type packages struct{ dir string }

func (p packages) archive(sum string) string { return filepath.Join(p.dir, sum+".zip") }
func (p packages) root(sum string) string    { return filepath.Join(p.dir, sum) }

// put keeps an archive and returns its name. It is durable when put returns.
func (p packages) put(archive []byte) (sum string, err error) {
	hash := sha256.Sum256(archive)
	sum = hex.EncodeToString(hash[:])
	if _, err := os.Stat(p.archive(sum)); err == nil {
		return sum, nil
	}
	files, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return "", &PackageError{"Could not unzip uploaded file. Please check your file, then try to upload again."}
	}
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return "", err
	}
	temp, err := os.MkdirTemp(p.dir, "new-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(temp)
	content := filepath.Join(temp, "content")
	if err := unzip(files, content); err != nil {
		return "", err
	}
	if err := writeSynced(filepath.Join(temp, "zip"), bytes.NewReader(archive), 0o600); err != nil {
		return "", err
	}
	if err := os.Rename(content, p.root(sum)); err != nil && !os.IsExist(err) {
		if _, there := os.Stat(p.root(sum)); there != nil {
			return "", err
		}
	}
	// The archive comes last: where it is, the content is whole.
	if err := os.Rename(filepath.Join(temp, "zip"), p.archive(sum)); err != nil {
		return "", err
	}
	return sum, syncDir(p.dir)
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
	if err := writeSynced(path, count, mode); err != nil {
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

func writeSynced(path string, r io.Reader, mode os.FileMode) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	if err == nil {
		err = f.Sync()
	}
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

// sweep removes packages that no function has, and what a crash left.
func (p packages) sweep(ctx context.Context, store Store) error {
	entries, err := os.ReadDir(p.dir)
	if os.IsNotExist(err) {
		return nil
	} else if err != nil {
		return err
	}
	used, err := store.Packages(ctx)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !used[strings.TrimSuffix(e.Name(), ".zip")] {
			if err := os.RemoveAll(filepath.Join(p.dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
