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
			var err error
			if drawn, err = c.redraw(tree, drawn); err != nil {
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

// redraw draws the tree in the place of the last drawn lines, and returns how
// many it took. While the execution runs, a tree that is higher than the
// terminal shows its end, since what has scrolled away cannot be drawn again.
func (c *console) redraw(tree *stateTree, drawn int) (int, error) {
	columns, rows := c.size()
	var text, frame bytes.Buffer
	lines := tree.draw(&text, time.Now(), columns)
	if drawn > 0 {
		fmt.Fprintf(&frame, "\x1b[%dA", drawn)
	}
	if hidden := lines - (rows - 2); hidden > 0 && tree.ended == "" {
		fmt.Fprintf(&frame, "  … %d lines above\x1b[K\n", hidden)
		for range hidden {
			if _, err := text.ReadBytes('\n'); err != nil {
				return 0, err
			}
		}
		lines -= hidden - 1
	}
	frame.Write(bytes.ReplaceAll(text.Bytes(), []byte("\n"), []byte("\x1b[K\n"))) // erase to the end of each line
	frame.WriteString("\x1b[J")                                                   // and what is below
	_, err := frame.WriteTo(c.out)
	return lines, err
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
