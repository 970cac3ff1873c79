package logs

import (
	"context"
	"encoding/json"
	"time"

	"salamander/logs"
)

// sequenceToken is what AWS answers since it stopped to look at the tokens:
// any value, here always the same.
const sequenceToken = "49590302498098175378174374391396523422838229"

// PutLogEventsInput is the input of PutLogEvents.
type PutLogEventsInput struct {
	LogGroupName  string          `json:"logGroupName"`
	LogStreamName string          `json:"logStreamName"`
	LogEvents     []InputLogEvent `json:"logEvents"`
	SequenceToken string          `json:"sequenceToken"` // ignored, as on AWS
	Entity        json.RawMessage `json:"entity"`
}

// InputLogEvent is an event to put.
type InputLogEvent struct {
	Timestamp int64  `json:"timestamp"`
	Message   string `json:"message"`
}

// PutLogEventsOutput is the output of PutLogEvents.
type PutLogEventsOutput struct {
	NextSequenceToken     string                 `json:"nextSequenceToken"`
	RejectedLogEventsInfo *RejectedLogEventsInfo `json:"rejectedLogEventsInfo,omitempty"`
}

// RejectedLogEventsInfo tells which events were not taken.
type RejectedLogEventsInfo struct {
	TooNewLogEventStartIndex *int `json:"tooNewLogEventStartIndex,omitempty"`
	TooOldLogEventEndIndex   *int `json:"tooOldLogEventEndIndex,omitempty"`
	ExpiredLogEventEndIndex  *int `json:"expiredLogEventEndIndex,omitempty"`
}

// The limits of a batch.
const (
	maxBatch   = 1_048_576 // bytes, with frameBytes an event
	frameBytes = 26
	maxSpan    = 24 * time.Hour
	maxFuture  = 2 * time.Hour
	maxPast    = 14 * 24 * time.Hour
)

// PutLogEvents adds events to a stream, but for those that are too new or too old.
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
func (s *Service) PutLogEvents(ctx context.Context, in *PutLogEventsInput) (*PutLogEventsOutput, error) {
	if len(in.Entity) > 0 {
		return nil, refuse("PutLogEvents", "the member entity")
	}
	if err := in.judge(); err != nil {
		return nil, err
	}
	id := groupID(ctx, in.LogGroupName)
	group, err := s.logs.Group(ctx, id)
	if err != nil {
		return nil, fault(err)
	}
	taken, rejected := sift(in.LogEvents, s.logs.Now(), group.Retention)
	events := make([]logs.Event, len(taken))
	for i, e := range taken {
		events[i] = logs.Event{Time: time.UnixMilli(e.Timestamp).UTC(), Message: e.Message}
	}
	if err := s.logs.Put(ctx, id, in.LogStreamName, events); err != nil {
		return nil, fault(err)
	}
	return &PutLogEventsOutput{NextSequenceToken: sequenceToken, RejectedLogEventsInfo: rejected}, nil
}

func (in *PutLogEventsInput) judge() error {
	size := 0
	for i, e := range in.LogEvents {
		size += len(e.Message) + frameBytes
		if i > 0 && e.Timestamp < in.LogEvents[i-1].Timestamp {
			return invalid("Log events in a single PutLogEvents request must be in chronological order.")
		}
	}
	if size > maxBatch {
		return invalid("Upload too large: %d bytes exceeds limit of %d", size, maxBatch)
	}
	if n := len(in.LogEvents); n > 0 && in.LogEvents[n-1].Timestamp-in.LogEvents[0].Timestamp > maxSpan.Milliseconds() {
		return invalid("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
	}
	return nil
}

// sift parts the events, which are in order of time, from those that are too
// new, too old, or beyond the retention in days.
func sift(events []InputLogEvent, now time.Time, retention int) ([]InputLogEvent, *RejectedLogEventsInfo) {
	from, to := 0, len(events)
	var r RejectedLogEventsInfo
	before := func(limit time.Time) *int {
		n := 0
		for n < len(events) && events[n].Timestamp < limit.UnixMilli() {
			n++
		}
		if n == 0 {
			return nil
		}
		from = max(from, n)
		return &n
	}
	r.TooOldLogEventEndIndex = before(now.Add(-maxPast))
	if retention > 0 {
		r.ExpiredLogEventEndIndex = before(now.AddDate(0, 0, -retention))
	}
	for i, e := range events {
		if e.Timestamp > now.Add(maxFuture).UnixMilli() {
			to, r.TooNewLogEventStartIndex = i, &i
			break
		}
	}
	if r == (RejectedLogEventsInfo{}) {
		return events, nil
	}
	return events[min(from, to):to], &r
}
