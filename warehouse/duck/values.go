//go:build cgo

package duck

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unsafe"

	db "github.com/duckdb/duckdb-go-bindings"

	"salamander/warehouse/pgwire"
	"salamander/warehouse/sqlstate"
)

// PostgreSQL's types.
const (
	oidBool        = 16
	oidInt8        = 20
	oidInt2        = 21
	oidInt4        = 23
	oidText        = 25
	oidFloat4      = 700
	oidFloat8      = 701
	oidVarchar     = 1043
	oidDate        = 1082
	oidTime        = 1083
	oidTextArray   = 1009
	oidTimestamp   = 1114
	oidTimestamptz = 1184
	oidInterval    = 1186
	oidNumeric     = 1700
	oidSuper       = 4000 // Redshift's
)

// A field is a column of a result: its type on either side.
type field struct {
	name     string
	typ      db.Type
	internal db.Type // of a decimal
	child    db.Type // of a list
	super    bool    // a text that is JSON
	width    int
	scale    int
}

// column describes the field to a client.
func (f field) column(name string) pgwire.Column {
	c := pgwire.Column{Name: name, Size: -1, Mod: -1}
	switch f.typ {
	case db.TypeBoolean:
		c.OID, c.Size = oidBool, 1
	case db.TypeTinyInt, db.TypeSmallInt, db.TypeUTinyInt:
		c.OID, c.Size = oidInt2, 2
	case db.TypeInteger, db.TypeUSmallInt:
		c.OID, c.Size = oidInt4, 4
	case db.TypeBigInt, db.TypeUInteger:
		c.OID, c.Size = oidInt8, 8
	case db.TypeHugeInt, db.TypeUBigInt, db.TypeUHugeInt:
		c.OID = oidNumeric
	case db.TypeDecimal:
		c.OID, c.Mod = oidNumeric, int32(f.width<<16|f.scale)+4
	case db.TypeFloat:
		c.OID, c.Size = oidFloat4, 4
	case db.TypeDouble:
		c.OID, c.Size = oidFloat8, 8
	case db.TypeDate:
		c.OID, c.Size = oidDate, 4
	case db.TypeTime:
		c.OID, c.Size = oidTime, 8
	case db.TypeTimestamp:
		c.OID, c.Size = oidTimestamp, 8
	case db.TypeTimestampTZ:
		c.OID, c.Size = oidTimestamptz, 8
	case db.TypeInterval:
		c.OID, c.Size = oidInterval, 16
	case db.TypeVarchar:
		c.OID = oidVarchar
		if f.super {
			c.OID = oidSuper
		}
	case db.TypeList:
		c.OID = oidTextArray
	default:
		c.OID = oidText
	}
	return c
}

// fieldOf reads a type, and refuses those that cannot be sent.
func fieldOf(name string, t db.LogicalType) (field, error) {
	f := field{name: name, typ: db.GetTypeId(t)}
	switch f.typ {
	case db.TypeVarchar:
		f.super = db.LogicalTypeGetAlias(t) == "JSON"
	case db.TypeDecimal:
		f.internal, f.width, f.scale = db.DecimalInternalType(t), int(db.DecimalWidth(t)), int(db.DecimalScale(t))
	case db.TypeBoolean, db.TypeTinyInt, db.TypeSmallInt, db.TypeInteger, db.TypeBigInt, db.TypeHugeInt, db.TypeUTinyInt,
		db.TypeUSmallInt, db.TypeUInteger, db.TypeUBigInt, db.TypeFloat, db.TypeDouble, db.TypeDate, db.TypeTime,
		db.TypeTimestamp, db.TypeTimestampTZ, db.TypeInterval, db.TypeSQLNull:
	case db.TypeList:
		child := db.ListTypeChildType(t)
		of := db.GetTypeId(child)
		db.DestroyLogicalType(&child)
		f.child = of
		switch of {
		case db.TypeVarchar, db.TypeSQLNull, db.TypeSmallInt, db.TypeInteger, db.TypeBigInt:
			return f, nil
		}
		fallthrough
	default:
		return f, &sqlstate.Error{Code: sqlstate.FeatureNotSupported,
			Message: "column " + strconv.Quote(name) + " has a type that the embedded warehouse cannot send",
			Hint:    "Cast it to varchar."}
	}
	return f, nil
}

// A reader goes over the rows of a result.
type reader struct {
	res     *result
	columns []field
	chunk   db.DataChunk
	data    []unsafe.Pointer
	valid   []*uint64
	lists   []db.Vector // the vectors of lists

	row, size int // the next row of the chunk, and how many it has
}

func newReader(res *result) (*reader, error) {
	rd := &reader{res: res}
	n := int(db.ColumnCount(&res.r))
	for i := range n {
		t := db.ColumnLogicalType(&res.r, db.IdxT(i))
		f, err := fieldOf(db.ColumnName(&res.r, db.IdxT(i)), t)
		db.DestroyLogicalType(&t)
		if err != nil {
			return nil, err
		}
		rd.columns = append(rd.columns, f)
	}
	rd.data, rd.valid, rd.lists = make([]unsafe.Pointer, n), make([]*uint64, n), make([]db.Vector, n)
	return rd, nil
}

func (rd *reader) close() { db.DestroyDataChunk(&rd.chunk) }

// each calls do for all rows.
func (rd *reader) each(do func(row int) error) error {
	for {
		row, ok := rd.next()
		if !ok {
			return rd.res.err
		}
		if err := do(row); err != nil {
			return err
		}
	}
}

// next goes to the next row, and returns its place in the chunk. After the
// last one rd.res.err tells whether there should have been more.
func (rd *reader) next() (row int, ok bool) {
	for rd.row >= rd.size {
		db.DestroyDataChunk(&rd.chunk)
		rd.chunk = rd.res.fetch()
		if rd.chunk.Ptr == nil {
			return 0, false
		}
		for i := range rd.columns {
			v := db.DataChunkGetVector(rd.chunk, db.IdxT(i))
			rd.data[i], rd.valid[i] = db.VectorGetData(v), (*uint64)(db.VectorGetValidity(v))
			if rd.columns[i].typ == db.TypeList {
				rd.lists[i] = v
			}
		}
		rd.row, rd.size = 0, int(db.DataChunkGetSize(rd.chunk))
	}
	rd.row++
	return rd.row - 1, true
}

func (rd *reader) null(col, row int) bool {
	mask := rd.valid[col]
	return mask != nil && *(*uint64)(unsafe.Add(unsafe.Pointer(mask), row/64*8))&(1<<(row%64)) == 0
}

func at[T any](p unsafe.Pointer, row int) T {
	var zero T
	return *(*T)(unsafe.Add(p, uintptr(row)*unsafe.Sizeof(zero)))
}

// append appends the text of a value that is not null.
func (rd *reader) append(b []byte, col, row int) []byte {
	p := rd.data[col]
	f := &rd.columns[col]
	switch f.typ {
	case db.TypeBoolean:
		if at[bool](p, row) {
			return append(b, 't')
		}
		return append(b, 'f')
	case db.TypeTinyInt:
		return strconv.AppendInt(b, int64(at[int8](p, row)), 10)
	case db.TypeSmallInt:
		return strconv.AppendInt(b, int64(at[int16](p, row)), 10)
	case db.TypeInteger:
		return strconv.AppendInt(b, int64(at[int32](p, row)), 10)
	case db.TypeBigInt:
		return strconv.AppendInt(b, at[int64](p, row), 10)
	case db.TypeUTinyInt:
		return strconv.AppendUint(b, uint64(at[uint8](p, row)), 10)
	case db.TypeUSmallInt:
		return strconv.AppendUint(b, uint64(at[uint16](p, row)), 10)
	case db.TypeUInteger:
		return strconv.AppendUint(b, uint64(at[uint32](p, row)), 10)
	case db.TypeUBigInt:
		return strconv.AppendUint(b, at[uint64](p, row), 10)
	case db.TypeHugeInt:
		return appendHuge(b, at[[2]uint64](p, row), 0)
	case db.TypeDecimal:
		return appendDecimal(b, p, row, f)
	case db.TypeFloat:
		return appendFloat(b, float64(at[float32](p, row)), 32)
	case db.TypeDouble:
		return appendFloat(b, at[float64](p, row), 64)
	case db.TypeDate:
		return appendDate(b, int64(at[int32](p, row)))
	case db.TypeTime:
		return appendTime(b, at[int64](p, row))
	case db.TypeTimestamp:
		return appendTimestamp(b, at[int64](p, row), false)
	case db.TypeTimestampTZ:
		return appendTimestamp(b, at[int64](p, row), true)
	case db.TypeInterval:
		return appendInterval(b, at[interval](p, row))
	case db.TypeList:
		return rd.appendList(b, col, row)
	default:
		return append(b, textAt(p, row)...)
	}
}

// A duckString is DuckDB's string: up to 12 bytes in place, longer ones
// behind a pointer.
type duckString struct {
	length uint32
	prefix [4]byte
	ptr    unsafe.Pointer
}

func textAt(p unsafe.Pointer, row int) []byte {
	s := (*duckString)(unsafe.Add(p, row*16))
	if s.length <= 12 {
		return unsafe.Slice(&s.prefix[0], s.length)
	}
	return unsafe.Slice((*byte)(s.ptr), s.length)
}

type interval struct {
	months, days int32
	micros       int64
}

func appendHuge(b []byte, v [2]uint64, scale int) []byte {
	n := new(big.Int).SetInt64(int64(v[1]))
	n.Lsh(n, 64).Or(n, new(big.Int).SetUint64(v[0]))
	if scale == 0 {
		return n.Append(b, 10)
	}
	return pointed(b, n.String(), scale)
}

func appendDecimal(b []byte, p unsafe.Pointer, row int, f *field) []byte {
	var v int64
	switch f.internal {
	case db.TypeSmallInt:
		v = int64(at[int16](p, row))
	case db.TypeInteger:
		v = int64(at[int32](p, row))
	case db.TypeBigInt:
		v = at[int64](p, row)
	default:
		return appendHuge(b, at[[2]uint64](p, row), f.scale)
	}
	if f.scale == 0 {
		return strconv.AppendInt(b, v, 10)
	}
	return pointed(b, strconv.FormatInt(v, 10), f.scale)
}

// pointed appends digits with a decimal point before the last scale ones.
func pointed(b []byte, digits string, scale int) []byte {
	if digits[0] == '-' {
		b, digits = append(b, '-'), digits[1:]
	}
	for n := len(digits); n <= scale; n++ {
		digits = "0" + digits
	}
	b = append(b, digits[:len(digits)-scale]...)
	b = append(b, '.')
	return append(b, digits[len(digits)-scale:]...)
}

func appendFloat(b []byte, v float64, bits int) []byte {
	switch {
	case math.IsNaN(v):
		return append(b, "NaN"...)
	case math.IsInf(v, 1):
		return append(b, "Infinity"...)
	case math.IsInf(v, -1):
		return append(b, "-Infinity"...)
	}
	limit := 1e15
	if bits == 32 {
		limit = 1e6
	}
	if a := math.Abs(v); a != 0 && (a < 1e-4 || a >= limit) {
		return strconv.AppendFloat(b, v, 'e', -1, bits)
	}
	return strconv.AppendFloat(b, v, 'f', -1, bits)
}

// ad returns the time without a year before Christ, and what to say of it.
func appendDay(b []byte, t time.Time) ([]byte, string) {
	y, bc := t.Year(), ""
	if y <= 0 {
		y, bc = 1-y, " BC"
	}
	for limit := 1000; limit > y; limit /= 10 {
		b = append(b, '0')
	}
	b = strconv.AppendInt(b, int64(y), 10)
	return t.AppendFormat(b, "-01-02"), bc
}

func appendDate(b []byte, days int64) []byte {
	switch days {
	case math.MaxInt32:
		return append(b, "infinity"...)
	case -math.MaxInt32:
		return append(b, "-infinity"...)
	}
	b, bc := appendDay(b, time.Unix(days*86400, 0).UTC())
	return append(b, bc...)
}

func appendTime(b []byte, micros int64) []byte {
	s := micros / 1e6
	b = append(b, two(s/3600)...)
	b = append(append(b, ':'), two(s/60%60)...)
	b = append(append(b, ':'), two(s%60)...)
	if f := micros % 1e6; f != 0 {
		text := strconv.FormatInt(1e6+f, 10)[1:]
		for text[len(text)-1] == '0' {
			text = text[:len(text)-1]
		}
		b = append(append(b, '.'), text...)
	}
	return b
}

func two(n int64) string { return string([]byte{byte('0' + n/10%10), byte('0' + n%10)}) }

func appendTimestamp(b []byte, micros int64, zone bool) []byte {
	switch micros {
	case math.MaxInt64:
		return append(b, "infinity"...)
	case -math.MaxInt64:
		return append(b, "-infinity"...)
	}
	t := time.UnixMicro(micros).UTC()
	b, bc := appendDay(b, t)
	b = append(b, ' ')
	day := int64(t.Hour())*3600 + int64(t.Minute())*60 + int64(t.Second())
	b = appendTime(b, day*1e6+int64(t.Nanosecond()/1000))
	if zone {
		b = append(b, "+00"...)
	}
	return append(b, bc...)
}

// appendInterval writes PostgreSQL's own style: 1 year 2 mons 3 days 04:05:06.
func appendInterval(b []byte, v interval) []byte {
	start := len(b)
	part := func(n int64, unit string) {
		if n == 0 {
			return
		}
		if len(b) > start {
			b = append(b, ' ')
		}
		b = append(append(strconv.AppendInt(b, n, 10), ' '), unit...)
		if n != 1 {
			b = append(b, 's')
		}
	}
	part(int64(v.months/12), "year")
	part(int64(v.months%12), "mon")
	part(int64(v.days), "day")
	if v.micros != 0 || len(b) == start {
		if len(b) > start {
			b = append(b, ' ')
		}
		if v.micros < 0 {
			b, v.micros = append(b, '-'), -v.micros
		}
		b = appendTime(b, v.micros)
	}
	return b
}

func elementAt[T any](data unsafe.Pointer, i uint64) T { return at[T](data, int(i)) }

// appendList writes an array of texts or integers: {a,"b c",NULL}.
func (rd *reader) appendList(b []byte, col, row int) []byte {
	entry := at[[2]uint64](rd.data[col], row) // offset and length
	child := db.ListVectorGetChild(rd.lists[col])
	data, valid := db.VectorGetData(child), db.VectorGetValidity(child)
	b = append(b, '{')
	for i := range entry[1] {
		if i > 0 {
			b = append(b, ',')
		}
		at := entry[0] + i
		if valid != nil && !db.ValidityMaskValueIsValid(valid, db.IdxT(at)) {
			b = append(b, "NULL"...)
			continue
		}
		switch rd.columns[col].child {
		case db.TypeSmallInt:
			b = strconv.AppendInt(b, int64(elementAt[int16](data, at)), 10)
			continue
		case db.TypeInteger:
			b = strconv.AppendInt(b, int64(elementAt[int32](data, at)), 10)
			continue
		case db.TypeBigInt:
			b = strconv.AppendInt(b, elementAt[int64](data, at), 10)
			continue
		}
		text := string(textAt(data, int(at)))
		if text != "" && !strings.EqualFold(text, "null") && !strings.ContainsAny(text, "{},\"\\ \t\n\r\v\f") {
			b = append(b, text...)
			continue
		}
		b = append(b, '"')
		b = append(b, strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text)...)
		b = append(b, '"')
	}
	return append(b, '}')
}
