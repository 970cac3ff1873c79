package logs

import (
	"context"

	"salamander/internal/pagetoken"
	"salamander/logs"
)

// StreamInput is the input of operations on one stream.
type StreamInput struct {
	LogGroupName  string `json:"logGroupName"`
	LogStreamName string `json:"logStreamName"`
}

// CreateLogStream makes a stream in a group.
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html
func (s *Service) CreateLogStream(ctx context.Context, in *StreamInput) (*None, error) {
	return &None{}, fault(s.logs.CreateStream(ctx, groupID(ctx, in.LogGroupName), in.LogStreamName, s.logs.Now()))
}

// DeleteLogStream removes a stream with its events.
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogStream.html
func (s *Service) DeleteLogStream(ctx context.Context, in *StreamInput) (*None, error) {
	return &None{}, fault(s.logs.DeleteStream(ctx, groupID(ctx, in.LogGroupName), in.LogStreamName))
}

// DescribeLogStreamsInput is the input of DescribeLogStreams.
type DescribeLogStreamsInput struct {
	LogGroupName        string `json:"logGroupName"`
	LogGroupIdentifier  string `json:"logGroupIdentifier"`
	LogStreamNamePrefix string `json:"logStreamNamePrefix"`
	OrderBy             string `json:"orderBy"`
	Descending          bool   `json:"descending"`
	NextToken           string `json:"nextToken"`
	Limit               int    `json:"limit"`
}

// DescribeLogStreamsOutput is the output of DescribeLogStreams.
type DescribeLogStreamsOutput struct {
	LogStreams []LogStream `json:"logStreams"`
	NextToken  string      `json:"nextToken,omitempty"`
}

// LogStream is a stream as DescribeLogStreams tells it. As on AWS, the stored
// bytes are always 0.
type LogStream struct {
	LogStreamName       string `json:"logStreamName"`
	CreationTime        *int64 `json:"creationTime"`
	FirstEventTimestamp *int64 `json:"firstEventTimestamp,omitempty"`
	LastEventTimestamp  *int64 `json:"lastEventTimestamp,omitempty"`
	LastIngestionTime   *int64 `json:"lastIngestionTime,omitempty"`
	UploadSequenceToken string `json:"uploadSequenceToken,omitempty"`
	Arn                 string `json:"arn"`
	StoredBytes         int64  `json:"storedBytes"`
}

// DescribeLogStreams lists the streams of a group.
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html
func (s *Service) DescribeLogStreams(ctx context.Context, in *DescribeLogStreamsInput) (*DescribeLogStreamsOutput, error) {
	group, err := identify(ctx, in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	q := logs.StreamQuery{Group: group, Prefix: in.LogStreamNamePrefix, ByTime: in.OrderBy == "LastEventTime", Descending: in.Descending}
	if q.ByTime && q.Prefix != "" {
		return nil, invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
	}
	if err := readToken(in.NextToken, &q.Skip); err != nil {
		return nil, err
	}
	limit := orDefault(in.Limit, 50)
	q.Limit = limit + 1
	streams, err := s.logs.Streams(ctx, q)
	if err != nil {
		return nil, fault(err)
	}
	out := &DescribeLogStreamsOutput{LogStreams: []LogStream{}}
	if len(streams) > limit {
		streams = streams[:limit]
		out.NextToken = pagetoken.Encode(q.Skip + limit)
	}
	for _, st := range streams {
		out.LogStreams = append(out.LogStreams, LogStream{LogStreamName: st.Name, CreationTime: millis(st.Created),
			FirstEventTimestamp: millis(st.FirstEvent), LastEventTimestamp: millis(st.LastEvent), LastIngestionTime: millis(st.Ingested),
			UploadSequenceToken: sequenceToken, Arn: groupARN(group) + ":log-stream:" + st.Name})
	}
	return out, nil
}
