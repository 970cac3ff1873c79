package logs

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"salamander/logs"
	"salamander/operation"
	"salamander/store"
)

type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func start(t *testing.T) (context.Context, *Service, *clock) {
	t.Helper()
	db, err := store.Open(t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	c := &clock{time.UnixMilli(1_700_000_000_000).UTC()}
	ctx := operation.WithCaller(t.Context(), operation.Caller{Account: "000000000000", Region: "us-east-1"})
	return ctx, New(logs.New(store.NewLogs(db), logs.Options{Now: c.now})), c
}

func wantCode(t *testing.T, err error, code, message string) {
	t.Helper()
	e := operation.AsError(err)
	if err == nil || e.Code != code || !strings.Contains(e.Message, message) {
		t.Errorf("got %v; want %s: %s", err, code, message)
	}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// fill makes group g with stream s and n events, a millisecond apart.
func fill(t *testing.T, ctx context.Context, s *Service, c *clock, n int) {
	t.Helper()
	must[*None](t)(s.CreateLogGroup(ctx, &CreateLogGroupInput{LogGroupName: "g"}))
	must[*None](t)(s.CreateLogStream(ctx, &StreamInput{"g", "s"}))
	in := &PutLogEventsInput{LogGroupName: "g", LogStreamName: "s"}
	for i := range n {
		in.LogEvents = append(in.LogEvents, InputLogEvent{c.at.UnixMilli() + int64(i), fmt.Sprint("event ", i)})
	}
	must[*PutLogEventsOutput](t)(s.PutLogEvents(ctx, in))
}

func messages(out *GetLogEventsOutput) string {
	var m []string
	for _, e := range out.Events {
		m = append(m, strings.TrimPrefix(e.Message, "event "))
	}
	return strings.Join(m, " ")
}

func TestGetLogEventsPages(t *testing.T) {
	ctx, s, c := start(t)
	fill(t, ctx, s, c, 7)
	in := GetLogEventsInput{LogGroupName: "g", LogStreamName: "s", Limit: 3}
	page := func(token string, head bool) *GetLogEventsOutput {
		t.Helper()
		in.NextToken, in.StartFromHead = token, head
		return must[*GetLogEventsOutput](t)(s.GetLogEvents(ctx, &in))
	}
	head := page("", true)
	second := page(head.NextForwardToken, true)
	third := page(second.NextForwardToken, false) // the token decides
	end := page(third.NextForwardToken, true)
	for i, c := range []struct{ got, want string }{
		{messages(head), "0 1 2"}, {messages(second), "3 4 5"}, {messages(third), "6"}, {messages(end), ""},
		{end.NextForwardToken, third.NextForwardToken},
		{messages(page(second.NextBackwardToken, true)), "0 1 2"},
		{messages(page(head.NextBackwardToken, false)), ""},
		{messages(page("", false)), "4 5 6"},
		{messages(page(page("", false).NextBackwardToken, false)), "1 2 3"},
	} {
		if c.got != c.want {
			t.Errorf("page %d: got %q; want %q", i, c.got, c.want)
		}
	}
	in.NextToken = "f/x/s"
	_, err := s.GetLogEvents(ctx, &in)
	wantCode(t, err, "InvalidParameterException", "nextToken")
	from, to := c.at.UnixMilli()+2, c.at.UnixMilli()+4
	some := must[*GetLogEventsOutput](t)(s.GetLogEvents(ctx, &GetLogEventsInput{LogGroupName: "g", LogStreamName: "s", StartTime: &from, EndTime: &to}))
	if got := messages(some); got != "2 3" {
		t.Errorf("between: got %q", got)
	}
}

func TestPutLogEventsLimits(t *testing.T) {
	ctx, s, c := start(t)
	fill(t, ctx, s, c, 1)
	put := func(at ...time.Duration) (*PutLogEventsOutput, error) {
		in := &PutLogEventsInput{LogGroupName: "g", LogStreamName: "s"}
		for _, d := range at {
			in.LogEvents = append(in.LogEvents, InputLogEvent{c.at.Add(d).UnixMilli(), "x"})
		}
		return s.PutLogEvents(ctx, in)
	}
	_, err := put(time.Second, 0)
	wantCode(t, err, "InvalidParameterException", "chronological")
	_, err = put(-25*time.Hour, 0)
	wantCode(t, err, "InvalidParameterException", "24 hours")
	out := must[*PutLogEventsOutput](t)(put(-15*24*time.Hour, -15*24*time.Hour+time.Hour))
	if r := out.RejectedLogEventsInfo; r == nil || *r.TooOldLogEventEndIndex != 2 || r.TooNewLogEventStartIndex != nil {
		t.Errorf("too old: got %+v", r)
	}
	out = must[*PutLogEventsOutput](t)(put(0, 3*time.Hour))
	if r := out.RejectedLogEventsInfo; r == nil || *r.TooNewLogEventStartIndex != 1 {
		t.Errorf("too new: got %+v", r)
	}
	all := must[*GetLogEventsOutput](t)(s.GetLogEvents(ctx, &GetLogEventsInput{LogGroupName: "g", LogStreamName: "s"}))
	if len(all.Events) != 2 {
		t.Errorf("events: got %d; want 2", len(all.Events))
	}
	_, err = s.PutLogEvents(ctx, &PutLogEventsInput{LogGroupName: "g", LogStreamName: "none", LogEvents: []InputLogEvent{{c.at.UnixMilli(), "x"}}})
	wantCode(t, err, "ResourceNotFoundException", "The specified log stream does not exist.")
	_, err = s.PutLogEvents(ctx, &PutLogEventsInput{LogGroupName: "none", LogStreamName: "s"})
	wantCode(t, err, "ResourceNotFoundException", "The specified log group does not exist.")
}

func TestFilterLogEvents(t *testing.T) {
	ctx, s, c := start(t)
	fill(t, ctx, s, c, 2500)
	in := &FilterLogEventsInput{LogGroupIdentifier: "arn:aws:logs:us-east-1:000000000000:log-group:g:*", FilterPattern: "event 7", Limit: 300}
	var got []FilteredLogEvent
	for range 10 {
		out := must[*FilterLogEventsOutput](t)(s.FilterLogEvents(ctx, in))
		got = append(got, out.Events...)
		if in.NextToken = out.NextToken; in.NextToken == "" {
			break
		}
	}
	want := 0
	for i := range 2500 {
		if strings.Contains(fmt.Sprint(i), "7") {
			want++
		}
	}
	if len(got) != want || got[0].Message != "event 7" || len(got[0].EventID) != 56 || got[0].LogStreamName != "s" {
		t.Errorf("got %d events, first %+v; want %d", len(got), got[0], want)
	}
	_, err := s.FilterLogEvents(ctx, &FilterLogEventsInput{LogGroupName: "g", FilterPattern: "{ $.a = 1 }"})
	wantCode(t, err, "NotImplementedException", "conditions on JSON")
	_, err = s.FilterLogEvents(ctx, &FilterLogEventsInput{LogGroupName: "g", FilterPattern: "a.b"})
	wantCode(t, err, "InvalidParameterException", "a.b")
	_, err = s.FilterLogEvents(ctx, &FilterLogEventsInput{})
	wantCode(t, err, "InvalidParameterException", "At least one")
}

func TestRetentionActsAtOnce(t *testing.T) {
	ctx, s, c := start(t)
	fill(t, ctx, s, c, 3)
	must[*None](t)(s.PutRetentionPolicy(ctx, &PutRetentionPolicyInput{"g", 1}))
	_, err := s.PutRetentionPolicy(ctx, &PutRetentionPolicyInput{"g", 2})
	wantCode(t, err, "InvalidParameterException", "2")
	c.at = c.at.Add(24*time.Hour + time.Millisecond)
	out := must[*GetLogEventsOutput](t)(s.GetLogEvents(ctx, &GetLogEventsInput{LogGroupName: "g", LogStreamName: "s"}))
	if got := messages(out); got != "1 2" {
		t.Errorf("after a day: got %q; want 1 2", got)
	}
	groups := must[*DescribeLogGroupsOutput](t)(s.DescribeLogGroups(ctx, &DescribeLogGroupsInput{}))
	if groups.LogGroups[0].RetentionInDays != 1 {
		t.Errorf("group: got %+v", groups.LogGroups[0])
	}
}

func TestGroupsAndStreams(t *testing.T) {
	ctx, s, c := start(t)
	for _, name := range []string{"/aws/batch/job", "/aws/lambda/a", "/aws/lambda/b"} {
		must[*None](t)(s.CreateLogGroup(ctx, &CreateLogGroupInput{LogGroupName: name, Tags: map[string]string{"team": "etl"}}))
	}
	_, err := s.CreateLogGroup(ctx, &CreateLogGroupInput{LogGroupName: "/aws/lambda/a"})
	wantCode(t, err, "ResourceAlreadyExistsException", "The specified log group already exists")
	_, err = s.CreateLogGroup(ctx, &CreateLogGroupInput{LogGroupName: "x", KmsKeyID: "k"})
	wantCode(t, err, "NotImplementedException", "kmsKeyId")

	page := must[*DescribeLogGroupsOutput](t)(s.DescribeLogGroups(ctx, &DescribeLogGroupsInput{LogGroupNamePrefix: "/aws/lambda", Limit: 1}))
	next := must[*DescribeLogGroupsOutput](t)(s.DescribeLogGroups(ctx, &DescribeLogGroupsInput{LogGroupNamePrefix: "/aws/lambda", Limit: 1, NextToken: page.NextToken}))
	if len(page.LogGroups) != 1 || page.LogGroups[0].Arn != "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/a:*" ||
		next.LogGroups[0].LogGroupName != "/aws/lambda/b" || next.NextToken != "" || *page.LogGroups[0].CreationTime != c.at.UnixMilli() {
		t.Errorf("pages: got %+v, %+v", page, next)
	}
	resource := page.LogGroups[0].LogGroupArn
	must[*None](t)(s.TagResource(ctx, &TagResourceInput{resource, map[string]string{"a": "b"}}))
	must[*None](t)(s.UntagResource(ctx, &UntagResourceInput{resource, []string{"team"}}))
	if tags := must[*TagsOutput](t)(s.ListTagsForResource(ctx, &ResourceInput{resource})); len(tags.Tags) != 1 || tags.Tags["a"] != "b" {
		t.Errorf("tags: got %v", tags.Tags)
	}
	for i := range 3 {
		must[*None](t)(s.CreateLogStream(ctx, &StreamInput{"/aws/batch/job", fmt.Sprint("s", i)}))
	}
	streams := must[*DescribeLogStreamsOutput](t)(s.DescribeLogStreams(ctx, &DescribeLogStreamsInput{LogGroupName: "/aws/batch/job", Descending: true, Limit: 2}))
	rest := must[*DescribeLogStreamsOutput](t)(s.DescribeLogStreams(ctx, &DescribeLogStreamsInput{LogGroupName: "/aws/batch/job", Descending: true, Limit: 2, NextToken: streams.NextToken}))
	if streams.LogStreams[0].LogStreamName != "s2" || len(rest.LogStreams) != 1 || rest.LogStreams[0].LogStreamName != "s0" {
		t.Errorf("streams: got %+v, %+v", streams, rest)
	}
	must[*None](t)(s.DeleteLogStream(ctx, &StreamInput{"/aws/batch/job", "s0"}))
	_, err = s.DeleteLogStream(ctx, &StreamInput{"/aws/batch/job", "s0"})
	wantCode(t, err, "ResourceNotFoundException", "stream")
	must[*None](t)(s.DeleteLogGroup(ctx, &GroupInput{"/aws/batch/job"}))
	_, err = s.DeleteLogGroup(ctx, &GroupInput{"/aws/batch/job"})
	wantCode(t, err, "ResourceNotFoundException", "group")
}

func FuzzTokens(f *testing.F) {
	f.Add("f/" + strings.Repeat("0", 56) + "/s")
	f.Add("e30")
	f.Fuzz(func(t *testing.T, token string) {
		if p, err := readPosition(token); err == nil && token != "" && token[2:58] != eventID(p) {
			t.Errorf("%q read as %+v", token, p)
		}
		var n int
		_ = readToken(token, &n)
	})
}
