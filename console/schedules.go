package console

import (
	"cmp"
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// schedules lists rules and schedules with their next times.
//
//	GET /api/schedules?count=5 -> {"schedules": [Schedule]}
func (c *Console) schedules(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{r: r}
	count := q.number("count", 5, 100)
	if q.err != nil {
		return nil, q.err
	}
	if c.opt.Schedules == nil {
		return nil, unavailable("schedules")
	}
	all, err := c.opt.Schedules.Schedules(r.Context(), c.opt.Now(), int(count))
	return document{"schedules": append([]Schedule{}, all...)}, err
}

// next tells when an expression happens.
//
//	POST /api/next {"expression", "zone"?, "count"?} -> {"next": [Tick]}
func (c *Console) next(w http.ResponseWriter, r *http.Request) (any, error) {
	var in struct {
		Expression, Zone string
		Count            int
	}
	if err := read(w, r, &in); err != nil {
		return nil, err
	}
	if c.opt.Schedules == nil {
		return nil, unavailable("schedules")
	}
	ticks, err := c.opt.Schedules.Next(in.Expression, in.Zone, c.opt.Now(), min(max(in.Count, 1), 100))
	return document{"next": append([]Tick{}, ticks...)}, err
}

// pattern tries an event against a pattern, and tells why it does not match.
//
//	POST /api/pattern {"pattern", "event"} -> {"match", "why": [PatternReason]}
func (c *Console) pattern(w http.ResponseWriter, r *http.Request) (any, error) {
	var in struct{ Pattern, Event string }
	if err := read(w, r, &in); err != nil {
		return nil, err
	}
	if c.opt.Schedules == nil {
		return nil, unavailable("schedules")
	}
	match, why, err := c.opt.Schedules.Match(in.Pattern, in.Event)
	return document{"match": match, "why": append([]PatternReason{}, why...)}, err
}

// triggers tells what the completeness triggers wait for.
//
//	GET /api/triggers -> {"triggers": [Trigger]}
func (c *Console) triggers(_ http.ResponseWriter, r *http.Request) (any, error) {
	if c.opt.Schedules == nil {
		return nil, unavailable("schedules")
	}
	all, err := c.opt.Schedules.Triggers(r.Context())
	return document{"triggers": append([]Trigger{}, all...)}, err
}

// Limits of the dates grid.
const (
	maxGridDates      = 800
	maxGridExecutions = 20_000
)

// datePattern finds the date that an input or a name bears.
var datePattern = regexp.MustCompile(`(\d{4})([-/]?)(\d{2})([-/]?)(\d{2})`)

// dateOf is the first date in a text, as 2026-01-31; empty where it has none.
func dateOf(text string) string {
	digit := func(i int) bool { return i >= 0 && i < len(text) && text[i] >= '0' && text[i] <= '9' }
	for _, m := range datePattern.FindAllStringSubmatchIndex(text, 8) {
		part := func(i int) string { return text[m[2*i]:m[2*i+1]] }
		if digit(m[0]-1) || digit(m[1]) || part(2) != part(4) {
			continue
		}
		date := part(1) + "-" + part(3) + "-" + part(5)
		if t, err := time.Parse("2006-01-02", date); err == nil && t.Year() > 1900 && t.Year() < 2200 {
			return date
		}
	}
	return ""
}

// templateFrom makes an input for other dates of one: its first date, where that
// is written as 2026-01-31, becomes {date}. It is empty where nothing is.
func templateFrom(input string) string {
	const most = 16 << 10 // bytes, for a form
	if date := dateOf(input); date != "" && len(input) <= most && strings.Contains(input, date) {
		return strings.ReplaceAll(input, date, "{date}")
	}
	return ""
}

// A dateItem is a date of a machine and how it stands: by its last execution,
// but that a success is not undone by a failure that came later.
type dateItem struct {
	Date     string `json:"date"`
	Status   string `json:"status"` // of an execution, or "none"
	ARN      string `json:"arn,omitempty"`
	Attempts int    `json:"attempts"`
}

// dates tells how the dates of a machine stand, as the inputs or the names of
// its executions bear them.
//
//	GET /api/dates?machine=&from=&to= -> {"dates": [dateItem], "template"}
func (c *Console) dates(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{r: r}
	machine, fromText, toText := q.need("machine"), q.need("from"), q.need("to")
	if q.err != nil {
		return nil, q.err
	}
	if c.opt.Executions == nil {
		return nil, unavailable("executions")
	}
	from, err := time.Parse("2006-01-02", fromText)
	if err != nil {
		return nil, invalid("from: got %q; need a date such as 2026-01-31", fromText)
	}
	to, err := time.Parse("2006-01-02", toText)
	if err != nil {
		return nil, invalid("to: got %q; need a date such as 2026-01-31", toText)
	}
	if days := int(to.Sub(from).Hours()/24) + 1; days < 1 || days > maxGridDates {
		return nil, invalid("to: got %d dates; need 1 to %d", days, maxGridDates)
	}
	items, at := []dateItem{}, map[string]int{}
	for d := from; !d.After(to); d = d.AddDate(0, 0, 1) {
		at[d.Format("2006-01-02")] = len(items)
		items = append(items, dateItem{Date: d.Format("2006-01-02"), Status: "none"})
	}
	if _, err := call[struct{}](r.Context(), c, "states", "DescribeStateMachine", document{"stateMachineArn": machine, "includedData": "METADATA_ONLY"}); err != nil {
		return nil, err
	}
	last, err := c.fillDates(r.Context(), machine, items, at)
	if err != nil {
		return nil, err
	}
	template := cmp.Or(templateFrom(last), `{"date":"{date}"}`)
	if c.opt.Schedules != nil {
		template = cmp.Or(c.opt.Schedules.Template(machine), template)
	}
	return document{"dates": items, "template": template}, nil
}

// fillDates gives the dates how they stand, and returns the newest input with a
// date.
func (c *Console) fillDates(ctx context.Context, machine string, items []dateItem, at map[string]int) (last string, err error) {
	q := ExecutionQuery{Machine: machine, Limit: 500}
	for range maxGridExecutions / q.Limit {
		list, err := c.opt.Executions.Executions(ctx, q)
		if err != nil {
			return last, err
		}
		for _, ex := range list { // the newest first
			q.Before = ex.Key
			if last == "" && dateOf(ex.Input) != "" {
				last = ex.Input
			}
			i, ok := at[cmp.Or(dateOf(ex.Input), dateOf(ex.Name))]
			if !ok {
				continue
			}
			item := &items[i]
			item.Attempts++
			if item.Status == "none" || item.Status != "RUNNING" && item.Status != "SUCCEEDED" && ex.Status == "SUCCEEDED" {
				item.Status, item.ARN = ex.Status, ex.ARN
			}
		}
		if len(list) < q.Limit {
			return last, nil
		}
	}
	return last, nil
}

// backfill runs a machine for a range of dates.
//
//	POST /api/backfill BackfillOrder -> BackfillStart
func (c *Console) backfill(w http.ResponseWriter, r *http.Request) (any, error) {
	var in BackfillOrder
	if err := read(w, r, &in); err != nil {
		return nil, err
	}
	if c.opt.Backfills == nil {
		return nil, unavailable("backfills")
	}
	out, err := c.opt.Backfills.Start(r.Context(), in)
	out.Todo, out.Again, out.Running = append([]string{}, out.Todo...), append([]string{}, out.Again...), append([]string{}, out.Running...)
	return out, err
}

// backfills lists those that run and ran, the newest first.
//
//	GET /api/backfills -> {"backfills": [Backfill]}
func (c *Console) backfills(http.ResponseWriter, *http.Request) (any, error) {
	if c.opt.Backfills == nil {
		return nil, unavailable("backfills")
	}
	all := append([]Backfill{}, c.opt.Backfills.List()...)
	slices.SortStableFunc(all, func(a, b Backfill) int { return cmp.Compare(b.Started, a.Started) })
	return document{"backfills": all}, nil
}

// stopBackfill has a backfill start no more executions.
//
//	POST /api/backfill/stop {"id"} -> 204
func (c *Console) stopBackfill(w http.ResponseWriter, r *http.Request) (any, error) {
	var in struct{ ID string }
	if err := read(w, r, &in); err != nil {
		return nil, err
	}
	if c.opt.Backfills == nil {
		return nil, unavailable("backfills")
	}
	if !c.opt.Backfills.Stop(in.ID) {
		return nil, notFound("no backfill %q runs", in.ID)
	}
	return nil, nil
}

// alerts tells who is told of what, and which messages wait.
//
//	GET /api/alerts -> {"rules": [AlertRule], "sent": [AlertSent]}
func (c *Console) alerts(_ http.ResponseWriter, r *http.Request) (any, error) {
	if c.opt.Alerts == nil {
		return nil, unavailable("alerts")
	}
	waiting, err := c.opt.Alerts.Sent(r.Context())
	return document{"rules": append([]AlertRule{}, c.opt.Alerts.Rules()...), "sent": append([]AlertSent{}, waiting...)}, err
}

// parity lists what of AWS is there.
//
//	GET /api/parity -> {"operations": [{"service", "name", "status", "note"?, "mutates"}]}
func (c *Console) parity(http.ResponseWriter, *http.Request) (any, error) {
	type item struct {
		Service string `json:"service"`
		Name    string `json:"name"`
		Status  string `json:"status"`
		Note    string `json:"note,omitempty"`
		Mutates bool   `json:"mutates"`
	}
	items := []item{}
	for _, s := range c.opt.Registry.Specs() {
		items = append(items, item{s.Service, s.Name, string(s.Status), strings.TrimSpace(s.Note), s.Mutates})
	}
	return document{"operations": items}, nil
}
