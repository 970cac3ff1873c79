// Package stack is CloudFormation: it plans a template, applies it by calling
// operations, rolls back what fails, and deletes what it made.
//
// A stack operation runs in the background. Each step of each resource is
// committed before its calls are made and again when they have answered, so
// that an operation goes on where it was after the process was killed. The
// calls of a step are made as one invocation whose id the step keeps: a
// repeat is answered with the first result (operation.Replay) and identifiers
// are the same (operation.NewID), so that nothing is made twice.
package stack

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"salamander/internal/arn"
)

// The statuses of stacks and resources are AWS's own texts.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
const (
	ReviewInProgress                        = "REVIEW_IN_PROGRESS"
	CreateInProgress                        = "CREATE_IN_PROGRESS"
	CreateFailed                            = "CREATE_FAILED"
	CreateComplete                          = "CREATE_COMPLETE"
	RollbackInProgress                      = "ROLLBACK_IN_PROGRESS"
	RollbackFailed                          = "ROLLBACK_FAILED"
	RollbackComplete                        = "ROLLBACK_COMPLETE"
	DeleteInProgress                        = "DELETE_IN_PROGRESS"
	DeleteFailed                            = "DELETE_FAILED"
	DeleteComplete                          = "DELETE_COMPLETE"
	DeleteSkipped                           = "DELETE_SKIPPED"
	UpdateInProgress                        = "UPDATE_IN_PROGRESS"
	UpdateFailed                            = "UPDATE_FAILED"
	UpdateComplete                          = "UPDATE_COMPLETE"
	UpdateCompleteCleanupInProgress         = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
	UpdateRollbackInProgress                = "UPDATE_ROLLBACK_IN_PROGRESS"
	UpdateRollbackFailed                    = "UPDATE_ROLLBACK_FAILED"
	UpdateRollbackComplete                  = "UPDATE_ROLLBACK_COMPLETE"
	UpdateRollbackCompleteCleanupInProgress = "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"
)

// StackType is the resource type of stacks.
const StackType = "AWS::CloudFormation::Stack"

// Scope is the account and region that a stack belongs to.
type Scope struct {
	Account string `json:"account"`
	Region  string `json:"region"`
}

// A Parameter is a parameter's value, as it was given. Used is the value that
// is in use where that differs: of an SSM parameter.
type Parameter struct {
	Key    string `json:"key"`
	Value  string `json:"value"`
	Used   string `json:"used,omitempty"`
	NoEcho bool   `json:"noEcho,omitempty"`
}

// A Tag is a tag of a stack.
type Tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// An Output is an output of a stack.
type Output struct {
	Key         string `json:"key"`
	Value       string `json:"value"`
	Description string `json:"description,omitempty"`
	Export      string `json:"export,omitempty"`
}

// A Settings is what a caller decides about a stack beside its name: it comes
// with CreateStack, and may change with UpdateStack.
type Settings struct {
	Template     string      `json:"template"`
	Parameters   []Parameter `json:"parameters,omitempty"`
	Tags         []Tag       `json:"tags,omitempty"`
	Capabilities []string    `json:"capabilities,omitempty"`
	Topics       []string    `json:"topics,omitempty"` // NotificationARNs
	Role         string      `json:"role,omitempty"`
	Description  string      `json:"description,omitempty"`
	Unsupported  bool        `json:"unsupported,omitempty"` // leave out resources of unsupported types
}

// A Stack is a stack and the operation under way on it.
type Stack struct {
	Scope
	ID      string    `json:"id"` // ARN
	Name    string    `json:"name"`
	Status  string    `json:"status"`
	Reason  string    `json:"reason,omitempty"`
	Created time.Time `json:"created"`
	Updated time.Time `json:"updated,omitzero"`
	Deleted time.Time `json:"deleted,omitzero"`

	Settings
	Outputs         []Output      `json:"outputs,omitempty"`
	Imports         []string      `json:"imports,omitempty"` // names of exports in use
	Parent          string        `json:"parent,omitempty"`  // ID of the stack it is nested in
	Root            string        `json:"root,omitempty"`
	ChangeSet       string        `json:"changeSet,omitempty"` // the last one executed
	Protected       bool          `json:"protected,omitempty"`
	DisableRollback bool          `json:"disableRollback,omitempty"`
	Timeout         time.Duration `json:"timeout,omitempty"`

	// Operation is under way. Stuck is one that failed to roll back, or that
	// was not to: it can be taken up again.
	Operation *Operation `json:"operation,omitempty"`
	Stuck     *Operation `json:"stuck,omitempty"`
}

// The phases of an operation.
const (
	phaseApply           = "apply"            // towards Target
	phaseCleanup         = "cleanup"          // delete what Target does not have
	phaseRollback        = "rollback"         // back to the state before
	phaseRollbackCleanup = "rollback-cleanup" // delete what was made meanwhile
	phaseDelete          = "delete"           // delete all
)

// An Operation is what is under way on a stack.
type Operation struct {
	ID        string          `json:"id"`
	Token     string          `json:"token,omitempty"` // the client's
	Kind      string          `json:"kind"`            // CREATE, UPDATE, DELETE
	Phase     string          `json:"phase"`
	Target    *Settings       `json:"target,omitempty"`
	OnFailure string          `json:"onFailure,omitempty"` // ROLLBACK, DO_NOTHING, DELETE
	Retain    []string        `json:"retain,omitempty"`    // logical ids not to delete
	Skip      []string        `json:"skip,omitempty"`      // logical ids not to roll back
	Deadline  time.Time       `json:"deadline,omitzero"`
	Cancelled bool            `json:"cancelled,omitempty"` // CancelUpdateStack
	Tries     int             `json:"tries,omitempty"`     // rollbacks that were taken up again
	ChangeSet string          `json:"changeSet,omitempty"`
	Principal string          `json:"principal,omitempty"`
	Summary   json.RawMessage `json:"summary,omitempty"`
}

// A Version is a resource as it was made: what an update compares with, and a
// rollback returns to.
type Version struct {
	Type         string            `json:"type"`
	Physical     string            `json:"physical,omitempty"`
	Properties   map[string]any    `json:"properties,omitempty"`
	Attributes   map[string]any    `json:"attributes,omitempty"`
	Depends      []string          `json:"depends,omitempty"`
	OnDelete     string            `json:"onDelete,omitempty"`  // DeletionPolicy
	OnReplace    string            `json:"onReplace,omitempty"` // UpdateReplacePolicy
	Description  string            `json:"description,omitempty"`
	Metadata     json.RawMessage   `json:"metadata,omitempty"`
	Private      map[string]string `json:"private,omitempty"` // what the type keeps for itself
	ByUnprovided bool              `json:"unprovided,omitempty"`
}

// A Resource is a resource of a stack.
type Resource struct {
	Version
	Stack   string    `json:"stack"` // its ID
	Logical string    `json:"logical"`
	Status  string    `json:"status"`
	Reason  string    `json:"reason,omitempty"`
	Updated time.Time `json:"updated"`
	Step    *Step     `json:"step,omitempty"`    // of the operation under way
	Garbage []Version `json:"garbage,omitempty"` // what it was before, to be deleted
}

// The actions of a step.
const (
	actionNone    = "none" // in the target, and as it was
	actionCreate  = "create"
	actionUpdate  = "update"
	actionReplace = "replace"
	actionRemove  = "remove"
)

// A Step is what an operation does to a resource.
type Step struct {
	Action string   `json:"action"`
	Token  string   `json:"token"` // names the step's calls
	Done   bool     `json:"done,omitempty"`
	Failed bool     `json:"failed,omitempty"`
	Undone bool     `json:"undone,omitempty"` // rolled back
	Former *Version `json:"former,omitempty"`
}

// An Event tells a change of a stack or a resource.
type Event struct {
	Seq        int64          `json:"-"`
	ID         string         `json:"id"`
	Stack      string         `json:"stack"`
	StackName  string         `json:"stackName"`
	Logical    string         `json:"logical"`
	Physical   string         `json:"physical,omitempty"`
	Type       string         `json:"type"`
	Status     string         `json:"status"`
	Reason     string         `json:"reason,omitempty"`
	At         time.Time      `json:"at"`
	Token      string         `json:"token,omitempty"`
	Properties map[string]any `json:"properties,omitempty"` // NoEcho values are masked
}

// A ChangeSet is a change of a stack that was planned and can be executed.
type ChangeSet struct {
	ID              string    `json:"id"` // ARN
	Name            string    `json:"name"`
	Stack           string    `json:"stack"`
	StackName       string    `json:"stackName"`
	Kind            string    `json:"kind"` // CREATE or UPDATE
	Description     string    `json:"description,omitempty"`
	Status          string    `json:"status"`
	Reason          string    `json:"reason,omitempty"`
	ExecutionStatus string    `json:"executionStatus"`
	Created         time.Time `json:"created"`
	OnFailure       string    `json:"onFailure,omitempty"`
	Target          Settings  `json:"target"`
	Changes         []Change  `json:"changes,omitempty"`
}

// A Change is what a plan does to one resource.
type Change struct {
	Action      string   `json:"action"` // Add, Modify, Remove
	Logical     string   `json:"logical"`
	Physical    string   `json:"physical,omitempty"`
	Type        string   `json:"type"`
	Replacement string   `json:"replacement,omitempty"` // True, False, Conditional
	Properties  []string `json:"properties,omitempty"`  // that change
	Recreating  []string `json:"recreating,omitempty"`  // of them, those that need a replacement
	Note        string   `json:"note,omitempty"`        // ours: "recorded, not enforced"
	Retained    bool     `json:"retained,omitempty"`
}

// Errors of a [Store].
var (
	ErrNotFound = errors.New("stack: not found")
	ErrExists   = errors.New("stack: the name is in use")
)

// Live reports whether the stack has not been deleted.
func (s *Stack) Live() bool { return s.Status != DeleteComplete }

// Busy reports whether an operation is under way.
func (s *Stack) Busy() bool { return s.Operation != nil }

// StackARN returns the ID of a stack with the given unique part.
func StackARN(scope Scope, name, unique string) string {
	return arn.New("cloudformation", scope.Region, scope.Account, "stack/"+name+"/"+unique)
}

// Unique returns the unique part of a stack's ID.
func (s *Stack) Unique() string { return s.ID[strings.LastIndexByte(s.ID, '/')+1:] }
