package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
)

// dist is what `npm run build` makes of console/web.
//
//go:embed all:dist
var dist embed.FS

func built() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the name is valid
	}
	return sub
}

// assets are the built pages, in memory.
type assets struct {
	files  map[string]*asset
	routes []viewRoute
}

// An asset is a file that is served, compressed when somebody first wants it
// so.
type asset struct {
	kind  string // media type
	tag   string // ETag
	plain []byte
	zip   func() []byte // nil inside when it would not be smaller
}

func readAssets(from fs.FS) (*assets, error) {
	a := &assets{files: map[string]*asset{}}
	err := fs.WalkDir(from, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(from, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(text)
		a.files["/"+name] = &asset{kind: kindOf(name), tag: `"` + hex.EncodeToString(sum[:12]) + `"`, plain: text,
			zip: sync.OnceValue(func() []byte { return compressed(text, gzip.BestCompression) })}
		return nil
	})
	if table := a.files["/routes.json"]; err == nil && table != nil {
		delete(a.files, "/routes.json") // it is for us
		if err = json.Unmarshal(table.plain, &a.routes); err != nil {
			err = fmt.Errorf("console/dist/routes.json: %w", err)
		}
	}
	if err == nil && a.files["/index.html"] == nil {
		err = fmt.Errorf("console/dist has no index.html: run npm run build in console/web")
	}
	return a, err
}

// kindOf is the media type of a file, the same on every machine.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".json", ".map":
		return "application/json"
	case ".webmanifest":
		return "application/manifest+json"
	case ".txt":
		return "text/plain; charset=utf-8"
	case ".wasm":
		return "application/wasm"
	case ".woff2":
		return "font/woff2"
	case ".ico":
		return "image/x-icon"
	}
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		return kind
	}
	return "application/octet-stream"
}

// compressed is nil where it would not be smaller.
func compressed(text []byte, level int) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, level)
	if err != nil {
		panic(err) // the level is valid
	}
	_, _ = w.Write(text) // to memory
	_ = w.Close()
	if b.Len() >= len(text) {
		return nil
	}
	return b.Bytes()
}

// page answers a file of the console, or for every other address, which the
// pages read themselves, the index.
func (c *Console) page(w http.ResponseWriter, r *http.Request) {
	if !safe(r.Method) {
		w.Header().Set("Allow", "GET, HEAD")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	name := path.Clean("/" + r.URL.Path)
	file, hashed := c.assets.files[name], strings.HasPrefix(name, "/assets/")
	switch {
	case file != nil && hashed:
		// Its name changes with its content.
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	case hashed:
		c.fail(w, r, notFound("there is no %q", name))
		return
	default:
		w.Header().Set("Cache-Control", "no-cache")
		if file == nil || name == "/index.html" {
			file = c.assets.files["/index.html"]
			if _, in := c.sessionOf(r); in {
				c.index(w, r, file)
				return
			}
		}
	}
	h := w.Header()
	h.Set("Content-Type", file.kind)
	h.Set("ETag", file.tag)
	h.Set("Vary", "Accept-Encoding")
	text := file.plain
	if acceptsGzip(r) {
		if zip := file.zip(); zip != nil {
			h.Set("Content-Encoding", "gzip")
			h.Set("ETag", strings.TrimSuffix(file.tag, `"`)+`-gzip"`)
			text = zip
		}
	}
	if strings.Contains(r.Header.Get("If-None-Match"), h.Get("ETag")) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", fmt.Sprint(len(text)))
	if r.Method == http.MethodGet {
		w.Write(text) // the client may be gone
	}
}

func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.TrimSpace(name) == "gzip" && strings.ReplaceAll(q, " ", "") != "q=0" {
			return true
		}
	}
	return false
}
