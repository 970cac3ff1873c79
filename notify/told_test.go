package notify_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"salamander/notify"
	"salamander/store"
)

// told waits until so many alerts came to their end.
func told(t *testing.T, db *store.DB, n int) []store.ToldDelivery {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		list, err := store.NewNotify(db).Told(t.Context(), 100)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) >= n {
			return list
		}
		if time.Now().After(deadline) {
			t.Fatalf("told: got %d; want %d", len(list), n)
		}
	}
}

// What became of an alert is remembered: to whom it went and when, or why it
// was given up; no secret of an address with it, and nothing of other messages.
func TestAlertsAreRemembered(t *testing.T) {
	got := make(chan string, 10)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		if r.URL.Path == "/secret/gone" {
			http.Error(w, "no such hook", http.StatusNotFound)
			return
		}
		got <- string(text)
	}))
	defer srv.Close()
	rule := notify.Rule{Name: "failures", To: []string{srv.URL + "/secret/hook", "slack:" + srv.URL + "/secret/gone"}}
	dir := t.TempDir()
	db := openStore(t, dir)
	n := notify.New(options(db, dir, &facts{name: "nightly", status: "FAILED"}, rule))
	stop := run(t, n)
	if err := n.Ended(t.Context(), executionARN("nightly"), "FAILED"); err != nil {
		t.Fatal(err)
	}
	next(t, got)
	told(t, db, 2)
	stop()
	db.Close()

	db = openStore(t, dir) // they outlive a restart
	defer db.Close()
	by := map[string]store.ToldDelivery{}
	for _, d := range told(t, db, 2) {
		by[d.Protocol] = d
	}
	hook, slack := by["webhook"], by["slack"]
	if hook.Problem != "" || hook.Ending.Attempts != 1 || hook.Rule != "failures" || hook.About != executionARN("nightly") || !strings.Contains(hook.Body, "it <broke>") && !strings.Contains(hook.Body, "it \\u003cbroke") || hook.At.IsZero() {
		t.Errorf("arrived: got %+v", hook)
	}
	if !strings.Contains(slack.Problem, "404") || slack.Subject != "FAILED: refresh (nightly)" {
		t.Errorf("given up: got %+v", slack)
	}
	for _, text := range []string{hook.Address(), slack.Address(), slack.Blame(slack.Problem), slack.Blame(fmt.Sprintf("Post %q: refused", srv.URL+"/secret/gone"))} {
		if strings.Contains(text, "secret") {
			t.Errorf("got %q; want no secret", text)
		}
	}
}
