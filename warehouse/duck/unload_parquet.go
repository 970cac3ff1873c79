//go:build cgo

package duck

import (
	"io"
	"math/big"
	"slices"
	"strings"

	db "github.com/duckdb/duckdb-go-bindings"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/snappy"
)

// A parquetFile writes rows as Parquet.
type parquetFile struct {
	u *unloading
	w *parquet.GenericWriter[any]
}

// An orderedGroup keeps the columns' order, which a map has not.
type orderedGroup struct {
	parquet.Group
	names []string
}

// Fields returns the columns in their order.
func (g orderedGroup) Fields() []parquet.Field {
	all := g.Group.Fields()
	slices.SortFunc(all, func(a, b parquet.Field) int { return slices.Index(g.names, a.Name()) - slices.Index(g.names, b.Name()) })
	return all
}

func newParquetFile(u *unloading, w io.Writer) (*parquetFile, error) {
	g := orderedGroup{Group: parquet.Group{}}
	for _, c := range u.columns {
		name := u.r.columns[c].Name
		g.Group[name] = parquet.Optional(parquetNode(u.r.rd.columns[c]))
		g.names = append(g.names, name)
	}
	schema := parquet.NewSchema("schema", g)
	return &parquetFile{u: u, w: parquet.NewGenericWriter[any](w, schema, parquet.Compression(&snappy.Codec{}))}, nil
}

func parquetNode(f field) parquet.Node {
	switch f.typ {
	case db.TypeBoolean:
		return parquet.Leaf(parquet.BooleanType)
	case db.TypeTinyInt, db.TypeSmallInt, db.TypeInteger, db.TypeUTinyInt, db.TypeUSmallInt:
		return parquet.Int(32)
	case db.TypeBigInt, db.TypeUInteger:
		return parquet.Int(64)
	case db.TypeFloat:
		return parquet.Leaf(parquet.FloatType)
	case db.TypeDouble:
		return parquet.Leaf(parquet.DoubleType)
	case db.TypeDecimal:
		switch {
		case f.width <= 9:
			return parquet.Decimal(f.scale, f.width, parquet.Int32Type)
		case f.width <= 18:
			return parquet.Decimal(f.scale, f.width, parquet.Int64Type)
		}
		return parquet.Decimal(f.scale, f.width, parquet.FixedLenByteArrayType(16))
	case db.TypeHugeInt, db.TypeUBigInt, db.TypeUHugeInt:
		return parquet.Decimal(0, 38, parquet.FixedLenByteArrayType(16))
	case db.TypeDate:
		return parquet.Date()
	case db.TypeTimestamp, db.TypeTimestampTZ:
		return parquet.Timestamp(parquet.Microsecond)
	}
	if f.super {
		return parquet.JSON()
	}
	return parquet.String()
}

func (p *parquetFile) write(row int) error {
	rd := p.u.r.rd
	var out parquet.Row
	for i, c := range p.u.columns {
		if rd.null(c, row) {
			out = append(out, parquet.NullValue().Level(0, 0, i))
			continue
		}
		out = append(out, parquetValue(rd, c, row).Level(0, 1, i))
	}
	_, err := p.w.WriteRows([]parquet.Row{out})
	return err
}

func (p *parquetFile) close() error { return p.w.Close() }

func parquetValue(rd *reader, col, row int) parquet.Value {
	f, p := rd.columns[col], rd.data[col]
	switch f.typ {
	case db.TypeBoolean:
		return parquet.BooleanValue(at[bool](p, row))
	case db.TypeTinyInt:
		return parquet.Int32Value(int32(at[int8](p, row)))
	case db.TypeUTinyInt:
		return parquet.Int32Value(int32(at[uint8](p, row)))
	case db.TypeSmallInt:
		return parquet.Int32Value(int32(at[int16](p, row)))
	case db.TypeUSmallInt:
		return parquet.Int32Value(int32(at[uint16](p, row)))
	case db.TypeInteger, db.TypeDate:
		return parquet.Int32Value(at[int32](p, row))
	case db.TypeBigInt, db.TypeTimestamp, db.TypeTimestampTZ:
		return parquet.Int64Value(at[int64](p, row))
	case db.TypeUInteger:
		return parquet.Int64Value(int64(at[uint32](p, row)))
	case db.TypeFloat:
		return parquet.FloatValue(at[float32](p, row))
	case db.TypeDouble:
		return parquet.DoubleValue(at[float64](p, row))
	case db.TypeDecimal, db.TypeHugeInt, db.TypeUBigInt, db.TypeUHugeInt:
		n, _ := new(big.Int).SetString(strings.Replace(string(rd.append(nil, col, row)), ".", "", 1), 10)
		switch {
		case f.typ == db.TypeDecimal && f.width <= 9:
			return parquet.Int32Value(int32(n.Int64()))
		case f.typ == db.TypeDecimal && f.width <= 18:
			return parquet.Int64Value(n.Int64())
		}
		b := make([]byte, 16)
		if n.Sign() < 0 {
			n.Add(n, new(big.Int).Lsh(big.NewInt(1), 128))
		}
		return parquet.FixedLenByteArrayValue(n.FillBytes(b))
	}
	return parquet.ByteArrayValue(rd.append(nil, col, row))
}
