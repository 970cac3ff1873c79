package asl

import (
	"encoding/json"
	"strconv"
	"time"
)

// A HistoryEvent is one event of an execution's history.
type HistoryEvent struct {
	ID, PreviousID int64
	At             time.Time
	Type           string          // AWS's name: "TaskStateEntered"
	Details        json.RawMessage // nil when AWS sends no details member
	Own            json.RawMessage // a member "salamander" that AWS does not have; nil for none
}

// MarshalJSON writes the event as GetExecutionHistory gives it, with the time
// in seconds since 1970 and milliseconds behind the point.
func (e HistoryEvent) MarshalJSON() ([]byte, error) {
	return e.AppendJSON(make([]byte, 0, e.Size())), nil
}

// Size is a little more than the length of the event as JSON, in bytes.
func (e *HistoryEvent) Size() int { return len(e.Details) + len(e.Own) + 176 }

// AppendJSON appends what MarshalJSON writes.
func (e *HistoryEvent) AppendJSON(b []byte) []byte {
	b = append(b, `{"timestamp":`...)
	ms := e.At.UnixMilli()
	b = strconv.AppendFloat(b, float64(ms)/1000, 'f', 3, 64)
	b = append(b, `,"type":"`...)
	b = append(b, e.Type...)
	b = append(b, `","id":`...)
	b = strconv.AppendInt(b, e.ID, 10)
	b = append(b, `,"previousEventId":`...)
	b = strconv.AppendInt(b, e.PreviousID, 10)
	if e.Details != nil {
		b = append(b, `,"`...)
		b = appendDetailsMember(b, e.Type)
		b = append(b, `":`...)
		b = append(b, e.Details...)
	}
	if e.Own != nil {
		b = append(b, `,"salamander":`...)
		b = append(b, e.Own...)
	}
	return append(b, '}')
}

// DetailsMember returns the name of the member that holds the details of
// events of this type: "stateEnteredEventDetails" for "PassStateEntered".
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
func DetailsMember(eventType string) string { return string(appendDetailsMember(nil, eventType)) }

func appendDetailsMember(b []byte, eventType string) []byte {
	for _, kind := range [...]string{"StateEntered", "StateExited"} {
		if n := len(eventType) - len(kind); n > 0 && eventType[n:] == kind {
			return append(append(append(b, 's'), kind[1:]...), "EventDetails"...)
		}
	}
	return append(append(append(b, eventType[0]|0x20), eventType[1:]...), "EventDetails"...)
}
