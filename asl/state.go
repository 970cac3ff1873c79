package asl

import (
	"strings"
	"time"

	"salamander/internal/value"
)

// state reads one state.
func (b *builder) state(name string, o *value.Object, s *scope, w where) *state {
	st := &state{name: name, scope: s}
	if _, ok := o.Get("Type"); !ok {
		b.fail(w, "These fields are required: [Type]")
		return st
	}
	st.kind = b.string(o, w, "Type")
	known, ok := fieldsOf(st.kind)
	if !ok {
		b.fail(w.key("Type"), "Value must be one of: [Pass, Task, Choice, Wait, Succeed, Fail, Parallel, Map]")
		return st
	}
	outer, depth, kind := b.jsonata, b.depth, b.kind
	defer func() { b.jsonata, b.depth, b.kind = outer, depth, kind }()
	b.jsonata, b.depth, b.kind = b.language(o, w) == JSONata, w.len(), st.kind
	st.jsonata = b.jsonata
	b.known(o, w, known)
	b.string(o, w, "Comment")
	b.common(st, o, w, known)
	switch st.kind {
	case "Pass":
		st.pass = new(passFields)
		if !st.jsonata {
			st.pass.result, st.pass.hasResult = o.Get("Result")
		}
	case "Task":
		b.task(st, o, w)
	case "Choice":
		b.choice(st, o, w)
	case "Wait":
		b.wait(st, o, w)
	case "Fail":
		b.failState(st, o, w)
	case "Parallel":
		b.parallel(st, o, w)
	case "Map":
		b.mapState(st, o, w)
	}
	return st
}

// common reads what several types share.
func (b *builder) common(st *state, o *value.Object, w where, known []Field) {
	if st.jsonata {
		st.parameters = b.template(o, w, "Arguments")
		st.output = b.template(o, w, "Output")
	} else {
		st.inputPath = b.pathField(o, w, "InputPath")
		st.outputPath = b.pathField(o, w, "OutputPath")
		st.resultPath = b.pathField(o, w, "ResultPath")
		st.parameters = b.template(o, w, "Parameters")
		st.resultSelector = b.template(o, w, "ResultSelector")
	}
	if hasField(known, "Assign") {
		st.assign = b.assign(o, w)
	}
	if hasField(known, "Retry") {
		b.retriers(st, o, w)
		b.catchers(st, o, w)
	}
	if !hasField(known, "Next") {
		return
	}
	st.next = b.string(o, w, "Next")
	st.end = b.boolean(o, w, "End")
	_, hasNext := o.Get("Next")
	switch {
	case hasNext && st.end:
		b.fail(w, "Only one of these fields is allowed: [Next, End]")
	case !hasNext && !st.end:
		b.fail(w, "One of these fields is required: [Next, End]")
		st.end = true // so that no end is missed a second time
	}
}

func (b *builder) assign(o *value.Object, w where) *template {
	vars, ok := b.object(o, w, "Assign")
	if !ok {
		return nil
	}
	bad := func(key, name string) {
		b.atKey(b.fail(w.key("Assign"), "'%s' is not a valid variable name", name), w.key("Assign"), key)
	}
	for _, m := range vars.Members() {
		name := m.Key
		if !b.jsonata {
			name = strings.TrimSuffix(m.Key, ".$")
		}
		if n := len([]rune(name)); n == 0 || n > 80 || name == "states" {
			bad(m.Key, name)
		}
		for i, r := range name {
			if !nameRune(r, i == 0) {
				bad(m.Key, name)
				break
			}
		}
	}
	return b.template(o, w, "Assign")
}

// errorNames reads ErrorEquals.
func (b *builder) errorNames(o *value.Object, w where, last bool) []string {
	list, ok := b.array(o, w, "ErrorEquals")
	if !ok {
		if _, has := o.Get("ErrorEquals"); !has {
			b.fail(w, "These fields are required: [ErrorEquals]")
		}
		return nil
	}
	if len(list) == 0 {
		b.fail(w.key("ErrorEquals"), "At least one error name is required")
	}
	var names []string
	for i, v := range list {
		s, ok := v.(string)
		if !ok {
			b.fail(w.key("ErrorEquals").at(i), "Expected value of type String")
			continue
		}
		if s == "States.ALL" && (len(list) > 1 || !last) {
			b.fail(w.key("ErrorEquals"), "'States.ALL' must appear alone and in the last element")
		}
		names = append(names, s)
	}
	return names
}

// each calls f with the objects of a list.
func (b *builder) each(o *value.Object, w where, name string, f func(o *value.Object, w where, last bool)) {
	list, _ := b.array(o, w, name)
	for i, v := range list {
		at := w.key(name).at(i)
		sub, ok := v.(*value.Object)
		if !ok {
			b.fail(at, "Expected value of type Object")
			continue
		}
		f(sub, at, i == len(list)-1)
	}
}

func (b *builder) retriers(st *state, o *value.Object, w where) {
	b.each(o, w, "Retry", func(o *value.Object, w where, last bool) {
		b.known(o, w, retryFields)
		r := retrier{errors: b.errorNames(o, w, last), interval: 1, attempts: 3, rate: 2}
		if n, ok := b.integer(o, w, "IntervalSeconds", 1, 99999999); ok {
			r.interval = float64(n)
		}
		if n, ok := b.integer(o, w, "MaxAttempts", 0, 99999999); ok {
			r.attempts = n
		}
		if v, ok := o.Get("BackoffRate"); ok {
			n, is := v.(value.Number)
			if !is || n.Float64() < 1 {
				b.fail(w.key("BackoffRate"), "Value must be a number of at least 1.0")
			} else {
				r.rate = n.Float64()
			}
		}
		if n, ok := b.integer(o, w, "MaxDelaySeconds", 1, 31622400); ok {
			r.maxDelay = float64(n)
			if r.maxDelay <= r.interval {
				b.fail(w.key("MaxDelaySeconds"), "Value must be greater than IntervalSeconds")
			}
		}
		switch j := b.string(o, w, "JitterStrategy"); j {
		case "", "NONE":
		case "FULL":
			r.jitter = true
		default:
			b.fail(w.key("JitterStrategy"), "Value must be one of: [FULL, NONE]")
		}
		st.retry = append(st.retry, r)
	})
}

func (b *builder) catchers(st *state, o *value.Object, w where) {
	b.each(o, w, "Catch", func(o *value.Object, w where, last bool) {
		b.known(o, w, catchFields)
		c := catcher{errors: b.errorNames(o, w, last), next: b.required(o, w, "Next")}
		if b.jsonata {
			c.output = b.template(o, w, "Output")
		} else {
			c.resultPath = b.pathField(o, w, "ResultPath")
		}
		c.assign = b.assign(o, w)
		st.catch = append(st.catch, c)
	})
}

// required reads a string that must be there.
func (b *builder) required(o *value.Object, w where, name string) string {
	if _, ok := o.Get(name); !ok {
		b.fail(w, "These fields are required: [%s]", name)
	}
	return b.string(o, w, name)
}

// one reports when more than one of the fields is there, or none and it must.
func (b *builder) one(o *value.Object, w where, must bool, names ...string) {
	n := 0
	for _, name := range names {
		if _, ok := o.Get(name); ok {
			n++
		}
	}
	switch {
	case n > 1:
		b.fail(w, "Only one of these fields is allowed: [%s]", strings.Join(names, ", "))
	case n == 0 && must:
		b.fail(w, "One of these fields is required: [%s]", strings.Join(names, ", "))
	}
}

func (b *builder) task(st *state, o *value.Object, w where) {
	t := new(taskFields)
	st.task = t
	resource := b.required(o, w, "Resource")
	if _, has := o.Get("Resource"); has {
		in, err := parseResource(resource)
		if err != nil {
			b.fail(w.key("Resource"), "Value is not a valid resource ARN").Hint = err.Error()
		} else if (in.Kind == ServiceTask || in.Kind == SDKTask) && !in.recognized() {
			e := b.fail(w.key("Resource"), "The resource provided %s is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.", resource)
			if near := nearOptimized(in); in.Kind == ServiceTask && near != "" && near != in.Service+":"+in.Action {
				e.Hint = "did you mean \"arn:aws:states:::" + near + "\"?"
			} else if in.Kind == ServiceTask && optimized[in.Service+":"+in.Action] == "" {
				e.Hint = "operations that have no optimized integration are called by arn:aws:states:::aws-sdk:" + in.Service + ":" + in.Action
			}
		}
		t.resource = in
		if b.m.opt.Express {
			switch {
			case in.Pattern == Sync || in.Pattern == Sync2:
				b.fail(w.key("Resource"), "Express state machine does not support '.%s' service integration", in.Pattern)
			case in.Pattern == WaitForToken:
				b.fail(w.key("Resource"), "Express state machine does not support '.%s' service integration ", in.Pattern)
			case in.Kind == ActivityTask:
				b.fail(w.key("Resource"), "Express state machine does not support activities")
			}
		}
	}
	b.one(o, w, false, "TimeoutSeconds", "TimeoutSecondsPath")
	b.one(o, w, false, "HeartbeatSeconds", "HeartbeatSecondsPath")
	if t.timeoutQuery = b.query(o, w, "TimeoutSeconds"); t.timeoutQuery != nil {
	} else if n, ok := b.integer(o, w, "TimeoutSeconds", 1, 99999999); ok {
		t.timeout = time.Duration(n) * time.Second
	}
	if t.heartbeatQuery = b.query(o, w, "HeartbeatSeconds"); t.heartbeatQuery != nil {
	} else if n, ok := b.integer(o, w, "HeartbeatSeconds", 1, 99999999); ok {
		t.heartbeat = time.Duration(n) * time.Second
		if t.timeout > 0 && t.heartbeat >= t.timeout {
			b.fail(w.key("HeartbeatSeconds"), "HeartbeatSeconds must be smaller than TimeoutSeconds")
		}
	}
	if !b.jsonata {
		t.timeoutPath = b.path(o, w, "TimeoutSecondsPath")
		t.heartbeatPath = b.path(o, w, "HeartbeatSecondsPath")
	}
	if c, ok := b.object(o, w, "Credentials"); ok {
		_, plain := c.Get("RoleArn")
		_, path := c.Get("RoleArn.$")
		if !plain && (!path || b.jsonata) {
			b.fail(w.key("Credentials"), "The field 'RoleArn' is required but was missing")
		}
		t.credentials = b.template(o, w, "Credentials")
	}
}

func (b *builder) wait(st *state, o *value.Object, w where) {
	f := new(waitFields)
	st.wait = f
	b.one(o, w, true, "Seconds", "SecondsPath", "Timestamp", "TimestampPath")
	if f.secondsQuery = b.query(o, w, "Seconds"); f.secondsQuery != nil {
	} else if n, ok := b.integer(o, w, "Seconds", 0, 99999999); ok {
		f.seconds = &n
	}
	if f.timestampQuery = b.query(o, w, "Timestamp"); f.timestampQuery != nil {
	} else if _, ok := o.Get("Timestamp"); ok {
		t, err := parseTimestamp(b.string(o, w, "Timestamp"))
		if err != nil {
			b.fail(w.key("Timestamp"), "String does not match RFC3339 timestamp")
		}
		f.timestamp = &t
	}
	if !b.jsonata {
		f.secondsPath = b.path(o, w, "SecondsPath")
		f.timestampPath = b.path(o, w, "TimestampPath")
	}
}

func (b *builder) failState(st *state, o *value.Object, w where) {
	f := new(failFields)
	st.fail = f
	b.one(o, w, false, "Error", "ErrorPath")
	b.one(o, w, false, "Cause", "CausePath")
	text := func(name string) *string {
		if _, ok := o.Get(name); !ok {
			return nil
		}
		s := b.string(o, w, name)
		return &s
	}
	path := func(name string) expr {
		if _, ok := o.Get(name); !ok {
			return nil
		}
		x, err := parseExpr(b.string(o, w, name))
		if err != nil {
			b.fail(w.key(name), "Value must be a valid JSONPath or a valid intrinsic function call").Hint = err.Error()
			return nil
		}
		return x
	}
	if f.errQuery = b.query(o, w, "Error"); f.errQuery == nil {
		f.err = text("Error")
	}
	if f.causeQuery = b.query(o, w, "Cause"); f.causeQuery == nil {
		f.cause = text("Cause")
	}
	if !b.jsonata {
		f.errPath, f.causePath = path("ErrorPath"), path("CausePath")
	}
}

func (b *builder) parallel(st *state, o *value.Object, w where) {
	if list, ok := b.array(o, w, "Branches"); !ok {
		b.fail(w, "These fields are required: [Branches]")
	} else if len(list) == 0 {
		b.fail(w.key("Branches"), "Value cannot be empty")
	}
	b.each(o, w, "Branches", func(o *value.Object, w where, _ bool) {
		b.fields(o, w, "StartAt", "States", "Comment")
		st.branches = append(st.branches, b.scope(o, w))
	})
}
