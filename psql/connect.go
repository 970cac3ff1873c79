package psql

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

func systemUser() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "postgres"
}

// socketDir is where libpq looks for a server's socket when no host is given.
const socketDir = "/var/run/postgresql"

// A target is one address of a server.
type target struct {
	host, addr, port string // host as the user wrote it; addr an IP address, empty for a socket
}

func (t target) isSocket() bool { return strings.HasPrefix(t.host, "/") }

// where begins a message about t, as libpq words it.
func (t target) where() string {
	switch {
	case t.isSocket():
		return fmt.Sprintf("connection to server on socket \"%s\" failed: ", filepath.Join(t.host, ".s.PGSQL."+t.port))
	case t.addr == t.host:
		return fmt.Sprintf("connection to server at \"%s\", port %s failed: ", t.host, t.port)
	}
	return fmt.Sprintf("connection to server at \"%s\" (%s), port %s failed: ", t.host, t.addr, t.port)
}

// connect opens a connection with completed options, trying each host and
// address in turn. The error's text is libpq's.
func connect(ctx context.Context, p map[string]string) (*conn, error) {
	var complaints []string
	hosts := strings.Split(p["host"], ",")
	ports := strings.Split(p["port"], ",")
	for i, host := range hosts {
		port := ports[min(i, len(ports)-1)]
		n, err := strconv.Atoi(strings.TrimSpace(port))
		if err != nil {
			return nil, fmt.Errorf("invalid integer value \"%s\" for connection option \"port\"", port)
		}
		if n < 1 || n > 65535 {
			return nil, fmt.Errorf("invalid port number: \"%s\"", port)
		}
		targets, err := resolve(ctx, host, p["hostaddr"], strconv.Itoa(n))
		if err != nil {
			complaints = append(complaints, err.Error())
			continue
		}
		for _, t := range targets {
			c, err := dial(ctx, p, t)
			if err == nil {
				return c, nil
			}
			complaints = append(complaints, err.Error())
			if ctx.Err() != nil {
				return nil, errors.New(strings.Join(complaints, "\n"))
			}
		}
	}
	return nil, errors.New(strings.Join(complaints, "\n"))
}

func resolve(ctx context.Context, host, hostaddr, port string) ([]target, error) {
	switch {
	case hostaddr != "":
		if host == "" {
			host = hostaddr
		}
		return []target{{host, hostaddr, port}}, nil
	case host == "":
		return []target{{socketDir, "", port}}, nil
	case strings.HasPrefix(host, "/"):
		return []target{{host, "", port}}, nil
	case net.ParseIP(host) != nil:
		return []target{{host, host, port}}, nil
	}
	addrs, err := net.DefaultResolver.LookupHost(ctx, host)
	if err != nil {
		return nil, fmt.Errorf("could not translate host name \"%s\" to address: Name or service not known", host)
	}
	var all []target
	for _, addr := range addrs {
		all = append(all, target{host, addr, port})
	}
	return all, nil
}

// dial makes one connection.
func dial(ctx context.Context, p map[string]string, t target) (*conn, error) {
	var b strings.Builder
	for _, name := range []string{"user", "password", "dbname", "sslmode", "sslcert", "sslkey", "sslrootcert", "passfile", "target_session_attrs", "channel_binding"} {
		if p[name] != "" {
			fmt.Fprintf(&b, "%s='%s' ", name, strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(p[name]))
		}
	}
	fmt.Fprintf(&b, "host='%s' port=%s", t.host, t.port)
	cfg, err := pgconn.ParseConfig(b.String())
	if err != nil {
		return nil, fmt.Errorf("%sinvalid connection options: %w", t.where(), err)
	}
	// The environment is the caller's affair: ParseConfig reads the process's.
	cfg.Password = p["password"]
	if cfg.Password == "" {
		cfg.Password = passFile(p, t)
	}
	cfg.RuntimeParams = map[string]string{"application_name": "psql"}
	for name, param := range map[string]string{"application_name": "application_name", "options": "options", "client_encoding": "client_encoding"} {
		if v := p[name]; v != "" {
			cfg.RuntimeParams[param] = v
		}
	}
	cfg.ConnectTimeout = 0
	if n, err := strconv.Atoi(strings.TrimSpace(p["connect_timeout"])); err == nil && n > 0 {
		cfg.ConnectTimeout = time.Duration(max(n, 2)) * time.Second
	} else if err != nil && p["connect_timeout"] != "" {
		return nil, fmt.Errorf("invalid integer value \"%s\" for connection option \"connect_timeout\"", p["connect_timeout"])
	}
	if !t.isSocket() {
		cfg.LookupFunc = func(context.Context, string) ([]string, error) { return []string{t.addr}, nil }
	}
	var notices []*pgconn.Notice
	cfg.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { notices = append(notices, n) }
	pc, err := pgconn.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, errors.New(t.where() + dialError(err, t, cfg.Password))
	}
	h, err := pc.Hijack()
	if err != nil {
		return nil, fmt.Errorf("%s%w", t.where(), err)
	}
	return newConn(h, t, p), nil
}

// dialError words an error of pgconn as libpq does, without the prefix.
func dialError(err error, t target, password string) string {
	var text []string
	for _, e := range leafErrors(err) {
		var pg *pgconn.PgError
		if !errors.As(e, &pg) {
			continue
		}
		if password == "" && pg.Code == "28P01" {
			return "fe_sendauth: no password supplied" // pgx sends an empty one, libpq none
		}
		line := pg.Severity + ":  " + pg.Message
		if pg.Detail != "" {
			line += "\nDETAIL:  " + pg.Detail
		}
		if pg.Hint != "" {
			line += "\nHINT:  " + pg.Hint
		}
		text = append(text, line)
	}
	if len(text) > 0 {
		return strings.Join(text, "\n"+t.where())
	}
	var errno syscall.Errno
	var netErr net.Error
	switch {
	case errors.As(err, &errno):
		msg := errnoText(errno)
		switch {
		case t.isSocket():
			return msg + "\n\tIs the server running locally and accepting connections on that socket?"
		case errno == syscall.ECONNREFUSED, errno == syscall.ENETUNREACH, errno == syscall.EHOSTUNREACH, errno == syscall.ETIMEDOUT:
			return msg + "\n\tIs the server running on that host and accepting TCP/IP connections?"
		}
		return msg
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &netErr) && netErr.Timeout():
		return "timeout expired"
	case password == "" && strings.Contains(err.Error(), "failed SASL auth"), password == "" && strings.Contains(err.Error(), "password"):
		return "fe_sendauth: no password supplied"
	case strings.Contains(err.Error(), "EOF"):
		return "server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally\n\tbefore or while processing the request."
	}
	return err.Error()
}

// errnoText is the C library's text: "Connection refused".
func errnoText(errno syscall.Errno) string {
	s := errno.Error()
	return strings.ToUpper(s[:1]) + s[1:]
}

// leafErrors returns the errors that err joins.
func leafErrors(err error) []error {
	switch e := err.(type) {
	case interface{ Unwrap() []error }:
		var all []error
		for _, one := range e.Unwrap() {
			all = append(all, leafErrors(one)...)
		}
		return all
	case interface{ Unwrap() error }:
		if next := e.Unwrap(); next != nil {
			if many := leafErrors(next); len(many) > 1 {
				return many
			}
		}
	}
	return []error{err}
}

// passFile looks the password up in the password file, which must be
// readable by its owner only.
func passFile(p map[string]string, t target) string {
	name := p["passfile"]
	if name == "" {
		return ""
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm()&0o077 != 0 {
		return ""
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return ""
	}
	host := t.host
	if host == socketDir {
		host = "localhost"
	}
	want := []string{host, t.port, p["dbname"], p["user"]}
	for line := range strings.SplitSeq(string(b), "\n") {
		fields := passFields(strings.TrimSuffix(line, "\r"))
		if len(fields) != 5 || strings.HasPrefix(line, "#") {
			continue
		}
		match := true
		for i, w := range want {
			match = match && (fields[i] == "*" || fields[i] == w)
		}
		if match {
			return fields[4]
		}
	}
	return ""
}

func passFields(line string) []string {
	var fields []string
	var b strings.Builder
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '\\' && i+1 < len(line):
			i++
			b.WriteByte(line[i])
		case line[i] == ':' && len(fields) < 4:
			fields = append(fields, b.String())
			b.Reset()
		default:
			b.WriteByte(line[i])
		}
	}
	return append(fields, b.String())
}
