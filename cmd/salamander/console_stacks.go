package main

import (
	"context"
	"encoding/json"
	"time"

	web "salamander/console"
	"salamander/function"
	"salamander/notify"
	"salamander/stack"
	"salamander/store"
)

// remarshal reads a document into another form.
func remarshal(from, into any) error {
	text, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// consoleStacks lets the console see what the resources of a stack need.
type consoleStacks struct{ *app }

// Graph returns which resource needs which, and which types are only recorded.
func (c consoleStacks) Graph(ctx context.Context, id string) (web.StackGraph, error) {
	graph := web.StackGraph{Recorded: map[string]bool{}}
	for _, t := range stack.Types(func(string) bool { return true }) {
		graph.Recorded[t.Name] = t.Status == "recorded"
	}
	list, err := c.stacks.Resources(ctx, id)
	if err != nil {
		return graph, err
	}
	here := map[string]bool{}
	for _, r := range list {
		here[r.Logical] = true
	}
	for _, r := range list {
		for _, need := range r.Depends {
			if here[need] {
				graph.Edges = append(graph.Edges, [2]string{r.Logical, need})
			}
		}
	}
	return graph, nil
}

// consoleFunctions lets the console show the code of functions.
type consoleFunctions struct{ *app }

// Archive returns the zip file of a function.
func (c consoleFunctions) Archive(ctx context.Context, name string) ([]byte, error) {
	fn, err := c.functions.Get(ctx, function.Key{Account: defaultAccount, Region: c.config.Region, Name: name})
	if err != nil {
		return nil, err
	}
	return c.functions.Archive(fn)
}

// consoleAlerts lets the console see who is told of what.
type consoleAlerts struct{ *app }

// Rules returns the rules of the configuration.
func (c consoleAlerts) Rules() []web.AlertRule {
	rules, err := alertRules(c.config.Alerts)
	if err != nil {
		return nil // the server would not have started
	}
	all := []web.AlertRule{}
	for _, r := range rules {
		one := web.AlertRule{Name: r.Name, Machines: append([]string{}, r.Machines...), On: append([]string{}, r.On...), LongerThan: r.LongerThan.Milliseconds(),
			By: r.By, To: append([]string{}, r.To...)}
		if r.Zone != nil {
			one.Zone = r.Zone.String()
		}
		all = append(all, one)
	}
	return all
}

// How many messages are shown.
const (
	maxWaiting = 200 // on their way
	maxTold    = 500 // alerts that came to their end
)

// Sent returns the messages that wait, and behind them the alerts that arrived
// or were given up; the newest first.
func (c consoleAlerts) Sent(ctx context.Context) ([]web.AlertSent, error) {
	records := store.NewNotify(c.db)
	waiting, err := records.Waiting(ctx, maxWaiting)
	if err != nil {
		return nil, err
	}
	told, err := records.Told(ctx, maxTold)
	all := []web.AlertSent{}
	add := func(d notify.Delivery, status, problem string, attempts int, ended time.Time) {
		if d.Protocol == "alert" && d.Rule == "" {
			return // an execution whose end is looked into yet
		}
		one := web.AlertSent{ID: d.ID, At: d.Accepted.UnixMilli(), Rule: d.Rule, About: d.About, To: d.Address(), Subject: d.Subject, Status: status,
			Attempts: attempts, Error: d.Blame(problem)}
		if d.Rule != "" {
			one.Body = d.Body
		}
		if !ended.IsZero() {
			one.Ended = ended.UnixMilli()
		}
		if d.Account == defaultAccount {
			all = append(all, one)
		}
	}
	for _, w := range waiting {
		status := "waiting"
		if w.Attempts > 0 {
			status = "retrying"
		}
		add(w.Delivery, status, w.Problem, w.Attempts, time.Time{})
	}
	for _, d := range told {
		status := "arrived"
		if d.Problem != "" {
			status = "given up"
		}
		add(d.Delivery, status, d.Problem, d.Ending.Attempts, d.At)
	}
	return all, err
}
