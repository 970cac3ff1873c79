package main

import (
	"strings"

	web "salamander/console"
	"salamander/sqltext"
	"salamander/warehouse/cluster"
)

// consoleWarehouses lets the console connect to the warehouses of the server's
// account.
type consoleWarehouses struct{ *app }

// Clusters returns the names, the server's own first.
func (c consoleWarehouses) Clusters() []string {
	names := []string{builtInCluster}
	for _, one := range c.clusters.List(defaultAccount, c.config.Region) {
		if one.ID != builtInCluster {
			names = append(names, one.ID)
		}
	}
	return names
}

// Connection returns how to connect to one.
func (c consoleWarehouses) Connection(name string) (web.Connection, bool) {
	if one, err := c.clusters.Get(cluster.Key{Account: defaultAccount, Region: c.config.Region, ID: name}); err == nil && name != "" {
		return web.Connection{Host: one.Host, Port: uint16(one.Port), User: one.User, Password: one.Password, Database: one.Database}, true
	}
	own := c.warehouse
	return web.Connection{Host: own.host, Port: own.port, User: own.user, Password: own.password, Database: own.database}, name == "" || name == builtInCluster
}

// Split cuts a script at the semicolons outside of brackets. A statement begins
// with its first word and ends before its semicolon; what is only comments is
// none.
func (consoleWarehouses) Split(sql string) []web.Statement {
	tokens, _ := sqltext.Lex(sql, sqltext.Options{BackslashEscapes: true, HashNames: true}) // what does not end is the server's to refuse
	var all []web.Statement
	start, end, depth := -1, 0, 0
	flush := func() {
		if start >= 0 {
			all = append(all, web.Statement{SQL: strings.TrimRight(sql[start:end], " \t\r\n"), Start: start})
		}
		start, depth = -1, 0
	}
	for _, t := range tokens {
		switch t.Kind {
		case sqltext.Semicolon:
			if depth <= 0 {
				flush()
				continue
			}
		case sqltext.OpenParen:
			depth++
		case sqltext.CloseParen:
			depth--
		case sqltext.Space, sqltext.Comment:
			continue
		}
		if start < 0 {
			start = t.Pos
		}
		end = t.End
	}
	flush()
	return all
}
