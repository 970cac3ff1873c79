// Package console is the web console: its pages, its sessions, its live
// updates and the JSON API that the pages read. What AWS has an operation for
// goes to the registry of operations, as every client's call does; the rest is
// read through the interfaces below, which cmd connects with the domains.
//
// # The API
//
// All answers are JSON and never cached. Times are milliseconds since 1970,
// but in documents of AWS operations, which keep AWS's form. A request that
// changes something bears the session's token in X-Salamander-CSRF. Errors are
// {"code", "message", "position"?}; a position counts UTF-16 code units from 0.
// console.routes lists the paths; each handler's comment tells its form.
package console

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"io/fs"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"salamander/operation"
)

// Options configures [New]. Registry, Dir and Caller are needed; a source that
// is nil answers 501.
type Options struct {
	Registry *operation.Registry
	Caller   operation.Caller // in whose name the console calls
	Dir      string           // of sessions and what people save; must exist
	Hosts    []string         // host names beside the loopback ones that requests may be for
	AnyAddr  bool             // requests may be for any IP address; for servers that listen on all
	Password string           // for logging in without a link; none when empty
	Version  string
	About    About
	Live     *Hub         // what changes; a new one when nil
	Log      *slog.Logger // nil is nowhere
	Assets   fs.FS        // the built pages; those in the program when nil
	Now      func() time.Time

	Health     Health
	Executions Executions
	Logs       Logs
	Evaluator  Evaluator
	Validator  Validator
	Warehouses Warehouses
	Schedules  Schedules
	Backfills  Backfills
	Stacks     StackReader
	Alerts     Alerts
	Jobs       Jobs
	Functions  Functions
}

// About tells the pages where the server's other ports are.
type About struct {
	AWSEndpoint string    `json:"awsEndpoint"` // URL
	Warehouse   Warehouse `json:"warehouse"`
	DataDir     string    `json:"dataDir"`
}

// A Warehouse tells where the warehouse listens.
type Warehouse struct {
	Host     string `json:"host"`
	Port     int    `json:"port"`
	Database string `json:"database"`
	User     string `json:"user"`
}

// A Console serves the web console. It may be shared by goroutines.
type Console struct {
	opt     Options
	boot    string // tells this start of the server from others
	started time.Time
	doors   *sessions
	saved   *savedThings
	assets  *assets
	sql     *sqlSessions
	tasks   *cache[taskScan]
	spans   *cache[[]span]
	owners  *owners
	mux     *http.ServeMux

	once sync.Once
	done chan struct{} // closed by Close
}

// New returns a console. It reads the sessions of an earlier process, which go
// on. The caller closes it.
func New(opt Options) (*Console, error) {
	opt.Live = cmp.Or(opt.Live, &Hub{})
	opt.Log = cmp.Or(opt.Log, slog.New(slog.DiscardHandler))
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Assets == nil {
		opt.Assets = built()
	}
	var boot [8]byte
	rand.Read(boot[:])
	c := &Console{opt: opt, boot: hex.EncodeToString(boot[:]), started: opt.Now(), done: make(chan struct{}),
		tasks: newCache[taskScan](64), spans: newCache[[]span](1000), owners: newOwners()}
	var err error
	if c.doors, err = openSessions(opt); err != nil {
		return nil, err
	}
	if c.saved, err = openSaved(opt); err != nil {
		return nil, err
	}
	if c.assets, err = readAssets(opt.Assets); err != nil {
		return nil, err
	}
	c.sql = newSQLSessions(opt)
	c.routes()
	return c, nil
}

// Close ends live updates and the connections to warehouses. Requests that
// come later are answered still, but for those.
func (c *Console) Close() {
	c.once.Do(func() {
		close(c.done)
		c.sql.close()
	})
}

// ServeHTTP answers a request, once it is known to come from the console's own
// pages.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	if err := c.guard(r); err != nil {
		c.fail(w, r, err)
		return
	}
	c.mux.ServeHTTP(w, r)
}

// unavailable is the answer where the wiring has no source.
func unavailable(what string) error {
	return &operation.Error{Code: "NotImplemented", Message: "this server has no " + what, Status: http.StatusNotImplemented}
}
