package asl

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"

	"salamander/internal/value"
)

// The state of an execution is written with every turn: by hand, since that
// takes a tenth of the time that reflection takes. encode_test.go holds every
// field to what encoding/json writes.

// MarshalJSON writes the state with its format number.
func (ex *Execution) MarshalJSON() ([]byte, error) {
	b := append(make([]byte, 0, 1024), `{"Format":`...)
	b = strconv.AppendInt(b, int64(ex.Format), 10)
	b = append(b, `,"Context":`...)
	b = ex.Context.appendJSON(b)
	b = append(b, `,"Input":`...)
	b = value.Append(b, ex.Input.v)
	b = append(b, `,"LastEvent":`...)
	b = strconv.AppendInt(b, ex.LastEvent, 10)
	b = append(b, `,"LastCommand":`...)
	b = strconv.AppendInt(b, ex.LastCommand, 10)
	b = appendInt(b, "Timer", ex.Timer)
	b = appendTrue(b, "Ended", ex.Ended)
	b = append(b, `,"Root":`...)
	b = ex.Root.appendJSON(b)
	if len(ex.Given) > 0 {
		b = append(b, `,"Given":{`...)
		for i, name := range slices.Sorted(maps.Keys(ex.Given)) {
			b = append(value.AppendString(comma(b, i), name), ':')
			b = value.Append(b, ex.Given[name].v)
		}
		b = append(b, '}')
	}
	return append(b, '}'), nil
}

func (c *ContextInfo) appendJSON(b []byte) []byte {
	b = append(b, `{"executionArn":`...)
	b = value.AppendString(b, c.ExecutionArn)
	b = append(b, `,"executionName":`...)
	b = value.AppendString(b, c.ExecutionName)
	b = append(b, `,"roleArn":`...)
	b = value.AppendString(b, c.RoleArn)
	b = append(b, `,"startTime":`...)
	b = appendTime(b, c.StartTime)
	b = appendInt(b, "redriveCount", int64(c.RedriveCount))
	if !c.RedriveTime.IsZero() {
		b = append(b, `,"redriveTime":`...)
		b = appendTime(b, c.RedriveTime)
	}
	b = append(b, `,"stateMachineArn":`...)
	b = value.AppendString(b, c.StateMachineArn)
	b = append(b, `,"stateMachineName":`...)
	b = value.AppendString(b, c.StateMachineName)
	b = appendText(b, "versionArn", c.VersionArn)
	b = appendText(b, "aliasArn", c.AliasArn)
	b = appendText(b, "account", c.Account)
	b = appendText(b, "region", c.Region)
	if len(c.Given) > 0 {
		b = append(append(b, `,"given":`...), c.Given...)
	}
	return append(b, '}')
}

// MarshalJSON writes the thread, and those under it.
func (th *thread) MarshalJSON() ([]byte, error) { return th.appendJSON(nil), nil }

func (th *thread) appendJSON(b []byte) []byte {
	if th == nil {
		return append(b, "null"...)
	}
	b = append(b, `{"Scope":`...)
	b = strconv.AppendInt(b, int64(th.Scope), 10)
	b = append(b, `,"Index":`...)
	b = strconv.AppendInt(b, int64(th.Index), 10)
	b = append(b, `,"State":`...)
	b = value.AppendString(b, th.State)
	b = append(b, `,"Input":`...)
	b = value.Append(b, th.Input.v)
	b = appendText(b, "Raw", th.Raw)
	b = append(b, `,"Previous":`...)
	b = strconv.AppendInt(b, th.Previous, 10)
	b = appendHeld(b, "Variable", th.Variable)
	b = appendInt(b, "Stored", int64(th.Stored))
	b = appendHeld(b, "Item", th.Item)
	b = appendInt(b, "Before", th.Before)
	b = append(b, `,"Entered":`...)
	b = strconv.AppendInt(b, th.Entered, 10)
	b = append(b, `,"EnteredAt":`...)
	b = appendTime(b, th.EnteredAt)
	b = appendInt(b, "Task", th.Task)
	b = appendInt(b, "Run", th.Run)
	b = appendTrue(b, "Started", th.Started)
	b = appendInt(b, "Timeout", th.Timeout)
	b = appendInt(b, "Heartbeat", th.Heartbeat)
	b = appendInt(b, "HeartbeatTime", int64(th.HeartbeatTime))
	if th.Resource != nil {
		b = append(b, `,"Resource":`...)
		b = th.Resource.appendJSON(b)
	}
	b = appendText(b, "Token", th.Token)
	b = appendInt(b, "Timer", th.Timer)
	b = appendText(b, "Purpose", string(th.Purpose))
	if len(th.Retries) > 0 {
		b = append(b, `,"Retries":[`...)
		for i, n := range th.Retries {
			b = strconv.AppendInt(comma(b, i), n, 10)
		}
		b = append(b, ']')
	}
	b = appendInt(b, "RetryCount", th.RetryCount)
	if th.Children.list != nil || th.Children.n != 0 {
		b = append(b, `,"Children":`...)
		b = th.Children.appendJSON(b, (*thread).appendJSON)
	}
	if th.Results.list != nil || th.Results.n != 0 {
		b = append(b, `,"Results":`...)
		b = th.Results.appendJSON(b, func(h *held, b []byte) []byte { return value.Append(b, h.v) })
	}
	if len(th.Items) > 0 {
		b = append(b, `,"Items":[`...)
		for i, h := range th.Items {
			b = value.Append(comma(b, i), h.v)
		}
		b = append(b, ']')
	}
	b = appendInt(b, "Open", int64(th.Open))
	b = appendInt(b, "Next", int64(th.Next))
	b = appendInt(b, "Limit", th.Limit)
	if th.Kept != nil {
		b = append(b, `,"Kept":`...)
		b = th.Kept.appendJSON(b)
	}
	if th.Mapped != nil {
		b = append(b, `,"Mapped":`...)
		b = th.Mapped.appendJSON(b)
	}
	return append(b, '}')
}

func (in *Integration) appendJSON(b []byte) []byte {
	b = append(b, `{"kind":`...)
	b = value.AppendString(b, string(in.Kind))
	b = append(b, `,"resource":`...)
	b = value.AppendString(b, in.Resource)
	b = appendText(b, "function", in.Function)
	b = appendText(b, "activity", in.Activity)
	b = appendText(b, "service", in.Service)
	b = appendText(b, "action", in.Action)
	b = appendText(b, "pattern", string(in.Pattern))
	return append(b, '}')
}

// appendJSON writes an array with null for what is not there.
func (p pages[T]) appendJSON(b []byte, one func(*T, []byte) []byte) []byte {
	b = append(b, '[')
	next := 0
	for i, v := range p.all() {
		for ; next < i; next++ {
			b = append(comma(b, next), "null"...)
		}
		b = one(v, comma(b, next))
		next++
	}
	for ; next < p.n; next++ {
		b = append(comma(b, next), "null"...)
	}
	return append(b, ']')
}

func comma(b []byte, i int) []byte {
	if i == 0 {
		return b
	}
	return append(b, ',')
}

func appendName(b []byte, name string) []byte {
	return append(append(append(b, `,"`...), name...), `":`...)
}

// appendInt writes a member, unless it is 0.
func appendInt(b []byte, name string, n int64) []byte {
	if n == 0 {
		return b
	}
	return strconv.AppendInt(appendName(b, name), n, 10)
}

func appendTrue(b []byte, name string, is bool) []byte {
	if !is {
		return b
	}
	return append(appendName(b, name), "true"...)
}

// appendText writes a member, unless it is empty.
func appendText(b []byte, name, text string) []byte {
	if text == "" {
		return b
	}
	return value.AppendString(appendName(b, name), text)
}

func appendHeld(b []byte, name string, h *held) []byte {
	if h == nil {
		return b
	}
	return value.Append(appendName(b, name), h.v)
}

// appendTime writes a time as encoding/json does.
func appendTime(b []byte, t time.Time) []byte {
	if text, err := t.MarshalJSON(); err == nil {
		return append(b, text...)
	}
	return append(b, `"0001-01-01T00:00:00Z"`...) // of a year that no clock has
}

var _ json.Marshaler = (*thread)(nil)
