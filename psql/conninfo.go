package psql

import (
	"fmt"
	"net/url"
	"strings"
)

// isConnInfo reports whether a database name is a connection string.
func isConnInfo(s string) bool {
	return isURI(s) || strings.Contains(s, "=")
}

func isURI(s string) bool {
	return strings.HasPrefix(s, "postgresql://") || strings.HasPrefix(s, "postgres://")
}

// parseConnInfo reads a connection string or URI.
//
// https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING
func parseConnInfo(s string) (map[string]string, error) {
	var p map[string]string
	var err error
	if isURI(s) {
		p, err = parseURI(s)
	} else {
		p, err = parsePairs(s)
	}
	if err != nil {
		return nil, err
	}
	for name := range p {
		if !connOptions[name] {
			if isURI(s) {
				return nil, fmt.Errorf("invalid URI query parameter: \"%s\"", name)
			}
			return nil, fmt.Errorf("invalid connection option \"%s\"", name)
		}
	}
	return p, nil
}

// connOptions are libpq's connection options that have a meaning here; the
// others are accepted only when they ask for nothing this psql lacks.
var connOptions = map[string]bool{
	"host": true, "hostaddr": true, "port": true, "dbname": true, "user": true, "password": true, "passfile": true,
	"connect_timeout": true, "client_encoding": true, "options": true, "application_name": true,
	"fallback_application_name": true, "sslmode": true, "sslcert": true, "sslkey": true, "sslrootcert": true,
	"keepalives": true, "keepalives_idle": true, "keepalives_interval": true, "keepalives_count": true,
	"tcp_user_timeout": true, "target_session_attrs": true, "gssencmode": true, "channel_binding": true, "service": true,
}

// parsePairs reads "name = value" pairs; a value may be quoted.
func parsePairs(s string) (map[string]string, error) {
	p := map[string]string{}
	for s = strings.TrimLeft(s, " \t\n\r"); s != ""; s = strings.TrimLeft(s, " \t\n\r") {
		n := strings.IndexAny(s, "= \t\n\r")
		if n < 0 {
			return nil, fmt.Errorf("missing \"=\" after \"%s\" in connection info string", s)
		}
		name := s[:n]
		rest := strings.TrimLeft(s[n:], " \t\n\r")
		if !strings.HasPrefix(rest, "=") {
			return nil, fmt.Errorf("missing \"=\" after \"%s\" in connection info string", name)
		}
		value, tail, err := pairValue(strings.TrimLeft(rest[1:], " \t\n\r"))
		if err != nil {
			return nil, err
		}
		p[name] = value
		s = tail
	}
	return p, nil
}

func pairValue(s string) (value, rest string, err error) {
	var b strings.Builder
	quoted := strings.HasPrefix(s, "'")
	i := 0
	if quoted {
		i = 1
	}
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case quoted && c == '\'':
			return b.String(), s[i+1:], nil
		case !quoted && strings.IndexByte(" \t\n\r", c) >= 0:
			return b.String(), s[i:], nil
		default:
			b.WriteByte(c)
		}
	}
	if quoted {
		return "", "", fmt.Errorf("unterminated quoted string in connection info string")
	}
	return b.String(), "", nil
}

// parseURI reads postgresql://user:password@host:port/dbname?name=value.
func parseURI(s string) (map[string]string, error) {
	_, rest, _ := strings.Cut(s, "://")
	p := map[string]string{}
	unescape := func(name, v string) error {
		if v == "" {
			return nil
		}
		u, err := url.PathUnescape(v)
		if err != nil {
			return fmt.Errorf("invalid percent-encoded token: \"%s\"", v)
		}
		p[name] = u
		return nil
	}
	rest, query, _ := strings.Cut(rest, "?")
	authority, db, _ := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		user, password, _ := strings.Cut(authority[:at], ":")
		authority = authority[at+1:]
		if err := unescape("user", user); err != nil {
			return nil, err
		}
		if err := unescape("password", password); err != nil {
			return nil, err
		}
	}
	var hosts, ports []string
	for _, one := range strings.Split(authority, ",") {
		host, port := one, ""
		if strings.HasPrefix(one, "[") {
			end := strings.IndexByte(one, ']')
			if end < 0 {
				return nil, fmt.Errorf("end of string reached when looking for matching \"]\" in IPv6 host address in URI: \"%s\"", s)
			}
			host, port = one[1:end], strings.TrimPrefix(one[end+1:], ":")
		} else if i := strings.LastIndexByte(one, ':'); i >= 0 {
			host, port = one[:i], one[i+1:]
		}
		hosts, ports = append(hosts, host), append(ports, port)
	}
	if err := unescape("host", strings.Join(hosts, ",")); err != nil {
		return nil, err
	}
	if joined := strings.Join(ports, ","); strings.Trim(joined, ",") != "" {
		p["port"] = joined
	}
	if err := unescape("dbname", db); err != nil {
		return nil, err
	}
	for pair := range strings.SplitSeq(query, "&") {
		if pair == "" {
			continue
		}
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, fmt.Errorf("missing key/value separator \"=\" in URI query parameter: \"%s\"", name)
		}
		p[name] = ""
		if err := unescape(name, value); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// connEnv are the environment variables that stand for connection options.
var connEnv = [...][2]string{
	{"host", "PGHOST"}, {"hostaddr", "PGHOSTADDR"}, {"port", "PGPORT"}, {"dbname", "PGDATABASE"}, {"user", "PGUSER"},
	{"password", "PGPASSWORD"}, {"passfile", "PGPASSFILE"}, {"options", "PGOPTIONS"}, {"application_name", "PGAPPNAME"},
	{"sslmode", "PGSSLMODE"}, {"sslcert", "PGSSLCERT"}, {"sslkey", "PGSSLKEY"}, {"sslrootcert", "PGSSLROOTCERT"},
	{"connect_timeout", "PGCONNECT_TIMEOUT"}, {"client_encoding", "PGCLIENTENCODING"}, {"target_session_attrs", "PGTARGETSESSIONATTRS"},
}

// complete adds what the environment and the defaults say to the options.
func complete(given map[string]string, env func(string) (string, bool)) map[string]string {
	p := map[string]string{}
	for name, value := range given {
		if value != "" {
			p[name] = value
		}
	}
	for _, e := range connEnv {
		if _, ok := p[e[0]]; ok {
			continue
		}
		if value, ok := env(e[1]); ok && value != "" {
			p[e[0]] = value
		}
	}
	def := func(name, value string) {
		if p[name] == "" {
			p[name] = value
		}
	}
	def("port", "5432")
	def("sslmode", "prefer")
	if p["user"] == "" {
		p["user"] = systemUser()
	}
	def("dbname", p["user"])
	return p
}
