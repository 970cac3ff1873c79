package asl

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// cases is the recorded corpus, beside the repository.
const cases = "../../shared/conformance/cases"

// least is how many cases of each area must pass at level history. It only
// rises.
var least = map[string]int{
	"activities": 4, "api": 4, "api_aliasing": 2, "api_express": 1, "arguments": 3, "assign": 21, "base": 25, "callback": 13,
	"choice": 319, "context": 5, "credentials": 5, "error_handling": 21, "express": 4, "intrinsics": 107, "jsonata": 11,
	"lambda": 14, "local_mocking": 7, "logs": 16, "output": 10, "querylanguage": 8, "scenarios": 77, "services": 30,
	"states_variables": 6, "timeouts": 5,
}

// A recorded is one case of kind execution.
type recorded struct {
	ID, Kind, Area string
	MachineType    string `json:"machine_type"`
	Features       []string
	Definition     json.RawMessage
	Request        struct{ Definition string }
	Input          json.RawMessage
	InputText      string `json:"inputText"`
	InputAbsent    bool   `json:"input_absent"`
	RoleArn        string `json:"role_arn"`
	MachineName    string `json:"machine_name"`
	ExecutionName  string `json:"execution_name"`
	AssumedNow     string `json:"assumed_now"`
	HistoryOrder   string `json:"history_order"`
	HistoryMode    string `json:"history_mode"`
	FromRecording  bool   `json:"definition_from_recording"`
	Actions        json.RawMessage
	Expect         struct {
		Status        string
		Output        json.RawMessage
		Error, Cause  json.RawMessage
		History       []recordedEvent
		ErrorResponse json.RawMessage
	}
}

type recordedEvent struct {
	ID, PreviousEventID *int64
	Type                string
	Details             map[string]any
}

// needs tells why a case is not for this package, or not yet.
func (c *recorded) needs() string {
	switch {
	case slices.Contains(c.Features, "distributed_map"):
		return "Map in mode DISTRIBUTED"
	case c.FromRecording:
		return "a definition that was guessed"
	case slices.Contains(c.Features, "Task") && len(c.Expect.History) == 0:
		return "tasks without recorded results"
	case len(c.Expect.History) == 0 && c.Expect.Status == "":
		return "no outcome"
	case c.Expect.Status == "RUNNING" || c.Expect.Status == "ABORTED" || c.Actions != nil:
		return "actions from outside"
	}
	return ""
}

// TestConformance replays the recorded executions of AWS: the tasks' results
// are those of the recording, the clock is virtual.
func TestConformance(t *testing.T) {
	files, _ := filepath.Glob(cases + "/*/*.json")
	if len(files) == 0 {
		t.Skip("no recorded cases beside the repository")
	}
	type count struct{ pass, outcome, fail, skip int }
	areas := map[string]*count{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var c recorded
		if json.Unmarshal(b, &c) != nil || c.Kind != "execution" && c.Kind != "execution_sync" && c.Kind != "execution_express_async" {
			continue
		}
		n := areas[c.Area]
		if n == nil {
			n = new(count)
			areas[c.Area] = n
		}
		if why := c.needs(); why != "" {
			n.skip++
			continue
		}
		outcome, history := c.check(t)
		if outcome == "" {
			n.outcome++
		}
		if outcome == "" && history == "" {
			n.pass++
			continue
		}
		n.fail++
		t.Logf("%s\n\t%s", c.ID, strings.TrimSpace(outcome+"\n\t"+history))
	}
	names := make([]string, 0, len(areas))
	for a := range areas {
		names = append(names, a)
	}
	slices.Sort(names)
	for _, a := range names {
		n := areas[a]
		t.Logf("%-22s history %3d  outcome %3d  of %3d  skipped %3d", a, n.pass, n.outcome, n.pass+n.fail, n.skip)
		if n.pass < least[a] {
			t.Errorf("area %s: %d pass at level history; want at least %d", a, n.pass, least[a])
		}
	}
}

// check runs a case, twice, once through JSON after each event.
func (c *recorded) check(t *testing.T) (outcome, history string) {
	first, err := c.play(false)
	if err != nil {
		return err.Error(), ""
	}
	again, err := c.play(true)
	if err != nil {
		return "restarted: " + err.Error(), ""
	}
	if !reflect.DeepEqual(first.history, again.history) || !reflect.DeepEqual(first.outcome, again.outcome) {
		t.Errorf("%s: another history when restarted after each event", c.ID)
	}
	return c.compareOutcome(first.outcome), c.compareHistory(first.history)
}

func (c *recorded) text() []byte {
	if c.Request.Definition != "" {
		return []byte(c.Request.Definition)
	}
	return c.Definition
}

// A player drives a machine with a virtual clock and recorded results.
type player struct {
	history []HistoryEvent
	outcome *Outcome
	now     time.Time
	queue   []due
	turns   int
}

type due struct {
	at time.Time
	ev Event
}

func (p *player) push(d due) {
	i := slices.IndexFunc(p.queue, func(q due) bool { return q.at.After(d.at) })
	if i < 0 {
		i = len(p.queue)
	}
	p.queue = slices.Insert(p.queue, i, d)
}

func (c *recorded) play(restart bool) (*player, error) {
	m, err := Parse(c.text(), ParseOptions{Express: c.MachineType == "EXPRESS"})
	if err != nil {
		return nil, fmt.Errorf("parse: %w", err)
	}
	input := c.Input
	if c.InputText != "" {
		input = json.RawMessage(c.InputText)
	}
	if c.InputAbsent {
		input = nil
	}
	p := &player{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	if at, err := parseTimestamp(c.AssumedNow); err == nil {
		p.now = at
	}
	name := c.ExecutionName
	if name == "" {
		name = "x"
	}
	execution := "arn:aws:states:us-east-1:111111111111:execution:" + c.MachineName + ":" + name
	if c.MachineType == "EXPRESS" {
		execution = "arn:aws:states:us-east-1:111111111111:express:" + c.MachineName + ":" + name + ":1"
	}
	machineArn := "arn:aws:states:us-east-1:111111111111:stateMachine:" + c.MachineName
	dec, err := m.Start(Start{At: p.now, Input: input, Context: ContextInfo{
		ExecutionArn: execution, ExecutionName: name,
		RoleArn: c.RoleArn, StateMachineArn: machineArn, StateMachineName: c.MachineName, StartTime: p.now}})
	script := c.results()
	for {
		if err != nil {
			return nil, err
		}
		p.turns++
		p.history = append(p.history, dec.History...)
		if dec.Outcome != nil {
			p.outcome = dec.Outcome
			return p, nil
		}
		for _, cmd := range dec.Commands {
			switch cmd.Kind {
			case SetTimer:
				p.push(due{cmd.At, Event{Kind: TimerFired, Command: cmd.ID}})
			case RunTask:
				if len(script) == 0 {
					return nil, fmt.Errorf("more tasks than recorded")
				}
				for _, ev := range script[0] {
					ev.Command = cmd.ID
					p.push(due{p.now, ev})
				}
				script = script[1:]
			case CancelTask, CancelTimer:
				p.queue = slices.DeleteFunc(p.queue, func(d due) bool { return d.ev.Command == cmd.ID })
			}
		}
		if len(p.queue) == 0 {
			return nil, fmt.Errorf("nothing is to happen, and no outcome")
		}
		next := p.queue[0]
		p.queue = p.queue[1:]
		if next.at.After(p.now) {
			p.now = next.at
		}
		next.ev.At, next.ev.Seed = p.now, [32]byte{byte(p.turns)}
		ex := dec.Execution
		if restart {
			b, err := json.Marshal(ex)
			if err != nil {
				return nil, err
			}
			ex = new(Execution)
			if err := json.Unmarshal(b, ex); err != nil {
				return nil, err
			}
		}
		before, _ := json.Marshal(ex)
		dec, err = m.Step(ex, next.ev)
		if after, _ := json.Marshal(ex); !bytes.Equal(before, after) {
			return nil, fmt.Errorf("turn %d changed the execution it was given", p.turns)
		}
	}
}

// results gives the events of each task in the order of scheduling.
func (c *recorded) results() [][]Event {
	var all [][]Event
	h := c.Expect.History
	for i, e := range h {
		if !strings.HasSuffix(e.Type, "Scheduled") {
			continue
		}
		var events []Event
		for _, e := range h[i+1:] {
			text := func(k string) (string, bool) {
				v, ok := e.Details[k]
				if s, is := v.(string); is {
					return s, ok
				}
				if o, is := v.(map[string]any); is && o["$json"] != nil {
					v = o["$json"]
				}
				if strings.HasPrefix(e.Type, "Lambda") {
					return pythonJSON(v), ok
				}
				return plainJSON(v), ok
			}
			ev := Event{}
			done := true
			switch {
			case strings.HasSuffix(e.Type, "FunctionStarted"), e.Type == "TaskStarted":
				ev.Kind, done = TaskStarted, false
			case e.Type == "ActivityStarted":
				ev.Kind, done = ActivityStarted, false
				ev.Worker, _ = e.Details["workerName"].(string)
			case e.Type == "TaskSubmitted":
				ev.Kind, done = TaskSubmitted, false
				ev.Output = json.RawMessage(plainJSON(e.Details["output"]))
			case strings.HasSuffix(e.Type, "Succeeded") && e.Details["output"] != nil || e.Type == "TaskSucceeded" || e.Type == "LambdaFunctionSucceeded":
				ev.Kind, ev.Output = TaskSucceeded, json.RawMessage(plainJSON(e.Details["output"]))
			case strings.HasSuffix(e.Type, "TimedOut"):
				ev.Kind = 0
			case strings.HasSuffix(e.Type, "Failed"):
				ev.Kind = TaskFailed
				var ok bool
				ev.Error, ok = text("error")
				ev.NoError = !ok
				ev.Cause, ok = text("cause")
				ev.NoCause = !ok
				if ev.Error == "States.DataLimitExceeded" {
					ev = Event{Kind: TaskSucceeded, Output: json.RawMessage(`"` + strings.Repeat("a", 263168) + `"`)}
				}
			default:
				continue
			}
			if ev.Kind != 0 {
				events = append(events, ev)
			}
			if done {
				break
			}
		}
		all = append(all, events)
	}
	return all
}

// pythonJSON writes errors as Lambda's Python runtime does, with blanks.
func pythonJSON(v any) string {
	o, ok := v.(map[string]any)
	if !ok {
		return plainJSON(v)
	}
	keys := make([]string, 0, len(o))
	for k := range o {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	parts := make([]string, len(keys))
	for i, k := range keys {
		parts[i] = plainJSON(k) + ": " + plainJSON(o[k])
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func plainJSON(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err.Error()
	}
	return strings.TrimSpace(b.String())
}

func (c *recorded) compareOutcome(o *Outcome) string {
	if c.Expect.Status != "" && string(o.Status) != c.Expect.Status {
		why := ""
		if o.Error != nil {
			why = *o.Error
		}
		if o.Cause != nil {
			why += ": " + *o.Cause
		}
		return fmt.Sprintf("status %s %s; want %s", o.Status, why, c.Expect.Status)
	}
	if c.Expect.Output != nil && string(c.Expect.Output) != "null" || o.Output != nil {
		var want any
		_ = json.Unmarshal(c.Expect.Output, &want)
		if d := diff(want, decoded(string(o.Output)), "/output"); d != "" {
			return d
		}
	}
	for _, one := range []struct {
		name string
		want json.RawMessage
		got  *string
	}{{"/error", c.Expect.Error, o.Error}, {"/cause", c.Expect.Cause, o.Cause}} {
		if one.want == nil {
			continue
		}
		var want, got any
		_ = json.Unmarshal(one.want, &want)
		if one.got != nil {
			got = *one.got
		}
		if d := diff(want, got, one.name); d != "" {
			return d
		}
	}
	return ""
}

func (c *recorded) compareHistory(got []HistoryEvent) string {
	want := c.Expect.History
	if len(want) == 0 {
		return ""
	}
	if c.HistoryOrder == "partial" || c.HistoryMode != "" {
		return compareLoosely(want, got, strings.HasSuffix(c.HistoryMode, "lossy"))
	}
	for i := range max(len(want), len(got)) {
		if i >= len(want) || i >= len(got) {
			kinds := func() (s string) {
				if i < len(want) {
					return "want " + want[i].Type
				}
				return "got " + got[i].Type
			}
			return fmt.Sprintf("/%d: one history is shorter: %s", i, kinds())
		}
		if d := want[i].diff(got[i], i); d != "" {
			return d
		}
	}
	return ""
}

func (w recordedEvent) diff(g HistoryEvent, i int) string {
	if w.Type != g.Type {
		return fmt.Sprintf("/%d: got %s %s; want %s", i, g.Type, g.Details, w.Type)
	}
	if w.ID != nil && (*w.ID != g.ID || *w.PreviousEventID != g.PreviousID) {
		return fmt.Sprintf("/%d %s: got ids %d after %d; want %d after %d", i, w.Type, g.ID, g.PreviousID, *w.ID, *w.PreviousEventID)
	}
	if (w.Details == nil) != (g.Details == nil) {
		return fmt.Sprintf("/%d %s: got details %s; want %v", i, w.Type, g.Details, w.Details)
	}
	if w.Details == nil {
		return ""
	}
	want := map[string]any{}
	for k, v := range w.Details {
		if !strings.HasSuffix(k, "Text") {
			want[k] = v
		}
	}
	var have map[string]any
	if err := json.Unmarshal(g.Details, &have); err != nil {
		return err.Error()
	}
	for _, k := range []string{"input", "output", "parameters"} {
		if s, ok := have[k].(string); ok {
			have[k] = decoded(s)
		}
	}
	if vars, ok := have["assignedVariables"].(map[string]any); ok {
		for k, v := range vars {
			vars[k] = decoded(v.(string))
		}
	}
	return diff(want, have, fmt.Sprintf("/%d %s", i, w.Type))
}

// compareLoosely takes the events as a set: branches may interleave.
func compareLoosely(want []recordedEvent, got []HistoryEvent, lossy bool) string {
	rest := slices.Clone(got)
	for _, w := range want {
		w.ID = nil
		i := slices.IndexFunc(rest, func(g HistoryEvent) bool { return w.diff(g, 0) == "" })
		if i < 0 {
			if strings.HasSuffix(w.Type, "Aborted") {
				continue
			}
			return fmt.Sprintf("no %s %s", w.Type, plainJSON(w.Details))
		}
		rest = slices.Delete(rest, i, i+1)
	}
	for _, g := range rest {
		if !lossy && !regexp.MustCompile("Aborted|(Parallel|Map)State(Succeeded|Failed)").MatchString(g.Type) {
			return fmt.Sprintf("an extra %s %s", g.Type, g.Details)
		}
	}
	return ""
}

func decoded(s string) any {
	var v any
	if json.Unmarshal([]byte(s), &v) != nil {
		return s
	}
	return v
}

var placeholder = regexp.MustCompile(`<(any|cap):[^<>]*>|<iso8601>`)

// diff gives the first difference between two decoded values, with the
// corpus's placeholders.
func diff(want, got any, path string) string {
	differ := func() string {
		return fmt.Sprintf("%s: got %.300s; want %.300s", path, plainJSON(got), plainJSON(want))
	}
	switch w := want.(type) {
	case string:
		if m := placeholder.FindString(w); m == w && strings.HasPrefix(w, "<any:") {
			return ""
		}
		g, ok := got.(string)
		if !ok {
			return differ()
		}
		if g == w {
			return ""
		}
		if !placeholder.MatchString(w) {
			return differ()
		}
		re, at := "(?s)^", 0
		for _, m := range placeholder.FindAllStringIndex(w, -1) {
			re += regexp.QuoteMeta(w[at:m[0]]) + ".*"
			at = m[1]
		}
		if !regexp.MustCompile(re + regexp.QuoteMeta(w[at:]) + "$").MatchString(g) {
			return differ()
		}
		return ""
	case map[string]any:
		if inner, ok := w["$json"]; ok {
			if s, is := got.(string); is {
				return diff(inner, decoded(s), path)
			}
			return differ()
		}
		g, ok := got.(map[string]any)
		if _, has := w["RedriveCount"]; ok && !has && w["StartTime"] != nil {
			delete(g, "RedriveCount") // which AWS added after that recording
		}
		if !ok || len(g) != len(w) {
			return differ()
		}
		for k := range w {
			if _, ok := g[k]; !ok {
				return differ()
			}
			if d := diff(w[k], g[k], path+"/"+k); d != "" {
				return d
			}
		}
		return ""
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return differ()
		}
		for i := range w {
			if d := diff(w[i], g[i], fmt.Sprintf("%s/%d", path, i)); d != "" {
				return d
			}
		}
		return ""
	}
	if !reflect.DeepEqual(want, got) {
		return differ()
	}
	return ""
}
