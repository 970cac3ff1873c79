package psql

import (
	"fmt"
	"strings"
)

// footers are the lines below a table or view.
func (r *relation) footers() bool {
	steps := []func() bool{r.indexes, r.checks, r.keys, r.policies, r.statistics, r.rules, r.publications, r.viewDefinition, r.triggers, r.family, r.kin}
	for _, step := range steps {
		if !step() {
			return false
		}
	}
	if r.call.plus && r.is("rm") && len(r.row) > 14 && r.row[14].text != "" && !r.sh.vars.isOn("HIDE_TABLEAM") {
		r.foot("Access method: " + r.row[14].text)
	}
	if r.call.plus && r.row[9].text != "" {
		r.foot("Options: " + r.row[9].text)
	}
	return true
}

// section adds a heading and lines, unless there are none.
func (r *relation) section(head string, lines []string) {
	if len(lines) > 0 {
		r.foot(append([]string{head}, lines...)...)
	}
}

func (r *relation) indexes() bool {
	if !r.is("rm") || !r.has(2) {
		return true
	}
	rows, ok := r.ask("indexes")
	var lines []string
	for _, i := range rows {
		on := func(n int) bool { return i[n].text == "t" }
		text := fmt.Sprintf("    \"%s\"", i[0].text)
		if i[7].text == "x" {
			text += " " + i[6].text
		} else {
			switch {
			case on(1):
				text += " PRIMARY KEY,"
			case on(2) && i[7].text == "u":
				text += " UNIQUE CONSTRAINT,"
			case on(2):
				text += " UNIQUE,"
			}
			definition := i[5].text
			if _, after, found := strings.Cut(definition, " USING "); found {
				definition = after
			}
			text += " " + definition
			if on(8) {
				text += " DEFERRABLE"
			}
			if on(9) {
				text += " INITIALLY DEFERRED"
			}
		}
		if on(3) {
			text += " CLUSTER"
		}
		if !on(4) {
			text += " INVALID"
		}
		if on(10) {
			text += " REPLICA IDENTITY"
		}
		if space, ok := r.spaceName(i[11].text); !ok {
			return false
		} else if space != "" {
			text += ", tablespace \"" + space + "\""
		}
		lines = append(lines, text)
	}
	r.section("Indexes:", lines)
	return ok
}

func (r *relation) checks() bool {
	if !r.is("rm") || atoi(r.row[0].text) == 0 {
		return true
	}
	rows, ok := r.ask("checks")
	var lines []string
	for _, c := range rows {
		lines = append(lines, fmt.Sprintf("    \"%s\" %s", c[0].text, c[1].text))
	}
	r.section("Check constraints:", lines)
	return ok
}

// keys are foreign keys, of the table and on it.
func (r *relation) keys() bool {
	if !r.is("rm") || !r.has(4) {
		return true
	}
	rows, ok := r.ask("foreign_keys")
	if !ok {
		return false
	}
	var lines []string
	for _, k := range rows {
		lines = append(lines, fmt.Sprintf("    \"%s\" %s", k[1].text, k[2].text))
	}
	r.section("Foreign-key constraints:", lines)
	rows, ok = r.ask("referenced_by")
	lines = nil
	for _, k := range rows {
		lines = append(lines, fmt.Sprintf("    TABLE \"%s\" CONSTRAINT \"%s\" %s", k[1].text, k[0].text, k[2].text))
	}
	r.section("Referenced by:", lines)
	return ok
}

func (r *relation) viewDefinition() bool {
	if !r.is("vm") || !r.call.plus {
		return true
	}
	rows, ok := r.ask("view")
	if len(rows) > 0 {
		r.foot("View definition:", rows[0][0].text)
	}
	if ok && r.is("v") && r.has(3) {
		var rules [][]cell
		if rules, ok = r.ask("rules"); len(rules) > 0 {
			var lines []string
			for _, rule := range rules {
				lines = append(lines, " "+rule[1].text[min(len(rule[1].text), len("CREATE RULE ")):])
			}
			r.section("Rules:", lines)
		}
	}
	return ok
}

func (r *relation) triggers() bool {
	if !r.has(4) {
		return true
	}
	rows, ok := r.ask("triggers")
	for _, group := range []struct{ head, enabled, internal string }{
		{"Triggers:", "Ot", "f"}, {"Disabled user triggers:", "Df", "f"}, {"Disabled internal triggers:", "Df", "t"},
		{"Triggers firing always:", "A", "f"}, {"Triggers firing on replica only:", "R", "f"},
	} {
		var lines []string
		for _, t := range rows {
			if strings.Contains(group.enabled, t[2].text) && t[3].text == group.internal {
				_, definition, _ := strings.Cut(t[1].text, " TRIGGER ")
				lines = append(lines, "    "+definition)
			}
		}
		r.section(group.head, lines)
	}
	return ok
}

// family is what a table inherits from, and what inherits from it.
func (r *relation) family() bool {
	if !r.is("r") {
		return true
	}
	rows, ok := r.ask("parents")
	if !ok {
		return false
	}
	r.names("Inherits", rows)
	rows, ok = r.ask("children")
	switch {
	case len(rows) == 0:
	case r.call.plus:
		r.names("Child tables", rows)
	default:
		r.foot(fmt.Sprintf("Number of child tables: %d (Use \\d+ to list them.)", len(rows)))
	}
	return ok
}

// names adds a list of tables, one below the other.
func (r *relation) names(head string, rows [][]cell) {
	for i, row := range rows {
		line := head + ": " + row[0].text
		if i > 0 {
			line = strings.Repeat(" ", len(head)+2) + row[0].text
		}
		if i < len(rows)-1 {
			line += ","
		}
		r.foot(line)
	}
}
