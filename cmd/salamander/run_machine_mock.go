package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"salamander/internal/value"
)

// mocks answer the tasks of a local run, by the name of the state.
type mocks map[string]*mockResults

// mockResults are the results of one state in order. The last one repeats.
type mockResults struct {
	list []mockResult
	used int
}

// A mockResult is one result, for all attempts up to a number.
type mockResult struct {
	until  int             // the number of the first attempt that it is not for
	output json.RawMessage // nil if it throws
	err    string
	cause  *string
	delay  time.Duration // until it is there
}

// next gives the result of the next attempt.
func (m *mockResults) next() mockResult {
	at := m.used
	m.used++
	for _, r := range m.list {
		if at < r.until {
			return r
		}
	}
	return m.list[len(m.list)-1]
}

// parseMocks reads a mock file. It gives by state name a list of results,
//
//	{"Pay": [{"Throw": {"Error": "Busy", "Cause": "try later"}}, {"Return": {"paid": true}}]}
//
// a single result, or an object of results by their numbers, {"0-2": …, "3": …};
// or it is a mock configuration of Step Functions Local, of which machine and
// testCase, written as CASE or MACHINE#CASE, choose a test case. A result may
// come late: "DelaySeconds": 2.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/sfn-local-mock-cfg-file.html
func parseMocks(text []byte, machine, testCase string) (mocks, error) {
	root, _, dups, err := value.ParsePositions(text)
	if err != nil {
		return nil, err
	}
	if len(dups) > 0 {
		return nil, fmt.Errorf("key %q is there twice", dups[0].Key)
	}
	o, ok := root.(*value.Object)
	if !ok {
		return nil, fmt.Errorf("need an object of results by state name")
	}
	if _, local := o.Get("StateMachines"); local {
		if o, err = chooseTestCase(o, machine, testCase); err != nil {
			return nil, err
		}
	} else if testCase != "" {
		return nil, fmt.Errorf("--test-case %q: the file has no StateMachines and so no test cases", testCase)
	}
	all := mocks{}
	for _, m := range o.Members() {
		results, err := parseMockResults(m.Value)
		if err != nil {
			return nil, fmt.Errorf("state %q: %w", m.Key, err)
		}
		all[m.Key] = &mockResults{list: results}
	}
	return all, nil
}

// chooseTestCase turns one test case of a mock configuration of Step Functions
// Local into an object of results by state name.
func chooseTestCase(o *value.Object, machine, testCase string) (*value.Object, error) {
	machines, _ := member(o, "StateMachines").(*value.Object)
	responses, _ := member(o, "MockedResponses").(*value.Object)
	if machines == nil || responses == nil {
		return nil, fmt.Errorf("need the objects StateMachines and MockedResponses")
	}
	if name, rest, ok := strings.Cut(testCase, "#"); ok {
		machine, testCase = name, rest
	} else if _, named := machines.Get(machine); !named && machines.Len() == 1 {
		machine = machines.Members()[0].Key
	}
	cases, ok := member(member(machines, machine), "TestCases").(*value.Object)
	if !ok {
		return nil, fmt.Errorf("no test cases of a machine %q: choose one by --test-case MACHINE#CASE (machines: %s)", machine, keys(machines))
	}
	if testCase == "" && cases.Len() == 1 {
		testCase = cases.Members()[0].Key
	}
	chosen, ok := member(cases, testCase).(*value.Object)
	if !ok {
		return nil, fmt.Errorf("no test case %q of machine %q: choose one by --test-case (cases: %s)", testCase, machine, keys(cases))
	}
	byState := new(value.Object)
	for _, m := range chosen.Members() {
		name, _ := m.Value.(string)
		response, ok := responses.Get(name)
		if !ok {
			return nil, fmt.Errorf("test case %q, state %q: no mocked response %q", testCase, m.Key, value.Text(m.Value))
		}
		byState.Set(m.Key, response)
	}
	return byState, nil
}

func keys(o *value.Object) string {
	var names []string
	for _, m := range o.Members() {
		names = append(names, strconv.Quote(m.Key))
	}
	return strings.Join(names, ", ")
}

// parseMockResults reads the results of one state.
func parseMockResults(v value.Value) ([]mockResult, error) {
	var results []mockResult
	switch v := v.(type) {
	case value.Array:
		for i, one := range v {
			r, err := parseMockResult(one)
			if err != nil {
				return nil, fmt.Errorf("result %d: %w", i, err)
			}
			r.until = i + 1
			results = append(results, r)
		}
	case *value.Object:
		if _, ok := v.Get("Return"); ok || member(v, "Throw") != nil {
			r, err := parseMockResult(v)
			r.until = 1
			return []mockResult{r}, err
		}
		return parseMockRanges(v)
	default:
		return nil, fmt.Errorf("need a list of results")
	}
	if len(results) == 0 {
		return nil, fmt.Errorf("need at least one result")
	}
	return results, nil
}

// parseMockRanges reads results by their numbers, "0" or "1-2".
func parseMockRanges(o *value.Object) ([]mockResult, error) {
	type ranged struct {
		from   int
		result mockResult
	}
	var all []ranged
	for _, m := range o.Members() {
		from, to, isRange := strings.Cut(m.Key, "-")
		if !isRange {
			to = from
		}
		first, err1 := strconv.ParseUint(from, 10, 31)
		last, err2 := strconv.ParseUint(to, 10, 31)
		if err1 != nil || err2 != nil || last < first {
			return nil, fmt.Errorf("got member %q; need Return or Throw, or numbers such as \"0\" and \"1-2\"", m.Key)
		}
		r, err := parseMockResult(m.Value)
		if err != nil {
			return nil, fmt.Errorf("result %q: %w", m.Key, err)
		}
		r.until = int(last) + 1
		all = append(all, ranged{int(first), r})
	}
	slices.SortFunc(all, func(a, b ranged) int { return a.from - b.from })
	var results []mockResult
	next := 0
	for _, r := range all {
		if r.from != next {
			return nil, fmt.Errorf("results are numbered from 0 without gaps: got %d; want %d", r.from, next)
		}
		next = r.result.until
		results = append(results, r.result)
	}
	if len(results) == 0 {
		return nil, fmt.Errorf("need at least one result")
	}
	return results, nil
}

// parseMockResult reads {"Return": any} or {"Throw": {"Error", "Cause"}}.
func parseMockResult(v value.Value) (mockResult, error) {
	r := mockResult{}
	o, ok := v.(*value.Object)
	if !ok {
		return r, fmt.Errorf("need an object with Return or Throw")
	}
	done := false
	for _, m := range o.Members() {
		switch m.Key {
		case "Return", "Throw":
			if done {
				return r, fmt.Errorf("need one of Return and Throw, not both")
			}
			done = true
			if m.Key == "Return" {
				r.output = json.RawMessage(value.Text(m.Value))
			} else if err := r.parseThrow(m.Value); err != nil {
				return r, err
			}
		case "DelaySeconds":
			n, ok := m.Value.(value.Number)
			if s := n.Float64(); !ok || s < 0 || s > 1e9 {
				return r, fmt.Errorf("got %s for DelaySeconds; need a number of seconds", value.Text(m.Value))
			}
			r.delay = time.Duration(n.Float64() * float64(time.Second))
		default:
			return r, fmt.Errorf("unknown member %q; need Return or Throw", m.Key)
		}
	}
	if !done {
		return r, fmt.Errorf("need Return or Throw")
	}
	return r, nil
}

func (r *mockResult) parseThrow(v value.Value) error {
	o, ok := v.(*value.Object)
	if !ok {
		return fmt.Errorf("need an object with Error and Cause for Throw")
	}
	for _, m := range o.Members() {
		s, ok := m.Value.(string)
		switch {
		case !ok:
			return fmt.Errorf("got %s for the %s of Throw; need a string", value.Text(m.Value), m.Key)
		case m.Key == "Error":
			r.err = s
		case m.Key == "Cause":
			r.cause = &s
		default:
			return fmt.Errorf("unknown member %q of Throw; need Error and Cause", m.Key)
		}
	}
	if r.err == "" {
		return fmt.Errorf("need an Error for Throw")
	}
	return nil
}

// check reports tasks without results, and results without tasks.
func (m mocks) check(definition []byte) error {
	var missing []string
	tasks := map[string]bool{}
	eachState(definition, func(name, kind string) {
		if kind != "Task" {
			return
		}
		tasks[name] = true
		if m[name] == nil {
			missing = append(missing, strconv.Quote(name))
		}
	})
	var unknown []string
	for name := range m {
		if !tasks[name] {
			unknown = append(unknown, strconv.Quote(name))
		}
	}
	slices.Sort(unknown)
	switch {
	case len(unknown) > 0:
		return exitf(exitUsage, "--mock: no Task state named %s", strings.Join(unknown, ", "))
	case len(missing) > 0:
		return exitf(exitUsage, "no result for %s %s: tasks are not called here, so give their results by --mock FILE (see salamander run --help)",
			map[bool]string{true: "the Task state", false: "the Task states"}[len(missing) == 1], strings.Join(missing, ", "))
	}
	return nil
}
