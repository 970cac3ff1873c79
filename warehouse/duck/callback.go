//go:build cgo

package duck

/*
extern void salamanderScalar(void *info, void *input, void *output);
static void *scalarCallback(void) { return (void *)salamanderScalar; }
*/
import "C"

import (
	"fmt"
	"unsafe"

	db "github.com/duckdb/duckdb-go-bindings"
)

// scalarCallback is the function that DuckDB calls.
func scalarCallback() unsafe.Pointer { return C.scalarCallback() }

//export salamanderScalar
func salamanderScalar(info, input, output unsafe.Pointer) {
	f := db.FunctionInfo{Ptr: info}
	defer func() {
		if e := recover(); e != nil {
			db.ScalarFunctionSetError(f, fmt.Sprintf("rs! internal error: %v", e))
		}
	}()
	i := *(*int32)(db.ScalarFunctionGetExtraInfo(f))
	if err := runScalar(&allScalars[i], db.DataChunk{Ptr: input}, db.Vector{Ptr: output}); err != nil {
		db.ScalarFunctionSetError(f, err.Error())
	}
}
