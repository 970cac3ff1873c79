package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	web "salamander/console"
)

// A browser is a client of the console that is logged in.
type browser struct {
	t    *testing.T
	base string // "http://127.0.0.1:1234"
	csrf string
	http *http.Client
}

// startConsole is startUp with a console.
func startConsole(t *testing.T, dir string) (*app, *browser) {
	t.Helper()
	cfg := defaultConfig()
	cfg.Data, cfg.Auth = dir, "dev"
	cfg.AWSAddr, cfg.WarehouseAddr, cfg.ConsoleAddr = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	a, err := openApp(cfg, slog.New(slog.DiscardHandler), listen)
	must(t, err)
	t.Cleanup(func() { a.close() })
	must(t, a.start(t.Context()))
	jar, err := cookiejar.New(nil)
	must(t, err)
	b := &browser{t: t, base: "http://" + a.server.Console, http: &http.Client{Jar: jar}}
	b.open(a.consoleLink(time.Minute))
	return a, b
}

// open logs the browser in with a link.
func (b *browser) open(link string) {
	b.t.Helper()
	u, err := url.Parse(link)
	must(b.t, err)
	if status, text := b.send("POST", "/api/login", document{"token": u.Fragment}); status != http.StatusNoContent {
		b.t.Fatalf("login: got %d, %s", status, text)
	}
	var s struct{ CSRF string }
	b.get("/api/session", &s)
	b.csrf = s.CSRF
}

func (b *browser) send(method, path string, in any) (int, string) {
	b.t.Helper()
	body, ok := in.(string)
	if !ok && in != nil {
		doc, err := json.Marshal(in)
		must(b.t, err)
		body = string(doc)
	}
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(body))
	must(b.t, err)
	req.Header.Set("X-Salamander-CSRF", b.csrf)
	req.Header.Set("Origin", b.base)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := b.http.Do(req)
	must(b.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	must(b.t, err)
	return resp.StatusCode, string(text)
}

// ask sends a request that must succeed, and reads the answer.
func (b *browser) ask(method, path string, in, out any) {
	b.t.Helper()
	status, text := b.send(method, path, in)
	if status/100 != 2 {
		b.t.Fatalf("%s %s: got %d, %s", method, path, status, text)
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal([]byte(text), out); err != nil {
		b.t.Fatalf("%s %s: %v in %.500s", method, path, err, text)
	}
}

func (b *browser) get(path string, out any) { b.t.Helper(); b.ask("GET", path, nil, out) }

func (b *browser) aws(service, name string, in, out any) {
	b.t.Helper()
	b.ask("POST", "/api/aws/"+service+"/"+name, in, out)
}

// follow opens a stream of events and calls f with each one's name and data,
// until f returns true.
func (b *browser) follow(path string, f func(name string, data []byte) bool) {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), "GET", b.base+path, nil)
	must(b.t, err)
	resp, err := b.http.Do(req)
	must(b.t, err)
	defer resp.Body.Close()
	name := ""
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		line := lines.Bytes()
		if v, ok := bytes.CutPrefix(line, []byte("event: ")); ok {
			name = string(v)
		} else if v, ok := bytes.CutPrefix(line, []byte("data: ")); ok && f(name, v) {
			return
		}
	}
	b.t.Errorf("%s: the stream ended", path)
}

const consoleMachine = `{"StartAt":"First","QueryLanguage":"JSONata","States":{
	"First":{"Type":"Pass","Assign":{"n":"{% $states.input.n + 1 %}"},"Next":"Look"},
	"Look":{"Type":"Choice","Choices":[{"Condition":"{% $n > 10 %}","Next":"Bad"}],"Default":"Good"},
	"Good":{"Type":"Succeed"},
	"Bad":{"Type":"Fail","Error":"TooLarge","Cause":"n is <b>too</b> large"}}}`

func (b *browser) run(machine, name, input string) (arn string) {
	b.t.Helper()
	var out struct{ ExecutionArn string }
	b.aws("states", "StartExecution", document{"stateMachineArn": machine, "name": name, "input": input}, &out)
	return out.ExecutionArn
}

func (b *browser) await(arn, status string) {
	b.t.Helper()
	for range 200 {
		var out struct {
			Describe struct{ Status string }
		}
		b.get("/api/execution?arn="+url.QueryEscape(arn), &out)
		if out.Describe.Status == status {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	b.t.Fatalf("%s is not %s", arn, status)
}

func TestConsoleShowsExecutions(t *testing.T) {
	_, b := startConsole(t, t.TempDir())
	var made struct{ StateMachineArn string }
	b.aws("states", "CreateStateMachine", document{"name": "m", "roleArn": "arn:aws:iam::000000000000:role/r", "definition": consoleMachine}, &made)
	good := b.run(made.StateMachineArn, "good", `{"n":1}`)
	bad := b.run(made.StateMachineArn, "bad", `{"n":10}`)
	b.await(good, "SUCCEEDED")
	b.await(bad, "FAILED")

	var machines struct {
		Machines []struct {
			Name        string
			Recent      []struct{ Status string }
			LastFailure struct{ Error, Cause string }
		}
	}
	b.get("/api/machines", &machines)
	if m := machines.Machines[0]; m.Name != "m" || len(m.Recent) != 2 || m.LastFailure.Cause != "n is <b>too</b> large" {
		t.Errorf("machines: got %+v", machines)
	}
	var machine struct {
		Definition, Revision string
		Inputs               []struct{ Input string }
		Durations            []struct {
			State     string
			N, Failed int
		}
	}
	b.get("/api/machine?arn="+url.QueryEscape(made.StateMachineArn), &machine)
	if machine.Definition != consoleMachine || machine.Revision != "INITIAL" || len(machine.Inputs) != 2 {
		t.Errorf("machine: got %+v", machine)
	}
	n := map[string]int{}
	for _, d := range machine.Durations {
		n[d.State] += d.N*10 + d.Failed
	}
	if n["First"] != 20 || n["Look"] != 20 || n["Good"] != 10 || n["Bad"] != 1 {
		t.Errorf("durations: got %v", n)
	}
	var list struct {
		Executions []struct{ Name, Status, Input string }
		Next       string
	}
	b.get("/api/executions?limit=1", &list)
	if len(list.Executions) != 1 || list.Executions[0].Name != "bad" || list.Next == "" {
		t.Errorf("executions: got %+v", list)
	}
	next := list.Next
	list.Next = ""
	b.get("/api/executions?limit=5&next="+next, &list)
	if len(list.Executions) != 1 || list.Executions[0].Name != "good" || list.Executions[0].Input != `{"n":1}` || list.Next != "" {
		t.Errorf("executions: got %+v", list)
	}
	b.get("/api/executions?status=FAILED&q=LARGE", &list)
	if len(list.Executions) != 1 || list.Executions[0].Name != "bad" {
		t.Errorf("executions by text: got %+v", list)
	}
	var history struct {
		Events []struct {
			ID   int64
			Type string
		}
		Last int64
		More bool
	}
	b.get("/api/history?limit=2&arn="+url.QueryEscape(bad), &history)
	if len(history.Events) != 2 || history.Last != 2 || !history.More {
		t.Errorf("history: got %+v", history)
	}
	b.get("/api/history?after=2&arn="+url.QueryEscape(bad), &history)
	if history.Events[0].ID != 3 || history.Events[len(history.Events)-1].Type != "ExecutionFailed" || history.More {
		t.Errorf("history: got %+v", history)
	}
	var home struct {
		Ran      []struct{ Name, Kind string }
		Failures []struct{ Error string }
		Counts   map[string]int
		Parts    []web.Part
	}
	b.get("/api/home", &home)
	if len(home.Ran) != 2 || len(home.Failures) != 1 || home.Failures[0].Error != "TooLarge" || home.Counts["SUCCEEDED"] != 1 {
		t.Errorf("home: got %+v", home)
	}
	for _, p := range home.Parts {
		if p.State != "ok" && p.Name != "objects" && !(p.Name == "warehouse" && p.State == "starting") {
			t.Errorf("part: got %+v", p)
		}
	}
	if status, text := b.send("GET", "/api/execution?arn=arn:aws:states:us-east-1:000000000000:execution:m:none", nil); status != 400 || !strings.Contains(text, "ExecutionDoesNotExist") {
		t.Errorf("none: got %d, %s", status, text)
	}
}

// A second person's update of a definition is not lost.
func TestConsoleKeepsTheOthersDefinition(t *testing.T) {
	_, b := startConsole(t, t.TempDir())
	var made struct{ StateMachineArn string }
	b.aws("states", "CreateStateMachine", document{"name": "m", "roleArn": "arn:aws:iam::000000000000:role/r", "definition": consoleMachine}, &made)
	update := func(revision, definition string) (int, string) {
		doc, err := json.Marshal(document{"stateMachineArn": made.StateMachineArn, "definition": definition})
		must(t, err)
		req, err := http.NewRequestWithContext(t.Context(), "POST", b.base+"/api/aws/states/UpdateStateMachine", bytes.NewReader(doc))
		must(t, err)
		req.Header.Set("X-Salamander-CSRF", b.csrf)
		req.Header.Set("X-Salamander-If-Revision", revision)
		resp, err := b.http.Do(req)
		must(t, err)
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		must(t, err)
		return resp.StatusCode, string(text)
	}
	if status, text := update("INITIAL", passMachine); status != 200 {
		t.Fatalf("mine: got %d, %s", status, text)
	}
	if status, text := update("INITIAL", consoleMachine); status != http.StatusConflict || !strings.Contains(text, "Conflict") {
		t.Errorf("theirs: got %d, %s", status, text)
	}
	var machine struct{ Definition, Revision string }
	b.get("/api/machine?arn="+url.QueryEscape(made.StateMachineArn), &machine)
	if machine.Definition != passMachine {
		t.Errorf("got %s; want the first update", machine.Definition)
	}
	if status, text := update(machine.Revision, consoleMachine); status != 200 {
		t.Errorf("theirs again: got %d, %s", status, text)
	}
}

// What changes is told within 200 ms, and what was not asked is not told.
func TestConsoleTellsChanges(t *testing.T) {
	a, b := startConsole(t, t.TempDir())
	var made struct{ StateMachineArn string }
	b.aws("states", "CreateStateMachine", document{"name": "m", "roleArn": "arn:aws:iam::000000000000:role/r",
		"definition": `{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1,"Next":"P"},"P":{"Type":"Pass","End":true}}}`}, &made)
	var arn string
	var began time.Time
	topics := map[string]bool{}
	b.follow("/api/live", func(name string, data []byte) bool {
		if name == "hello" {
			began = time.Now()
			arn = b.run(made.StateMachineArn, "x", "{}")
			return false
		}
		var told struct{ Changes []web.Change }
		must(t, json.Unmarshal(data, &told))
		for _, change := range told.Changes {
			topics[change.Topic] = true
			if change.Topic == "execution" && change.Key == arn {
				if change.Status == "RUNNING" && time.Since(began) > time.Second {
					t.Errorf("told %s after %s", change.Status, time.Since(began))
				}
				if change.Status == "SUCCEEDED" {
					return true
				}
			}
			if change.Topic == "log" {
				t.Errorf("got %+v on /api/live", change)
			}
		}
		return false
	})
	if !topics["machine"] {
		t.Errorf("topics: got %v; want the call's too", topics)
	}
	_ = a
}

func TestConsoleReadsLogs(t *testing.T) {
	a, b := startConsole(t, t.TempDir())
	w := a.logs.Writer(defaultAccount, a.config.Region, "/aws/batch/job", "d/default/1")
	if _, err := io.WriteString(w, "one\ntwo \x1b[31mred\x1b[0m\n<script>three</script>\n"); err != nil {
		t.Fatal(err)
	}
	must(t, w.Flush())
	var page struct {
		Events []struct{ M string }
		Next   string
	}
	at := "group=/aws/batch/job&stream=d/default/1"
	b.get("/api/log?limit=2&"+at, &page)
	if len(page.Events) != 2 || page.Events[1].M != "two \x1b[31mred\x1b[0m" {
		t.Errorf("log: got %+v", page)
	}
	first := true
	b.follow("/api/log/stream?after="+page.Next+"&"+at, func(name string, data []byte) bool {
		var told struct{ Events []struct{ M string } }
		must(t, json.Unmarshal(data, &told))
		want := "<script>three</script>"
		if !first {
			want = "four"
		}
		if len(told.Events) != 1 || told.Events[0].M != want {
			t.Errorf("stream: got %s; want %q", data, want)
		}
		if first {
			first = false
			if _, err := io.WriteString(w, "four\n"); err != nil {
				t.Error(err)
			}
			return false
		}
		return true
	})
	b.get("/api/log?tail=2&"+at, &page)
	if len(page.Events) != 2 || page.Events[1].M != "four" {
		t.Errorf("tail: got %+v", page)
	}
	b.get("/api/log/search?q=RED&"+at, &page)
	if len(page.Events) != 1 {
		t.Errorf("search: got %+v", page)
	}
	b.get("/api/log?group=/none&stream=x", &page)
	if len(page.Events) != 0 {
		t.Errorf("none: got %+v", page)
	}
	if status, text := b.send("GET", "/api/log/download?"+at, nil); status != 200 || !strings.HasSuffix(text, "</script>\nfour\n") {
		t.Errorf("download: got %d, %q", status, text)
	}
}

func TestConsoleEvaluates(t *testing.T) {
	_, b := startConsole(t, t.TempDir())
	for _, c := range []struct {
		language, expression string
		want                 string
	}{
		{"JSONata", "$states.input.a + $n", `"output":43`},
		{"JSONata", "{% $sum($states.result.list) %}", `"output":6`},
		{"JSONata", "$states.context.Execution.Name", `"output":"run"`},
		{"JSONata", "{% 1 + %}", `"position":`},
		{"JSONata", "$states.input.none", `"code":"undefined"`},
		{"JSONPath", "$.a", `"output":1`},
		{"JSONPath", "$$.Execution.Name", `"output":"run"`},
		{"JSONPath", "$n", `"output":42`},
		{"JSONPath", "States.Format('{}-x', $.a)", `"output":"1-x"`},
		{"JSONPath", "$.a[", `"position":4`},
		{"JSONPath", "$.none", `"error"`},
		{"XPath", "a", `"error"`},
	} {
		status, text := b.send("POST", "/api/eval", document{"language": c.language, "expression": c.expression, "input": document{"a": 1},
			"context": document{"Execution": document{"Name": "run"}}, "variables": document{"n": 42}, "result": document{"list": []int{1, 2, 3}}})
		if status != 200 || !strings.Contains(text, c.want) {
			t.Errorf("%s %s: got %d, %s; want %s", c.language, c.expression, status, text, c.want)
		}
	}
}

// A restart logs nobody out, and is told; what came out of another directory
// does not work.
func TestConsoleSessionsOutliveARestart(t *testing.T) {
	dir := t.TempDir()
	a, b := startConsole(t, dir)
	var before, after struct{ Boot, CSRF string }
	b.get("/api/session", &before)
	must(t, a.close())
	cfg := a.config
	cfg.ConsoleAddr = strings.TrimPrefix(b.base, "http://")
	again, err := openApp(cfg, slog.New(slog.DiscardHandler), listen)
	must(t, err)
	t.Cleanup(func() { again.close() })
	must(t, again.start(t.Context()))
	b.get("/api/session", &after)
	if before.Boot == after.Boot || before.CSRF != after.CSRF {
		t.Errorf("got %+v after %+v; want another boot and the same token", after, before)
	}
	must(t, again.close())
	cfg.Data = t.TempDir()
	third, err := openApp(cfg, slog.New(slog.DiscardHandler), listen)
	must(t, err)
	t.Cleanup(func() { third.close() })
	must(t, third.start(t.Context()))
	if status, text := b.send("GET", "/api/session", nil); status != http.StatusUnauthorized || !strings.Contains(text, "Unauthenticated") {
		t.Errorf("stale cookie: got %d, %s", status, text)
	}
}

func TestConsoleCommandPrintsALink(t *testing.T) {
	a, _ := startConsole(t, t.TempDir())
	t.Chdir(t.TempDir())
	status, out, stderr := runCommand(t, "console", "--data", a.config.Data)
	if want := "http://" + a.server.Console + "/login#"; status != 0 || !strings.HasPrefix(out, want) {
		t.Fatalf("got %d, %q%s; want %s…", status, out, stderr, want)
	}
	jar, err := cookiejar.New(nil)
	must(t, err)
	b := &browser{t: t, base: "http://" + a.server.Console, http: &http.Client{Jar: jar}}
	b.open(strings.TrimSpace(out))
	_, token, _ := strings.Cut(strings.TrimSpace(out), "#")
	if status, text := b.send("POST", "/api/login", document{"token": token}); status != http.StatusUnauthorized {
		t.Errorf("again: got %d, %s", status, text)
	}
	if status, _, stderr := runCommand(t, "up", "--data", t.TempDir(), "--console-addr", "0.0.0.0:0"); status != exitUsage || !strings.Contains(stderr, "console-password") {
		t.Errorf("open to all: got %d, %s", status, stderr)
	}
}

// Where somebody asked for no address, a taken one is no error.
func TestConsoleTakesAFreePort(t *testing.T) {
	ln, err := net.Listen("tcp", defaultConsoleAddr)
	if err == nil {
		defer ln.Close()
	}
	a := startUp(t, t.TempDir())
	if a.server.Console == defaultConsoleAddr || a.server.Console == "" {
		t.Errorf("got %q; want a free port", a.server.Console)
	}
}
