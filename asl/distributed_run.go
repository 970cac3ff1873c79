package asl

import (
	"encoding/json"
	"math"

	"salamander/internal/value"
)

// Child returns the definition of the children of a map run: the processor's
// states as a machine of their own. It is empty for a scope that no
// distributed Map has.
func (m *Machine) Child(scope int) string {
	if st := m.mapOf(scope); st != nil {
		return st.mapping.child
	}
	return ""
}

// mapOf returns the distributed Map of a processor.
func (m *Machine) mapOf(scope int) *state { return m.maps[scope] }

// distribute starts the map run of a Map in DISTRIBUTED mode. items are nil
// where a reader brings them.
func (t *turn) distribute(th *thread, st *state, items value.Value, limit int64, input value.Value) bool {
	f := st.mapping
	d := details{}
	length := 0
	switch v := items.(type) {
	case value.Array:
		length = len(v)
	case *value.Object:
		length = v.Len()
	}
	d.number("length", int64(length))
	t.log(th, "MapStateStarted", d)
	run := &MapRun{State: st.name, Scope: f.processor.id, Express: f.express, Label: f.label, MaxConcurrency: limit, Entered: th.Entered, At: t.at}
	if f.reader == nil {
		run.Items = json.RawMessage(value.Text(items))
	}
	if bad := t.describe(th, st, run, t.env(th, input)); bad != nil {
		return t.fail(th, bad)
	}
	c := t.x.Context
	if run.Label == "" {
		run.Label = nameUUID(c.StateMachineArn + "/" + st.name)
	}
	run.ARN = mapRunName(c, c.StateMachineName, run.Label, nameUUID(c.ExecutionArn+"#"+st.name+"#"+value.Text(value.Int(t.x.LastEvent))))
	seed := t.random.block()
	run.Seed = seed[:]
	d = details{}
	d.str("mapRunArn", run.ARN)
	t.log(th, "MapRunStarted", d)
	th.Run, th.Mapped = t.command(Command{Kind: RunMap, Map: run}), run
	return false
}

// maxMapRedrives is how often a map run is redriven at most.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/redrive-map-run.html
const maxMapRedrives = 1000

// redriveMap goes on with the map run that the state had, with its input of
// then.
func (t *turn) redriveMap(th *thread) bool {
	run := *th.Mapped
	if run.Redrives++; run.Redrives > maxMapRedrives {
		return t.fail(th, runtime("The Map Run was redriven %d times, which is as often as it can be.", maxMapRedrives))
	}
	d := details{}
	d.str("mapRunArn", run.ARN)
	d.number("redriveCount", int64(run.Redrives))
	t.log(th, "MapRunRedriven", d)
	th.Run, th.Mapped = t.command(Command{Kind: RunMap, Map: &run}), &run
	return false
}

// appendJSON writes a map run as encoding/json does.
func (r *MapRun) appendJSON(b []byte) []byte {
	text, err := json.Marshal(r)
	if err != nil {
		panic("asl: a map run does not marshal: " + err.Error())
	}
	return append(b, text...)
}

// describe computes what of the map run depends on the state's input.
func (t *turn) describe(th *thread, st *state, run *MapRun, e *env) *failure {
	f := st.mapping
	var bad *failure
	if run.ToleratedFailureCount, run.ToleratedFailurePercentage, bad = f.tolerated(e); bad != nil {
		return bad
	}
	if r := f.reader; r != nil {
		reader := r.fixed
		if reader.MaxItems, bad = r.maxItems.whole(e); bad != nil {
			return bad
		}
		arguments, bad := r.arguments.eval(e)
		if bad != nil {
			return bad
		}
		reader.Arguments = json.RawMessage(value.Text(arguments))
		run.Reader = &reader
	}
	if i := f.batcher; i != nil {
		if run.Batch, bad = i.describe(e); bad != nil {
			return bad
		}
	}
	if wr := f.writer; wr != nil {
		writer := wr.fixed
		if wr.arguments != nil {
			arguments, bad := wr.arguments.eval(e)
			if bad != nil {
				return bad
			}
			writer.Arguments = json.RawMessage(value.Text(arguments))
		}
		run.Writer = &writer
	}
	if st.parameters != nil {
		run.Input = json.RawMessage(value.Text(th.Input.v))
		if st.inputPath.set {
			run.Effective = json.RawMessage(value.Text(e.input))
		}
		run.Context = json.RawMessage(value.Text(e.context()))
		if all := e.vars.all(); all.Len() > 0 {
			run.Variables = json.RawMessage(value.Text(all))
		}
	}
	return nil
}

// all gives the variables of all scopes in one object.
func (v *variables) all() *value.Object {
	o := new(value.Object)
	for ; v != nil; v = v.outer {
		if v.own == nil {
			continue
		}
		for _, m := range v.own.Members() {
			if _, inner := o.Get(m.Key); !inner {
				o.Set(m.Key, m.Value)
			}
		}
	}
	return o
}

func (i *batcherFields) describe(e *env) (*ItemBatcher, *failure) {
	out := new(ItemBatcher)
	for field, n := range map[*int64]numberField{&out.MaxItems: i.maxItems, &out.MaxBytes: i.maxBytes} {
		if !n.set {
			continue
		}
		var bad *failure
		if *field, bad = n.whole(e); bad != nil {
			return nil, bad
		}
		if *field <= 0 {
			return nil, runtime("%s must be positive.", n.name)
		}
	}
	out.MaxBytes = min(out.MaxBytes, maxData)
	if i.input != nil {
		v, bad := i.input.eval(e)
		if bad != nil {
			return nil, bad
		}
		out.Input = json.RawMessage(value.Text(v))
	}
	return out, nil
}

// tolerated evaluates the thresholds of failed items.
func (f *mapFields) tolerated(e *env) (count int64, percentage float64, bad *failure) {
	if count, bad = f.count.whole(e); bad != nil {
		return 0, 0, bad
	}
	if count < 0 {
		return 0, 0, f.count.unfit("ToleratedFailureCount cannot be negative.")
	}
	v, bad := f.percentage.eval(e)
	if bad != nil {
		return 0, 0, bad
	}
	percentage, ok := float(v)
	switch {
	case !ok:
		return 0, 0, f.percentage.mistyped(v, "float")
	case percentage < 0 || percentage > 100:
		return 0, 0, f.percentage.unfit("ToleratedFailurePercentage must be between 0 and 100.")
	}
	return count, percentage, nil
}

// float reads a number, or a string of one.
func float(v value.Value) (float64, bool) {
	n, ok := v.(value.Number)
	if s, is := v.(string); is {
		parsed, err := value.Parse([]byte(s))
		if err != nil {
			return 0, false
		}
		n, ok = parsed.(value.Number)
	}
	return n.Float64(), ok && !math.IsInf(n.Float64(), 0)
}

// eval gives the value of the field, 0 where there is none.
func (f numberField) eval(e *env) (value.Value, *failure) {
	switch {
	case f.query != nil:
		return f.query.eval(e)
	case f.path != nil:
		return f.path.at(e)
	case f.plain != "":
		return f.plain, nil
	}
	return value.Int(0), nil
}

// whole gives the value of a field that holds an integer.
func (f numberField) whole(e *env) (int64, *failure) {
	v, bad := f.eval(e)
	if bad != nil {
		return 0, bad
	}
	n, ok := wholeNumber(v)
	if _, text := v.(string); text && f.query != nil {
		ok = false
	}
	if !ok {
		return 0, f.mistyped(v, "integer")
	}
	return n, nil
}

// mistyped words a value of another type than the field wants.
func (f numberField) mistyped(v value.Value, want string) *failure {
	switch {
	case f.query == nil:
		path := ""
		if f.path != nil {
			path = f.path.source
		}
		return runtime("The %sPath field refers to value \"%s\" which is not a valid %s: %s", f.name, shown(v), want, path)
	case typeOf(v) != "number":
		return f.query.mistyped("number", v)
	}
	return f.query.failed("returned a value that is not a valid " + want + ": " + value.Text(v))
}

// unfit words a value that is out of the field's range.
func (f numberField) unfit(cause string) *failure {
	if f.query != nil {
		return unfit(f.name, cause)
	}
	return runtime("%s", cause)
}

// mapRunEnded goes on with a Map state whose map run has ended.
func (t *turn) mapRunEnded(th *thread, ev Event) {
	st := t.state(th)
	started := th.Previous
	th.Run = 0
	if ev.Kind == MapRunSucceeded || ev.Error == "States.Runtime" || ev.Error == "States.DataLimitExceeded" {
		th.Mapped = nil // a redrive begins a new one
	}
	if ev.Kind == MapRunFailed {
		d := details{}
		d.str("cause", ev.Cause)
		d.str("error", ev.Error)
		t.log(th, "MapRunFailed", d)
		th.ran = true
		f := &failure{name: ev.Error, cause: ev.Cause, bare: true, final: ev.Error == "States.Runtime"}
		if t.fail(th, f) {
			t.run(th)
		}
		return
	}
	t.log(th, "MapRunSucceeded", nil)
	if len(ev.Output) > maxData && !t.m.opt.NoLimits {
		th.ran = true
		if t.fail(th, tooLarge(st.name, true)) {
			t.run(th)
		}
		return
	}
	result, err := value.Parse(ev.Output)
	if err != nil {
		panic("asl: a map run's output, which Step has checked: " + err.Error())
	}
	t.emit("MapStateSucceeded", th.Previous, nil)
	th.over = true
	if !linksToRun(th, st) {
		th.Previous = started
	}
	if t.selected(th, st, result) {
		t.run(th)
	}
}

// linksToRun tells what the event of leaving the state is linked to: to the
// event MapRunSucceeded, else to MapRunStarted. In all that was recorded since
// November 2024 it is the latter; of machines of JSONPath that start with the
// Map there are recordings from before only, and the former.
func linksToRun(th *thread, st *state) bool { return th.Before == 0 && !st.jsonata }
