//go:build !cgo

package proxy_test

// child does nothing: there is no embedded warehouse.
func child() {}
