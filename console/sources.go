package console

import (
	"context"
	"encoding/json"
	"time"
)

// An Execution is an execution as it is listed.
type Execution struct {
	ARN      string
	Name     string
	Machine  string // ARN of the state machine
	Type     string // "STANDARD" or "EXPRESS"
	Status   string
	Start    time.Time
	Stop     time.Time // zero while it runs
	Input    string
	Output   string
	Error    string
	Cause    string
	Redrives int
	MapRun   string // ARN of the map run whose child it is
	Items    int64  // that the child was given
	Version  string // ARN
	Alias    string // ARN
	Key      int64  // rises with every execution
}

// An ExecutionQuery selects executions, the newest first.
type ExecutionQuery struct {
	Machine string // ARN of a machine, version or alias; or
	MapRun  string // ARN of a map run
	Status  string // empty means all
	Before  int64  // only keys below; 0 means from the newest
	Limit   int
}

// Executions reads executions with what no list operation of AWS tells: their
// input, and those of express machines.
type Executions interface {
	Executions(ctx context.Context, q ExecutionQuery) ([]Execution, error)
	// Execution returns one, or an error with the code ExecutionDoesNotExist.
	Execution(ctx context.Context, arn string) (Execution, error)
	// History returns events after an id, in order.
	History(ctx context.Context, arn string, after int64, limit int) ([]json.RawMessage, error)
	// Definition returns the text that an execution runs.
	Definition(ctx context.Context, arn string) (string, error)
	// Updated tells when a state machine was changed last.
	Updated(ctx context.Context, machine string) (time.Time, error)
}

// A LogPosition is a place between the lines of a log group.
type LogPosition struct{ Millis, Seq int64 }

// A LogQuery selects lines, in order.
type LogQuery struct {
	Group  string
	Stream string       // all of the group when empty
	After  *LogPosition // from the start when nil
	Tail   bool         // the last ones
	Limit  int
}

// A LogLine is a line and where it stands.
type LogLine struct {
	At      LogPosition
	Stream  string
	Message string
}

// Logs reads log streams. A group or stream that is not there has no lines.
type Logs interface {
	Lines(ctx context.Context, q LogQuery) ([]LogLine, error)
}

// An Evaluation is an expression of the States Language and what it sees.
type Evaluation struct {
	Language    string          `json:"language"` // "JSONata" or "JSONPath"
	Expression  string          `json:"expression"`
	Input       json.RawMessage `json:"input"`
	Context     json.RawMessage `json:"context"`
	Variables   json.RawMessage `json:"variables"`
	Result      json.RawMessage `json:"result"`
	ErrorOutput json.RawMessage `json:"errorOutput"`
}

// An EvaluationError is a mistake in an expression.
type EvaluationError struct {
	Code     string `json:"code"`
	Message  string `json:"message"`
	Position *int   `json:"position,omitempty"` // UTF-16 code units from 0
}

// Error returns the message.
func (e *EvaluationError) Error() string { return e.Message }

// An Evaluator evaluates expressions as a state would. A mistake of the user is
// an [*EvaluationError].
type Evaluator interface {
	Evaluate(ctx context.Context, e Evaluation) (json.RawMessage, error)
}

// A Finding is what the validator says of a place of a definition.
type Finding struct {
	Severity string `json:"severity"` // "ERROR" or "WARNING"
	Code     string `json:"code"`     // of AWS
	Message  string `json:"message"`
	Hint     string `json:"hint,omitempty"`     // what would mend it
	Location string `json:"location,omitempty"` // as AWS writes it: "/States/Fork/Branches[0]"
	Pointer  string `json:"pointer,omitempty"`  // RFC 6901
	Line     int    `json:"line,omitempty"`     // from 1; 0 when unknown
	Column   int    `json:"column,omitempty"`   // from 1, in UTF-16 code units
}

// A Validator finds the mistakes of definitions of state machines, and what
// looks like one.
type Validator interface {
	Validate(ctx context.Context, definition, machineType string) ([]Finding, error)
}

// A Connection tells how to connect to a warehouse.
type Connection struct {
	Host     string
	Port     uint16
	User     string
	Password string
	Database string
}

// Warehouses knows the warehouses that there are.
type Warehouses interface {
	Clusters() []string // names, the server's own first
	// Connection returns how to connect to one; the own when the name is empty.
	Connection(cluster string) (Connection, bool)
	// Split cuts a script into its statements.
	Split(sql string) []Statement
}

// A Statement is one of a script.
type Statement struct {
	SQL   string
	Start int // byte offset in the script
}

// A Tick is a time at which something happens.
type Tick struct {
	At     int64  `json:"at"`
	Offset string `json:"offset"`        // of the zone then: "+02:00"
	DST    string `json:"dst,omitempty"` // "changed" when the zone's offset changed since the tick before
}

// A Schedule is a rule or a schedule.
type Schedule struct {
	Kind       string   `json:"kind"` // "rule" or "schedule"
	Name       string   `json:"name"`
	Group      string   `json:"group,omitempty"`
	Expression string   `json:"expression,omitempty"`
	Pattern    string   `json:"pattern,omitempty"`
	Zone       string   `json:"zone,omitempty"`
	State      string   `json:"state"` // "ENABLED" or "DISABLED"
	Next       []Tick   `json:"next"`
	Targets    []string `json:"targets"` // ARNs
	Last       int64    `json:"last,omitempty"`
}

// A Trigger is a completeness trigger and what has arrived.
type Trigger struct {
	Name     string       `json:"name"`
	Bucket   string       `json:"bucket"`
	Target   string       `json:"target"`
	Deadline int64        `json:"deadline,omitempty"`
	Days     []TriggerDay `json:"days"`
}

// A TriggerDay is a date of a trigger.
type TriggerDay struct {
	Date     string `json:"date"`
	Progress string `json:"progress,omitempty"` // "3 of 5; missing: …"
	Started  int64  `json:"started,omitempty"`
	Late     bool   `json:"late"`
}

// A PatternReason tells why an event does not match.
type PatternReason struct {
	Path string `json:"path"`
	Want string `json:"want"`
	Got  string `json:"got,omitempty"`
}

// Schedules knows what happens at which times, and what is awaited.
type Schedules interface {
	Schedules(ctx context.Context, from time.Time, count int) ([]Schedule, error)
	Next(expression, zone string, from time.Time, count int) ([]Tick, error)
	Match(pattern, event string) (match bool, why []PatternReason, err error)
	Triggers(ctx context.Context) ([]Trigger, error)
	// Template is the input of a machine's dates, with {date}.
	Template(machine string) string
}

// A BackfillOrder asks to run a machine for a range of dates.
type BackfillOrder struct {
	Machine     string `json:"machine"` // ARN
	From        string `json:"from"`    // 2026-01-31
	To          string `json:"to"`
	Input       string `json:"input"` // with {date}; empty for the machine's own
	Max         int    `json:"max"`
	Order       string `json:"order"` // "oldest" or "newest" first
	OnlyMissing bool   `json:"onlyMissing"`
	DryRun      bool   `json:"dryRun"`
}

// A BackfillStart tells what was begun, or would be.
type BackfillStart struct {
	ID      string   `json:"id,omitempty"`
	Todo    []string `json:"todo"`
	Skipped int      `json:"skipped"` // left out: succeeded already, or running now
	Again   []string `json:"again"`   // of Todo, the dates that have succeeded already
	Running []string `json:"running"` // of Todo, the dates of which an execution runs now
}

// A Backfill is one that runs or ran, also before the server's last start.
type Backfill struct {
	ID        string            `json:"id"`
	Machine   string            `json:"machine"`
	From      string            `json:"from"`
	To        string            `json:"to"`
	Started   int64             `json:"started"`
	Ended     int64             `json:"ended,omitempty"`
	Of        int               `json:"of"`
	Done      int               `json:"done"`
	Succeeded int               `json:"succeeded"`
	Failed    int               `json:"failed"`
	Already   int               `json:"already"`
	State     string            `json:"state"` // "running", "stopping", "stopped" or "done"
	Failures  []BackfillFailure `json:"failures"`
}

// A BackfillFailure is a date that did not succeed.
type BackfillFailure struct {
	Date   string `json:"date"`
	Detail string `json:"detail"`
	ARN    string `json:"arn,omitempty"` // of its execution
}

// Backfills runs machines for ranges of dates.
type Backfills interface {
	Start(ctx context.Context, order BackfillOrder) (BackfillStart, error)
	List() []Backfill
	Stop(id string) bool
}

// A StackGraph is what a stack's template says of its resources.
type StackGraph struct {
	Edges    [][2]string     // from needs to
	Recorded map[string]bool // resource types that are recorded, not enforced; told with an error too
}

// StackReader reads the templates of stacks.
type StackReader interface {
	Graph(ctx context.Context, stack string) (StackGraph, error)
}

// An AlertRule says who is told of what.
type AlertRule struct {
	Name       string   `json:"name"`
	Machines   []string `json:"machines"`
	On         []string `json:"on"`
	LongerThan int64    `json:"longerThan,omitempty"` // milliseconds
	By         string   `json:"by,omitempty"`
	Zone       string   `json:"zone,omitempty"`
	To         []string `json:"to"`
}

// An AlertSent is a message on its way, or an alert that arrived or was given
// up.
type AlertSent struct {
	ID       string `json:"id,omitempty"`
	At       int64  `json:"at"`
	Ended    int64  `json:"ended,omitempty"`
	Rule     string `json:"rule,omitempty"`
	About    string `json:"about,omitempty"` // ARN of an execution or a machine
	To       string `json:"to"`              // without secrets
	Subject  string `json:"subject,omitempty"`
	Body     string `json:"body,omitempty"` // of alerts
	Status   string `json:"status"`         // "waiting", "retrying", "arrived" or "given up"
	Attempts int    `json:"attempts,omitempty"`
	Error    string `json:"error,omitempty"`
}

// Alerts knows who is told of what, and what was told.
type Alerts interface {
	Rules() []AlertRule
	Sent(ctx context.Context) ([]AlertSent, error)
}

// A Job is a job as it is listed.
type Job struct {
	ID       string `json:"id"`
	ARN      string `json:"arn"`
	Name     string `json:"name"`
	Queue    string `json:"queue"`
	Status   string `json:"status"`
	Reason   string `json:"reason,omitempty"`
	Created  int64  `json:"created"`
	Started  int64  `json:"started,omitempty"`
	Stopped  int64  `json:"stopped,omitempty"`
	Attempts int    `json:"attempts"`
	Why      string `json:"why,omitempty"` // it waits
	Seq      int64  `json:"-"`             // order of submission

	Execution string `json:"execution,omitempty"` // ARN of the one that submitted it; the console finds it
}

// A JobQuery selects jobs, the newest first.
type JobQuery struct {
	Queue  string // name; empty for all
	Status string // empty for all
	Before int64  // only jobs whose Seq is smaller; 0 for all
	Limit  int
}

// A LogPlace is where an attempt of a job prints.
type LogPlace struct {
	Attempt int    `json:"attempt"`
	Group   string `json:"group"`
	Stream  string `json:"stream"`
}

// Jobs reads jobs of all queues, and where they print.
type Jobs interface {
	Jobs(ctx context.Context, q JobQuery) ([]Job, error)
	// Logs returns where the attempts of a job print, in order.
	Logs(ctx context.Context, id string) ([]LogPlace, error)
}
