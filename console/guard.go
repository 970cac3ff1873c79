package console

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"salamander/operation"
)

// policy lets a page load scripts, styles and data from this port alone, and
// run nothing that stands in the page itself.
//
// https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// secure sets what every answer bears.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
}

// guard refuses what a page elsewhere can make a browser send: names that
// somebody else's DNS binds to this address, and requests of other origins.
// Another port of this host is another origin, though the browser would send
// the cookie with its requests: SameSite looks at the host alone.
func (c *Console) guard(r *http.Request) error {
	if !c.serves(r.Host) {
		return forbidden("the console does not serve this host: use 127.0.0.1 or localhost")
	}
	for _, origin := range r.Header.Values("Origin") {
		u, err := url.Parse(origin)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || !strings.EqualFold(u.Host, r.Host) {
			return forbidden("the console refuses requests of other origins")
		}
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return nil
	}
	// A link on another page may open the console, and no more than that.
	if safe(r.Method) && r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document" && !isAPI(r.URL.Path) {
		return nil
	}
	return forbidden("the console refuses requests of other sites")
}

func forbidden(message string) error {
	return &operation.Error{Code: "Forbidden", Message: message, Status: http.StatusForbidden}
}

func safe(method string) bool { return method == http.MethodGet || method == http.MethodHead }

func isAPI(path string) bool { return path == "/api" || strings.HasPrefix(path, "/api/") }

// serves reports whether a request may be for a host, with or without a port:
// a loopback name or address, or a configured one. An IP address cannot be
// bound by somebody else's DNS.
func (c *Console) serves(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if host == "localhost" {
		return true
	}
	if addr, err := netip.ParseAddr(host); err == nil && (c.opt.AnyAddr || addr.Unmap().IsLoopback()) {
		return true
	}
	return slices.ContainsFunc(c.opt.Hosts, func(h string) bool { return strings.EqualFold(h, host) })
}
