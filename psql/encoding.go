package psql

import (
	"fmt"
	"strings"
)

// encoded notes the encoding in which the client speaks to the server.
func (s *shell) encoded(name string) {
	s.setVar("ENCODING", name)
	s.popt.singleByte = isSingleByte(name)
}

// isSingleByte reports whether an encoding has one byte for each character.
// What it prints is as wide as it has bytes.
//
// https://www.postgresql.org/docs/15/multibyte.html
func isSingleByte(name string) bool {
	for _, prefix := range [...]string{"LATIN", "WIN", "ISO_8859_", "KOI8", "SQL_ASCII"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// cmdEncoding shows or sets the client's encoding. Texts go to the server and
// come from it as they are: it converts them.
func (sc *script) cmdEncoding(string) cmdStatus {
	s := sc.sh
	name, ok := sc.arg(false)
	if !ok {
		fmt.Fprintln(s.stdout, s.vars.values["ENCODING"])
		return cmdSkip
	}
	if s.conn == nil {
		return cmdSkip
	}
	before := s.vars.values["ENCODING"]
	if !s.quietly("SET client_encoding TO '" + strings.ReplaceAll(name, "'", "''") + "'") {
		s.errorf("%s: invalid encoding name or conversion procedure not found", name)
		return cmdSkip
	}
	now := s.conn.params["client_encoding"]
	if now != "UTF8" && !isSingleByte(now) {
		s.quietly("SET client_encoding TO '" + before + "'")
		s.errorf("\\encoding: %s is not implemented by this psql, only UTF8 and encodings of single bytes", now)
		return cmdError
	}
	s.encoded(now)
	return cmdSkip
}

// quietly runs a statement whose error nobody sees.
func (s *shell) quietly(sql string) bool {
	if s.conn == nil {
		return false
	}
	ok := true
	r := s.receiver(sql)
	r.result = func(res *result) { ok = ok && res.err == nil }
	if err := s.conn.query(sql, r); err != nil {
		s.lost(err)
		return false
	}
	return ok
}
