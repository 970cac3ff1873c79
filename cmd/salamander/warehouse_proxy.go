package main

import (
	"cmp"
	"fmt"
	"net"

	"salamander/warehouse"
	"salamander/warehouse/cluster"
	"salamander/warehouse/proxy"
)

// startWarehouse starts a warehouse as opt says: an embedded one, or one that
// stands before the server of --warehouse. Clusters are started by it too, so
// that all of them reach that server.
func (a *app) startWarehouse(opt warehouse.Options) (cluster.Server, error) {
	if a.config.Warehouse == "" {
		opt.Outlive = a.config.outlives()
		s, err := warehouse.Start(a.config.wired(a.config.limited(opt)))
		if err != nil {
			return nil, err // an interface that is nil
		}
		return s, nil
	}
	target, err := proxy.ParseTarget(a.config.Warehouse)
	if err != nil {
		return nil, fmt.Errorf("--warehouse: %w", err)
	}
	opt = a.config.wired(opt)
	encryption, err := opt.Wire.TLS()
	if err != nil {
		return nil, fmt.Errorf("--warehouse-cert: %w", err)
	}
	if opt.Listener == nil {
		if opt.Listener, err = net.Listen("tcp", opt.Addr); err != nil {
			return nil, err
		}
	}
	p, err := proxy.Start(proxy.Options{Target: target, Listener: opt.Listener, User: opt.User, Password: opt.Password, Database: opt.Database,
		Account: opt.Account, Objects: opt.Objects, Log: opt.Log,
		TLS: encryption, Cleartext: opt.Wire.Password, MaxConnections: cmp.Or(opt.Wire.MaxConnections, warehouse.MaxConnections)})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// behindWarehouse says which server the warehouse stands before, without its
// password; "" is none.
func (c *config) behindWarehouse() string {
	if c.Warehouse == "" {
		return ""
	}
	target, err := proxy.ParseTarget(c.Warehouse)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%s at %s, database %s", target.Kind(), target.Host(), target.Database())
}
