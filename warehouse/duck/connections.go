//go:build cgo

package duck

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

// maxConnections bounds the connections that are remembered.
const maxConnections = 2000

// A connectionLog remembers who connected and went, while the process lives.
type connectionLog struct {
	mu   sync.Mutex // guards all
	all  []connection
	next int // where the next one stands when all is full
}

type connection struct {
	event    string
	at       time.Time
	host     string
	pid      uint32
	db, user string
	login    int64
	app      string
	lasted   time.Duration
}

// note remembers an event of a session. A session's own fields must not change
// meanwhile.
func (l *connectionLog) note(event string, s *session, lasted time.Duration) {
	c := connection{event, time.Now(), s.start.Host, s.start.PID, s.start.Database, s.start.User, s.login, s.start.Params["application_name"], lasted}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.all) < maxConnections {
		l.all = append(l.all, c)
		return
	}
	l.all[l.next] = c
	l.next = (l.next + 1) % maxConnections
}

// records are the events as stl_connection_log reads them, of the users that
// sees admits.
func (l *connectionLog) records(sees func(user int64) bool) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []string
	for i := range l.all {
		c := l.all[(l.next+i)%len(l.all)]
		if !sees(c.login) {
			continue
		}
		host, port, err := net.SplitHostPort(c.host)
		if err != nil {
			host, port = c.host, ""
		}
		fields := []string{c.event, c.at.UTC().Format(timeForm), host, port, fmt.Sprint(c.pid), c.db, c.user, c.app, fmt.Sprint(c.lasted.Microseconds())}
		for i, f := range fields {
			fields[i] = fieldText(f)
		}
		all = append(all, strings.Join(fields, fieldSep))
	}
	return all
}
