package proxy

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"salamander/warehouse/load"
	"salamander/warehouse/sqlstate"
)

// batchRows is how many rows are converted at a time.
const batchRows = 2048

// copyHeader begins the binary format of COPY.
//
// https://www.postgresql.org/docs/15/sql-copy.html#id-1.9.3.55.9.4
const copyHeader = "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// copyTrailer ends it.
const copyTrailer = "\xff\xff"

// A batch takes the rows of a loader and writes them in COPY's binary format.
type batch struct {
	loader load.Loader
	cols   []column
	give   func(rows []byte) error // takes whole rows; nil drops them
}

// A column is what a batch holds of one: where a value is null, and texts.
type column struct {
	null []bool
	text []byte
	from []int32 // where in text the value of a row begins
	upTo []int32
	real bool // float4, not float8
}

// newBatch makes a batch for columns of PostgreSQL's.
func newBatch(columns []tableColumn, opt load.Options, give func([]byte) error) (*batch, error) {
	b := &batch{cols: make([]column, len(columns)), give: give}
	b.loader = load.Loader{Size: batchRows, Flush: b.flush, Options: opt, Columns: make([]load.Column, len(columns))}
	for i, c := range columns {
		lc := &b.loader.Columns[i]
		*lc = load.Column{Name: c.name, Type: c.typ, NotNull: c.notNull}
		if err := kindOf(lc); err != nil {
			return nil, err
		}
		col := &b.cols[i]
		col.null = make([]bool, batchRows)
		col.real = c.typ == "real"
		lc.Null = func(row int) { col.null[row] = true }
		lc.Valid = func(row int) { col.null[row] = false }
		switch lc.Kind {
		case load.Int16:
			lc.I16 = make([]int16, batchRows)
		case load.Int32, load.Date:
			lc.I32 = make([]int32, batchRows)
		case load.Int64, load.Timestamp, load.TimestampTZ, load.Time, load.Decimal64:
			lc.I64 = make([]int64, batchRows)
		case load.Float64:
			lc.F64 = make([]float64, batchRows)
		case load.Bool:
			lc.Bool = make([]bool, batchRows)
		case load.Decimal128:
			lc.I128 = make([][2]uint64, batchRows)
		case load.Text:
			col.from, col.upTo = make([]int32, batchRows), make([]int32, batchRows)
			lc.Text = func(row int, value []byte) {
				col.from[row] = int32(len(col.text))
				col.text = append(col.text, value...)
				col.upTo[row] = int32(len(col.text))
			}
		}
	}
	return b, nil
}

// kindOf finds how a column's values are kept, by its type in PostgreSQL's
// words.
func kindOf(c *load.Column) error {
	name, args, _ := strings.Cut(strings.TrimSuffix(c.Type, ")"), "(")
	switch name {
	case "smallint":
		c.Kind = load.Int16
	case "integer":
		c.Kind = load.Int32
	case "bigint":
		c.Kind = load.Int64
	case "double precision", "real":
		c.Kind = load.Float64
	case "boolean":
		c.Kind = load.Bool
	case "date":
		c.Kind = load.Date
	case "timestamp without time zone":
		c.Kind = load.Timestamp
	case "timestamp with time zone":
		c.Kind = load.TimestampTZ
	case "time without time zone":
		c.Kind = load.Time
	case "character", "character varying", "text":
		c.Kind, c.Blank = load.Text, name == "character"
		c.Length, _ = strconv.Atoi(args)
	case "numeric":
		p, s, _ := strings.Cut(args, ",")
		c.Precision, _ = strconv.Atoi(p)
		c.Scale, _ = strconv.Atoi(s)
		switch {
		case c.Precision == 0 || c.Precision > 38 || c.Scale < 0 || c.Scale > c.Precision:
			return unloadable(c)
		case c.Precision <= 18:
			c.Kind = load.Decimal64
		default:
			c.Kind = load.Decimal128
		}
	default:
		return unloadable(c)
	}
	return nil
}

func unloadable(c *load.Column) error {
	return sqlstate.Errorf(sqlstate.FeatureNotSupported, "COPY into column \"%s\" of type %s is not supported by the PostgreSQL warehouse", c.Name, c.Type)
}

// flush writes a batch.
func (b *batch) flush(rows int) error {
	var out []byte
	if b.give != nil {
		out = make([]byte, 0, 64<<10)
		for row := range rows {
			out = binary.BigEndian.AppendUint16(out, uint16(len(b.cols)))
			for i := range b.cols {
				out = b.value(out, i, row)
			}
		}
	}
	for i := range b.cols {
		clear(b.cols[i].null)
		b.cols[i].text = b.cols[i].text[:0]
	}
	if b.give == nil {
		return nil
	}
	return b.give(out)
}

// The epoch of PostgreSQL's dates is 2000-01-01.
const (
	epochDays   = 10957
	epochMicros = 946684800000000
)

// value writes one value with its length.
func (b *batch) value(out []byte, i, row int) []byte {
	col, c := &b.cols[i], &b.loader.Columns[i]
	if col.null[row] {
		return append(out, 0xff, 0xff, 0xff, 0xff)
	}
	switch c.Kind {
	case load.Int16:
		return binary.BigEndian.AppendUint16(append(out, 0, 0, 0, 2), uint16(c.I16[row]))
	case load.Int32:
		return binary.BigEndian.AppendUint32(append(out, 0, 0, 0, 4), uint32(c.I32[row]))
	case load.Date:
		return binary.BigEndian.AppendUint32(append(out, 0, 0, 0, 4), uint32(c.I32[row]-epochDays))
	case load.Int64, load.Time:
		return binary.BigEndian.AppendUint64(append(out, 0, 0, 0, 8), uint64(c.I64[row]))
	case load.Timestamp, load.TimestampTZ:
		return binary.BigEndian.AppendUint64(append(out, 0, 0, 0, 8), uint64(c.I64[row]-epochMicros))
	case load.Float64:
		if col.real {
			return binary.BigEndian.AppendUint32(append(out, 0, 0, 0, 4), math.Float32bits(float32(c.F64[row])))
		}
		return binary.BigEndian.AppendUint64(append(out, 0, 0, 0, 8), math.Float64bits(c.F64[row]))
	case load.Bool:
		if c.Bool[row] {
			return append(out, 0, 0, 0, 1, 1)
		}
		return append(out, 0, 0, 0, 1, 0)
	case load.Text:
		text := col.text[col.from[row]:col.upTo[row]]
		return append(binary.BigEndian.AppendUint32(out, uint32(len(text))), text...)
	case load.Decimal64:
		v := c.I64[row]
		neg := v < 0
		u := uint64(v)
		if neg {
			u = -u
		}
		return appendNumeric(out, u, c.Scale, neg)
	case load.Decimal128:
		return appendBigNumeric(out, c.I128[row], c.Scale)
	}
	panic(fmt.Sprintf("a column of kind %d", c.Kind))
}

var powers = [...]uint64{1, 10, 100, 1000, 10000, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}

// appendNumeric writes u * 10^-scale as a numeric: digits of base 10000.
func appendNumeric(out []byte, u uint64, scale int, neg bool) []byte {
	var before, after [6]uint16 // digits, the ones before the point from the right
	nb, na := 0, 0
	for whole := u / powers[scale]; whole > 0; whole /= 10000 {
		before[nb] = uint16(whole % 10000)
		nb++
	}
	fraction := u % powers[scale]
	for left := scale; left > 0; left -= 4 {
		var digit uint64
		if left >= 4 {
			digit = fraction / powers[left-4]
			fraction %= powers[left-4]
		} else {
			digit = fraction * powers[4-left]
		}
		after[na] = uint16(digit)
		na++
	}
	digits := make([]uint16, 0, 12)
	for i := nb - 1; i >= 0; i-- {
		digits = append(digits, before[i])
	}
	return putNumeric(out, append(digits, after[:na]...), nb-1, scale, neg)
}

// appendBigNumeric is appendNumeric for 128 bits, low and high.
func appendBigNumeric(out []byte, v [2]uint64, scale int) []byte {
	n := new(big.Int).SetUint64(v[1])
	n.Lsh(n, 64).Or(n, new(big.Int).SetUint64(v[0]))
	neg := v[1]>>63 != 0
	if neg {
		n.Sub(new(big.Int).Lsh(big.NewInt(1), 128), n)
	}
	text := n.String()
	if len(text) <= scale {
		text = strings.Repeat("0", scale-len(text)+1) + text
	}
	whole, fraction := text[:len(text)-scale], text[len(text)-scale:]
	whole = strings.Repeat("0", (4-len(whole)%4)%4) + whole
	fraction += strings.Repeat("0", (4-len(fraction)%4)%4)
	var digits []uint16
	for all := whole + fraction; all != ""; all = all[4:] {
		d, _ := strconv.ParseUint(all[:4], 10, 16)
		digits = append(digits, uint16(d))
	}
	return putNumeric(out, digits, len(whole)/4-1, scale, neg)
}

// putNumeric writes a numeric whose first digit has the given weight.
func putNumeric(out []byte, digits []uint16, weight, scale int, neg bool) []byte {
	for len(digits) > 0 && digits[0] == 0 {
		digits, weight = digits[1:], weight-1
	}
	for len(digits) > 0 && digits[len(digits)-1] == 0 {
		digits = digits[:len(digits)-1]
	}
	if len(digits) == 0 {
		weight, neg = 0, false
	}
	sign := uint16(0)
	if neg {
		sign = 0x4000
	}
	out = binary.BigEndian.AppendUint32(out, uint32(8+2*len(digits)))
	out = binary.BigEndian.AppendUint16(out, uint16(len(digits)))
	out = binary.BigEndian.AppendUint16(out, uint16(int16(weight)))
	out = binary.BigEndian.AppendUint16(out, sign)
	out = binary.BigEndian.AppendUint16(out, uint16(scale))
	for _, d := range digits {
		out = binary.BigEndian.AppendUint16(out, d)
	}
	return out
}
