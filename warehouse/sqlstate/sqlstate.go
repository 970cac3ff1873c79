// Package sqlstate holds the errors and notices that a warehouse gives its
// clients, in PostgreSQL's fields and with PostgreSQL's codes.
package sqlstate

import "fmt"

// The codes that the warehouse gives.
//
// https://www.postgresql.org/docs/15/errcodes-appendix.html
const (
	Warning                  = "01000"
	FeatureNotSupported      = "0A000"
	ConnectionFailure        = "08006"
	ProtocolViolation        = "08P01"
	CardinalityViolation     = "21000"
	DataException            = "22000"
	StringTooLong            = "22001"
	NumericOutOfRange        = "22003"
	InvalidDatetime          = "22007"
	DatetimeOverflow         = "22008"
	BadCopyFormat            = "22P04"
	BadBinary                = "22P03"
	DivisionByZero           = "22012"
	CharacterNotInRepertoire = "22021"
	InvalidParameterValue    = "22023"
	InvalidText              = "22P02"
	NotNullViolation         = "23502"
	CheckViolation           = "23514"
	IntegrityViolation       = "23000"
	ActiveTransaction        = "25001"
	NoActiveTransaction      = "25P01"
	FailedTransaction        = "25P02"
	InvalidAuthorization     = "28000"
	InvalidPassword          = "28P01"
	InvalidCatalog           = "3D000"
	InvalidSchema            = "3F000"
	SerializationFailure     = "40001"
	InsufficientPrivilege    = "42501"
	SyntaxError              = "42601"
	GroupingError            = "42803"
	UndefinedColumn          = "42703"
	UndefinedFunction        = "42883"
	UndefinedTable           = "42P01"
	UndefinedParameter       = "42P02"
	UndefinedObject          = "42704"
	DuplicateObject          = "42710"
	WrongObjectType          = "42809"
	InvalidGrant             = "0LP01"
	InvalidColumnReference   = "42P10"
	DatatypeMismatch         = "42804"
	CannotCoerce             = "42846"
	AmbiguousColumn          = "42702"
	DuplicateTable           = "42P07"
	DuplicateColumn          = "42701"
	DuplicateSchema          = "42P06"
	DuplicateStatement       = "42P05"
	InvalidStatementName     = "26000"
	InvalidCursorName        = "34000"
	DependentObjects         = "2BP01"
	InsufficientResources    = "53000"
	DiskFull                 = "53100"
	OutOfMemory              = "53200"
	TooManyConnections       = "53300"
	ObjectState              = "55000"
	ObjectInUse              = "55006"
	LockNotAvailable         = "55P03"
	QueryCanceled            = "57014"
	AdminShutdown            = "57P01"
	CannotConnectNow         = "57P03"
	InternalError            = "XX000"
)

// An Error is what a client is told of a statement that failed.
type Error struct {
	Severity string // "ERROR", which the zero value means, or "FATAL"
	Code     string // five characters; the zero value means InternalError
	Message  string
	Detail   string
	Hint     string
	Where    string // the context: "COPY t, line 3"

	// At is where in the client's text the error is, as a byte offset
	// counted from 1; 0 is unknown.
	At int
}

// Errorf returns an error with a code and a message.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Unsupported returns an error that names what the embedded warehouse does not
// have, and where it stands in the text.
func Unsupported(offset int, format string, args ...any) *Error {
	return &Error{Code: FeatureNotSupported, Message: fmt.Sprintf(format, args...) + " is not supported by the embedded warehouse", At: offset + 1}
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// A Notice tells a client something without failing its statement.
type Notice struct {
	Severity string // "NOTICE", "WARNING", "INFO"
	Code     string
	Message  string
}
