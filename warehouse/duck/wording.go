//go:build cgo

package duck

import (
	"fmt"
	"regexp"
	"strings"

	"salamander/warehouse/sqlstate"
)

// couldNot is what DuckDB says of a text that is no value of a type.
var couldNot = regexp.MustCompile(`^Could not convert string ["'](.*)["'] to (DOUBLE|FLOAT|DECIMAL|BOOL|BOOLEAN|INT128)\b`)

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
	if m := couldNot.FindStringSubmatch(e.Message); m != nil {
		r.Message, r.Hint, r.Code = fmt.Sprintf("invalid input syntax for type %s: \"%s\"", typeWord(m[2]), m[1]), "", sqlstate.InvalidText
		return
	}
	if strings.HasPrefix(e.Message, "More than one row returned by a subquery used as an expression") {
		r.Message, r.Hint, r.Code = "more than one row returned by a subquery used as an expression", "", "21000"
		return
	}
	if strings.Contains(r.Hint, "Candidate") || strings.Contains(r.Hint, "SET ") {
		r.Hint = "" // of DuckDB's functions and settings
	}
}
