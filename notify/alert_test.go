package notify_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"salamander/notify"
	"salamander/operation"
	"salamander/store"
)

// mailbox is an SMTP server on loopback that keeps what it gets.
type mailbox struct{ got chan string }

func (b *mailbox) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{b}, nil }

type session struct{ box *mailbox }

func (s *session) Mail(string, *smtp.MailOptions) error { return nil }
func (s *session) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (s *session) Reset()                               {}
func (s *session) Logout() error                        { return nil }
func (s *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err == nil {
		s.box.got <- string(text)
	}
	return err
}

func (b *mailbox) serve(t *testing.T, ln net.Listener) {
	srv := smtp.NewServer(b)
	srv.Domain = "localhost"
	go func() { _ = srv.Serve(ln) }()
	t.Cleanup(func() { srv.Close() })
}

func next(t *testing.T, ch chan string) string {
	t.Helper()
	select {
	case text := <-ch:
		return strings.ReplaceAll(strings.ReplaceAll(text, "=\r\n", ""), "\r\n", "\n")
	case <-time.After(30 * time.Second):
		t.Fatal("nothing came")
		return ""
	}
}

// facts answers what alerts ask.
type facts struct {
	mu      sync.Mutex
	name    string
	status  string
	running []string
	stop    int
}

const (
	machineARN = "arn:aws:states:us-east-1:000000000000:stateMachine:refresh"
	failedJob  = "11111111-2222-4333-8444-555555555555"
)

func executionARN(name string) string {
	return "arn:aws:states:us-east-1:000000000000:execution:refresh:" + name
}

func (f *facts) Call(_ context.Context, service, name string, req *operation.Request) (*operation.Response, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	answers := map[string]string{
		"states:DescribeExecution": fmt.Sprintf(`{"name":%q,"stateMachineArn":%q,"status":%q,"startDate":1700000000,"stopDate":%d,"error":"States.TaskFailed","cause":"it <broke>"}`,
			f.name, machineARN, f.status, 1700000090+f.stop),
		"states:GetExecutionHistory": `{"events":[{"id":4,"type":"TaskFailed","taskFailedEventDetails":{"cause":"{\"JobId\":\"` + failedJob + `\"}"}},
			{"id":3,"type":"TaskFailed"},{"id":2,"type":"TaskStateEntered","stateEnteredEventDetails":{"name":"LoadFact"}}]}`,
		"batch:DescribeJobs":       `{"jobs":[{"jobId":"` + failedJob + `","jobName":"load-fact","status":"FAILED","statusReason":"Essential container in task exited","container":{"exitCode":3,"logStreamName":"s/1"}}]}`,
		"logs:GetLogEvents":        `{"events":[{"message":"psql: COPY"},{"message":"psql: ERROR: no such table"}]}`,
		"states:ListStateMachines": `{"stateMachines":[{"stateMachineArn":"` + machineARN + `","name":"refresh","type":"STANDARD"}]}`,
	}
	if name == "ListExecutions" {
		list := []string{}
		if strings.Contains(string(req.Input), "RUNNING") {
			for _, r := range f.running {
				list = append(list, fmt.Sprintf(`{"executionArn":%q,"name":%q,"startDate":1700000000}`, executionARN(r), r))
			}
		}
		answers["states:ListExecutions"] = `{"executions":[` + strings.Join(list, ",") + `]}`
	}
	text, ok := answers[service+":"+name]
	if !ok {
		return nil, operation.NotImplemented(service, name, "")
	}
	return &operation.Response{Output: json.RawMessage(text)}, nil
}

func openStore(t *testing.T, dir string) *store.DB {
	t.Helper()
	db, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func options(db *store.DB, dir string, f *facts, rules ...notify.Rule) notify.Options {
	return notify.Options{Store: store.NewNotify(db), Invoker: f, Signer: notify.NewKeys(dir), Rules: rules,
		Endpoint: func() string { return "http://127.0.0.1:4566" }, Log: slog.New(slog.DiscardHandler)}
}

func run(t *testing.T, n *notify.Notify) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { n.Run(ctx); close(done) }()
	return func() { cancel(); <-done }
}

// A failed execution is told by mail and to Slack. The mail server is not
// there at first, and the process dies meanwhile.
func TestAlertsAreKeptUntilTheMailServerIsThere(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().(*net.TCPAddr)
	ln.Close() // nobody is there
	slack := make(chan string, 10)
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		slack <- string(text)
	}))
	defer srv.Close()
	rule := notify.Rule{Name: "failures", Machines: []string{"ref*"}, To: []string{"mailto:team@example.com", "slack:" + srv.URL}}
	if err := rule.Validate(); err != nil {
		t.Fatal(err)
	}
	f := &facts{name: "nightly", status: "FAILED"}
	mailer := &notify.SMTP{Host: "127.0.0.1", Port: addr.Port, From: "salamander@example.com", Timeout: 2 * time.Second}
	dir := t.TempDir()
	db := openStore(t, dir)
	opt := options(db, dir, f, rule)
	opt.Mail = mailer
	n := notify.New(opt)
	stop := run(t, n)
	for range 3 { // the outbox may tell it again
		if err := n.Ended(t.Context(), executionARN("nightly"), "FAILED"); err != nil {
			t.Fatal(err)
		}
	}
	if err := n.Ended(t.Context(), executionARN("nightly"), "RUNNING"); err != nil {
		t.Fatal(err)
	}
	var told struct{ Text string }
	if err := json.Unmarshal([]byte(next(t, slack)), &told); err != nil || !strings.HasPrefix(told.Text, "*Execution nightly of refresh FAILED after 1m30s.*") || !strings.Contains(told.Text, "it &lt;broke&gt;") {
		t.Errorf("slack: got %q, %v", told.Text, err)
	}
	stop()
	db.Close()

	box := &mailbox{got: make(chan string, 10)}
	if ln, err = net.Listen("tcp", addr.String()); err != nil {
		t.Skip("the port is taken meanwhile")
	}
	box.serve(t, ln)
	db = openStore(t, dir)
	defer db.Close()
	opt = options(db, dir, f, rule)
	opt.Mail = mailer
	n = notify.New(opt)
	stop = run(t, n)
	defer stop()
	if err := n.Ended(t.Context(), executionARN("nightly"), "FAILED"); err != nil { // and again after the restart
		t.Fatal(err)
	}
	mail := next(t, box.got)
	for _, want := range []string{"Subject: FAILED: refresh (nightly)", "To: <team@example.com>", "State:    LoadFact", "Error:    States.TaskFailed",
		"Cause:    it <broke>", "Retries:  1", "Job load-fact (" + failedJob + ") failed: Essential container in task exited, exit code 3",
		"psql: ERROR: no such table", "get-execution-history", "get-log-events", `rule "failures"`} {
		if !strings.Contains(mail, want) {
			t.Errorf("mail without %q:\n%s", want, mail)
		}
	}
	// Another failure of the same kind is counted, a success is none.
	f.mu.Lock()
	f.name, f.stop = "again", 5
	f.mu.Unlock()
	if err := n.Ended(t.Context(), executionARN("again"), "FAILED"); err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	f.status = "SUCCEEDED"
	f.mu.Unlock()
	if err := n.Ended(t.Context(), executionARN("again"), "SUCCEEDED"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond)
	if len(box.got)+len(slack) > 0 {
		t.Errorf("told more than once: %d mails, %d to Slack", len(box.got), len(slack))
	}
}

func TestAlertsAboutDurationAndLateness(t *testing.T) {
	hook := make(chan string, 10)
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		hook <- string(text)
	}))
	defer srv.Close()
	f := &facts{running: []string{"slow"}}
	dir := t.TempDir()
	db := openStore(t, dir)
	defer db.Close()
	opt := options(db, dir, f,
		notify.Rule{Name: "long", LongerThan: time.Hour, To: []string{srv.URL}},
		notify.Rule{Name: "late", By: "06:30", Machines: []string{"refresh"}, To: []string{srv.URL}})
	opt.Now = func() time.Time { return time.Date(2023, 11, 15, 7, 0, 0, 0, time.UTC) }
	n := notify.New(opt)
	stop := run(t, n)
	defer stop()
	ctx, cancel := context.WithCancel(t.Context())
	for range 2 { // the second look tells nothing new
		done := make(chan struct{})
		watch, end := context.WithCancel(ctx)
		go func() { n.Watch(watch, "000000000000", "us-east-1"); close(done) }()
		time.Sleep(200 * time.Millisecond)
		end()
		<-done
	}
	cancel()
	got := map[string]map[string]any{}
	for range 2 {
		var doc map[string]any
		if err := json.Unmarshal([]byte(next(t, hook)), &doc); err != nil {
			t.Fatal(err)
		}
		got[doc["rule"].(string)] = doc
	}
	if got["long"]["what"] != "RUNNING for more than 1h0m0s" || got["long"]["executionArn"] != executionARN("slow") {
		t.Errorf("long: got %v", got["long"])
	}
	if got["late"]["what"] != "LATE" || got["late"]["cause"] != "No execution of this machine succeeded on 2023-11-15 by 06:30 UTC." {
		t.Errorf("late: got %v", got["late"])
	}
	time.Sleep(100 * time.Millisecond)
	if len(hook) > 0 {
		t.Errorf("told more: %s", <-hook)
	}
}

func TestRulesAreJudged(t *testing.T) {
	err := notify.Rule{On: []string{"BROKEN"}, By: "late", To: []string{"arn:aws:sqs:us-east-1:1:q", "mailto:nobody", "ftp://x"}}.Validate()
	for _, want := range []string{"name:", `"BROKEN"`, `"late"`, "is no topic", "no mail address", "ftp://x/…"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("without %q: %v", want, err)
		}
	}
}
