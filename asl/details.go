package asl

import (
	"encoding/json"
	"strconv"

	"salamander/internal/value"
)

// A details builds the JSON of an event's details member by member; the names
// need no escape. nil is an event without the member.
type details []byte

// room makes details with room for a text.
func room(text string) details { return make(details, 0, len(text)+len(text)/4+160) }

func (d *details) key(name string) {
	if len(*d) == 0 {
		*d = append(*d, '{')
	} else {
		*d = append(*d, ',')
	}
	*d = append(append(append(*d, '"'), name...), '"', ':')
}

func (d *details) str(name, s string) {
	d.key(name)
	*d = value.AppendString(*d, s)
}

func (d *details) optional(name, s string) {
	if s != "" {
		d.str(name, s)
	}
}

func (d *details) number(name string, n int64) {
	d.key(name)
	*d = strconv.AppendInt(*d, n, 10)
}

// text adds a JSON text as a string, with the member that tells it is whole.
func (d *details) text(name, text, about string) {
	d.str(name, text)
	d.key(about)
	*d = append(*d, `{"truncated":false}`...)
}

// quote is text for what is likely the text of the event before: q keeps the
// last one's form, so that a state that is passed on is quoted once.
func (d *details) quote(name, text, about string, q *quoted) {
	d.key(name)
	start := len(*d)
	if q.text == text && q.form != nil {
		*d = append(*d, q.form...)
	} else {
		*d = value.AppendString(*d, text)
	}
	q.text, q.form = text, (*d)[start:len(*d):len(*d)]
	d.key(about)
	*d = append(*d, `{"truncated":false}`...)
}

// A quoted is a text and its form as a JSON string.
type quoted struct {
	text string
	form []byte
}

func (d *details) value(name string, v value.Value, about string) {
	d.text(name, value.Text(v), about)
}

func (d details) json() json.RawMessage {
	if d == nil {
		return nil
	}
	if len(d) == 0 {
		return json.RawMessage("{}")
	}
	return json.RawMessage(append(d, '}'))
}
