package psql

import (
	"cmp"
	"strconv"
	"strings"

	"salamander/sqltext"
)

// What Amazon Redshift RSQL adds to psql: \remark, \exit and :ACTIVITYCOUNT
// are nothing in psql and always work; comparisons in \if, \goto, \label and
// :ERRORCODE work with --rsql, where they come before psql's meaning.
//
// https://docs.aws.amazon.com/redshift/latest/mgmt/rsql-query-tool-commands.html

// lookupVariable returns a variable's value, RSQL's included.
func (s *shell) lookupVariable(name string) (string, bool) {
	if value, ok := s.vars.get(name); ok {
		return value, true
	}
	switch {
	case name == "ACTIVITYCOUNT":
		return s.vars.get("ROW_COUNT")
	case name == "ERRORCODE" && s.rsql:
		if s.vars.is("ERROR", "true") {
			return "1", true
		}
		return "0", true
	}
	return "", false
}

// comparison evaluates "a op b", as numbers where both are. ok is false where
// the text is no comparison.
func comparison(text string) (value, ok bool) {
	f := strings.Fields(text)
	if len(f) != 3 {
		return false, false
	}
	a, b := plainValue(f[0]), plainValue(f[2])
	order := strings.Compare(a, b)
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	if errX == nil && errY == nil {
		order = cmp.Compare(x, y)
	}
	switch f[1] {
	case "=", "==":
		return order == 0, true
	case "<>", "!=":
		return order != 0, true
	case "<":
		return order < 0, true
	case "<=":
		return order <= 0, true
	case ">":
		return order > 0, true
	case ">=":
		return order >= 0, true
	}
	return false, false
}

// plainValue is a word of a comparison: without quotes, booleans as numbers.
func plainValue(word string) string {
	if n := len(word); n >= 2 && word[0] == '\'' && word[n-1] == '\'' {
		return word[1 : n-1]
	}
	switch strings.ToLower(word) {
	case "true":
		return "1"
	case "false":
		return "0"
	}
	return word
}

// cmdGoto passes over the script up to the \label of that name, and leaves
// the \if blocks it is in.
func (sc *script) cmdGoto(name string) cmdStatus {
	label, ok := sc.arg(true)
	if !ok {
		return sc.missing(name)
	}
	sc.buf, sc.nl = sc.buf[:0], -1
	sc.scan.Arg(sqltext.ArgLine, false)
	for {
		line, err := sc.sh.readLine()
		if err != nil {
			sc.sh.errorf("\\%s: there is no \\label %s below", name, label)
			return cmdError
		}
		f := strings.Fields(line)
		if len(f) >= 2 && f[0] == `\label` && strings.TrimRight(f[1], ";") == label {
			sc.conds.stack = sc.conds.stack[:0]
			return cmdSkip
		}
	}
}

// cmdLabel is where \goto goes.
func (sc *script) cmdLabel(name string) cmdStatus {
	if _, ok := sc.arg(true); !ok {
		return sc.missing(name)
	}
	return cmdSkip
}
