package template

import (
	"strconv"
	"strings"

	"salamander/internal/value"
)

// A Kind is the kind of a node.
type Kind uint8

// The kinds of nodes.
const (
	Null Kind = iota
	Bool
	Number
	String
	List
	Map
)

// String names the kind as messages do.
func (k Kind) String() string {
	return [...]string{"null", "a boolean", "a number", "a string", "a list", "a map"}[k]
}

// A Position is a place in a text. Lines and columns count from 1, columns in
// characters; the zero value is unknown.
type Position struct{ Line, Column int }

// A Node is a value of a template with its place. The short forms of YAML are
// maps of one member, as in the long form: !Ref X is {Ref: X}. Nodes are never
// changed after parsing.
type Node struct {
	Kind    Kind
	Text    string   // of a Bool ("true", "false"), Number (as JSON writes it) or String
	Items   []*Node  // of a List
	Members []Member // of a Map, in the order of the text
	At      Position

	up  *Node
	key string // in up
}

// A Member is one member of a map.
type Member struct {
	Key   string
	KeyAt Position
	Value *Node
}

// Get returns the member named key, or nil.
func (n *Node) Get(key string) *Node {
	if n == nil || n.Kind != Map {
		return nil
	}
	for i := range n.Members {
		if n.Members[i].Key == key {
			return n.Members[i].Value
		}
	}
	return nil
}

// Path returns where the node stands, in the manner of AWS's messages:
// "/Resources/Queue/Properties/Tags/0".
func (n *Node) Path() string {
	var parts []string
	for ; n != nil && n.up != nil; n = n.up {
		parts = append(parts, n.key)
	}
	var b strings.Builder
	for i := len(parts) - 1; i >= 0; i-- {
		b.WriteByte('/')
		b.WriteString(parts[i])
	}
	return b.String()
}

// adopt tells the nodes below n where they stand.
func (n *Node) adopt() {
	for i, item := range n.Items {
		item.up, item.key = n, strconv.Itoa(i)
		item.adopt()
	}
	for i := range n.Members {
		m := &n.Members[i]
		m.Value.up, m.Value.key = n, m.Key
		m.Value.adopt()
	}
}

// scalarText is the text of a scalar as CloudFormation makes a string of it.
func (n *Node) scalarText() (string, bool) {
	switch n.Kind {
	case Bool, Number, String:
		return n.Text, true
	}
	return "", false
}

// Value returns the node as it is written, its functions in the long form.
func (n *Node) Value() value.Value {
	switch n.Kind {
	case Bool:
		return n.Text == "true"
	case Number:
		return value.Number(n.Text)
	case String:
		return n.Text
	case List:
		list := make(value.Array, len(n.Items))
		for i, item := range n.Items {
			list[i] = item.Value()
		}
		return list
	case Map:
		o := value.NewObject()
		for _, m := range n.Members {
			o.Set(m.Key, m.Value.Value())
		}
		return o
	}
	return nil
}

// call tells the function that a node calls: a map of one member named Ref or
// Fn::….
func (n *Node) call() (name string, arg *Node, ok bool) {
	if n.Kind != Map || len(n.Members) != 1 {
		return "", nil, false
	}
	m := n.Members[0]
	if m.Key == "Ref" || strings.HasPrefix(m.Key, "Fn::") {
		return m.Key, m.Value, true
	}
	return "", nil, false
}

// list returns the items of a list of exactly n items, or nil.
func (n *Node) list(count int) []*Node {
	if n.Kind != List || len(n.Items) != count {
		return nil
	}
	return n.Items
}

// Builders of nodes, for what SAM generates; they stand where at is.

func str(at *Node, s string) *Node { return &Node{Kind: String, Text: s, At: at.At} }

func list(at *Node, items ...*Node) *Node { return &Node{Kind: List, Items: items, At: at.At} }

// object takes pairs of a name and a value: a *Node, or a string. Pairs whose
// value is a nil *Node are left out.
func object(at *Node, pairs ...any) *Node {
	n := &Node{Kind: Map, At: at.At}
	for i := 0; i < len(pairs); i += 2 {
		n.set(pairs[i].(string), pairs[i+1])
	}
	return n
}

// set adds or replaces a member of a node under construction.
func (n *Node) set(key string, v any) {
	var node *Node
	switch v := v.(type) {
	case string:
		node = str(n, v)
	case *Node:
		if v == nil {
			return
		}
		node = v
	}
	for i := range n.Members {
		if n.Members[i].Key == key {
			n.Members[i].Value = node
			return
		}
	}
	n.Members = append(n.Members, Member{Key: key, KeyAt: n.At, Value: node})
}

func ref(at *Node, id string) *Node { return object(at, "Ref", id) }

func getAtt(at *Node, id, attribute string) *Node {
	return object(at, "Fn::GetAtt", list(at, str(at, id), str(at, attribute)))
}

// clone copies a tree, so that it can stand in two places.
func (n *Node) clone() *Node {
	if n == nil {
		return nil
	}
	c := *n
	c.up, c.key = nil, ""
	if n.Items != nil {
		c.Items = make([]*Node, len(n.Items))
		for i, item := range n.Items {
			c.Items[i] = item.clone()
		}
	}
	if n.Members != nil {
		c.Members = make([]Member, len(n.Members))
		for i, m := range n.Members {
			m.Value = m.Value.clone()
			c.Members[i] = m
		}
	}
	return &c
}
