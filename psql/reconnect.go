package psql

import (
	"fmt"
	"maps"
	"strings"

	"salamander/sqltext"
)

// cmdConnect opens another connection: \connect [-reuse-previous=on|off]
// DBNAME USER HOST PORT, each "-" or left out for what it was, or a
// connection string.
//
// https://www.postgresql.org/docs/15/app-psql.html#APP-PSQL-META-COMMANDS-CONNECT
func (sc *script) cmdConnect(name string) cmdStatus {
	s := sc.sh
	reuse, said := false, false
	var args []string
	for len(args) < 4 {
		a, ok, err := sc.scan.Arg(sqltext.ArgNormal, true)
		if err != nil {
			s.errorf("%v", err)
			return cmdError
		}
		if !ok {
			break
		}
		arg := a.Text
		if a.Quote == '"' {
			arg = strings.ReplaceAll(arg, `"`, "")
		}
		if value, ok := strings.CutPrefix(arg, "-reuse-previous="); ok && len(args) == 0 {
			on, err := parseBool(value, "-reuse-previous")
			if err != nil {
				s.errorf("%v", err)
				return cmdError
			}
			reuse, said = on, true
			continue
		}
		args = append(args, arg)
	}
	for i, arg := range args {
		if arg == "-" {
			args[i] = ""
		}
	}
	for len(args) < 4 {
		args = append(args, "")
	}
	p, err := s.connectOptions(args, reuse, said)
	if err != nil {
		s.errorf("\\%s: %v", "connect", err)
		return s.connectFailed()
	}
	c, err := connect(s.ctx, p)
	if err != nil {
		s.errorf("\\%s: %v", "connect", err)
		return s.connectFailed()
	}
	old := s.conn
	s.connected(c)
	s.sayConnected(old)
	if old != nil {
		old.close()
	}
	return cmdSkip
}

// connectFailed drops the connection that a script had: it must not go on
// with the wrong one.
func (s *shell) connectFailed() cmdStatus {
	if s.interactive {
		return cmdError
	}
	if s.conn != nil {
		s.conn.close()
		s.conn = nil
	}
	return cmdError
}

// connectOptions completes the options of a new connection by those of the
// one before.
func (s *shell) connectOptions(args []string, reuse, said bool) (map[string]string, error) {
	given := map[string]string{"user": args[1], "host": args[2], "port": args[3]}
	isString := isConnInfo(args[0])
	if !said {
		reuse = !isString
	}
	if isString {
		info, err := parseConnInfo(args[0])
		if err != nil {
			return nil, err
		}
		for name, value := range given {
			if value == "" {
				delete(given, name)
			}
		}
		maps.Copy(given, info)
	} else {
		given["dbname"] = args[0]
	}
	if s.conn == nil || !reuse {
		return s.completeOptions(given)
	}
	last := s.conn.options
	changed := func(name string) bool { return given[name] != "" && given[name] != last[name] }
	drop := changed("user") || changed("host") || changed("port")
	for name, value := range last {
		switch {
		case name == "password" && drop, name == "hostaddr" && changed("host"):
		case given[name] == "":
			given[name] = value
		}
	}
	return s.completeOptions(given)
}

// sayConnected tells of a new connection, and where to if that changed.
func (s *shell) sayConnected(old *conn) {
	c := s.conn
	where := "."
	if old == nil || old.target.host != c.target.host || old.target.port != c.target.port {
		switch t := c.target; {
		case t.isSocket():
			where = fmt.Sprintf(" via socket in \"%s\" at port \"%s\".", t.host, t.port)
		case t.host != t.addr:
			where = fmt.Sprintf(" on host \"%s\" (address \"%s\") at port \"%s\".", t.host, t.addr, t.port)
		default:
			where = fmt.Sprintf(" on host \"%s\" at port \"%s\".", t.host, t.port)
		}
	}
	s.say("You are now connected to database \"%s\" as user \"%s\"%s", c.db, c.user, where)
}
