package operation

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"sync/atomic"
)

// A Caller is who calls an operation. Account and region are part of every
// key that an operation reads or writes.
type Caller struct {
	Account    string // 12 digits
	Region     string // "us-east-1"
	Principal  string // ARN of the user or role
	AccessKey  string // the access key id that signed the call; empty within the process
	Invocation Invocation
}

// An Invocation names the function invocation that a call was made in. The
// zero value means none.
type Invocation struct {
	ID   string // invocation id, the same when a cut invocation is run again
	Call int    // order of the mutating call within the invocation, from 0
}

type callKey struct{}

type call struct {
	caller Caller
	ids    atomic.Int64
}

// WithCaller returns a context in which caller is the caller. [Register] does
// this for typed operations.
func WithCaller(ctx context.Context, caller Caller) context.Context {
	return context.WithValue(ctx, callKey{}, &call{caller: caller})
}

// CallerOf returns the caller in ctx. It panics when there is none, since an
// operation without a caller has no account.
func CallerOf(ctx context.Context) Caller {
	c, ok := ctx.Value(callKey{}).(*call)
	if !ok {
		panic("operation called without a caller")
	}
	return c.caller
}

// NewID returns a new identifier in the form of a UUID. Within a function's
// invocation it is derived from the invocation, the order of the call and the
// order of the identifier in the call, so that a repeat of a call after a
// crash makes the same identifiers and finds what the first one made.
func NewID(ctx context.Context) string {
	var b [16]byte
	c, ok := ctx.Value(callKey{}).(*call)
	if ok && c.caller.Invocation.ID != "" {
		inv := c.caller.Invocation
		sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d/%d", inv.ID, inv.Call, c.ids.Add(1)))
		copy(b[:], sum[:])
		b[6] = b[6]&0x0f | 0x80 // version 8: made from other data
	} else {
		rand.Read(b[:])
		b[6] = b[6]&0x0f | 0x40
	}
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
