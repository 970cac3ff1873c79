package asl

import (
	"encoding/json"
	"strconv"

	"salamander/internal/value"
)

// MarshalJSON writes the command: by hand where it is one that most turns
// have.
func (c Command) MarshalJSON() ([]byte, error) {
	if c.Map != nil {
		type plain Command
		return json.Marshal(plain(c))
	}
	size := 96
	if c.Task != nil {
		size += 384 + len(c.Task.Parameters)
	}
	b := append(make([]byte, 0, size), `{"id":`...)
	b = strconv.AppendInt(b, c.ID, 10)
	b = append(b, `,"kind":`...)
	b = strconv.AppendInt(b, int64(c.Kind), 10)
	if c.Task != nil {
		b = append(b, `,"task":`...)
		b = c.Task.appendJSON(b)
	}
	if !c.At.IsZero() {
		b = appendTime(append(b, `,"at":`...), c.At)
	}
	return append(b, '}'), nil
}

func (t *Task) appendJSON(b []byte) []byte {
	b = append(b, `{"state":`...)
	b = value.AppendString(b, t.State)
	b = append(b, `,"integration":`...)
	b = t.Integration.appendJSON(b)
	b = append(b, `,"parameters":`...)
	if t.Parameters == nil {
		b = append(b, "null"...)
	}
	b = append(b, t.Parameters...)
	b = appendInt(b, "timeout", int64(t.Timeout))
	b = appendInt(b, "heartbeat", int64(t.Heartbeat))
	b = appendText(b, "token", t.Token)
	if len(t.Credentials) > 0 {
		b = append(append(b, `,"credentials":`...), t.Credentials...)
	}
	b = append(b, `,"attempt":`...)
	b = strconv.AppendInt(b, int64(t.Attempt), 10)
	return append(b, '}')
}
