package notify

import (
	"context"
	"fmt"
	"slices"
	"time"

	"salamander/operation"
)

// watchEvery is how often executions are looked at that run long or late.
const watchEvery = 30 * time.Second

// Watch tells about executions of an account that run longer than a rule
// says, and about machines that did not succeed by the time of a rule, until
// ctx ends. Without such rules it returns at once.
func (n *Notify) Watch(ctx context.Context, account, region string) {
	if !slices.ContainsFunc(n.opt.Rules, func(r Rule) bool { return r.LongerThan > 0 || r.By != "" }) {
		return
	}
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		if err := n.look(ctx, account, region); err != nil && ctx.Err() == nil {
			n.opt.Log.Error("alerts about duration and lateness", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// A listed is an execution in a list.
type listed struct {
	ExecutionArn string         `json:"executionArn"`
	Name         string         `json:"name"`
	StartDate    operation.Time `json:"startDate"`
	StopDate     operation.Time `json:"stopDate"`
}

// look looks at all machines of an account once.
func (n *Notify) look(ctx context.Context, account, region string) error {
	token := ""
	for {
		var page struct {
			StateMachines []struct {
				StateMachineArn string `json:"stateMachineArn"`
				Name            string `json:"name"`
				Type            string `json:"type"`
			} `json:"stateMachines"`
			NextToken string `json:"nextToken"`
		}
		in := map[string]any{"maxResults": 1000}
		if token != "" {
			in["nextToken"] = token
		}
		if err := n.ask(ctx, account, region, "states", "ListStateMachines", in, &page); err != nil {
			return err
		}
		for _, m := range page.StateMachines {
			if m.Type == "EXPRESS" {
				continue // they are over within minutes, and in no list
			}
			base := Execution{Machine: m.Name, MachineARN: m.StateMachineArn, Account: account, Region: region}
			if err := n.lookAt(ctx, base); err != nil {
				return err
			}
		}
		if token = page.NextToken; token == "" {
			return nil
		}
	}
}

// lookAt looks at one machine.
func (n *Notify) lookAt(ctx context.Context, base Execution) error {
	for _, r := range n.opt.Rules {
		if !r.concerns(base.MachineARN) {
			continue
		}
		if r.LongerThan > 0 {
			if err := n.lookLong(ctx, r, base); err != nil {
				return err
			}
		}
		if r.By != "" {
			if err := n.lookLate(ctx, r, base); err != nil {
				return err
			}
		}
	}
	return nil
}

// list calls f with executions of a machine, the newest first, until it
// returns false.
func (n *Notify) list(ctx context.Context, base Execution, status string, f func(listed) bool) error {
	token := ""
	for {
		var page struct {
			Executions []listed `json:"executions"`
			NextToken  string   `json:"nextToken"`
		}
		in := map[string]any{"stateMachineArn": base.MachineARN, "statusFilter": status, "maxResults": 100}
		if token != "" {
			in["nextToken"] = token
		}
		if err := n.ask(ctx, base.Account, base.Region, "states", "ListExecutions", in, &page); err != nil {
			return err
		}
		for _, x := range page.Executions {
			if !f(x) {
				return nil
			}
		}
		if token = page.NextToken; token == "" {
			return nil
		}
	}
}

func (n *Notify) lookLong(ctx context.Context, r Rule, base Execution) error {
	now := n.opt.Now()
	var long []listed
	err := n.list(ctx, base, "RUNNING", func(x listed) bool {
		if now.Sub(x.StartDate.Time) > r.LongerThan {
			long = append(long, x)
		}
		return true
	})
	for _, x := range long {
		e := base
		e.ARN, e.Name, e.Status, e.Started = x.ExecutionArn, x.Name, "RUNNING", x.StartDate.Time
		n.hints(&e)
		what := fmt.Sprintf("RUNNING for more than %s", r.LongerThan)
		notice := Notice{Once: fmt.Sprintf("long %s %s %d", r.Name, e.ARN, x.StartDate.UnixMilli())}
		if err := n.tell(ctx, r, notice, e, what); err != nil {
			return err
		}
	}
	return err
}

func (n *Notify) lookLate(ctx context.Context, r Rule, base Execution) error {
	zone := r.Zone
	if zone == nil {
		zone = time.UTC
	}
	now := n.opt.Now().In(zone)
	at, err := time.Parse("15:04", r.By)
	if err != nil {
		return err
	}
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, zone)
	deadline := time.Date(now.Year(), now.Month(), now.Day(), at.Hour(), at.Minute(), 0, 0, zone)
	if now.Before(deadline) || len(r.Days) > 0 && !slices.Contains(r.Days, now.Weekday()) {
		return nil
	}
	done := false
	err = n.list(ctx, base, "SUCCEEDED", func(x listed) bool {
		done = !x.StopDate.Before(midnight) && !x.StopDate.After(deadline)
		return !done && x.StartDate.After(midnight.Add(-24*time.Hour))
	})
	if err != nil || done {
		return err
	}
	e := base
	e.Cause = "No execution of this machine succeeded on " + now.Format("2006-01-02") + " by " + deadline.Format("15:04 MST") + "."
	e.Hints = append(e.Hints, "aws --endpoint-url "+n.opt.Endpoint()+" --region "+e.Region+" stepfunctions list-executions --state-machine-arn "+e.MachineARN)
	return n.tell(ctx, r, Notice{Once: fmt.Sprintf("late %s %s %s", r.Name, e.MachineARN, now.Format("2006-01-02"))}, e, "LATE")
}
