package asl

import (
	"encoding/json"
	"time"
)

// A Start begins an execution.
type Start struct {
	At      time.Time       // the instant of the start; the only clock Start sees
	Seed    [32]byte        // randomness for everything this turn needs
	Input   json.RawMessage // the input's exact text; empty means {}
	Context ContextInfo     // what the context object ($$) tells of the execution
}

// ContextInfo is what the context object tells of an execution and its machine.
type ContextInfo struct {
	ExecutionArn     string    `json:"executionArn"`
	ExecutionName    string    `json:"executionName"`
	RoleArn          string    `json:"roleArn"`
	StartTime        time.Time `json:"startTime"`
	RedriveCount     int       `json:"redriveCount,omitempty"`
	RedriveTime      time.Time `json:"redriveTime,omitzero"`
	StateMachineArn  string    `json:"stateMachineArn"`
	StateMachineName string    `json:"stateMachineName"`
	// VersionArn and AliasArn are those the execution was started by, if any;
	// the ExecutionStarted event names them.
	VersionArn string `json:"versionArn,omitempty"`
	AliasArn   string `json:"aliasArn,omitempty"`
	// Account and Region appear in the details of task events. Empty ones are
	// taken from ExecutionArn.
	Account string `json:"account,omitempty"`
	Region  string `json:"region,omitempty"`
	// Given is the whole context object, for a driver that is told it; what
	// the fields above tell is then not in it.
	Given json.RawMessage `json:"given,omitempty"`
}

// An EventKind tells what an [Event] reports.
type EventKind int

// The kinds of event. All but Aborted answer one command by its identifier.
const (
	// TaskStarted tells that the task's request is about to be sent. It is
	// optional: any later task event implies it.
	TaskStarted EventKind = iota + 1
	// TaskSubmitted tells that the call of a .sync or .waitForTaskToken task
	// returned; Output is its response.
	TaskSubmitted
	// TaskSucceeded ends the task; Output is its result.
	TaskSucceeded
	// TaskFailed ends the task with Error and Cause.
	TaskFailed
	// TaskStartFailed ends the task, whose request could not be sent.
	TaskStartFailed
	// TaskSubmitFailed ends the task, whose call was answered by an error
	// (.sync and .waitForTaskToken).
	TaskSubmitFailed
	// TaskScheduleFailed ends the task, which could not even be scheduled.
	TaskScheduleFailed
	// TaskTimedOut ends the task as the service itself reports a time-out.
	TaskTimedOut
	// TaskHeartbeat restarts the heartbeat timer of the task.
	TaskHeartbeat
	// ActivityStarted tells that Worker took the activity's task.
	ActivityStarted
	// TimerFired tells that the timer set by the command is due.
	TimerFired
	// MapRunSucceeded ends the map run; Output is the Map state's result.
	MapRunSucceeded
	// MapRunFailed ends the map run with Error and Cause.
	MapRunFailed
	// Aborted ends the execution as StopExecution does, with Error and Cause.
	Aborted
)

// suits reports whether an event of this kind answers a command of a purpose.
func (k EventKind) suits(purpose int) bool {
	switch purpose {
	case forTask:
		return k != TimerFired && k != MapRunSucceeded && k != MapRunFailed
	case forRun:
		return k == MapRunSucceeded || k == MapRunFailed
	}
	return k == TimerFired
}

// An Event is what a driver tells the machine.
type Event struct {
	At      time.Time       // the instant of the event; the only clock Step sees
	Seed    [32]byte        // randomness for everything this turn needs
	Kind    EventKind       // what happened
	Command int64           // the identifier of the command it answers
	Output  json.RawMessage // TaskSubmitted, TaskSucceeded, MapRunSucceeded
	Error   string          // the failures and Aborted
	Cause   string          // the failures and Aborted
	Worker  string          // ActivityStarted: the worker's name
	// NoError and NoCause tell an absent member from an empty one.
	NoError, NoCause bool
}

// A Decision is what one turn of the machine came to.
type Decision struct {
	Execution *Execution     // the new state; the old one is unchanged
	History   []HistoryEvent // the events to append, in order
	Commands  []Command      // what to do once the decision is committed, in order
	Outcome   *Outcome       // nil while the execution runs
}

// A Status is an execution's status as AWS names it.
type Status string

// The statuses in which an execution ends.
const (
	Succeeded Status = "SUCCEEDED"
	Failed    Status = "FAILED"
	TimedOut  Status = "TIMED_OUT"
	Abort     Status = "ABORTED"
)

// An Outcome tells how an execution ended. Error and Cause are nil where AWS
// leaves the member out.
type Outcome struct {
	Status Status
	Output json.RawMessage // the output's text, if it succeeded
	Error  *string
	Cause  *string
}

// A CommandKind tells what a [Command] asks for.
type CommandKind int

// The kinds of command.
const (
	// RunTask asks to run Task; it is answered by task events that carry ID.
	RunTask CommandKind = iota + 1
	// SetTimer asks for one TimerFired event at At that carries ID. A timer in
	// the past fires at once.
	SetTimer
	// CancelTimer forgets the timer that was set under ID. It may have fired.
	CancelTimer
	// CancelTask gives up the task that was run under ID: nobody waits for it
	// any more. Jobs and child executions it started are to be stopped.
	CancelTask
	// RunMap asks to run Map; it is answered by MapRunSucceeded or MapRunFailed
	// that carries ID.
	RunMap
	// CancelMap gives up the map run that was started under ID. Its children
	// are to be stopped.
	CancelMap
)

// A Command asks the driver for something. RunTask, SetTimer and RunMap bring a new
// identifier, unique in the execution; the cancelling ones repeat it.
type Command struct {
	ID   int64       `json:"id"`
	Kind CommandKind `json:"kind"`
	Task *Task       `json:"task,omitempty"`
	Map  *MapRun     `json:"map,omitempty"`
	At   time.Time   `json:"at,omitzero"`
}

// A Pattern is how a task waits for its service.
type Pattern string

// The patterns of integration.
const (
	RequestResponse Pattern = ""
	Sync            Pattern = "sync"
	Sync2           Pattern = "sync:2"
	WaitForToken    Pattern = "waitForTaskToken"
)

// A TaskKind tells what runs a task.
type TaskKind string

// The kinds of task.
const (
	LambdaTask   TaskKind = "lambda"   // Resource is a function's ARN
	ActivityTask TaskKind = "activity" // Resource is an activity's ARN
	ServiceTask  TaskKind = "service"  // an optimized integration: batch:submitJob.sync
	SDKTask      TaskKind = "aws-sdk"  // any operation: aws-sdk:batch:submitJob
)

// An Integration is a task's Resource, taken apart.
type Integration struct {
	Kind     TaskKind `json:"kind"`
	Resource string   `json:"resource"`           // the field as it was written (or computed)
	Function string   `json:"function,omitempty"` // LambdaTask: the function's ARN
	Activity string   `json:"activity,omitempty"` // ActivityTask: the activity's ARN
	Service  string   `json:"service,omitempty"`  // "batch", "lambda", "redshiftdata"
	Action   string   `json:"action,omitempty"`   // "submitJob"
	Pattern  Pattern  `json:"pattern,omitempty"`
}

// A Task is one attempt of a task state, ready to run.
type Task struct {
	State       string          `json:"state"` // the state's name
	Integration Integration     `json:"integration"`
	Parameters  json.RawMessage `json:"parameters"`            // for Lambda and activities: the input
	Timeout     time.Duration   `json:"timeout,omitempty"`     // 0 for none; the machine keeps it itself
	Heartbeat   time.Duration   `json:"heartbeat,omitempty"`   // 0 for none; the machine keeps it itself
	Token       string          `json:"token,omitempty"`       // of a .waitForTaskToken or activity task
	Credentials json.RawMessage `json:"credentials,omitempty"` // {"RoleArn": …}, if the state has it
	Attempt     int             `json:"attempt"`               // 0 for the first, then the number of the retry
}
