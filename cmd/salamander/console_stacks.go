package main

import (
	"context"
	"encoding/json"

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

// maxWaiting is how many messages on their way are shown.
const maxWaiting = 200

// Sent returns the messages that wait, the newest first. What has arrived is
// not kept.
func (c consoleAlerts) Sent(ctx context.Context) ([]web.AlertSent, error) {
	list, err := store.NewNotify(c.db).Waiting(ctx, maxWaiting)
	all := []web.AlertSent{}
	for _, w := range list {
		if w.Account != defaultAccount {
			continue
		}
		status := "waiting"
		if w.Attempts > 0 {
			status = "retrying"
		}
		all = append(all, web.AlertSent{ID: w.ID, At: w.Accepted.UnixMilli(), To: to(w.Delivery), Subject: w.Subject, Status: status, Attempts: w.Attempts, Error: w.Problem})
	}
	return all, err
}

func to(d notify.Delivery) string { return d.Protocol + ":" + d.Endpoint }
