package console

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// How much one answer tells of a map run.
const (
	maxItems  = 10_000
	itemsPage = 1000 // read at once
)

// mapItems are children of a map run as columns: ten thousand rows of
// [executionItem] would be megabytes of the same words.
type mapItems struct {
	Base     string   `json:"base"`     // what the names stand behind in the ARNs
	Statuses []string `json:"statuses"` // those that there are
	Names    []string `json:"names"`    // the newest first
	Status   []int    `json:"status"`   // places in Statuses
	Start    []int64  `json:"start"`    // milliseconds before First
	First    int64    `json:"first"`    // when the first one began
	Next     string   `json:"next,omitempty"`
}

// add puts an execution at the end, or reports that its ARN has another base.
func (m *mapItems) add(ex Execution) bool {
	base, ok := strings.CutSuffix(ex.ARN, ex.Name)
	if len(m.Names) == 0 {
		m.Base, m.First = base, millis(ex.Start)
	}
	if !ok || base != m.Base {
		return false
	}
	at := 0
	for at < len(m.Statuses) && m.Statuses[at] != ex.Status {
		at++
	}
	if at == len(m.Statuses) {
		m.Statuses = append(m.Statuses, ex.Status)
	}
	m.Names = append(m.Names, ex.Name)
	m.Status = append(m.Status, at)
	m.Start = append(m.Start, m.First-millis(ex.Start))
	return true
}

// items lists the children of a map run, the newest first.
//
//	GET /api/mapitems?mapRun=&limit=&next= -> mapItems
func (c *Console) items(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{r: r}
	mapRun, before := q.need("mapRun"), q.number("next", 0, 1<<62)
	limit := max(1, int(q.number("limit", maxItems, maxItems)))
	if q.err != nil {
		return nil, q.err
	}
	if c.opt.Executions == nil {
		return nil, unavailable("executions")
	}
	out := &mapItems{Statuses: []string{}, Names: []string{}, Status: []int{}, Start: []int64{}}
	for {
		page := min(itemsPage, limit-len(out.Names))
		found, err := c.opt.Executions.Executions(r.Context(), ExecutionQuery{MapRun: mapRun, Before: before, Limit: page})
		if err != nil {
			return nil, err
		}
		for _, ex := range found {
			if !out.add(ex) {
				return nil, invalid("mapRun: the child %q is not of this map run", ex.ARN)
			}
			before = ex.Key
		}
		if len(found) < page {
			return out, nil
		}
		if len(out.Names) == limit {
			out.Next = strconv.FormatInt(before, 10)
			return out, nil
		}
	}
}

// mapRun is what DescribeMapRun answers.
//
//	GET /api/maprun?arn= -> DescribeMapRun's output
func (c *Console) mapRun(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{r: r}
	arn := q.need("arn")
	if q.err != nil {
		return nil, q.err
	}
	return call[json.RawMessage](r.Context(), c, "states", "DescribeMapRun", document{"mapRunArn": arn})
}
