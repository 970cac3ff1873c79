package main

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"salamander/warehouse"
)

// A warehouseLimits is what the embedded warehouses may use, in bytes; 0 is
// the default of [warehouse.Options].
type warehouseLimits struct{ memory, temp int64 }

// warehouseLimits reads the keys warehouse-memory and warehouse-temp.
func (c *config) warehouseLimits() (warehouseLimits, error) {
	memory, err := parseSize(c.WarehouseMemory)
	if err != nil {
		return warehouseLimits{}, fmt.Errorf("--warehouse-memory: %w", err)
	}
	if memory != 0 && memory < 64<<20 {
		return warehouseLimits{}, fmt.Errorf("--warehouse-memory: got %q; need at least 64MB", c.WarehouseMemory)
	}
	temp, err := parseSize(c.WarehouseTemp)
	if err != nil {
		return warehouseLimits{}, fmt.Errorf("--warehouse-temp: %w", err)
	}
	return warehouseLimits{memory, temp}, nil
}

// limited gives a warehouse the configured limits.
func (c *config) limited(opt warehouse.Options) warehouse.Options {
	limits, err := c.warehouseLimits()
	if err == nil { // else it was refused when the configuration was read
		opt.MemoryLimit, opt.TempLimit = limits.memory, limits.temp
	}
	if c.WarehouseTempDir != "" { // each has its own below
		opt.TempDir = filepath.Join(c.WarehouseTempDir, fmt.Sprintf("%x", sha256.Sum256([]byte(opt.Dir)))[:16])
	}
	return opt
}

var sizeUnits = [...]struct {
	name  string
	bytes int64
}{{"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30}, {"tib", 1 << 40}, {"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9}, {"tb", 1e12}, {"b", 1}, {"", 1}}

// parseSize reads a size such as 4GB or 512MiB; "" is 0.
func parseSize(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	lower := strings.ToLower(strings.ReplaceAll(text, " ", ""))
	for _, u := range sizeUnits {
		number, ok := strings.CutSuffix(lower, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(number, 64)
		if err != nil || n <= 0 || n*float64(u.bytes) > 1<<60 {
			break
		}
		return int64(n * float64(u.bytes)), nil
	}
	return 0, fmt.Errorf("got %q; need a size such as 4GB or 512MiB", text)
}
