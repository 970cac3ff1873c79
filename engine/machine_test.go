package engine

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"salamander/asl"
)

// A script is a machine for tests: its definition is a list of words run one
// after another. "pass" goes on, "task" runs a task and takes its result as
// the input of the next, "wait:1h" sets a timer, "limit:1h" sets a timer that
// times the following task out, "panic" panics.
type script []string

func parseScript(text []byte, _ asl.ParseOptions) (machine, error) {
	return script(strings.Fields(string(text))), nil
}

type scriptState struct {
	Next  int
	Event int64
	ID    int64
	Open  int64 // the command that is awaited
	Limit int64 // timer of the open task
	Seeds string
	Data  json.RawMessage
}

func (s scriptState) MarshalJSON() ([]byte, error) {
	type plain scriptState
	return json.Marshal(plain(s))
}

func (script) load(b []byte) (state, error) {
	var s scriptState
	return s, json.Unmarshal(b, &s)
}

func (sc script) start(st asl.Start) (decision, error) {
	d := &scripting{scriptState: scriptState{Data: st.Input}, at: st.At, seed: st.Seed}
	d.say("ExecutionStarted")
	return d.run(sc), nil
}

func (sc script) step(s state, ev asl.Event) (decision, error) {
	d := &scripting{scriptState: s.(scriptState), at: ev.At, seed: ev.Seed}
	switch {
	case ev.Kind == asl.Aborted:
		return d.end(asl.Abort, "ExecutionAborted"), nil
	case ev.Command == d.Limit && ev.Kind == asl.TimerFired:
		d.commands = append(d.commands, asl.Command{ID: d.Open, Kind: asl.CancelTask})
		return d.end(asl.TimedOut, "ExecutionTimedOut"), nil
	case ev.Command != d.Open:
		return decision{}, asl.ErrNotAwaited
	}
	switch ev.Kind {
	case asl.TaskStarted, asl.TaskSubmitted, asl.ActivityStarted:
		d.say(fmt.Sprint("Kind", ev.Kind))
		return d.pause(), nil
	case asl.TaskHeartbeat:
		return d.pause(), nil
	case asl.TaskFailed:
		return d.end(asl.Failed, "ExecutionFailed"), nil
	case asl.TaskSucceeded:
		d.Data = ev.Output
		if d.Limit != 0 {
			d.commands = append(d.commands, asl.Command{ID: d.Limit, Kind: asl.CancelTimer})
			d.Limit = 0
		}
	}
	d.say(fmt.Sprint("Kind", ev.Kind))
	return d.run(sc), nil
}

// redrive runs the last word again.
func (sc script) redrive(s state, ev asl.Event) (decision, error) {
	d := &scripting{scriptState: s.(scriptState), at: ev.At, seed: ev.Seed}
	d.Next, d.Open, d.Limit = max(d.Next-1, 0), 0, 0
	d.say("ExecutionRedriven")
	return d.run(sc), nil
}

type scripting struct {
	scriptState
	at       time.Time
	seed     [32]byte
	history  []asl.HistoryEvent
	commands []asl.Command
}

func (d *scripting) say(kind string) {
	d.Event++
	details, err := json.Marshal(map[string]any{"data": d.Data, "seed": fmt.Sprintf("%x", d.seed[:4])})
	if err != nil {
		panic(err)
	}
	d.history = append(d.history, asl.HistoryEvent{ID: d.Event, PreviousID: d.Event - 1, At: d.at, Type: kind, Details: details})
}

func (d *scripting) command(c asl.Command) int64 {
	d.ID++
	c.ID = d.ID
	d.commands = append(d.commands, c)
	return d.ID
}

func (d *scripting) run(sc script) decision {
	for d.Next < len(sc) {
		word, arg, _ := strings.Cut(sc[d.Next], ":")
		d.Next++
		d.say(word)
		switch word {
		case "panic":
			panic("the test says so")
		case "wait", "limit":
			pause, err := time.ParseDuration(arg)
			if err != nil {
				panic(err)
			}
			id := d.command(asl.Command{Kind: asl.SetTimer, At: d.at.Add(pause)})
			if word == "limit" {
				d.Limit = id
				continue
			}
			d.Open = id
			return d.pause()
		case "task", "token", "activity", "sync":
			task := &asl.Task{State: fmt.Sprint("s", d.Next), Parameters: d.Data, Integration: asl.Integration{Kind: asl.ServiceTask, Action: arg}}
			switch word {
			case "token":
				task.Integration.Pattern, task.Token = asl.WaitForToken, fmt.Sprintf("token-%d", d.ID+1)
			case "sync":
				task.Integration.Pattern = asl.Sync
			case "activity":
				task.Integration.Kind, task.Integration.Activity, task.Token = asl.ActivityTask, arg, fmt.Sprintf("token-%d", d.ID+1)
			}
			d.Open = d.command(asl.Command{Kind: asl.RunTask, Task: task})
			return d.pause()
		}
	}
	return d.end(asl.Succeeded, "ExecutionSucceeded")
}

func (d *scripting) pause() decision {
	return decision{state: d.scriptState, history: d.history, commands: d.commands}
}

func (d *scripting) end(status asl.Status, kind string) decision {
	d.say(kind)
	dec := d.pause()
	dec.outcome = &asl.Outcome{Status: status}
	if status == asl.Succeeded {
		dec.outcome.Output = d.Data
	}
	return dec
}
