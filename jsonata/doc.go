// Package jsonata is the JSONata query and transformation language, version
// 2.x, with the functions that Step Functions adds to it.
//
// [Compile] reads an expression once; the [Expr] is immutable and evaluated by
// any number of goroutines. An evaluation is a function of its [Env]: the time
// and the source of randomness arrive there, and steps, depth and size are
// bounded, so the package has no clock, no goroutine and no randomness of its
// own.
//
// Specification: https://docs.jsonata.org. Where that is silent the rule is what
// the reference implementation, https://github.com/jsonata-js/jsonata, does; its
// error codes, messages and positions are ours too.
package jsonata
