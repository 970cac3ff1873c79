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
// error codes, messages and positions are ours too. It is departed from where it
// is plainly at fault:
//
//   - objects keep the order of their members, also of those with names like 1;
//   - a result that is no finite number is D1001, not null;
//   - a date that does not exist is D3110, not null;
//   - a path may go on from an array constructor whose predicate leaves one
//     value, as in [1, 2][1].f; the reference gives undefined, or takes a
//     string apart;
//   - a predicate after an order-by clause sees items also where # or @ bind
//     variables;
//   - a group after a call in tail position is not dropped;
//   - a function of the library that ~> applies is named with its own place in
//     errors, not with that of an earlier call.
package jsonata
