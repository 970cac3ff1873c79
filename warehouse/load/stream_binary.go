package load

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"strconv"
	"time"

	"salamander/warehouse/sqlstate"
)

// A BinaryStream reads the rows of PostgreSQL's binary format. It holds one
// row at a time. It is not for concurrent use.
//
// https://www.postgresql.org/docs/15/sql-copy.html#id-1.9.3.55.9.4
type BinaryStream struct {
	r       *bufio.Reader
	columns []Column
	line    int64
	data    []byte // of the row
	row     []Value
	begun   bool

	// At is the place, from 0, of the field that an error is about.
	At int
}

// NewBinaryStream reads r, which has a field for each column.
func NewBinaryStream(r io.Reader, columns []Column) *BinaryStream {
	return &BinaryStream{r: bufio.NewReaderSize(r, 64<<10), columns: columns}
}

// Line returns the number of the last row.
func (s *BinaryStream) Line() (int64, []byte) { return s.line, nil }

const binarySignature = "PGCOPY\n\xff\r\n\x00"

var errBinaryEnd = sqlstate.Errorf(sqlstate.BadCopyFormat, "unexpected EOF in COPY data")

// Next returns the next row as texts, at the end io.EOF.
func (s *BinaryStream) Next() ([]Value, error) {
	s.At = -1
	if !s.begun {
		if err := s.begin(); err != nil {
			return nil, err
		}
		s.begun = true
	}
	s.line++
	if _, err := s.r.Peek(1); err == io.EOF {
		return nil, io.EOF // the mark at the end may be missing
	}
	head, err := s.bytes(2)
	if err != nil {
		return nil, err
	}
	n := int(int16(binary.BigEndian.Uint16(head)))
	if n == -1 {
		if _, err := s.r.ReadByte(); err == nil {
			return nil, sqlstate.Errorf(sqlstate.BadCopyFormat, "received copy data after EOF marker")
		} else if err != io.EOF {
			return nil, err
		}
		return nil, io.EOF
	}
	if n != len(s.columns) {
		return nil, sqlstate.Errorf(sqlstate.BadCopyFormat, "row field count is %d, expected %d", n, len(s.columns))
	}
	s.row, s.data = s.row[:0], s.data[:0]
	for i := range s.columns {
		s.At = i
		head, err := s.bytes(4)
		if err != nil {
			return nil, err
		}
		size := int(int32(binary.BigEndian.Uint32(head)))
		switch {
		case size == -1:
			s.row = append(s.row, Value{Null: true})
			continue
		case size < 0 || size > maxLine:
			return nil, sqlstate.Errorf(sqlstate.BadCopyFormat, "invalid field size")
		}
		b, err := s.bytes(size)
		if err != nil {
			return nil, err
		}
		v, err := binaryText(&s.columns[i], b)
		if err != nil {
			return nil, err
		}
		s.row = append(s.row, Value{Text: v})
	}
	s.At = -1
	return s.row, nil
}

func (s *BinaryStream) begin() error {
	head, err := s.bytes(len(binarySignature))
	if err == errBinaryEnd || err == nil && string(head) != binarySignature {
		return sqlstate.Errorf(sqlstate.BadCopyFormat, "COPY file signature not recognized")
	} else if err != nil {
		return err
	}
	head, err = s.bytes(8)
	if err == errBinaryEnd {
		return sqlstate.Errorf(sqlstate.BadCopyFormat, "invalid COPY file header (missing flags)")
	} else if err != nil {
		return err
	}
	if flags := binary.BigEndian.Uint32(head); flags != 0 {
		return sqlstate.Errorf(sqlstate.BadCopyFormat, "unrecognized critical flags in COPY file header")
	}
	size := int(int32(binary.BigEndian.Uint32(head[4:])))
	if size < 0 || size > maxLine {
		return sqlstate.Errorf(sqlstate.BadCopyFormat, "invalid COPY file header (wrong length)")
	}
	_, err = s.bytes(size)
	return err
}

// bytes returns the next n bytes, which belong to the caller.
func (s *BinaryStream) bytes(n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(s.r, b); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, errBinaryEnd
	} else if err != nil {
		return nil, err
	}
	return b, nil
}

// epoch is 2000-01-01 in days since 1970.
const epoch = 10957

// binaryText turns a value's binary form into its text.
func binaryText(c *Column, b []byte) ([]byte, error) {
	be := binary.BigEndian
	bad := sqlstate.Errorf(sqlstate.BadBinary, "incorrect binary data format")
	size := map[Kind]int{Int16: 2, Int32: 4, Int64: 8, Float64: 8, Bool: 1, Date: 4, Timestamp: 8, Float32: 4, Time: 8, TimestampTZ: 8}[c.Kind]
	if len(b) < size {
		return nil, sqlstate.Errorf(sqlstate.ProtocolViolation, "insufficient data left in message")
	} else if size > 0 && len(b) > size {
		return nil, bad
	}
	switch c.Kind {
	case Int16:
		return strconv.AppendInt(nil, int64(int16(be.Uint16(b))), 10), nil
	case Int32:
		return strconv.AppendInt(nil, int64(int32(be.Uint32(b))), 10), nil
	case Int64:
		return strconv.AppendInt(nil, int64(be.Uint64(b)), 10), nil
	case Float64:
		return strconv.AppendFloat(nil, math.Float64frombits(be.Uint64(b)), 'g', -1, 64), nil
	case Float32:
		return strconv.AppendFloat(nil, float64(math.Float32frombits(be.Uint32(b))), 'g', -1, 32), nil
	case Time:
		return time.UnixMicro(int64(be.Uint64(b))).UTC().AppendFormat(nil, "15:04:05.999999"), nil
	case TimestampTZ:
		return time.UnixMicro(int64(be.Uint64(b))+epoch*86400e6).UTC().AppendFormat(nil, "2006-01-02 15:04:05.999999+00"), nil
	case Bool:
		if b[0] != 0 {
			return []byte{'t'}, nil
		}
		return []byte{'f'}, nil
	case Date:
		return time.Unix((int64(int32(be.Uint32(b)))+epoch)*86400, 0).UTC().AppendFormat(nil, time.DateOnly), nil
	case Timestamp:
		return time.UnixMicro(int64(be.Uint64(b))+epoch*86400e6).UTC().AppendFormat(nil, "2006-01-02 15:04:05.999999"), nil
	case Decimal16, Decimal32, Decimal64, Decimal128:
		return numericText(b)
	case Text:
		if k := invalidUTF8(b); k >= 0 {
			return nil, InvalidBytes(b[k:])
		}
	}
	return b, nil
}

// numericText reads groups of four digits.
func numericText(b []byte) ([]byte, error) {
	be := binary.BigEndian
	bad := sqlstate.Errorf(sqlstate.BadBinary, "incorrect binary data format")
	if len(b) < 8 {
		return nil, bad
	}
	n, weight, sign, scale := int(be.Uint16(b)), int(int16(be.Uint16(b[2:]))), be.Uint16(b[4:]), int(be.Uint16(b[6:]))
	if len(b) != 8+2*n || sign != 0 && sign != 0x4000 || n > 4096 || weight > 4096 || weight < -4096 || scale > 16384 {
		return nil, bad
	}
	digit := func(i int) (int, bool) {
		if i < 0 || i >= n {
			return 0, true
		}
		d := int(be.Uint16(b[8+2*i:]))
		return d, d < 10000
	}
	var out []byte
	if sign == 0x4000 {
		out = append(out, '-')
	}
	four := func(d int) []byte { return strconv.AppendInt(nil, int64(10000+d), 10)[1:] }
	if weight < 0 {
		out = append(out, '0')
	}
	for i := 0; i <= weight; i++ {
		d, ok := digit(i)
		if !ok {
			return nil, bad
		}
		if i == 0 {
			out = strconv.AppendInt(out, int64(d), 10)
		} else {
			out = append(out, four(d)...)
		}
	}
	if scale == 0 {
		return out, nil
	}
	out = append(out, '.')
	end := len(out) + scale
	for i := weight + 1; len(out) < end; i++ {
		d, ok := digit(i)
		if !ok {
			return nil, bad
		}
		out = append(out, four(d)...)
	}
	return out[:end], nil
}
