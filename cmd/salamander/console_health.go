package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"salamander/batch"
	web "salamander/console"
	"salamander/engine"
)

// consoleHealth tells how the parts of the server are.
type consoleHealth struct {
	*app

	mu      sync.Mutex // guards the fields below
	probed  time.Time
	last    web.Part      // of the warehouse
	probing chan struct{} // closed when the probe that runs has ended
}

// probeEvery is how often the warehouse is asked whether it is there.
const probeEvery = 5 * time.Second

// Parts tells how each part is, and how much it has in hand.
func (h *consoleHealth) Parts(ctx context.Context) []web.Part {
	parts := []web.Part{h.executions(ctx), h.jobs(ctx), h.store(), h.warehousePart(ctx)}
	if list, err := h.events.Triggers(ctx); err != nil {
		parts = append(parts, web.Part{Name: "triggers", State: "degraded", Detail: err.Error()})
	} else {
		late := 0
		for _, t := range list {
			for _, d := range t.Days {
				if d.Late && d.Started.IsZero() {
					late++
				}
			}
		}
		p := web.Part{Name: "triggers", State: "ok", Detail: fmt.Sprintf("%d configured", len(list))}
		if late > 0 {
			p.State, p.Detail = "degraded", fmt.Sprintf("%d configured, %d dates late", len(list), late)
		}
		parts = append(parts, p)
	}
	return parts
}

func (h *consoleHealth) executions(ctx context.Context) web.Part {
	p := web.Part{Name: "engine", State: "ok"}
	n, err := 0, error(nil)
	machines, err := h.engineStore.Machines(ctx, defaultAccount, h.config.Region, "", 1000)
	for _, m := range machines {
		list, listErr := h.engineStore.Executions(ctx, engine.Query{Machine: m.ARN, Status: engine.Running, Limit: 1000})
		err = errors.Join(err, listErr)
		n += len(list)
	}
	if err != nil {
		p.State, p.Detail = "degraded", err.Error()
		return p
	}
	p.Detail = numbered(len(machines), "state machine") + ", " + numbered(n, "execution") + " running"
	return p
}

func (h *consoleHealth) jobs(ctx context.Context) web.Part {
	p := web.Part{Name: "jobs", State: "ok"}
	scope := batch.Scope{Account: defaultAccount, Region: h.config.Region}
	count := map[batch.Status]int{}
	for _, s := range []batch.Status{batch.Runnable, batch.Running} {
		list, err := h.batch.ListJobs(ctx, scope, batch.JobQuery{Status: s, Limit: 1000})
		if err != nil {
			p.State, p.Detail = "degraded", err.Error()
			return p
		}
		count[s] = len(list)
	}
	p.Detail = fmt.Sprintf("%d running, %d waiting", count[batch.Running], count[batch.Runnable])
	return p
}

// store is the disk that all is kept on.
func (h *consoleHealth) store() web.Part {
	free, total, err := freeSpace(h.config.Data)
	p := web.Part{Name: "objects", State: "ok"}
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		p.Detail = "in " + h.config.Data
	case err != nil:
		p.State, p.Detail = "degraded", err.Error()
	default:
		p.Detail = fmt.Sprintf("%.1f GB free of %.1f GB", float64(free)/1e9, float64(total)/1e9)
		if free < 1<<30 || free < total/50 {
			p.State = "degraded"
		}
	}
	return p
}

// firstProbe is how long an answer waits for the first probe.
const firstProbe = 100 * time.Millisecond

// warehouseNow is what a probe finds that has just ended.
func (h *consoleHealth) warehouseNow(ctx context.Context) web.Part {
	h.mu.Lock()
	if h.probing == nil && time.Since(h.probed) >= probeEvery/20 {
		h.probing = make(chan struct{})
		go h.probe(h.probing)
	}
	probing := h.probing
	h.mu.Unlock()
	if probing != nil {
		select {
		case <-probing:
		case <-ctx.Done():
			return web.Part{Name: "warehouse", State: "down", Detail: "it does not answer"}
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last
}

// warehousePart tells what the last probe found. It is renewed behind the
// answer, which never waits for a slow warehouse.
func (h *consoleHealth) warehousePart(ctx context.Context) web.Part {
	h.mu.Lock()
	if h.probing == nil && time.Since(h.probed) >= probeEvery {
		h.probing = make(chan struct{})
		go h.probe(h.probing)
	}
	probing, known := h.probing, !h.probed.IsZero()
	h.mu.Unlock()
	if !known {
		select {
		case <-probing:
		case <-ctx.Done():
		case <-time.After(firstProbe):
			return web.Part{Name: "warehouse", State: "starting", Detail: "it has not answered yet"}
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last
}

// probe asks the warehouse, and closes done.
func (h *consoleHealth) probe(done chan struct{}) {
	ctx, cancel := context.WithTimeout(h.life, 5*time.Second)
	defer cancel()
	began := time.Now()
	p := web.Part{Name: "warehouse", State: "ok"}
	conn, err := pgconn.ConnectConfig(ctx, h.warehouse.config())
	var refused *pgconn.PgError
	switch {
	case err == nil:
		conn.Close(ctx)
		p.Detail = fmt.Sprintf("%s:%d answers in %d ms", h.warehouse.host, h.warehouse.port, time.Since(began).Milliseconds())
	case errors.As(err, &refused) && refused.Code == "57P03":
		p.State, p.Detail = "starting", refused.Message
	case errors.As(err, &refused):
		p.State, p.Detail = "degraded", refused.Message
	default:
		p.State, p.Detail = "down", "it does not answer"
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last, h.probed, h.probing = p, time.Now(), nil
	close(done)
}

// config is how pgx connects to the warehouse.
func (a address) config() *pgconn.Config {
	cfg, err := pgconn.ParseConfig("sslmode=disable")
	if err != nil {
		panic(err) // the text is ours
	}
	cfg.Host, cfg.Port, cfg.User, cfg.Password, cfg.Database = a.host, a.port, a.user, a.password, a.database
	cfg.Fallbacks = nil
	return cfg
}

// numbered writes a number of things.
func numbered(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
