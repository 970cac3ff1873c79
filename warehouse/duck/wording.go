//go:build cgo

package duck

import (
	"fmt"
	"regexp"
	"strings"

	"salamander/warehouse/redshift"
	"salamander/warehouse/sqlstate"
)

// couldNot is what DuckDB says of a text that is no value of a type.
var couldNot = regexp.MustCompile(`^Could not convert string ["'](.*)["'] to (DOUBLE|FLOAT|DECIMAL|BOOL|BOOLEAN|INT128)\b`)

// digitsOnly are texts that are numbers, and were too large.
var digitsOnly = regexp.MustCompile(`^[-+]?[0-9]+(\.[0-9]*)?$`)

// systemHint are the hints at relations of the system.
var systemHint = regexp.MustCompile(`"(?:[a-z_]+\.)?(?:svv|svl|svcs|stl|stv|sys|pg|mv)[_ ]`)

// typeWord is the name that such errors give a type.
func typeWord(duck string) string {
	switch duck {
	case "DOUBLE":
		return "double precision"
	case "FLOAT":
		return "real"
	case "BOOL", "BOOLEAN":
		return "boolean"
	}
	return "numeric"
}

// wording gives an error PostgreSQL's words where DuckDB's tell of DuckDB.
func wording(e *nativeError, r *sqlstate.Error) {
	if m := couldNot.FindStringSubmatch(e.Message); m != nil && (m[2] != "DECIMAL" || !digitsOnly.MatchString(m[1])) {
		r.Message, r.Hint, r.Code = fmt.Sprintf("invalid input syntax for type %s: \"%s\"", typeWord(m[2]), m[1]), "", sqlstate.InvalidText
		return
	}
	if strings.HasPrefix(e.Message, "More than one row returned by a subquery used as an expression") {
		r.Message, r.Hint, r.Code = "more than one row returned by a subquery used as an expression", "", "21000"
		return
	}
	rephrase(e, r)
	if strings.HasPrefix(r.Hint, "Did you mean") && (strings.Contains(r.Hint, ", ") || strings.Contains(r.Hint, "rs_") || strings.Contains(r.Hint, "info_") || systemHint.MatchString(r.Hint) || strings.Contains(r.Hint, "main.")) {
		r.Hint = "" // of tables and macros of ours, or of no use
	}
	if strings.Contains(r.Hint, "Candidate") || strings.Contains(r.Hint, "SET ") {
		r.Hint = "" // of DuckDB's functions and settings
	}
}

// callWords tells a call that has no function, whose types are in DuckDB's
// words: "function left(date, integer) does not
// exist", "operator does not exist: date ~~ unknown".
func callWords(call string) string {
	name, _, _ := strings.Cut(call, "(")
	types, ok := argumentTypes(call)
	if !ok {
		return "function " + strings.ToLower(call) + " does not exist"
	}
	for i, typ := range types {
		types[i] = typeInWords(typ)
	}
	name = strings.TrimPrefix(strings.ToLower(name), "rs_")
	if name == "like_escape" || name == "ilike_escape" {
		name, types = "~~", types[:min(2, len(types))]
	}
	if strings.ContainsAny(name, "abcdefghijklmnopqrstuvwxyz") {
		return "function " + name + "(" + strings.Join(types, ", ") + ") does not exist"
	}
	if len(types) == 1 {
		return "operator does not exist: " + name + " " + types[0]
	}
	return "operator does not exist: " + strings.Join(types, " "+name+" ")
}

// typeInWords is a type of DuckDB's in PostgreSQL's words.
func typeInWords(typ string) string {
	switch typ {
	case "STRING_LITERAL", `"NULL"`, "NULL":
		return "unknown"
	case "INTEGER_LITERAL":
		return "integer"
	case "JSON":
		return "super"
	}
	name := redshift.TypeName(typ)
	name, _, _ = strings.Cut(name, "(")
	return name
}

// outOfRange words the overflow of arithmetic.
func outOfRange(msg string, r *sqlstate.Error) {
	for _, t := range [...][2]string{{"INT16", "smallint"}, {"INT32", "integer"}, {"INT64", "bigint"}, {"INT128", "numeric"}, {"DECIMAL", "numeric"}} {
		if strings.Contains(msg, " of "+t[0]) || strings.Contains(msg, " to "+t[0]) {
			r.Message, r.Hint = t[1]+" out of range", ""
			return
		}
	}
}
