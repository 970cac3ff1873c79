package asl

import (
	"time"

	"salamander/internal/value"
)

// A scope is one set of states with its start: the machine itself, a branch of
// a Parallel, the processor of a Map.
type scope struct {
	id      int // its index in Machine.scopes
	startAt string
	states  map[string]*state
	names   []string // in the order of the definition
}

// A state is one state of any type. The fields that its type does not have are
// zero.
type state struct {
	name    string
	kind    string // "Pass", "Task", …
	scope   *scope
	next    string // empty at the end
	end     bool
	jsonata bool // its query language is JSONata, else JSONPath

	inputPath, outputPath pathField
	resultPath            pathField
	parameters            *template // Parameters or Arguments, or ItemSelector of a Map
	resultSelector        *template
	assign                *template
	output                *template // in JSONata

	retry []retrier
	catch []catcher

	pass     *passFields
	task     *taskFields
	choice   *choiceFields
	wait     *waitFields
	fail     *failFields
	branches []*scope
	mapping  *mapFields
}

// A pathField is InputPath, OutputPath or ResultPath: absent means $, and null
// means an empty object (or to discard the result).
type pathField struct {
	set  bool
	null bool
	expr *pathExpr
}

type passFields struct {
	result    value.Value
	hasResult bool
}

type taskFields struct {
	resource      Integration
	timeout       time.Duration // 0 for none
	heartbeat     time.Duration // 0 for none
	timeoutPath   *pathExpr
	heartbeatPath *pathExpr
	credentials   *template

	timeoutQuery, heartbeatQuery *query
}

type choiceFields struct {
	rules    []choiceRule
	fallback string // Default; may be empty
}

type choiceRule struct {
	test   test
	next   string
	assign *template
	output *template // in JSONata
}

type waitFields struct {
	seconds       *int64
	timestamp     *time.Time
	secondsPath   *pathExpr
	timestampPath *pathExpr

	secondsQuery, timestampQuery *query
}

type failFields struct {
	err, cause         *string
	errPath, causePath expr

	errQuery, causeQuery *query
}

// A retrier is one element of Retry.
type retrier struct {
	errors   []string
	interval float64 // seconds
	attempts int64
	rate     float64
	maxDelay float64 // seconds; 0 for none
	jitter   bool
}

// A catcher is one element of Catch.
type catcher struct {
	errors     []string
	next       string
	resultPath pathField
	assign     *template
	output     *template // in JSONata
}
