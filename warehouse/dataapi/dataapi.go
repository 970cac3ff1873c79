// Package dataapi runs SQL for callers that do not keep a connection, as the
// Redshift Data API does: a statement is submitted, runs on a connection of
// its own, and keeps its result in memory for a day. A restart forgets the
// statements; what they committed stays.
//
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html
package dataapi

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The statuses of a statement and of the parts of a batch.
const (
	Submitted = "SUBMITTED"
	Picked    = "PICKED"
	Started   = "STARTED"
	Finished  = "FINISHED"
	Failed    = "FAILED"
	Aborted   = "ABORTED"
)

// What is kept, and for how long.
const (
	Keep      = 24 * time.Hour // a statement after it ended; also how long one may run
	MaxActive = 500            // statements of one owner that have not ended
	MaxResult = 100 << 20      // bytes of one statement's result

	maxKept    = 10_000    // statements; the oldest that ended go first
	maxHeld    = 512 << 20 // bytes of results together; the oldest go first
	maxRunning = 32        // statements at a time; others stay submitted
	tokenLife  = 8 * time.Hour
)

// Errors of [Statements]. They are compared with errors.Is.
var (
	ErrNotFound    = errors.New("dataapi: there is no such statement")
	ErrNoResult    = errors.New("dataapi: the statement has no result")
	ErrEnded       = errors.New("dataapi: the statement has ended")
	ErrTooMany     = errors.New("dataapi: too many statements are active")
	ErrOtherInput  = errors.New("dataapi: the client token was given with other input")
	errTooLarge    = errors.New("the result is larger than 100 MB")
	errShutDown    = errors.New("the server stopped")
	errInterrupted = errors.New("cancelled")
)

// An Owner is the account and region that statements belong to.
type Owner struct{ Account, Region string }

// A Target is a database to connect to.
type Target struct {
	Host     string
	Port     int
	User     string
	Password string
	Database string
}

// A Parameter is the value of :Name in a statement. Values are texts; the
// database gives them the type of their place.
type Parameter struct{ Name, Value string }

// A Request is one or more SQL statements to run. Several run in one
// transaction.
type Request struct {
	ID        string // unique; a repeat answers the first
	Owner     Owner
	Principal string // ARN of the caller
	Target    Target
	SQLs      []string
	Batch     bool // several statements, or one given as a list
	Params    []Parameter
	Token     string // client token; empty is none

	// These are told again and mean nothing here.
	Cluster, User, Database, Secret, Name, Format string
	WithEvent                                     bool
}

// same reports whether two requests ask for the same.
func (r *Request) same(o *Request) bool {
	return r.Target == o.Target && r.Batch == o.Batch && r.Cluster == o.Cluster && r.User == o.User && r.Secret == o.Secret && r.Name == o.Name &&
		r.Format == o.Format && r.WithEvent == o.WithEvent && slices.Equal(r.SQLs, o.SQLs) && slices.Equal(r.Params, o.Params)
}

// A Statement is a request and how far it has come. It is a copy.
type Statement struct {
	Request
	State
	PID  uint32 // of the connection
	Subs []Sub  // of a batch
}

// A Sub is one part of a batch. Its identifier is that of the batch, a colon
// and its number from 1.
type Sub struct {
	SQL string
	State
}

// A State is how far a statement or a part has come.
type State struct {
	Status   string
	Error    string // as a client of the database is told
	Created  time.Time
	Updated  time.Time
	Duration time.Duration // of the work, once it ended
	Rows     int64         // returned or affected; -1 while unknown
	Size     int64         // bytes of the result; -1 while unknown
	Result   *Result       // nil where there are no rows to return; shared and read-only
}

// Ended reports whether nothing will change any more.
func (s State) Ended() bool { return s.Status == Finished || s.Status == Failed || s.Status == Aborted }

// Options are what [New] needs. The zero value works.
type Options struct {
	// Ended is told of every statement that ended, from its own goroutine.
	Ended func(Statement)
	// Now is the clock; time.Now where nil.
	Now func() time.Time
}

// Statements runs and keeps statements. Its methods may be called from many
// goroutines.
type Statements struct {
	opt     Options
	running chan struct{} // a place each
	stop    context.CancelCauseFunc
	ctx     context.Context
	work    sync.WaitGroup

	mu     sync.Mutex // guards what follows
	all    map[string]*statement
	order  []*statement // by time of creation
	tokens map[token]*statement
	held   int64
}

type token struct {
	owner Owner
	text  string
}

// A statement is guarded by the mutex of its Statements.
type statement struct {
	Statement
	cancel context.CancelCauseFunc
	done   chan struct{} // closed when it ended
}

// New returns an empty set of statements. The caller closes it.
func New(opt Options) *Statements {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	s := &Statements{opt: opt, running: make(chan struct{}, maxRunning), all: map[string]*statement{}, tokens: map[token]*statement{}}
	s.ctx, s.stop = context.WithCancelCause(context.Background())
	return s
}

// Close aborts what runs and waits for it.
func (s *Statements) Close() {
	s.stop(errShutDown)
	s.work.Wait()
}

// Submit takes a request and runs it in the background. A repeat of an ID or
// of a client token answers the first. Errors are [ErrTooMany],
// [ErrOtherInput] and [*ParameterError].
func (s *Statements) Submit(req Request) (Statement, error) {
	queries, err := bindAll(req.SQLs, req.Params)
	if err != nil {
		return Statement{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := context.Cause(s.ctx); err != nil {
		return Statement{}, err
	}
	now := s.opt.Now()
	s.forget(now)
	if old, ok := s.all[req.ID]; ok && old.Owner == req.Owner {
		return old.copy(), nil
	}
	key := token{req.Owner, req.Token}
	if old, ok := s.tokens[key]; ok && req.Token != "" && now.Sub(old.Created) < tokenLife {
		if !old.same(&req) {
			return Statement{}, ErrOtherInput
		}
		return old.copy(), nil
	}
	active := 0
	for _, st := range s.order {
		if !st.Ended() && st.Owner == req.Owner {
			active++
		}
	}
	if active >= MaxActive {
		return Statement{}, ErrTooMany
	}
	state := State{Status: Submitted, Created: now, Updated: now, Rows: -1, Size: -1}
	st := &statement{Statement: Statement{Request: req, State: state}, done: make(chan struct{})}
	if req.Batch {
		for _, sql := range req.SQLs {
			st.Subs = append(st.Subs, Sub{SQL: sql, State: state})
		}
	}
	ctx, cancel := context.WithCancelCause(s.ctx)
	st.cancel = cancel
	s.all[req.ID] = st
	s.order = append(s.order, st)
	if req.Token != "" {
		s.tokens[key] = st
	}
	s.work.Go(func() {
		defer cancel(nil)
		s.run(ctx, st, queries)
	})
	return st.copy(), nil
}

func (st *statement) copy() Statement {
	out := st.Statement
	out.Subs = slices.Clone(st.Subs)
	return out
}

// size is what the results of a statement take.
func (st *statement) size() (n int64) {
	for _, state := range append([]Sub{{State: st.State}}, st.Subs...) {
		if state.Result != nil {
			n += state.Result.Size
		}
	}
	return n
}

// forget drops what is too old or too much.
func (s *Statements) forget(now time.Time) {
	s.order = slices.DeleteFunc(s.order, func(st *statement) bool {
		if !st.Ended() || now.Sub(st.Updated) < Keep && len(s.all) <= maxKept && s.held <= maxHeld {
			return false
		}
		delete(s.all, st.ID)
		if key := (token{st.Owner, st.Token}); s.tokens[key] == st {
			delete(s.tokens, key)
		}
		s.held -= st.size()
		return true
	})
}

// find returns a statement, and which part of it id names; -1 is none.
func (s *Statements) find(owner Owner, id string) (*statement, int, error) {
	s.forget(s.opt.Now())
	name, part, isPart := strings.Cut(id, ":")
	st, ok := s.all[name]
	if !ok || st.Owner != owner {
		return nil, 0, ErrNotFound
	}
	if !isPart {
		return st, -1, nil
	}
	n, err := strconv.Atoi(part)
	if err != nil || n < 1 || n > len(st.Subs) {
		return nil, 0, ErrNotFound
	}
	return st, n - 1, nil
}

// Get returns a statement. The identifier of a part returns its batch with the
// state of the part, and no parts.
func (s *Statements) Get(owner Owner, id string) (Statement, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, part, err := s.find(owner, id)
	if err != nil {
		return Statement{}, err
	}
	out := st.copy()
	if part >= 0 {
		out.ID, out.SQLs, out.Batch, out.State, out.Subs = id, []string{out.Subs[part].SQL}, false, out.Subs[part].State, nil
	}
	return out, nil
}

// Result returns the statement with its result: [ErrNoResult] where it has
// none, or not yet.
func (s *Statements) Result(owner Owner, id string) (Statement, error) {
	st, err := s.Get(owner, id)
	if err == nil && st.Result == nil {
		err = ErrNoResult
	}
	return st, err
}

// List returns the statements of an owner that fit, the newest first.
func (s *Statements) List(owner Owner, fits func(Statement) bool) []Statement {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(s.opt.Now())
	var out []Statement
	for _, st := range slices.Backward(s.order) {
		if st.Owner == owner && fits(st.Statement) {
			out = append(out, st.copy())
		}
	}
	slices.SortStableFunc(out, func(a, b Statement) int {
		return cmp.Or(b.Created.Compare(a.Created), strings.Compare(a.ID, b.ID))
	})
	return out
}

// Cancel aborts a statement and waits until it is aborted, or until ctx ends.
// [ErrEnded] tells that it came too late.
func (s *Statements) Cancel(ctx context.Context, owner Owner, id string) (Statement, error) {
	s.mu.Lock()
	st, part, err := s.find(owner, id)
	if err != nil || part >= 0 {
		s.mu.Unlock()
		return Statement{}, cmp.Or(err, ErrNotFound)
	}
	if st.Ended() {
		defer s.mu.Unlock()
		return st.copy(), ErrEnded
	}
	st.cancel(errInterrupted)
	s.mu.Unlock()
	select {
	case <-st.done:
	case <-ctx.Done():
		return Statement{}, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if st.Status != Aborted {
		return st.copy(), ErrEnded
	}
	return st.copy(), nil
}
