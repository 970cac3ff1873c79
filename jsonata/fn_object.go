package jsonata

import (
	"errors"

	"salamander/internal/value"
)

func fnKeys(c *call) any {
	keys := keysOf(c.arg(0))
	c.m.grow(len(keys))
	out := &array{seq: true, items: make([]any, len(keys))}
	for i, k := range keys {
		out.items[i] = k
	}
	return out
}

func fnLookup(c *call) any {
	name, ok := c.arg(1).(string)
	if !ok {
		return undefined
	}
	return c.m.field(c.arg(0), name)
}

func fnSpread(c *call) any {
	switch v := c.arg(0).(type) {
	case *value.Object:
		out := &array{seq: true}
		for _, e := range v.Members() {
			c.m.charge(64)
			out.items = append(out.items, value.NewObject(e))
		}
		return out
	case *array, []any:
		var items []any
		for _, e := range itemsOf(v) {
			x := fnSpread(&call{m: c.m, args: []any{e}})
			items = append(items, itemsOf(x)...)
			c.m.grow(1)
		}
		return &array{items: items, seq: len(itemsOf(v)) == 0}
	}
	if isFunction(c.arg(0)) {
		return ""
	}
	return c.arg(0)
}

func fnMerge(c *call) any {
	if c.missing(0) {
		return undefined
	}
	out := new(value.Object)
	for _, e := range itemsOf(c.args[0]) {
		o, ok := e.(*value.Object)
		if !ok {
			continue
		}
		for _, m := range o.Members() {
			c.m.charge(32)
			out.Set(m.Key, m.Value)
		}
	}
	return out
}

func fnEach(c *call) any {
	o, ok := c.arg(0).(*value.Object)
	if !ok {
		return undefined
	}
	out := &array{seq: true}
	for _, e := range o.Members() {
		if v := c.with(c.args[1], e.Value, e.Key, o); v != undefined {
			c.m.grow(1)
			out.items = append(out.items, v)
		}
	}
	return out
}

func fnSift(c *call) any {
	o, ok := c.arg(0).(*value.Object)
	if !ok {
		return undefined
	}
	out := new(value.Object)
	for _, e := range o.Members() {
		if isTrue(c.with(c.arg(1), e.Value, e.Key, o)) {
			c.m.charge(32)
			out.Set(e.Key, e.Value)
		}
	}
	if out.Len() == 0 {
		return undefined
	}
	return out
}

func fnType(c *call) any {
	switch typeOf(c.arg(0)) {
	case typeM:
		return undefined
	case typeL:
		return "null"
	case typeN:
		return "number"
	case typeS:
		return "string"
	case typeB:
		return "boolean"
	case typeA:
		return "array"
	case typeF:
		return "function"
	}
	return "object"
}

func fnClone(c *call) any {
	if c.missing(0) {
		return undefined
	}
	return c.m.clone(c.args[0], map[*value.Object]bool{})
}

func fnError(c *call) any {
	text := "$error() function evaluated"
	if s, ok := c.arg(0).(string); ok {
		text = s
	}
	panic(newFault("D3137").text(text))
}

func fnAssert(c *call) any {
	if b, _ := c.arg(0).(bool); b {
		return undefined
	}
	text := "$assert() statement failed"
	if s, ok := c.arg(1).(string); ok {
		text = s
	}
	panic(newFault("D3141").text(text))
}

// fnEval compiles and evaluates a text in the surroundings of the call.
func fnEval(c *call) any {
	text, ok := c.arg(0).(string)
	if !ok {
		return undefined
	}
	input := c.input
	if !c.missing(1) {
		input = c.args[1]
		if isArray(input) {
			if a, ok := input.(*array); !ok || !a.seq {
				input = &array{items: []any{input}, seq: true, outer: true}
			}
		}
	}
	c.m.work(len(text))
	e, err := Compile(text)
	if err != nil {
		text := err.Error()
		var bad *Error
		if errors.As(err, &bad) {
			text = bad.Message
		}
		panic(newFault("D3120").value(text))
	}
	defer func() {
		if r := recover(); r != nil {
			f, ok := r.(*fault)
			if !ok || f.err.Code[0] == 'U' {
				panic(r)
			}
			panic(newFault("D3121").value(f.finish().Message))
		}
	}()
	return c.m.eval(e.root, input, c.frame)
}
