package event

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"salamander/internal/value"
)

// ErrNoObject is what a [Lister] answers for an object that is not there.
var ErrNoObject = errors.New("the object does not exist")

// A Lister knows the objects of buckets.
type Lister interface {
	// List returns the keys with a prefix.
	List(ctx context.Context, s Scope, bucket, prefix string) ([]string, error)
	// Read returns the content of an object of at most limit bytes, or
	// ErrNoObject.
	Read(ctx context.Context, s Scope, bucket, key string, limit int64) ([]byte, error)
}

// A trigger is a Trigger with what is known of its dates. Its fields are
// guarded by the mutex of Events.
type trigger struct {
	Trigger
	zone     *time.Location
	patterns []datePattern
	days     map[string]*Day
	declared declared
}

// declared is the record of a trigger.
type declared struct {
	Name   string    `json:"name"`
	Since  time.Time `json:"since"`
	Judged string    `json:"judged"` // last date whose deadline has passed
}

// A Day is a date of a trigger.
type Day struct {
	Trigger string    `json:"trigger"`
	Date    string    `json:"date"`
	Touched time.Time `json:"touched,omitzero"` // a file of it came or went
	Started time.Time `json:"started,omitzero"`
	Late    bool      `json:"late,omitempty"`

	dirty bool // must be looked at
}

func (d Day) key() string { return key(d.Trigger, d.Date) }

func (e *Events) loadTriggers(ctx context.Context) error {
	known := map[string]declared{}
	if err := each(ctx, e.store, "trigger", func(d declared) error { known[d.Name] = d; return nil }); err != nil {
		return err
	}
	var c Change
	for _, t := range e.opt.Triggers {
		if err := t.Validate(); err != nil {
			return fmt.Errorf("trigger %s: %w", t.Name, err)
		}
		x := &trigger{Trigger: t, days: map[string]*Day{}}
		x.zone, _ = LoadZone(t.Zone)
		for _, p := range t.patterns() {
			x.patterns = append(x.patterns, t.datePattern(p))
		}
		d, ok := known[t.Name]
		if !ok {
			d = declared{Name: t.Name, Since: e.now()}
			x.declared = d
			// The first date that can be late is the first whose deadline is to come.
			date := e.now().In(x.zone).AddDate(0, 0, -t.Days-1)
			for x.Deadline != "" && !x.deadline(date).After(e.now()) {
				date = date.AddDate(0, 0, 1)
			}
			d.Judged = date.AddDate(0, 0, -1).Format(dateLayout)
			c.Put = append(c.Put, Record{"trigger", t.Name, d})
		}
		x.declared = d
		e.triggers = append(e.triggers, x)
	}
	err := each(ctx, e.store, "day", func(d Day) error {
		if t := e.trigger(d.Trigger); t != nil {
			d.dirty = d.Started.IsZero() && !d.Touched.IsZero()
			t.days[d.Date] = &d
		}
		return nil
	})
	if err != nil || len(c.Put) == 0 {
		return err
	}
	return e.store.Commit(ctx, c)
}

func (e *Events) trigger(name string) *trigger {
	for _, t := range e.triggers {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// deadline is when the files of a date must be there.
func (t *trigger) deadline(date time.Time) time.Time {
	at, _ := time.Parse("15:04", t.Deadline)
	return time.Date(date.Year(), date.Month(), date.Day()+t.Days, at.Hour(), at.Minute(), 0, 0, t.zone)
}

// touch notes the dates whose files have come or gone, and returns their
// records.
func (e *Events) touch(changes []ObjectChange) []Record {
	if len(changes) == 0 || len(e.triggers) == 0 {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	touched := map[string]*Day{}
	for _, c := range changes {
		for _, t := range e.triggers {
			if t.Scope != c.Scope || t.Bucket != c.Bucket {
				continue
			}
			for _, date := range t.datesOf(c.Key) {
				d := t.days[date]
				if d == nil {
					d = &Day{Trigger: t.Name, Date: date}
					t.days[date] = d
				}
				if d.Started.IsZero() {
					d.Touched, d.dirty = c.At, true
					touched[d.key()] = d
				}
			}
		}
	}
	var records []Record
	for k, d := range touched {
		records = append(records, Record{"day", k, *d})
	}
	return records
}

// datesOf are the dates that a key belongs to.
func (t *trigger) datesOf(key string) []string {
	var dates []string
	for _, p := range t.patterns {
		if date, ok := p.date(t.Trigger, key); ok && !slices.Contains(dates, date.Format(dateLayout)) {
			dates = append(dates, date.Format(dateLayout))
		}
	}
	return dates
}

// Progress is how far the files of a date are.
type Progress struct {
	Have, Want int
	Missing    []string // keys and patterns
}

// Complete reports whether all is there.
func (p Progress) Complete() bool { return p.Have >= p.Want }

// String is such as "3 of 5; missing: a, b".
func (p Progress) String() string {
	s := fmt.Sprintf("%d of %d", p.Have, p.Want)
	if len(p.Missing) > 0 {
		const most = 5
		shown := p.Missing[:min(most, len(p.Missing))]
		s += "; missing: " + strings.Join(shown, ", ")
		if n := len(p.Missing) - len(shown); n > 0 {
			s += fmt.Sprintf(" and %d more", n)
		}
	}
	return s
}

// maxManifest bounds the content of a manifest, in bytes.
const maxManifest = 8 << 20

// progress looks at the bucket.
func (t Trigger) progress(ctx context.Context, objects Lister, date time.Time) (p Progress, err error) {
	matched := 0
	for _, pattern := range t.Keys {
		filled := t.fillDate(pattern, date)
		keys, err := objects.List(ctx, t.Scope, t.Bucket, prefixOf(filled))
		if err != nil {
			return p, err
		}
		n := countMatches(glob(filled), keys)
		matched += n
		if t.Count == 0 {
			p.expect(filled, n > 0)
		}
	}
	if t.Count > 0 {
		p.Want += t.Count
		p.Have += min(matched, t.Count)
		if matched < t.Count {
			for _, pattern := range t.Keys {
				p.Missing = append(p.Missing, t.fillDate(pattern, date))
			}
		}
	}
	if t.Marker != "" {
		filled := t.fillDate(t.Marker, date)
		keys, err := objects.List(ctx, t.Scope, t.Bucket, prefixOf(filled))
		if err != nil {
			return p, err
		}
		p.expect(filled, countMatches(glob(filled), keys) > 0)
	}
	if t.Manifest != "" {
		err = t.manifest(ctx, objects, t.fillDate(t.Manifest, date), &p)
	}
	return p, err
}

func (p *Progress) expect(key string, there bool) {
	p.Want++
	if there {
		p.Have++
	} else {
		p.Missing = append(p.Missing, key)
	}
}

func countMatches(expr *regexp.Regexp, keys []string) int {
	n := 0
	for _, k := range keys {
		if expr.MatchString(k) {
			n++
		}
	}
	return n
}

func (t Trigger) manifest(ctx context.Context, objects Lister, key string, p *Progress) error {
	text, err := objects.Read(ctx, t.Scope, t.Bucket, key, maxManifest)
	if errors.Is(err, ErrNoObject) {
		p.expect(key, false)
		return nil
	} else if err != nil {
		return err
	}
	p.expect(key, true)
	for _, want := range manifestKeys(text, t.Bucket, key) {
		keys, err := objects.List(ctx, t.Scope, t.Bucket, want)
		if err != nil {
			return err
		}
		p.expect(want, slices.Contains(keys, want))
	}
	return nil
}

// manifestKeys reads a manifest: that of COPY, a JSON list of keys, or a key a
// line. Keys are those of the bucket, or beside the manifest when they have
// no slash.
func manifestKeys(text []byte, bucket, manifest string) []string {
	var names []string
	var entries struct {
		Entries []struct {
			URL string `json:"url"`
		} `json:"entries"`
	}
	if json.Unmarshal(text, &entries) == nil && len(entries.Entries) > 0 {
		for _, x := range entries.Entries {
			names = append(names, x.URL)
		}
	} else if json.Unmarshal(text, &names) != nil {
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
				names = append(names, line)
			}
		}
	}
	dir := manifest[:strings.LastIndexByte(manifest, '/')+1]
	for i, n := range names {
		if rest, ok := strings.CutPrefix(n, "s3://"+bucket+"/"); ok {
			names[i] = rest
		} else if !strings.Contains(n, "/") {
			names[i] = dir + n
		}
	}
	return names
}

// judgeTriggers starts what is complete, and tells what is late. It returns
// when it wants to look again.
func (e *Events) judgeTriggers(ctx context.Context) (next time.Time, err error) {
	type look struct {
		t   *trigger
		day Day
	}
	e.mu.Lock()
	var looks []look
	now := e.now()
	for _, t := range e.triggers {
		for _, d := range t.days {
			if !d.dirty {
				continue
			}
			if at := d.Touched.Add(t.Quiet); at.After(now) {
				next = earlier(next, at)
				continue
			}
			d.dirty = false
			looks = append(looks, look{t, *d})
		}
	}
	e.mu.Unlock()
	for _, l := range looks {
		if err := e.judgeDay(ctx, l.t, l.day); err != nil {
			e.mu.Lock()
			l.t.days[l.day.Date].dirty = true
			e.mu.Unlock()
			return next, fmt.Errorf("trigger %s, date %s: %w", l.t.Name, l.day.Date, err)
		}
	}
	for _, t := range e.triggers {
		if t.Deadline == "" {
			continue
		}
		at, err := e.judgeDeadlines(ctx, t)
		if err != nil {
			return next, fmt.Errorf("trigger %s: %w", t.Name, err)
		}
		next = earlier(next, at)
	}
	return next, nil
}

// judgeDay starts the target of a date whose files are all there.
func (e *Events) judgeDay(ctx context.Context, t *trigger, day Day) error {
	date, err := time.Parse(dateLayout, day.Date)
	if err != nil {
		return err
	}
	p, err := t.progress(ctx, e.opt.Objects, date)
	if err != nil || !p.Complete() {
		return err
	}
	now := e.now()
	day.Started, day.dirty = now, false
	input := FillInput(cmp.Or(t.Input, `{"date":"{date}"}`), date)
	d := Delivery{Scope: t.Scope, ID: Derive("trigger", t.Name, day.Date), Owner: "trigger/" + t.Name, Accepted: now, Due: now,
		Target: Target{ARN: t.Target}, Input: input, Scheduled: date, Name: t.Name + "-" + day.Date}
	e.serial.Lock()
	defer e.serial.Unlock()
	list, err := e.serialize(ctx, []Delivery{d}, cmp.Or(e.opt.Policies["trigger/"+t.Name].Overlap, "allow"), d.Owner)
	if err != nil {
		return err
	}
	if err := e.store.Commit(ctx, Change{Accept: list, Put: []Record{{"day", day.key(), day}}}); err != nil {
		return err
	}
	e.mu.Lock()
	t.days[day.Date] = &day
	e.mu.Unlock()
	e.courier()
	return nil
}

// mostLate bounds the dates that are told late at once after a long downtime.
const mostLate = 31

// judgeDeadlines tells once of each date that is late, by an event, and
// returns the next deadline.
func (e *Events) judgeDeadlines(ctx context.Context, t *trigger) (time.Time, error) {
	date, err := time.Parse(dateLayout, t.declared.Judged)
	if err != nil {
		return time.Time{}, err
	}
	now := e.now()
	if behind := now.Sub(date); behind > (mostLate+time.Duration(t.Days)+1)*24*time.Hour {
		date = now.AddDate(0, 0, -mostLate-t.Days)
	}
	for {
		date = date.AddDate(0, 0, 1)
		at := t.deadline(date)
		if at.After(now) {
			return at, nil
		}
		d := t.declared
		d.Judged = date.Format(dateLayout)
		c := Change{Put: []Record{{"trigger", t.Name, d}}}
		e.mu.Lock()
		day := Day{Trigger: t.Name, Date: d.Judged}
		if have := t.days[d.Judged]; have != nil {
			day = *have
		}
		e.mu.Unlock()
		late := day.Started.IsZero() && (len(t.Weekdays) == 0 || slices.ContainsFunc(t.Weekdays, func(w string) bool {
			return strings.EqualFold(w, weekdays()[date.Weekday()])
		}))
		if late {
			day.Late = true
			ev, err := e.lateEvent(ctx, t, date, at)
			if err != nil {
				return now, err
			}
			if c.Accept, err = e.match(key(t.Account, t.Region, DefaultBus), []Event{ev}, 0); err != nil {
				return now, err
			}
			c.Put = append(c.Put, Record{"day", day.key(), day})
		}
		if err := e.store.Commit(ctx, c); err != nil {
			return now, err
		}
		e.mu.Lock()
		t.declared = d
		if have := t.days[d.Judged]; late && have != nil {
			have.Late = true
		} else if late {
			t.days[d.Judged] = &day
		}
		e.mu.Unlock()
		if late {
			e.log.Warn("files are late", "trigger", t.Name, "date", d.Judged)
			e.courier()
		}
	}
}

// lateEvent is the event that says that files are late.
func (e *Events) lateEvent(ctx context.Context, t *trigger, date, deadline time.Time) (Event, error) {
	p, err := t.progress(ctx, e.opt.Objects, date)
	if err != nil {
		return Event{}, err
	}
	missing := make(value.Array, len(p.Missing))
	for i, m := range p.Missing {
		missing[i] = m
	}
	day := date.Format(dateLayout)
	detail := value.NewObject(value.Member{Key: "trigger", Value: t.Name}, value.Member{Key: "date", Value: day},
		value.Member{Key: "bucket", Value: t.Bucket}, value.Member{Key: "deadline", Value: deadline.UTC().Format(time.RFC3339)},
		value.Member{Key: "have", Value: value.Int(int64(p.Have))}, value.Member{Key: "want", Value: value.Int(int64(p.Want))},
		value.Member{Key: "missing", Value: missing}, value.Member{Key: "target", Value: t.Target})
	return Event{Scope: t.Scope, ID: Derive("late", t.Name, day), Type: "Salamander Files Late", Source: "salamander.triggers",
		Time: e.now(), Resources: []string{t.Target}, Detail: value.Append(nil, detail)}, nil
}

// A TriggerStatus tells what a trigger waits for.
type TriggerStatus struct {
	Name, Bucket, Target string
	Since                time.Time
	Deadline             time.Time // the next; zero: none
	Days                 []DayStatus
}

// A DayStatus is a date of a trigger, as it stands.
type DayStatus struct {
	Day
	Progress string // "3 of 5; missing: …" while it waits
}

// shownDays bounds the dates that are told of a trigger.
const shownDays = 10

// Triggers tells how the triggers stand, the newest dates first.
func (e *Events) Triggers(ctx context.Context) ([]TriggerStatus, error) {
	var all []TriggerStatus
	for _, t := range e.triggers {
		e.mu.Lock()
		s := TriggerStatus{Name: t.Name, Bucket: t.Bucket, Target: t.Target, Since: t.declared.Since}
		days := map[string]Day{}
		for date, d := range t.days {
			days[date] = *d
		}
		judged := t.declared.Judged
		e.mu.Unlock()
		if t.Deadline != "" {
			date, err := time.Parse(dateLayout, judged)
			if err != nil {
				return nil, err
			}
			next := date.AddDate(0, 0, 1)
			s.Deadline = t.deadline(next)
			if day := next.Format(dateLayout); days[day].Date == "" {
				days[day] = Day{Trigger: t.Name, Date: day}
			}
		}
		for _, d := range days {
			s.Days = append(s.Days, DayStatus{Day: d})
		}
		slices.SortFunc(s.Days, func(a, b DayStatus) int { return strings.Compare(b.Date, a.Date) })
		s.Days = s.Days[:min(len(s.Days), shownDays)]
		for i, d := range s.Days {
			if !d.Started.IsZero() {
				continue
			}
			date, err := time.Parse(dateLayout, d.Date)
			if err != nil {
				return nil, err
			}
			p, err := t.progress(ctx, e.opt.Objects, date)
			if err != nil {
				return nil, err
			}
			s.Days[i].Progress = p.String()
		}
		all = append(all, s)
	}
	return all, nil
}

// HashInput is the same for inputs that are equal as JSON.
func HashInput(input string) string {
	v, err := value.Parse([]byte(input))
	if err != nil {
		return Derive("text", input)
	}
	return Derive("json", string(canonical(nil, v)))
}

// canonical writes v with the members of objects in order and numbers by their
// value where that is exact.
func canonical(b []byte, v value.Value) []byte {
	switch v := v.(type) {
	case value.Number:
		if f := v.Float64(); !v.IsInteger() {
			return fmt.Appendf(b, "%v", f)
		}
	case value.Array:
		b = append(b, '[')
		for _, w := range v {
			b = append(canonical(b, w), ',')
		}
		return append(b, ']')
	case *value.Object:
		members := slices.Clone(v.Members())
		slices.SortFunc(members, func(a, b value.Member) int { return strings.Compare(a.Key, b.Key) })
		b = append(b, '{')
		for _, m := range members {
			b = append(value.AppendString(b, m.Key), ':')
			b = append(canonical(b, m.Value), ',')
		}
		return append(b, '}')
	}
	return value.Append(b, v)
}

// Succeeded tells which inputs a machine has succeeded with, by the inputs.
func (e *Events) Succeeded(ctx context.Context, machine string, inputs []string) (map[string]string, error) {
	hashes := make([]string, len(inputs))
	for i, in := range inputs {
		hashes[i] = HashInput(in)
	}
	found, err := e.store.Succeeded(ctx, machine, hashes)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for i, in := range inputs {
		if execution, ok := found[hashes[i]]; ok {
			out[in] = execution
		}
	}
	return out, nil
}
