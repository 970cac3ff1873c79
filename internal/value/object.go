package value

import "slices"

// A Member is one member of an object.
type Member struct {
	Key   string
	Value Value
}

// An Object is a JSON object whose members have an order. Set is for building
// it; once shared it is never changed. The zero value is {}.
type Object struct {
	members []Member
	index   map[string]int // nil while there are few members
}

// indexFrom is the number of members from which an index pays.
const indexFrom = 12

// NewObject makes an object of the members; a later one of the same key wins
// the value and keeps the place.
func NewObject(members ...Member) *Object {
	o := &Object{members: make([]Member, 0, len(members))}
	for _, m := range members {
		o.Set(m.Key, m.Value)
	}
	return o
}

// Len returns the number of members.
func (o *Object) Len() int { return len(o.members) }

// Members returns the members in order, to be read only.
func (o *Object) Members() []Member { return o.members }

// Get returns the value of key.
func (o *Object) Get(key string) (Value, bool) {
	if i := o.find(key); i >= 0 {
		return o.members[i].Value, true
	}
	return nil, false
}

// Set adds or replaces a member of an object under construction.
func (o *Object) Set(key string, v Value) {
	if i := o.find(key); i >= 0 {
		o.members[i].Value = v
		return
	}
	o.members = append(o.members, Member{key, v})
	switch {
	case o.index != nil:
		o.index[key] = len(o.members) - 1
	case len(o.members) >= indexFrom:
		o.index = make(map[string]int, 2*len(o.members))
		for i, m := range o.members {
			o.index[m.Key] = i
		}
	}
}

// With returns a copy that has the member.
func (o *Object) With(key string, v Value) *Object {
	c := &Object{members: make([]Member, len(o.members), len(o.members)+1)}
	copy(c.members, o.members)
	if o.index != nil {
		c.index = make(map[string]int, len(o.index)+1)
		for k, i := range o.index {
			c.index[k] = i
		}
	}
	c.Set(key, v)
	return c
}

func (o *Object) find(key string) int {
	if o.index != nil {
		if i, ok := o.index[key]; ok {
			return i
		}
		return -1
	}
	for i := range o.members {
		if o.members[i].Key == key {
			return i
		}
	}
	return -1
}

// HashOrdered returns the object with its members in the order in which Java's
// HashMap would list them: AWS's own results show it.
func (o *Object) HashOrdered() *Object {
	size := 16
	for size*3/4 < len(o.members) {
		size *= 2
	}
	members := slices.Clone(o.members)
	slices.SortStableFunc(members, func(a, b Member) int {
		return int(javaHash(a.Key)&uint32(size-1)) - int(javaHash(b.Key)&uint32(size-1))
	})
	return NewObject(members...)
}

// javaHash is String.hashCode over UTF-16 units, spread as HashMap does.
func javaHash(s string) uint32 {
	var h uint32
	for _, r := range s {
		if r >= 0x10000 {
			r -= 0x10000
			h = 31*h + uint32(0xd800+r>>10)
			h = 31*h + uint32(0xdc00+r&0x3ff)
			continue
		}
		h = 31*h + uint32(r)
	}
	return h ^ h>>16
}
