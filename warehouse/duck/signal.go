//go:build cgo

package duck

/*
#include <stdlib.h>
extern void salamanderSignal(void *info, void *input, void *output);
static void *signalCallback(void) { return (void *)salamanderSignal; }
*/
import "C"

import (
	"errors"
	"fmt"
	"runtime/cgo"
	"unsafe"

	db "github.com/duckdb/duckdb-go-bindings"
)

// registerSignal makes rs_signal(pid, terminate, me) known to all connections,
// which stands for pg_cancel_backend and pg_terminate_backend: me is the number
// of the session that asks, which the dialect fills in. The function that it
// returns forgets the engine, when no statement runs any more.
func (e *engine) registerSignal(c *conn) (forget func(), err error) {
	handle := cgo.NewHandle(e)
	kept := C.malloc(C.size_t(unsafe.Sizeof(handle)))
	*(*cgo.Handle)(kept) = handle
	forget = func() {
		handle.Delete()
		C.free(kept)
	}
	f := db.CreateScalarFunction()
	defer db.DestroyScalarFunction(&f)
	db.ScalarFunctionSetName(f, "rs_signal")
	add := func(t db.Type, do func(db.LogicalType)) {
		lt := db.CreateLogicalType(t)
		do(lt)
		db.DestroyLogicalType(&lt)
	}
	for _, t := range []db.Type{db.TypeBigInt, db.TypeBoolean, db.TypeBigInt} {
		add(t, func(t db.LogicalType) { db.ScalarFunctionAddParameter(f, t) })
	}
	add(db.TypeBoolean, func(t db.LogicalType) { db.ScalarFunctionSetReturnType(f, t) })
	db.ScalarFunctionSetVolatile(f)
	db.ScalarFunctionSetExtraInfo(f, kept, nil)
	db.ScalarFunctionSetFunction(f, C.signalCallback())
	if db.RegisterScalarFunction(c.c, f) != db.StateSuccess {
		forget()
		return nil, errors.New("register the function \"rs_signal\"")
	}
	return forget, nil
}

//export salamanderSignal
func salamanderSignal(info, input, output unsafe.Pointer) {
	f := db.FunctionInfo{Ptr: info}
	defer func() {
		if p := recover(); p != nil {
			db.ScalarFunctionSetError(f, fmt.Sprintf("rs! internal error: %v", p))
		}
	}()
	e := (*(*cgo.Handle)(db.ScalarFunctionGetExtraInfo(f))).Value().(*engine)
	in := db.DataChunk{Ptr: input}
	out := db.VectorGetData(db.Vector{Ptr: output})
	column := func(i int) unsafe.Pointer { return db.VectorGetData(db.DataChunkGetVector(in, db.IdxT(i))) }
	pids, ends, me := column(0), column(1), column(2)
	for row := range int(db.DataChunkGetSize(in)) {
		e.sessionsMu.Lock()
		s := e.sessions[uint32(at[int64](me, row))]
		e.sessionsMu.Unlock()
		found := false
		if pid := at[int64](pids, row); s != nil && pid > 0 && pid <= 1<<32-1 {
			var err error
			if found, err = s.signal(uint32(pid), at[bool](ends, row), ""); err != nil {
				db.ScalarFunctionSetError(f, signalDenied+err.Error())
				return
			}
		}
		*(*bool)(unsafe.Add(out, row)) = found
	}
}

// signalDenied is the prefix of an error of rs_signal's.
const signalDenied = "rs? "
