package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"os"

	"salamander/warehouse"
)

// checkWire checks how clients connect to the warehouse.
func (c *config) checkWire() error {
	switch {
	case c.WarehouseAuth != "" && c.WarehouseAuth != "scram" && c.WarehouseAuth != "password":
		return fmt.Errorf("--warehouse-auth: got %q; need one of scram, password", c.WarehouseAuth)
	case c.WarehouseCert == "" && c.WarehouseKey == "":
		return nil
	case c.WarehouseCert == "":
		return errors.New("--warehouse-key: need --warehouse-cert too")
	case c.WarehouseKey == "":
		return errors.New("--warehouse-cert: need --warehouse-key too")
	}
	if _, err := tls.LoadX509KeyPair(c.WarehouseCert, c.WarehouseKey); err != nil {
		return fmt.Errorf("--warehouse-cert: %w", err)
	}
	return nil
}

// wired gives a warehouse the configured way to connect. The files were read
// once when the configuration was checked: one that is gone since is no
// certificate, which Start refuses.
func (c *config) wired(opt warehouse.Options) warehouse.Options {
	opt.Wire.Password = c.WarehouseAuth == "password"
	if c.WarehouseCert == "" {
		return opt
	}
	read := func(file string) []byte {
		b, err := os.ReadFile(file)
		if err != nil {
			return []byte("unreadable: " + err.Error())
		}
		return b
	}
	opt.Wire.Cert, opt.Wire.Key = read(c.WarehouseCert), read(c.WarehouseKey)
	return opt
}
