package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"time"

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
