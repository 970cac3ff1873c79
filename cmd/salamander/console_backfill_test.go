package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	web "salamander/console"
)

// awaitBackfill waits until a backfill is in a state.
func awaitBackfill(b *browser, id, state string) (one web.Backfill) {
	b.t.Helper()
	for range 500 {
		var list struct{ Backfills []web.Backfill }
		b.get("/api/backfills", &list)
		for _, x := range list.Backfills {
			if x.ID == id {
				one = x
			}
		}
		if one.State == state {
			return one
		}
		time.Sleep(20 * time.Millisecond)
	}
	b.t.Fatalf("backfill: got %+v; want it %s", one, state)
	return one
}

// A backfill goes on where a stop of the server has interrupted it: each date
// has one execution, and what is counted is exact.
func TestBackfillGoesOnAfterARestart(t *testing.T) {
	dir := t.TempDir()
	a, b := startConsole(t, dir)
	var queue struct{ QueueUrl string }
	b.aws("sqs", "CreateQueue", document{"QueueName": "q"}, &queue)
	var made struct{ StateMachineArn string }
	b.aws("states", "CreateStateMachine", document{"name": "m", "roleArn": "arn:aws:iam::000000000000:role/r", "definition": `{"StartAt":"C","QueryLanguage":"JSONata","States":{
		"C":{"Type":"Choice","Choices":[{"Condition":"{% $states.input.date = '2026-01-03' %}","Next":"W"},{"Condition":"{% $states.input.date = '2026-01-02' %}","Next":"F"}],"Default":"S"},
		"W":{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage.waitForTaskToken","Arguments":{"QueueUrl":"` + queue.QueueUrl + `","MessageBody":"{% $states.context.Task.Token %}"},"Next":"S"},
		"S":{"Type":"Succeed"},"F":{"Type":"Fail","Error":"Bad","Cause":"a bad day"}}}`}, &made)
	order := document{"machine": made.StateMachineArn, "from": "2026-01-01", "to": "2026-01-06", "input": `{"date":"{date}"}`, "max": 1}
	var start web.BackfillStart
	b.ask("POST", "/api/backfill", order, &start)
	var token struct{ Messages []struct{ Body string } }
	for range 100 {
		b.aws("sqs", "ReceiveMessage", document{"QueueUrl": queue.QueueUrl, "WaitTimeSeconds": 1}, &token)
		if len(token.Messages) > 0 {
			break
		}
	}
	if len(token.Messages) != 1 {
		t.Fatalf("the third date has not begun: %+v", token)
	}
	if one := awaitBackfill(b, start.ID, "running"); one.Done != 2 || one.Failed != 1 {
		t.Errorf("before: got %+v", one)
	}
	a.close() // on a busy machine the warehouse may have to be killed

	_, b = startConsole(t, dir)
	if one := awaitBackfill(b, start.ID, "running"); one.Done != 2 || one.Succeeded != 1 || one.Failed != 1 || one.Of != 6 || len(one.Failures) != 1 || one.Failures[0].ARN == "" {
		t.Errorf("after: got %+v", one)
	}
	var again web.BackfillStart
	order["dryRun"] = true
	for range 100 { // what has succeeded is noted behind the execution's end
		b.ask("POST", "/api/backfill", order, &again)
		if len(again.Again) > 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if diff := cmp.Diff([][]string{{"2026-01-01"}, {"2026-01-03"}}, [][]string{again.Again, again.Running}); diff != "" || len(again.Todo) != 6 {
		t.Errorf("dry run (-want +got):\n%s", diff)
	}
	order["onlyMissing"] = true
	b.ask("POST", "/api/backfill", order, &again)
	if again.Skipped != 2 || len(again.Todo) != 4 || len(again.Again)+len(again.Running) > 0 {
		t.Errorf("dry run of what is missing: got %+v", again)
	}
	b.aws("states", "SendTaskSuccess", document{"taskToken": token.Messages[0].Body, "output": "{}"}, nil)
	one := awaitBackfill(b, start.ID, "done")
	if one.Succeeded != 5 || one.Failed != 1 || one.Already != 0 || one.Done != 6 || one.Ended == 0 {
		t.Errorf("at the end: got %+v", one)
	}
	var list struct{ Executions []struct{ Name string } }
	b.aws("states", "ListExecutions", document{"stateMachineArn": made.StateMachineArn}, &list)
	if len(list.Executions) != 6 {
		t.Errorf("executions: got %+v; want one for each date", list)
	}
}

// A backfill that was to stop begins no date after a restart.
func TestStoppedBackfillStaysStopped(t *testing.T) {
	dir := t.TempDir()
	order := backfillOrder{ID: "0123456789ab", Machine: "arn:aws:states:us-east-1:000000000000:stateMachine:m", From: "2026-01-01", To: "2026-01-03",
		Input: `{"date":"{date}"}`, Max: 2, Started: 1, Dates: []string{"2026-01-01", "2026-01-02", "2026-01-03"}}
	must(t, os.MkdirAll(filepath.Join(dir, "console"), 0o700))
	j, err := newBackfillJournal(filepath.Join(dir, "console", "backfills"), order)
	must(t, err)
	must(t, j.add(backfillLine{Date: "2026-01-01", Outcome: "SUCCEEDED"}))
	must(t, j.add(backfillLine{Stop: true}))
	_, b := startConsole(t, dir)
	if one := awaitBackfill(b, order.ID, "stopped"); one.Done != 1 || one.Failed != 0 {
		t.Errorf("got %+v", one)
	}
}

func TestBackfillJournal(t *testing.T) {
	dir := t.TempDir()
	order := backfillOrder{ID: "0123456789ab", Machine: "arn:aws:states:us-east-1:000000000000:stateMachine:m", Max: 1, Dates: []string{"2026-01-01", "2026-01-02"}}
	j, err := newBackfillJournal(dir, order)
	must(t, err)
	want := []backfillLine{{Date: "2026-01-02", Outcome: "FAILED", Detail: "a\nb"}, {Ended: 5}}
	for _, line := range want {
		must(t, j.add(line))
	}
	whole, err := os.ReadFile(string(j))
	must(t, err)
	must(t, os.WriteFile(string(j), append(whole, `{"date":"2026-0`...), 0o600))
	for range 2 {
		gotOrder, got, err := j.read()
		must(t, err)
		if diff := cmp.Diff(order, gotOrder); diff != "" {
			t.Errorf("order (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
	}
	if rest, err := os.ReadFile(string(j)); err != nil || string(rest) != string(whole) {
		t.Errorf("the torn line: got %q, %v; want it cut off", rest, err)
	}
	record, left := backfillRecord(order, want)
	if record.State != "stopped" || record.Failed != 1 || record.Failures[0].Detail != "FAILED: a\nb" || cmp.Diff([]string{"2026-01-01"}, left) != "" {
		t.Errorf("got %+v, left %q", record, left)
	}
	must(t, os.WriteFile(filepath.Join(dir, "0-x.jsonl"), []byte("{"), 0o600))
	all, err := backfillJournals(dir)
	must(t, err)
	if len(all) != 2 || all[1] != j {
		t.Errorf("journals: got %q", all)
	}
	if _, _, err := all[0].read(); err == nil || !strings.Contains(err.Error(), "no order") {
		t.Errorf("a journal without an order: got %v", err)
	}
}

func FuzzBackfillJournal(f *testing.F) {
	f.Add([]byte("{\"id\":\"a\",\"machine\":\"m\",\"max\":1,\"dates\":[\"2026-01-01\"]}\n{\"date\":\"2026-01-01\",\"outcome\":\"SUCCEEDED\"}\n{\"stop\":true}\n{\"ended\":3}\n"))
	f.Add([]byte("{\"id\":\"a\",\"machine\":\"m\",\"max\":1}\n{\n"))
	f.Add([]byte(""))
	f.Fuzz(func(t *testing.T, text []byte) {
		order, lines, good, err := parseBackfill(text)
		if err != nil {
			return
		}
		if good > len(text) || text[good-1] != '\n' {
			t.Fatalf("good: got %d of %q; want the end of a line", good, text)
		}
		again, same, n, err := parseBackfill(text[:good])
		if err != nil || n != good || cmp.Diff(order, again) != "" || cmp.Diff(lines, same) != "" {
			t.Fatalf("what is whole reads otherwise: %q", text[:good])
		}
		record, left := backfillRecord(order, lines)
		if record.Done != record.Succeeded+record.Failed+record.Already {
			t.Fatalf("got %+v of %q", record, text)
		}
		if _, err := json.Marshal(record); err != nil || len(left) > len(order.Dates) {
			t.Fatalf("left: got %d of %d, %v", len(left), len(order.Dates), err)
		}
	})
}
