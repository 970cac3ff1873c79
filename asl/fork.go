package asl

import "salamander/internal/value"

func (t *turn) parallel(th *thread, st *state, input value.Value) bool {
	if st.parameters != nil {
		var bad *failure
		if input, bad = st.parameters.eval(t.env(th, input)); bad != nil {
			return t.fail(th, bad)
		}
	}
	t.log(th, "ParallelStateStarted", nil)
	var first []*thread
	th.Children, th.Results = newPages[thread](len(st.branches)), newPages[held](len(st.branches))
	for i, s := range st.branches {
		c := &thread{Scope: s.id, Index: i, State: s.startAt, Input: held{input}, Previous: th.Previous}
		th.Children.set(t.by, i, c)
		t.link(c, th)
		first = append(first, c)
	}
	th.Open = len(first)
	t.begin(th, first)
	return false
}

// begin runs the children for the first time. One of them may end the fork.
func (t *turn) begin(th *thread, children []*thread) {
	for _, c := range children {
		if t.x.Ended || th.Children.at(c.Index) != c {
			return
		}
		t.run(c)
	}
}

func (t *turn) mapping(th *thread, st *state, input value.Value) bool {
	if th.redone && th.Mapped != nil {
		return t.redriveMap(th)
	}
	e := t.env(th, input)
	f := st.mapping
	var items value.Value
	var bad *failure
	if f.reader == nil {
		if items, bad = f.dataset(e, st.jsonata); bad != nil {
			return t.fail(th, bad)
		}
	}
	limit, bad := f.concurrency(e)
	if bad != nil {
		return t.fail(th, bad)
	}
	if f.distributed {
		return t.distribute(th, st, items, limit, input)
	}
	if f.reader != nil || f.batcher != nil || f.writer != nil {
		return t.fail(th, runtime("ItemReader, ItemBatcher and ResultWriter need the ProcessorConfig Mode 'DISTRIBUTED'."))
	}
	return t.iterate(th, st, items.(value.Array), limit, e)
}

// dataset gives the items of the state's own data: an array, or in DISTRIBUTED
// mode an object too.
func (f *mapFields) dataset(e *env, jsonata bool) (value.Value, *failure) {
	iterable := func(v value.Value) bool {
		switch v.(type) {
		case value.Array:
			return true
		case *value.Object:
			return f.distributed
		}
		return false
	}
	if !jsonata {
		items, path := e.input, "$"
		if p := f.itemsPath; p != nil {
			var bad *failure
			if items, bad = p.at(e); bad != nil {
				return nil, bad
			}
			path = p.source
		}
		if !iterable(items) {
			return nil, runtime("Reference path \"%s\" must point to array.", path)
		}
		return items, nil
	}
	items, bad := f.items.orElse(e.raw, e)
	switch {
	case bad != nil:
		return nil, bad
	case iterable(items):
		return items, nil
	case f.items == nil:
		return nil, unfit("", "Map state input must be an array but was: "+value.Text(items))
	case f.items.query != nil:
		return nil, f.items.query.mistyped("array", items)
	}
	return nil, unfit("Items", "Items must be an array but was: "+value.Text(items))
}

// concurrency gives how many iterations run at once; 0 is all.
func (f *mapFields) concurrency(e *env) (int64, *failure) {
	if q := f.maxConcurrencyQuery; q != nil {
		v, bad := q.eval(e)
		if bad != nil {
			return 0, bad
		}
		n, ok := v.(value.Number)
		if !ok {
			return 0, q.mistyped("number", v)
		}
		limit, ok := n.Int64()
		if !ok || limit < 0 {
			return 0, q.failed("returned a value that is not a non-negative integer: " + value.Text(v))
		}
		return limit, nil
	}
	p := f.maxConcurrencyPath
	if p == nil {
		return f.maxConcurrency, nil
	}
	v, bad := p.at(e)
	if bad != nil {
		return 0, bad
	}
	limit, ok := wholeNumber(v)
	if !ok {
		return 0, runtime("The MaxConcurrencyPath field refers to value \"%s\" which is not a valid integer: %s", shown(v), p.source)
	}
	if limit < 0 {
		return 0, runtime("MaxConcurrency cannot be negative.")
	}
	return limit, nil
}

// iterate begins the iterations of an inline Map.
func (t *turn) iterate(th *thread, st *state, list value.Array, limit int64, e *env) bool {
	d := details{}
	d.number("length", int64(len(list)))
	t.log(th, "MapStateStarted", d)
	if _, _, bad := st.mapping.tolerated(e); bad != nil { // which only DISTRIBUTED mode heeds
		return t.fail(th, bad)
	}
	th.Children, th.Results = newPages[thread](len(list)), newPages[held](len(list))
	th.Items, th.Next, th.Limit, th.Open = nil, 0, limit, len(list)
	for _, v := range list {
		th.Items = append(th.Items, held{v})
	}
	if len(list) == 0 {
		return t.joined(th, st, th.Previous)
	}
	n := len(list)
	if limit > 0 {
		n = min(n, int(limit))
	}
	var first []*thread
	for range n {
		c, bad := t.iteration(th, st, th.Previous)
		if bad != nil {
			return t.fail(th, bad)
		}
		first = append(first, c)
	}
	t.begin(th, first)
	return false
}

// iteration begins the next item of a Map.
func (t *turn) iteration(th *thread, st *state, previous int64) (*thread, *failure) {
	i := th.Next
	th.Next++
	c := &thread{Scope: st.mapping.processor.id, Index: i, State: st.mapping.processor.startAt, Item: &th.Items[i], Input: th.Items[i], Previous: previous}
	t.link(c, th)
	t.log(c, "MapIterationStarted", iterationDetails(st, i))
	th.Children.set(t.by, i, c)
	if st.parameters == nil {
		return c, nil
	}
	input, bad := t.effective(th, st)
	if bad != nil {
		return nil, bad
	}
	e := t.env(th, input)
	e.context = func() value.Value {
		o := t.contextObject(th).(*value.Object)
		return o.With("Map", value.NewObject(member("Item", value.NewObject(member("Index", value.Int(int64(i))), member("Value", th.Items[i].v)))))
	}
	v, bad := st.parameters.eval(e)
	if bad != nil {
		return nil, bad
	}
	c.Input = held{v}
	c.text = ""
	return c, nil
}

func iterationDetails(st *state, i int) details {
	d := details{}
	d.number("index", int64(i))
	d.str("name", st.name)
	return d
}

// childDone takes the output of a branch or an iteration, and goes on when it
// was the last.
func (t *turn) childDone(th, c *thread, output value.Value) {
	st := t.state(th)
	th.Children.set(t.by, c.Index, nil)
	th.Results.set(t.by, c.Index, &held{output})
	th.Open--
	last := c.Previous
	if st.kind == "Map" {
		last = t.emit("MapIterationSucceeded", c.Previous, iterationDetails(st, c.Index))
		if th.Next < len(th.Items) {
			next, bad := t.iteration(th, st, c.Previous)
			if bad != nil {
				t.stop(th, c.Previous)
				if t.fail(th, bad) {
					t.run(th)
				}
				return
			}
			t.run(next)
			return
		}
	}
	if th.Open > 0 {
		return
	}
	if t.joined(th, st, last) {
		t.run(th)
	}
}

// joined ends a Parallel or Map whose children have all succeeded.
func (t *turn) joined(th *thread, st *state, last int64) bool {
	result := make(value.Array, th.Results.n)
	for i, r := range th.Results.all() {
		result[i] = r.v
	}
	th.disband()
	th.over = true
	t.emit(st.kind+"StateSucceeded", last, nil)
	th.Previous = last
	return t.selected(th, st, result)
}

// selected applies ResultSelector and finishes.
func (t *turn) selected(th *thread, st *state, result value.Value) bool {
	if st.resultSelector != nil {
		var bad *failure
		if result, bad = st.resultSelector.eval(t.env(th, result)); bad != nil {
			return t.fail(th, bad)
		}
	}
	return t.finish(th, st, result)
}

// childFailed fails the Parallel or Map of a failed child, and its siblings
// with it.
func (t *turn) childFailed(th, c *thread, f *failure) {
	st := t.state(th)
	th.keep()
	if st.kind == "Map" || t.state(c).branches != nil || t.state(c).mapping != nil {
		th.Children.set(t.by, c.Index, nil) // but a task that fails a Parallel is aborted with the other branches
	}
	if st.kind == "Map" {
		t.emit("MapIterationFailed", c.Previous, iterationDetails(st, c.Index))
	}
	t.stop(th, c.Previous)
	passed := *f
	passed.final, passed.bare, passed.evaluated = false, true, false
	if f.final && f.name == "States.Runtime" {
		passed.final = true
	}
	if t.fail(th, &passed) {
		t.run(th)
	}
}

// stop gives up the children that still run, and sets the thread's last event.
func (t *turn) stop(th *thread, last int64) {
	for i, c := range th.Children.all() {
		last := t.aborted(c)
		t.quiet(c)
		th.Children.set(t.by, i, nil)
		if t.state(th).kind == "Map" {
			t.emit("MapIterationAborted", last, iterationDetails(t.state(th), c.Index))
		}
	}
	th.Previous = last
}

// aborted logs the states that a stopped thread was in, innermost first. It
// gives the thread's last event, and leaves the thread as it is.
func (t *turn) aborted(c *thread) int64 {
	for _, sub := range c.Children.all() {
		t.aborted(sub)
	}
	if c.Run != 0 {
		t.log(c, "MapRunAborted", nil)
	}
	switch kind := t.state(c).kind; kind {
	case "Task", "Wait", "Parallel", "Map":
		if c.Entered != 0 {
			return t.emit(kind+"StateAborted", c.Previous, nil)
		}
	}
	return c.Previous
}
