package console

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// A ran is something that ran, or runs.
type ran struct {
	Kind       string `json:"kind"` // "execution" or "job"
	ARN        string `json:"arn"`
	Name       string `json:"name"`
	Machine    string `json:"machine,omitempty"`
	MachineARN string `json:"machineArn,omitempty"`
	Queue      string `json:"queue,omitempty"`
	Execution  string `json:"execution,omitempty"` // ARN of the one that submitted a job
	Status     string `json:"status"`
	Start      int64  `json:"start"`
	Stop       int64  `json:"stop,omitempty"`
	Error      string `json:"error,omitempty"`
	Cause      string `json:"cause,omitempty"`
}

// A will is something that happens soon.
type will struct {
	Kind   string `json:"kind"` // "rule", "schedule" or "trigger"
	Name   string `json:"name"`
	At     int64  `json:"at"`
	Zone   string `json:"zone,omitempty"`
	Target string `json:"target,omitempty"`
	DST    string `json:"dst,omitempty"`
	More   int    `json:"more,omitempty"` // times after At, which are not told one by one
	Last   int64  `json:"last,omitempty"` // the last of them
}

// A late is something that should have happened, or takes long.
type late struct {
	Kind  string `json:"kind"` // "trigger" or "running"
	Name  string `json:"name"`
	Since int64  `json:"since"`
	Why   string `json:"why"`
	ARN   string `json:"arn,omitempty"`
}

// How much the first page reads.
const (
	maxRan   = 2000
	maxTicks = 200 // of one schedule, at first
	allTicks = 2000
	fewTicks = 48 // of one schedule are told one by one
)

// home tells what ran and what will run around now.
//
//	GET /api/home?hours=24 -> {"now", "from", "to", "ran", "will", "failures", "late", "parts", "counts", "truncated"}
func (c *Console) home(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{r: r}
	hours := q.number("hours", 24, 24*31)
	if q.err != nil {
		return nil, q.err
	}
	ctx, now := r.Context(), c.opt.Now()
	from, to := now.Add(-time.Duration(hours)*time.Hour), now.Add(time.Duration(hours)*time.Hour)
	all, truncated, err := c.ranSince(ctx, from)
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	failures := []ran{}
	for _, one := range all {
		if one.Kind == "execution" {
			counts[one.Status]++
		}
		if one.Kind == "execution" && (one.Status == "FAILED" || one.Status == "TIMED_OUT") && len(failures) < 50 {
			failures = append(failures, one)
		}
	}
	ticks, lates, err := c.ahead(ctx, now, to)
	if err != nil {
		return nil, err
	}
	slow, err := c.slow(ctx, all, now)
	if err != nil {
		return nil, err
	}
	return document{"now": millis(now), "from": millis(from), "to": millis(to), "ran": all, "will": ticks, "failures": failures,
		"late": append(lates, slow...), "parts": c.parts(ctx), "counts": counts, "truncated": truncated}, nil
}

// ranSince lists executions and jobs that began after from, or run, the newest
// first. Those of map runs are their parents' business.
func (c *Console) ranSince(ctx context.Context, from time.Time) (all []ran, truncated bool, err error) {
	all = []ran{}
	if c.opt.Executions != nil {
		machines, err := c.allMachines(ctx)
		if err != nil {
			return nil, false, err
		}
		sources := make([]ExecutionQuery, len(machines))
		for i, m := range machines {
			sources[i].Machine = m.ARN
		}
		recent, next, err := c.scan(ctx, sources, executionFilter{from: from}, 0, maxRan)
		if err != nil {
			return nil, false, err
		}
		truncated = next > 0
		running, _, err := c.scan(ctx, sources, executionFilter{status: "RUNNING"}, 0, maxRan)
		if err != nil {
			return nil, false, err
		}
		seen := map[string]bool{}
		for _, ex := range append(recent, running...) {
			if seen[ex.ARN] || ex.MapRun != "" {
				continue
			}
			seen[ex.ARN] = true
			all = append(all, ran{Kind: "execution", ARN: ex.ARN, Name: ex.Name, Machine: lastPart(ex.Machine), MachineARN: ex.Machine, Status: ex.Status,
				Start: millis(ex.Start), Stop: millis(ex.Stop), Error: shorten(ex.Error, shownCause), Cause: essence(ex.Cause)})
		}
	}
	if c.opt.Jobs != nil {
		jobs, err := c.opt.Jobs.Jobs(ctx, JobQuery{Limit: maxRan})
		if err != nil {
			return nil, false, err
		}
		truncated = truncated || len(jobs) == maxRan && time.UnixMilli(jobs[len(jobs)-1].Created).After(from)
		jobs = slices.DeleteFunc(jobs, func(j Job) bool {
			ended := j.Status == "SUCCEEDED" || j.Status == "FAILED"
			return ended && time.UnixMilli(j.Created).Before(from)
		})
		if err := c.addOwners(ctx, jobs); err != nil {
			return nil, false, err
		}
		for _, j := range jobs {
			all = append(all, ran{Kind: "job", ARN: j.ARN, Name: j.Name, Queue: j.Queue, Execution: j.Execution, Status: j.Status, Start: cmp.Or(j.Started, j.Created), Stop: j.Stopped,
				Cause: shorten(j.Reason, shownCause)})
		}
	}
	slices.SortStableFunc(all, func(a, b ran) int { return cmp.Compare(b.Start, a.Start) })
	return all, truncated, nil
}

// ahead lists what will happen until to, and the files that are late.
func (c *Console) ahead(ctx context.Context, now, to time.Time) (ticks []will, lates []late, err error) {
	ticks, lates = []will{}, []late{}
	if c.opt.Schedules == nil {
		return ticks, lates, nil
	}
	schedules, err := c.opt.Schedules.Schedules(ctx, now, maxTicks)
	if err != nil {
		return nil, nil, err
	}
	for _, s := range schedules {
		target := ""
		if len(s.Targets) > 0 {
			target = s.Targets[0]
		}
		if s.State == "ENABLED" {
			ticks = append(ticks, c.ticksUntil(s, to, target)...)
		}
	}
	triggers, err := c.opt.Schedules.Triggers(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, t := range triggers {
		if t.Deadline > 0 && t.Deadline <= millis(to) {
			ticks = append(ticks, will{Kind: "trigger", Name: t.Name, At: t.Deadline, Target: t.Target})
		}
		for _, d := range t.Days {
			if d.Late && d.Started == 0 {
				lates = append(lates, late{Kind: "trigger", Name: t.Name, Since: t.Deadline, Why: fmt.Sprintf("The files of %s are late: %s", d.Date, d.Progress)})
			}
		}
	}
	slices.SortStableFunc(ticks, func(a, b will) int { return cmp.Compare(a.At, b.At) })
	return ticks, lates, nil
}

// ticksUntil is when a schedule happens until to: each time, or of many the
// first with how many more there are.
func (c *Console) ticksUntil(s Schedule, to time.Time, target string) (all []will) {
	next := s.Next
	for len(next) == maxTicks && len(all) < allTicks && next[len(next)-1].At <= millis(to) { // those that were asked for do not reach
		more, err := c.opt.Schedules.Next(s.Expression, s.Zone, time.UnixMilli(next[len(next)-1].At), allTicks)
		if err != nil {
			break
		}
		next = append(slices.Clone(next), more...)
	}
	for _, tick := range next {
		if tick.At <= millis(to) {
			all = append(all, will{Kind: s.Kind, Name: s.Name, At: tick.At, Zone: s.Zone, Target: target, DST: tick.DST})
		}
	}
	if len(all) <= fewTicks {
		return all
	}
	first := all[0]
	first.More, first.Last = len(all)-1, all[len(all)-1].At
	for _, one := range all {
		first.DST = cmp.Or(first.DST, one.DST)
	}
	return []will{first}
}

// slow finds executions that run for longer than three times what their machine
// usually takes, where there are runs enough to tell.
func (c *Console) slow(ctx context.Context, all []ran, now time.Time) (found []late, err error) {
	usual := map[string]int64{}
	for _, one := range all {
		if one.Kind != "execution" || one.Status != "RUNNING" {
			continue
		}
		typical, ok := usual[one.MachineARN]
		if !ok {
			done, err := c.opt.Executions.Executions(ctx, ExecutionQuery{Machine: one.MachineARN, Status: "SUCCEEDED", Limit: 20})
			if err != nil {
				return nil, err
			}
			var took []int64
			for _, ex := range done {
				took = append(took, ex.Stop.Sub(ex.Start).Milliseconds())
			}
			slices.Sort(took)
			if len(took) >= 5 {
				typical = took[len(took)/2]
			}
			usual[one.MachineARN] = typical
		}
		runs := millis(now) - one.Start
		if typical > 0 && runs > 3*typical && runs > 60_000 {
			found = append(found, late{Kind: "running", Name: one.Machine + " " + one.Name, Since: one.Start, ARN: one.ARN,
				Why: fmt.Sprintf("It runs for %s; it usually takes about %s", short(runs), short(typical))})
		}
	}
	return found, nil
}

// short writes a time in milliseconds for people.
func short(ms int64) string {
	d := time.Duration(ms) * time.Millisecond
	if d >= time.Minute {
		return d.Round(time.Second).String()
	}
	return d.Round(10 * time.Millisecond).String()
}
