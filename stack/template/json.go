package template

import (
	"errors"
	"fmt"

	"salamander/internal/value"
)

// readJSON parses a text of JSON. The error is an *Error.
func readJSON(text string) (*Node, error) {
	j := &jsonReader{src: text, place: newPlacer(text)}
	v, pos, twice, err := value.ParsePositions([]byte(text))
	var bad *value.SyntaxError
	if errors.As(err, &bad) {
		return nil, j.bad(bad.Offset, "%s", bad.Msg)
	}
	if err != nil {
		return nil, err
	}
	if len(twice) > 0 {
		return nil, j.bad(twice[0].Offset, "the key %q is there twice", twice[0].Key)
	}
	return j.node(v, pos, 0)
}

type jsonReader struct {
	src   string
	place placer
}

func (j *jsonReader) bad(offset int, format string, args ...any) *Error {
	at := j.place.at(min(offset, len(j.src)))
	return &Error{
		Msg:  fmt.Sprintf("Template format error: JSON not well-formed. (line %d, column %d)", at.Line, at.Column),
		Hint: fmt.Sprintf(format, args...),
		At:   at,
	}
}

func (j *jsonReader) node(v value.Value, pos *value.Position, depth int) (*Node, error) {
	if depth > MaxDepth {
		return nil, j.bad(pos.Offset, "nested deeper than %d", MaxDepth)
	}
	n := &Node{At: j.place.at(pos.Offset)}
	switch v := v.(type) {
	case bool:
		n.Kind, n.Text = Bool, fmt.Sprint(v)
	case value.Number:
		n.Kind, n.Text = Number, string(v)
	case string:
		n.Kind, n.Text = String, v
	case value.Array:
		n.Kind, n.Items = List, make([]*Node, len(v))
		for i, item := range v {
			child, err := j.node(item, pos.Items[i], depth+1)
			if err != nil {
				return nil, err
			}
			n.Items[i] = child
		}
	case *value.Object:
		n.Kind = Map
		for _, m := range v.Members() {
			at := pos.Members[m.Key]
			child, err := j.node(m.Value, at, depth+1)
			if err != nil {
				return nil, err
			}
			if id, attribute, ok := cutAttribute(m.Key, child); ok {
				child = list(child, str(child, id), str(child, attribute))
			}
			n.Members = append(n.Members, Member{m.Key, j.place.at(at.Key), child})
		}
	}
	return n, nil
}
