package console

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sort"

	"salamander/operation"
)

// A runItem is a run at a glance.
type runItem struct {
	ARN    string `json:"arn"`
	Name   string `json:"name"`
	Status string `json:"status"`
	Start  int64  `json:"start"`
	Stop   int64  `json:"stop,omitempty"`
	Error  string `json:"error,omitempty"`
	Cause  string `json:"cause,omitempty"`
}

func runOf(ex Execution) runItem {
	return runItem{ex.ARN, ex.Name, ex.Status, millis(ex.Start), millis(ex.Stop), shorten(ex.Error, shownCause), essence(ex.Cause)}
}

// machines lists the state machines with their recent runs.
//
//	GET /api/machines -> {"machines": [{"arn", "name", "type", "created", "recent", "running", "lastFailure"?}]}
func (c *Console) machines(_ http.ResponseWriter, r *http.Request) (any, error) {
	if c.opt.Executions == nil {
		return nil, unavailable("executions")
	}
	all, err := c.allMachines(r.Context())
	if err != nil {
		return nil, err
	}
	type item struct {
		ARN         string    `json:"arn"`
		Name        string    `json:"name"`
		Type        string    `json:"type"`
		Created     int64     `json:"created"`
		Recent      []runItem `json:"recent"`
		Running     int       `json:"running"`
		LastFailure *runItem  `json:"lastFailure,omitempty"`
	}
	items := []item{}
	for _, m := range all {
		one := item{m.ARN, m.Name, m.Type, m.Created.UnixMilli(), []runItem{}, 0, nil}
		runs, err := c.opt.Executions.Executions(r.Context(), ExecutionQuery{Machine: m.ARN, Limit: 20})
		if err != nil {
			return nil, err
		}
		for _, ex := range runs {
			one.Recent = append(one.Recent, runOf(ex))
		}
		running, err := c.opt.Executions.Executions(r.Context(), ExecutionQuery{Machine: m.ARN, Status: "RUNNING", Limit: maxExecutions})
		if err != nil {
			return nil, err
		}
		one.Running = len(running)
		for _, status := range []string{"FAILED", "TIMED_OUT"} {
			failed, err := c.opt.Executions.Executions(r.Context(), ExecutionQuery{Machine: m.ARN, Status: status, Limit: 1})
			if err != nil {
				return nil, err
			}
			if len(failed) > 0 && (one.LastFailure == nil || millis(failed[0].Start) > one.LastFailure.Start) {
				run := runOf(failed[0])
				one.LastFailure = &run
			}
		}
		items = append(items, one)
	}
	return document{"machines": items}, nil
}

// A machineView is all about one state machine.
type machineView struct {
	ARN        string          `json:"arn"`
	Name       string          `json:"name"`
	Type       string          `json:"type"`
	Created    int64           `json:"created"`
	Updated    int64           `json:"updated,omitempty"`
	Revision   string          `json:"revision"`
	Definition string          `json:"definition"`
	RoleARN    string          `json:"roleArn"`
	Logging    json.RawMessage `json:"logging,omitempty"`
	Versions   []versionItem   `json:"versions"`
	Aliases    []aliasItem     `json:"aliases"`
	Durations  []duration      `json:"durations"`
	Runs       []runItem       `json:"runs"`
	Schedules  []machineTick   `json:"schedules"`
	Inputs     []recentInput   `json:"inputs"`
}

type versionItem struct {
	ARN         string `json:"arn"`
	Number      string `json:"number"`
	Description string `json:"description,omitempty"`
	Created     int64  `json:"created"`
}

type aliasItem struct {
	ARN    string  `json:"arn"`
	Name   string  `json:"name"`
	Routes []route `json:"routes"`
}

type route struct {
	Version string `json:"version"`
	Weight  int    `json:"weight"`
}

type machineTick struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	At   int64  `json:"at,omitempty"`
}

type recentInput struct {
	Input string `json:"input"`
	ARN   string `json:"arn"`
	Name  string `json:"name"`
	Start int64  `json:"start"`
}

// machine tells all about one state machine.
//
//	GET /api/machine?arn= -> machineView
func (c *Console) machine(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{r: r}
	arn := q.need("arn")
	if q.err != nil {
		return nil, q.err
	}
	if c.opt.Executions == nil {
		return nil, unavailable("executions")
	}
	ctx := r.Context()
	m, err := call[struct {
		Arn         string          `json:"stateMachineArn"`
		Name        string          `json:"name"`
		Type        string          `json:"type"`
		Definition  string          `json:"definition"`
		Role        string          `json:"roleArn"`
		Revision    string          `json:"revisionId"`
		Description string          `json:"description"`
		Created     operation.Time  `json:"creationDate"`
		Logging     json.RawMessage `json:"loggingConfiguration"`
	}](ctx, c, "states", "DescribeStateMachine", document{"stateMachineArn": arn})
	if err != nil {
		return nil, err
	}
	view := &machineView{ARN: m.Arn, Name: m.Name, Type: m.Type, Created: m.Created.UnixMilli(), Revision: revisionOf(m.Revision), Definition: m.Definition,
		RoleARN: m.Role, Logging: m.Logging, Versions: []versionItem{}, Aliases: []aliasItem{}, Runs: []runItem{}, Schedules: []machineTick{}, Inputs: []recentInput{}}
	updated, err := c.opt.Executions.Updated(ctx, arn)
	if err != nil {
		return nil, err
	}
	view.Updated = millis(updated)
	if err := c.versions(ctx, view); err != nil {
		return nil, err
	}
	runs, err := c.opt.Executions.Executions(ctx, ExecutionQuery{Machine: arn, Limit: 200})
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, ex := range runs {
		view.Runs = append(view.Runs, runOf(ex))
		if !seen[ex.Input] && len(view.Inputs) < 10 {
			seen[ex.Input] = true
			view.Inputs = append(view.Inputs, recentInput{ex.Input, ex.ARN, ex.Name, millis(ex.Start)})
		}
	}
	if view.Durations, err = c.durations(ctx, runs); err != nil {
		return nil, err
	}
	return view, c.ticksOf(ctx, view)
}

func (c *Console) versions(ctx context.Context, view *machineView) error {
	versions, err := call[struct {
		Versions []struct {
			Arn     string         `json:"stateMachineVersionArn"`
			Created operation.Time `json:"creationDate"`
		} `json:"stateMachineVersions"`
	}](ctx, c, "states", "ListStateMachineVersions", document{"stateMachineArn": view.ARN, "maxResults": 100})
	if err != nil {
		return err
	}
	for _, v := range versions.Versions {
		described, err := call[struct {
			Description string `json:"description"`
		}](ctx, c, "states", "DescribeStateMachine", document{"stateMachineArn": v.Arn, "includedData": "METADATA_ONLY"})
		if err != nil {
			return err
		}
		view.Versions = append(view.Versions, versionItem{v.Arn, lastPart(v.Arn), described.Description, v.Created.UnixMilli()})
	}
	aliases, err := call[struct {
		Aliases []struct {
			Arn string `json:"stateMachineAliasArn"`
		} `json:"stateMachineAliases"`
	}](ctx, c, "states", "ListStateMachineAliases", document{"stateMachineArn": view.ARN, "maxResults": 100})
	if err != nil {
		return err
	}
	for _, a := range aliases.Aliases {
		described, err := call[struct {
			Name   string `json:"name"`
			Routes []struct {
				Version string `json:"stateMachineVersionArn"`
				Weight  int    `json:"weight"`
			} `json:"routingConfiguration"`
		}](ctx, c, "states", "DescribeStateMachineAlias", document{"stateMachineAliasArn": a.Arn})
		if err != nil {
			return err
		}
		item := aliasItem{ARN: a.Arn, Name: described.Name, Routes: []route{}}
		for _, one := range described.Routes {
			item.Routes = append(item.Routes, route{one.Version, one.Weight})
		}
		view.Aliases = append(view.Aliases, item)
	}
	return nil
}

// ticksOf adds the schedules and rules that start the machine.
func (c *Console) ticksOf(ctx context.Context, view *machineView) error {
	if c.opt.Schedules == nil {
		return nil
	}
	all, err := c.opt.Schedules.Schedules(ctx, c.opt.Now(), 1)
	if err != nil {
		return err
	}
	for _, s := range all {
		if !slices.Contains(s.Targets, view.ARN) {
			continue
		}
		one := machineTick{Kind: s.Kind, Name: s.Name}
		if len(s.Next) > 0 {
			one.At = s.Next[0].At
		}
		view.Schedules = append(view.Schedules, one)
	}
	return nil
}

// A duration tells how long a state took in recent runs, in milliseconds.
type duration struct {
	State  string  `json:"state"`
	N      int     `json:"n"`
	P50    float64 `json:"p50"`
	P95    float64 `json:"p95"`
	Max    float64 `json:"max"`
	Failed int     `json:"failed"`
}

// A span is one stay in a state.
type span struct {
	state  string
	ms     float64
	failed bool
}

// How much is read for the durations of states.
const (
	maxTimed       = 50
	maxTimedEvents = 5000 // of one execution
)

// durations tells how long the states took in the last runs that ended.
func (c *Console) durations(ctx context.Context, runs []Execution) ([]duration, error) {
	took, failed := map[string][]float64{}, map[string]int{}
	timed := 0
	for _, ex := range runs {
		if ex.Stop.IsZero() || timed >= maxTimed {
			continue
		}
		timed++
		spans, err := c.spansOf(ctx, ex)
		if err != nil {
			return nil, err
		}
		for _, s := range spans {
			if s.failed {
				failed[s.state]++
			} else {
				took[s.state] = append(took[s.state], s.ms)
			}
		}
	}
	all := []duration{}
	for state, list := range took {
		sort.Float64s(list)
		at := func(p float64) float64 { return list[min(int(p*float64(len(list))), len(list)-1)] }
		all = append(all, duration{state, len(list), at(0.5), at(0.95), list[len(list)-1], failed[state]})
		delete(failed, state)
	}
	for state, n := range failed {
		all = append(all, duration{State: state, Failed: n})
	}
	slices.SortFunc(all, func(a, b duration) int {
		if a.P50 != b.P50 {
			return int(sign(b.P50 - a.P50))
		}
		if a.State < b.State {
			return -1
		}
		return 1
	})
	return all, nil
}

func sign(f float64) float64 {
	switch {
	case f < 0:
		return -1
	case f > 0:
		return 1
	}
	return 0
}

// spansOf reads how long each state of an execution took. An execution that has
// ended never changes again, but for a redrive.
func (c *Console) spansOf(ctx context.Context, ex Execution) ([]span, error) {
	key := ex.ARN + " " + ex.Stop.String()
	if spans, ok := c.spans.get(key); ok {
		return spans, nil
	}
	events, err := c.opt.Executions.History(ctx, ex.ARN, 0, maxTimedEvents)
	if err != nil {
		var e *operation.Error
		if errors.As(err, &e) && e.Code == "ExecutionDoesNotExist" {
			return nil, nil // expired meanwhile
		}
		return nil, err
	}
	var spans []span
	type entry struct {
		state string
		at    float64
	}
	inside := map[int64]entry{} // by the last event of the branch
	for _, raw := range events {
		ev, err := readEvent(raw)
		if err != nil {
			return nil, err
		}
		in, ok := inside[ev.Previous]
		delete(inside, ev.Previous)
		switch {
		case ev.entered():
			inside[ev.ID] = entry{ev.StateName(), ev.Time}
		case ev.exited() && ok:
			spans = append(spans, span{state: in.state, ms: (ev.Time - in.at) * 1000})
			inside[ev.ID] = entry{}
		case ok && in.state != "":
			inside[ev.ID] = in
		}
		if (ev.Type == "ExecutionFailed" || ev.Type == "ExecutionTimedOut") && in.state != "" {
			spans = append(spans, span{state: in.state, failed: true})
		}
	}
	c.spans.put(key, spans)
	return spans, nil
}
