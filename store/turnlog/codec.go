package turnlog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"salamander/engine"
)

// format is the number of the records' form. Raise it with every change that
// an older reader would misread, and keep reading the old.
const format = 1

// A record is what the log keeps of one commit: a turn, and the execution
// where it is the first.
type record struct {
	created *engine.Execution
	turn    engine.Turn
}

// A coder writes or reads the members of a record, in one order for both.
type coder struct {
	b       []byte
	reading bool
	err     error
}

var errShort = errors.New("a record ends early")

func (r *record) encode(b []byte) []byte {
	c := coder{b: append(b, format)}
	c.record(r)
	return c.b
}

func decode(b []byte) (r record, err error) {
	if len(b) == 0 || b[0] != format {
		if len(b) > 0 && b[0] > format {
			return r, fmt.Errorf("it has a record of format %d, which a newer salamander wrote; this one reads format %d", b[0], format)
		}
		return r, errors.New("a record has no format")
	}
	c := coder{b: b[1:], reading: true}
	c.record(&r)
	if c.err == nil && len(c.b) > 0 {
		c.err = errors.New("a record goes on behind its end")
	}
	return r, c.err
}

func (c *coder) record(r *record) {
	if c.has(r.created != nil) {
		if c.reading {
			r.created = &engine.Execution{}
		}
		c.execution(r.created)
	}
	c.turnOf(&r.turn)
}

func (c *coder) execution(x *engine.Execution) {
	c.num(&x.Key)
	for _, p := range []*string{&x.ARN, &x.Account, &x.Region, &x.Name, &x.Machine, &x.Version, &x.Alias, &x.Type, &x.Role,
		&x.Definition, &x.Status, &x.Input, &x.Trace, &x.Origin, &x.MapRun} {
		c.text(p)
	}
	seed := x.Seed[:]
	c.bytes(&seed)
	copy(x.Seed[:], seed)
	for _, p := range []*time.Time{&x.Start, &x.Stop, &x.Redriven} {
		c.time(p)
	}
	for _, p := range []**string{&x.Output, &x.Error, &x.Cause} {
		c.optional(p)
	}
	redrives := int64(x.Redrives)
	c.num(&redrives)
	x.Redrives = int(redrives)
	if c.has(x.Journal != nil) {
		if c.reading {
			x.Journal = &engine.Journal{}
		}
		c.text(&x.Journal.Level)
		c.flag(&x.Journal.Data)
		c.text(&x.Journal.Group)
	}
	c.num(&x.Number)
	c.num(&x.Items)
}

func (c *coder) turnOf(t *engine.Turn) {
	c.num(&t.Key)
	c.text(&t.ARN)
	c.num(&t.Number)
	c.num(&t.Follows)
	c.bytes(&t.State)
	each(c, &t.History, func(ev *engine.Event) {
		c.num(&ev.ID)
		c.bytes((*[]byte)(&ev.Data))
	})
	each(c, &t.Open, func(p *engine.Pending) {
		c.num(&p.ID)
		c.time(&p.At)
		c.text(&p.Token)
		c.text(&p.Activity)
		c.bytes(&p.Data)
		c.flag(&p.Started)
		c.bytes(&p.Submitted)
	})
	each(c, &t.Closed, c.num)
	each(c, &t.Cancel, func(x *engine.Cancelled) {
		c.text(&x.ID)
		c.bytes(&x.Data)
	})
	c.bytes(&t.Journal)
	if c.has(t.Outcome != nil) {
		if c.reading {
			t.Outcome = &engine.Outcome{}
		}
		c.text(&t.Outcome.Status)
		c.time(&t.Outcome.At)
		c.optional(&t.Outcome.Output)
		c.optional(&t.Outcome.Error)
		c.optional(&t.Outcome.Cause)
	}
}

func each[T any](c *coder, list *[]T, f func(*T)) {
	n := int64(len(*list))
	c.num(&n)
	if c.reading {
		if n < 0 || n > int64(len(c.b)) { // each takes a byte at least
			c.fail()
			return
		}
		if n > 0 {
			*list = make([]T, n)
		}
	}
	for i := range *list {
		if c.err != nil {
			return
		}
		f(&(*list)[i])
	}
}

func (c *coder) fail() {
	if c.err == nil {
		c.err = errShort
	}
	c.b = nil
}

func (c *coder) num(p *int64) {
	if !c.reading {
		c.b = binary.AppendVarint(c.b, *p)
		return
	}
	n, used := binary.Varint(c.b)
	if used <= 0 {
		c.fail()
		return
	}
	*p, c.b = n, c.b[used:]
}

func (c *coder) has(is bool) bool {
	c.flag(&is)
	return is
}

func (c *coder) flag(p *bool) {
	n := int64(0)
	if *p {
		n = 1
	}
	c.num(&n)
	*p = n == 1
}

// bytes keeps nil apart from nothing.
func (c *coder) bytes(p *[]byte) {
	n := int64(len(*p)) + 1
	if *p == nil {
		n = 0
	}
	c.num(&n)
	switch {
	case !c.reading:
		c.b = append(c.b, *p...)
	case n == 0:
		*p = nil
	case n < 0 || n-1 > int64(len(c.b)):
		c.fail()
	default:
		*p = append([]byte{}, c.b[:n-1]...)
		c.b = c.b[n-1:]
	}
}

func (c *coder) text(p *string) {
	n := int64(len(*p))
	c.num(&n)
	switch {
	case !c.reading:
		c.b = append(c.b, *p...)
	case n < 0 || n > int64(len(c.b)):
		c.fail()
	default:
		*p = string(c.b[:n])
		c.b = c.b[n:]
	}
}

func (c *coder) optional(p **string) {
	if !c.has(*p != nil) {
		return
	}
	if c.reading {
		*p = new(string)
	}
	c.text(*p)
}

func (c *coder) time(p *time.Time) {
	if !c.has(!p.IsZero()) {
		return
	}
	n := p.UnixNano()
	c.num(&n)
	if c.reading {
		*p = time.Unix(0, n).UTC()
	}
}
