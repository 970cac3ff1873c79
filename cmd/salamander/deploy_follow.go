package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"salamander/operation"
	"salamander/service/cloudformation"
)

// A stackView is a stack as the commands read it.
type stackView struct {
	ID         string   `xml:"StackId"`
	Name       string   `xml:"StackName"`
	Status     string   `xml:"StackStatus"`
	Reason     string   `xml:"StackStatusReason"`
	Parameters []string `xml:"Parameters>member>ParameterKey"`
	Outputs    []struct {
		Key         string `xml:"OutputKey"`
		Value       string `xml:"OutputValue"`
		Description string `xml:"Description"`
	} `xml:"Outputs>member"`
}

// stackView returns a stack by its name or ID; nil when there is none.
func (c *serverClient) stackView(ctx context.Context, name string) (*stackView, error) {
	var out struct {
		Stacks []stackView `xml:"Stacks>member"`
	}
	err := c.cloudformation(ctx, "DescribeStacks", url.Values{"StackName": {name}}, &out)
	if e := operation.AsError(err); err != nil && e.Code == "ValidationError" && strings.HasSuffix(e.Message, "does not exist") {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if len(out.Stacks) == 0 {
		return nil, nil
	}
	return &out.Stacks[0], nil
}

// A stackEvent is an event as it is shown.
type stackEvent struct {
	ID       string    `xml:"EventId"`
	Stack    string    `xml:"StackId"`
	Logical  string    `xml:"LogicalResourceId"`
	Physical string    `xml:"PhysicalResourceId"`
	Type     string    `xml:"ResourceType"`
	Status   string    `xml:"ResourceStatus"`
	Reason   string    `xml:"ResourceStatusReason"`
	At       time.Time `xml:"Timestamp"`
}

// A follower shows the events of a stack as they come.
type follower struct {
	client *serverClient
	out    *console
	seen   map[string]bool
	since  time.Time
	failed []stackEvent
	why    string // what the stack said when it was given up
}

// follow begins to follow: what has happened before is not shown.
func (c *serverClient) follow(ctx context.Context, out *console, stack string) (*follower, error) {
	f := &follower{client: c, out: out, seen: map[string]bool{}, since: time.Now()}
	if stack == "" {
		return f, nil
	}
	events, err := f.read(ctx, stack)
	for _, e := range events {
		f.seen[e.ID] = true
	}
	return f, err
}

// read returns the events that were not seen, the oldest first.
func (f *follower) read(ctx context.Context, stack string) ([]stackEvent, error) {
	var fresh []stackEvent
	token := ""
	for {
		form := url.Values{"StackName": {stack}}
		if token != "" {
			form.Set("NextToken", token)
		}
		var out struct {
			Events []stackEvent `xml:"StackEvents>member"`
			Next   string       `xml:"NextToken"`
		}
		if err := f.client.cloudformation(ctx, "DescribeStackEvents", form, &out); err != nil {
			return nil, err
		}
		known := false
		for _, e := range out.Events {
			if f.seen[e.ID] {
				known = true
				break
			}
			fresh = append([]stackEvent{e}, fresh...)
		}
		if known || out.Next == "" {
			return fresh, nil
		}
		token = out.Next
	}
}

// until shows events until the stack is at rest, and returns it.
func (f *follower) until(ctx context.Context, stack string) (*stackView, error) {
	for pause := 20 * time.Millisecond; ; pause = min(pause*2, 500*time.Millisecond) {
		view, err := f.client.stackView(ctx, stack)
		if err == nil && view == nil {
			err = fmt.Errorf("the stack %s is gone", stack)
		}
		if err != nil {
			return nil, f.interrupted(ctx, err)
		}
		fresh, err := f.read(ctx, stack)
		if err != nil {
			return nil, f.interrupted(ctx, err)
		}
		for _, e := range fresh {
			f.seen[e.ID] = true
			f.show(e)
			pause = 20 * time.Millisecond
		}
		if !strings.HasSuffix(view.Status, "_IN_PROGRESS") {
			if len(fresh) == 0 {
				return view, nil
			}
			continue // its last event comes with the status
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, f.interrupted(ctx, ctx.Err())
		}
	}
}

// interrupted says that the server goes on.
func (f *follower) interrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		fmt.Fprintln(f.out.err, "salamander: the operation goes on in the server: aws cloudformation describe-stacks shows it")
		return errors.Join(ctx.Err())
	}
	return err
}

func (f *follower) show(e stackEvent) {
	if strings.HasSuffix(e.Status, "_FAILED") {
		f.failed = append(f.failed, e)
	}
	if e.Physical == e.Stack && e.Reason != "" && e.Reason != "User Initiated" {
		f.why = e.Reason
	}
	if e.Reason == "Resource creation Initiated" {
		return // it was begun before
	}
	line := fmt.Sprintf("%7s  %-28s %-34s %s", seconds(e.At.Sub(f.since).Round(10*time.Millisecond)), e.Status, e.Logical, e.Type)
	if e.Reason != "" && e.Reason != "User Initiated" {
		line += "\n         " + e.Reason
	}
	fmt.Fprintln(f.out.out, line)
}

// liveToken returns a request token of a caller that shows events as they come.
func liveToken() string {
	return cloudformation.LiveToken + strconv.FormatInt(time.Now().UnixNano(), 36)
}
