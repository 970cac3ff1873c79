package fetchrun

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// zip runs the file of an archive that the first argument names, in the
// directory that the archive was unpacked to.
func (r *runner) zip(ctx context.Context, url string) stop {
	file := filepath.Join(r.dir, "batch-file-temp")
	if err := r.download(ctx, url, file, 0o600); err != nil {
		return r.failure(err, "Failed to download S3 zip file from "+url)
	}
	if err := os.Chdir(r.dir); err != nil {
		return r.failure(err, "Unable to cd to temporary directory.")
	}
	if err := unpack(file, r.dir); err != nil {
		return r.failure(fmt.Errorf("unzip: %w", err), "Failed to unpack zip file.")
	}
	script := "./" + r.args[0]
	f, err := os.Open(script)
	if err != nil {
		return stop{failed, fmt.Sprintf("Did not find specified script '%s' in zip from %s", script, url)}
	}
	info, err := f.Stat()
	f.Close()
	if err == nil {
		err = os.Chmod(script, info.Mode()|0o100)
	}
	if err != nil {
		return r.failure(err, "Failed to chmod script.")
	}
	return r.execute(script, r.rest())
}

// unpack extracts the archive into dir and nowhere else. Links and devices
// are refused.
func unpack(file, dir string) error {
	archive, err := zip.OpenReader(file)
	if err != nil {
		return fmt.Errorf("open the archive: %w", err)
	}
	defer archive.Close()
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, f := range archive.File {
		if err := extract(root, f); err != nil {
			return fmt.Errorf("%q: %w", f.Name, err)
		}
	}
	return nil
}

func extract(root *os.Root, f *zip.File) error {
	name := filepath.Clean(filepath.FromSlash(f.Name))
	if !filepath.IsLocal(name) {
		return errors.New("the name leads out of the directory")
	}
	mode := f.Mode()
	if mode.IsDir() {
		return root.MkdirAll(name, 0o700)
	}
	if !mode.IsRegular() {
		return errors.New("only files and directories can be unpacked")
	}
	if err := root.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	in, err := f.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode.Perm()|0o600)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}
