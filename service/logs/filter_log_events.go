package logs

import (
	"context"
	"errors"

	"salamander/internal/pagetoken"
	"salamander/logs"
)

// FilterLogEventsInput is the input of FilterLogEvents.
type FilterLogEventsInput struct {
	LogGroupName        string   `json:"logGroupName"`
	LogGroupIdentifier  string   `json:"logGroupIdentifier"`
	LogStreamNames      []string `json:"logStreamNames"`
	LogStreamNamePrefix string   `json:"logStreamNamePrefix"`
	StartTime           *int64   `json:"startTime"`
	EndTime             *int64   `json:"endTime"`
	FilterPattern       string   `json:"filterPattern"`
	NextToken           string   `json:"nextToken"`
	Limit               int      `json:"limit"`
	Interleaved         bool     `json:"interleaved"` // always, as on AWS
	Unmask              bool     `json:"unmask"`      // nothing is ever masked
}

// FilterLogEventsOutput is the output of FilterLogEvents.
type FilterLogEventsOutput struct {
	Events             []FilteredLogEvent `json:"events"`
	SearchedLogStreams []struct{}         `json:"searchedLogStreams"` // empty, as on AWS since 2020
	NextToken          string             `json:"nextToken,omitempty"`
}

// FilteredLogEvent is an event as FilterLogEvents tells it.
type FilteredLogEvent struct {
	LogStreamName string `json:"logStreamName"`
	Timestamp     int64  `json:"timestamp"`
	Message       string `json:"message"`
	IngestionTime int64  `json:"ingestionTime"`
	EventID       string `json:"eventId"`
}

// scanned is how many events one call looks at, at most; a token goes on
// from there, as on AWS, where a page may be empty too.
const scanned = 50_000

// FilterLogEvents searches the events of a group, the oldest first.
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
func (s *Service) FilterLogEvents(ctx context.Context, in *FilterLogEventsInput) (*FilterLogEventsOutput, error) {
	group, err := identify(ctx, in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	if len(in.LogStreamNames) > 0 && in.LogStreamNamePrefix != "" {
		return nil, invalid("logStreamNamePrefix and logStreamNames are mutually exclusive parameters.")
	}
	filter, err := parseFilter(in.FilterPattern)
	if err != nil {
		return nil, err
	}
	q := logs.EventQuery{Group: group, Streams: in.LogStreamNames, Prefix: in.LogStreamNamePrefix,
		From: timeOf(in.StartTime), To: timeOf(in.EndTime)}
	if in.NextToken != "" {
		q.After = new(logs.Position)
		if err := readToken(in.NextToken, q.After); err != nil {
			return nil, err
		}
	}
	return s.scan(ctx, q, filter, orDefault(in.Limit, maxEvents))
}

func parseFilter(pattern string) (*logs.Filter, error) {
	filter, err := logs.ParseFilter(pattern)
	var e *logs.FilterError
	if errors.As(err, &e) {
		if e.Unsupported {
			return nil, refuse("FilterLogEvents", e.Text)
		}
		return nil, invalid("%s", e.Text)
	}
	return filter, err
}

// scan reads events until limit have passed the filter, the page is full, or
// enough were looked at.
func (s *Service) scan(ctx context.Context, q logs.EventQuery, filter *logs.Filter, limit int) (*FilterLogEventsOutput, error) {
	out := &FilterLogEventsOutput{Events: []FilteredLogEvent{}, SearchedLogStreams: []struct{}{}}
	q.Limit = min(limit, 1000) + 1
	size := 0
	for looked := 0; ; {
		events, err := s.logs.Events(ctx, q)
		if err != nil {
			return nil, fault(err)
		}
		for _, e := range events {
			if looked++; looked > scanned || len(out.Events) == limit || size > maxPage {
				out.NextToken = pagetoken.Encode(q.After)
				return out, nil
			}
			at := e.Position()
			q.After = &at
			if filter.Match(e.Message) {
				size += len(e.Message) + frameBytes
				out.Events = append(out.Events, FilteredLogEvent{e.Stream, e.Time.UnixMilli(), e.Message, e.Ingested.UnixMilli(), eventID(at)})
			}
		}
		if len(events) < q.Limit {
			return out, nil
		}
	}
}
