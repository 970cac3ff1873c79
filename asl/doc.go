// Package asl is the Amazon States Language: the model of a definition, its
// parser and validator, and the machine that interprets it.
//
// The machine is pure. [Machine.Start] and [Machine.Step] are functions from an
// execution's state and an event to a new state, history events and commands.
// Time, randomness and identifiers arrive in the event; there is no clock, no
// goroutine and no input or output here. A driver (the durable engine, a test
// with a virtual clock, TestState) feeds events and carries commands out.
//
// A state is of JSONPath or of JSONata. The table in fields.go says which
// fields each has, and which of them hold expressions; a field's expressions
// become a template (a payload template, or strings in {% and %}), an expr (a
// path or an intrinsic function) or a query (JSONata), which are evaluated in
// an env: what the state sees in that phase. What fails in JSONata has an event
// of its own, EvaluationFailed, and is for Retry and Catch.
//
// Specification: https://states-language.net/spec.html and
// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html.
package asl
