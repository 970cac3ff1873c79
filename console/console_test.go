package console

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"salamander/operation"
)

// A desk is a console under test, with a clock of its own.
type desk struct {
	*Console
	t   testing.TB
	now time.Time
}

func open(t *testing.T, change func(*Options)) *desk {
	t.Helper()
	d := &desk{t: t, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	reg := &operation.Registry{}
	operation.Register(reg, operation.Spec{Service: "things", Name: "Echo"}, func(_ context.Context, in *struct{ Text string }) (*struct{ Text string }, error) {
		return in, nil
	})
	opt := Options{Registry: reg, Dir: t.TempDir(), Now: func() time.Time { return d.now }, Caller: operation.Caller{Account: "000000000000", Region: "us-east-1"},
		Assets: fstest.MapFS{"index.html": {Data: []byte("<title>Salamander</title>")}, "assets/a-1234.js": {Data: []byte(strings.Repeat("let a;", 500))},
			"favicon.svg": {Data: []byte("<svg/>")}}}
	if change != nil {
		change(&opt)
	}
	c, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	d.Console = c
	return d
}

// A request is one with headers; those of the same name replace the usual ones.
func (d *desk) do(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	d.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "127.0.0.1:4567"
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		} else {
			r.Header.Set(headers[i], headers[i+1])
		}
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

// login returns a cookie and the token of its session.
func (d *desk) login() (cookie, csrf string) {
	d.t.Helper()
	_, token, _ := strings.Cut(d.Link(time.Minute), "#")
	w := d.do("POST", "/api/login", `{"token":"`+token+`"}`)
	if w.Code != http.StatusNoContent || len(w.Result().Cookies()) != 1 {
		d.t.Fatalf("login: got %d, %s", w.Code, w.Body)
	}
	c := w.Result().Cookies()[0]
	cookie = c.Name + "=" + c.Value
	var s struct{ CSRF string }
	if err := json.Unmarshal(d.do("GET", "/api/session", "", "Cookie", cookie).Body.Bytes(), &s); err != nil {
		d.t.Fatal(err)
	}
	return cookie, s.CSRF
}

func TestOnlyOwnPagesAreAnswered(t *testing.T) {
	d := open(t, nil)
	cookie, csrf := d.login()
	const path, body = "/api/aws/things/Echo", `{"Text":"<b>"}`
	for _, c := range []struct {
		name    string
		headers []string
		want    int
	}{
		{"own page", []string{"Cookie", cookie, "X-Salamander-CSRF", csrf, "Origin", "http://127.0.0.1:4567", "Sec-Fetch-Site", "same-origin"}, 200},
		{"by name", []string{"Cookie", cookie, "X-Salamander-CSRF", csrf, "Host", "localhost:4567", "Origin", "http://localhost:4567"}, 200},
		{"a program", []string{"Cookie", cookie, "X-Salamander-CSRF", csrf}, 200},
		{"no cookie", []string{"X-Salamander-CSRF", csrf}, 401},
		{"a cookie of nobody", []string{"Cookie", "salamander_session_4567=AAAA", "X-Salamander-CSRF", csrf}, 401},
		{"no token", []string{"Cookie", cookie}, 403},
		{"another token", []string{"Cookie", cookie, "X-Salamander-CSRF", csrf[1:]}, 403},
		{"another site", []string{"Cookie", cookie, "X-Salamander-CSRF", csrf, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}, 403},
		{"another site without the header", []string{"Cookie", cookie, "X-Salamander-CSRF", csrf, "Sec-Fetch-Site", "cross-site"}, 403},
		{"another port of this host", []string{"Cookie", cookie, "X-Salamander-CSRF", csrf, "Origin", "http://127.0.0.1:8080", "Sec-Fetch-Site", "same-site"}, 403},
		{"a sandboxed page", []string{"Cookie", cookie, "X-Salamander-CSRF", csrf, "Origin", "null"}, 403},
		{"a name that DNS rebinds", []string{"Cookie", cookie, "X-Salamander-CSRF", csrf, "Host", "evil.example:4567", "Origin", "http://evil.example:4567"}, 403},
		{"a name like ours", []string{"Cookie", cookie, "X-Salamander-CSRF", csrf, "Host", "127.0.0.1.evil.example:4567"}, 403},
		{"an address elsewhere", []string{"Cookie", cookie, "X-Salamander-CSRF", csrf, "Host", "192.168.1.5:4567"}, 403},
	} {
		w := d.do("POST", path, body, c.headers...)
		if w.Code != c.want {
			t.Errorf("%s: got %d, %s; want %d", c.name, w.Code, w.Body, c.want)
		}
		if w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: got Cache-Control %q", c.name, w.Header().Get("Cache-Control"))
		}
	}
	// The answer has no markup that a browser could take for a page.
	w := d.do("POST", path, body, "Cookie", cookie, "X-Salamander-CSRF", csrf)
	if got := w.Body.String(); strings.Contains(got, "<") || w.Header().Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("got %s", got)
	}
}

// A link elsewhere may open a page, and nothing more.
func TestForeignPagesMayOnlyOpen(t *testing.T) {
	d := open(t, nil)
	cookie, _ := d.login()
	link := []string{"Cookie", cookie, "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}
	for _, c := range []struct {
		path    string
		headers []string
		want    int
	}{
		{"/executions/x", link, 200},
		{"/api/session", link, 403},
		{"/", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"}, 403},
		{"/assets/a-1234.js", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "script"}, 403},
	} {
		if w := d.do("GET", c.path, "", c.headers...); w.Code != c.want {
			t.Errorf("%s: got %d; want %d", c.path, w.Code, c.want)
		}
	}
}

func TestEveryAnswerIsSecured(t *testing.T) {
	d := open(t, nil)
	cookie, _ := d.login()
	for _, path := range []string{"/", "/machines/x", "/assets/a-1234.js", "/assets/none.js", "/api/session", "/api/none"} {
		h := d.do("GET", path, "", "Cookie", cookie).Header()
		csp := h.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "script-src 'self';", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'", "connect-src 'self'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: got %q; want %s", path, csp, want)
			}
		}
		if strings.Contains(csp, "unsafe") {
			t.Errorf("%s: got %q", path, csp)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin"} {
			if h.Get(name) != want {
				t.Errorf("%s: got %s %q; want %q", path, name, h.Get(name), want)
			}
		}
	}
}

func TestTheCookieIsTheBrowsersAlone(t *testing.T) {
	d := open(t, nil)
	_, token, _ := strings.Cut(d.Link(time.Minute), "#")
	c := d.do("POST", "/api/login", `{"token":"`+token+`"}`).Result().Cookies()[0]
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" || c.Name != "salamander_session_4567" {
		t.Errorf("got %+v", c)
	}
}

func TestALinkWorksOnceAndForAWhile(t *testing.T) {
	d := open(t, nil)
	use := func(link string) int {
		_, token, _ := strings.Cut(link, "#")
		return d.do("POST", "/api/login", `{"token":"`+token+`"}`).Code
	}
	link := d.Link(time.Minute)
	if got := []int{use(link), use(link)}; got[0] != 204 || got[1] != 401 {
		t.Errorf("twice: got %v", got)
	}
	link = d.Link(time.Minute)
	d.now = d.now.Add(2 * time.Minute)
	if got := use(link); got != 401 {
		t.Errorf("late: got %d", got)
	}
	if got := d.do("POST", "/api/login", `{}`); got.Code != 401 || !strings.Contains(got.Body.String(), "no password is configured") {
		t.Errorf("nothing: got %d, %s", got.Code, got.Body)
	}
	if got := d.do("POST", "/api/login", `{"token":"x"}`, "Origin", "https://evil.example"); got.Code != 403 {
		t.Errorf("from elsewhere: got %d", got.Code)
	}
}

func TestPasswordsAreNotGuessed(t *testing.T) {
	d := open(t, func(o *Options) { o.Password = "correct horse" })
	try := func(password string) int { return d.do("POST", "/api/login", `{"password":"`+password+`"}`).Code }
	if got := try("correct horse"); got != 204 {
		t.Errorf("right: got %d", got)
	}
	for range passwordBurst {
		if got := try("wrong"); got != 401 {
			t.Errorf("wrong: got %d", got)
		}
	}
	w := d.do("POST", "/api/login", `{"password":"correct horse"}`)
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("too many: got %d, %v", w.Code, w.Header())
	}
	d.now = d.now.Add(passwordPause)
	if got := try("correct horse"); got != 204 {
		t.Errorf("after the pause: got %d", got)
	}
	if got := try(""); got != 401 {
		t.Errorf("empty: got %d", got)
	}
}

func TestSessionsEnd(t *testing.T) {
	d := open(t, nil)
	cookie, csrf := d.login()
	status := func() int { return d.do("GET", "/api/session", "", "Cookie", cookie).Code }
	d.now = d.now.Add(sessionIdle - time.Hour)
	if got := status(); got != 200 {
		t.Errorf("used: got %d", got)
	}
	d.now = d.now.Add(sessionIdle - time.Hour)
	if got := status(); got != 200 {
		t.Errorf("used again: got %d", got)
	}
	if got := d.do("POST", "/api/logout", "", "Cookie", cookie, "X-Salamander-CSRF", csrf).Code; got != 204 {
		t.Errorf("logout: got %d", got)
	}
	if got := status(); got != 401 {
		t.Errorf("after: got %d", got)
	}
	cookie, _ = d.login()
	d.now = d.now.Add(sessionIdle + time.Minute)
	if got := status(); got != 401 {
		t.Errorf("idle: got %d", got)
	}
}

func TestAssets(t *testing.T) {
	d := open(t, nil)
	w := d.do("GET", "/assets/a-1234.js", "", "Accept-Encoding", "br, gzip;q=0.8")
	if w.Header().Get("Content-Encoding") != "gzip" || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || w.Header().Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Errorf("got %v", w.Header())
	}
	r, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(r); err != nil || string(text) != strings.Repeat("let a;", 500) {
		t.Errorf("got %d bytes, %v", len(text), err)
	}
	if w := d.do("GET", "/assets/a-1234.js", "", "Accept-Encoding", "gzip;q=0"); w.Header().Get("Content-Encoding") != "" || w.Body.Len() != 3000 {
		t.Errorf("without gzip: got %v", w.Header())
	}
	if w := d.do("GET", "/assets/gone.js", ""); w.Code != 404 {
		t.Errorf("gone: got %d", w.Code)
	}
	for _, path := range []string{"/", "/login", "/executions/arn:aws:states:x", "/index.html"} {
		w := d.do("GET", path, "")
		if w.Code != 200 || w.Body.String() != "<title>Salamander</title>" || w.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: got %d, %q", path, w.Code, w.Body)
		}
		if again := d.do("GET", path, "", "If-None-Match", w.Header().Get("ETag")); again.Code != http.StatusNotModified || again.Body.Len() != 0 {
			t.Errorf("%s again: got %d", path, again.Code)
		}
	}
	if w := d.do("POST", "/", ""); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("post: got %d", w.Code)
	}
}

func TestBadRequestsAreNamed(t *testing.T) {
	d := open(t, nil)
	cookie, csrf := d.login()
	for _, c := range []struct {
		method, path, body string
		status             int
		code               string
	}{
		{"POST", "/api/aws/things/None", "{}", 501, "NotImplementedException"},
		{"POST", "/api/aws/things/Echo", "{", 400, "SerializationException"},
		{"POST", "/api/aws/things/Echo", strings.Repeat(" ", maxBody+1), 413, "TooLarge"},
		{"GET", "/api/nothing", "", 404, "NotFound"},
		{"GET", "/api/executions", "", 501, "NotImplemented"},
		{"GET", "/api/saved", "", 400, "Invalid"},
		{"PUT", "/api/saved", `{"kind":"queries","name":"x","body":"` + strings.Repeat("x", maxSavedBody+1) + `"}`, 413, "TooLarge"},
		{"PUT", "/api/saved", `[]`, 400, "Invalid"},
	} {
		w := d.do(c.method, c.path, c.body, "Cookie", cookie, "X-Salamander-CSRF", csrf)
		var e struct{ Code, Message string }
		if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil || w.Code != c.status || e.Code != c.code || e.Message == "" {
			t.Errorf("%s %s: got %d, %.200s; want %d, %s", c.method, c.path, w.Code, w.Body, c.status, c.code)
		}
	}
}

// A hub keeps the last change of each thing, and one that reads too slowly is
// told so; what is kept for it is bounded.
func TestHubCoalesces(t *testing.T) {
	h := &Hub{}
	h.Publish(Change{Topic: "execution", Key: "before"})
	s := h.subscribe(func(c Change) bool { return c.Topic == "execution" })
	defer h.unsubscribe(s)
	h.Publish(Change{Topic: "other", Key: "a"})
	h.Publish(Change{Topic: "execution", Key: "a", Status: "FAILED"})
	h.Publish(Change{Topic: "execution", Key: "b"})
	h.Publish(Change{Topic: "execution", Key: "a"})
	got, lost := s.take()
	if want := "[{execution a FAILED 5} {execution b  4}]"; fmt.Sprint(got) != want || lost {
		t.Errorf("got %v, %v; want %s", got, lost, want)
	}
	for i := range 2 * maxPending {
		h.Publish(Change{Topic: "execution", Key: fmt.Sprint(i)})
	}
	if got, lost := s.take(); len(got) != maxPending || !lost {
		t.Errorf("got %d, %v; want %d and lost ones", len(got), lost, maxPending)
	}
	if got, lost := s.take(); len(got) != 0 || lost {
		t.Errorf("then: got %d, %v", len(got), lost)
	}
}

func BenchmarkPublishUnread(b *testing.B) {
	h := &Hub{}
	b.ReportAllocs()
	for b.Loop() {
		h.Publish(Change{Topic: "execution", Key: "arn"})
	}
}
