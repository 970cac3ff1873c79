package object

import (
	"context"
	"strings"
)

// ListOptions say what [Objects.List] lists.
type ListOptions struct {
	Prefix    string
	Delimiter string // keys that have it behind the prefix are rolled up
	After     string // names up to this one are left out
	Max       int    // objects and common prefixes together
}

// A Listing is one page of names, in the order of their UTF-8 bytes.
type Listing struct {
	Objects  []Object
	Prefixes []string // rolled up
	More     bool
	Last     string // the last name on the page, After of the next one
}

// List lists the objects of a bucket, or returns [ErrNoBucket].
func (o *Objects) List(ctx context.Context, bucket string, opt ListOptions) (Listing, error) {
	if _, err := o.index.Bucket(ctx, bucket); err != nil {
		return Listing{}, named(err, bucket, "")
	}
	l := lister{o: o, bucket: bucket, opt: opt, from: opt.Prefix, to: successor(opt.Prefix)}
	if opt.After != "" {
		l.from = max(l.from, opt.After+"\x00")
	}
	for !l.done {
		batch, err := o.index.Objects(ctx, bucket, l.from, l.to, min(opt.Max-l.count()+1, 1000))
		if err != nil {
			return Listing{}, named(err, bucket, "")
		}
		l.take(batch)
	}
	return l.page, nil
}

type lister struct {
	o        *Objects
	bucket   string
	opt      ListOptions
	from, to string
	page     Listing
	done     bool
}

func (l *lister) count() int { return len(l.page.Objects) + len(l.page.Prefixes) }

// take adds a batch to the page, up to the first rolled-up name, behind which
// the index is asked again.
func (l *lister) take(batch []Object) {
	if len(batch) == 0 {
		l.done = true
		return
	}
	for _, obj := range batch {
		rolled, isRolled := l.roll(obj.Key)
		if isRolled && rolled <= l.opt.After {
			l.from = successor(rolled)
			return
		}
		if l.count() >= l.opt.Max {
			l.page.More, l.done = l.opt.Max > 0, true
			return
		}
		if isRolled {
			l.page.Prefixes = append(l.page.Prefixes, rolled)
			l.page.Last, l.from = rolled, successor(rolled)
			return
		}
		l.page.Objects = append(l.page.Objects, obj)
		l.page.Last, l.from = obj.Key, obj.Key+"\x00"
	}
}

func (l *lister) roll(key string) (string, bool) {
	if l.opt.Delimiter == "" {
		return "", false
	}
	rest := key[len(l.opt.Prefix):]
	i := strings.Index(rest, l.opt.Delimiter)
	if i < 0 {
		return "", false
	}
	return key[:len(l.opt.Prefix)+i+len(l.opt.Delimiter)], true
}

// successor is the first text behind all that begin with prefix; empty, for
// no bound, when prefix is.
func successor(prefix string) string {
	if prefix == "" {
		return ""
	}
	b := []byte(prefix)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] < 0xff {
			b[i]++
			return string(b[:i+1])
		}
	}
	return ""
}
