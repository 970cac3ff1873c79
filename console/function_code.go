package console

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"time"
)

// A codeChange replaces the text of a file of a function's package.
type codeChange struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// saveCode gives a function a package in which files have another text. The
// other files stay as they are, byte for byte. Where somebody else has changed
// the function since the page read that revision, it is refused with status
// 412.
//
//	PUT /api/function/code {"name", "revision", "files": [codeChange]} -> {"revision"}
func (c *Console) saveCode(w http.ResponseWriter, r *http.Request) (any, error) {
	var in struct {
		Name     string       `json:"name"`
		Revision string       `json:"revision"`
		Files    []codeChange `json:"files"`
	}
	if err := read(w, r, &in); err != nil {
		return nil, err
	}
	switch {
	case c.opt.Functions == nil:
		return nil, unavailable("functions")
	case in.Revision == "":
		return nil, invalid("revision: need the one that was read")
	case len(in.Files) == 0:
		return nil, invalid("files: need at least one")
	}
	// A function that is not there is told as the operation tells it.
	if _, err := call[struct{}](r.Context(), c, "lambda", "GetFunction", document{"FunctionName": in.Name}); err != nil {
		return nil, err
	}
	archive, err := c.opt.Functions.Archive(r.Context(), in.Name)
	if err != nil {
		return nil, err
	}
	changed, err := rezip(archive, in.Files, c.opt.Now())
	if err != nil {
		return nil, err
	}
	out, err := call[struct{ RevisionID string }](r.Context(), c, "lambda", "UpdateFunctionCode", document{"FunctionName": in.Name, "ZipFile": changed, "RevisionId": in.Revision})
	if err != nil {
		return nil, err
	}
	return document{"revision": out.RevisionID}, nil
}

// rezip writes an archive anew with other texts in some of its files.
func rezip(archive []byte, changes []codeChange, now time.Time) ([]byte, error) {
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, err
	}
	texts := map[string]string{}
	for _, one := range changes {
		texts[one.Name] = one.Text
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range r.File {
		text, ok := texts[f.Name]
		if !ok || !f.Mode().IsRegular() {
			if err := w.Copy(f); err != nil {
				return nil, fmt.Errorf("copy %q: %w", f.Name, err)
			}
			continue
		}
		delete(texts, f.Name)
		h := &zip.FileHeader{Name: f.Name, Comment: f.Comment, Method: zip.Deflate, Modified: now}
		h.SetMode(f.Mode())
		to, err := w.CreateHeader(h)
		if err != nil {
			return nil, err
		}
		if _, err := io.WriteString(to, text); err != nil {
			return nil, err
		}
	}
	for name := range texts {
		return nil, notFound("the package has no file %q: somebody has changed it", name)
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
