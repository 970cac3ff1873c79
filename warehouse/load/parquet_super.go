package load

import (
	"fmt"
	"math"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"salamander/internal/value"
)

// A nest turns the values of a nested column of a Parquet file into JSON, which
// SUPER keeps. One row of it is read at a time.
//
// https://parquet.apache.org/docs/file-format/nestedencoding/
type nest struct {
	root   parquet.Node
	leaves int
	values [][]parquet.Value // what is left of the row, by leaf
	out    []byte
}

// leavesOf counts the leaves below a node.
func leavesOf(n parquet.Node) int {
	if n.Leaf() {
		return 1
	}
	sum := 0
	for _, f := range n.Fields() {
		sum += leavesOf(f)
	}
	return sum
}

// json returns the text of a row whose values are, by leaf, those given; null
// tells that it is none at all. The text is good until the next row.
func (n *nest) json(values [][]parquet.Value) (text []byte, null bool, err *Error) {
	n.values, n.out = values, n.out[:0]
	if err := n.node(n.root, 0, 0, 0); err != nil {
		return nil, false, err
	}
	return n.out, string(n.out) == "null", nil
}

// next returns the level at which the next value of a leaf is defined.
func (n *nest) next(leaf int) (parquet.Value, bool) {
	if leaf >= len(n.values) || len(n.values[leaf]) == 0 {
		return parquet.Value{}, false
	}
	return n.values[leaf][0], true
}

var errShort = &Error{Reason: "the Parquet file is broken: a nested column has too few values"}

// skip passes over the one value that each leaf has for something that is not
// there.
func (n *nest) skip(node parquet.Node, leaf int) *Error {
	for i := range leavesOf(node) {
		if _, ok := n.next(leaf + i); !ok {
			return errShort
		}
		n.values[leaf+i] = n.values[leaf+i][1:]
	}
	return nil
}

// node appends the value of a node whose first leaf is given: optional and
// repeated are unwrapped, what is below them is defined at the level def, and
// repeated at rep.
func (n *nest) node(node parquet.Node, leaf, def, rep int) *Error {
	if node.Repeated() { // without a LIST around it
		return n.list(node, leaf, def, rep, func(leaf, def, rep int) *Error { return n.present(node, leaf, def, rep) })
	}
	if node.Optional() {
		def++
		v, ok := n.next(leaf)
		if !ok {
			return errShort
		}
		if v.DefinitionLevel() < def {
			n.out = append(n.out, "null"...)
			return n.skip(node, leaf)
		}
	}
	return n.present(node, leaf, def, rep)
}

// list appends the elements of a repeated node.
func (n *nest) list(node parquet.Node, leaf, def, rep int, element func(leaf, def, rep int) *Error) *Error {
	v, ok := n.next(leaf)
	if !ok {
		return errShort
	}
	n.out = append(n.out, '[')
	if v.DefinitionLevel() < def+1 {
		n.out = append(n.out, ']')
		return n.skip(node, leaf)
	}
	for first := true; ; first = false {
		if v, ok = n.next(leaf); !first && (!ok || v.RepetitionLevel() != rep+1) {
			break
		}
		if !first {
			n.out = append(n.out, ',')
		}
		if err := element(leaf, def+1, rep+1); err != nil {
			return err
		}
	}
	n.out = append(n.out, ']')
	return nil
}

// present appends a value that is there.
func (n *nest) present(node parquet.Node, leaf, def, rep int) *Error {
	if node.Leaf() {
		v := n.values[leaf][0]
		n.values[leaf] = n.values[leaf][1:]
		return n.scalar(v, node.Type())
	}
	fields := node.Fields()
	if inner := wrapped(node); inner != nil {
		repeated := fields[0]
		return n.list(repeated, leaf, def, rep, func(leaf, def, rep int) *Error {
			if inner == repeated { // an element of two levels
				return n.present(repeated, leaf, def, rep)
			}
			return n.node(inner, leaf, def, rep)
		})
	}
	if isMap(node) {
		return n.pairs(fields[0], leaf, def, rep)
	}
	n.out = append(n.out, '{')
	for i, f := range fields {
		if i > 0 {
			n.out = append(n.out, ',')
		}
		n.out = append(value.AppendString(n.out, f.Name()), ':')
		if err := n.node(f, leaf, def, rep); err != nil {
			return err
		}
		leaf += leavesOf(f)
	}
	n.out = append(n.out, '}')
	return nil
}

// wrapped returns the element of a LIST, or nil where node is none.
//
// https://github.com/apache/parquet-format/blob/master/LogicalTypes.md#lists
func wrapped(node parquet.Node) parquet.Node {
	if !isLogical[*format.ListType](node) {
		return nil
	}
	fields := node.Fields()
	if len(fields) != 1 || !fields[0].Repeated() {
		return nil
	}
	if fields[0].Leaf() {
		return fields[0]
	}
	inner := fields[0].Fields()
	if len(inner) != 1 || fields[0].Name() == "array" {
		return fields[0]
	}
	return inner[0]
}

func isMap(node parquet.Node) bool {
	fields := node.Fields()
	return isLogical[*format.MapType](node) && len(fields) == 1 && fields[0].Repeated() && len(fields[0].Fields()) == 2 && fields[0].Fields()[0].Leaf()
}

func isLogical[T any](node parquet.Node) bool {
	t := node.Type()
	if t == nil || t.LogicalType() == nil {
		return false
	}
	_, ok := t.LogicalType().Value.(T)
	return ok
}

// pairs appends a MAP as an object.
func (n *nest) pairs(repeated parquet.Node, leaf, def, rep int) *Error {
	start := len(n.out)
	key, val := repeated.Fields()[0], repeated.Fields()[1]
	err := n.list(repeated, leaf, def, rep, func(leaf, def, rep int) *Error {
		at := len(n.out)
		if err := n.node(key, leaf, def, rep); err != nil {
			return err
		}
		if n.out[at] != '"' { // names are texts
			n.out = value.AppendString(n.out[:at], string(n.out[at:]))
		}
		n.out = append(n.out, ':')
		return n.node(val, leaf+1, def, rep)
	})
	if err == nil {
		n.out[start], n.out[len(n.out)-1] = '{', '}'
	}
	return err
}

// scalar appends a value as JSON.
func (n *nest) scalar(v parquet.Value, t parquet.Type) *Error {
	if v.IsNull() {
		n.out = append(n.out, "null"...)
		return nil
	}
	text, ok := parquetText(v, t)
	if !ok {
		return &Error{Reason: fmt.Sprintf("the Parquet type %s is not supported", t)}
	}
	if logical := t.LogicalType(); logical != nil {
		switch logical.Value.(type) {
		case *format.DecimalType, *format.IntType:
			n.out = append(n.out, text...)
			return nil
		case *format.JsonType:
			parsed, err := value.Parse([]byte(text))
			if err != nil {
				return &Error{Code: 1224, Raw: text, Reason: "Invalid JSON format: " + err.Error()}
			}
			n.out = value.Append(n.out, parsed)
			return nil
		}
		n.out = value.AppendString(n.out, text)
		return nil
	}
	switch v.Kind() {
	case parquet.Float, parquet.Double:
		if f := v.Double(); v.Kind() == parquet.Double && (math.IsNaN(f) || math.IsInf(f, 0)) || v.Kind() == parquet.Float && (math.IsNaN(float64(v.Float())) || math.IsInf(float64(v.Float()), 0)) {
			return &Error{Raw: text, Reason: "SUPER has no " + text}
		}
		fallthrough
	case parquet.Boolean, parquet.Int32, parquet.Int64:
		n.out = append(n.out, text...)
	default:
		n.out = value.AppendString(n.out, text)
	}
	return nil
}
