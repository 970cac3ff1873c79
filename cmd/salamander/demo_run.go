package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"salamander/operation"
)

// An executionDetail is what the demo reads of DescribeExecution.
type executionDetail struct {
	ARN    string         `json:"executionArn"`
	Status string         `json:"status"`
	Input  string         `json:"input"`
	Output string         `json:"output"`
	Error  string         `json:"error"`
	Cause  string         `json:"cause"`
	Start  operation.Time `json:"startDate"`
}

// startExecution starts the named execution, or finds it when an earlier run
// of the demo on this data directory started it.
func (a *app) startExecution(ctx context.Context, machine, name string, input json.RawMessage) (string, error) {
	out, err := call[struct {
		ARN string `json:"executionArn"`
	}](ctx, a, "", "states", "StartExecution", document{"stateMachineArn": machine, "name": name, "input": string(input)})
	var already *operation.Error
	if errors.As(err, &already) && already.Code == "ExecutionAlreadyExists" {
		return a.findExecution(ctx, machine, name)
	} else if err != nil {
		return "", err
	}
	return out.ARN, nil
}

func (a *app) findExecution(ctx context.Context, machine, name string) (string, error) {
	out, err := call[struct {
		Executions []struct {
			ARN  string `json:"executionArn"`
			Name string `json:"name"`
		} `json:"executions"`
	}](ctx, a, "", "states", "ListExecutions", document{"stateMachineArn": machine, "maxResults": 1000})
	if err != nil {
		return "", err
	}
	for _, ex := range out.Executions {
		if ex.Name == name {
			return ex.ARN, nil
		}
	}
	return "", fmt.Errorf("execution %q exists and is not listed", name)
}

// follow shows the execution until it ends: a tree that is drawn again and
// again on a terminal, otherwise a line for each state.
func (a *app) follow(ctx context.Context, c *console, arn string) (*executionDetail, error) {
	var line func(time.Time, string)
	if !c.terminal() {
		line = func(at time.Time, text string) {
			fmt.Fprintf(c.out, "  %s  %s\n", at.Local().Format("15:04:05.00"), text)
		}
	}
	tree, drawn := newStateTree(line), 0
	for {
		if err := a.readHistory(ctx, arn, tree); err != nil {
			return nil, err
		}
		if c.terminal() {
			var frame bytes.Buffer
			if drawn > 0 {
				fmt.Fprintf(&frame, "\x1b[%dA\x1b[J", drawn)
			}
			drawn = tree.draw(&frame, time.Now(), c.width())
			if _, err := frame.WriteTo(c.out); err != nil {
				return nil, err
			}
		}
		if tree.ended != "" {
			return call[executionDetail](ctx, a, "", "states", "DescribeExecution", document{"executionArn": arn})
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// readHistory feeds the tree with the whole history. The demo's is short.
func (a *app) readHistory(ctx context.Context, arn string, tree *stateTree) error {
	token := ""
	for {
		in := document{"executionArn": arn, "maxResults": 1000, "includeExecutionData": false}
		if token != "" {
			in["nextToken"] = token
		}
		out, err := call[struct {
			Events []historyEvent `json:"events"`
			Next   string         `json:"nextToken"`
		}](ctx, a, "", "states", "GetExecutionHistory", in)
		if err != nil {
			return err
		}
		tree.add(out.Events)
		if token = out.Next; token == "" {
			return nil
		}
	}
}
