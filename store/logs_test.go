package store

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"salamander/logs"
)

// group is the log group of the tests.
func group() logs.GroupID {
	return logs.GroupID{Account: "000000000000", Region: "us-east-1", Group: "/aws/batch/job"}
}

type line struct {
	Stream, Message string
}

func lines(events []logs.Event) []line {
	var out []line
	for _, e := range events {
		out = append(out, line{e.Stream, e.Message})
	}
	return out
}

func fill(t *testing.T, db *DB) (start time.Time) {
	t.Helper()
	start = time.UnixMilli(1_700_000_000_000).UTC()
	for i := range 6 {
		stream := fmt.Sprintf("s%d", i%2)
		e := logs.Event{Time: start.Add(time.Duration(i/2) * time.Second), Ingested: start, Message: fmt.Sprint("m", i)}
		if err := NewLogs(db).Append(t.Context(), group(), stream, []logs.Event{e}, true); err != nil {
			t.Fatal(err)
		}
	}
	return start
}

func TestLogEvents(t *testing.T) {
	db := open(t, t.TempDir(), Options{})
	l := NewLogs(db)
	start := fill(t, db)
	for _, c := range []struct {
		name string
		q    logs.EventQuery
		want string
	}{
		{"all", logs.EventQuery{}, "m0 m1 m2 m3 m4 m5"},
		{"one stream", logs.EventQuery{Streams: []string{"s1"}}, "m1 m3 m5"},
		{"two streams", logs.EventQuery{Streams: []string{"s1", "s0"}}, "m0 m1 m2 m3 m4 m5"},
		{"prefix", logs.EventQuery{Prefix: "s0"}, "m0 m2 m4"},
		{"no such prefix", logs.EventQuery{Prefix: "x"}, ""},
		{"from", logs.EventQuery{From: start.Add(time.Second)}, "m2 m3 m4 m5"},
		{"to", logs.EventQuery{To: start.Add(time.Second)}, "m0 m1"},
		{"backward", logs.EventQuery{Backward: true, Limit: 2}, "m5 m4"},
		{"after", logs.EventQuery{After: &logs.Position{Millis: start.UnixMilli(), Seq: 1}, Limit: 2}, "m1 m2"},
		{"before", logs.EventQuery{Before: &logs.Position{Millis: start.Add(time.Second).UnixMilli(), Seq: 4}, Backward: true}, "m2 m1 m0"},
	} {
		c.q.Group = group()
		if c.q.Limit == 0 {
			c.q.Limit = 100
		}
		events, err := l.Events(t.Context(), c.q)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		var got []string
		for _, e := range lines(events) {
			got = append(got, e.Message)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %v; want %s", c.name, got, c.want)
		}
	}
	if _, err := l.Events(t.Context(), logs.EventQuery{Group: group(), Streams: []string{"nope"}, Limit: 1}); !errors.Is(err, logs.ErrNoStream) {
		t.Errorf("unknown stream: got %v", err)
	}
}

func TestLogGroupsAndStreams(t *testing.T) {
	db := open(t, t.TempDir(), Options{})
	l := NewLogs(db)
	start := fill(t, db)
	other := group()
	other.Account = "111122223333"
	if err := l.CreateGroup(t.Context(), logs.Group{GroupID: other, Created: start, Tags: map[string]string{"k": "v"}}); err != nil {
		t.Fatal(err)
	}
	if err := l.CreateGroup(t.Context(), logs.Group{GroupID: other}); !errors.Is(err, logs.ErrGroupExists) {
		t.Errorf("again: got %v", err)
	}
	if err := l.CreateStream(t.Context(), group(), "s0", start); !errors.Is(err, logs.ErrStreamExists) {
		t.Errorf("stream again: got %v", err)
	}
	if err := l.Append(t.Context(), group(), "new", nil, false); !errors.Is(err, logs.ErrNoStream) {
		t.Errorf("append to no stream: got %v", err)
	}
	groups, err := l.Groups(t.Context(), logs.GroupQuery{Account: other.Account, Region: "us-east-1", Prefix: "/aws", Contains: "BATCH", Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	want := []logs.Group{{GroupID: other, Created: start, Tags: map[string]string{"k": "v"}}}
	if diff := cmp.Diff(want, groups); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	g, err := l.Group(t.Context(), group())
	if err != nil || g.Bytes != 6*(26+2) {
		t.Errorf("bytes: got %d, %v", g.Bytes, err)
	}
	streams, err := l.Streams(t.Context(), logs.StreamQuery{Group: group(), Descending: true, Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	if len(streams) != 2 || streams[0].Name != "s1" || !streams[0].FirstEvent.Equal(start) || !streams[0].LastEvent.Equal(start.Add(2*time.Second)) {
		t.Errorf("streams: got %+v", streams)
	}
	if err := l.UpdateGroup(t.Context(), group(), func(g *logs.Group) { g.Retention = 1 }); err != nil {
		t.Fatal(err)
	}
	if err := l.Expire(t.Context(), start.AddDate(0, 0, 1).Add(1500*time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n := count(t, db, "log_events"); n != 2 {
		t.Errorf("events after their retention: got %d; want 2", n)
	}
	if g, _ := l.Group(t.Context(), group()); g.Bytes != 2*(26+2) || g.Retention != 1 {
		t.Errorf("after: got %+v", g)
	}
	if err := l.DeleteStream(t.Context(), group(), "s0"); err != nil {
		t.Fatal(err)
	}
	if n := count(t, db, "log_events"); n != 1 {
		t.Errorf("events after their stream: got %d; want 1", n)
	}
	if err := l.DeleteGroup(t.Context(), group()); err != nil {
		t.Fatal(err)
	}
	if n := count(t, db, "log_events") + count(t, db, "log_streams"); n != 0 {
		t.Errorf("rows after their group: got %d", n)
	}
	if err := l.DeleteGroup(t.Context(), group()); !errors.Is(err, logs.ErrNoGroup) {
		t.Errorf("delete again: got %v", err)
	}
}
