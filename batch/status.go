package batch

// A Status is a job's status.
//
// https://docs.aws.amazon.com/batch/latest/userguide/job_states.html
type Status string

// The seven statuses.
const (
	Submitted Status = "SUBMITTED" // taken, not yet evaluated
	Pending   Status = "PENDING"   // waits for other jobs
	Runnable  Status = "RUNNABLE"  // waits for capacity
	Starting  Status = "STARTING"  // an attempt is being started
	Running   Status = "RUNNING"
	Succeeded Status = "SUCCEEDED"
	Failed    Status = "FAILED"
)

// Statuses returns all statuses in the order that jobs go through them.
func Statuses() []Status {
	return []Status{Submitted, Pending, Runnable, Starting, Running, Succeeded, Failed}
}

// Ended reports whether a job with this status stays as it is.
func (s Status) Ended() bool { return s == Succeeded || s == Failed }

// The states of queues and environments, and the statuses of definitions.
const (
	Enabled  = "ENABLED"
	Disabled = "DISABLED"
	Active   = "ACTIVE"
	Inactive = "INACTIVE"
)
