package asl

import (
	"math"
	"strings"
	"time"

	"salamander/internal/value"
)

// scope reads StartAt and States.
func (p *parser) scope(n node) *scope {
	s := &scope{id: len(p.m.scopes), states: map[string]*state{}}
	p.m.scopes = append(p.m.scopes, s)
	n.require("StartAt", "States")
	s.startAt, _ = n.text("StartAt")
	states, ok := n.object("States")
	if !ok {
		return s
	}
	if states.obj.Len() == 0 {
		n.bad("States", "At least one state is required")
	}
	for _, m := range states.obj.Members() {
		if len([]rune(m.Key)) > 80 {
			states.bad(m.Key, "State name must be 80 characters or less")
		}
		one, ok := states.object(m.Key)
		if !ok {
			continue
		}
		if st := p.state(one, s, m.Key); st != nil {
			s.states[m.Key] = st
			s.names = append(s.names, m.Key)
		}
	}
	p.transitions(n, states, s)
	return s
}

// transitions checks that every transition goes to a state of the scope, and
// that every state can be reached.
func (p *parser) transitions(n, states node, s *scope) {
	reached := map[string]bool{s.startAt: true}
	check := func(at node, field, target string) {
		if target == "" {
			return
		}
		reached[target] = true
		if s.states[target] == nil && !states.has(target) {
			hint := ""
			if near := nearest(target, s.names); near != "" {
				hint = "did you mean \"" + near + "\"?"
			}
			at.hint(field, hint, "MISSING_TRANSITION_TARGET: Missing '%s' target: %s", field, target)
		}
	}
	if n.has("StartAt") {
		check(n, "StartAt", s.startAt)
	}
	for _, name := range s.names {
		st := s.states[name]
		one, _ := states.object(name)
		check(one, "Next", st.next)
		if st.choice != nil {
			check(one, "Default", st.choice.fallback)
			for i, rule := range one.objects("Choices") {
				if i < len(st.choice.rules) {
					check(rule, "Next", st.choice.rules[i].next)
				}
			}
		}
		for i, c := range one.objects("Catch") {
			if i < len(st.catch) {
				check(c, "Next", st.catch[i].next)
			}
		}
	}
	for _, name := range s.names {
		if !reached[name] {
			states.bad(name, "MISSING_TRANSITION_TARGET: State \"%s\" is not reachable.", name)
		}
	}
}

// fieldsOf are the fields of each type beside the common ones.
var fieldsOf = map[string]string{
	"Pass":     "Result ResultPath Parameters Next End Assign InputPath OutputPath",
	"Task":     "Resource Parameters ResultSelector ResultPath TimeoutSeconds TimeoutSecondsPath HeartbeatSeconds HeartbeatSecondsPath Retry Catch Credentials Next End Assign InputPath OutputPath",
	"Choice":   "Choices Default Assign InputPath OutputPath",
	"Wait":     "Seconds Timestamp SecondsPath TimestampPath Next End Assign InputPath OutputPath",
	"Succeed":  "InputPath OutputPath",
	"Fail":     "Error Cause ErrorPath CausePath",
	"Parallel": "Branches Parameters ResultSelector ResultPath Retry Catch Next End Assign InputPath OutputPath",
}

func (p *parser) state(n node, s *scope, name string) *state {
	n.require("Type")
	kind, ok := n.text("Type")
	if !ok {
		return nil
	}
	fields, ok := fieldsOf[kind]
	switch {
	case kind == "Map":
		n.bad("Type", "Map states are not implemented yet")
		return nil
	case !ok:
		n.hint("Type", "one of Pass, Task, Choice, Wait, Succeed, Fail, Parallel, Map", "Value is not allowed: %s", kind)
		return nil
	}
	n.known(append(strings.Fields(fields), "Type", "Comment", "QueryLanguage")...)
	n.text("Comment")
	p.queryLanguage(n)
	if n.has("Assign") {
		n.bad("Assign", "Assign and variables are not implemented yet")
	}
	st := &state{name: name, kind: kind, scope: s,
		inputPath: n.pathField("InputPath", false), outputPath: n.pathField("OutputPath", false), resultPath: n.pathField("ResultPath", true),
		parameters: n.template("Parameters"), resultSelector: n.template("ResultSelector"),
	}
	p.flow(n, st)
	st.retry, st.catch = p.retriers(n), p.catchers(n)
	switch kind {
	case "Pass":
		st.pass = &passFields{}
		st.pass.result, st.pass.hasResult = n.obj.Get("Result")
	case "Task":
		st.task = p.task(n)
	case "Choice":
		st.choice = p.choice(n)
	case "Wait":
		st.wait = p.wait(n)
	case "Fail":
		st.fail = p.fail(n)
	case "Parallel":
		n.require("Branches")
		for _, b := range n.objects("Branches") {
			b.known("Comment", "StartAt", "States")
			st.branches = append(st.branches, p.scope(b))
		}
	}
	return st
}

// flow reads Next and End.
func (p *parser) flow(n node, st *state) {
	if st.kind == "Choice" || st.kind == "Succeed" || st.kind == "Fail" {
		st.end = st.kind != "Choice"
		return
	}
	st.next, _ = n.text("Next")
	st.end, _ = n.boolean("End")
	switch {
	case !n.has("Next") && !n.has("End"):
		n.wrong("These fields are required: [Next, End]")
	case n.has("Next") && st.end:
		n.wrong("Only one of Next and End is allowed")
	case !n.has("Next") && !st.end:
		n.bad("End", "Value must be true")
	}
}

func (p *parser) retriers(n node) (all []retrier) {
	for i, r := range n.objects("Retry") {
		r.known("ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy", "Comment")
		out := retrier{errors: errorNames(r, i, len(n.objects("Retry"))), interval: 1, attempts: 3, rate: 2}
		if v, ok := r.integer("IntervalSeconds"); ok {
			if v < 1 {
				r.bad("IntervalSeconds", "Value must be at least 1")
			}
			out.interval = float64(v)
		}
		if v, ok := r.integer("MaxAttempts"); ok {
			if v < 0 || v > maxSeconds {
				r.bad("MaxAttempts", "Value must be between 0 and %d", maxSeconds)
			}
			out.attempts = v
		}
		if v, ok := r.number("BackoffRate"); ok {
			if v < 1 {
				r.bad("BackoffRate", "Value must be at least 1.0")
			}
			out.rate = v
		}
		if v, ok := r.integer("MaxDelaySeconds"); ok {
			if v < 1 || v > 31_622_400 {
				r.bad("MaxDelaySeconds", "Value must be between 1 and 31622400")
			}
			out.maxDelay = float64(v)
		}
		if v, ok := r.text("JitterStrategy"); ok {
			if v != "FULL" && v != "NONE" {
				r.bad("JitterStrategy", "Value is not allowed: need FULL or NONE")
			}
			out.jitter = v == "FULL"
		}
		all = append(all, out)
	}
	return all
}

func (p *parser) catchers(n node) (all []catcher) {
	list := n.objects("Catch")
	for i, c := range list {
		c.known("ErrorEquals", "Next", "ResultPath", "Comment")
		c.require("Next")
		next, _ := c.text("Next")
		all = append(all, catcher{errors: errorNames(c, i, len(list)), next: next, resultPath: c.pathField("ResultPath", true)})
	}
	return all
}

// errorNames reads ErrorEquals: States.ALL must stand alone, and last.
func errorNames(n node, i, count int) []string {
	n.require("ErrorEquals")
	names := n.texts("ErrorEquals")
	if n.has("ErrorEquals") && len(names) == 0 {
		n.bad("ErrorEquals", "At least one error name is required")
	}
	if contains(names, "States.ALL") {
		if len(names) > 1 {
			n.bad("ErrorEquals", "States.ALL must appear alone")
		}
		if i != count-1 {
			n.bad("ErrorEquals", "States.ALL must be in the last element")
		}
	}
	return names
}

func (p *parser) task(n node) *taskFields {
	t := &taskFields{}
	n.require("Resource")
	if s, ok := n.text("Resource"); ok {
		t.resource, ok = parseResource(s)
		if !ok {
			n.bad("Resource", "Value is not a valid resource ARN")
		}
		if p.m.opt.Express {
			switch t.resource.Pattern {
			case Sync, Sync2:
				n.bad("Resource", "Express state machine does not support '.%s' service integration", t.resource.Pattern)
			case WaitForToken:
				n.bad("Resource", "Express state machine does not support '.waitForTaskToken' service integration ")
			}
			if t.resource.Kind == ActivityTask {
				n.bad("Resource", "Express state machine does not support activities")
			}
		}
	}
	seconds := func(field string) time.Duration {
		v, ok := n.integer(field)
		if ok && (v < 1 || v > maxSeconds) {
			n.bad(field, "Value must be between 1 and %d", maxSeconds)
			return 0
		}
		return time.Duration(v) * time.Second
	}
	t.timeout, t.heartbeat = seconds("TimeoutSeconds"), seconds("HeartbeatSeconds")
	t.timeoutPath, t.heartbeatPath = n.onlyPath("TimeoutSecondsPath", true), n.onlyPath("HeartbeatSecondsPath", true)
	if n.has("TimeoutSeconds") && n.has("TimeoutSecondsPath") {
		n.wrong("Only one of TimeoutSeconds and TimeoutSecondsPath is allowed")
	}
	if n.has("HeartbeatSeconds") && n.has("HeartbeatSecondsPath") {
		n.wrong("Only one of HeartbeatSeconds and HeartbeatSecondsPath is allowed")
	}
	if t.timeout > 0 && t.heartbeat >= t.timeout {
		n.bad("HeartbeatSeconds", "HeartbeatSeconds must be smaller than TimeoutSeconds")
	}
	if c, ok := n.object("Credentials"); ok {
		if !c.has("RoleArn") && !c.has("RoleArn.$") {
			c.wrong("The field 'RoleArn' is required but was missing")
		}
		t.credentials = n.template("Credentials")
	}
	return t
}

// parseResource takes a Resource apart.
func parseResource(s string) (Integration, bool) {
	part := strings.SplitN(s, ":", 7)
	if len(part) < 6 || part[0] != "arn" {
		return Integration{Resource: s}, false
	}
	rest := strings.Join(part[5:], ":")
	in := Integration{Resource: s}
	switch {
	case part[2] == "lambda":
		in.Kind, in.Function = LambdaTask, s
		return in, strings.HasPrefix(rest, "function:")
	case part[2] == "states" && strings.HasPrefix(rest, "activity:"):
		in.Kind, in.Activity = ActivityTask, s
		return in, true
	case part[2] != "states":
		return in, false
	}
	in.Kind = ServiceTask
	if sdk, ok := strings.CutPrefix(rest, "aws-sdk:"); ok {
		in.Kind, rest = SDKTask, sdk
	}
	for _, pattern := range []Pattern{Sync2, Sync, WaitForToken} {
		if cut, ok := strings.CutSuffix(rest, "."+string(pattern)); ok {
			in.Pattern, rest = pattern, cut
			break
		}
	}
	var ok bool
	in.Service, in.Action, ok = strings.Cut(rest, ":")
	return in, ok && in.Service != "" && in.Action != ""
}

func (p *parser) wait(n node) *waitFields {
	w := &waitFields{secondsPath: n.onlyPath("SecondsPath", true), timestampPath: n.onlyPath("TimestampPath", true)}
	if v, ok := n.integer("Seconds"); ok {
		if v < 0 || v > maxSeconds {
			n.bad("Seconds", "Value must be between 0 and %d", maxSeconds)
		}
		w.seconds = &v
	}
	if s, ok := n.text("Timestamp"); ok {
		at, err := parseTimestamp(s)
		if err != nil {
			n.bad("Timestamp", "String does not match RFC3339 timestamp")
		}
		w.timestamp = &at
	}
	count := 0
	for _, f := range []string{"Seconds", "SecondsPath", "Timestamp", "TimestampPath"} {
		if n.has(f) {
			count++
		}
	}
	if count != 1 {
		n.wrong("Exactly one of these fields is required: [Seconds, SecondsPath, Timestamp, TimestampPath]")
	}
	return w
}

func (p *parser) fail(n node) *failFields {
	f := &failFields{errPath: n.expression("ErrorPath"), causePath: n.expression("CausePath")}
	if s, ok := n.text("Error"); ok {
		f.err = &s
	}
	if s, ok := n.text("Cause"); ok {
		f.cause = &s
	}
	for _, pair := range [][2]string{{"Error", "ErrorPath"}, {"Cause", "CausePath"}} {
		if n.has(pair[0]) && n.has(pair[1]) {
			n.wrong("Only one of %s and %s is allowed", pair[0], pair[1])
		}
	}
	return f
}

func (p *parser) choice(n node) *choiceFields {
	c := &choiceFields{}
	n.require("Choices")
	c.fallback, _ = n.text("Default")
	rules := n.objects("Choices")
	if n.has("Choices") && len(rules) == 0 {
		n.bad("Choices", "At least one Choice Rule is required")
	}
	for _, r := range rules {
		r.require("Next")
		rule := choiceRule{test: p.rule(r, true, 0)}
		rule.next, _ = r.text("Next")
		c.rules = append(c.rules, rule)
	}
	return c
}

// maxRuleDepth is how deep And, Or and Not may nest.
const maxRuleDepth = 100

// rule compiles one Choice Rule; only the outermost has Next.
func (p *parser) rule(n node, outer bool, depth int) test {
	never := func(*env) (bool, *failure) { return false, nil }
	if depth > maxRuleDepth {
		n.wrong("Choice Rules nest deeper than %d", maxRuleDepth)
		return never
	}
	allowed := []string{"Comment"}
	if outer {
		allowed = append(allowed, "Next")
		n.text("Next")
	}
	var found string
	for _, m := range n.obj.Members() {
		switch {
		case contains(allowed, m.Key) || m.Key == "Variable":
		case found != "":
			n.bad(m.Key, "Only one comparison operator is allowed in a Choice Rule")
		default:
			found = m.Key
		}
	}
	switch found {
	case "":
		n.wrong("A Choice Rule needs a comparison operator")
		return never
	case "And", "Or":
		list := n.objects(found)
		if len(list) == 0 {
			n.bad(found, "At least one Choice Rule is required")
		}
		var tests []test
		for _, sub := range list {
			tests = append(tests, p.rule(sub, false, depth+1))
		}
		if found == "And" {
			return allOf(tests)
		}
		return anyOf(tests)
	case "Not":
		sub, ok := n.object("Not")
		if !ok {
			return never
		}
		return not(p.rule(sub, false, depth+1))
	}
	return p.comparison(n, found)
}

func (p *parser) comparison(n node, name string) test {
	never := func(*env) (bool, *failure) { return false, nil }
	n.require("Variable")
	variable := n.onlyPath("Variable", false)
	if variable == nil {
		return never
	}
	operand, _ := n.obj.Get(name)
	if name == "IsPresent" {
		want, ok := n.boolean(name)
		if !ok {
			return never
		}
		return present(variable, want)
	}
	base, isPath := strings.CutSuffix(name, "Path")
	op, ok := operators[base]
	if !ok || isPath && !hasPathForm(base) {
		n.bad(name, "Field is not supported")
		return never
	}
	if isPath {
		path := n.onlyPath(name, false)
		if path == nil {
			return never
		}
		return comparison(variable, op, nil, path)
	}
	if !op.want.is(operand) {
		n.bad(name, "Expected value of type %s", op.want)
		return never
	}
	return comparison(variable, op, operand, nil)
}

// backoff is the delay before the n-th retry (from 0), in seconds.
func (r *retrier) backoff(n int64, random *random) time.Duration {
	d := r.interval * math.Pow(r.rate, float64(n))
	if r.maxDelay > 0 {
		d = min(d, r.maxDelay)
	}
	d = min(d, maxSeconds)
	if r.jitter {
		d *= random.float()
	}
	return time.Duration(d * float64(time.Second))
}

// covers reports whether ErrorEquals names the error.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
func covers(names []string, f *failure) bool {
	for _, name := range names {
		switch {
		case name == f.name:
			return true
		case name == "States.ALL":
			return f.name != "States.DataLimitExceeded" && f.name != "States.Runtime"
		case name == "States.TaskFailed":
			if f.task && f.name != "States.Timeout" {
				return true
			}
		case name == "States.Timeout" && f.name == "States.HeartbeatTimeout":
			return true
		}
	}
	return false
}

// asText returns a JSON string's content.
func asText(v value.Value) (string, bool) {
	s, ok := v.(string)
	return s, ok
}
