package main

import (
	"net"
	"net/http"
	"path/filepath"
	"strings"

	"salamander/operation"
	"salamander/stack"
	"salamander/store"
	"salamander/warehouse/cluster"
)

// openStacks connects the stacks and the clusters that they may have.
func (a *app) openStacks(reg *operation.Registry) (err error) {
	a.stacks = stack.New(stack.Options{Store: store.NewStacks(a.db), Registry: reg, Endpoint: a.endpoint, Log: a.log})
	host, _, err := net.SplitHostPort(a.server.Warehouse)
	if err != nil {
		return err
	}
	a.clusters, err = cluster.Open(cluster.Options{Dir: filepath.Join(a.config.Data, "clusters"), Host: host, Objects: a.warehouseObjects(), Log: a.log, Start: a.startWarehouse})
	return err
}

// withSignals takes the answers of custom resources, whose URLs are the only
// key that they need, beside all other requests.
func withSignals(stacks *stack.Stacks, next http.Handler) http.Handler {
	if stacks == nil {
		return next
	}
	signals := stacks.Handler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, stack.SignalPath) {
			signals.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}
