package event_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"salamander/event"
	"salamander/operation"
	"salamander/store"
)

var scope = event.Scope{Account: "000000000000", Region: "us-east-1"}

// A made is a call of a target.
type made struct {
	Operation string
	Input     map[string]any
	Caller    operation.Caller
	At        time.Time
}

// targets answers calls and remembers them.
type targets struct {
	mu     sync.Mutex
	calls  []made
	answer func(made) (string, error) // nil: {}
}

func (c *targets) Call(_ context.Context, service, name string, req *operation.Request) (*operation.Response, error) {
	m := made{Operation: service + ":" + name, Caller: req.Caller, At: time.Now().UTC()}
	if err := json.Unmarshal(req.Input, &m.Input); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = append(c.calls, m)
	out := "{}"
	if c.answer != nil {
		var err error
		if out, err = c.answer(m); err != nil {
			return nil, err
		}
	}
	return &operation.Response{Output: json.RawMessage(cmp.Or(out, "{}"))}, nil
}

func (c *targets) of(name string) []made {
	c.mu.Lock()
	defer c.mu.Unlock()
	var found []made
	for _, m := range c.calls {
		if m.Operation == name {
			found = append(found, m)
		}
	}
	return found
}

// A world is a domain over a real store.
type world struct {
	*event.Events
	t   *testing.T
	dir string
	db  *store.DB
	c   *targets
	opt event.Options
}

func open(t *testing.T, dir string, c *targets, opt event.Options) *world {
	t.Helper()
	db, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, dir: dir, db: db, c: c, opt: opt}
	opt.Store, opt.Caller = store.NewEvents(db), c
	if w.Events, err = event.New(t.Context(), opt); err != nil {
		t.Fatal(err)
	}
	return w
}

// start runs a new world until the test ends.
func start(t *testing.T, c *targets, opt event.Options) *world {
	w := open(t, t.TempDir(), c, opt)
	w.Start(t.Context())
	t.Cleanup(func() { w.stop() })
	return w
}

func (w *world) stop() {
	w.Close()
	w.db.Close()
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) rule(name, pattern, schedule string, tags map[string]string, targets ...event.Target) {
	w.t.Helper()
	id := event.RuleID{Scope: scope, Bus: event.DefaultBus, Name: name}
	ok(w.t, w.UpdateRule(w.t.Context(), id, func(r *event.Rule, _ bool) error {
		r.Pattern, r.Schedule, r.Targets, r.Tags = pattern, schedule, targets, tags
		return nil
	}))
}

func text(s string) *string { return &s }

const (
	machine = "arn:aws:states:us-east-1:000000000000:stateMachine:refresh"
	queue   = "arn:aws:sqs:us-east-1:000000000000:jobs"
	dead    = "arn:aws:sqs:us-east-1:000000000000:dead"
)

func created(id, key string) event.Event {
	return event.Event{Scope: scope, ID: id, Type: "Object Created", Source: "aws.s3", Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Resources: []string{"arn:aws:s3:::landing"}, Detail: json.RawMessage(fmt.Sprintf(`{"bucket":{"name":"landing"},"object":{"key":%q,"size":3}}`, key))}
}

func TestTargetsGetTheirInput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &targets{}
		w := start(t, c, event.Options{})
		paths := map[string]string{"k": "$.detail.object.key", "n": "$.detail.object.size", "o": "$.detail.object", "none": "$.detail.nope"}
		template := func(s string) *event.Transformer { return &event.Transformer{Paths: paths, Template: s} }
		w.rule("all", `{"source":["aws.s3"]}`, "", nil,
			event.Target{ID: "1", ARN: machine},
			event.Target{ID: "2", ARN: machine, Input: text(`{"a":1}`)},
			event.Target{ID: "3", ARN: machine, InputPath: text("$.detail.object.key")},
			event.Target{ID: "4", ARN: machine, Transformer: template(`{"key": <k>, "text": "got <k> of <n>", "size": <n>, "object": <o>, "none": <none>, "rule": "<aws.events.rule-name>"}`)},
			event.Target{ID: "5", ARN: machine, Transformer: template(`"new file <k>"`)},
		)
		e := created("e1", `a "b".csv`)
		ok(t, w.Put(t.Context(), scope, "default", []event.Event{e, {Scope: scope, ID: "e2", Source: "x", Type: "y"}}))
		synctest.Wait()
		got := map[string]string{}
		for _, m := range c.of("states:StartExecution") {
			name := m.Input["name"].(string)
			if !strings.HasPrefix(name, "e1_") {
				t.Errorf("name: got %q", name)
			}
			got[m.Caller.Invocation.ID] = m.Input["input"].(string)
		}
		want := []string{string(e.JSON()), `{"a":1}`, `"a \"b\".csv"`,
			`{"key":"a \"b\".csv","text":"got a \"b\".csv of 3","size":3,"object":{"key":"a \"b\".csv","size":3},"none":null,"rule":"all"}`,
			`"new file a \"b\".csv"`}
		for i, input := range want {
			id := event.Derive("e1", "arn:aws:events:us-east-1:000000000000:rule/all", fmt.Sprint(i+1))
			if got[id] != input {
				t.Errorf("target %d: got %s; want %s", i+1, got[id], input)
			}
		}
	})
}

func TestRetriesAndDeadLetters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := true
		c := &targets{}
		c.answer = func(m made) (string, error) {
			switch {
			case m.Operation == "sqs:GetQueueUrl":
				return `{"QueueUrl":"http://q"}`, nil
			case m.Operation == "lambda:Invoke":
				return "", operation.Errorf("ResourceNotFoundException", "no such function")
			case m.Operation == "states:StartExecution" && down:
				return "", &operation.Error{Code: "InternalFailure", Status: 500, Message: "down"}
			}
			return "", nil
		}
		w := start(t, c, event.Options{})
		two := 2
		w.rule("r", `{"source":["aws.s3"]}`, "", nil,
			event.Target{ID: "patient", ARN: machine},
			event.Target{ID: "hasty", ARN: machine + "2", DeadLetter: dead, Retry: &event.RetryPolicy{Attempts: &two}},
			event.Target{ID: "gone", ARN: "arn:aws:lambda:us-east-1:000000000000:function:f", DeadLetter: dead})
		ok(t, w.Put(t.Context(), scope, "default", []event.Event{created("e1", "k")}))
		time.Sleep(time.Minute)
		synctest.Wait()
		letters := map[string]made{}
		for _, m := range c.of("sqs:SendMessage") {
			letters[m.Input["MessageAttributes"].(map[string]any)["ERROR_CODE"].(map[string]any)["StringValue"].(string)] = m
		}
		if len(letters) != 2 || len(c.of("lambda:Invoke")) != 1 {
			t.Fatalf("got %d letters, %d invocations; want 2, 1", len(letters), len(c.of("lambda:Invoke")))
		}
		a := letters["InternalFailure"].Input["MessageAttributes"].(map[string]any)
		if got := a["EXHAUSTED_RETRY_CONDITION"].(map[string]any)["StringValue"]; got != "MaximumRetryAttempts" {
			t.Errorf("exhausted: got %v", got)
		}
		if got := letters["ResourceNotFoundException"].Input["MessageBody"]; got != string(created("e1", "k").JSON()) {
			t.Errorf("body: got %v", got)
		}
		c.mu.Lock()
		down = false
		before := len(c.calls)
		c.mu.Unlock()
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		after := c.of("states:StartExecution")
		if len(after) == before {
			t.Error("the patient target was not tried again")
		}
		calls := map[int]bool{}
		for _, m := range after {
			if m.Input["stateMachineArn"] == machine && calls[m.Caller.Invocation.Call] {
				t.Errorf("two attempts bear the number %d", m.Caller.Invocation.Call)
			}
			if m.Input["stateMachineArn"] == machine {
				calls[m.Caller.Invocation.Call] = true
			}
		}
	})
}

// What was accepted is delivered by the next process, once, under the same
// identifiers.
func TestAcceptedEventsSurvive(t *testing.T) {
	c := &targets{}
	dir := t.TempDir()
	w := open(t, dir, c, event.Options{})
	w.rule("r", `{"source":["aws.s3"]}`, "", nil, event.Target{ID: "1", ARN: machine})
	ok(t, w.Put(t.Context(), scope, "default", []event.Event{created("e1", "k")}))
	w.db.Close() // never started: as if killed
	w = open(t, dir, c, event.Options{})
	w.Start(t.Context())
	defer w.stop()
	waitFor(t, func() bool { return len(c.of("states:StartExecution")) == 1 })
	if r, err := w.Rule(event.RuleID{Scope: scope, Bus: "default", Name: "r"}); err != nil || len(r.Targets) != 1 {
		t.Errorf("rule: got %+v, %v", r, err)
	}
}

func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited in vain")
		}
	}
}

// Ten thousand objects in a burst, and the process dies in the middle: each
// is matched once.
func TestABurstWithAKillInTheMiddle(t *testing.T) {
	const objects = 10_000
	dir := t.TempDir()
	c := &targets{}
	listen := func(w *world) {
		w.Listen("s3.object", func(_ context.Context, m event.Message) (event.Occurrence, error) {
			return event.Occurrence{Events: []event.Event{created(event.Derive("s3.object", fmt.Sprint(m.ID)), m.Key)}}, nil
		})
		w.db.Subscribe("s3.object", func(ctx context.Context, m store.Message) error { return w.Take(ctx, m.Topic, m.ID) })
		w.db.Deliver()
	}
	w := open(t, dir, c, event.Options{})
	w.rule("r", `{"source":["aws.s3"],"detail":{"object":{"key":[{"suffix":".csv"}]}}}`, "", nil, event.Target{ID: "1", ARN: machine})
	listen(w)
	w.Start(t.Context())
	put := func(from, to int) {
		ok(t, w.db.Update(t.Context(), func(tx *store.Tx) error {
			for i := from; i < to; i++ {
				if err := tx.Emit("s3.object", fmt.Sprintf("k%d.csv", i), []byte("{}")); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	for i := 0; i < objects; i += 500 {
		put(i, i+500)
	}
	waitFor(t, func() bool { return len(c.of("states:StartExecution")) > objects/10 })
	w.db.Close() // commits fail from here on: what is in hand is lost
	w.Close()
	half := len(c.of("states:StartExecution"))
	w = open(t, dir, c, event.Options{})
	listen(w)
	w.Start(t.Context())
	defer w.stop()
	keys := func() map[string]map[string]bool {
		all := map[string]map[string]bool{} // executions by key
		for _, m := range c.of("states:StartExecution") {
			var in struct {
				Detail struct{ Object struct{ Key string } }
			}
			ok(t, json.Unmarshal([]byte(m.Input["input"].(string)), &in))
			k := in.Detail.Object.Key
			if all[k] == nil {
				all[k] = map[string]bool{}
			}
			all[k][m.Input["name"].(string)] = true
		}
		return all
	}
	waitFor(t, func() bool { return len(c.of("states:StartExecution")) >= objects && len(keys()) == objects })
	if half == objects {
		t.Error("nothing was left when the process died")
	}
	for k, names := range keys() {
		if len(names) != 1 {
			t.Errorf("%s: got executions %v; want one", k, names)
		}
	}
	t.Logf("%d of %d deliveries before the kill, %d calls repeated", half, objects, len(c.of("states:StartExecution"))-objects)
}

func TestASchedulesYear(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		berlin, err := time.LoadLocation("Europe/Berlin")
		if err != nil {
			t.Skip("no time zones here")
		}
		time.Sleep(time.Until(time.Date(2026, 1, 1, 0, 0, 0, 0, berlin)))
		c := &targets{}
		w := start(t, c, event.Options{})
		ok(t, w.CreateSchedule(t.Context(), event.Schedule{ScheduleID: event.ScheduleID{Scope: scope, Group: "default", Name: "nightly"},
			Expression: "cron(30 2 * * ? *)", Zone: "Europe/Berlin", State: "ENABLED",
			Target: event.Target{ARN: machine, Input: text(`{"date":"<salamander.date>","at":"<aws.scheduler.scheduled-time>"}`)}}))
		time.Sleep(365 * 24 * time.Hour)
		synctest.Wait()
		days := map[string]int{}
		for _, m := range c.of("states:StartExecution") {
			var in struct{ Date, At string }
			ok(t, json.Unmarshal([]byte(m.Input["input"].(string)), &in))
			days[in.Date]++
			at, err := time.Parse(time.RFC3339, in.At)
			ok(t, err)
			if m.At.Sub(at) != 0 || at.In(berlin).Format("15:04") != "02:30" {
				t.Errorf("scheduled for %s, called at %s", at, m.At)
			}
		}
		if len(days) != 364 || days["2026-03-29"] != 0 || days["2026-10-25"] != 1 {
			t.Errorf("got %d days, %d in spring, %d in autumn; want 364, 0, 1", len(days), days["2026-03-29"], days["2026-10-25"])
		}
	})
}

func TestCatchUp(t *testing.T) {
	for policy, want := range map[string]int{"skip": 0, "last": 1, "": 1, "all": 5} {
		t.Run(policy, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &targets{}
				dir := t.TempDir()
				opt := event.Options{Policies: map[string]event.Policy{"rule/hourly": {CatchUp: policy}}}
				w := open(t, dir, c, opt)
				w.Start(t.Context())
				w.rule("hourly", "", "rate(1 hour)", nil, event.Target{ID: "1", ARN: machine})
				time.Sleep(90 * time.Minute)
				synctest.Wait()
				if n := len(c.of("states:StartExecution")); n != 1 {
					t.Fatalf("got %d; want 1", n)
				}
				w.stop()
				time.Sleep(5 * time.Hour) // to 6:30: 2, 3, 4, 5 and 6 o'clock are missed
				w = open(t, dir, c, opt)
				w.Start(t.Context())
				defer w.stop()
				time.Sleep(time.Minute)
				synctest.Wait()
				if n := len(c.of("states:StartExecution")); n != 1+want {
					t.Errorf("after the downtime: got %d; want %d", n-1, want)
				}
				time.Sleep(time.Hour)
				synctest.Wait()
				if n := len(c.of("states:StartExecution")); n != 2+want {
					t.Errorf("an hour later: got %d; want %d", n-1, want+1)
				}
			})
		})
	}
}

func TestOverlap(t *testing.T) {
	for policy, want := range map[string]int{"allow": 5, "skip": 2, "queue": 3} {
		t.Run(policy, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				// Each execution runs for 25 minutes; one starts every 10.
				c := &targets{}
				ends := map[string]time.Time{}
				c.answer = func(m made) (string, error) {
					switch m.Operation {
					case "states:StartExecution":
						ref := "arn:aws:states:us-east-1:000000000000:execution:refresh:" + m.Input["name"].(string)
						ends[ref] = m.At.Add(25 * time.Minute)
						return fmt.Sprintf(`{"executionArn":%q}`, ref), nil
					case "states:DescribeExecution":
						if m.At.Before(ends[m.Input["executionArn"].(string)]) {
							return `{"status":"RUNNING"}`, nil
						}
						return `{"status":"SUCCEEDED"}`, nil
					}
					return "", nil
				}
				w := start(t, c, event.Options{})
				w.rule("r", "", "rate(10 minutes)", map[string]string{"salamander:overlap": policy}, event.Target{ID: "1", ARN: machine})
				time.Sleep(62 * time.Minute)
				synctest.Wait()
				if n := len(c.of("states:StartExecution")) - map[string]int{"allow": 1}[policy]; n != want {
					t.Errorf("got %d executions; want %d", n, want)
				}
			})
		})
	}
}

// objects is a bucket in memory.
type objects struct {
	mu   sync.Mutex
	keys map[string]string
}

func (o *objects) List(_ context.Context, _ event.Scope, _, prefix string) (keys []string, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for k := range o.keys {
		if strings.HasPrefix(k, prefix) {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	return keys, nil
}

func (o *objects) Read(_ context.Context, _ event.Scope, _, key string, _ int64) ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if text, ok := o.keys[key]; ok {
		return []byte(text), nil
	}
	return nil, event.ErrNoObject
}

func TestTriggersStartOncePerDate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)))
		c := &targets{}
		bucket := &objects{keys: map[string]string{}}
		dir := t.TempDir()
		opt := event.Options{Objects: bucket, Triggers: []event.Trigger{{Scope: scope, Name: "daily", Bucket: "landing",
			Keys: []string{"sales/{date}/part-*.csv", "items/{date}.csv"}, Marker: "sales/{date}/_SUCCESS", Quiet: time.Minute,
			Deadline: "06:00", Days: 1, Target: machine, Input: `{"run_date":"{date}"}`}}}
		var w *world
		begin := func() {
			w = open(t, dir, c, opt)
			w.Listen("s3.object", func(_ context.Context, m event.Message) (event.Occurrence, error) {
				return event.Occurrence{Object: &event.ObjectChange{Scope: scope, Bucket: "landing", Key: m.Key, At: m.At}}, nil
			})
			w.db.Subscribe("s3.object", func(ctx context.Context, m store.Message) error { return w.Take(ctx, m.Topic, m.ID) })
			w.db.Deliver()
			w.rule("late", `{"source":["salamander.triggers"]}`, "", nil, event.Target{ID: "1", ARN: queue, InputPath: text("$.detail")})
			w.Start(t.Context())
			synctest.Wait()
		}
		put := func(key string) {
			bucket.mu.Lock()
			bucket.keys[key] = ""
			bucket.mu.Unlock()
			ok(t, w.db.Update(t.Context(), func(tx *store.Tx) error { return tx.Emit("s3.object", key, nil) }))
			synctest.Wait()
		}
		begin()
		put("sales/2026-01-01/part-0.csv")
		put("sales/2026-01-01/_SUCCESS")
		put("other/2026-01-01.csv")
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		status, err := w.Triggers(t.Context())
		ok(t, err)
		if len(status) != 1 || len(status[0].Days) != 1 || status[0].Days[0].Progress != "2 of 3; missing: items/2026-01-01.csv" {
			t.Errorf("status: got %+v", status)
		}
		if n := len(c.of("states:StartExecution")); n != 0 {
			t.Fatalf("started %d before all was there", n)
		}
		time.Sleep(6 * time.Hour) // past the deadline of 6 o'clock
		synctest.Wait()
		late := c.of("sqs:SendMessage")
		if len(late) != 1 || !strings.Contains(late[0].Input["MessageBody"].(string), `"date":"2026-01-01"`) || !strings.Contains(late[0].Input["MessageBody"].(string), `"missing":["items/2026-01-01.csv"]`) {
			t.Errorf("late: got %v", late)
		}
		w.stop()
		begin()
		put("items/2026-01-01.csv")
		if n := len(c.of("states:StartExecution")); n != 0 {
			t.Error("started before it was quiet")
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		put("sales/2026-01-01/part-1.csv")
		time.Sleep(time.Hour)
		synctest.Wait()
		calls := c.of("states:StartExecution")
		if len(calls) != 1 || calls[0].Input["name"] != "daily-2026-01-01" || calls[0].Input["input"] != `{"run_date":"2026-01-01"}` {
			t.Errorf("got %v; want one start", calls)
		}
		w.stop()
	})
}

func TestProgressOfManifestsAndCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bucket := &objects{keys: map[string]string{"in/20260101/manifest": `{"entries":[{"url":"s3://b/in/20260101/a"},{"url":"s3://b/x/b","mandatory":true}]}`, "in/20260101/a": "", "y=2026/m=01/d=01/p1": ""}}
		w := open(t, t.TempDir(), &targets{}, event.Options{Objects: bucket, Triggers: []event.Trigger{
			{Scope: scope, Name: "m", Bucket: "b", Manifest: "in/{date}/manifest", Format: "YYYYMMDD", Target: machine, Deadline: "23:00"},
			{Scope: scope, Name: "c", Bucket: "b", Keys: []string{"y={year}/m={month}/d={day}/*"}, Count: 5, Target: machine, Deadline: "23:00"},
		}})
		defer w.stop()
		time.Sleep(time.Until(time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)))
		for i, x := range []struct{ key, want string }{{"in/20260101/manifest", "2 of 3; missing: x/b"}, {"y=2026/m=01/d=01/p1", "1 of 5; missing: y=2026/m=01/d=01/*"}} {
			w.Listen("t", func(_ context.Context, m event.Message) (event.Occurrence, error) {
				return event.Occurrence{Object: &event.ObjectChange{Scope: scope, Bucket: "b", Key: m.Key, At: m.At}}, nil
			})
			ok(t, w.db.Update(t.Context(), func(tx *store.Tx) error { return tx.Emit("t", x.key, nil) }))
			ok(t, w.Take(t.Context(), "t", int64(i+1)))
			status, err := w.Triggers(t.Context())
			ok(t, err)
			found := false
			for _, s := range status {
				for _, d := range s.Days {
					found = found || d.Date == "2026-01-01" && d.Progress == x.want
				}
			}
			if !found {
				t.Errorf("%s: got %+v; want %s", x.key, status, x.want)
			}
		}
	})
}
