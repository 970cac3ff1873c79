package console

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
)

const routesTable = `[{"pattern":"/","scripts":["/assets/Home-1.js"],"styles":["/assets/Home-1.css"]},
	{"pattern":"/executions/*arn","scripts":["/assets/Execution-1.js"],"styles":[]},{"pattern":"/machines","scripts":[],"styles":[]}]`

func withRoutes(opt *Options) {
	opt.Assets = fstest.MapFS{"index.html": {Data: []byte("<html lang=\"en\"><head><title>S</title></head><body></body></html>")}, "routes.json": {Data: []byte(routesTable)}}
}

// firstOf reads what a page bears.
func firstOf(t *testing.T, page string) map[string]json.RawMessage {
	t.Helper()
	_, text, ok := strings.Cut(page, `<script type="application/json" id="first">`)
	text, _, end := strings.Cut(text, "</script>")
	all := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(text), &all); !ok || !end || err != nil {
		t.Fatalf("the page bears nothing that can be read: %v\n%s", err, page)
	}
	return all
}

// The page of who is logged in bears the session and what its view asks first,
// names what the view needs, and is kept by nobody.
func TestThePageBearsItsFirstAnswers(t *testing.T) {
	d := open(t, withRoutes)
	cookie, csrf := d.login()
	w := d.do("GET", "/", "", "Cookie", cookie)
	page := w.Body.String()
	if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("got %d, %v", w.Code, w.Header())
	}
	for _, want := range []string{`<link rel="modulepreload" crossorigin href="/assets/Home-1.js">`, `<link rel="stylesheet" crossorigin href="/assets/Home-1.css">`, "<title>S</title>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s:\n%s", want, page)
		}
	}
	all := firstOf(t, page)
	var s struct{ CSRF string }
	if err := json.Unmarshal(all["/api/session"], &s); err != nil || s.CSRF != csrf {
		t.Errorf("session: got %s, %v; want the token %q", all["/api/session"], err, csrf)
	}
	if w := d.do("GET", "/assets/../routes.json", "", "Cookie", cookie); strings.Contains(w.Body.String(), "Execution-1.js\"") {
		t.Errorf("the table of routes is served: %s", w.Body)
	}
}

// The chosen theme is in the page from its first frame on; nothing else gets there.
func TestThePageHasItsTheme(t *testing.T) {
	d := open(t, withRoutes)
	cookie, _ := d.login()
	for theme, want := range map[string]string{"dark": `<html data-theme="dark" lang="en">`, "light": `<html data-theme="light" lang="en">`, "x%22%3E": `<html lang="en">`} {
		if page := d.do("GET", "/", "", "Cookie", cookie+"; salamander_theme="+theme).Body.String(); !strings.HasPrefix(page, want) {
			t.Errorf("theme %q: got %.60s; want %s", theme, page, want)
		}
	}
}

// Nobody else is told anything.
func TestThePageBearsNothingForStrangers(t *testing.T) {
	d := open(t, withRoutes)
	cookie, csrf := d.login()
	for _, headers := range [][]string{nil, {"Cookie", cookie + "x"}} {
		w := d.do("GET", "/", "", headers...)
		if page := w.Body.String(); strings.Contains(page, "first") || strings.Contains(page, csrf) || w.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("%v: got %v\n%s", headers, w.Header(), page)
		}
	}
}

// A path is text of whoever made the link: in the page it stays text.
func TestThePageEscapesItsPath(t *testing.T) {
	h, _ := openLong(t, 10)
	d := open(t, func(opt *Options) {
		withRoutes(opt)
		opt.Executions = h
		opt.Registry.Refuse("states", "DescribeExecution", "an express execution")
	})
	cookie, _ := d.login()
	w := d.do("GET", `/executions/arn:aws:%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E&x=1`, "", "Cookie", cookie)
	page := w.Body.String()
	if strings.Contains(page, "<script>alert") || strings.Count(page, "</script>") != 1 {
		t.Errorf("the path is markup:\n%s", page)
	}
	if want := `href="/api/history?arn=arn%3Aaws%3A%22%3E%3Cscript%3Ealert%281%29%3C%2Fscript%3E%26x%3D1&amp;after=0&amp;limit=5000"`; !strings.Contains(page, want) {
		t.Errorf("the page lacks %s:\n%s", want, page)
	}
	if all := firstOf(t, page); all["/api/execution?arn=arn%3Aaws%3A%22%3E%3Cscript%3Ealert%281%29%3C%2Fscript%3E%26x%3D1"] == nil {
		t.Errorf("the page lacks the execution: %v", all)
	}
}

func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern, path, arn string
		ok                 bool
	}{
		{"/", "/", "", true},
		{"/", "/machines", "", false},
		{"/machines", "/machines", "", true},
		{"/machines", "/machines/", "", true},
		{"/machines", "/machines/x", "", false},
		{"/machines/:arn", "/machines/a:b", "a:b", true},
		{"/machines/:arn", "/machines/", "", false},
		{"/executions/*arn", "/executions/a:b/c:d", "a:b/c:d", true},
		{"/executions/*arn", "/executions", "", false},
		{"/objects/:bucket/*key", "/objects/b/k/l", "", true},
	} {
		if arn, ok := matches(c.pattern, c.path); arn != c.arn || ok != c.ok {
			t.Errorf("%s on %s: got %q, %v; want %q, %v", c.path, c.pattern, arn, ok, c.arn, c.ok)
		}
	}
}

// The committed build names files that are there, and knows the views that the
// openings are of.
func TestTheBuiltRoutes(t *testing.T) {
	a, err := readAssets(built())
	if err != nil {
		t.Fatal(err)
	}
	patterns := map[string]bool{}
	for _, one := range a.routes {
		patterns[one.Pattern] = true
		if len(one.Scripts) == 0 {
			t.Errorf("%s has no script", one.Pattern)
		}
		for _, name := range append(one.Scripts, one.Styles...) {
			if a.files[name] == nil {
				t.Errorf("%s: there is no %s", one.Pattern, name)
			}
		}
	}
	for pattern := range openings {
		if !patterns[pattern] {
			t.Errorf("there is no view of %s", pattern)
		}
	}
}
