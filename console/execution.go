package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"salamander/operation"
)

// historyPage is how many events one answer has at most.
const historyPage = 5000

// execution tells what an execution is and what its steps ran.
//
//	GET /api/execution?arn= -> {"describe", "definition", "machine", "lastEvent", "tasks", "mapRuns", "parent"?}
func (c *Console) execution(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{r: r}
	arn := q.need("arn")
	if q.err != nil {
		return nil, q.err
	}
	if c.opt.Executions == nil {
		return nil, unavailable("executions")
	}
	ctx := r.Context()
	ex, err := c.opt.Executions.Execution(ctx, arn)
	if err != nil {
		return nil, err
	}
	describe, err := c.describe(ctx, ex)
	if err != nil {
		return nil, err
	}
	definition, err := c.opt.Executions.Definition(ctx, arn)
	if err != nil {
		return nil, err
	}
	scan, err := c.tasksOf(ctx, arn)
	if err != nil {
		return nil, err
	}
	tasks := append([]task{}, scan.tasks...)
	if err := c.describeTasks(ctx, tasks); err != nil {
		return nil, err
	}
	runs := []document{}
	for _, one := range scan.mapRuns {
		runs = append(runs, document{"arn": one})
	}
	out := document{"describe": describe, "definition": definition, "lastEvent": scan.last, "tasks": tasks, "mapRuns": runs,
		"machine": document{"arn": ex.Machine, "name": lastPart(ex.Machine), "type": ex.Type}}
	if ex.MapRun != "" {
		run, err := call[struct {
			Execution string `json:"executionArn"`
		}](ctx, c, "states", "DescribeMapRun", document{"mapRunArn": ex.MapRun})
		if err == nil {
			out["parent"] = document{"arn": run.Execution, "mapRun": ex.MapRun}
		}
	}
	return out, nil
}

// describe is what DescribeExecution answers; an express execution, which it
// does not describe, in the same form.
func (c *Console) describe(ctx context.Context, ex Execution) (any, error) {
	doc, err := call[json.RawMessage](ctx, c, "states", "DescribeExecution", document{"executionArn": ex.ARN})
	if err == nil || ex.Type != "EXPRESS" {
		return doc, err
	}
	out := document{"executionArn": ex.ARN, "stateMachineArn": ex.Machine, "name": ex.Name, "status": ex.Status,
		"startDate": float64(millis(ex.Start)) / 1000, "input": ex.Input, "redriveCount": ex.Redrives, "redriveStatus": "NOT_REDRIVABLE"}
	if !ex.Stop.IsZero() {
		out["stopDate"] = float64(millis(ex.Stop)) / 1000
	}
	for name, text := range map[string]string{"output": ex.Output, "error": ex.Error, "cause": ex.Cause, "mapRunArn": ex.MapRun} {
		if text != "" {
			out[name] = text
		}
	}
	return out, nil
}

// maxDescribed is how many jobs DescribeJobs describes in one call.
const maxDescribed = 100

// describeTasks adds how the jobs are, and where they print.
func (c *Console) describeTasks(ctx context.Context, tasks []task) error {
	at := map[string][]int{}
	var ids []string
	for i, t := range tasks {
		if t.Kind == "job" && t.ID != "" {
			if at[t.ID] == nil {
				ids = append(ids, t.ID)
			}
			at[t.ID] = append(at[t.ID], i)
		}
	}
	for len(ids) > 0 {
		n := min(len(ids), maxDescribed)
		out, err := call[struct {
			Jobs []struct {
				ID        string `json:"jobId"`
				Name      string `json:"jobName"`
				Status    string `json:"status"`
				Reason    string `json:"statusReason"`
				Container struct {
					Stream string `json:"logStreamName"`
				} `json:"container"`
			} `json:"jobs"`
		}](ctx, c, "batch", "DescribeJobs", document{"jobs": ids[:n]})
		if err != nil {
			return err
		}
		ids = ids[n:]
		for _, j := range out.Jobs {
			place := LogPlace{Group: jobGroup, Stream: j.Container.Stream}
			if c.opt.Jobs != nil {
				places, err := c.opt.Jobs.Logs(ctx, j.ID)
				if err != nil {
					return err
				}
				if len(places) > 0 {
					place = places[len(places)-1]
				}
			}
			for _, i := range at[j.ID] {
				tasks[i].Name, tasks[i].Status, tasks[i].LogGroup, tasks[i].LogStream = j.Name, j.Status, place.Group, place.Stream
				if waits(j.Status) {
					tasks[i].Why = j.Reason
				}
			}
		}
	}
	return nil
}

// jobGroup is where jobs print that say nothing else.
const jobGroup = "/aws/batch/job"

// waits reports whether a job of a status has not started.
func waits(status string) bool {
	return status == "SUBMITTED" || status == "PENDING" || status == "RUNNABLE" || status == "STARTING"
}

// history returns events after one.
//
//	GET /api/history?arn=&after=&limit= -> {"events", "last", "more"}
func (c *Console) history(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{r: r}
	arn, after := q.need("arn"), q.number("after", 0, 1<<52)
	limit := max(1, int(q.number("limit", historyPage, historyPage)))
	if q.err != nil {
		return nil, q.err
	}
	if c.opt.Executions == nil {
		return nil, unavailable("executions")
	}
	events, err := c.opt.Executions.History(r.Context(), arn, after, limit)
	if err != nil {
		return nil, err
	}
	last := after
	if len(events) > 0 {
		ev, err := readEvent(events[len(events)-1])
		if err != nil {
			return nil, err
		}
		last = ev.ID
	}
	// Megabytes of JSON that is written already: to encode it again would read it all.
	size := 64
	for _, one := range events {
		size += len(one) + 1
	}
	text := append(make([]byte, 0, size), `{"events":[`...)
	for i, one := range events {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(text, one...)
	}
	return written(fmt.Appendf(text, `],"last":%d,"more":%v}`, last, len(events) == limit)), nil
}

// mapRuns lists the map runs of an execution.
//
//	GET /api/mapruns?arn= -> {"mapRuns": [{"arn", "start", "stop"?}]}
func (c *Console) mapRuns(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{r: r}
	arn := q.need("arn")
	if q.err != nil {
		return nil, q.err
	}
	type item struct {
		ARN   string `json:"arn"`
		Start int64  `json:"start"`
		Stop  int64  `json:"stop,omitempty"`
	}
	items := []item{}
	in := document{"executionArn": arn, "maxResults": 1000}
	for {
		page, err := call[struct {
			Runs []struct {
				Arn   string         `json:"mapRunArn"`
				Start operation.Time `json:"startDate"`
				Stop  operation.Time `json:"stopDate"`
			} `json:"mapRuns"`
			Next string `json:"nextToken"`
		}](r.Context(), c, "states", "ListMapRuns", in)
		if err != nil {
			return nil, err
		}
		for _, one := range page.Runs {
			items = append(items, item{one.Arn, millis(one.Start.Time), millis(one.Stop.Time)})
		}
		if page.Next == "" {
			return document{"mapRuns": items}, nil
		}
		in["nextToken"] = page.Next
	}
}

// eval evaluates an expression on the data of a step.
//
//	POST /api/eval Evaluation -> {"output", "ms"} | {"error": EvaluationError}
func (c *Console) eval(w http.ResponseWriter, r *http.Request) (any, error) {
	var in Evaluation
	if err := read(w, r, &in); err != nil {
		return nil, err
	}
	if c.opt.Evaluator == nil {
		return nil, unavailable("expressions")
	}
	began := c.opt.Now()
	out, err := c.opt.Evaluator.Evaluate(r.Context(), in)
	var mistake *EvaluationError
	if errors.As(err, &mistake) {
		return document{"error": mistake}, nil
	} else if err != nil {
		return nil, err
	}
	return document{"output": out, "ms": float64(c.opt.Now().Sub(began).Microseconds()) / 1000}, nil
}

// validate tells what is wrong with a definition, with places and hints.
//
//	POST /api/validate {"definition", "type"?} -> {"findings": [Finding]}
func (c *Console) validate(w http.ResponseWriter, r *http.Request) (any, error) {
	var in struct{ Definition, Type string }
	if err := read(w, r, &in); err != nil {
		return nil, err
	}
	if c.opt.Validator == nil {
		return nil, unavailable("validator")
	}
	found, err := c.opt.Validator.Validate(r.Context(), in.Definition, in.Type)
	return document{"findings": append([]Finding{}, found...)}, err
}
