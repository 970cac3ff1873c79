package console

import (
	"context"
	"net/http"
)

// A Part is a part of the server and how it is.
type Part struct {
	Name   string `json:"name"`  // "engine", "jobs", "functions", "objects", "warehouse", "triggers", "deliveries"
	State  string `json:"state"` // "ok", "starting", "degraded" or "down"
	Detail string `json:"detail"`
}

// Health tells how the parts of the server are.
type Health interface {
	Parts(ctx context.Context) []Part
}

func (c *Console) parts(ctx context.Context) []Part {
	if c.opt.Health == nil {
		return []Part{}
	}
	return c.opt.Health.Parts(ctx)
}

// session tells the page who it is and where the rest of the server is.
//
//	GET /api/session -> {"account", "region", "user", "csrf", "boot", "version", "started",
//	    "awsEndpoint", "warehouse", "dataDir", "clusters", "parts"}
func (c *Console) session(_ http.ResponseWriter, r *http.Request) (any, error) {
	secret, _ := c.sessionOf(r)
	clusters := []string{}
	if c.opt.Warehouses != nil {
		clusters = c.opt.Warehouses.Clusters()
	}
	return struct {
		Account string `json:"account"`
		Region  string `json:"region"`
		User    string `json:"user"`
		CSRF    string `json:"csrf"`
		Boot    string `json:"boot"`
		Version string `json:"version"`
		Started int64  `json:"started"`
		About
		Clusters []string `json:"clusters"`
		Parts    []Part   `json:"parts"`
	}{c.opt.Caller.Account, c.opt.Caller.Region, c.opt.Caller.Principal, csrfOf(secret), c.boot, c.opt.Version,
		millis(c.started), c.opt.About, clusters, c.parts(r.Context())}, nil
}
