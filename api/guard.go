package api

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"salamander/operation"
)

// guard refuses what a web page elsewhere can make a browser send: names
// that were bound to this address by somebody else's DNS, and requests from
// foreign pages. Jobs run commands, so the port is defended even though every call
// is signed.
func (s *server) guard(r *http.Request) *operation.Error {
	refuse := func(message string) *operation.Error {
		return &operation.Error{Code: "AccessDeniedException", Status: http.StatusForbidden, Message: message}
	}
	if !s.known(r.Host) {
		return refuse("Salamander does not serve the host " + quote(r.Host) + ": use 127.0.0.1 or localhost, or name it in the configuration.")
	}
	if r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		return refuse("Salamander refuses requests from pages of other sites.")
	}
	for _, origin := range r.Header.Values("Origin") {
		u, err := url.Parse(origin)
		if err != nil || u.Host == "" || !s.known(u.Host) {
			return refuse("Salamander refuses requests from the origin " + quote(origin) + ".")
		}
	}
	return nil
}

func quote(s string) string {
	if len(s) > 200 {
		s = s[:200] + "…"
	}
	return `"` + s + `"`
}

// known reports whether a host, with or without a port, is a loopback name
// or address, a name below localhost (a bucket's), or a configured one.
func (s *server) known(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	if addr, err := netip.ParseAddr(host); err == nil && addr.Unmap().IsLoopback() {
		return true
	}
	return slices.ContainsFunc(s.opt.Hosts, func(h string) bool {
		h = strings.ToLower(h)
		return h == host || h == strings.ToLower(hostport) || strings.HasSuffix(host, "."+h)
	})
}
