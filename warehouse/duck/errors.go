//go:build cgo

package duck

import (
	"errors"
	"fmt"
	"strings"

	"salamander/warehouse/dialect"
	"salamander/warehouse/sqlstate"
)

// translate turns an error of DuckDB's into the client's, with the position
// in the client's text.
func translate(err error, st *dialect.Statement, out *dialect.Rewritten) error {
	var known *sqlstate.Error
	var e *nativeError
	if errors.As(err, &known) || !errors.As(err, &e) {
		return err
	}
	r := &sqlstate.Error{Message: e.Message}
	r.Message, r.Hint, _ = strings.Cut(r.Message, "\n")
	r.Hint = strings.TrimSpace(r.Hint)
	if out != nil && e.at() >= 0 {
		r.At = out.Mapping.Source(e.at()) + 1
	}
	r.Code = code(e, r)
	wording(e, r)
	return r
}

func code(e *nativeError, r *sqlstate.Error) string {
	msg := e.Message
	if rest, ok := strings.CutPrefix(msg, "rs: "); ok {
		r.Message = rest + " is not supported by the embedded warehouse"
		return sqlstate.FeatureNotSupported
	}
	if rest, ok := strings.CutPrefix(msg, signalDenied); ok {
		r.Message = rest
		return sqlstate.InsufficientPrivilege
	}
	if rest, ok := strings.CutPrefix(msg, "rs! "); ok {
		r.Message, _, _ = strings.Cut(rest, " when casting from source column ")
		return ownCode(r.Message)
	}
	if strings.Contains(msg, "No space left on device") {
		r.Message, r.Detail, r.Hint = "could not write to the warehouse: no space left on device", msg, ""
		return sqlstate.DiskFull
	}
	if strings.Contains(msg, "database has been invalidated") {
		r.Message, r.Hint = "the warehouse starts again after an error that it cannot go on with", ""
		return sqlstate.CannotConnectNow
	}
	switch e.Kind {
	case "Parser", "Syntax":
		return sqlstate.SyntaxError
	case "Invalid Input":
		if msg == "division by zero" {
			return sqlstate.DivisionByZero
		}
		if strings.Contains(msg, "multiple statements") { // what DuckDB makes of it
			r.Message = "a PIVOT without a list of values, or a new column whose default is not constant, is not supported by the embedded warehouse"
			return sqlstate.FeatureNotSupported
		}
		return sqlstate.InvalidText
	case "Divide by Zero":
		r.Message = "division by zero"
		return sqlstate.DivisionByZero
	case "Catalog":
		return catalogCode(e, r)
	case "Binder":
		return binderCode(e, r)
	case "Conversion":
		if rest, ok := strings.CutPrefix(msg, "invalid timestamp field format: "); ok { // of ICU
			text, _, _ := strings.Cut(rest, ", expected")
			r.Message = "invalid input syntax for type timestamp with time zone: " + text
		}
		return conversionCode(msg)
	case "Mismatch Type":
		return sqlstate.DatatypeMismatch
	case "Out of Range":
		outOfRange(msg, r)
		return sqlstate.NumericOutOfRange
	case "Constraint":
		return constraintCode(msg, r)
	case "TransactionContext", "Transaction":
		return sqlstate.SerializationFailure
	case "Interrupt":
		r.Message = "canceling statement due to user request"
		return sqlstate.QueryCanceled
	case "Out of Memory":
		return sqlstate.OutOfMemory
	case "Permission":
		return permissionCode(msg, r)
	case "Dependency":
		return sqlstate.DependentObjects
	case "Not implemented":
		return sqlstate.FeatureNotSupported
	}
	return sqlstate.InternalError
}

// ownCode is the code of an error of a function or a cast of ours.
func ownCode(msg string) string {
	switch {
	case msg == dialect.MergeTwice:
		return "21000"
	case strings.HasPrefix(msg, "value \"") && strings.Contains(msg, " is out of range for type "):
		return sqlstate.NumericOutOfRange
	case strings.HasPrefix(msg, "invalid input syntax for type date"), strings.HasPrefix(msg, "invalid input syntax for type time"):
		return sqlstate.InvalidDatetime
	}
	return sqlstate.InvalidText
}

func catalogCode(e *nativeError, r *sqlstate.Error) string {
	switch {
	case strings.HasSuffix(e.Message, " is not an table"):
		r.Message = fmt.Sprintf("\"%s\" is not a table", strings.TrimSuffix(e.Message, " is not an table"))
		return sqlstate.WrongObjectType
	case strings.HasPrefix(e.Message, "Existing object ") && strings.Contains(e.Message, ", trying to "):
		name, _, _ := strings.Cut(strings.TrimPrefix(e.Message, "Existing object "), " is of type ")
		r.Message = fmt.Sprintf("\"%s\" is not a table", name)
		if strings.HasSuffix(strings.TrimSpace(e.Message), "type View") {
			r.Message = fmt.Sprintf("\"%s\" is not a view", name)
		}
		return sqlstate.WrongObjectType
	case strings.Contains(e.Message, "write-write conflict"):
		return sqlstate.SerializationFailure
	case strings.Contains(e.Message, "already exists"):
		if strings.HasPrefix(e.Message, "Schema") {
			return sqlstate.DuplicateSchema
		}
		if _, rest, ok := strings.Cut(e.Message, ` with name "`); ok {
			name, _, _ := strings.Cut(rest, `"`)
			r.Message, r.Hint = fmt.Sprintf("Relation \"%s\" already exists", name), ""
		}
		return sqlstate.DuplicateTable
	case e.Type == "Table" || strings.HasPrefix(e.Message, "Table with name") || strings.HasPrefix(e.Message, "View with name"):
		if e.Name != "" {
			r.Message = fmt.Sprintf("relation \"%s\" does not exist", e.Name)
		}
		return sqlstate.UndefinedTable
	case strings.Contains(e.Type, "Function"):
		r.Hint = "" // DuckDB's near names are not Redshift's
		if redshiftFunctions[strings.ToLower(e.Name)] {
			r.Message = fmt.Sprintf("the function %s is not supported by the embedded warehouse", e.Name)
			return sqlstate.FeatureNotSupported
		}
		r.Message = fmt.Sprintf("function %s does not exist", e.Name)
		return sqlstate.UndefinedFunction
	case e.Type == "Schema" || strings.HasPrefix(e.Message, "Schema"):
		return sqlstate.InvalidSchema
	}
	return sqlstate.UndefinedObject
}

func binderCode(e *nativeError, r *sqlstate.Error) string {
	switch {
	case e.Subtype == "COLUMN_NOT_FOUND":
		r.Message = fmt.Sprintf("column \"%s\" does not exist", e.Name)
		return sqlstate.UndefinedColumn
	case strings.Contains(e.Message, "does not have a column"):
		return sqlstate.UndefinedColumn
	case e.Subtype == "NO_MATCHING_FUNCTION":
		if name, _, ok := strings.Cut(strings.ToLower(e.Call), "("); ok && redshiftFunctions[name] {
			r.Message, r.Hint = fmt.Sprintf("the function %s is not supported by the embedded warehouse with these arguments", name), ""
			return sqlstate.FeatureNotSupported
		}
		r.Message = callWords(e.Call)
		r.Hint = "No function matches the given name and argument types. You may need to add explicit type casts."
		return sqlstate.UndefinedFunction
	case strings.HasPrefix(e.Message, "Could not choose a best candidate"):
		_, call, _ := strings.Cut(e.Message, "function call \"")
		call, _, _ = strings.Cut(call, "\".")
		r.Message, r.Hint = callWords(call), "No operator matches the given name and argument type(s). You may need to add explicit type casts."
		return sqlstate.UndefinedFunction
	case strings.Contains(e.Message, "must appear in the GROUP BY"):
		return sqlstate.GroupingError
	case strings.HasPrefix(e.Message, "UNNEST "), strings.HasPrefix(e.Message, "Nested UNNEST"):
		r.Message, r.Hint = "GENERATE_SERIES or UNNEST here is not supported by the embedded warehouse", ""
		return sqlstate.FeatureNotSupported
	case strings.Contains(e.Message, "Ambiguous"):
		return sqlstate.AmbiguousColumn
	case strings.Contains(e.Message, "rs_rows"):
		r.Message, r.Hint = "INSERT has more target columns than expressions, or fewer", ""
		return sqlstate.SyntaxError
	}
	return sqlstate.SyntaxError
}

func conversionCode(msg string) string {
	switch {
	case strings.Contains(msg, "out of range"):
		return sqlstate.NumericOutOfRange
	case strings.Contains(msg, "date") || strings.Contains(msg, "timestamp"):
		return sqlstate.InvalidDatetime
	}
	return sqlstate.InvalidText
}

func constraintCode(msg string, r *sqlstate.Error) string {
	if typeName, _, _, ok := dialect.TypeOfCheck(msg); ok {
		r.Message = "value too long for type " + typeName
		return sqlstate.StringTooLong
	}
	if dialect.IsBlankCheck(msg) {
		r.Message, r.Hint = "storing a VARCHAR that ends with blanks is not supported by the embedded warehouse", "Redshift ignores them when it compares. Use rtrim, in COPY TRIMBLANKS."
		return sqlstate.FeatureNotSupported
	}
	if strings.Contains(msg, "NOT NULL") && !strings.Contains(msg, "CHECK") {
		if _, column, ok := strings.Cut(msg, "NOT NULL constraint failed: "); ok {
			if i := strings.LastIndexByte(column, '.'); i >= 0 {
				r.Message = "Cannot insert a NULL value into column " + column[i+1:]
			}
		}
		return sqlstate.NotNullViolation
	}
	return sqlstate.IntegrityViolation
}

// permissionCode answers for the second of two locks on files: what the
// dialect took for the name of a table, and DuckDB for the name of a file that
// it may not open, is a table that does not exist.
func permissionCode(msg string, r *sqlstate.Error) string {
	r.Hint = ""
	if rest, ok := strings.CutPrefix(msg, `Cannot access file "`); ok {
		name, _, _ := strings.Cut(rest, `" - `)
		r.Message = fmt.Sprintf("relation \"%s\" does not exist", name)
		return sqlstate.UndefinedTable
	}
	r.Message = "permission denied"
	return sqlstate.InsufficientPrivilege
}
