// Package pattern is EventBridge's event pattern language: what a rule takes
// from a bus. A pattern is compiled once and matches any number of events,
// from many goroutines. The package is pure.
//
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
package pattern

import (
	"net/netip"
	"slices"
	"strings"

	"salamander/internal/value"
)

// A Pattern is a compiled pattern.
type Pattern struct{ root *node }

// Matches reports whether the pattern takes event, an object. Where the event
// holds arrays of objects, the fields of one object of the pattern must be
// found in one element.
func (p *Pattern) Matches(event value.Value) bool { return p.root.matches(event, event) }

// A node is an object of a pattern: all its fields must match, and of each
// $or one alternative.
type node struct {
	fields []field
	ors    [][]*node
}

// A field has either a child or a leaf.
type field struct {
	name  string
	child *node
	leaf  *leaf
}

// put adds a field in place of the one of its name. Names that tell events
// apart soonest come first.
func (n *node) put(f field) {
	if i := slices.IndexFunc(n.fields, func(g field) bool { return g.name == f.name }); i >= 0 {
		n.fields[i] = f
		return
	}
	n.fields = append(n.fields, f)
	slices.SortStableFunc(n.fields, func(a, b field) int {
		return boolInt(a.child != nil) - boolInt(b.child != nil)
	})
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (n *node) matches(v, root value.Value) bool {
	if list, ok := v.(value.Array); ok {
		return slices.ContainsFunc(list, func(w value.Value) bool { return n.matches(w, root) }) ||
			len(list) == 0 && n.matches(nil, root)
	}
	obj, _ := v.(*value.Object)
	for _, f := range n.fields {
		var w value.Value
		found := false
		if obj != nil {
			w, found = obj.Get(f.name)
		}
		if f.child != nil && !f.child.matches(w, root) || f.leaf != nil && !f.leaf.matches(w, found, root) {
			return false
		}
	}
	for _, any := range n.ors {
		if !slices.ContainsFunc(any, func(alternative *node) bool { return alternative.matches(v, root) }) {
			return false
		}
	}
	return true
}

// A matcher judges one value that is neither object nor array.
type matcher func(v value.Value) bool

// A leaf is the list of values of a field, of which one must match.
type leaf struct {
	path   []string // from the root
	any    []matcher
	absent bool // the field may be missing everywhere
}

func (l *leaf) matches(v value.Value, found bool, root value.Value) bool {
	return found && l.value(v) || l.absent && !present(root, l.path)
}

func (l *leaf) value(v value.Value) bool {
	switch v := v.(type) {
	case value.Array:
		return slices.ContainsFunc(v, l.value)
	case *value.Object:
		return false
	}
	return slices.ContainsFunc(l.any, func(m matcher) bool { return m(v) })
}

// present reports whether a value that is neither object nor array is at
// path: exists looks at nothing else.
func present(v value.Value, path []string) bool {
	switch v := v.(type) {
	case value.Array:
		return slices.ContainsFunc(v, func(w value.Value) bool { return present(w, path) })
	case *value.Object:
		if len(path) == 0 {
			return false
		}
		w, ok := v.Get(path[0])
		return ok && present(w, path[1:])
	}
	return len(path) == 0
}

func exactly(want value.Value) matcher {
	if s, ok := want.(string); ok {
		return func(v value.Value) bool { t, ok := v.(string); return ok && s == t }
	}
	return func(v value.Value) bool { return value.Equal(want, v) }
}

func equalFold(s string) matcher {
	return func(v value.Value) bool { t, ok := v.(string); return ok && strings.EqualFold(s, t) }
}

func affix(kind, s string) matcher {
	has := strings.HasPrefix
	if kind == "suffix" {
		has = strings.HasSuffix
	}
	return func(v value.Value) bool { t, ok := v.(string); return ok && has(t, s) }
}

// affixFold compares as many characters as s has.
func affixFold(kind, s string) matcher {
	n := len([]rune(s))
	return func(v value.Value) bool {
		t, ok := v.(string)
		if !ok {
			return false
		}
		r := []rune(t)
		if len(r) < n {
			return false
		}
		if kind == "suffix" {
			return strings.EqualFold(string(r[len(r)-n:]), s)
		}
		return strings.EqualFold(string(r[:n]), s)
	}
}

func within(p netip.Prefix) matcher {
	p = p.Masked()
	return func(v value.Value) bool {
		s, ok := v.(string)
		if !ok {
			return false
		}
		ip, err := netip.ParseAddr(s)
		return err == nil && p.Contains(ip)
	}
}

func compare(op string, bound value.Number) matcher {
	return func(v value.Value) bool {
		n, ok := v.(value.Number)
		if !ok {
			return false
		}
		switch c := n.Compare(bound); op {
		case "=":
			return c == 0
		case "<":
			return c < 0
		case "<=":
			return c <= 0
		case ">":
			return c > 0
		default:
			return c >= 0
		}
	}
}

func but(any []matcher) matcher {
	return func(v value.Value) bool {
		return !slices.ContainsFunc(any, func(m matcher) bool { return m(v) })
	}
}

// wild matches texts made of parts with anything between them. Its time is
// bounded by the product of the lengths.
func wild(parts []string) matcher {
	return func(v value.Value) bool {
		s, ok := v.(string)
		if !ok {
			return false
		}
		if len(parts) == 1 {
			return s == parts[0]
		}
		first, last := parts[0], parts[len(parts)-1]
		if !strings.HasPrefix(s, first) {
			return false
		}
		s = s[len(first):]
		for _, part := range parts[1 : len(parts)-1] {
			i := strings.Index(s, part)
			if i < 0 {
				return false
			}
			s = s[i+len(part):]
		}
		return len(s) >= len(last) && strings.HasSuffix(s, last)
	}
}
