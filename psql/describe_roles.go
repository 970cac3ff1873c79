package psql

import (
	"strconv"
	"strings"
)

// listRoles is \du and \dg, whose table psql makes of the answer itself.
func (s *shell) listRoles(c listingCall) bool {
	l := listing{lines: strings.Split(`SELECT r.rolname, r.rolsuper, r.rolinherit,
  r.rolcreaterole, r.rolcreatedb, r.rolcanlogin,
  r.rolconnlimit, r.rolvaliduntil,
  ARRAY(SELECT b.rolname
        FROM pg_catalog.pg_auth_members m
        JOIN pg_catalog.pg_roles b ON (m.roleid = b.oid)
        WHERE m.member = r.oid) as memberof
#if +
, pg_catalog.shobj_description(r.oid, 'pg_authid') AS description
#end
, r.rolreplication
#if >=90500
, r.rolbypassrls
#end
FROM pg_catalog.pg_roles r
#if !S !pattern
WHERE r.rolname !~ '^pg_'
#end
#pattern|where|r.rolname|
ORDER BY 1;`, "\n")}
	query, err := l.query(c)
	if err != nil {
		s.errorf("%v", err)
		return false
	}
	res, ok := s.internal(query, true)
	if !ok || res == nil {
		return false
	}
	t := table{title: "List of roles", noFooter: true, columns: []column{{name: "Role name"}, {name: "Attributes"}, {name: "Member of"}}}
	extra := 0
	if c.plus {
		t.columns = append(t.columns, column{name: "Description"})
		extra = 1
	}
	for _, row := range res.table.rows {
		if len(row) < 10+extra {
			s.errorf("the server's list of roles has too few columns")
			return false
		}
		out := []cell{row[0], {text: roleAttributes(row, 9+extra)}, row[8]}
		if c.plus {
			out = append(out, row[9])
		}
		t.rows = append(t.rows, out)
	}
	s.printListing(t)
	return true
}

// roleAttributes words what a role may do. The columns from more on are
// replication and, with newer servers, row security.
func roleAttributes(row []cell, more int) string {
	var words []string
	add := func(on bool, word string) {
		if on {
			words = append(words, word)
		}
	}
	add(row[1].text == "t", "Superuser")
	add(row[2].text != "t", "No inheritance")
	add(row[3].text == "t", "Create role")
	add(row[4].text == "t", "Create DB")
	add(row[5].text != "t", "Cannot login")
	add(row[more].text == "t", "Replication")
	add(len(row) > more+1 && row[more+1].text == "t", "Bypass RLS")
	text := strings.Join(words, ", ")
	line := func(s string) {
		if text != "" {
			text += "\n"
		}
		text += s
	}
	if n, err := strconv.Atoi(row[6].text); err == nil && n >= 0 {
		switch n {
		case 0:
			line("No connections")
		case 1:
			line("1 connection")
		default:
			line(row[6].text + " connections")
		}
	}
	if until := row[7]; !until.null && until.text != "" {
		line("Password valid until " + until.text)
	}
	return text
}
