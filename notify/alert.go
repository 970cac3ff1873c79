package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"
)

// A Rule says which executions people are told about, and how.
type Rule struct {
	Name     string
	Machines []string // names or ARNs, with * for anything; all when empty
	// On are the statuses at which people are told: FAILED, TIMED_OUT, ABORTED
	// and SUCCEEDED. FAILED and TIMED_OUT when empty, unless the rule has
	// another condition.
	On         []string
	LongerThan time.Duration  // told once while an execution runs for longer
	By         string         // "06:30": told when by then none has succeeded on the day
	Zone       *time.Location // of By; UTC when nil
	Days       []time.Weekday // of By; every day when empty
	Retries    int            // told at the end when tasks failed and were tried again so often
	To         []string       // "arn:aws:sns:…", "mailto:a@example.com", "slack:https://…", "https://…" (webhook)
	Every      time.Duration  // not told again of the same error of a machine; 15 minutes when 0, never withheld when negative
}

// statuses that an execution ends with.
var endings = []string{"FAILED", "TIMED_OUT", "ABORTED", "SUCCEEDED"}

// Validate reports every problem of a rule.
func (r Rule) Validate() error {
	var problems []error
	bad := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if r.Name == "" {
		bad("name: need one, which tells the rule apart")
	}
	for _, s := range r.On {
		if !slices.Contains(endings, s) {
			bad("on: got %q; need one of %s", s, strings.Join(endings, ", "))
		}
	}
	for _, m := range r.Machines {
		if _, err := path.Match(m, ""); err != nil {
			bad("machines: %q is no pattern", m)
		}
	}
	if r.By != "" {
		if _, err := time.Parse("15:04", r.By); err != nil {
			bad("by: got %q; need a time of day such as 06:30", r.By)
		}
	}
	if r.LongerThan < 0 || r.Retries < 0 {
		bad("longer-than, retries: need a positive number")
	}
	if len(r.To) == 0 {
		bad("to: need arn:aws:sns:…, mailto:…, slack:https://… or https://…")
	}
	for _, to := range r.To {
		if _, _, err := channel(to); err != nil {
			bad("to: %w", err)
		}
	}
	return errors.Join(problems...)
}

// channel reads where people are told: the protocol and the endpoint of a
// delivery.
func channel(to string) (protocol, endpoint string, err error) {
	if strings.HasPrefix(to, "arn:") {
		if a := part(to); a.Service != "sns" || a.Resource == "" {
			return "", "", fmt.Errorf("%q is no topic", to)
		}
		return "sns", to, nil
	}
	if address, ok := strings.CutPrefix(to, "mailto:"); ok {
		if a, err := mail.ParseAddress(address); err != nil || a.Address != address {
			return "", "", fmt.Errorf("%q is no mail address", to)
		}
		return "email", address, nil
	}
	protocol, endpoint = "webhook", to
	if address, ok := strings.CutPrefix(to, "slack:"); ok {
		protocol, endpoint = "slack", address
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return "", "", fmt.Errorf("need arn:aws:sns:…, mailto:…, slack:https://… or https://…, got %q", redact(to))
	}
	return protocol, endpoint, nil
}

// redact leaves of an address what is no secret.
func redact(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return text
	}
	return u.Scheme + "://" + u.Host + "/…"
}

// concerns reports whether a rule is about a machine.
func (r Rule) concerns(machineARN string) bool {
	if len(r.Machines) == 0 {
		return true
	}
	name := machineARN[strings.LastIndexByte(machineARN, ':')+1:]
	return slices.ContainsFunc(r.Machines, func(pattern string) bool {
		return wildcard(pattern, name) || wildcard(pattern, machineARN)
	})
}

// wants reports whether a rule tells about an execution that has ended.
func (r Rule) wants(e Execution) bool {
	if r.Retries > 0 && e.Retries >= r.Retries {
		return true
	}
	if len(r.On) == 0 && (r.LongerThan > 0 || r.By != "" || r.Retries > 0) {
		return false
	}
	on := r.On
	if len(on) == 0 {
		on = []string{"FAILED", "TIMED_OUT"}
	}
	return slices.Contains(on, e.Status)
}

func (r Rule) every() time.Duration {
	if r.Every == 0 {
		return 15 * time.Minute
	}
	return max(r.Every, 0)
}

// A Notice is an alert that is to be told unless it was.
type Notice struct {
	Once   string        // told once under this key
	Group  string        // told under this key once in Within; others are counted
	Within time.Duration // 0: all are told
	At     time.Time
	// Deliveries are what tells it; withheld is how many notices of the group
	// have not been told since the last one.
	Deliveries func(withheld int) []Delivery
}

// Ended has people told about an execution that has come to a status. It
// returns once that is kept; finding out what happened, and telling, come
// afterwards. It may be called again for the same change.
func (n *Notify) Ended(ctx context.Context, execution, status string) error {
	if !slices.Contains(endings, status) || !slices.ContainsFunc(n.opt.Rules, func(r Rule) bool { return r.concerns(machineOf(execution)) }) {
		return nil
	}
	now := n.opt.Now().UTC()
	a := part(execution)
	err := n.opt.Store.Enqueue(ctx, []Delivery{{ID: "ended " + execution + " " + status, Account: a.Account, Region: a.Region,
		Protocol: "alert", Endpoint: execution, Body: status, Accepted: now, Due: now}})
	n.wake()
	return err
}

// machineOf returns the ARN of an execution's machine.
func machineOf(execution string) string {
	a := part(execution)
	parts := strings.Split(a.Resource, ":")
	if len(parts) < 2 {
		return ""
	}
	a.Resource = "stateMachine:" + parts[1]
	return a.String()
}

// judge finds out about an execution that has ended, and has people told as
// the rules say.
func (n *Notify) judge(ctx context.Context, d Delivery) error {
	e, err := n.execution(ctx, d.Endpoint)
	if err != nil {
		return err
	}
	if e.Status != d.Body {
		return nil // it was redriven; its next end is judged
	}
	for _, r := range n.opt.Rules {
		if !r.concerns(e.MachineARN) || !r.wants(e) {
			continue
		}
		notice := Notice{Once: fmt.Sprintf("ended %s %s %s %d", r.Name, e.ARN, e.Status, e.Stopped.UnixMilli()),
			Group: fmt.Sprintf("group %s %s %s %s", r.Name, e.MachineARN, e.Status, e.Error), Within: r.every()}
		what := e.Status
		if r.Retries > 0 && e.Retries >= r.Retries && e.Status == "SUCCEEDED" {
			what = fmt.Sprintf("SUCCEEDED after %d retries", e.Retries)
		}
		if err := n.tell(ctx, r, notice, e, what); err != nil {
			return err
		}
	}
	return nil
}

// tell keeps the deliveries of a notice.
func (n *Notify) tell(ctx context.Context, r Rule, notice Notice, e Execution, what string) error {
	notice.At = n.opt.Now().UTC()
	notice.Deliveries = func(withheld int) (all []Delivery) {
		for i, to := range r.To {
			protocol, endpoint, err := channel(to)
			if err != nil {
				continue // the rules were judged at the start
			}
			d := Delivery{ID: fmt.Sprintf("alert %d %s", i, notice.Once), Account: e.Account, Region: e.Region, Protocol: protocol, Endpoint: endpoint,
				Subject: e.subject(what), Accepted: notice.At, Due: notice.At, Rule: r.Name, About: cmp.Or(e.ARN, e.MachineARN)}
			switch protocol {
			case "slack":
				d.Body, d.Headers = e.slack(r, what, withheld), map[string]string{"Content-Type": "application/json"}
			case "webhook":
				d.Body, d.Headers = e.document(r, what, withheld), map[string]string{"Content-Type": "application/json"}
			default:
				d.Body = e.text(r, what, withheld)
			}
			if protocol == "sns" {
				a := part(endpoint)
				d.Account, d.Region = a.Account, a.Region
			}
			all = append(all, d)
		}
		return all
	}
	told, err := n.opt.Store.Notice(ctx, notice)
	if told {
		n.wake()
	}
	return err
}
