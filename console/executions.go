package console

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"salamander/operation"
)

// How much a list of executions reads.
const (
	maxExecutions = 5000 // in one answer
	maxScanned    = 5000 // looked through for one answer
	shownInput    = 200  // bytes of an input in a list
	shownCause    = 400
)

// An executionItem is an execution of a list.
type executionItem struct {
	ARN         string `json:"arn"`
	Name        string `json:"name"`
	Machine     string `json:"machine"`
	MachineName string `json:"machineName"`
	Type        string `json:"type"`
	Status      string `json:"status"`
	Start       int64  `json:"start"`
	Stop        int64  `json:"stop,omitempty"`
	Error       string `json:"error,omitempty"`
	Cause       string `json:"cause,omitempty"`
	Redrives    int    `json:"redrives"`
	MapRun      string `json:"mapRun,omitempty"`
	Items       int64  `json:"items,omitempty"`
	Version     string `json:"version,omitempty"`
	Alias       string `json:"alias,omitempty"`
	Input       string `json:"input,omitempty"`
}

func itemOf(ex Execution) executionItem {
	return executionItem{ARN: ex.ARN, Name: ex.Name, Machine: ex.Machine, MachineName: lastPart(ex.Machine), Type: ex.Type, Status: ex.Status,
		Start: millis(ex.Start), Stop: millis(ex.Stop), Error: shorten(ex.Error, shownCause), Cause: essence(ex.Cause), Redrives: ex.Redrives,
		MapRun: ex.MapRun, Items: ex.Items, Version: ex.Version, Alias: ex.Alias, Input: shorten(ex.Input, shownInput)}
}

// lastPart is what stands behind the last colon of an ARN, the name.
func lastPart(arn string) string { return arn[strings.LastIndexByte(arn, ':')+1:] }

// shorten cuts a text at a character.
func shorten(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && s[most]&0xC0 == 0x80 {
		most--
	}
	return s[:most] + "…"
}

// executions lists executions of a machine, a map run or all machines, the
// newest first. What it looks through for one answer is bounded: the next one
// goes on.
//
//	GET /api/executions?machine=&mapRun=&status=&from=&to=&q=&limit=&next= -> {"executions", "next"?}
func (c *Console) executions(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{r: r}
	want := executionFilter{status: q.text("status"), from: q.moment("from"), to: q.moment("to"), text: strings.ToLower(q.text("q"))}
	limit := int(q.number("limit", 100, maxExecutions))
	before := q.number("next", 0, 1<<62)
	machine, mapRun := q.text("machine"), q.text("mapRun")
	if q.err != nil {
		return nil, q.err
	}
	if c.opt.Executions == nil {
		return nil, unavailable("executions")
	}
	sources := []ExecutionQuery{{Machine: machine, MapRun: mapRun}}
	if machine == "" && mapRun == "" {
		machines, err := c.allMachines(r.Context())
		if err != nil {
			return nil, err
		}
		sources = nil
		for _, m := range machines {
			sources = append(sources, ExecutionQuery{Machine: m.ARN})
		}
	}
	found, next, err := c.scan(r.Context(), sources, want, before, max(limit, 1))
	if err != nil {
		return nil, err
	}
	items := make([]executionItem, len(found))
	for i, ex := range found {
		items[i] = itemOf(ex)
	}
	out := document{"executions": items}
	if next > 0 {
		out["next"] = strconv.FormatInt(next, 10)
	}
	return out, nil
}

// An executionFilter is what a list is to have.
type executionFilter struct {
	status   string
	from, to time.Time
	text     string // in lower case
}

func (f executionFilter) takes(ex Execution) bool {
	if !f.to.IsZero() && ex.Start.After(f.to) {
		return false
	}
	if f.text == "" {
		return true
	}
	for _, s := range []string{ex.Name, ex.Error, ex.Cause, ex.Input} {
		if strings.Contains(strings.ToLower(s), f.text) {
			return true
		}
	}
	return false
}

// scan merges what the sources list, the newest first, and returns the key that
// the next page goes on below, 0 at the end.
func (c *Console) scan(ctx context.Context, sources []ExecutionQuery, want executionFilter, before int64, limit int) (found []Execution, next int64, err error) {
	page := max(200, min(limit, 1000))
	scanned := 0
	for {
		// Of each source the next few below the same key: what is above the
		// highest key where a source was cut off is complete.
		var batch []Execution
		floor := int64(0)
		for _, source := range sources {
			source.Status, source.Before, source.Limit = want.status, before, page
			got, err := c.opt.Executions.Executions(ctx, source)
			if err != nil {
				return nil, 0, err
			}
			if len(got) == page {
				floor = max(floor, got[page-1].Key)
			}
			batch = append(batch, got...)
		}
		slices.SortFunc(batch, func(a, b Execution) int { return cmp.Compare(b.Key, a.Key) })
		for _, ex := range batch {
			if ex.Key < floor {
				break
			}
			if !want.from.IsZero() && ex.Start.Before(want.from) {
				return found, 0, nil
			}
			scanned++
			before = ex.Key
			if want.takes(ex) {
				found = append(found, ex)
			}
			if len(found) >= limit || scanned >= maxScanned {
				return found, before, nil
			}
		}
		if floor == 0 {
			return found, 0, nil
		}
	}
}

// A machineItem is a state machine as ListStateMachines tells it.
type machineItem struct {
	ARN     string         `json:"stateMachineArn"`
	Name    string         `json:"name"`
	Type    string         `json:"type"`
	Created operation.Time `json:"creationDate"`
}

func (c *Console) allMachines(ctx context.Context) (all []machineItem, err error) {
	in := document{"maxResults": 1000}
	for {
		page, err := call[struct {
			Machines []machineItem `json:"stateMachines"`
			Next     string        `json:"nextToken"`
		}](ctx, c, "states", "ListStateMachines", in)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Machines...)
		if page.Next == "" {
			return all, nil
		}
		in["nextToken"] = page.Next
	}
}
