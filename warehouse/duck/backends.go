//go:build cgo

package duck

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"salamander/warehouse/access"
	"salamander/warehouse/dialect"
	"salamander/warehouse/sqlstate"
)

// entered takes a session among those that are open, unless its user has too
// many already.
func (e *engine) entered(s *session) error {
	u := e.access.Load().User(s.start.User)
	if u == nil {
		return sqlstate.Errorf(sqlstate.InvalidAuthorization, "user \"%s\" does not exist", s.start.User)
	}
	s.login = u.ID
	e.sessionsMu.Lock()
	defer e.sessionsMu.Unlock()
	n := 0
	for _, other := range e.sessions {
		if other.login == u.ID {
			n++
		}
	}
	if u.Limit >= 0 && n >= u.Limit && !u.Super {
		return sqlstate.Errorf(sqlstate.TooManyConnections, "too many connections for user \"%s\"", u.Name)
	}
	if err := s.become(u, nil); err != nil {
		return err
	}
	if e.sessions == nil {
		e.sessions = map[uint32]*session{}
	}
	e.sessions[s.start.PID] = s
	e.connections.note("authenticated", s, 0)
	return nil
}

// left forgets a session.
func (e *engine) left(s *session) {
	e.sessionsMu.Lock()
	defer e.sessionsMu.Unlock()
	if e.sessions[s.start.PID] == s {
		delete(e.sessions, s.start.PID)
		e.connections.note("disconnecting session", s, time.Since(s.began))
	}
}

// all returns the open sessions by their numbers.
func (e *engine) all() []*session {
	e.sessionsMu.Lock()
	defer e.sessionsMu.Unlock()
	var all []*session
	for _, s := range e.sessions {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *session) int { return int(a.start.PID) - int(b.start.PID) })
	return all
}

// records are the open sessions as pg_stat_activity reads them, with what they
// run, or ran last.
func (s *session) records() []string {
	latest := map[uint32]query{}
	for _, q := range s.e.history.all() {
		latest[q.pid] = q
	}
	rights := s.rights()
	var all []string
	for _, o := range s.e.all() {
		if !s.sees(o.login) {
			continue
		}
		name := o.start.User
		if u := rights.UserID(o.login); u != nil {
			name = u.Name
		}
		state, begun, text := "idle", "", ""
		if q, ok := latest[o.start.PID]; ok && !q.start.Before(o.began) {
			begun, text = q.start.UTC().Format(timeForm), q.text
			if q.end.IsZero() {
				state = "active"
			}
		}
		fields := []string{fmt.Sprint(o.start.PID), fmt.Sprint(o.login), name, o.start.Database, o.start.Params["application_name"], o.start.Host,
			o.began.UTC().Format(timeForm), begun, state, text}
		for i, f := range fields {
			fields[i] = fieldText(f)
		}
		all = append(all, strings.Join(fields, fieldSep))
	}
	return all
}

// sees reports whether the session's user sees what another user runs.
func (s *session) sees(user int64) bool {
	u := s.me()
	return u != nil && (u.Super || u.Unrestrict || u.ID == user)
}

// signal ends the statement of a session, or the session. It returns false
// where there is none.
func (s *session) signal(pid uint32, terminate bool, message string) (bool, error) {
	s.e.sessionsMu.Lock()
	other := s.e.sessions[pid]
	s.e.sessionsMu.Unlock()
	if other == nil || s.start.Server == nil {
		return false, nil
	}
	if me := s.me(); me == nil || !me.Super && me.ID != other.login {
		return false, sqlstate.Errorf(sqlstate.InsufficientPrivilege, "must be a superuser to end what another user runs")
	}
	if terminate {
		return s.start.Server.Terminate(pid), nil
	}
	return s.start.Server.Cancel(pid, message), nil
}

// cancelOther runs CANCEL.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_CANCEL.html
func (s *session) cancelOther(st *dialect.Statement) error {
	pid, message, err := st.Canceled()
	if err != nil {
		return err
	}
	found, err := s.signal(pid, false, message)
	if err == nil && !found {
		err = sqlstate.Errorf(sqlstate.InvalidParameterValue, "PID %d is not a session of this warehouse", pid)
	}
	return err
}

// Idle bounds how long the client may do nothing: the user's SESSION TIMEOUT,
// or the settings idle_session_timeout and idle_in_transaction_session_timeout.
func (s *session) Idle() (time.Duration, *sqlstate.Error) {
	if s.Status() != 'I' {
		if d := milliseconds(s.settings["idle_in_transaction_session_timeout"]); d > 0 {
			return d, &sqlstate.Error{Code: "25P03", Message: "terminating connection due to idle-in-transaction timeout"}
		}
	}
	why := &sqlstate.Error{Code: "57P05", Message: "terminating connection due to idle-session timeout"}
	if d := milliseconds(s.settings["idle_session_timeout"]); d > 0 && s.Status() == 'I' {
		return d, why
	}
	if u := s.rights().UserID(s.login); u != nil && u.ID != access.FirstUser && u.Timeout > 0 {
		return time.Duration(u.Timeout) * time.Second, why
	}
	return 0, nil
}

func milliseconds(text string) time.Duration {
	var n int64
	fmt.Sscan(text, &n) // it was checked when it was set
	return time.Duration(n) * time.Millisecond
}

// informSessions sets the variable that pg_stat_activity reads.
func (s *session) informSessions(ctx context.Context) error {
	return s.variable(ctx, "rs_sessions", s.records())
}
