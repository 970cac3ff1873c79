package event_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"salamander/event"
	"salamander/operation"
)

// Each kind of target is called as its service wants it.
func TestEveryKindOfTarget(t *testing.T) {
	const base = "us-east-1:000000000000:"
	for _, tt := range []struct {
		name   string
		target event.Target
		calls  []string // operation and input, without what is derived
	}{
		{"function", event.Target{ARN: "arn:aws:lambda:" + base + "function:f", Input: text(`{"a":1}`)},
			[]string{`lambda:Invoke {"FunctionName":"arn:aws:lambda:` + base + `function:f","InvocationType":"Event","Payload":"eyJhIjoxfQ=="}`}},
		{"job", event.Target{ARN: "arn:aws:batch:" + base + "job-queue/j", Batch: &event.BatchParameters{Definition: "d", Name: "n", Attempts: 2},
			Input: text(`{"Parameters":{"p":"x"},"ContainerOverrides":{"Command":["a"],"Environment":[{"Name":"N","Value":"V"}]}}`)},
			[]string{`batch:SubmitJob {"containerOverrides":{"command":["a"],"environment":[{"name":"N","value":"V"}]},"jobDefinition":"d","jobName":"n","jobQueue":"arn:aws:batch:` + base + `job-queue/j","parameters":{"p":"x"},"retryStrategy":{"attempts":2}}`}},
		{"topic", event.Target{ARN: "arn:aws:sns:" + base + "t", Input: text(`"hi"`)},
			[]string{`sns:Publish {"Message":"\"hi\"","TopicArn":"arn:aws:sns:` + base + `t"}`}},
		{"queue", event.Target{ARN: "arn:aws:sqs:" + base + "q.fifo", Group: "g", Input: text(`1`)},
			[]string{`sqs:GetQueueUrl {"QueueName":"q.fifo","QueueOwnerAWSAccountId":"000000000000"}`,
				`sqs:SendMessage {"MessageBody":"1","MessageDeduplicationId":"ID","MessageGroupId":"g","QueueUrl":""}`}},
		{"logs", event.Target{ARN: "arn:aws:logs:" + base + "log-group:/g:*", Input: text(`{}`)},
			[]string{`logs:CreateLogStream {"logGroupName":"/g","logStreamName":"ID"}`,
				`logs:PutLogEvents {"logEvents":[{"message":"{}","timestamp":946684800000}],"logGroupName":"/g","logStreamName":"ID"}`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &targets{}
				w := start(t, c, event.Options{})
				tt.target.ID = "1"
				w.rule("r", `{"source":["aws.s3"]}`, "", nil, tt.target)
				ok(t, w.Put(t.Context(), scope, "default", []event.Event{created("e1", "k")}))
				synctest.Wait()
				id := event.Derive("e1", "arn:aws:events:us-east-1:000000000000:rule/r", "1")
				var got []string
				for _, m := range c.calls {
					doc, err := json.Marshal(m.Input)
					ok(t, err)
					got = append(got, m.Operation+" "+strings.ReplaceAll(string(doc), id, "ID"))
				}
				if diff := cmp.Diff(tt.calls, got); diff != "" {
					t.Errorf("calls (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// A bus passes events on as they are, and not forever.
func TestBusesPassEventsOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &targets{}
		w := start(t, c, event.Options{})
		for _, name := range []string{"a", "b"} {
			ok(t, w.CreateBus(t.Context(), event.Bus{Scope: scope, Name: name}))
		}
		bus := func(name string) event.Target {
			return event.Target{ID: "bus", ARN: "arn:aws:events:us-east-1:000000000000:event-bus/" + name}
		}
		for name, to := range map[string]string{"default": "a", "a": "b", "b": "a"} {
			ok(t, w.UpdateRule(t.Context(), event.RuleID{Scope: scope, Bus: name, Name: "on"}, func(r *event.Rule, _ bool) error {
				r.Pattern, r.Targets = `{"source":["aws.s3"]}`, []event.Target{bus(to), {ID: "m", ARN: machine}}
				return nil
			}))
		}
		ok(t, w.Put(t.Context(), scope, "default", []event.Event{created("e1", "k")}))
		time.Sleep(time.Second)
		synctest.Wait()
		calls := c.of("states:StartExecution")
		if len(calls) != 6 {
			t.Errorf("got %d; want 6: once for each bus that the event passed", len(calls))
		}
		for _, m := range calls {
			if m.Input["input"] != string(created("e1", "k").JSON()) {
				t.Errorf("got %s", m.Input["input"])
			}
		}
	})
}

func TestScheduledTargets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &targets{}
		failures := 2
		c.answer = func(m made) (string, error) {
			if m.Operation == "sqs:SendMessage" && failures > 0 {
				failures--
				return "", &operation.Error{Code: "InternalFailure", Status: 500}
			}
			return "", nil
		}
		w := start(t, c, event.Options{})
		begin := time.Now().UTC()
		add := func(name, expression string, change func(*event.Schedule)) {
			s := event.Schedule{ScheduleID: event.ScheduleID{Scope: scope, Group: "default", Name: name}, Expression: expression, State: "ENABLED",
				Target: event.Target{ARN: machine, Input: text(name)}}
			change(&s)
			ok(t, w.CreateSchedule(t.Context(), s))
		}
		add("once", "at(2000-01-01T01:00:00)", func(s *event.Schedule) {
			s.Zone, s.AfterCompletion = "Etc/GMT+1", "DELETE"
			s.Target = event.Target{ARN: "arn:aws:scheduler:::aws-sdk:sqs:sendMessage",
				Input: text(`{"QueueUrl":"u","MessageBody":"<aws.scheduler.scheduled-time> attempt <aws.scheduler.attempt-number> <aws.scheduler.execution-id>"}`)}
		})
		add("bounded", "rate(1 hour)", func(s *event.Schedule) { s.Start, s.End = begin.Add(30*time.Minute), begin.Add(3*time.Hour) })
		add("loose", "cron(0 12 * * ? *)", func(s *event.Schedule) { s.Window = 60 })
		add("bus", "at(2000-01-01T05:00:00)", func(s *event.Schedule) {
			s.Target = event.Target{ARN: "arn:aws:events:us-east-1:000000000000:event-bus/default", Bus: &event.BusParameters{Type: "t", Source: "s"}, Input: text(`{"x":1}`)}
		})
		add("off", "rate(1 minute)", func(s *event.Schedule) { s.State = "DISABLED" })
		time.Sleep(24 * time.Hour)
		synctest.Wait()

		sent := c.of("sqs:SendMessage")
		if len(sent) != 3 || !strings.HasPrefix(sent[2].Input["MessageBody"].(string), "2000-01-01T02:00:00Z attempt 3 ") {
			t.Errorf("once: got %v", sent)
		}
		if _, err := w.Schedule(event.ScheduleID{Scope: scope, Group: "default", Name: "once"}); err != event.ErrNotFound {
			t.Errorf("once is still there: %v", err)
		}
		var bounded, loose []string
		for _, m := range c.of("states:StartExecution") {
			at := fmt.Sprint(m.At.Sub(begin))
			if m.Input["input"] == "bounded" {
				bounded = append(bounded, at)
			} else if loose = append(loose, at); m.At.Sub(begin) < 12*time.Hour || m.At.Sub(begin) > 13*time.Hour {
				t.Errorf("%v at %s: want it within the window", m.Input["input"], at)
			}
		}
		if diff := cmp.Diff([]string{"30m0s", "1h30m0s", "2h30m0s"}, bounded); diff != "" {
			t.Errorf("bounded (-want +got):\n%s", diff)
		}
		if len(loose) != 1 {
			t.Errorf("loose: got %v; want one", loose)
		}
		put := c.of("events:PutEvents")
		if len(put) != 1 || fmt.Sprint(put[0].Input["Entries"].([]any)[0].(map[string]any)["Detail"]) != `{"x":1}` {
			t.Errorf("bus: got %v", put)
		}
	})
}
