package dataset

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"salamander/internal/value"
)

// parquetRows is how many rows of a Parquet file are decoded at once.
const parquetRows = 64

// readParquet gives the rows of a Parquet file as objects whose members are the
// columns, in their order. Parquet is read from its end, so the body goes to a
// temporary file first, which has no name any more when this returns; of it a
// page of each column is in memory at a time.
//
// AWS does not say how values become JSON. Here numbers, booleans and texts are
// themselves, DECIMAL is an exact number, TIMESTAMP and INT96 are milliseconds
// since 1970, DATE is "2006-01-02", TIME is "15:04:05.999999", bytes that are no
// text are base64, lists are arrays, groups and maps are objects, and what JSON
// has no number for is "NaN", "Infinity" or "-Infinity".
//
// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
func readParquet(body io.Reader) (next func() (value.Value, *string, error), file io.Closer, err error) {
	spool, size, err := spool(body)
	if err != nil {
		return nil, nil, err
	}
	p := &parquetReader{buffer: make([]parquet.Row, parquetRows)}
	err = p.protect(func() error {
		if err := checkFooter(spool, size); err != nil {
			return err
		}
		f, err := parquet.OpenFile(spool, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
		if err != nil {
			return fmt.Errorf("this is no Parquet file: %w", err)
		}
		p.groups = f.RowGroups()
		p.columns = len(f.Schema().Columns())
		_, p.build = assemble(f.Schema(), 0, 0, 0)
		return nil
	})
	if err != nil {
		return nil, nil, errors.Join(err, spool.Close())
	}
	return p.next, closers{p, spool}, nil
}

// maxFooter is the length of a file's footer at most, in bytes: it is read
// whole.
const maxFooter = 64 << 20

// checkFooter checks what the library believes: how long the footer is.
func checkFooter(f io.ReaderAt, size int64) error {
	var end [8]byte
	if size < 12 {
		return errors.New("this is no Parquet file: it is too short")
	}
	if _, err := f.ReadAt(end[:], size-8); err != nil {
		return err
	}
	length := int64(binary.LittleEndian.Uint32(end[:4]))
	switch {
	case string(end[4:]) != "PAR1":
		return errors.New("this is no Parquet file: it does not end as one")
	case length > size-12:
		return errors.New("this is no Parquet file: its footer is longer than the file")
	case length > maxFooter:
		return fmt.Errorf("the footer of the Parquet file has %d bytes; the limit is %d", length, maxFooter)
	}
	return nil
}

// spool writes a body to a file that goes with its last use.
func spool(body io.Reader) (*os.File, int64, error) {
	f, err := os.CreateTemp("", "salamander-parquet-")
	if err != nil {
		return nil, 0, fmt.Errorf("a file for the rows: %w", err)
	}
	err = os.Remove(f.Name())
	size := int64(0)
	if err == nil {
		size, err = io.Copy(f, body)
	}
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, size, nil
}

// closers are closed together, in their order.
type closers []io.Closer

func (c closers) Close() (err error) {
	for _, one := range c {
		err = errors.Join(err, one.Close())
	}
	return err
}

// A parquetReader reads the rows of one group after the other.
type parquetReader struct {
	groups  []parquet.RowGroup
	rows    parquet.Rows // of the group that is read; nil between them
	buffer  []parquet.Row
	left    []parquet.Row // decoded and not given yet
	end     bool          // of the group
	columns int
	build   assembler
	count   int64
}

// Close ends the group that is read.
func (p *parquetReader) Close() error {
	if p.rows == nil {
		return nil
	}
	rows := p.rows
	p.rows = nil
	return rows.Close()
}

// protect calls f, whose panic is an error: the library panics at some broken
// files.
func (p *parquetReader) protect(f func() error) (err error) {
	defer func() {
		if e := recover(); e != nil {
			err = fmt.Errorf("the Parquet file is broken behind row %d: %v", p.count, e)
		}
	}()
	return f()
}

func (p *parquetReader) next() (v value.Value, key *string, err error) {
	err = p.protect(func() error {
		for len(p.left) == 0 {
			if err := p.fill(); err != nil {
				return err
			}
		}
		columns := make([][]parquet.Value, p.columns)
		p.left[0].Range(func(i int, values []parquet.Value) bool {
			if i < len(columns) {
				columns[i] = values
			}
			return true
		})
		p.left = p.left[1:]
		p.count++
		var err error
		if v, err = p.build(columns); err != nil {
			return fmt.Errorf("row %d: %w", p.count, err)
		}
		return nil
	})
	return v, nil, err
}

// fill decodes further rows; [io.EOF] behind the last.
func (p *parquetReader) fill() error {
	if p.rows == nil || p.end {
		if err := p.Close(); err != nil {
			return err
		}
		if len(p.groups) == 0 {
			return io.EOF
		}
		p.rows, p.groups, p.end = p.groups[0].Rows(), p.groups[1:], false
	}
	n, err := p.rows.ReadRows(p.buffer)
	if errors.Is(err, io.EOF) {
		p.end = true
	} else if err != nil {
		return fmt.Errorf("the Parquet file cannot be read behind row %d: %w", p.count, err)
	}
	p.left = p.buffer[:n]
	return nil
}

// An assembler makes a value of the columns below a node: each has the values
// of one occurrence of the node.
type assembler func(columns [][]parquet.Value) (value.Value, error)

// assemble returns how many columns are below a node, and what makes values of
// them. The levels are those of what the node is in.
//
// https://parquet.apache.org/docs/file-format/nestedencoding/
func assemble(n parquet.Node, definition, repetition, column int) (int, assembler) {
	switch {
	case n.Optional():
		count, inner := assembleOne(n, definition+1, repetition, column)
		return count, func(columns [][]parquet.Value) (value.Value, error) {
			if absent(columns, definition+1) {
				return nil, nil
			}
			return inner(columns)
		}
	case n.Repeated():
		count, inner := assembleOne(n, definition+1, repetition+1, column)
		return count, func(columns [][]parquet.Value) (value.Value, error) {
			list, err := repeated(columns, definition+1, repetition+1, inner)
			return list, err
		}
	}
	return assembleOne(n, definition, repetition, column)
}

// absent tells that a node is not there at all.
func absent(columns [][]parquet.Value, definition int) bool {
	return len(columns) == 0 || len(columns[0]) == 0 || columns[0][0].DefinitionLevel() < definition
}

// repeated makes an array of the occurrences of a node.
func repeated(columns [][]parquet.Value, definition, repetition int, inner assembler) (value.Array, error) {
	list := value.Array{}
	if absent(columns, definition) {
		return list, nil
	}
	rest, one := append([][]parquet.Value(nil), columns...), make([][]parquet.Value, len(columns))
	for len(rest[0]) > 0 {
		for i, values := range rest {
			n := min(1, len(values))
			for n < len(values) && values[n].RepetitionLevel() > repetition {
				n++
			}
			one[i], rest[i] = values[:n], values[n:]
		}
		v, err := inner(one)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// assembleOne is assemble for one occurrence of a node, which is there.
func assembleOne(n parquet.Node, definition, repetition, column int) (int, assembler) {
	if n.Leaf() {
		t := n.Type()
		return 1, func(columns [][]parquet.Value) (value.Value, error) {
			if len(columns[0]) == 0 {
				return nil, errors.New("a column ends early")
			}
			return parquetValue(columns[0][0], t)
		}
	}
	fields := n.Fields()
	if kind := groupKind(n); kind != "" && len(fields) == 1 && fields[0].Repeated() {
		entry := fields[0]
		count, inner := assembleOne(entry, definition+1, repetition+1, column)
		below := entryFields(entry)
		switch {
		case kind == "MAP" && len(below) == 2:
			return count, func(columns [][]parquet.Value) (value.Value, error) {
				return mapOf(columns, definition+1, repetition+1, inner, below[0].Name(), below[1].Name())
			}
		case kind == "LIST":
			// A group of one field is only the list's own; a group of more, or a
			// leaf, is the element itself.
			name := ""
			if len(below) == 1 && entry.Name() != "array" && !strings.HasSuffix(entry.Name(), "_tuple") {
				name = below[0].Name()
			}
			return count, func(columns [][]parquet.Value) (value.Value, error) {
				list, err := repeated(columns, definition+1, repetition+1, inner)
				for i, v := range list {
					if o, ok := v.(*value.Object); ok && name != "" {
						list[i], _ = o.Get(name)
					}
				}
				return list, err
			}
		}
	}
	type part struct {
		name     string
		from, to int
		build    assembler
	}
	var parts []part
	count := 0
	for _, f := range fields {
		below, build := assemble(f, definition, repetition, column+count)
		parts = append(parts, part{f.Name(), count, count + below, build})
		count += below
	}
	return count, func(columns [][]parquet.Value) (value.Value, error) {
		o := new(value.Object)
		for _, p := range parts {
			v, err := p.build(columns[p.from:p.to])
			if err != nil {
				return nil, fmt.Errorf("column %q: %w", p.name, err)
			}
			o.Set(p.name, v)
		}
		return o, nil
	}
}

// groupKind tells whether a group is a LIST or a MAP.
func groupKind(n parquet.Node) string {
	logical := n.Type().LogicalType()
	if logical == nil {
		return ""
	}
	switch logical.Value.(type) {
	case *format.ListType:
		return "LIST"
	case *format.MapType:
		return "MAP"
	}
	return ""
}

func entryFields(n parquet.Node) []parquet.Field {
	if n.Leaf() {
		return nil
	}
	return n.Fields()
}

// mapOf makes an object of the entries of a map.
func mapOf(columns [][]parquet.Value, definition, repetition int, inner assembler, key, member string) (value.Value, error) {
	entries, err := repeated(columns, definition, repetition, inner)
	if err != nil {
		return nil, err
	}
	o := new(value.Object)
	for _, e := range entries {
		entry := e.(*value.Object)
		k, _ := entry.Get(key)
		name, ok := k.(string)
		if !ok {
			name = value.Text(k)
		}
		v, _ := entry.Get(member)
		o.Set(name, v)
	}
	return o, nil
}

// parquetValue makes a scalar of a value that is there.
func parquetValue(v parquet.Value, t parquet.Type) (value.Value, error) {
	if v.IsNull() {
		return nil, nil
	}
	if logical := t.LogicalType(); logical != nil {
		switch l := logical.Value.(type) {
		case *format.DecimalType:
			return decimal(v, int(l.Scale))
		case *format.DateType:
			return time.Unix(int64(v.Int32())*86400, 0).UTC().Format("2006-01-02"), nil
		case *format.TimestampType:
			return value.Int(millis(v.Int64(), l.Unit)), nil
		case *format.TimeType:
			return clock(v, l.Unit), nil
		case *format.UUIDType:
			if b := v.ByteArray(); len(b) == 16 {
				h := hex.EncodeToString(b)
				return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:], nil
			}
		case *format.IntType:
			if !l.IsSigned && v.Kind() == parquet.Int64 {
				return value.Number(strconv.FormatUint(v.Uint64(), 10)), nil
			} else if !l.IsSigned {
				return value.Int(int64(v.Uint32())), nil
			}
		case *format.JsonType:
			if parsed, err := value.Parse(v.ByteArray()); err == nil {
				return parsed, nil
			}
		}
	}
	switch v.Kind() {
	case parquet.Boolean:
		return v.Boolean(), nil
	case parquet.Int32:
		return value.Int(int64(v.Int32())), nil
	case parquet.Int64:
		return value.Int(v.Int64()), nil
	case parquet.Int96: // nanoseconds of a Julian day
		n := v.Int96()
		return value.Int((int64(n[2])-2440588)*86_400_000 + int64(uint64(n[1])<<32|uint64(n[0]))/1e6), nil
	case parquet.Float:
		return floating(float64(v.Float()), 32), nil
	case parquet.Double:
		return floating(v.Double(), 64), nil
	case parquet.ByteArray, parquet.FixedLenByteArray:
		if b := v.ByteArray(); utf8.Valid(b) {
			return string(b), nil
		}
		return base64.StdEncoding.EncodeToString(v.ByteArray()), nil
	}
	return nil, fmt.Errorf("the Parquet type %s is not supported", t)
}

// millis are the milliseconds since 1970 of a time in a unit.
func millis(n int64, unit format.TimeUnit) int64 {
	per := int64(1000)
	switch unit.Value.(type) {
	case *format.MilliSeconds:
		per = 1
	case *format.NanoSeconds:
		per = 1_000_000
	}
	if n < 0 {
		n -= per - 1
	}
	return n / per
}

// clock writes a time of the day.
func clock(v parquet.Value, unit format.TimeUnit) string {
	at := time.Duration(v.Int64()) * time.Microsecond
	switch unit.Value.(type) {
	case *format.MilliSeconds:
		at = time.Duration(v.Int32()) * time.Millisecond
	case *format.NanoSeconds:
		at = time.Duration(v.Int64())
	}
	return time.Unix(0, 0).UTC().Add(at).Format("15:04:05.999999999")
}

// floating writes a number, whole ones with a fraction of 0.
func floating(f float64, bits int) value.Value {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	form := byte('f')
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		form = 'e'
	}
	text := strconv.FormatFloat(f, form, -1, bits)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return value.Number(text)
}

// maxScale bounds the digits behind the point of a decimal, as Parquet's own
// types do by far.
const maxScale = 1000

// decimal writes a number from its unscaled value.
func decimal(v parquet.Value, scale int) (value.Value, error) {
	if scale < 0 || scale > maxScale {
		return nil, fmt.Errorf("a decimal of scale %d", scale)
	}
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
	return value.Number(r.FloatString(scale)), nil
}
