package console

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// How much of a log is read at a time.
const (
	logPage       = 1000
	maxLogPage    = 10_000
	logBytes      = 4 << 20 // of one answer
	maxLogScanned = 200_000 // lines looked through for one search
)

// A line is a line of a log as the API tells it.
type line struct {
	T int64  `json:"t"`
	M string `json:"m"`
	S string `json:"s,omitempty"` // stream, where several are read
}

// token writes a position.
func token(p LogPosition) string { return fmt.Sprintf("%d.%d", p.Millis, p.Seq) }

// readToken reads a position, nil for none.
func readToken(text string) (*LogPosition, error) {
	if text == "" {
		return nil, nil
	}
	millis, seq, ok := strings.Cut(text, ".")
	var p LogPosition
	var err, err2 error
	p.Millis, err = strconv.ParseInt(millis, 10, 64)
	p.Seq, err2 = strconv.ParseInt(seq, 10, 64)
	if !ok || err != nil || err2 != nil || p.Millis < 0 || p.Seq < 0 {
		return nil, invalid("after: got %q; need what an earlier answer had as next", text)
	}
	return &p, nil
}

// logQuery reads the parameters of a request for lines.
func (c *Console) logQuery(r *http.Request) (LogQuery, error) {
	if c.opt.Logs == nil {
		return LogQuery{}, unavailable("logs")
	}
	q := query{r: r}
	lq := LogQuery{Group: q.need("group"), Stream: q.text("stream"), Limit: max(1, int(q.number("limit", logPage, maxLogPage)))}
	if n := q.number("tail", 0, maxLogPage); n > 0 {
		lq.Tail, lq.Limit = true, int(n)
	}
	if q.err != nil {
		return lq, q.err
	}
	var err error
	lq.After, err = readToken(q.text("after"))
	return lq, err
}

// lines reads a page, and where the next one begins.
func (c *Console) lines(ctx context.Context, lq LogQuery) (lines []line, next *LogPosition, err error) {
	got, err := c.opt.Logs.Lines(ctx, lq)
	lines, next = []line{}, lq.After
	size := 0
	for _, l := range got {
		if size += len(l.Message); size > logBytes && len(lines) > 0 && !lq.Tail {
			break
		}
		one := line{T: l.At.Millis, M: l.Message}
		if lq.Stream == "" {
			one.S = l.Stream
		}
		lines, next = append(lines, one), &l.At
	}
	if next == nil {
		next = &LogPosition{}
	}
	return lines, next, err
}

// log returns lines of a stream, or of all of a group.
//
//	GET /api/log?group=&stream=&after=&limit= | &tail= -> {"events": [{"t", "m", "s"?}], "next"}
func (c *Console) log(_ http.ResponseWriter, r *http.Request) (any, error) {
	lq, err := c.logQuery(r)
	if err != nil {
		return nil, err
	}
	lines, next, err := c.lines(r.Context(), lq)
	if err != nil {
		return nil, err
	}
	return document{"events": lines, "next": token(*next)}, nil
}

// logStream sends lines as they come.
//
//	GET /api/log/stream?group=&stream=&after= -> events lines {"events", "next"}
func (c *Console) logStream(w http.ResponseWriter, r *http.Request) (any, error) {
	lq, err := c.logQuery(r)
	if err != nil {
		return nil, err
	}
	lq.Tail = false
	sub := c.opt.Live.subscribe(func(change Change) bool {
		if change.Topic != logTopic {
			return false
		}
		group, stream, _ := strings.Cut(change.Key, "\n")
		return group == lq.Group && (lq.Stream == "" || stream == lq.Stream)
	})
	defer c.opt.Live.unsubscribe(sub)
	out := newStream(w)
	send := func() error {
		sub.take()
		for {
			lines, next, err := c.lines(r.Context(), lq)
			if err != nil || len(lines) == 0 {
				return err
			}
			lq.After = next
			if err := out.event("lines", document{"events": lines, "next": token(*next)}); err != nil {
				return err
			}
		}
	}
	if err := out.comment(); err == nil && send() == nil {
		c.follow(r, out, sub, send)
	}
	return sent{}, nil
}

// logSearch finds lines that have a text, in any case.
//
//	GET /api/log/search?group=&stream=&q=&limit= -> {"events", "more"}
func (c *Console) logSearch(_ http.ResponseWriter, r *http.Request) (any, error) {
	lq, err := c.logQuery(r)
	if err != nil {
		return nil, err
	}
	text, most := strings.ToLower(r.URL.Query().Get("q")), lq.Limit
	lq.Limit, lq.Tail = maxLogPage, false
	found := []line{}
	for range maxLogScanned / maxLogPage {
		lines, next, err := c.lines(r.Context(), lq)
		if err != nil {
			return nil, err
		}
		for _, l := range lines {
			if !strings.Contains(strings.ToLower(l.M), text) {
				continue
			}
			if len(found) == most {
				return document{"events": found, "more": true}, nil
			}
			found = append(found, l)
		}
		if len(lines) == 0 {
			return document{"events": found, "more": false}, nil
		}
		lq.After = next
	}
	return document{"events": found, "more": true}, nil
}

// logDownload sends a whole stream as a file.
//
//	GET /api/log/download?group=&stream= -> text/plain
func (c *Console) logDownload(w http.ResponseWriter, r *http.Request) (any, error) {
	lq, err := c.logQuery(r)
	if err != nil {
		return nil, err
	}
	lq.Limit, lq.Tail = maxLogPage, false
	name := path.Base(strings.Trim(lq.Group+"/"+lq.Stream, "/"))
	attachment(w.Header(), strings.NewReplacer("[", "", "]", "", "$", "").Replace(name)+".log", "text/plain; charset=utf-8")
	for {
		lines, next, err := c.lines(r.Context(), lq)
		if err != nil {
			c.opt.Log.Error("log download", "group", lq.Group, "err", err)
			panic(http.ErrAbortHandler) // a file that ends early must not look whole
		}
		if len(lines) == 0 {
			return sent{}, nil
		}
		for _, l := range lines {
			if _, err := io.WriteString(w, l.M+"\n"); err != nil {
				return sent{}, nil // the client is gone
			}
		}
		lq.After = next
	}
}

// attachment has a browser store an answer, and never show it.
func attachment(h http.Header, name, kind string) {
	h.Set("Content-Type", kind)
	disposition := mime.FormatMediaType("attachment", map[string]string{"filename": name})
	if disposition == "" {
		disposition = "attachment"
	}
	h.Set("Content-Disposition", disposition)
}
