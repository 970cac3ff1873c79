package turnlog_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
)

// definition makes up a state machine.
func definition(random *rand.Rand) string {
	g := generator{random: random}
	b, err := json.Marshal(g.machine(0))
	if err != nil {
		panic(err)
	}
	return string(b)
}

type object = map[string]any

type generator struct {
	random *rand.Rand
	n      int
}

// machine is a chain of states, with others in it to some depth.
func (g *generator) machine(depth int) object {
	names := make([]string, 1+g.random.IntN(4))
	for i := range names {
		g.n++
		names[i] = fmt.Sprint("S", g.n)
	}
	states := object{}
	for i, name := range names {
		st := g.state(depth)
		if i+1 < len(names) {
			st["Next"] = names[i+1]
		} else {
			st["End"] = true
		}
		states[name] = st
	}
	return object{"StartAt": names[0], "States": states}
}

func (g *generator) state(depth int) object {
	kind := g.random.IntN(8)
	if depth == 2 {
		kind %= 6
	}
	switch kind {
	case 0:
		return object{"Type": "Pass"}
	case 1:
		return object{"Type": "Wait", "Seconds": 1 + g.random.IntN(15)}
	case 2, 3, 4:
		st := object{"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:listActivities", "ResultPath": "$.r",
			"Retry": []object{{"ErrorEquals": []string{"Flaky"}, "IntervalSeconds": 1, "MaxAttempts": g.random.IntN(4)}}}
		if g.random.IntN(2) == 0 {
			st["TimeoutSeconds"] = 1 + g.random.IntN(5)
		}
		if g.random.IntN(2) == 0 {
			g.n++
			name := fmt.Sprint("C", g.n)
			return g.caught(name, st)
		}
		return st
	case 5:
		return object{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "ResultPath": "$.r",
			"Parameters": object{"FunctionName": "f", "Payload": object{"token.$": "$$.Task.Token"}}, "TimeoutSeconds": 3600}
	case 6:
		return object{"Type": "Parallel", "ResultPath": "$.p", "Branches": []object{g.machine(depth + 1), g.machine(depth + 1)}}
	}
	return object{"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": g.random.IntN(3), "ResultPath": "$.m",
		"ItemSelector": object{"items.$": "$.items"}, "ItemProcessor": g.machine(depth + 1)}
}

// caught puts a task whose every error is caught into a branch of its own, so
// that its catcher has a state to go to.
func (g *generator) caught(name string, task object) object {
	g.n++
	inner := fmt.Sprint("S", g.n)
	task["Catch"] = []object{{"ErrorEquals": []string{"States.ALL"}, "ResultPath": "$.e", "Next": name}}
	task["End"] = true
	return object{"Type": "Parallel", "ResultPath": "$.c", "Branches": []object{{"StartAt": inner,
		"States": object{inner: task, name: object{"Type": "Pass", "End": true}}}}}
}
