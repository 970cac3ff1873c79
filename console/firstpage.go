package console

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A viewRoute is an entry of dist/routes.json, which the build writes: what the
// browser needs for the view of a path, so that it asks for all of it at once
// instead of finding it out script by script.
type viewRoute struct {
	Pattern string   `json:"pattern"` // ":name" takes a segment, "*name" the rest
	Scripts []string `json:"scripts"` // modules beside those of the index
	Styles  []string `json:"styles"`
}

// themeCookie has the theme that the user chose (src/app/theme.ts).
const themeCookie = "salamander_theme"

// maxBegun bounds what the browser is told to ask at once.
const maxBegun = 6

// firstWait is how long the index waits for the first answers that it bears.
const firstWait = 150 * time.Millisecond

// An opening is what a page asks first. The pages know the same paths
// (src/app/pages.ts): what the index bears is not asked again, and where the two
// differ it is only slower.
type opening struct {
	bears  []string // whose answers the index bears; %s is the ARN in the path
	begins []string // which the browser is told to ask at once, for they are large
}

var openings = map[string]opening{
	"/":                {bears: []string{"/api/home?hours=24"}},
	"/executions/*arn": {bears: []string{"/api/execution?arn=%s"}, begins: []string{"/api/history?arn=%s&after=0&limit=5000"}},
	"/mapruns/*arn":    {bears: []string{"/api/maprun?arn=%s"}, begins: []string{"/api/mapitems?mapRun=%s"}},
	"/machines":        {bears: []string{"/api/machines"}},
}

// index answers the page of a path to who is logged in. It bears the session
// and the first answers of the view, as data that no browser runs:
//
//	<script type="application/json" id="first">{"/api/session": …}</script>
func (c *Console) index(w http.ResponseWriter, r *http.Request, file *asset) {
	found, arn := c.assets.match(r.URL.Path)
	open := openings[found.Pattern]
	if strings.Contains(found.Pattern, "arn") && arn == "" {
		open = opening{}
	}
	var head bytes.Buffer
	for _, s := range found.Styles {
		head.WriteString(`<link rel="stylesheet" crossorigin href="` + s + "\">\n")
	}
	for _, s := range found.Scripts {
		head.WriteString(`<link rel="modulepreload" crossorigin href="` + s + "\">\n")
	}
	bears := c.first(r, open, arn)
	begins := slices.Clone(open.begins)
	if page, ok := bears[filled("/api/execution?arn=%s", arn)].(document); ok {
		// The rest of a long history, too.
		last, _ := page["lastEvent"].(int64)
		for after := int64(historyPage); after < last && len(begins) < maxBegun; after += historyPage {
			begins = append(begins, fmt.Sprintf("/api/history?arn=%%s&after=%d&limit=%d", after, historyPage))
		}
	}
	for _, path := range begins {
		// Escaped for a query, it has no character of markup but the ampersand.
		head.WriteString(`<link rel="preload" as="fetch" crossorigin href="` + strings.ReplaceAll(filled(path, arn), "&", "&amp;") + "\">\n")
	}
	if text, err := json.Marshal(bears); err == nil { // it escapes what could end the element
		head.WriteString(`<script type="application/json" id="first">` + string(text) + "</script>\n")
	}
	text := bytes.Replace(file.plain, []byte("</head>"), append(head.Bytes(), "</head>"...), 1)
	if theme, err := r.Cookie(themeCookie); err == nil && (theme.Value == "dark" || theme.Value == "light") {
		text = bytes.Replace(text, []byte(`<html `), []byte(`<html data-theme="`+theme.Value+`" `), 1)
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", file.kind)
	h.Set("Vary", "Accept-Encoding, Cookie")
	if acceptsGzip(r) {
		if zip := compressed(text, gzip.BestSpeed); zip != nil {
			h.Set("Content-Encoding", "gzip")
			text = zip
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(text)))
	if r.Method == http.MethodGet {
		w.Write(text) // the client may be gone
	}
}

func filled(path, arn string) string {
	return strings.ReplaceAll(path, "%s", url.QueryEscape(arn))
}

// first collects answers by their paths. What fails or takes too long is left
// out: the page asks for it itself.
func (c *Console) first(r *http.Request, open opening, arn string) map[string]any {
	ctx, cancel := context.WithTimeout(r.Context(), firstWait)
	defer cancel()
	all := map[string]any{}
	for _, path := range append([]string{"/api/session"}, open.bears...) {
		path = filled(path, arn)
		asked := r.Clone(ctx)
		u, err := url.Parse(path)
		if err != nil {
			continue
		}
		asked.URL = u
		var out any
		switch u.Path {
		case "/api/session":
			out, err = c.session(nil, asked)
		case "/api/home":
			out, err = c.home(nil, asked)
		case "/api/execution":
			out, err = c.execution(nil, asked)
		case "/api/maprun":
			out, err = c.mapRun(nil, asked)
		case "/api/machines":
			out, err = c.machines(nil, asked)
		}
		if err == nil && out != nil && ctx.Err() == nil {
			all[path] = out
		}
	}
	return all
}

// match finds the route of a path, and the part of the path that is named arn.
// A path of no route has the zero one.
func (a *assets) match(path string) (viewRoute, string) {
	for _, one := range a.routes {
		if arn, ok := matches(one.Pattern, path); ok {
			return one, arn
		}
	}
	return viewRoute{}, ""
}

// matches compares a path with a pattern as src/app/router.tsx does.
func matches(pattern, path string) (arn string, ok bool) {
	want, got := strings.Split(strings.Trim(pattern, "/"), "/"), strings.Split(strings.Trim(path, "/"), "/")
	for i, part := range want {
		if i >= len(got) || got[i] == "" && part != "" {
			return "", false
		}
		switch name := strings.TrimLeft(part, "*:"); {
		case strings.HasPrefix(part, "*"):
			if name == "arn" {
				arn = strings.Join(got[i:], "/")
			}
			return arn, true
		case strings.HasPrefix(part, ":"):
			if name == "arn" {
				arn = got[i]
			}
		case part != got[i]:
			return "", false
		}
	}
	return arn, len(want) == len(got)
}
