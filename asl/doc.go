// Package asl is the Amazon States Language: the model of a definition, its
// parser and validator, and the machine that interprets it.
//
// The machine is pure. [Machine.Start] and [Machine.Step] are functions from an
// execution's state and an event to a new state, history events and commands.
// Time, randomness and identifiers arrive in the event; there is no clock, no
// goroutine and no input or output here. A driver (the durable engine, a test
// with a virtual clock, TestState) feeds events and carries commands out.
//
// Specification: https://states-language.net/spec.html and
// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html.
package asl
