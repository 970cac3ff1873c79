package batch

import (
	"strconv"
	"strings"
)

// A RetryStrategy says how often a failed job is tried, and which failures
// are not worth another attempt.
//
// https://docs.aws.amazon.com/batch/latest/APIReference/API_RetryStrategy.html
type RetryStrategy struct {
	Attempts       int              `json:"attempts,omitempty"` // 1 to 10; 0 means 1
	EvaluateOnExit []EvaluateOnExit `json:"evaluateOnExit,omitempty"`
}

// EvaluateOnExit is one rule. All its conditions must match; the first rule
// that matches decides. Each condition may end with *.
//
// https://docs.aws.amazon.com/batch/latest/APIReference/API_EvaluateOnExit.html
type EvaluateOnExit struct {
	OnStatusReason string `json:"onStatusReason,omitempty"`
	OnReason       string `json:"onReason,omitempty"`
	OnExitCode     string `json:"onExitCode,omitempty"`
	Action         string `json:"action"` // RETRY or EXIT, in any case
}

func (r *RetryStrategy) check() error {
	if r == nil {
		return nil
	}
	if r.Attempts == 0 && len(r.EvaluateOnExit) > 0 {
		return clientError("retryStrategy: attempts must be specified when evaluateOnExit is.")
	}
	if r.Attempts < 0 || r.Attempts > 10 {
		return clientError("retryStrategy: attempts must be between 1 and 10.")
	}
	if len(r.EvaluateOnExit) > 5 {
		return clientError("retryStrategy: evaluateOnExit can have at most 5 entries.")
	}
	for _, e := range r.EvaluateOnExit {
		if err := e.check(); err != nil {
			return err
		}
	}
	return nil
}

func (e EvaluateOnExit) check() error {
	if a := strings.ToUpper(e.Action); a != "RETRY" && a != "EXIT" {
		return clientError("evaluateOnExit: action %q must be RETRY or EXIT.", e.Action)
	}
	for name, pattern := range map[string]string{
		"onStatusReason": e.OnStatusReason, "onReason": e.OnReason, "onExitCode": e.OnExitCode} {
		if len(pattern) > 512 {
			return clientError("evaluateOnExit: %s can be at most 512 characters long.", name)
		}
		if strings.Contains(strings.TrimSuffix(pattern, "*"), "*") {
			return clientError("evaluateOnExit: %s %q may have * only at its end.", name, pattern)
		}
	}
	if strings.Trim(strings.TrimSuffix(e.OnExitCode, "*"), "0123456789") != "" {
		return clientError("evaluateOnExit: onExitCode %q must be a number, optionally followed by *.", e.OnExitCode)
	}
	return nil
}

// again reports whether a job gets another attempt after made attempts, the
// last of which failed with a. A failure that no rule matches is retried.
func (r *RetryStrategy) again(made int, a AttemptDetail) bool {
	if r == nil || made >= r.Attempts {
		return false
	}
	for _, e := range r.EvaluateOnExit {
		if e.matches(a) {
			return strings.EqualFold(e.Action, "RETRY")
		}
	}
	return true
}

func (e EvaluateOnExit) matches(a AttemptDetail) bool {
	code := ""
	if a.Container.ExitCode != nil {
		code = strconv.Itoa(*a.Container.ExitCode)
	}
	return glob(e.OnStatusReason, a.StatusReason) &&
		glob(e.OnReason, a.Container.Reason) &&
		glob(e.OnExitCode, code)
}

// glob matches s against pattern, whose only wildcard is * at its end. An
// absent pattern matches everything; "*" matches an absent text too, since
// AWS's own examples end with {"onReason": "*", "action": "EXIT"} for failures
// that have no reason.
func glob(pattern, s string) bool {
	if pattern == "" {
		return true
	}
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(s, prefix)
	}
	return pattern == s
}
