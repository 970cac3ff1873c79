package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"salamander/operation"
)

// maxBody bounds the body of a request but an upload's, in bytes: room for the
// payload of a function, 6 MB, in base64.
const maxBody = 12 << 20

// An answer carries out a request: what it returns is answered as JSON, nil as
// 204, and [sent] when the answer is written already.
type answer func(w http.ResponseWriter, r *http.Request) (any, error)

// written is an answer that is JSON already.
type written []byte

// sent says that a handler has answered itself.
type sent struct{}

func (c *Console) routes() {
	c.mux = http.NewServeMux()
	open := func(pattern string, f answer) { c.mux.Handle(pattern, c.serve(f)) }
	private := func(pattern string, f answer) {
		open(pattern, func(w http.ResponseWriter, r *http.Request) (any, error) {
			if err := c.admit(r); err != nil {
				return nil, err
			}
			return f(w, r)
		})
	}
	open("GET /api/login", c.canLogin)
	open("POST /api/login", c.login)
	private("POST /api/logout", c.logout)
	private("GET /api/session", c.session)
	private("POST /api/aws/{service}/{operation}", c.aws)
	private("GET /api/live", c.live)
	private("GET /api/saved", c.savedList)
	private("PUT /api/saved", c.save)
	private("DELETE /api/saved", c.unsave)
	private("GET /api/machines", c.machines)
	private("GET /api/machine", c.machine)
	private("GET /api/executions", c.executions)
	private("GET /api/execution", c.execution)
	private("GET /api/history", c.history)
	private("GET /api/mapruns", c.mapRuns)
	private("GET /api/maprun", c.mapRun)
	private("GET /api/mapitems", c.items)
	private("POST /api/eval", c.eval)
	private("POST /api/validate", c.validate)
	private("GET /api/log", c.log)
	private("GET /api/log/stream", c.logStream)
	private("GET /api/log/search", c.logSearch)
	private("GET /api/log/download", c.logDownload)
	private("GET /api/home", c.home)
	private("GET /api/jobs", c.jobs)
	private("GET /api/job", c.job)
	private("GET /api/queues", c.queues)
	private("POST /api/sql", c.runSQL)
	private("POST /api/sql/cancel", c.cancelSQL)
	private("POST /api/sql/close", c.closeSQL)
	private("GET /api/catalog", c.catalog)
	private("GET /api/loads", c.loads)
	private("GET /api/loaderrors", c.loadErrors)
	private("GET /api/queries", c.queries)
	private("GET /api/object", c.getObject)
	private("PUT /api/object", c.putObject)
	private("GET /api/preview", c.preview)
	private("POST /api/copyfor", c.copyFor)
	private("GET /api/function", c.function)
	private("PUT /api/function/code", c.saveCode)
	private("GET /api/schedules", c.schedules)
	private("POST /api/next", c.next)
	private("POST /api/pattern", c.pattern)
	private("GET /api/triggers", c.triggers)
	private("GET /api/dates", c.dates)
	private("POST /api/backfill", c.backfill)
	private("POST /api/backfill/stop", c.stopBackfill)
	private("GET /api/backfills", c.backfills)
	private("GET /api/stacks", c.stacks)
	private("GET /api/stack", c.stack)
	private("GET /api/alerts", c.alerts)
	private("GET /api/parity", c.parity)
	private("GET /api/limits", c.limits)
	private("/api/", func(_ http.ResponseWriter, r *http.Request) (any, error) {
		return nil, notFound("there is nothing at %q", r.URL.Path)
	})
	c.mux.HandleFunc("/", c.page)
}

func (c *Console) serve(f answer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil && p != http.ErrAbortHandler {
				c.fail(w, r, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
			} else if p != nil {
				panic(p)
			}
		}()
		w.Header().Set("Cache-Control", "no-store")
		out, err := f(w, r)
		switch _, already := out.(sent); {
		case err != nil:
			c.fail(w, r, err)
		case already:
		case out == nil:
			w.WriteHeader(http.StatusNoContent)
		default:
			c.write(w, http.StatusOK, out)
		}
	})
}

func (c *Console) write(w http.ResponseWriter, status int, out any) {
	text, ready := out.(written)
	var err error
	if !ready {
		text, err = json.Marshal(out)
	}
	if err != nil {
		c.opt.Log.Error("console answer", "err", err)
		status, text = http.StatusInternalServerError, []byte(`{"code":"InternalFailure","message":"Internal error"}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	w.Write(append(text, '\n')) // the client may be gone
}

// fail answers an error: an [operation.Error] as it is, any other as an
// internal one.
func (c *Console) fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // nobody listens
	}
	e := operation.AsError(err)
	if e.Cause != nil {
		c.opt.Log.Error("console request", "method", r.Method, "path", r.URL.Path, "err", e.Cause)
	}
	status := e.Status
	if status == 0 {
		status = http.StatusBadRequest
	}
	doc := map[string]any{"code": e.Code, "message": e.Message}
	for _, name := range []string{"position", "hint"} {
		if v, ok := e.Members[name]; ok {
			doc[name] = v
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	c.write(w, status, doc)
}

func notFound(format string, args ...any) error {
	return &operation.Error{Code: "NotFound", Message: fmt.Sprintf(format, args...), Status: http.StatusNotFound}
}

func invalid(format string, args ...any) error { return operation.Errorf("Invalid", format, args...) }

// read decodes the body of a request, and refuses members that nobody knows.
func read(w http.ResponseWriter, r *http.Request, into any) error {
	text, err := body(w, r)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return invalid("the request is no JSON of the form that it must have: %v", err)
	}
	return nil
}

func body(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return nil, &operation.Error{Code: "TooLarge", Message: fmt.Sprintf("the request has more than %d bytes", maxBody), Status: http.StatusRequestEntityTooLarge}
	} else if err != nil {
		return nil, invalid("the request broke off: %v", err)
	}
	return text, nil
}

// A query reads the parameters of a request's address, and keeps the first
// problem.
type query struct {
	r   *http.Request
	err error
}

func (q *query) text(name string) string { return q.r.URL.Query().Get(name) }

// need is text that must be there.
func (q *query) need(name string) string {
	v := q.text(name)
	if v == "" && q.err == nil {
		q.err = invalid("%s: need a value", name)
	}
	return v
}

// number is a number between 0 and most.
func (q *query) number(name string, absent, most int64) int64 {
	v := q.text(name)
	if v == "" {
		return absent
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if (err != nil || n < 0 || n > most) && q.err == nil {
		q.err = invalid("%s: got %q; need a number from 0 to %d", name, v, most)
	}
	return min(max(n, 0), most)
}

// moment is a time in milliseconds; zero when it is not given.
func (q *query) moment(name string) time.Time {
	n := q.number(name, 0, 1<<52)
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMilli(n)
}

// millis is a time as the API tells it; 0 for none.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
