package console

import (
	"context"
	"errors"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"salamander/operation"
)

// Limits of connections to warehouses.
const (
	maxSQLSessions = 16               // beyond, the one that idles longest ends
	sqlIdle        = 10 * time.Minute // then a session's connection ends
	connectTimeout = 10 * time.Second
	hangUpTimeout  = 2 * time.Second
)

// sqlSessions keeps a connection for each editor, so that temporary tables and
// transactions outlive one run.
type sqlSessions struct {
	opt Options

	mu      sync.Mutex // guards the fields below; taken before no other
	all     map[sqlKey]*sqlSession
	running map[string]context.CancelFunc // by the client's id of the run
	closed  bool
}

type sqlKey struct{ cluster, session string }

// A sqlSession is the connection of an editor.
type sqlSession struct {
	busy chan struct{} // has one element while a run holds the session

	// The holder of busy alone uses these.
	conn  *pgconn.PgConn
	timer *time.Timer
	out   func(severity, message string) // takes the notices of the run

	used time.Time // guarded by the mutex of sqlSessions
}

func newSQLSessions(opt Options) *sqlSessions {
	return &sqlSessions{opt: opt, all: map[sqlKey]*sqlSession{}, running: map[string]context.CancelFunc{}}
}

// begin notes a run, whose id cancels it, and returns what ends the note.
func (s *sqlSessions) begin(ctx context.Context, id string) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	if id == "" {
		return ctx, cancel
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if other := s.running[id]; other != nil {
		other()
	}
	s.running[id] = cancel
	return ctx, func() {
		cancel()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.running, id)
	}
}

// cancel ends a run, if it is there.
func (s *sqlSessions) cancel(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	cancel := s.running[id]
	if cancel != nil {
		cancel()
	}
	return cancel != nil
}

// hold waits for a session's turn, with a connection. The caller calls release.
func (s *sqlSessions) hold(ctx context.Context, key sqlKey) (*sqlSession, error) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil, stopping()
	}
	one := s.all[key]
	if one == nil {
		one = &sqlSession{busy: make(chan struct{}, 1)}
		s.all[key] = one
	}
	one.used = s.opt.Now()
	s.evict(one)
	s.mu.Unlock()
	select {
	case one.busy <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if one.timer != nil {
		one.timer.Stop()
	}
	if one.conn != nil && !one.conn.IsClosed() {
		return one, nil
	}
	conn, err := s.connect(ctx, key.cluster, func(severity, message string) {
		if one.out != nil {
			one.out(severity, message)
		}
	})
	if err != nil {
		<-one.busy
		return nil, err
	}
	one.conn = conn
	return one, nil
}

// release lets the next run of the session begin, or its connection end when
// none comes.
func (s *sqlSessions) release(key sqlKey, one *sqlSession) {
	one.out = nil
	one.timer = time.AfterFunc(sqlIdle, func() { s.forget(key, one) })
	<-one.busy
}

// evict drops the session that idles longest when there are too many. The
// caller holds mu.
func (s *sqlSessions) evict(but *sqlSession) {
	for len(s.all) > maxSQLSessions {
		var oldest sqlKey
		var found *sqlSession
		for key, one := range s.all {
			if one != but && len(one.busy) == 0 && (found == nil || one.used.Before(found.used)) {
				oldest, found = key, one
			}
		}
		if found == nil {
			return
		}
		delete(s.all, oldest)
		go found.end()
	}
}

// drop ends a session, after the run that holds it.
func (s *sqlSessions) drop(key sqlKey) {
	s.mu.Lock()
	one := s.all[key]
	s.mu.Unlock()
	if one != nil {
		s.forget(key, one)
	}
}

func (s *sqlSessions) forget(key sqlKey, one *sqlSession) {
	s.mu.Lock()
	if s.all[key] == one {
		delete(s.all, key)
	}
	s.mu.Unlock()
	one.end()
}

// end closes the connection; the session is in no map any more.
func (one *sqlSession) end() {
	one.busy <- struct{}{}
	defer func() { <-one.busy }()
	if one.timer != nil {
		one.timer.Stop()
	}
	if one.conn != nil {
		hangUp(one.conn)
		one.conn = nil
	}
}

func (s *sqlSessions) close() {
	s.mu.Lock()
	s.closed = true
	all := s.all
	s.all = map[sqlKey]*sqlSession{}
	for _, cancel := range s.running {
		cancel()
	}
	s.mu.Unlock()
	for _, one := range all {
		one.end()
	}
}

func stopping() error {
	return &operation.Error{Code: "Unavailable", Message: "the server is stopping", Status: 503}
}

// ownLabel is the query group of what the console itself asks, by which the
// list of statements leaves it out.
const ownLabel = "salamander-console"

// connectOwn opens a connection for questions of the console's own.
func (s *sqlSessions) connectOwn(ctx context.Context, cluster string) (*pgconn.PgConn, error) {
	conn, err := s.connect(ctx, cluster, nil, "query_group", ownLabel)
	var e *operation.Error
	if errors.As(err, &e) && e.Members["sqlstate"] == "42704" { // a PostgreSQL has no query groups
		return s.connect(ctx, cluster, nil)
	}
	return conn, err
}

// connect opens a connection to a warehouse, with settings as pairs of a name
// and a value.
func (s *sqlSessions) connect(ctx context.Context, cluster string, notice func(severity, message string), settings ...string) (*pgconn.PgConn, error) {
	if s.opt.Warehouses == nil {
		return nil, unavailable("warehouse")
	}
	to, ok := s.opt.Warehouses.Connection(cluster)
	if !ok {
		return nil, notFound("there is no cluster %q", cluster)
	}
	cfg, err := pgconn.ParseConfig("sslmode=disable application_name=salamander-console")
	if err != nil {
		return nil, err
	}
	cfg.Host, cfg.Port, cfg.User, cfg.Password, cfg.Database, cfg.Fallbacks = to.Host, to.Port, to.User, to.Password, to.Database, nil
	for i := 0; i+1 < len(settings); i += 2 {
		cfg.RuntimeParams[settings[i]] = settings[i+1]
	}
	cfg.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) {
		if notice != nil {
			notice(n.Severity, n.Message)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	conn, err := pgconn.ConnectConfig(ctx, cfg)
	if err != nil {
		if ctx.Err() == context.Canceled {
			return nil, err
		}
		out := &operation.Error{Code: "Unavailable", Message: "the warehouse at " + net.JoinHostPort(to.Host, strconv.Itoa(int(to.Port))) + " does not take the connection: " + sqlMessage(err),
			Status: 503}
		var e *pgconn.PgError
		if errors.As(err, &e) {
			out.Members = map[string]any{"sqlstate": e.Code}
		}
		return nil, out
	}
	return conn, nil
}

func hangUp(conn *pgconn.PgConn) {
	ctx, cancel := context.WithTimeout(context.Background(), hangUpTimeout)
	defer cancel()
	conn.Close(ctx)
}
