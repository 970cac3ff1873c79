package main

import (
	"archive/zip"
	"bytes"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	web "salamander/console"
)

func TestConsoleShowsSchedulesAndPatterns(t *testing.T) {
	_, b := startConsole(t, t.TempDir())
	var made struct{ StateMachineArn string }
	b.aws("states", "CreateStateMachine", document{"name": "m", "roleArn": "arn:aws:iam::000000000000:role/r", "definition": passMachine}, &made)
	b.aws("scheduler", "CreateSchedule", document{"Name": "nightly", "ScheduleExpression": "cron(30 2 * * ? *)", "ScheduleExpressionTimezone": "UTC",
		"FlexibleTimeWindow": document{"Mode": "OFF"}, "Target": document{"Arn": made.StateMachineArn, "RoleArn": "arn:aws:iam::000000000000:role/r"}}, nil)
	b.aws("events", "PutRule", document{"Name": "r", "EventPattern": `{"source":["aws.s3"]}`}, nil)
	var list struct{ Schedules []web.Schedule }
	b.get("/api/schedules?count=3", &list)
	byName := map[string]web.Schedule{}
	for _, s := range list.Schedules {
		byName[s.Name] = s
	}
	if s := byName["nightly"]; s.Kind != "schedule" || len(s.Next) != 3 || len(s.Targets) != 1 || s.Targets[0] != made.StateMachineArn {
		t.Errorf("nightly: got %+v", s)
	}
	if s := byName["r"]; s.Kind != "rule" || s.Pattern == "" || len(s.Next) != 0 {
		t.Errorf("rule: got %+v", s)
	}
	var machine struct {
		Schedules []struct {
			Name string
			At   int64
		}
	}
	b.get("/api/machine?arn="+url.QueryEscape(made.StateMachineArn), &machine)
	if len(machine.Schedules) != 1 || machine.Schedules[0].At == 0 {
		t.Errorf("machine's schedules: got %+v", machine)
	}
	var home struct{ Will []struct{ Name string } }
	b.get("/api/home?hours=25", &home)
	if len(home.Will) == 0 || home.Will[0].Name != "nightly" {
		t.Errorf("will: got %+v", home)
	}
	var next struct{ Next []web.Tick }
	b.ask("POST", "/api/next", document{"expression": "rate(1 hour)", "count": 2}, &next)
	if len(next.Next) != 2 || next.Next[1].At-next.Next[0].At != 3_600_000 {
		t.Errorf("next: got %+v", next)
	}
	if status, text := b.send("POST", "/api/next", document{"expression": "cron(0 0 * * * *)"}); status != 400 || !strings.Contains(text, "must be ?") {
		t.Errorf("bad expression: got %d, %s", status, text)
	}
	var match struct {
		Match bool
		Why   []web.PatternReason
	}
	b.ask("POST", "/api/pattern", document{"pattern": `{"source":["aws.s3"],"detail":{"bucket":{"name":[{"prefix":"land"}]},"size":[{"numeric":[">",10]}]}}`,
		"event": `{"source":"aws.s3","detail":{"bucket":{"name":"other"},"size":20}}`}, &match)
	if match.Match || len(match.Why) != 1 || match.Why[0].Path != "detail.bucket.name" || match.Why[0].Got != `"other"` {
		t.Errorf("pattern: got %+v", match)
	}
	b.ask("POST", "/api/pattern", document{"pattern": `{"source":["aws.s3"]}`, "event": `{"source":"aws.s3"}`}, &match)
	if !match.Match || len(match.Why) != 0 {
		t.Errorf("pattern: got %+v", match)
	}
	if status, text := b.send("POST", "/api/pattern", document{"pattern": `{"source":"x"}`, "event": "{}"}); status != 400 || !strings.Contains(text, "InvalidEventPatternException") {
		t.Errorf("bad pattern: got %d, %s", status, text)
	}
}

func TestTicksTellOfDaylightSaving(t *testing.T) {
	if _, err := time.LoadLocation("Europe/Berlin"); err != nil {
		t.Skip("no time zones here")
	}
	c := consoleSchedules{&app{}}
	got := func(expression, from string) string {
		at, err := time.Parse(time.RFC3339, from)
		must(t, err)
		ticks, err := c.Next(expression, "Europe/Berlin", at, 3)
		must(t, err)
		var all []string
		for _, tick := range ticks {
			all = append(all, tick.Offset+tick.DST)
		}
		return strings.Join(all, " ")
	}
	for _, c := range []struct{ expression, from, want string }{
		{"cron(30 12 * * ? *)", "2026-03-27T12:00:00Z", "+01:00 +02:00changed +02:00"},
		{"cron(30 12 * * ? *)", "2026-10-23T12:00:00Z", "+02:00 +01:00changed +01:00"},
		{"rate(30 minutes)", "2026-10-24T23:45:00Z", "+02:00repeated +02:00repeated +01:00repeated"},
		{"rate(1 day)", "2026-07-01T00:00:00Z", "+02:00 +02:00 +02:00"},
	} {
		if have := got(c.expression, c.from); have != c.want {
			t.Errorf("%s from %s: got %s; want %s", c.expression, c.from, have, c.want)
		}
	}
}

func TestConsoleBackfills(t *testing.T) {
	_, b := startConsole(t, t.TempDir())
	var made struct{ StateMachineArn string }
	b.aws("states", "CreateStateMachine", document{"name": "m", "roleArn": "arn:aws:iam::000000000000:role/r", "definition": `{"StartAt":"C","QueryLanguage":"JSONata","States":{
		"C":{"Type":"Choice","Choices":[{"Condition":"{% $states.input.run_date = '2026-01-03' %}","Next":"F"}],"Default":"S"},
		"S":{"Type":"Succeed"},"F":{"Type":"Fail","Error":"Bad","Cause":"a bad day"}}}`}, &made)
	b.await(b.run(made.StateMachineArn, "first", `{"run_date":"2026-01-02"}`), "SUCCEEDED")
	order := document{"machine": made.StateMachineArn, "from": "2026-01-01", "to": "2026-01-05", "input": `{"run_date":"{date}"}`}
	for name, bad := range map[string]any{"from": "x", "order": "up", "max": 1000, "input": "{}"} {
		wrong := document{name: bad}
		for k, v := range order {
			if k != name {
				wrong[k] = v
			}
		}
		if status, text := b.send("POST", "/api/backfill", wrong); status != 400 || !strings.Contains(text, name) {
			t.Errorf("%s: got %d, %s", name, status, text)
		}
	}
	order["onlyMissing"] = true
	var start web.BackfillStart
	for range 100 { // what has succeeded is noted behind the execution's end
		order["dryRun"] = true
		b.ask("POST", "/api/backfill", order, &start)
		if start.Skipped == 1 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if start.ID != "" || start.Skipped != 1 || len(start.Todo) != 4 || start.Todo[0] != "2026-01-01" {
		t.Fatalf("dry run: got %+v", start)
	}
	order["dryRun"] = false
	b.ask("POST", "/api/backfill", order, &start)
	var list struct{ Backfills []web.Backfill }
	for range 200 {
		b.get("/api/backfills", &list)
		if list.Backfills[0].State == "done" {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	one := list.Backfills[0]
	if one.ID != start.ID || one.State != "done" || one.Succeeded != 3 || one.Failed != 1 || len(one.Failures) != 1 || one.Failures[0].Date != "2026-01-03" || !strings.Contains(one.Failures[0].Detail, "a bad day") {
		t.Errorf("got %+v", one)
	}
	var dates struct {
		Dates []struct {
			Date, Status string
			Attempts     int
		}
		Template string
	}
	b.get("/api/dates?from=2025-12-31&to=2026-01-06&machine="+url.QueryEscape(made.StateMachineArn), &dates)
	var told []string
	for _, d := range dates.Dates {
		told = append(told, d.Status)
	}
	if got := strings.Join(told, " "); got != "none SUCCEEDED SUCCEEDED FAILED SUCCEEDED SUCCEEDED none" {
		t.Errorf("dates: got %s", got)
	}
	if want := `{"run_date":"{date}"}`; dates.Template != want {
		t.Errorf("template: got %s; want %s", dates.Template, want)
	}
	if status, _ := b.send("GET", "/api/dates?from=2026-01-06&to=2026-01-01&machine=x", nil); status != 400 {
		t.Errorf("dates backwards: got %d", status)
	}
}

func TestConsoleShowsStacks(t *testing.T) {
	_, b := startConsole(t, t.TempDir())
	b.aws("cloudformation", "CreateStack", document{"StackName": "s", "TemplateBody": `{"Parameters":{"P":{"Type":"String","NoEcho":true,"Default":"secret-text"}},
		"Resources":{"Q":{"Type":"AWS::SQS::Queue"},"T":{"Type":"AWS::SNS::Topic","DependsOn":"Q"},
		"V":{"Type":"AWS::EC2::VPC","Properties":{"CidrBlock":"10.0.0.0/16"}}},"Outputs":{"U":{"Value":{"Ref":"Q"}}}}`}, nil)
	var st struct {
		Stack     struct{ StackStatus string }
		Resources []struct {
			Logical, Type string
			RecordedOnly  bool
		}
		Events     []struct{ Status string }
		Outputs    []struct{ Key, Value string }
		Parameters []struct{ Key, Value string }
		Edges      [][2]string
		Template   string
	}
	for range 200 {
		b.get("/api/stack?name=s", &st)
		if st.Stack.StackStatus == "CREATE_COMPLETE" {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if len(st.Edges) != 1 || st.Edges[0] != [2]string{"T", "Q"} || len(st.Outputs) != 1 || len(st.Resources) != 3 || len(st.Events) < 6 || !strings.Contains(st.Template, "AWS::SNS::Topic") {
		t.Errorf("got %+v", st)
	}
	for _, r := range st.Resources {
		if r.RecordedOnly != (r.Logical == "V") {
			t.Errorf("%s: got recorded only %v", r.Logical, r.RecordedOnly)
		}
	}
	if len(st.Parameters) != 1 || st.Parameters[0].Value == "secret-text" {
		t.Errorf("parameters: got %+v", st.Parameters)
	}
	var list struct{ Stacks []struct{ Name string } }
	b.get("/api/stacks", &list)
	if len(list.Stacks) != 1 || list.Stacks[0].Name != "s" {
		t.Errorf("stacks: got %+v", list)
	}
}

func TestConsoleTellsParityAndLimits(t *testing.T) {
	_, b := startConsole(t, t.TempDir())
	var parity struct {
		Operations []struct{ Service, Name, Status string }
	}
	b.get("/api/parity", &parity)
	if len(parity.Operations) < 100 {
		t.Errorf("got %d operations", len(parity.Operations))
	}
	var made struct{ StateMachineArn string }
	b.aws("states", "CreateStateMachine", document{"name": "m", "roleArn": "arn:aws:iam::000000000000:role/r", "definition": passMachine}, &made)
	arn := b.run(made.StateMachineArn, "x", `"`+strings.Repeat("x", 200_000)+`"`)
	b.await(arn, "SUCCEEDED")
	for _, of := range []string{arn, made.StateMachineArn} {
		var limits struct {
			Limits []struct {
				What, State string
				Have        float64
			}
		}
		b.get("/api/limits?arn="+url.QueryEscape(of), &limits)
		states := map[string]string{}
		for _, l := range limits.Limits {
			states[l.What] = l.State
		}
		if states["input or output"] != "near" || states["history events"] != "ok" {
			t.Errorf("%s: got %+v", of, limits)
		}
	}
	var alerts struct {
		Rules []web.AlertRule
		Sent  []web.AlertSent
	}
	b.get("/api/alerts", &alerts)
	if len(alerts.Rules) != 0 || len(alerts.Sent) != 0 {
		t.Errorf("alerts: got %+v", alerts)
	}
}

func TestConsoleShowsObjects(t *testing.T) {
	_, b := startConsole(t, t.TempDir())
	b.aws("s3", "CreateBucket", document{"Bucket": "bbb"}, nil)
	page := "<html><script>alert(1)</script>"
	var put struct {
		ETag string
		Size int64
	}
	b.ask("PUT", "/api/object?bucket=bbb&key="+url.QueryEscape("a b/é<i>.html"), page, &put)
	if put.Size != int64(len(page)) || put.ETag == "" {
		t.Errorf("put: got %+v", put)
	}
	req := "/api/object?bucket=bbb&key=" + url.QueryEscape("a b/é<i>.html")
	if status, text := b.send("GET", req, nil); status != 200 || text != page {
		t.Errorf("get: got %d, %q", status, text)
	}
	resp, err := b.http.Get(b.base + req)
	must(t, err)
	resp.Body.Close()
	if h := resp.Header; !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") || h.Get("Content-Type") != "application/octet-stream" {
		t.Errorf("headers: got %v", h)
	}
	b.ask("PUT", "/api/object?bucket=bbb&key=sales.csv", "id,day,shop\n1,2026-01-01,x\n2,2026-01-02,y\n", nil)
	var p struct {
		Kind, Delimiter string
		Header          bool
		Columns         []string
		Rows            [][]string
	}
	b.get("/api/preview?bucket=bbb&key=sales.csv", &p)
	if p.Kind != "delimited" || p.Delimiter != "," || !p.Header || len(p.Columns) != 3 || len(p.Rows) != 2 {
		t.Errorf("preview: got %+v", p)
	}
	var sql struct{ SQL, Create string }
	b.ask("POST", "/api/copyfor", document{"bucket": "bbb", "key": "sales.csv"}, &sql)
	lines := b.sql(document{"session": "s", "sql": sql.Create + "\n" + sql.SQL + "\nSELECT count(*), max(day) FROM sales"})
	if errs := find(lines, "error"); len(errs) > 0 {
		t.Errorf("what it wrote does not run: %v\n%s\n%s", errs, sql.Create, sql.SQL)
	} else if rows := find(lines, "rows"); rows[0].([]any)[0].([]any)[0] != "2" {
		t.Errorf("rows: got %v", rows)
	}
	if status, text := b.send("GET", "/api/preview?bucket=bbb&key=none", nil); status != 404 {
		t.Errorf("none: got %d, %s", status, text)
	}
}

func TestConsoleShowsFunctions(t *testing.T) {
	_, b := startConsole(t, t.TempDir())
	b.aws("iam", "CreateRole", document{"RoleName": "r", "AssumeRolePolicyDocument": `{"Version":"2012-10-17","Statement":[]}`}, nil)
	source := "def handler(event, context):\n    print('<b>', event)\n    return {'n': event['n'] + 1}\n"
	b.aws("lambda", "CreateFunction", document{"FunctionName": "f", "Runtime": "python3.12", "Role": "arn:aws:iam::000000000000:role/r", "Handler": "f.handler",
		"Code": document{"ZipFile": zipped(t, "f.py", source)}}, nil)
	var out struct {
		Payload    []byte
		StatusCode int
	}
	b.aws("lambda", "Invoke", document{"FunctionName": "f", "Payload": []byte(`{"n":1}`), "LogType": "Tail"}, &out)
	if string(out.Payload) != `{"n": 2}` {
		t.Errorf("invoke: got %s", out.Payload)
	}
	var fn struct {
		Configuration struct{ RevisionID string }
		Files         []struct{ Name, Text string }
		LogGroup      string
		Timings       []struct{ Ms, InitMs float64 }
	}
	for range 100 {
		b.get("/api/function?name=f", &fn)
		if len(fn.Timings) == 1 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if len(fn.Files) != 1 || fn.Files[0].Text != source || fn.LogGroup != "/aws/lambda/f" || len(fn.Timings) != 1 || fn.Timings[0].InitMs == 0 {
		t.Errorf("got %+v", fn)
	}
	change := document{"name": "f", "revision": fn.Configuration.RevisionID, "files": []any{document{"name": "f.py", "text": strings.Replace(source, "+ 1", "+ 100", 1)}}}
	var saved struct{ Revision string }
	b.ask("PUT", "/api/function/code", change, &saved)
	b.aws("lambda", "Invoke", document{"FunctionName": "f", "Payload": []byte(`{"n":1}`)}, &out)
	b.get("/api/function?name=f", &fn)
	if string(out.Payload) != `{"n": 101}` || saved.Revision == "" || saved.Revision != fn.Configuration.RevisionID || !strings.Contains(fn.Files[0].Text, "+ 100") {
		t.Errorf("saved: got %s, %+v, %+v", out.Payload, saved, fn)
	}
	// Who has read what was there before takes nothing back.
	if status, text := b.send("PUT", "/api/function/code", change); status != 412 || !strings.Contains(text, "PreconditionFailedException") {
		t.Errorf("an old revision: got %d, %s", status, text)
	}
	change["name"] = "none"
	if status, text := b.send("PUT", "/api/function/code", change); status != 404 || !strings.Contains(text, "ResourceNotFoundException") {
		t.Errorf("no function: got %d, %s", status, text)
	}
}

// What people save is there for every browser, after a restart too.
func TestConsoleKeepsWhatIsSaved(t *testing.T) {
	dir := t.TempDir()
	a, b := startConsole(t, dir)
	var saved struct{ ID string }
	b.ask("PUT", "/api/saved", document{"kind": "queries", "for": "", "name": "q", "body": "SELECT '<b>'"}, &saved)
	b.ask("PUT", "/api/saved", document{"kind": "queries", "for": "", "name": "q", "body": "SELECT 2"}, nil)
	must(t, a.close())
	if info, err := os.Stat(filepath.Join(dir, "console", "saved.json")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v; want a file of its owner", info, err)
	}
	_, b = startConsole(t, dir)
	var list struct {
		Items []struct{ ID, Name, Body string }
	}
	b.get("/api/saved?kind=queries&for=", &list)
	if len(list.Items) != 1 || list.Items[0].Body != "SELECT 2" || list.Items[0].ID != saved.ID {
		t.Errorf("got %+v", list)
	}
	b.ask("DELETE", "/api/saved?id="+saved.ID, nil, nil)
	if status, _ := b.send("DELETE", "/api/saved?id="+saved.ID, nil); status != 404 {
		t.Errorf("again: got %d", status)
	}
	if status, _ := b.send("PUT", "/api/saved", document{"kind": "other", "name": "x"}); status != 400 {
		t.Errorf("a kind that is none: got %d", status)
	}
}

func zipped(t *testing.T, name, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	f, err := z.Create(name)
	must(t, err)
	if _, err := f.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	must(t, z.Close())
	return b.Bytes()
}
