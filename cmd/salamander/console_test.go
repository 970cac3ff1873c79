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
	"unicode/utf16"

	web "salamander/console"
)

// A browser is a client of the console that is logged in.
type browser struct {
	t    testing.TB
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
	var out struct {
		Describe struct{ Status, Error, Cause string }
	}
	for range 500 {
		b.get("/api/execution?arn="+url.QueryEscape(arn), &out)
		if out.Describe.Status == status {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	b.t.Fatalf("%s is not %s: %+v", arn, status, out.Describe)
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

// sql runs a script and returns the lines of the answer.
func (b *browser) sql(in document) (lines []document) {
	b.t.Helper()
	status, text := b.send("POST", "/api/sql", in)
	if status != 200 {
		b.t.Fatalf("sql: got %d, %s", status, text)
	}
	for line := range strings.Lines(text) {
		var doc document
		must(b.t, json.Unmarshal([]byte(line), &doc))
		lines = append(lines, doc)
	}
	return lines
}

// find returns the values of a member in lines.
func find(lines []document, name string) (all []any) {
	for _, l := range lines {
		if v, ok := l[name]; ok {
			all = append(all, v)
		}
	}
	return all
}

func TestConsoleRunsSQL(t *testing.T) {
	_, b := startConsole(t, t.TempDir())
	lines := b.sql(document{"session": "s", "sql": "-- ä\nCREATE TEMP TABLE t (a INT, b VARCHAR(20)); INSERT INTO t VALUES (1, '<b>'), (2, NULL);\nSELECT a, b FROM t ORDER BY a;"})
	if got := len(find(lines, "done")); got != 3 || len(find(lines, "error")) > 0 {
		t.Fatalf("got %v", lines)
	}
	if got, _ := json.Marshal(find(lines, "rows")); string(got) != `[[["1","\u003cb\u003e"],["2",null]]]` {
		t.Errorf("rows: got %s", got)
	}
	if got, _ := json.Marshal(find(lines, "columns")); string(got) != `[[{"name":"a","type":"int4"},{"name":"b","type":"varchar"}]]` {
		t.Errorf("columns: got %s", got)
	}
	// The session's table is there still; another session has none.
	lines = b.sql(document{"session": "s", "sql": "SELECT count(*) FROM t"})
	if got, _ := json.Marshal(find(lines, "rows")); string(got) != `[[["2"]]]` {
		t.Errorf("same session: got %v", lines)
	}
	sql := "SELECT 1;\n/* 𝄞 */ SELECT * FROM t, missing"
	lines = b.sql(document{"session": "other", "sql": sql})
	errs := find(lines, "error")
	if len(errs) != 1 || errs[0].(document)["code"] != "42P01" || len(find(lines, "done")) != 1 {
		t.Errorf("other session: got %v", lines)
	} else if at, ok := errs[0].(document)["position"].(float64); !ok || !strings.HasPrefix(string(utf16From(sql, int(at))), "t, missing") {
		t.Errorf("position: got %v", errs[0])
	}
	lines = b.sql(document{"session": "s", "maxRows": 7, "sql": "SELECT * FROM generate_series(1, 100000000); SELECT 2"})
	done := find(lines, "done")
	if len(done) != 2 || done[0].(document)["rows"] != 7.0 || done[0].(document)["truncated"] != true || done[1].(document)["truncated"] != false {
		t.Errorf("many rows: got %v", lines)
	}
	ended := make(chan []document)
	go func() {
		ended <- b.sql(document{"id": "long", "session": "s", "sql": "SELECT count(*) FROM generate_series(1, 100000000000) AS g(x) WHERE x % 7 = 3"})
	}()
	for {
		if status, _ := b.send("POST", "/api/sql/cancel", document{"id": "long"}); status == http.StatusNoContent {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	select {
	case lines = <-ended:
		if errs := find(lines, "error"); len(errs) != 1 || errs[0].(document)["code"] != "57014" {
			t.Errorf("cancelled: got %v", lines)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the statement was not cancelled")
	}
}

// utf16From is what stands behind a place that a browser counts.
func utf16From(s string, at int) []rune { return utf16.Decode(utf16.Encode([]rune(s))[at:]) }

func TestConsoleReadsTheCatalog(t *testing.T) {
	_, b := startConsole(t, t.TempDir())
	lines := b.sql(document{"session": "s", "sql": `CREATE TABLE sales (id INT NOT NULL, day DATE SORTKEY, shop VARCHAR(9) DISTKEY);
		COMMENT ON TABLE sales IS 'what was sold'; INSERT INTO sales VALUES (1, '2026-01-01', 'x'); CREATE SCHEMA empty; CREATE VIEW v AS SELECT id FROM sales`})
	if errs := find(lines, "error"); len(errs) > 0 {
		t.Fatal(errs)
	}
	var cat struct {
		Schemas []struct {
			Name   string
			Tables []struct {
				Name, Type, Comment string
				Rows, LastLoad      int64
				SortKeys            []string
				Columns             []struct {
					Name, Type string
					NotNull    bool
					DistKey    bool
				}
			}
		}
	}
	b.get("/api/catalog", &cat)
	names := map[string]bool{}
	for _, s := range cat.Schemas {
		names[s.Name] = true
		for _, table := range s.Tables {
			names[s.Name+"."+table.Name] = true
			if table.Name != "sales" {
				continue
			}
			if table.Comment != "what was sold" || table.Rows != 1 || len(table.Columns) != 3 || len(table.SortKeys) != 1 || table.SortKeys[0] != "day" ||
				!table.Columns[0].NotNull || !table.Columns[2].DistKey || table.Columns[2].Type != "character varying(9)" {
				t.Errorf("sales: got %+v", table)
			}
		}
	}
	for _, want := range []string{"empty", "public.sales", "public.v"} {
		if !names[want] {
			t.Errorf("got %v; want %s", names, want)
		}
	}
	b.aws("s3", "CreateBucket", document{"Bucket": "bbb"}, nil)
	b.ask("PUT", "/api/object?bucket=bbb&key=sales.csv", "id,day,item\n1,2026-01-01,a\n2,2026-01-02,b\n", nil)
	b.ask("PUT", "/api/object?bucket=bbb&key=bad.csv", "1,2026-13-01,a\n", nil)
	lines = b.sql(document{"session": "s", "sql": "COPY sales FROM 's3://bbb/sales.csv' IAM_ROLE 'arn:aws:iam::000000000000:role/r' CSV IGNOREHEADER 1"})
	if errs := find(lines, "error"); len(errs) > 0 {
		t.Fatal(errs)
	}
	lines = b.sql(document{"session": "s", "sql": "COPY sales FROM 's3://bbb/bad.csv' IAM_ROLE 'arn:aws:iam::000000000000:role/r' CSV"})
	if errs := find(lines, "error"); len(errs) != 1 {
		t.Fatalf("a bad date: got %v", lines)
	}
	var loads struct {
		Loads []struct {
			ID, Table, Source, Status string
			Rows                      *int64
			Files, Errors, At         int64
		}
	}
	b.get("/api/loads", &loads)
	if len(loads.Loads) != 2 || loads.Loads[1].Rows == nil || *loads.Loads[1].Rows != 2 || loads.Loads[1].Table != "sales" || loads.Loads[0].Status != "failed" || loads.Loads[1].At == 0 {
		t.Errorf("loads: got %+v", loads)
	}
	var bad struct {
		Errors []struct {
			File, Column, Value, Reason string
			Line                        int64
		}
	}
	b.get("/api/loaderrors?query="+loads.Loads[0].ID, &bad)
	if len(bad.Errors) != 1 || bad.Errors[0].Line != 1 || bad.Errors[0].Column != "day" || bad.Errors[0].Value != "2026-13-01" {
		t.Errorf("load errors: got %+v", bad)
	}
	var queries struct {
		Queries []struct {
			SQL, Status string
			Start       int64
		}
	}
	b.get("/api/queries", &queries)
	if len(queries.Queries) < 5 || queries.Queries[0].Start == 0 {
		t.Errorf("queries: got %+v", queries)
	}
	own := func() (n int) {
		for _, q := range queries.Queries {
			if strings.Contains(q.SQL, "svv_table_info") || strings.Contains(q.SQL, "sys_query_history") {
				n++
			}
		}
		return n
	}
	if n := own(); n != 0 {
		t.Errorf("queries: got %d of the console's own; want none", n)
	}
	b.get("/api/queries?own=1", &queries)
	if own() == 0 {
		t.Errorf("queries: got none of the console's own; want them")
	}
	b.get("/api/catalog", &cat)
	for _, s := range cat.Schemas {
		for _, table := range s.Tables {
			if (table.LastLoad > 0) != (table.Name == "sales") {
				t.Errorf("last load of %s: got %d", table.Name, table.LastLoad)
			}
		}
	}
}
