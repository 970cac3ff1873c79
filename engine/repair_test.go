package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"salamander/asl"
)

const (
	function = "arn:aws:lambda:us-east-1:000000000000:function:f"

	// steps assigns a variable, uses it in the branch of a Parallel, and fails
	// behind it.
	steps = `{"StartAt":"A","States":{
	"A":{"Type":"Task","Resource":"` + function + `","Assign":{"v.$":"$.n"},"Next":"P"},
	"P":{"Type":"Parallel","ResultPath":null,"Next":"B","Branches":[{"StartAt":"C","States":{
		"C":{"Type":"Pass","Assign":{"w":1},"Next":"D"},"D":{"Type":"Pass","Assign":{"w":2},"End":true}}}]},
	"B":{"Type":"Task","Resource":"` + function + `","Parameters":{"v.$":"$v","in.$":"$"},"Assign":{"v":"later"},"Next":"E"},
	"E":{"Type":"Task","Resource":"` + function + `","Parameters":{"v.$":"$v","in.$":"$"},"End":true}}}`
)

// echoing is a runner whose tasks answer by their states, and fail in those
// that are broken.
func echoing(broken *atomic.Value) *runs {
	return &runs{run: func(_ context.Context, t Task, _ Report) (json.RawMessage, error) {
		if broken.Load() == t.State {
			return nil, &TaskError{Name: "Broken", Cause: string(t.Parameters)}
		}
		return json.RawMessage(fmt.Sprintf(`{"n":%q,"got":%s}`, t.State, t.Parameters)), nil
	}}
}

func TestRedriveFromAState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, broken := newMemory(), &atomic.Value{}
		broken.Store("E")
		opt := options(store, echoing(broken))
		opt.parse = nil
		e := open(t, opt)
		ex := start(t, e, steps)
		synctest.Wait()
		history := len(store.history(ex.ARN))
		broken.Store("")

		// What would be done, is told and not done.
		p, err := e.PreviewRedrive(t.Context(), ex.ARN, Repair{From: "B"})
		if err != nil || len(p.Tasks) != 1 || p.Redrives != 1 || p.Changed || p.Events != int64(history) || p.Outcome != nil || p.Retains != 14*24*time.Hour {
			t.Errorf("preview: got %+v, %v", p, err)
		}
		if got, want := fmt.Sprintf("%s %s %v", p.Tasks[0].State, p.Tasks[0].Parameters, p.Resumes[0].Then), `B {"v":"A","in":{"n":"A","got":{}}} [E]`; got != want {
			t.Errorf("preview: got %s; want %s", got, want)
		}
		if got := store.status(ex.ARN); got != Failed || len(store.history(ex.ARN)) != history {
			t.Errorf("the preview changed the execution: %s", got)
		}

		// B begins again with the input and the variables that it had.
		if _, err := e.RedriveWith(t.Context(), ex.ARN, "t", Repair{From: "B", By: "arn:me"}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		got, err := store.Execution(t.Context(), ex.ARN)
		if err != nil || got.Status != Succeeded || got.Redrives != 1 || got.Definition != ex.Definition {
			t.Fatalf("got %+v, %v", got, err)
		}
		if want := `{"n":"E","got":{"v":"later","in":{"n":"B","got":{"v":"A","in":{"n":"A","got":{}}}}}}`; *got.Output != want {
			t.Errorf("output: got %s; want %s", *got.Output, want)
		}
		events := store.history(ex.ARN)
		if want := `"salamander":{"redrive":{"by":"arn:me","from":"B","redriveCount":1,`; !strings.Contains(sorted(t, events[history]), want) {
			t.Errorf("the redrive's event: got %s; want %s", events[history], want)
		}
		all, err := store.Repairs(t.Context(), ex.Key)
		if err != nil || len(all) != 1 || all[0].From != "B" || all[0].By != "arn:me" || all[0].Count != 1 {
			t.Errorf("repairs: got %+v, %v", all, err)
		}
		e.Close()
	})
}

// sorted is a document with its members in order.
func sorted(t *testing.T, text string) string {
	t.Helper()
	var doc any
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Variables are those of the last time that the state was entered, through
// redrives that went back, and those of a branch are its own.
func TestRedriveTwiceFromAState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, broken := newMemory(), &atomic.Value{}
		broken.Store("E")
		opt := options(store, echoing(broken))
		opt.parse = nil
		e := open(t, opt)
		ex := start(t, e, steps)
		for i, want := range []string{`{"v":"A","in":{"x":0}}`, `{"v":"A","in":{"x":1}}`, `{"v":"A","in":{"x":2}}`} {
			synctest.Wait()
			broken.Store("B")
			r := Repair{From: "B", Input: json.RawMessage(fmt.Sprintf(`{"x":%d}`, i))}
			if _, err := e.RedriveWith(t.Context(), ex.ARN, "", r); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			got, err := store.Execution(t.Context(), ex.ARN)
			if err != nil || got.Cause == nil || *got.Cause != want {
				t.Errorf("redrive %d: got %+v, %v; want the cause %s", i, got, err, want)
			}
		}
		place, err := func() (asl.Place, error) {
			m, err := asl.Parse([]byte(steps), asl.ParseOptions{})
			if err != nil {
				t.Fatal(err)
			}
			return m.PlaceOf("D")
		}()
		if err != nil || place.Fork != "P" {
			t.Fatalf("place of D: got %+v, %v", place, err)
		}
		last, err := e.lastEntry(t.Context(), ex.Key, "D", place)
		if got := string(last.variables()); err != nil || got != `{"w":1}` {
			t.Errorf("variables of D: got %s, %v", got, err)
		}
		e.Close()
	})
}

// With another definition, inputs and outputs.
func TestRedriveWithAnotherDefinition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, broken := newMemory(), &atomic.Value{}
		broken.Store("E")
		opt := options(store, echoing(broken))
		opt.parse = nil
		e := open(t, opt)
		ex := start(t, e, steps)
		synctest.Wait()
		refused := func(r Repair, want string) {
			t.Helper()
			_, err := e.RedriveWith(t.Context(), ex.ARN, "", r)
			var no *asl.RepairError
			if !errors.As(err, &no) || !strings.Contains(no.Msg, want) {
				t.Errorf("%+v: got %v; want %q", r, err, want)
			}
			if _, planned := e.PreviewRedrive(t.Context(), ex.ARN, r); planned == nil || planned.Error() != err.Error() {
				t.Errorf("%+v: the preview's error is %v; want %v", r, planned, err)
			}
		}
		refused(Repair{From: "Aa"}, `the definition has no state "Aa" (did you mean "A"?)`)
		refused(Repair{Outputs: map[string]json.RawMessage{"C": json.RawMessage(`1`)}}, `state "C" assigns variables`)
		other := `{"StartAt":"New","States":{"New":{"Type":"Task","Resource":"` + function + `","Next":"Old"},
			"Old":{"Type":"Task","Resource":"` + function + `","Next":"End"},"End":{"Type":"Pass","End":true}}}`
		refused(Repair{Definition: other}, `the new definition has no state "E", at which the execution stands`)
		refused(Repair{Definition: other, From: "New"}, `the execution has never entered "New": give it an input`)
		_, err := e.RedriveWith(t.Context(), ex.ARN, "", Repair{Definition: `{"StartAt":"X"}`})
		var mistakes asl.Errors
		if !errors.As(err, &mistakes) {
			t.Errorf("a definition with mistakes: got %v; want asl.Errors", err)
		}
		if n := e.Open(); n != 0 || store.status(ex.ARN) != Failed {
			t.Errorf("after what was refused: %d open, %s", n, store.status(ex.ARN))
		}

		r := Repair{Definition: other, From: "New", Input: json.RawMessage(`{"in":1}`), Outputs: map[string]json.RawMessage{"Old": json.RawMessage(`{"given":2}`)}}
		if p, err := e.PreviewRedrive(t.Context(), ex.ARN, r); err != nil || !p.Changed {
			t.Errorf("preview: got %+v, %v", p, err)
		}
		broken.Store("New")
		if _, err := e.RedriveWith(t.Context(), ex.ARN, "", r); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := store.status(ex.ARN); got != Failed {
			t.Fatalf("got %s; want FAILED", got)
		}
		// The definition stays with the execution, through a restart too.
		e.Close()
		broken.Store("")
		e = open(t, opt)
		if _, err := e.Redrive(t.Context(), ex.ARN, ""); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		got, err := store.Execution(t.Context(), ex.ARN)
		if err != nil || got.Status != Succeeded || *got.Output != `{"given":2}` || got.Definition != DefinitionHash(other) || got.Redrives != 2 {
			t.Errorf("got %+v, %v", got, err)
		}
		all, err := store.Repairs(t.Context(), ex.Key)
		if err != nil || len(all) != 1 || all[0].Definition != DefinitionHash(other) || all[0].Replaced != ex.Definition || !all[0].Input || fmt.Sprint(all[0].Outputs) != "[Old]" {
			t.Errorf("repairs: got %+v, %v", all, err)
		}
		_, err = e.RedriveWith(t.Context(), ex.ARN, "", r)
		wantReason(t, err, "Execution is SUCCEEDED and cannot be redriven")
		_, err = e.PreviewRedrive(t.Context(), ex.ARN, r)
		wantReason(t, err, "Execution is SUCCEEDED and cannot be redriven")
		e.Close()
	})
}
