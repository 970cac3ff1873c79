package console

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
)

// A limitItem is a limit of AWS and how near something is to it.
type limitItem struct {
	What  string  `json:"what"`
	Have  float64 `json:"have"`
	Limit float64 `json:"limit"`
	Unit  string  `json:"unit"`  // "events", "bytes" or "s"
	State string  `json:"state"` // "ok", "near" (from three quarters) or "over"
	Where string  `json:"where,omitempty"`
}

// The limits of Step Functions.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
const (
	limitEvents     = 25_000
	limitData       = 256 << 10 // bytes of an input or an output
	limitDefinition = 1 << 20
	limitExpress    = 5 * 60             // seconds of an express execution
	limitStandard   = 365 * 24 * 60 * 60 // seconds
)

func limitOf(what string, have, limit float64, unit, where string) limitItem {
	state := "ok"
	if have > limit {
		state = "over"
	} else if have >= limit*3/4 {
		state = "near"
	}
	return limitItem{what, have, limit, unit, state, where}
}

// limits tells how near an execution, or the last runs of a machine, are to the
// limits of AWS.
//
//	GET /api/limits?arn= -> {"limits": [limitItem]}
func (c *Console) limits(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{r: r}
	arn := q.need("arn")
	if q.err != nil {
		return nil, q.err
	}
	if c.opt.Executions == nil {
		return nil, unavailable("executions")
	}
	if !strings.Contains(arn, ":stateMachine:") {
		ex, err := c.opt.Executions.Execution(r.Context(), arn)
		if err != nil {
			return nil, err
		}
		items, err := c.executionLimits(r.Context(), ex)
		return document{"limits": items}, err
	}
	machine, err := call[struct {
		Definition string `json:"definition"`
	}](r.Context(), c, "states", "DescribeStateMachine", document{"stateMachineArn": arn})
	if err != nil {
		return nil, err
	}
	items := []limitItem{limitOf("definition", float64(len(machine.Definition)), limitDefinition, "bytes", "")}
	runs, err := c.opt.Executions.Executions(r.Context(), ExecutionQuery{Machine: arn, Limit: 5})
	if err != nil {
		return nil, err
	}
	for _, ex := range runs {
		more, err := c.executionLimits(r.Context(), ex)
		if err != nil {
			return nil, err
		}
		items = worse(items, more)
	}
	return document{"limits": items}, nil
}

// worse keeps of each limit the nearest.
func worse(items, more []limitItem) []limitItem {
next:
	for _, m := range more {
		for i := range items {
			if items[i].What == m.What {
				if m.Have > items[i].Have {
					items[i] = m
				}
				continue next
			}
		}
		items = append(items, m)
	}
	return items
}

func (c *Console) executionLimits(ctx context.Context, ex Execution) ([]limitItem, error) {
	largest, where := 0, ""
	last := int64(0)
	for {
		events, err := c.opt.Executions.History(ctx, ex.ARN, last, historyPage)
		if err != nil {
			return nil, err
		}
		for _, raw := range events {
			ev, err := readEvent(raw)
			if err != nil {
				return nil, err
			}
			last = ev.ID
			if len(raw) <= largest {
				continue // its data is no larger
			}
			if n := largestText(raw); n > largest {
				largest, where = n, ev.StateName()
				if where == "" {
					where = ev.Type
				}
			}
		}
		if len(events) < historyPage {
			break
		}
	}
	stop := ex.Stop
	if stop.IsZero() {
		stop = c.opt.Now()
	}
	time := float64(limitStandard)
	if ex.Type == "EXPRESS" {
		time = limitExpress
	}
	return []limitItem{
		limitOf("history events", float64(last), limitEvents, "events", ex.Name),
		limitOf("input or output", float64(largest), limitData, "bytes", where),
		limitOf("duration", stop.Sub(ex.Start).Seconds(), time, "s", ex.Name),
	}, nil
}

// largestText is the length of the longest data in an event, in bytes.
func largestText(raw json.RawMessage) (n int) {
	var ev map[string]json.RawMessage
	if json.Unmarshal(raw, &ev) != nil {
		return 0
	}
	for name, v := range ev {
		if !strings.HasSuffix(name, "EventDetails") {
			continue
		}
		var details map[string]any
		if json.Unmarshal(v, &details) != nil {
			continue
		}
		for _, part := range details {
			if text, ok := part.(string); ok {
				n = max(n, len(text))
			}
		}
	}
	return n
}
