package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"salamander/batch"
	"salamander/batch/process"
	"salamander/warehouse"
)

func warehouseDir(data string) string { return filepath.Join(data, "warehouse") }

// listenWarehouse opens the warehouse's address: that of the one which outlived
// an earlier server, if it is the configured one.
func (a *app) listenWarehouse(listen func(flag, addr string) (net.Listener, error)) (err error) {
	dir := warehouseDir(a.config.Data)
	if ln := warehouse.Inherited(dir); ln != nil {
		if a.config.Warehouse == "" && (fits(ln.Addr(), a.config.WarehouseAddr) || a.config.Demo) { // a demo keeps its addresses
			a.warehouseListener = ln
			return nil
		}
		ln.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := warehouse.End(ctx, dir); err != nil {
			return fmt.Errorf("--warehouse-addr: the warehouse still serves %s: %w", ln.Addr(), err)
		}
	}
	a.warehouseListener, err = listen("warehouse-addr", a.config.WarehouseAddr)
	return err
}

// fits reports whether addr is what a server would listen on that is to listen
// on want: its port may have been taken, or be free to choose.
func fits(addr net.Addr, want string) bool {
	host, port, err := net.SplitHostPort(want)
	if err != nil {
		return false
	}
	resolved, err := net.ResolveTCPAddr("tcp", net.JoinHostPort(host, "0"))
	have, ok := addr.(*net.TCPAddr)
	if err != nil || !ok {
		return false
	}
	same := have.IP.Equal(resolved.IP) || len(resolved.IP) == 0 && have.IP.IsUnspecified()
	_, actual, err := net.SplitHostPort(addr.String())
	return err == nil && same && (port == "0" || port == actual)
}

// closeWarehouses ends the warehouses, or lets them go on without the server.
func (a *app) closeWarehouses(leave bool) (err error) {
	if a.supervisor != nil {
		s, leaves := a.supervisor.(interface{ Leave() })
		if leave && leaves {
			s.Leave()
		} else {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			err = a.supervisor.Stop(ctx)
		}
	}
	switch {
	case a.clusters == nil:
	case leave:
		err = errors.Join(err, a.clusters.Leave())
	default:
		err = errors.Join(err, a.clusters.Close())
	}
	return err
}

// endWarehouses ends the warehouses that outlived the server of a data directory,
// so that their files may be used. While clients are connected to one, it
// returns [warehouse.ErrBusy].
func endWarehouses(ctx context.Context, data string) error {
	dirs, err := filepath.Glob(filepath.Join(data, "clusters", "*", "warehouse"))
	if err != nil {
		return err
	}
	for _, dir := range append(dirs, warehouseDir(data)) {
		err = errors.Join(err, warehouse.End(ctx, dir))
	}
	return err
}

// A warmExecutor starts a job that is told the port of a warehouse when that
// warehouse's process serves: a server that is killed then leaves the job one to
// connect to.
type warmExecutor struct {
	*process.Executor
	app *app
}

// Start is [process.Executor.Start].
func (x warmExecutor) Start(ctx context.Context, r batch.Run, out batch.LineWriter) (batch.Process, error) {
	for _, e := range r.Env {
		name, value, _ := strings.Cut(e, "=")
		if addr := x.app.warehouseAt(value); addr != "" && strings.HasSuffix(name, "PORT") {
			awaken(ctx, addr)
			break
		}
	}
	return x.Executor.Start(ctx, r, out)
}

// warehouseAt returns the address of the embedded warehouse at a port of this
// server, or "".
func (a *app) warehouseAt(port string) string {
	if _, ours, err := net.SplitHostPort(a.server.Warehouse); err == nil && port == ours {
		return a.server.Warehouse
	}
	if a.clusters == nil {
		return ""
	}
	for _, c := range a.clusters.List(defaultAccount, a.config.Region) {
		if strconv.Itoa(c.Port) == port && !c.Paused {
			return net.JoinHostPort(c.Host, port)
		}
	}
	return ""
}

// awaken returns when the server at addr answers, or soon: what is wrong with it
// is told to who uses it.
func awaken(ctx context.Context, addr string) {
	c, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))                     // it answers or not
	if _, err := c.Write([]byte{0, 0, 0, 8, 4, 210, 22, 47}); err == nil { // SSLRequest
		_, _ = c.Read(make([]byte, 1))
	}
}
