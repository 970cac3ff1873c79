//go:build cgo

package duck

import (
	"fmt"
	"time"
	"unsafe"

	db "github.com/duckdb/duckdb-go-bindings"
)

// A scalar is a function of ours that DuckDB calls for each row. A null among
// its arguments makes its result null.
type scalar struct {
	name   string // as DuckDB knows it; several scalars may share it
	params []db.Type
	rest   bool // any number of texts may follow
	result db.Type
	call   func(a *args) error
}

// args are the arguments of one row, and the place for its result.
type args struct {
	in   reader // its columns are the arguments
	out  db.Vector
	data unsafe.Pointer // of out
	row  int

	scratch [32]byte
}

func newArgs(out db.Vector) *args { return &args{out: out, data: db.VectorGetData(out)} }

func (a *args) count() int { return len(a.in.columns) }

// any returns an argument of any type as text.
func (a *args) any(i int) string { return string(a.in.append(nil, i, a.row)) }

func (a *args) text(i int) string { return string(textAt(a.in.data[i], a.row)) }

// textOr returns argument i, or a default where there are less.
func (a *args) textOr(i int, def string) string {
	if i >= a.count() {
		return def
	}
	return a.text(i)
}

func (a *args) integer(i int) int { return int(at[int64](a.in.data[i], a.row)) }

// integerOr returns argument i, or a default where there are less.
func (a *args) integerOr(i, def int) int {
	if i >= a.count() {
		return def
	}
	return a.integer(i)
}

func (a *args) time(i int) time.Time {
	return time.UnixMicro(at[int64](a.in.data[i], a.row)).UTC()
}

func put[T any](a *args, v T) {
	*(*T)(unsafe.Add(a.data, uintptr(a.row)*unsafe.Sizeof(v))) = v
}

func (a *args) setText(s string) { a.setBytes(unsafe.Slice(unsafe.StringData(s), len(s))) }

// setBytes makes a copy of b the result.
func (a *args) setBytes(b []byte) { db.VectorAssignStringElementLen(a.out, db.IdxT(a.row), b) }
func (a *args) setInt(n int)      { put(a, int64(n)) }
func (a *args) setBool(v bool)    { put(a, v) }
func (a *args) setFloat(v float64) {
	put(a, v)
}
func (a *args) setTime(t time.Time) { put(a, t.UnixMicro()) }
func (a *args) setDate(t time.Time) { put(a, int32(floorDays(t))) }

func floorDays(t time.Time) int64 {
	s := t.Unix()
	d := s / 86400
	if s%86400 < 0 {
		d--
	}
	return d
}

// setNull makes the result null.
func (a *args) setNull() {
	db.VectorEnsureValidityWritable(a.out)
	db.ValiditySetRowInvalid(db.VectorGetValidity(a.out), db.IdxT(a.row))
}

// runScalar runs a function for the rows of a chunk.
func runScalar(f *scalar, input db.DataChunk, output db.Vector) error {
	n := int(db.DataChunkGetColumnCount(input))
	a := newArgs(output)
	a.in.data, a.in.valid = make([]unsafe.Pointer, n), make([]*uint64, n)
	for i := range n {
		v := db.DataChunkGetVector(input, db.IdxT(i))
		t := db.VectorGetColumnType(v)
		c, err := fieldOf("", t)
		db.DestroyLogicalType(&t)
		if err != nil {
			return err
		}
		a.in.columns = append(a.in.columns, c)
		a.in.data[i], a.in.valid[i] = db.VectorGetData(v), (*uint64)(db.VectorGetValidity(v))
	}
rows:
	for a.row = range int(db.DataChunkGetSize(input)) {
		for i := range n {
			if a.in.null(i, a.row) || a.in.columns[i].typ == db.TypeSQLNull {
				a.setNull()
				continue rows
			}
		}
		if err := f.call(a); err != nil {
			return fmt.Errorf("rs! %w", err)
		}
	}
	return nil
}

// indexes are what DuckDB keeps of each function: its place in allScalars.
var indexes = func() (all [maxScalars]int32) {
	for i := range all {
		all[i] = int32(i)
	}
	return all
}()

// allScalars are the functions of all files.
var allScalars = append(append(scalars[:], moreScalars[:]...), superScalars[:]...)

const maxScalars = 128

// registerScalars makes the functions known to all connections.
func registerScalars(c *conn) error {
	sets := map[string]db.ScalarFunctionSet{}
	for i := range allScalars {
		f := &allScalars[i]
		s := db.CreateScalarFunction()
		db.ScalarFunctionSetName(s, f.name)
		add := func(t db.Type, do func(db.LogicalType)) {
			lt := db.CreateLogicalType(t)
			do(lt)
			db.DestroyLogicalType(&lt)
		}
		for _, p := range f.params {
			add(p, func(t db.LogicalType) { db.ScalarFunctionAddParameter(s, t) })
		}
		if f.rest {
			add(db.TypeVarchar, func(t db.LogicalType) { db.ScalarFunctionSetVarargs(s, t) })
		}
		add(f.result, func(t db.LogicalType) { db.ScalarFunctionSetReturnType(s, t) })
		db.ScalarFunctionSetSpecialHandling(s)
		db.ScalarFunctionSetExtraInfo(s, unsafe.Pointer(&indexes[i]), nil)
		db.ScalarFunctionSetFunction(s, scalarCallback())
		set, ok := sets[f.name]
		if !ok {
			set = db.CreateScalarFunctionSet(f.name)
			sets[f.name] = set
		}
		state := db.AddScalarFunctionToSet(set, s)
		db.DestroyScalarFunction(&s)
		if state != db.StateSuccess {
			return fmt.Errorf("two functions %q have the same parameters", f.name)
		}
	}
	for name, set := range sets {
		state := db.RegisterScalarFunctionSet(c.c, set)
		db.DestroyScalarFunctionSet(&set)
		if state != db.StateSuccess {
			return fmt.Errorf("register the function %q", name)
		}
	}
	return nil
}
