package event

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"salamander/internal/value"
)

// A Trigger starts something once for each date, when all the files of that
// date are there.
//
// Patterns name keys with {date}, or {year}, {month} and {day}, and with * for
// any text. All patterns of Keys must be met: one without a star by its key,
// one with stars by at least one key, unless Count says how many keys there
// must be in all.
type Trigger struct {
	Scope
	Name     string
	Bucket   string
	Keys     []string
	Count    int           // keys that must match, in all; 0: one for each pattern
	Manifest string        // pattern of a key whose content lists keys that must be there too
	Marker   string        // pattern of a key that is written last, such as _SUCCESS
	Format   string        // of {date}: YYYY-MM-DD (when empty), YYYYMMDD, YYYY/MM/DD
	Quiet    time.Duration // nothing more may have arrived for so long
	Deadline string        // time of day, "06:00"; empty: none
	Days     int           // days from the date to its deadline
	Weekdays []string      // dates that have files: "MON" …; all when empty
	Zone     string        // of the deadline; UTC when empty
	Target   string        // ARN of a state machine, or any other target
	Input    string        // template, with {date}
}

// An ObjectChange is an object that was put or removed.
type ObjectChange struct {
	Scope
	Bucket, Key string
	At          time.Time
}

// dateFormats are the values of Format, as Go writes them.
func dateFormats() map[string]string {
	return map[string]string{"": "2006-01-02", "YYYY-MM-DD": "2006-01-02", "YYYYMMDD": "20060102", "YYYY/MM/DD": "2006/01/02"}
}

// dateLayout is how dates are written outside of keys.
const dateLayout = "2006-01-02"

// Validate tells all that is wrong with t.
func (t Trigger) Validate() error {
	var problems []error
	bad := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if t.Name == "" || strings.Trim(t.Name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" || len(t.Name) > 60 {
		bad("the name %q: need 1 to 60 letters, digits, - and _", t.Name)
	}
	if t.Bucket == "" {
		bad("bucket: need the bucket of the files")
	}
	patterns := t.patterns()
	if len(patterns) == 0 {
		bad("keys: need a pattern of keys, a manifest or a marker")
	}
	if _, ok := dateFormats()[t.Format]; !ok {
		bad("date-format: got %q; need YYYY-MM-DD, YYYYMMDD or YYYY/MM/DD", t.Format)
	}
	for _, p := range patterns {
		if !utf8.ValidString(p) {
			bad("the pattern %q is no UTF-8", p)
		}
		if !strings.Contains(p, "{date}") && !(strings.Contains(p, "{year}") && strings.Contains(p, "{month}") && strings.Contains(p, "{day}")) {
			bad("the pattern %q has no {date}, nor {year}, {month} and {day}", p)
		}
	}
	if t.Deadline != "" {
		if _, err := time.Parse("15:04", t.Deadline); err != nil {
			bad("deadline: got %q; need a time of day such as \"06:00\"", t.Deadline)
		}
	}
	for _, w := range t.Weekdays {
		if !slices.Contains(weekdays(), strings.ToUpper(w)) {
			bad("weekdays: got %q; need SUN, MON, TUE, WED, THU, FRI or SAT", w)
		}
	}
	if _, err := LoadZone(t.Zone); err != nil {
		bad("timezone: %v", err)
	}
	if err := CheckTarget(t.Target); err != nil {
		bad("start: %v", err)
	}
	if t.Count < 0 || t.Quiet < 0 || t.Days < 0 {
		bad("count, quiet and deadline-days must not be negative")
	}
	if t.Input != "" {
		if _, err := value.Parse([]byte(strings.ReplaceAll(t.Input, "{date}", "2026-01-02"))); err != nil {
			bad("input: no JSON: %v", err)
		}
	}
	return errors.Join(problems...)
}

func weekdays() []string { return []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"} }

// patterns are all patterns of keys of the trigger.
func (t Trigger) patterns() []string {
	all := slices.Clone(t.Keys)
	for _, p := range []string{t.Manifest, t.Marker} {
		if p != "" {
			all = append(all, p)
		}
	}
	return all
}

// fillDate writes date into a pattern or a template.
func (t Trigger) fillDate(text string, date time.Time) string {
	return strings.NewReplacer("{date}", date.Format(dateFormats()[t.Format]), "{year}", date.Format("2006"),
		"{month}", date.Format("01"), "{day}", date.Format("02")).Replace(text)
}

// FillInput is the input for a date, always written as 2026-01-02.
func FillInput(template string, date time.Time) string {
	return Trigger{}.fillDate(template, date)
}

// glob is the expression of a pattern in which dates are filled already.
func glob(pattern string) *regexp.Regexp {
	parts := strings.Split(pattern, "*")
	for i, p := range parts {
		parts[i] = regexp.QuoteMeta(p)
	}
	return regexp.MustCompile(`(?s)^` + strings.Join(parts, `.*`) + `$`)
}

// prefixOf is what every key of a filled pattern begins with.
func prefixOf(pattern string) string {
	prefix, _, _ := strings.Cut(pattern, "*")
	return prefix
}

// A datePattern finds the date in a key.
type datePattern struct {
	text string
	expr *regexp.Regexp
}

func (t Trigger) datePattern(pattern string) datePattern {
	var b strings.Builder
	b.WriteString(`(?s)^`)
	seen := map[string]bool{}
	digits := map[string]string{"{date}": `\d{4}-\d{2}-\d{2}`, "{year}": `\d{4}`, "{month}": `\d{2}`, "{day}": `\d{2}`}
	switch t.Format {
	case "YYYYMMDD":
		digits["{date}"] = `\d{8}`
	case "YYYY/MM/DD":
		digits["{date}"] = `\d{4}/\d{2}/\d{2}`
	}
	for pattern := pattern; pattern != ""; {
		i := strings.IndexAny(pattern, "{*")
		if i < 0 {
			b.WriteString(regexp.QuoteMeta(pattern))
			break
		}
		b.WriteString(regexp.QuoteMeta(pattern[:i]))
		pattern = pattern[i:]
		name, _, closed := strings.Cut(pattern, "}")
		d, ok := digits[name+"}"]
		switch {
		case pattern[0] == '*':
			b.WriteString(`.*`)
			pattern = pattern[1:]
		case closed && ok && seen[name]:
			b.WriteString(d)
			pattern = pattern[len(name)+1:]
		case closed && ok:
			seen[name] = true
			b.WriteString(`(?P<` + name[1:] + `>` + d + `)`)
			pattern = pattern[len(name)+1:]
		default:
			b.WriteString(regexp.QuoteMeta(pattern[:1]))
			pattern = pattern[1:]
		}
	}
	b.WriteString(`$`)
	return datePattern{pattern, regexp.MustCompile(b.String())}
}

// date returns the date of a key that the pattern names.
func (p datePattern) date(t Trigger, key string) (time.Time, bool) {
	m := p.expr.FindStringSubmatch(key)
	if m == nil {
		return time.Time{}, false
	}
	part := func(name string) string {
		if i := p.expr.SubexpIndex(name); i >= 0 {
			return m[i]
		}
		return ""
	}
	layout, text := dateFormats()[t.Format], part("date")
	if text == "" {
		layout, text = dateLayout, part("year")+"-"+part("month")+"-"+part("day")
	}
	date, err := time.Parse(layout, text)
	// A date that is there twice must be the same both times.
	return date, err == nil && glob(t.fillDate(p.text, date)).MatchString(key)
}
