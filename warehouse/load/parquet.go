package load

import (
	"errors"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// Parquet loads a Parquet file. Its columns are taken in their order, as COPY
// does; nested ones go to SUPER only.
//
// https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-columnar.html
func (l *Loader) Parquet(name string, r io.ReaderAt, size int64) (err error) {
	defer func() { // the library panics at some broken files
		if e := recover(); e != nil {
			err = &Error{File: name, Reason: fmt.Sprintf("the Parquet file is broken: %v", e)}
		}
	}()
	f, err := parquet.OpenFile(r, size)
	if err != nil {
		return &Error{File: name, Reason: "this is no Parquet file: " + err.Error()}
	}
	columns, err := l.parquetColumns(f)
	if err != nil {
		err.(*Error).File = name
		return err
	}
	line := int64(0)
	for _, group := range f.RowGroups() {
		rows := group.Rows()
		defer rows.Close()
		buffer := make([]parquet.Row, 256)
		for {
			n, err := rows.ReadRows(buffer)
			for _, row := range buffer[:n] {
				line++
				if bad := l.parquetRow(row, columns); bad != nil {
					bad.File, bad.Line = name, line
					return bad
				}
				l.rows++
				l.total++
				if l.rows == l.Size {
					if err := l.End(); err != nil {
						return err
					}
				}
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return &Error{File: name, Line: line, Reason: "the Parquet file cannot be read: " + err.Error()}
			}
		}
	}
	return nil
}

// A parquetColumn is a column of a Parquet file and where it goes.
type parquetColumn struct {
	*Column
	first int // its first leaf
	typ   parquet.Type
	nest  *nest // of SUPER; nil where the column is one leaf
}

// parquetColumns finds where the columns of a file go.
func (l *Loader) parquetColumns(f *parquet.File) ([]parquetColumn, error) {
	var columns []parquetColumn
	for i := range l.Columns {
		if l.Columns[i].Kind != Skip {
			columns = append(columns, parquetColumn{Column: &l.Columns[i]})
		}
	}
	fields := f.Schema().Fields()
	if len(fields) != len(columns) {
		return nil, &Error{Reason: fmt.Sprintf("unmatched number of columns between table and file: table columns %d, data columns %d", len(columns), len(fields))}
	}
	leaf := 0
	for i, field := range fields {
		c := &columns[i]
		c.first = leaf
		leaf += leavesOf(field)
		switch {
		case c.Super && !l.Options.SerializeJSON:
			return nil, &Error{Column: c.Name, Type: c.Type, Reason: "COPY of Parquet into SUPER needs the option SERIALIZETOJSON"}
		case c.Super:
			c.nest = &nest{root: field, leaves: leavesOf(field)}
		case !field.Leaf() || field.Repeated():
			return nil, &Error{Column: c.Name, Type: c.Type, Reason: fmt.Sprintf("the column %q of the file is nested: only SUPER, with the option SERIALIZETOJSON, can keep it", field.Name())}
		default:
			c.typ = field.Type()
		}
	}
	return columns, nil
}

func (l *Loader) parquetRow(row parquet.Row, columns []parquetColumn) *Error {
	at := 0
	for i := range columns {
		c := &columns[i]
		leaves := 1
		if c.nest != nil {
			leaves = c.nest.leaves
		}
		values := make([][]parquet.Value, leaves)
		for k := range leaves {
			from := at
			for at < len(row) && row[at].Column() == c.first+k {
				at++
			}
			values[k] = row[from:at]
		}
		if len(values[0]) == 0 {
			return &Error{Column: c.Name, Type: c.Type, Reason: "the Parquet file is broken: a row has no value for the column"}
		}
		var err *Error
		if c.nest != nil {
			text, null, bad := c.nest.json(values)
			if err = bad; err == nil && null {
				err = l.null(c.Column)
			} else if err == nil {
				err = l.text(c.Column, text)
			}
		} else {
			err = l.parquetValue(values[0][0], c)
		}
		if err != nil {
			located := *err // some are shared
			located.Column, located.Type = c.Name, c.Type
			return &located
		}
	}
	return nil
}

func (l *Loader) parquetValue(v parquet.Value, c *parquetColumn) *Error {
	if v.IsNull() {
		return l.null(c.Column)
	}
	text, ok := parquetText(v, c.typ)
	if !ok {
		return &Error{Reason: fmt.Sprintf("the Parquet type %s is not supported", c.typ)}
	}
	var err *Error
	if c.Kind == Text {
		err = l.text(c.Column, []byte(text))
	} else {
		err = l.field(c.Column, []byte(text))
	}
	if err != nil && err.Raw == "" {
		err.Raw = text
	}
	return err
}

// parquetText writes a value as COPY would find it in a text.
func parquetText(v parquet.Value, t parquet.Type) (string, bool) {
	stamp := func(at time.Time) (string, bool) { return at.UTC().Format("2006-01-02 15:04:05.999999"), true }
	if logical := t.LogicalType(); logical != nil {
		switch l := logical.Value.(type) {
		case *format.DecimalType:
			return parquetDecimal(v, int(l.Scale)), true
		case *format.DateType:
			return time.Unix(int64(v.Int32())*86400, 0).UTC().Format("2006-01-02"), true
		case *format.TimeType:
			micros := v.Int64()
			switch l.Unit.Value.(type) {
			case *format.MilliSeconds:
				micros = int64(v.Int32()) * 1000
			case *format.NanoSeconds:
				micros /= 1000
			}
			return time.UnixMicro(micros).UTC().Format("15:04:05.999999"), true
		case *format.TimestampType:
			switch l.Unit.Value.(type) {
			case *format.MilliSeconds:
				return stamp(time.UnixMilli(v.Int64()))
			case *format.NanoSeconds:
				return stamp(time.Unix(0, v.Int64()))
			}
			return stamp(time.UnixMicro(v.Int64()))
		case *format.StringType, *format.EnumType, *format.IntType, *format.JsonType, nil:
		default:
			return "", false
		}
	}
	switch v.Kind() {
	case parquet.Boolean:
		return strconv.FormatBool(v.Boolean()), true
	case parquet.Int32:
		return strconv.FormatInt(int64(v.Int32()), 10), true
	case parquet.Int64:
		return strconv.FormatInt(v.Int64(), 10), true
	case parquet.Float:
		return strconv.FormatFloat(float64(v.Float()), 'g', -1, 32), true
	case parquet.Double:
		return strconv.FormatFloat(v.Double(), 'g', -1, 64), true
	case parquet.ByteArray:
		return string(v.ByteArray()), true
	case parquet.Int96:
		n := v.Int96()
		nanos := int64(uint64(n[1])<<32 | uint64(n[0]))
		return stamp(time.Unix((int64(n[2])-2440588)*86400, nanos))
	}
	return "", false
}

// parquetDecimal writes a number from its unscaled value.
func parquetDecimal(v parquet.Value, scale int) string {
	unscaled := new(big.Int)
	switch v.Kind() {
	case parquet.Int32:
		unscaled.SetInt64(int64(v.Int32()))
	case parquet.Int64:
		unscaled.SetInt64(v.Int64())
	default: // big endian, two's complement
		b := v.ByteArray()
		unscaled.SetBytes(b)
		if len(b) > 0 && b[0]&0x80 != 0 {
			unscaled.Sub(unscaled, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
		}
	}
	r := new(big.Rat).SetFrac(unscaled, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil))
	return r.FloatString(scale)
}
