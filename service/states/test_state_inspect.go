package states

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// answer tells how the state ended.
func (t *tested) answer() *TestStateOutput {
	out := &TestStateOutput{Status: t.status, Output: t.output, Error: t.errorName, Cause: t.cause}
	if t.exit != "" {
		out.NextState = t.exits[t.exit].next
	}
	return out
}

// stage runs a Pass state of the given members: one step of the tested
// state's data. It returns "" where the step fails.
func (t *tested) stage(input string, members map[string]json.RawMessage) string {
	pass := map[string]json.RawMessage{"Type": json.RawMessage(`"Pass"`), "End": json.RawMessage(`true`), "QueryLanguage": t.members["QueryLanguage"]}
	for name, v := range members {
		pass[name] = v
	}
	for name, v := range pass {
		if v == nil {
			delete(pass, name)
		}
	}
	one := tested{name: t.name, kind: "Pass", members: pass, input: input, context: t.context, variables: t.variables, now: t.now, caller: t.caller}
	if one.run(context.Background(), nil) != nil || one.output == nil {
		return ""
	}
	return *one.output
}

// path returns what a path of a field selects, in the text it was given in
// where it is a plain path; "" where it selects nothing.
func (t *tested) path(input string, path json.RawMessage) string {
	var source string
	if json.Unmarshal(path, &source) == nil {
		root, rest := json.RawMessage(input), strings.TrimPrefix(source, "$")
		switch {
		case strings.HasPrefix(source, "$$"):
			root, rest = t.context.Given, source[2:]
		case rest != "" && rest[0] != '.' && rest[0] != '[':
			return t.stage(input, map[string]json.RawMessage{"InputPath": path})
		}
		if found := follow(root, rest); found != nil {
			return string(found)
		}
	}
	return t.stage(input, map[string]json.RawMessage{"InputPath": path})
}

// follow follows a plain path of names and indexes; nil where it is another
// or leads nowhere.
func follow(doc json.RawMessage, path string) json.RawMessage {
	for path != "" {
		end := len(path)
		if i := strings.IndexAny(path[1:], ".["); i >= 0 {
			end = i + 1
		}
		step := path[:end]
		path = path[end:]
		if step[0] == '.' {
			var object map[string]json.RawMessage
			if len(step) == 1 || strings.ContainsAny(step, "*?@()\\'\"") || json.Unmarshal(doc, &object) != nil {
				return nil
			}
			doc = object[step[1:]]
		} else {
			var list []json.RawMessage
			n, err := strconv.Atoi(strings.TrimSuffix(step[1:], "]"))
			if err != nil || json.Unmarshal(doc, &list) != nil || n < 0 || n >= len(list) {
				return nil
			}
			doc = list[n]
		}
	}
	return doc
}

// afterInputPath returns what the InputPath selects.
func (t *tested) afterInputPath() string {
	path := t.members["InputPath"]
	switch {
	case path == nil:
		return t.input
	case string(path) == "null":
		return "{}"
	}
	return t.path(t.input, path)
}

// inspect tells the data between the steps of the state.
func (t *tested) inspect() *InspectionData {
	d := &InspectionData{Input: t.input}
	if len(t.assigned) > 0 {
		d.Variables = string(text(t.assigned))
	}
	if t.details != (ErrorDetails{}) {
		d.ErrorDetails = &t.details
	}
	if t.kind == "Map" {
		if t.inspectMap(d); t.mapping == nil {
			return d
		}
	}
	if t.jsonata {
		if t.kind == "Task" {
			d.AfterArguments, d.Result = t.parameters, t.result
		}
		return d
	}
	t.inspectPaths(d)
	return d
}

// inspectPaths tells the steps of a state of JSONPath.
func (t *tested) inspectPaths(d *InspectionData) {
	type steps = map[string]json.RawMessage
	_, fixed := t.members["Result"]
	if t.kind != "Parallel" && !fixed {
		d.AfterInputPath = t.afterInputPath()
	}
	switch {
	case t.kind == "Pass" && fixed:
		d.Result = string(t.members["Result"])
		d.AfterResultSelector = d.Result
	case t.kind == "Pass":
		if d.AfterParameters = d.AfterInputPath; t.members["Parameters"] != nil {
			d.AfterParameters = t.stage(t.input, steps{"InputPath": t.members["InputPath"], "Parameters": t.members["Parameters"]})
		}
		d.AfterResultSelector = d.AfterParameters
	case t.kind == "Task", t.kind == "Parallel", t.kind == "Map":
		if t.kind == "Task" {
			d.AfterParameters, d.Result = t.parameters, t.result
		}
		if t.result == "" {
			return
		}
		if d.AfterResultSelector = t.result; t.members["ResultSelector"] != nil {
			d.AfterResultSelector = t.stage(t.result, steps{"Parameters": t.members["ResultSelector"]})
		}
	default:
		return
	}
	switch path := string(t.members["ResultPath"]); {
	case path == "" || path == `"$"`:
		d.AfterResultPath = d.AfterResultSelector
	case d.AfterResultSelector != "":
		d.AfterResultPath = t.stage(t.input, steps{"Result": json.RawMessage(d.AfterResultSelector), "ResultPath": t.members["ResultPath"]})
	}
}

// String names the state in errors.
func (t *tested) String() string { return fmt.Sprintf("state %q", t.name) }
