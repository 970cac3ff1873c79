package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"salamander/operation"
)

// ask calls an operation that changes nothing, as the account's root.
func (n *Notify) ask(ctx context.Context, account, region, service, name string, in, out any) error {
	doc, err := json.Marshal(in)
	if err != nil {
		return err
	}
	resp, err := n.opt.Invoker.Call(ctx, service, name, &operation.Request{Input: doc,
		Caller: operation.Caller{Account: account, Region: region, Principal: "arn:aws:iam::" + account + ":root"}})
	if err != nil {
		return err
	}
	if resp.Body != nil {
		resp.Body.Close()
	}
	return json.Unmarshal(resp.Output, out)
}

// execution finds out about an execution, and about the jobs that failed it.
// What cannot be found out about jobs is left out; the alert goes on.
func (n *Notify) execution(ctx context.Context, arn string) (Execution, error) {
	a := part(arn)
	e := Execution{ARN: arn, Account: a.Account, Region: a.Region}
	var told struct {
		Name            string         `json:"name"`
		StateMachineArn string         `json:"stateMachineArn"`
		Status          string         `json:"status"`
		StartDate       operation.Time `json:"startDate"`
		StopDate        operation.Time `json:"stopDate"`
		Error           string         `json:"error"`
		Cause           string         `json:"cause"`
	}
	err := n.ask(ctx, a.Account, a.Region, "states", "DescribeExecution", map[string]string{"executionArn": arn}, &told)
	if err != nil {
		var known *operation.Error
		if errors.As(err, &known) && known.Status < 500 {
			return e, fmt.Errorf("%w: %w", errForGood, err) // it is gone
		}
		return e, err
	}
	e.Name, e.MachineARN, e.Status, e.Error, e.Cause = told.Name, told.StateMachineArn, told.Status, told.Error, told.Cause
	e.Machine = e.MachineARN[strings.LastIndexByte(e.MachineARN, ':')+1:]
	e.Started, e.Stopped = told.StartDate.Time, told.StopDate.Time
	n.history(ctx, &e)
	n.hints(&e)
	return e, nil
}

// A historyEvent is what counts of an event of a history.
type historyEvent struct {
	ID           int64           `json:"id"`
	Type         string          `json:"type"`
	StateEntered json.RawMessage `json:"stateEnteredEventDetails"`
}

var (
	jobID   = regexp.MustCompile(`(?i)job_?id\\*"\s*:\s*\\*"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})`)
	failure = regexp.MustCompile(`^(Task|LambdaFunction|Activity)(Failed|TimedOut|SubmitFailed|StartFailed)$`)
)

// Bounds of what is looked at.
const (
	maxHistoryPages = 5 // of a thousand events
	maxJobs         = 20
	maxLogLines     = 20
)

// history reads the end of an execution's history, back from its last event:
// the state of the failure, how many failures there were, and the jobs.
func (n *Notify) history(ctx context.Context, e *Execution) {
	var jobs []string
	failures, token := 0, ""
	for range maxHistoryPages {
		var page struct {
			Events    []json.RawMessage `json:"events"`
			NextToken string            `json:"nextToken"`
		}
		in := map[string]any{"executionArn": e.ARN, "reverseOrder": true, "maxResults": 1000}
		if token != "" {
			in["nextToken"] = token
		}
		if err := n.ask(ctx, e.Account, e.Region, "states", "GetExecutionHistory", in, &page); err != nil {
			n.opt.Log.Warn("alert without the history", "execution", e.ARN, "err", err)
			return
		}
		for _, doc := range page.Events {
			var ev historyEvent
			if json.Unmarshal(doc, &ev) != nil {
				continue
			}
			if failure.MatchString(ev.Type) {
				failures++
			}
			var entered struct {
				Name string `json:"name"`
			}
			if e.State == "" && strings.HasSuffix(ev.Type, "StateEntered") && json.Unmarshal(ev.StateEntered, &entered) == nil {
				e.State = entered.Name
			}
			for _, m := range jobID.FindAllSubmatch(doc, -1) {
				if id := string(m[1]); len(jobs) < maxJobs && !slices.Contains(jobs, id) {
					jobs = append(jobs, id)
				}
			}
		}
		if token = page.NextToken; token == "" {
			break
		}
	}
	e.Retries = failures
	if e.Status != "SUCCEEDED" {
		e.Retries = max(failures-1, 0)
	}
	n.jobs(ctx, e, jobs)
}

// jobs finds out which of the jobs failed, and the last lines of their logs.
func (n *Notify) jobs(ctx context.Context, e *Execution, ids []string) {
	if len(ids) == 0 || e.Status == "SUCCEEDED" {
		return
	}
	var told struct {
		Jobs []struct {
			JobID        string `json:"jobId"`
			JobName      string `json:"jobName"`
			Status       string `json:"status"`
			StatusReason string `json:"statusReason"`
			Container    struct {
				ExitCode         *int   `json:"exitCode"`
				Reason           string `json:"reason"`
				LogStreamName    string `json:"logStreamName"`
				LogConfiguration struct {
					Options map[string]string `json:"options"`
				} `json:"logConfiguration"`
			} `json:"container"`
		} `json:"jobs"`
	}
	if err := n.ask(ctx, e.Account, e.Region, "batch", "DescribeJobs", map[string]any{"jobs": ids}, &told); err != nil {
		n.opt.Log.Warn("alert without the jobs", "execution", e.ARN, "err", err)
		return
	}
	for _, j := range told.Jobs {
		if j.Status != "FAILED" {
			continue
		}
		job := Job{ID: j.JobID, Name: j.JobName, Reason: j.StatusReason, ExitCode: j.Container.ExitCode, Group: "/aws/batch/job", Stream: j.Container.LogStreamName}
		if group := j.Container.LogConfiguration.Options["awslogs-group"]; group != "" {
			job.Group = group
		}
		if j.Container.Reason != "" && j.Container.Reason != job.Reason {
			job.Reason += " (" + j.Container.Reason + ")"
		}
		job.Lines = n.lastLines(ctx, e, job)
		e.Jobs = append(e.Jobs, job)
	}
}

func (n *Notify) lastLines(ctx context.Context, e *Execution, j Job) (lines []string) {
	if j.Stream == "" {
		return nil
	}
	var told struct {
		Events []struct {
			Message string `json:"message"`
		} `json:"events"`
	}
	err := n.ask(ctx, e.Account, e.Region, "logs", "GetLogEvents",
		map[string]any{"logGroupName": j.Group, "logStreamName": j.Stream, "limit": maxLogLines, "startFromHead": false}, &told)
	if err != nil {
		n.opt.Log.Warn("alert without the log of a job", "job", j.ID, "err", err)
		return nil
	}
	for _, ev := range told.Events {
		lines = append(lines, shorten(strings.TrimRight(ev.Message, "\r\n"), 500))
	}
	return lines
}

// hints are the commands that tell more.
func (n *Notify) hints(e *Execution) {
	aws := "aws --endpoint-url " + n.opt.Endpoint() + " --region " + e.Region
	e.Hints = append(e.Hints, aws+" stepfunctions get-execution-history --reverse-order --execution-arn "+e.ARN)
	for _, j := range e.Jobs {
		if j.Stream != "" {
			e.Hints = append(e.Hints, aws+" logs get-log-events --log-group-name "+j.Group+" --log-stream-name "+j.Stream)
		}
	}
	if e.Status == "FAILED" || e.Status == "TIMED_OUT" || e.Status == "ABORTED" {
		e.Hints = append(e.Hints, aws+" stepfunctions redrive-execution --execution-arn "+e.ARN)
	}
}
