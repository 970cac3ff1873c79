package psql

import (
	"fmt"
	"strings"
)

// policies are those of row security.
func (r *relation) policies() bool {
	if !r.is("rm") || r.call.version < 90500 {
		return true
	}
	rows, ok := r.ask("policies")
	forced := ""
	if r.has(6) {
		forced = "forced "
	}
	var lines []string
	for _, p := range rows {
		text := fmt.Sprintf("    POLICY \"%s\"", p[0].text)
		if p[1].text == "f" {
			text += " AS RESTRICTIVE"
		}
		for _, part := range []struct {
			format string
			value  cell
		}{{" FOR %s", p[5]}, {"\n      TO %s", p[2]}, {"\n      USING (%s)", p[3]}, {"\n      WITH CHECK (%s)", p[4]}} {
			if !part.value.null {
				text += fmt.Sprintf(part.format, part.value.text)
			}
		}
		lines = append(lines, text)
	}
	switch on := r.has(5); {
	case on && len(lines) == 0:
		r.foot("Policies (" + forced + "row security enabled): (none)")
	case on && forced != "":
		r.section("Policies (forced row security enabled):", lines)
	case on:
		r.section("Policies:", lines)
	default:
		r.section("Policies (row security disabled):", lines)
	}
	return ok
}

// statistics are the extended ones.
func (r *relation) statistics() bool {
	if !r.is("rm") || r.call.version < 100000 {
		return true
	}
	rows, ok := r.ask("statistics")
	var lines []string
	for _, st := range rows {
		var kinds []string
		for i, kind := range []string{"ndistinct", "dependencies", "mcv"} {
			if st[5+i].text == "t" {
				kinds = append(kinds, kind)
			}
		}
		text := fmt.Sprintf("    \"%s.%s\"", st[2].text, st[3].text)
		if n := len(kinds); n > 0 && n < 3 || r.call.version < 140000 { // all need no names
			text += " (" + strings.Join(kinds, ", ") + ")"
		}
		text += fmt.Sprintf(" ON %s FROM %s", st[4].text, st[1].text)
		if st[8].text != "-1" {
			text += "; STATISTICS " + st[8].text
		}
		lines = append(lines, text)
	}
	r.section("Statistics objects:", lines)
	return ok
}

// rules are those of a table; viewDefinition shows a view's.
func (r *relation) rules() bool {
	if !r.is("r") || !r.has(3) {
		return true
	}
	rows, ok := r.ask("table_rules")
	for _, group := range []struct{ head, enabled string }{
		{"Rules:", "O"}, {"Disabled rules:", "D"}, {"Rules firing always:", "A"}, {"Rules firing on replica only:", "R"},
	} {
		var lines []string
		for _, rule := range rows {
			if rule[2].text == group.enabled {
				lines = append(lines, "    "+strings.TrimPrefix(rule[1].text, "CREATE RULE "))
			}
		}
		r.section(group.head, lines)
	}
	return ok
}

// publications are those that a table or materialized view is in.
func (r *relation) publications() bool {
	if !r.is("rm") || r.call.version < 100000 {
		return true
	}
	rows, ok := r.ask("publications")
	var lines []string
	for _, p := range rows {
		text := fmt.Sprintf("    \"%s\"", p[0].text)
		if !p[2].null {
			text += " (" + p[2].text + ")"
		}
		if !p[1].null {
			text += " WHERE " + p[1].text
		}
		lines = append(lines, text)
	}
	r.section("Publications:", lines)
	return ok
}

// kin are the lines about the type, the replica identity and the tablespace.
func (r *relation) kin() bool {
	if !r.is("rm") {
		return true
	}
	if r.row[11].text != "" {
		r.foot("Typed table of type: " + r.row[11].text)
	}
	if len(r.row) > 13 && r.call.plus {
		standard := "d"
		if r.schema == "pg_catalog" {
			standard = "n"
		}
		// An index that identifies says so itself.
		if identity := r.row[13].text; identity != standard && identity != "i" {
			name := map[string]string{"f": "FULL", "n": "NOTHING"}[identity]
			if name == "" {
				name = "???"
			}
			r.foot("Replica Identity: " + name)
		}
	}
	if r.call.plus && r.is("r") && r.has(7) {
		r.foot("Has OIDs: yes")
	}
	return r.tablespace()
}

// tablespace is the line about one that is not the database's.
func (r *relation) tablespace() bool {
	name, ok := r.spaceName(r.row[10].text)
	if name != "" {
		r.foot("Tablespace: \"" + name + "\"")
	}
	return ok
}

// spaceName is a tablespace's name, "" for the database's own.
func (r *relation) spaceName(oid string) (name string, ok bool) {
	if atoi(oid) == 0 {
		return "", true
	}
	rows, ok := r.ask("tablespace", "{space}", oid)
	if len(rows) > 0 {
		name = rows[0][0].text
	}
	return name, ok
}
