package events

import (
	"context"
	"encoding/json"
	"strings"

	"salamander/event"
	"salamander/internal/value"
	"salamander/operation"
)

// PutEventsInput is the input of [Service.PutEvents].
type PutEventsInput struct{ Entries []PutEventsEntry }

// PutEventsEntry is an event to put.
type PutEventsEntry struct {
	Time         *operation.Time
	Source       string
	Resources    []string
	DetailType   string
	Detail       string
	EventBusName string
	TraceHeader  string // taken and not used, as AWS uses it for tracing only
}

// PutEventsOutput is the output of [Service.PutEvents].
type PutEventsOutput struct {
	FailedEntryCount int
	Entries          []PutEventsResultEntry
}

// PutEventsResultEntry tells of one event.
type PutEventsResultEntry struct {
	EventId      string `json:",omitempty"`
	ErrorCode    string `json:",omitempty"`
	ErrorMessage string `json:",omitempty"`
}

// maxEntries bounds the size of all entries together, in bytes.
const maxEntries = 1 << 20

// PutEvents gives events to buses. It answers when what they cause is durable.
// An entry for a bus that is not there fails, where AWS would take it and
// drop it.
//
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
func (s *Service) PutEvents(ctx context.Context, in *PutEventsInput) (*PutEventsOutput, error) {
	size := 0
	for _, e := range in.Entries {
		size += len(e.Source) + len(e.DetailType) + len(e.Detail)
		if e.Time != nil {
			size += 14
		}
		for _, r := range e.Resources {
			size += len(r)
		}
	}
	if size > maxEntries {
		return nil, invalid("Total size of the entries in the request is over the limit.")
	}
	out := &PutEventsOutput{Entries: make([]PutEventsResultEntry, len(in.Entries))}
	byBus := map[string][]event.Event{}
	var order []string
	for i, entry := range in.Entries {
		bus, ev, err := s.entry(ctx, entry)
		if err != nil {
			out.Entries[i] = PutEventsResultEntry{ErrorCode: err.Code, ErrorMessage: err.Message}
			out.FailedEntryCount++
			continue
		}
		out.Entries[i].EventId = ev.ID
		if byBus[bus] == nil {
			order = append(order, bus)
		}
		byBus[bus] = append(byBus[bus], ev)
	}
	for _, bus := range order {
		if err := s.events.Put(ctx, scope(ctx), bus, byBus[bus]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) entry(ctx context.Context, in PutEventsEntry) (bus string, ev event.Event, fault *operation.Error) {
	for _, m := range [][2]string{{"Source", in.Source}, {"DetailType", in.DetailType}, {"Detail", in.Detail}} {
		if m[1] == "" {
			return "", ev, operation.Errorf("InvalidArgument", "Parameter %s is not valid. Reason: %s is a required argument.", m[0], m[0])
		}
	}
	if strings.HasPrefix(in.Source, "aws.") {
		return "", ev, operation.Errorf("NotAuthorizedForSourceException", "Not authorized for the source.")
	}
	v, err := value.Parse([]byte(in.Detail))
	if _, ok := v.(*value.Object); err != nil || !ok {
		return "", ev, operation.Errorf("MalformedDetail", "Detail is malformed.")
	}
	if bus, err = busName(ctx, in.EventBusName); err == nil {
		_, err = s.events.Bus(scope(ctx), bus)
	}
	if err != nil {
		return "", ev, operation.Errorf("ResourceNotFoundException", "Event bus %s does not exist.", in.EventBusName)
	}
	ev = event.Event{Scope: scope(ctx), ID: operation.NewID(ctx), Type: in.DetailType, Source: in.Source, Time: s.events.Now(),
		Resources: in.Resources, Detail: value.Append(nil, v)}
	if in.Time != nil {
		ev.Time = in.Time.Time
	}
	return bus, ev, nil
}

// TestEventPatternInput is the input of [Service.TestEventPattern].
type TestEventPatternInput struct {
	EventPattern string
	Event        string
}

// TestEventPatternOutput is the output of [Service.TestEventPattern].
type TestEventPatternOutput struct{ Result bool }

// TestEventPattern tells whether a pattern takes an event.
//
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html
func (s *Service) TestEventPattern(_ context.Context, in *TestEventPatternInput) (*TestEventPatternOutput, error) {
	p, err := compile(in.EventPattern)
	if err != nil {
		return nil, err
	}
	v, err := value.Parse([]byte(in.Event))
	if err != nil {
		return nil, invalid("Parameter Event is not valid.")
	}
	if reason := wrongWith(in.Event); reason != "" {
		return nil, invalid("Parameter Event is not valid. Reason: %s", reason)
	}
	return &TestEventPatternOutput{p.Matches(v)}, nil
}

// wrongWith tells what an event lacks of the fields that EventBridge asks for.
func wrongWith(text string) string {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &fields); err != nil {
		return "The event must be a JSON object."
	}
	for _, name := range []string{"id", "account", "source", "time", "region", "resources", "detail-type"} {
		if _, ok := fields[name]; !ok {
			return name + " is a required argument."
		}
	}
	return ""
}
