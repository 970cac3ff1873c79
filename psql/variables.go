package psql

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// variables are the variables of a script. Some are bound to settings: they
// accept only certain values, and come back with a default when unset.
type variables struct {
	values map[string]string
	bound  map[string]binding
}

// A binding is what a setting's variable accepts. fix returns the value to
// keep, or the complaint.
type binding struct {
	initial string // what unsetting brings back; empty: unset
	fix     func(name, value string) (string, error)
}

func newVariables() *variables {
	v := &variables{values: map[string]string{}, bound: map[string]binding{}}
	off := binding{"off", fixBool}
	for _, name := range []string{"AUTOCOMMIT", "HIDE_TABLEAM", "HIDE_TOAST_COMPRESSION", "ON_ERROR_STOP", "QUIET", "SHOW_ALL_RESULTS", "SINGLELINE", "SINGLESTEP"} {
		v.bound[name] = off
	}
	v.bound["ECHO"] = oneOf("none", "none", "errors", "queries", "all")
	v.bound["ECHO_HIDDEN"] = boolOr("off", "noexec")
	v.bound["ON_ERROR_ROLLBACK"] = boolOr("off", "interactive")
	v.bound["VERBOSITY"] = oneOf("default", "default", "verbose", "terse", "sqlstate")
	v.bound["SHOW_CONTEXT"] = oneOf("errors", "never", "errors", "always")
	v.bound["COMP_KEYWORD_CASE"] = oneOf("preserve-upper", "lower", "upper", "preserve-lower", "preserve-upper")
	v.bound["HISTCONTROL"] = oneOf("none", "ignorespace", "ignoredups", "ignoreboth", "none")
	v.bound["FETCH_COUNT"] = binding{"0", fixInt}
	v.bound["HISTSIZE"] = binding{"500", fixInt}
	v.bound["IGNOREEOF"] = binding{"0", fixInt}
	for name, b := range v.bound {
		v.values[name] = b.initial
	}
	for name, value := range map[string]string{
		"AUTOCOMMIT": "on", "SHOW_ALL_RESULTS": "on",
		"PROMPT1": "%/%R%x%# ", "PROMPT2": "%/%R%x%# ", "PROMPT3": ">> ",
		"VERSION": "PostgreSQL " + Version + " (Salamander)", "VERSION_NAME": Version, "VERSION_NUM": versionNum(Version),
		"LAST_ERROR_MESSAGE": "", "LAST_ERROR_SQLSTATE": "00000",
	} {
		v.values[name] = value
	}
	return v
}

// versionNum turns "15.18" into "150018".
func versionNum(version string) string {
	major, minor, _ := strings.Cut(version, ".")
	a, _ := strconv.Atoi(major)
	b, _ := strconv.Atoi(minor)
	return strconv.Itoa(a*10000 + b)
}

func (v *variables) get(name string) (string, bool) {
	value, ok := v.values[name]
	return value, ok
}

// set sets a variable; its error is psql's complaint.
func (v *variables) set(name, value string) error {
	if !isVariableName(name) {
		return fmt.Errorf("invalid variable name: \"%s\"", name)
	}
	if b, ok := v.bound[name]; ok {
		fixed, err := b.fix(name, value)
		if err != nil {
			return err
		}
		value = fixed
	}
	v.values[name] = value
	return nil
}

// unset removes a variable, or brings a setting back to its default.
func (v *variables) unset(name string) error {
	if !isVariableName(name) {
		return fmt.Errorf("invalid variable name: \"%s\"", name)
	}
	if b, ok := v.bound[name]; ok {
		v.values[name] = b.initial
		return nil
	}
	delete(v.values, name)
	return nil
}

// names returns the names of all variables in order.
func (v *variables) names() []string {
	var all []string
	for name := range v.values {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// is reports whether a setting has the value.
func (v *variables) is(name, value string) bool { return v.values[name] == value }

func isVariableName(name string) bool {
	for i := range len(name) {
		c := name[i]
		if !(c >= 0x80 || c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z') {
			return false
		}
	}
	return name != ""
}

func fixBool(name, value string) (string, error) {
	if value == "" {
		return "on", nil
	}
	if _, err := parseBool(value, name); err != nil {
		return "", err
	}
	return value, nil
}

func fixInt(name, value string) (string, error) {
	if value == "" {
		value = "0"
	}
	if _, err := strconv.ParseInt(strings.TrimSpace(value), 0, 32); err != nil {
		return "", fmt.Errorf("invalid value \"%s\" for \"%s\": integer expected", value, name)
	}
	return value, nil
}

func oneOf(initial string, values ...string) binding {
	return binding{initial, func(name, value string) (string, error) {
		for _, v := range values {
			if strings.EqualFold(v, value) {
				return v, nil
			}
		}
		return "", unrecognized(name, value, values...)
	}}
}

func boolOr(initial, other string) binding {
	return binding{initial, func(name, value string) (string, error) {
		if value == "" {
			return "on", nil
		}
		if strings.EqualFold(value, other) {
			return value, nil
		}
		if _, err := parseBool(value, name); err != nil {
			return "", unrecognized(name, value, "on", "off", other)
		}
		return value, nil
	}}
}

func unrecognized(name, value string, values ...string) error {
	return fmt.Errorf("unrecognized value \"%s\" for \"%s\"\nAvailable values are: %s.", value, name, strings.Join(values, ", ")) //lint:ignore ST1005 psql's text
}

// parseBool reads on, off, true, false, yes, no and their prefixes, 1 and 0.
func parseBool(value, name string) (bool, error) {
	prefix := func(word string, least int) bool {
		return len(value) >= least && len(value) <= len(word) && strings.EqualFold(value, word[:len(value)])
	}
	switch {
	case prefix("true", 1), prefix("yes", 1), prefix("on", 2), value == "1":
		return true, nil
	case prefix("false", 1), prefix("no", 1), prefix("off", 2), value == "0":
		return false, nil
	}
	return false, fmt.Errorf("unrecognized value \"%s\" for \"%s\": Boolean expected", value, name)
}

// isOn reads a setting that is a boolean or "".
func (v *variables) isOn(name string) bool {
	on, err := parseBool(v.values[name], name)
	return err == nil && on
}
