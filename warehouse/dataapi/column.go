package dataapi

import "math"

// A Column describes a column of a result.
type Column struct {
	Name string
	OID  uint32 // PostgreSQL's number of the type
	Mod  int32  // PostgreSQL's type modifier; -1 is none
}

// Precision returns digits or characters and scale of a column, as Redshift's
// driver tells them.
func (c Column) Precision() (precision, scale int) {
	switch c.OID {
	case Bool:
		return 1, 0
	case Int2:
		return 5, 0
	case Int4:
		return 10, 0
	case Int8:
		return 19, 0
	case Float4:
		return 8, 8
	case Float8:
		return 17, 17
	case Date:
		return 13, 0
	case Timestamp:
		return 29, 6
	case TimestampTZ:
		return 35, 6
	case Numeric:
		if c.Mod >= 4 {
			return int(c.Mod-4) >> 16, int(c.Mod-4) & math.MaxUint16
		}
		return 0, 0
	case BPChar, VarChar:
		if c.Mod >= 4 {
			return int(c.Mod - 4), 0
		}
	}
	return math.MaxInt32, 0
}

// PostgreSQL's numbers of types.
const (
	Bool        = 16
	Bytea       = 17
	Char        = 18
	Name        = 19
	Int8        = 20
	Int2        = 21
	Int4        = 23
	Text        = 25
	OID         = 26
	Float4      = 700
	Float8      = 701
	Unknown     = 705
	BPChar      = 1042
	VarChar     = 1043
	Date        = 1082
	Time        = 1083
	Timestamp   = 1114
	TimestampTZ = 1184
	Interval    = 1186
	TimeTZ      = 1266
	Numeric     = 1700
	Super       = 4000
	Varbyte     = 6551
)

// Type returns the name of the column's type.
func (c Column) Type() string {
	switch c.OID {
	case Bool:
		return "bool"
	case Bytea:
		return "bytea"
	case Varbyte:
		return "varbyte"
	case Char:
		return "char"
	case Name:
		return "name"
	case Int8:
		return "int8"
	case Int2:
		return "int2"
	case Int4:
		return "int4"
	case Text:
		return "text"
	case OID:
		return "oid"
	case Float4:
		return "float4"
	case Float8:
		return "float8"
	case BPChar:
		return "bpchar"
	case VarChar:
		return "varchar"
	case Date:
		return "date"
	case Time:
		return "time"
	case TimeTZ:
		return "timetz"
	case Timestamp:
		return "timestamp"
	case TimestampTZ:
		return "timestamptz"
	case Interval:
		return "interval"
	case Numeric:
		return "numeric"
	case Super:
		return "super"
	}
	return "unknown"
}
