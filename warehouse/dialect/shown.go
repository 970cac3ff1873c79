package dialect

import (
	"slices"
	"strings"
)

// Shown returns the statement's text as logs and system tables show it: without
// the texts of credentials and passwords.
func (s *Statement) Shown() string {
	if len(s.nodes) == 0 || !slices.Contains([]string{"copy", "unload", "create", "alter"}, s.nodes[0].Word) {
		return s.Text()
	}
	var b strings.Builder
	from, secret := s.Pos, false
	for _, n := range s.nodes {
		switch {
		case n.Kind.IsString():
			if secret {
				b.WriteString(s.text[from:n.Pos] + "''")
				from = n.Last()
			}
		case secret && n.Word == "as":
			continue
		}
		secret = slices.Contains([]string{"credentials", "access_key_id", "secret_access_key", "session_token", "master_symmetric_key", "password"}, n.Word)
	}
	return b.String() + s.text[from:max(from, s.End)]
}
