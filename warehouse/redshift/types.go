package redshift

import (
	"fmt"
	"strconv"
	"strings"
)

// A sqlType is a type as the system catalog tells it.
type sqlType struct {
	name string // as format_type writes it, without a modifier
	oid  int64
	len  int // bytes, or -1 where it varies
}

// https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html
var sqlTypes = []sqlType{
	{"boolean", 16, 1}, {"bigint", 20, 8}, {"smallint", 21, 2}, {"integer", 23, 4}, {"text", 25, -1}, {"oid", 26, 4}, {"real", 700, 4},
	{"double precision", 701, 8}, {"unknown", 705, -2}, {"character", 1042, -1}, {"character varying", 1043, -1}, {"date", 1082, 4},
	{"time without time zone", 1083, 8}, {"timestamp without time zone", 1114, 8}, {"timestamp with time zone", 1184, 8},
	{"interval", 1186, 16}, {"numeric", 1700, -1}, {"name", 19, 64}, {"\"char\"", 18, 1}, {"bytea", 17, -1}, {"super", 4000, -1},
}

// TypeName returns Redshift's name of a type of DuckDB's.
func TypeName(duck string) string {
	head, rest, _ := strings.Cut(duck, "(")
	switch head {
	case "BOOLEAN", "BIGINT", "SMALLINT", "INTEGER", "DATE", "INTERVAL":
		return strings.ToLower(head)
	case "TINYINT", "UTINYINT":
		return "smallint"
	case "USMALLINT":
		return "integer"
	case "UINTEGER":
		return "bigint"
	case "HUGEINT", "UHUGEINT", "UBIGINT":
		return "numeric(38,0)"
	case "FLOAT":
		return "real"
	case "DOUBLE":
		return "double precision"
	case "VARCHAR":
		return "character varying"
	case "DECIMAL":
		return "numeric(" + strings.ReplaceAll(rest, " ", "")
	case "TIME":
		return "time without time zone"
	case "TIMESTAMP":
		return "timestamp without time zone"
	case "TIMESTAMP WITH TIME ZONE":
		return "timestamp with time zone"
	case "JSON":
		return "super"
	case "BLOB":
		return "bytea"
	}
	return "unknown"
}

func typeNamed(name string) sqlType {
	head, _, _ := strings.Cut(name, "(")
	for _, t := range sqlTypes {
		if t.name == head {
			return t
		}
	}
	return sqlType{"unknown", 705, -2}
}

// TypeOID returns the identifier of a type in pg_type.
func TypeOID(name string) int64 { return typeNamed(name).oid }

// TypeLen returns the size of a type's values in bytes, -1 where it varies.
func TypeLen(name string) int { return typeNamed(name).len }

// TypeMod returns the modifier of a type as pg_attribute has it, -1 for none.
func TypeMod(name string) int {
	_, rest, ok := strings.Cut(name, "(")
	if !ok {
		return -1
	}
	a, b, two := strings.Cut(strings.TrimSuffix(rest, ")"), ",")
	n, err1 := strconv.Atoi(a)
	if !two {
		if err1 != nil {
			return -1
		}
		return n + 4
	}
	s, err2 := strconv.Atoi(b)
	if err1 != nil || err2 != nil {
		return -1
	}
	return n<<16 + s + 4
}

// FormatType writes a type with its modifier, as format_type does.
func FormatType(oid int64, mod int) string {
	for _, t := range sqlTypes {
		if t.oid != oid {
			continue
		}
		switch {
		case mod < 4:
			return t.name
		case oid == 1700:
			return fmt.Sprintf("numeric(%d,%d)", (mod-4)>>16, (mod-4)&0xffff)
		case oid == 1042, oid == 1043:
			return fmt.Sprintf("%s(%d)", t.name, mod-4)
		}
		return t.name
	}
	return "???"
}
