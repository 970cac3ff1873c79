package logs

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"salamander/logs"
)

// GetLogEventsInput is the input of GetLogEvents.
type GetLogEventsInput struct {
	LogGroupName       string `json:"logGroupName"`
	LogGroupIdentifier string `json:"logGroupIdentifier"`
	LogStreamName      string `json:"logStreamName"`
	StartTime          *int64 `json:"startTime"`
	EndTime            *int64 `json:"endTime"`
	NextToken          string `json:"nextToken"`
	Limit              int    `json:"limit"`
	StartFromHead      bool   `json:"startFromHead"`
	Unmask             bool   `json:"unmask"` // nothing is ever masked
}

// GetLogEventsOutput is the output of GetLogEvents.
type GetLogEventsOutput struct {
	Events            []OutputLogEvent `json:"events"`
	NextForwardToken  string           `json:"nextForwardToken"`
	NextBackwardToken string           `json:"nextBackwardToken"`
}

// OutputLogEvent is an event as GetLogEvents tells it.
type OutputLogEvent struct {
	Timestamp     int64  `json:"timestamp"`
	Message       string `json:"message"`
	IngestionTime int64  `json:"ingestionTime"`
}

// The limits of a page.
const (
	maxEvents = 10_000
	maxPage   = 1 << 20 // bytes
)

// GetLogEvents reads a page of a stream: the last events first, unless told
// to start from the head; the oldest first within a page. A token goes on
// from its page, forward or backward. At the end the same token comes back.
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
func (s *Service) GetLogEvents(ctx context.Context, in *GetLogEventsInput) (*GetLogEventsOutput, error) {
	group, err := identify(ctx, in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	q := logs.EventQuery{Group: group, Streams: []string{in.LogStreamName}, From: timeOf(in.StartTime), To: timeOf(in.EndTime),
		Limit: orDefault(in.Limit, maxEvents), Backward: !in.StartFromHead}
	at, err := readPosition(in.NextToken)
	if err != nil {
		return nil, err
	}
	switch {
	case strings.HasPrefix(in.NextToken, "f/"):
		q.After, q.Backward = &at, false
	case in.NextToken != "":
		q.Before, q.Backward = &at, true
	}
	events, err := s.logs.Events(ctx, q)
	if err != nil {
		return nil, fault(err)
	}
	events = firstPage(events)
	if q.Backward {
		slices.Reverse(events)
	}
	return getOutput(events, at), nil
}

// firstPage returns as many events as one answer may have.
func firstPage(events []logs.Event) []logs.Event {
	size := 0
	for i, e := range events {
		size += len(e.Message) + frameBytes
		if size > maxPage && i > 0 {
			return events[:i]
		}
	}
	return events
}

func getOutput(events []logs.Event, at logs.Position) *GetLogEventsOutput {
	out := &GetLogEventsOutput{Events: make([]OutputLogEvent, len(events))}
	first, last := at, at
	for i, e := range events {
		out.Events[i] = OutputLogEvent{e.Time.UnixMilli(), e.Message, e.Ingested.UnixMilli()}
		if i == 0 {
			first = e.Position()
		}
		last = e.Position()
	}
	out.NextForwardToken = "f/" + eventID(last) + "/s"
	out.NextBackwardToken = "b/" + eventID(first) + "/s"
	return out
}

// readPosition reads a token of GetLogEvents: f or b, 56 digits, s.
func readPosition(token string) (logs.Position, error) {
	if token == "" {
		return logs.Position{}, nil
	}
	parts := strings.Split(token, "/")
	if len(parts) != 3 || parts[0] != "f" && parts[0] != "b" || parts[2] != "s" || len(parts[1]) != 56 {
		return logs.Position{}, invalid("The specified nextToken is invalid.")
	}
	var p logs.Position
	var err error
	if p.Millis, err = strconv.ParseInt(parts[1][:37], 10, 64); err == nil {
		p.Seq, err = strconv.ParseInt(parts[1][37:], 10, 64)
	}
	if err != nil || p.Millis < 0 || p.Seq < 0 || fmt.Sprintf("%037d", p.Millis) != parts[1][:37] {
		return logs.Position{}, invalid("The specified nextToken is invalid.")
	}
	return p, nil
}
