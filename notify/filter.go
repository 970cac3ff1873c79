package notify

import (
	"encoding/json"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"salamander/operation"
)

// A filter is a filter policy: keys with conditions, all of which must hold.
//
// https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
type filter struct {
	keys map[string]rule
	ors  [][]filter // of each list, one must hold
}

// A rule is what a key of a policy asks for: one of conditions, or, in the
// body of a message, a policy of its own for the object there.
type rule struct {
	conditions []condition
	nested     *filter
}

// A condition judges one value: a string, a json.Number, a bool or nil.
// given is false when the key is not there.
type condition func(v any, given bool) bool

// maxConditions is how many combinations of values a policy may ask for.
const maxConditions = 150

func badFilter(format string, args ...any) *operation.Error {
	return invalid("FilterPolicy: "+format, args...)
}

// parseFilter reads a filter policy; body tells that it is for the body,
// where keys may be nested.
func parseFilter(text string, body bool) (filter, error) {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var doc any
	if err := dec.Decode(&doc); err != nil || dec.More() {
		return filter{}, badFilter("failed to parse JSON.")
	}
	obj, ok := doc.(map[string]any)
	if !ok {
		return filter{}, badFilter("Filter policy must be an object")
	}
	f, err := readFilter(obj, body, 0)
	if err != nil {
		return filter{}, err
	}
	if f.size() > maxConditions {
		return filter{}, badFilter("Filter policy is too complex")
	}
	return f, nil
}

func (f filter) size() int {
	n := 1
	for _, r := range f.keys {
		m := len(r.conditions)
		if r.nested != nil {
			m = r.nested.size()
		}
		n = min(n*max(m, 1), 1<<20)
	}
	for _, or := range f.ors {
		m := 0
		for _, g := range or {
			m += g.size()
		}
		n = min(n*max(m, 1), 1<<20)
	}
	return n
}

func readFilter(obj map[string]any, body bool, depth int) (filter, error) {
	f := filter{keys: map[string]rule{}}
	if depth > 5 {
		return f, badFilter("Filter policy can not have more than 5 levels")
	}
	for name, v := range obj {
		switch v := v.(type) {
		case []any:
			if name == "$or" {
				if err := f.readOr(v, body, depth); err != nil {
					return f, err
				}
				continue
			}
			if len(v) == 0 {
				return f, badFilter("%q must not be an empty array", name)
			}
			r := rule{}
			for _, item := range v {
				c, err := readCondition(item)
				if err != nil {
					return f, err
				}
				r.conditions = append(r.conditions, c)
			}
			f.keys[name] = r
		case map[string]any:
			if !body {
				return f, badFilter("Filter policy scope MessageAttributes does not support nested filter policy")
			}
			nested, err := readFilter(v, body, depth+1)
			if err != nil {
				return f, err
			}
			f.keys[name] = rule{nested: &nested}
		default:
			return f, badFilter("%q must be an object or an array", name)
		}
	}
	return f, nil
}

func (f *filter) readOr(list []any, body bool, depth int) error {
	if len(list) < 2 {
		return badFilter("$or needs at least two objects")
	}
	var or []filter
	for _, item := range list {
		obj, ok := item.(map[string]any)
		if !ok {
			return badFilter("$or needs objects")
		}
		g, err := readFilter(obj, body, depth)
		if err != nil {
			return err
		}
		or = append(or, g)
	}
	f.ors = append(f.ors, or)
	return nil
}

func readCondition(item any) (condition, error) {
	obj, ok := item.(map[string]any)
	if !ok {
		if _, list := item.([]any); list {
			return nil, badFilter("Match value must be String, number, true, false, or null")
		}
		return func(v any, given bool) bool { return given && same(item, v) }, nil
	}
	if len(obj) != 1 {
		return nil, badFilter("Only one key allowed in match expression")
	}
	for name, arg := range obj {
		return readOperator(name, arg)
	}
	return nil, nil
}

// same compares as policies do: numbers by value.
func same(want, v any) bool {
	a, aNumber := want.(json.Number)
	b, bNumber := v.(json.Number)
	if aNumber && bNumber {
		x, errX := a.Float64()
		y, errY := b.Float64()
		return errX == nil && errY == nil && x == y
	}
	return want == v
}

func readOperator(name string, arg any) (condition, error) {
	text, isText := arg.(string)
	onText := func(f func(s string) bool) (condition, error) {
		if !isText {
			return nil, badFilter("%s match pattern must be a string", name)
		}
		return func(v any, given bool) bool {
			s, ok := v.(string)
			return given && ok && f(s)
		}, nil
	}
	switch name {
	case "prefix":
		return onText(func(s string) bool { return strings.HasPrefix(s, text) })
	case "suffix":
		return onText(func(s string) bool { return strings.HasSuffix(s, text) })
	case "equals-ignore-case":
		return onText(func(s string) bool { return strings.EqualFold(s, text) })
	case "wildcard":
		return onText(func(s string) bool { return wildcard(text, s) })
	case "exists":
		want, ok := arg.(bool)
		if !ok {
			return nil, badFilter("exists match pattern must be either true or false.")
		}
		return func(_ any, given bool) bool { return given == want }, nil
	case "cidr":
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, badFilter("Nonstandard IP address: %s", text)
		}
		return onText(func(s string) bool {
			a, err := netip.ParseAddr(s)
			return err == nil && prefix.Contains(a)
		})
	case "numeric":
		return readNumeric(arg)
	case "anything-but":
		return readAnythingBut(arg)
	}
	return nil, badFilter("Unrecognized match type %s", name)
}

func readAnythingBut(arg any) (condition, error) {
	switch arg := arg.(type) {
	case map[string]any:
		c, err := readCondition(arg)
		if err != nil {
			return nil, err
		}
		return func(v any, given bool) bool { _, ok := v.(string); return given && ok && !c(v, true) }, nil
	case []any:
		if len(arg) == 0 {
			return nil, badFilter("anything-but needs a value")
		}
		return func(v any, given bool) bool {
			return given && !slices.ContainsFunc(arg, func(w any) bool { return same(w, v) })
		}, nil
	}
	return func(v any, given bool) bool { return given && !same(arg, v) }, nil
}

func readNumeric(arg any) (condition, error) {
	list, _ := arg.([]any)
	if len(list) != 2 && len(list) != 4 {
		return nil, badFilter("Value of numeric must be an array of an operator and a number, or of two of them")
	}
	type bound struct {
		op string
		n  float64
	}
	var bounds []bound
	for i := 0; i < len(list); i += 2 {
		op, _ := list[i].(string)
		number, _ := list[i+1].(json.Number)
		n, err := number.Float64()
		if err != nil || !slices.Contains([]string{"=", "<", "<=", ">", ">="}, op) {
			return nil, badFilter("Bad numeric range")
		}
		bounds = append(bounds, bound{op, n})
	}
	return func(v any, given bool) bool {
		number, ok := v.(json.Number)
		x, err := number.Float64()
		if !given || !ok || err != nil {
			return false
		}
		for _, b := range bounds {
			holds := map[string]bool{"=": x == b.n, "<": x < b.n, "<=": x <= b.n, ">": x > b.n, ">=": x >= b.n}[b.op]
			if !holds {
				return false
			}
		}
		return true
	}, nil
}

// wildcard matches a text against a pattern in which * stands for anything.
func wildcard(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == text
	}
	rest, ok := strings.CutPrefix(text, parts[0])
	if !ok {
		return false
	}
	for _, p := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(rest, p)
		if !found {
			return false
		}
		rest = after
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}

// match judges the values of keys. A key with a list matches when one of its
// elements does.
func (f filter) match(doc map[string]any) bool {
	for name, r := range f.keys {
		v, given := doc[name]
		if !r.match(v, given) {
			return false
		}
	}
	for _, or := range f.ors {
		if !slices.ContainsFunc(or, func(g filter) bool { return g.match(doc) }) {
			return false
		}
	}
	return true
}

func (r rule) match(v any, given bool) bool {
	list, isList := v.([]any)
	if r.nested != nil {
		if !isList {
			obj, _ := v.(map[string]any)
			return r.nested.match(obj)
		}
		return slices.ContainsFunc(list, func(w any) bool { obj, _ := w.(map[string]any); return r.nested.match(obj) })
	}
	for _, c := range r.conditions {
		if !isList {
			if c(v, given) {
				return true
			}
			continue
		}
		if slices.ContainsFunc(list, func(w any) bool { return c(w, true) }) {
			return true
		}
	}
	return false
}

// wants reports whether a subscription's filter policy lets a message pass.
func (s Subscription) wants(m Message) bool {
	text := s.Attributes["FilterPolicy"]
	if text == "" || text == "{}" {
		return true
	}
	body := s.Attributes["FilterPolicyScope"] == "MessageBody"
	f, err := parseFilter(text, body)
	if err != nil {
		return false // it was judged when it was set
	}
	if body {
		var doc map[string]any
		dec := json.NewDecoder(strings.NewReader(m.Text))
		dec.UseNumber()
		return dec.Decode(&doc) == nil && doc != nil && f.match(doc)
	}
	doc := map[string]any{}
	for name, a := range m.Attributes {
		doc[name] = a.filterValue()
	}
	return f.match(doc)
}

func (a Attribute) filterValue() any {
	switch a.Type {
	case "Number":
		if _, err := strconv.ParseFloat(a.Text, 64); err == nil {
			return json.Number(a.Text)
		}
	case "String.Array":
		var list []any
		dec := json.NewDecoder(strings.NewReader(a.Text))
		dec.UseNumber()
		if dec.Decode(&list) == nil {
			return list
		}
	}
	return a.Text
}
