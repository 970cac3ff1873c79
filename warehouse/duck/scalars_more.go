//go:build cgo

package duck

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"time"

	db "github.com/duckdb/duckdb-go-bindings"

	"salamander/warehouse/dialect"
	"salamander/warehouse/redshift"
)

// moreScalars follow scalars.
var moreScalars = [...]scalar{
	// DuckDB asks for it while it plans a statement, since it takes a function
	// without arguments for a constant: it is the statement's start.
	{"rs_clock", nil, false, timestamp, func(a *args) error {
		a.setTime(time.Now())
		return nil
	}},
	{"rs_parse_date", []db.Type{text}, false, db.TypeDate, func(a *args) error {
		s := a.text(0)
		t, ok := redshift.ParseDate(s)
		if !ok {
			return fmt.Errorf("invalid input syntax for type date: \"%s\"", s)
		}
		a.setDate(t)
		return nil
	}},
	{"rs_parse_timestamp", []db.Type{text}, false, timestamp, func(a *args) error {
		s := a.text(0)
		t, ok := redshift.ParseTimestamp(s)
		if !ok {
			return fmt.Errorf("invalid input syntax for type timestamp: \"%s\"", s)
		}
		a.setTime(t)
		return nil
	}},
	{"rs_parse_timestamptz", []db.Type{text}, false, db.TypeTimestampTZ, func(a *args) error {
		s := a.text(0)
		t, ok := readZoned(s)
		if !ok {
			return fmt.Errorf("invalid input syntax for type timestamp with time zone: \"%s\"", s)
		}
		a.setMoment(t)
		return nil
	}},
	{"rs_key_list", []db.Type{text, text}, false, text, func(a *args) error {
		a.setText(dialect.ReadAttributes(a.text(0)).KeyList(a.text(1)))
		return nil
	}},
	{"rs_strtol", []db.Type{text, whole}, false, whole, func(a *args) error {
		n, err := redshift.Strtol(a.text(0), a.integer(1))
		a.setInt(int(n))
		return err
	}},
	{"rs_fnv_hash", []db.Type{anyType}, false, whole, fnvHash},
	{"rs_fnv_hash", []db.Type{anyType, whole}, false, whole, fnvHash},
	{"rs_octet_index", []db.Type{text, text}, false, whole, func(a *args) error {
		a.setInt(strings.Index(a.text(1), a.text(0)) + 1)
		return nil
	}},
	{"rs_cbrt", []db.Type{db.TypeDouble}, false, db.TypeDouble, func(a *args) error {
		a.setFloat(math.Cbrt(at[float64](a.in.data[0], a.row)))
		return nil
	}},
	{"rs_similar_pattern", []db.Type{text, text}, false, text, func(a *args) error {
		escape := rune(0)
		for _, r := range a.text(1) {
			escape = r
		}
		a.setText(redshift.SimilarPattern(a.text(0), escape))
		return nil
	}},
	{"rs_to_date", []db.Type{text, text, db.TypeBoolean}, false, db.TypeDate, func(a *args) error {
		parse := redshift.ParseTimeLax
		if at[bool](a.in.data[2], a.row) {
			parse = redshift.ParseTime
		}
		t, err := parse(a.text(0), a.text(1))
		a.setDate(t)
		return err
	}},
	{"+", []db.Type{timestamp, whole}, false, timestamp, func(a *args) error { return addDays(a, 0, 1, 1) }},
	{"+", []db.Type{whole, timestamp}, false, timestamp, func(a *args) error { return addDays(a, 1, 0, 1) }},
	{"-", []db.Type{timestamp, whole}, false, timestamp, func(a *args) error { return addDays(a, 0, 1, -1) }},
	{"+", []db.Type{db.TypeTimestampTZ, whole}, false, db.TypeTimestampTZ, func(a *args) error { return addDays(a, 0, 1, 1) }},
	{"-", []db.Type{db.TypeTimestampTZ, whole}, false, db.TypeTimestampTZ, func(a *args) error { return addDays(a, 0, 1, -1) }},
	{"+", []db.Type{db.TypeDate, whole}, false, db.TypeDate, func(a *args) error {
		a.setDate(dateAt(a, 0).AddDate(0, 0, a.integer(1)))
		return nil
	}},
	{"-", []db.Type{db.TypeDate, whole}, false, db.TypeDate, func(a *args) error {
		a.setDate(dateAt(a, 0).AddDate(0, 0, -a.integer(1)))
		return nil
	}},
}

func addDays(a *args, t, n, sign int) error {
	a.setTime(a.time(t).AddDate(0, 0, sign*a.integer(n)))
	return nil
}

// fnvHash hashes a value by the bytes that it is stored as.
func fnvHash(a *args) error {
	seed := uint64(14695981039346656037)
	if a.count() == 2 {
		seed = uint64(at[int64](a.in.data[1], a.row))
	}
	var b []byte
	p := a.in.data[0]
	switch f := a.in.columns[0]; f.typ {
	case db.TypeVarchar:
		b = []byte(a.text(0))
	case db.TypeSmallInt:
		b = binary.LittleEndian.AppendUint16(nil, uint16(at[int16](p, a.row)))
	case db.TypeInteger:
		b = binary.LittleEndian.AppendUint32(nil, uint32(at[int32](p, a.row)))
	case db.TypeBigInt:
		b = binary.LittleEndian.AppendUint64(nil, uint64(at[int64](p, a.row)))
	default:
		return fmt.Errorf("fnv_hash of this type is not supported: it takes SMALLINT, INTEGER, BIGINT and texts")
	}
	a.setInt(int(redshift.FNVHash(b, seed)))
	return nil
}
