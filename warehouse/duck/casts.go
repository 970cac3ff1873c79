//go:build cgo

package duck

/*
#include <stdint.h>
#include <stdbool.h>
#include <stdlib.h>

extern void *duckdb_create_cast_function(void);
extern void duckdb_cast_function_set_source_type(void *f, void *type);
extern void duckdb_cast_function_set_target_type(void *f, void *type);
extern void duckdb_cast_function_set_function(void *f, void *function);
extern void duckdb_cast_function_set_extra_info(void *f, void *info, void *destroy);
extern void *duckdb_cast_function_get_extra_info(void *info);
extern int duckdb_cast_function_get_cast_mode(void *info);
extern void duckdb_cast_function_set_error(void *info, const char *text);
extern void duckdb_cast_function_set_row_error(void *info, const char *text, uint64_t row, void *output);
extern int duckdb_register_cast_function(void *connection, void *f);
extern void duckdb_destroy_cast_function(void **f);

extern bool salamanderCast(void *info, uint64_t count, void *input, void *output);

static int registerCast(void *connection, void *source, void *target, void *info) {
	void *f = duckdb_create_cast_function();
	duckdb_cast_function_set_source_type(f, source);
	duckdb_cast_function_set_target_type(f, target);
	duckdb_cast_function_set_extra_info(f, info, 0);
	duckdb_cast_function_set_function(f, (void *)salamanderCast);
	int state = duckdb_register_cast_function(connection, f);
	duckdb_destroy_cast_function(&f);
	return state;
}
*/
import "C"

import (
	"fmt"
	"strconv"
	"strings"
	"unsafe"

	db "github.com/duckdb/duckdb-go-bindings"
)

// A cast of ours stands in place of DuckDB's own: of texts, since that rounds
// fractions to integers and knows dates of ISO 8601 only, and of floating point
// numbers to texts, since that writes 1 as 1.0.
type ownCast struct {
	from, to db.Type
	do       func(data unsafe.Pointer, a *args) error // one value of the vector's data
}

// fromText is a cast of texts. plain reads what nearly all texts are, and
// reports false of the others, which are left to read.
func fromText(to db.Type, plain func(b []byte, a *args) bool, read func(s string, a *args) error) ownCast {
	return ownCast{db.TypeVarchar, to, func(data unsafe.Pointer, a *args) error {
		text := textAt(data, a.row)
		if plain(text, a) {
			return nil
		}
		return read(string(text), a)
	}}
}

// ownCasts are made wherever they happen: in a CAST, a comparison, an INSERT or
// an UPDATE.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_Date_and_time_literals.html
var ownCasts = [...]ownCast{
	fromText(db.TypeSmallInt, func(b []byte, a *args) bool {
		n, ok := plainInteger(b)
		put(a, int16(n))
		return ok && int64(int16(n)) == n
	}, func(s string, a *args) error {
		n, err := readInteger(s, 16, "smallint")
		put(a, int16(n))
		return err
	}),
	fromText(db.TypeInteger, func(b []byte, a *args) bool {
		n, ok := plainInteger(b)
		put(a, int32(n))
		return ok && int64(int32(n)) == n
	}, func(s string, a *args) error {
		n, err := readInteger(s, 32, "integer")
		put(a, int32(n))
		return err
	}),
	fromText(db.TypeBigInt, func(b []byte, a *args) bool {
		n, ok := plainInteger(b)
		put(a, n)
		return ok
	}, func(s string, a *args) error {
		n, err := readInteger(s, 64, "bigint")
		put(a, n)
		return err
	}),
	fromText(db.TypeDate, func(b []byte, a *args) bool {
		days, ok := plainDate(b)
		put(a, int32(days))
		return ok
	}, func(s string, a *args) error {
		t, ok := readMoment(s, true)
		if !ok {
			return fmt.Errorf("invalid input syntax for type date: \"%s\"", s)
		}
		a.setDateMoment(t)
		return nil
	}),
	fromText(db.TypeTimestamp, func(b []byte, a *args) bool {
		micros, ok := plainTimestamp(b)
		put(a, micros)
		return ok
	}, func(s string, a *args) error {
		t, ok := readMoment(s, false)
		if !ok {
			return fmt.Errorf("invalid input syntax for type timestamp: \"%s\"", s)
		}
		a.setMoment(t)
		return nil
	}),
	{db.TypeDouble, db.TypeVarchar, func(data unsafe.Pointer, a *args) error {
		a.setBytes(appendFloat(a.scratch[:0], at[float64](data, a.row), 64))
		return nil
	}},
	{db.TypeFloat, db.TypeVarchar, func(data unsafe.Pointer, a *args) error {
		a.setBytes(appendFloat(a.scratch[:0], float64(at[float32](data, a.row)), 32))
		return nil
	}},
}

// readInteger reads digits with a sign, and blanks around them.
func readInteger(s string, bits int, typ string) (int64, error) {
	t := strings.Trim(s, " \t\n\r\v\f")
	n, err := strconv.ParseInt(t, 10, bits)
	switch {
	case err == nil:
		return n, nil
	case err.(*strconv.NumError).Err == strconv.ErrRange:
		return 0, fmt.Errorf("value \"%s\" is out of range for type %s", t, typ)
	}
	return 0, fmt.Errorf("invalid input syntax for integer: \"%s\"", s)
}

// registerCasts makes the casts known to all connections.
func registerCasts(c *conn) error {
	for i, cast := range ownCasts {
		source := db.CreateLogicalType(cast.from)
		target := db.CreateLogicalType(cast.to)
		state := C.registerCast(c.c.Ptr, source.Ptr, target.Ptr, unsafe.Pointer(&indexes[i]))
		db.DestroyLogicalType(&source)
		db.DestroyLogicalType(&target)
		if state != 0 {
			return fmt.Errorf("register the cast of type %d to type %d", cast.from, cast.to)
		}
	}
	return nil
}

//export salamanderCast
func salamanderCast(info unsafe.Pointer, count C.uint64_t, input, output unsafe.Pointer) (ok C.bool) {
	fail := func(text string, row int) {
		c := C.CString(text)
		defer C.free(unsafe.Pointer(c))
		if row >= 0 && C.duckdb_cast_function_get_cast_mode(info) == 1 { // TRY_CAST
			C.duckdb_cast_function_set_row_error(info, c, C.uint64_t(row), output)
		} else {
			C.duckdb_cast_function_set_error(info, c)
		}
		ok = false
	}
	defer func() {
		if e := recover(); e != nil {
			fail(fmt.Sprintf("rs! internal error: %v", e), -1)
		}
	}()
	ok = true
	cast := &ownCasts[*(*int32)(C.duckdb_cast_function_get_extra_info(info))]
	in := db.Vector{Ptr: input}
	data, valid := db.VectorGetData(in), (*uint64)(db.VectorGetValidity(in))
	a := newArgs(db.Vector{Ptr: output})
	a.in.valid = []*uint64{valid}
	for a.row = range int(count) {
		if a.in.null(0, a.row) {
			a.setNull()
			continue
		}
		if err := cast.do(data, a); err != nil {
			fail("rs! "+err.Error(), a.row)
			if C.duckdb_cast_function_get_cast_mode(info) != 1 {
				return ok
			}
		}
	}
	return ok
}
