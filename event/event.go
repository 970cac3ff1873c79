package event

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"salamander/internal/value"
)

// A Scope is the account and the region that things belong to.
type Scope struct {
	Account string `json:"account"`
	Region  string `json:"region"`
}

// An Event is what happened, as a bus takes it.
//
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
type Event struct {
	Scope
	ID        string
	Type      string // detail-type
	Source    string
	Time      time.Time
	Resources []string
	Detail    json.RawMessage // an object
}

// JSON returns the event's document, its members in EventBridge's order.
func (e Event) JSON() []byte {
	b := append([]byte(nil), `{"version":"0","id":`...)
	b = value.AppendString(b, e.ID)
	for _, m := range [][2]string{{"detail-type", e.Type}, {"source", e.Source}, {"account", e.Account},
		{"time", e.Time.UTC().Format("2006-01-02T15:04:05Z")}, {"region", e.Region}} {
		b = append(b, `,"`+m[0]+`":`...)
		b = value.AppendString(b, m[1])
	}
	b = append(b, `,"resources":[`...)
	for i, r := range e.Resources {
		if i > 0 {
			b = append(b, ',')
		}
		b = value.AppendString(b, r)
	}
	b = append(b, `],"detail":`...)
	if len(e.Detail) == 0 {
		b = append(b, "{}"...)
	}
	b = append(b, e.Detail...)
	return append(b, '}')
}

// Derive makes an identifier in the form of a UUID of what it is given: the
// same each time, so that what is done again after a crash is recognized.
func Derive(of ...string) string {
	h := sha256.New()
	for _, s := range of {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	b := h.Sum(nil)[:16]
	b[6] = b[6]&0x0f | 0x80 // version 8: made from other data
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
