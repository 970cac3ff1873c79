package api_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"salamander/api"
	"salamander/api/sigv4"
	"salamander/identity"
	"salamander/logs"
	"salamander/operation"
	logsservice "salamander/service/logs"
	"salamander/store"
)

// A function's environment is run again with its invocation after the
// process died: its calls are answered with their first results.
func TestACutInvocationIsAnsweredAgain(t *testing.T) {
	dir := t.TempDir()
	run := func(f func(h http.Handler, id *identity.Identity)) {
		db, err := store.Open(dir, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		keys, err := identity.LoadKeys(dir)
		if err != nil {
			t.Fatal(err)
		}
		id := identity.New(keys, identity.Options{})
		reg := &operation.Registry{}
		reg.Use(operation.Replay(store.NewReplays(db)))
		logsservice.Register(reg, logsservice.New(logs.New(store.NewLogs(db), logs.Options{})))
		f(api.New(reg, id, api.Options{}), id)
	}
	create := func(h http.Handler, s identity.Session, group string) (int, string) {
		body := `{"logGroupName":"` + group + `"}`
		r := httptest.NewRequest("POST", "http://127.0.0.1/", strings.NewReader(body))
		r.Header.Set("X-Amz-Target", "Logs_20140328.CreateLogGroup")
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
		sigv4.Sign(r, sigv4.HashPayload([]byte(body)), sigv4.Credentials{AccessKey: s.AccessKey, Secret: s.Secret, SessionToken: s.Token}, "us-east-1", "logs", time.Now())
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		text, _ := io.ReadAll(w.Body)
		return w.Code, string(text)
	}
	want := func(name string, h http.Handler, s identity.Session, group string, status int) {
		t.Helper()
		if code, text := create(h, s, group); code != status {
			t.Errorf("%s: got %d %s; want %d", name, code, text, status)
		}
	}
	run(func(h http.Handler, id *identity.Identity) {
		s := id.Issue(identity.SessionOptions{})
		s.Serve("inv-1")
		want("first", h, s, "a", 200)
		want("first, twice in one run", h, s, "a", 400)
	})
	run(func(h http.Handler, id *identity.Identity) {
		s := id.Issue(identity.SessionOptions{})
		s.Serve("inv-1")
		want("again", h, s, "a", 200)
		want("again, the recorded error", h, s, "a", 400)
		want("beyond the cut", h, s, "b", 200)
		s.Serve("inv-2")
		want("another invocation", h, s, "a", 400)
		s.Serve("")
		want("no invocation", h, s, "b", 400)
	})
}
