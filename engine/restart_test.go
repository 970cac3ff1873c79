package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// restartable are definitions whose history does not depend on how fast tasks
// answer: what runs side by side waits for timers.
var restartable = map[string]string{
	"jsonata": `{"QueryLanguage":"JSONata","StartAt":"Init","States":{
"Init":{"Type":"Pass","Assign":{"id":"{% $uuid() %}","n":"{% $count($states.input.items) %}"},"Next":"Each"},
"Each":{"Type":"Map","Items":"{% $states.input.items %}","MaxConcurrency":1,"ItemProcessor":{"StartAt":"Work","States":{
 "Work":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Arguments":{"FunctionName":"f","Payload":"{% $states.input %}"},"Output":"{% $states.result.by & $id %}","End":true}}},"Next":"Rest"},
"Rest":{"Type":"Wait","Seconds":"{% 600 * $n %}","Next":"Last"},
"Last":{"Type":"Choice","Choices":[{"Condition":"{% $n > 1 %}","Next":"Done","Output":"{% {'id': $id, 'all': $states.input} %}"}],"Default":"Done"},
"Done":{"Type":"Succeed"}}}`,
	"jsonpath": `{"StartAt":"Both","States":{
"Both":{"Type":"Parallel","ResultPath":"$.both","Next":"Flaky","Branches":[
 {"StartAt":"W1","States":{"W1":{"Type":"Wait","Seconds":3600,"Next":"T1"},"T1":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"f"},"End":true}}},
 {"StartAt":"W2","States":{"W2":{"Type":"Wait","Seconds":10800,"Next":"P2"},"P2":{"Type":"Pass","Parameters":{"id.$":"States.UUID()"},"End":true}}}]},
"Flaky":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"fails"},"ResultPath":null,
 "Retry":[{"ErrorEquals":["Busy"],"IntervalSeconds":1800,"MaxAttempts":2}],"Catch":[{"ErrorEquals":["States.ALL"],"ResultPath":"$.why","Next":"Done"}],"End":true},
"Done":{"Type":"Pass","End":true}}}`,
}

// runRestarted runs a definition with a crash around commit number crash:
// before it takes effect, or right after. It tells whether the crash came.
func runRestarted(t *testing.T, definition string, crash int, before bool) (history []string, crashed bool) {
	synctest.Test(t, func(t *testing.T) {
		store, runner := newMemory(), &runs{}
		runner.run = func(_ context.Context, task Task, _ Report) (json.RawMessage, error) {
			if task.State == "Flaky" {
				return nil, &TaskError{Name: "Busy", Cause: "later"}
			}
			return json.RawMessage(fmt.Sprintf(`{"by":%q}`, task.State)), nil
		}
		dead := false
		store.fail = func(n int) error {
			if dead = dead || before && n == crash; dead {
				return errors.New("crashed")
			}
			return nil
		}
		store.after = func(n int) { dead = dead || !before && n == crash }
		opt := options(store, runner)
		opt.parse = nil
		req := request("x", definition)
		req.Input = `{"items":["a","b"]}`
		arn := ExecutionARN(req.Machine, "x", "")
		e := open(t, opt)
		for range 200 {
			_, err := e.Start(t.Context(), req)
			synctest.Wait()
			if errors.Is(err, ErrExists) || err == nil && store.status(arn) != Running {
				break
			}
			time.Sleep(10 * time.Minute)
			synctest.Wait()
			store.mu.Lock()
			down := dead
			store.mu.Unlock()
			if down {
				e.Close()
				store.mu.Lock()
				dead, crash, crashed = false, 0, true
				store.mu.Unlock()
				e = open(t, opt)
			}
		}
		e.Close()
		if got := store.status(arn); got != Succeeded {
			t.Fatalf("crash at %d (before: %t): got %s; want SUCCEEDED", crash, before, got)
		}
		history = store.history(arn)
	})
	return history, crashed
}

// A kill at any commit leaves the history that an undisturbed run has.
func TestDefinitionsSurviveAKillAtEachCommit(t *testing.T) {
	for name, definition := range restartable {
		t.Run(name, func(t *testing.T) {
			want, _ := runRestarted(t, definition, 0, false)
			commits := 0
			for crash := 1; ; crash++ {
				some := false
				for _, before := range []bool{true, false} {
					got, crashed := runRestarted(t, definition, crash, before)
					some = some || crashed
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("crash at %d, before %t: history (-want +got):\n%s", crash, before, diff)
					}
				}
				if !some {
					break
				}
				commits = crash
			}
			t.Logf("%d commits, %d events", commits, len(want))
			if commits < 5 {
				t.Errorf("got %d commits; want more", commits)
			}
		})
	}
}
