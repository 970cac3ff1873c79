//go:build cgo

package duck

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	db "github.com/duckdb/duckdb-go-bindings"
	"github.com/jackc/pgx/v5/pgtype"

	"salamander/warehouse/dialect"
)

const (
	oidBytea   = 17
	oidName    = 19
	oidUnknown = 705
	oidBpchar  = 1042

	// PostgreSQL counts from 2000-01-01.
	epochDays   = 10957
	epochMicros = epochDays * 86400 * 1e6
)

// typeNames are the types that parameters may have.
var typeNames = map[uint32]string{
	oidBool: "boolean", oidInt2: "smallint", oidInt4: "integer", oidInt8: "bigint", oidFloat4: "real", oidFloat8: "double precision",
	oidNumeric: "numeric(38,10)", oidText: "varchar(65535)", oidVarchar: "varchar(65535)", oidBpchar: "varchar(65535)", oidName: "varchar(65535)",
	oidDate: "date", oidTime: "time", oidTimestamp: "timestamp", oidTimestamptz: "timestamptz", oidInterval: "interval",
}

// constantOf writes the value of a parameter as SQL; nil is null.
func constantOf(oid uint32, text *string) string {
	if text == nil {
		return "CAST(NULL AS " + typeNames[oid] + ")"
	}
	quoted := strings.ReplaceAll(dialect.QuoteText(*text), `\`, `\\`)
	switch oid {
	case oidText, oidVarchar, oidBpchar, oidName:
		return quoted
	case oidNumeric:
		return "(" + *text + ")"
	}
	return "CAST(" + quoted + " AS " + typeNames[oid] + ")"
}

// parameter reads a parameter's value as text; nil is null.
func parameter(oid uint32, format int16, value []byte) (*string, error) {
	if value == nil {
		return nil, nil
	}
	text := string(value)
	if format == 1 {
		m := pgtype.NewMap()
		typ, ok := m.TypeForOID(oid)
		if !ok {
			return nil, fmt.Errorf("type %d has no binary form", oid)
		}
		v, err := typ.Codec.DecodeDatabaseSQLValue(m, oid, format, value)
		if err != nil {
			return nil, fmt.Errorf("incorrect binary data format: %w", err)
		}
		switch v := v.(type) {
		case time.Time:
			text = v.UTC().Format(map[uint32]string{oidDate: "2006-01-02", oidTimestamp: "2006-01-02 15:04:05.999999"}[oid])
			if oid == oidTimestamptz {
				text = v.UTC().Format("2006-01-02 15:04:05.999999+00")
			}
		case float64:
			text = strconv.FormatFloat(v, 'g', -1, 64)
		default:
			text = fmt.Sprint(v)
		}
	}
	switch {
	case !utf8.ValidString(text):
		return nil, fmt.Errorf("invalid byte sequence for encoding \"UTF8\"")
	case strings.IndexByte(text, 0) >= 0:
		return nil, fmt.Errorf("invalid byte sequence for encoding \"UTF8\": 0x00")
	case oid == oidNumeric && !isNumber(text):
		return nil, fmt.Errorf("invalid input syntax for type numeric: %q", text)
	}
	return &text, nil
}

// isNumber reports whether text is digits with a point and a sign, as a
// constant is written.
func isNumber(text string) bool {
	digits := strings.TrimPrefix(strings.TrimPrefix(text, "-"), "+")
	whole, fraction, _ := strings.Cut(digits, ".")
	for _, c := range whole + fraction {
		if c < '0' || c > '9' {
			return false
		}
	}
	return whole+fraction != ""
}

// appendBinary appends PostgreSQL's binary form of a value that is not null.
func (rd *reader) appendBinary(b []byte, col, row int) []byte {
	p := rd.data[col]
	f := &rd.columns[col]
	be := binary.BigEndian
	switch f.typ {
	case db.TypeBoolean:
		if at[bool](p, row) {
			return append(b, 1)
		}
		return append(b, 0)
	case db.TypeTinyInt:
		return be.AppendUint16(b, uint16(at[int8](p, row)))
	case db.TypeUTinyInt:
		return be.AppendUint16(b, uint16(at[uint8](p, row)))
	case db.TypeSmallInt:
		return be.AppendUint16(b, uint16(at[int16](p, row)))
	case db.TypeUSmallInt:
		return be.AppendUint32(b, uint32(at[uint16](p, row)))
	case db.TypeInteger:
		return be.AppendUint32(b, uint32(at[int32](p, row)))
	case db.TypeUInteger:
		return be.AppendUint64(b, uint64(at[uint32](p, row)))
	case db.TypeBigInt:
		return be.AppendUint64(b, uint64(at[int64](p, row)))
	case db.TypeFloat:
		return be.AppendUint32(b, math.Float32bits(at[float32](p, row)))
	case db.TypeDouble:
		return be.AppendUint64(b, math.Float64bits(at[float64](p, row)))
	case db.TypeUBigInt, db.TypeHugeInt, db.TypeUHugeInt, db.TypeDecimal:
		return appendNumeric(b, string(rd.append(nil, col, row)))
	case db.TypeDate:
		days := at[int32](p, row)
		switch days {
		case math.MaxInt32:
		case -math.MaxInt32:
			days = math.MinInt32
		default:
			days -= epochDays
		}
		return be.AppendUint32(b, uint32(days))
	case db.TypeTime:
		return be.AppendUint64(b, uint64(at[int64](p, row)))
	case db.TypeTimestamp, db.TypeTimestampTZ:
		micros := at[int64](p, row)
		switch micros {
		case math.MaxInt64:
		case -math.MaxInt64:
			micros = math.MinInt64
		default:
			micros -= epochMicros
		}
		return be.AppendUint64(b, uint64(micros))
	case db.TypeInterval:
		v := at[interval](p, row)
		b = be.AppendUint64(b, uint64(v.micros))
		return be.AppendUint32(be.AppendUint32(b, uint32(v.days)), uint32(v.months))
	}
	return rd.append(b, col, row)
}

// appendNumeric appends the binary form of a number: groups of four digits.
func appendNumeric(b []byte, text string) []byte {
	sign := uint16(0)
	if text[0] == '-' {
		sign, text = 0x4000, text[1:]
	}
	whole, fraction, _ := strings.Cut(text, ".")
	scale := len(fraction)
	whole = strings.TrimLeft(whole, "0")
	for len(whole)%4 != 0 {
		whole = "0" + whole
	}
	for len(fraction)%4 != 0 {
		fraction += "0"
	}
	digits := whole + fraction
	weight := len(whole)/4 - 1
	for strings.HasPrefix(digits, "0000") {
		digits = digits[4:]
		weight--
	}
	for strings.HasSuffix(digits, "0000") && len(digits)%4 == 0 {
		digits = digits[:len(digits)-4]
	}
	if digits == "" {
		weight, sign = 0, 0
	}
	be := binary.BigEndian
	b = be.AppendUint16(b, uint16(len(digits)/4))
	b = be.AppendUint16(b, uint16(int16(weight)))
	b = be.AppendUint16(b, sign)
	b = be.AppendUint16(b, uint16(scale))
	for i := 0; i < len(digits); i += 4 {
		n, _ := strconv.Atoi(digits[i : i+4])
		b = be.AppendUint16(b, uint16(n))
	}
	return b
}
