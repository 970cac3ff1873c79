package jsonata

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"salamander/internal/regex"
)

func fnToMillis(c *call) any {
	if c.missing(0) {
		return undefined
	}
	if c.missing(1) {
		return parseISO(c.str(0))
	}
	return c.parseDate(c.str(0), c.str(1))
}

// parseISO reads an ISO 8601 timestamp: the reference's pattern, then the
// fields.
func parseISO(s string) any {
	bad := func() any { panic(newFault("D3110").value(s)) }
	rest := s
	digits := func(n int) int {
		if len(rest) < n {
			bad()
		}
		v := 0
		for _, ch := range []byte(rest[:n]) {
			if ch < '0' || ch > '9' {
				bad()
			}
			v = v*10 + int(ch-'0')
		}
		rest = rest[n:]
		return v
	}
	next := func(ch byte) bool {
		if rest == "" || rest[0] != ch {
			return false
		}
		rest = rest[1:]
		return true
	}
	year, month, day := digits(4), 1, 1
	var h, m, sec int
	var millis float64
	if next('-') {
		month = digits(2)
		if next('-') {
			day = digits(2)
		}
	}
	if next('T') {
		h = digits(2)
		if !next(':') {
			bad()
		}
		m = digits(2)
		if !next(':') {
			bad()
		}
		sec = digits(2)
	}
	if next('.') {
		n := 0
		for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
			n++
		}
		if n == 0 {
			bad()
		}
		f, _ := strconv.ParseFloat("0."+rest[:n], 64)
		millis = math.Floor(f*1000 + 1e-9)
		rest = rest[n:]
	}
	offset := 0
	if rest != "" && !next('Z') {
		sign := 1
		if next('-') {
			sign = -1
		} else if !next('+') {
			bad()
		}
		oh := digits(2)
		next(':')
		offset = sign * (oh*60 + digits(2))
	}
	if rest != "" || month < 1 || month > 12 || day < 1 || day > 31 || h > 24 || m > 59 || sec > 59 || h == 24 && (m > 0 || sec > 0) {
		bad()
	}
	t := time.Date(year, time.Month(month), day, h, m, sec, 0, time.UTC)
	return box(float64(t.UnixMilli()) + millis - float64(offset)*60000)
}

// A datePattern is how a picture's text is recognized.
type datePattern struct {
	re    strings.Builder
	parse []func(string) float64 // by group; nil for literals
	comps []byte
}

func (p *datePattern) add(component byte, pattern string, parse func(string) float64) {
	p.re.WriteString("(" + pattern + ")")
	p.parse = append(p.parse, parse)
	p.comps = append(p.comps, component)
}

func quoteRegex(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune(`.*+?^${}()|[]\`, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func (f *dateFormat) pattern() *datePattern {
	p := new(datePattern)
	p.re.WriteByte('^')
	for i := range f.parts {
		switch part := &f.parts[i]; {
		case part.component == 0:
			p.add(0, quoteRegex(part.literal), nil)
		case part.component == 'Z' || part.component == 'z':
			part.zonePattern(p)
		case part.component == 'f':
			p.add('f', "[0-9]+", func(s string) float64 {
				v, _ := strconv.ParseFloat("0."+s[:min(3, len(s))], 64)
				return v * 1000
			})
		case part.integer != nil:
			p.add(part.component, part.integer.pattern(), part.integer.parse)
		default:
			part.namePattern(p)
		}
	}
	p.re.WriteByte('$')
	return p
}

func (d *datePart) zonePattern(p *datePattern) {
	sep, prefix := "", ""
	if d.integer.regular > 0 {
		sep = d.integer.separators[0].text
	}
	if d.component == 'z' {
		prefix = "GMT"
	}
	re := prefix + "[-+][0-9]+"
	if sep != "" {
		re += quoteRegex(sep) + "[0-9]+"
	}
	p.add(d.component, re, func(s string) float64 {
		s = s[len(prefix):]
		if sep != "" {
			h, m, _ := strings.Cut(s, sep)
			return float64(leadingInt(h)*60 + leadingInt(m))
		}
		if len(s) <= 3 {
			return float64(leadingInt(s) * 60)
		}
		return float64(leadingInt(s[:3])*60 + leadingInt(s[3:]))
	})
}

func (d *datePart) namePattern(p *datePattern) {
	names := map[string]float64{}
	short := func(s string) string {
		if d.max > 0 && len(s) > d.max {
			return s[:d.max]
		}
		return s
	}
	switch d.component {
	case 'M', 'x':
		for i := 1; i <= 12; i++ {
			names[short(monthName(i))] = float64(i)
		}
	case 'F':
		for i := 1; i <= 7; i++ {
			names[short(dayName(i))] = float64(i)
		}
	case 'P':
		names["am"], names["AM"], names["pm"], names["PM"] = 0, 0, 1, 1
	default:
		panic(newFault("D3133").value(string(rune(d.component))))
	}
	p.add(d.component, "[a-zA-Z]+", func(s string) float64 {
		if v, ok := names[s]; ok {
			return v
		}
		return math.NaN()
	})
}

// pattern is the regular expression of numbers in the format.
func (f *integerFormat) pattern() string {
	switch f.primary {
	case 'a':
		if f.upper {
			return "[A-Z]+"
		}
		return "[a-z]+"
	case 'i':
		if f.upper {
			return "[MDCLXVI]+"
		}
		return "[mdclxvi]+"
	case 'w':
		values := wordValues()
		words := make([]string, 0, len(values))
		for w := range values {
			words = append(words, w)
		}
		slices.SortFunc(words, func(a, b string) int { // longer first, then by name
			if len(a) != len(b) {
				return len(b) - len(a)
			}
			return strings.Compare(a, b)
		})
		return "(?:" + strings.Join(words, "|") + `|and|[\-, ])+`
	case 's':
		panic(newFault("D3130").value(f.token))
	}
	re := "[0-9]+"
	if f.parseWidth > 0 {
		re = "[0-9]{" + strconv.Itoa(f.parseWidth) + "}"
	}
	if f.ordinal {
		re += "(?:th|st|nd|rd)"
	}
	return re
}

// parseDate reads a text by a picture. What is not given is taken from now if
// it is more significant than all that is given, and is zero if less.
func (c *call) parseDate(text, picture string) any {
	c.m.charge(64 * (len(picture) + len(text)))
	c.m.picture(picture)
	p := parseDatePicture(picture).pattern()
	re, err := regex.Compile(p.re.String(), regex.IgnoreCase)
	if err != nil {
		panic(newFault("D3132").value(picture))
	}
	s := newSubject(text)
	f, _ := c.m.find(re, s, 0)
	if f == nil {
		return undefined
	}
	got := map[byte]float64{}
	for i, parse := range p.parse {
		if parse == nil {
			continue
		}
		if v := parse(f.groups[i].(string)); !math.IsNaN(v) {
			got[p.comps[i]] = v
		}
	}
	if len(got) == 0 {
		return undefined
	}
	return c.assemble(got)
}

// isType tells whether the components given are of a combination: all of them
// in it, and at least one. A component that is zero counts as not given, as in the
// reference.
func isType(got map[byte]float64, all, combination string) bool {
	some := false
	for i := range len(all) {
		if got[all[i]] == 0 {
			continue
		}
		if strings.IndexByte(combination, all[i]) < 0 {
			return false
		}
		some = true
	}
	return some
}

func (c *call) assemble(got map[byte]float64) any {
	const dates, times = "YXMxWwdD", "PHhmsf"
	dateA := isType(got, dates, "YMD")
	dateB := !dateA && isType(got, dates, "Yd")
	dateC := isType(got, dates, "Xxw")
	dateD := !dateC && isType(got, dates, "XW")
	timeB := !isType(got, times, "Hmsf") && isType(got, times, "Phmsf")
	comps := "YMD"
	switch {
	case dateB:
		comps = "YD"
	case dateC:
		comps = "XxwF"
	case dateD:
		comps = "XWF"
	}
	if timeB {
		comps += "Phmsf"
	} else {
		comps += "Hmsf"
	}
	now := c.m.env.Now.UTC()
	started, ended := false, false
	for i := range len(comps) {
		part := comps[i]
		if _, ok := got[part]; ok {
			if started = true; ended {
				panic(newFault("D3136"))
			}
			continue
		}
		switch {
		case !started:
			got[part] = float64(fragment(now, part))
		case part == 'M' || part == 'D':
			got[part], ended = 1, true
		default:
			got[part], ended = 0, true
		}
	}
	if dateC || dateD { // the reference cannot either
		panic(newFault("D3136"))
	}
	return dateMillis(got, dateB, timeB)
}

func dateMillis(got map[byte]float64, dateB, timeB bool) any {
	for part, v := range got {
		if math.Abs(v) > 1e8 {
			panic(newFault("D3143").text("The " + string(rune(part)) + " of the timestamp is out of range"))
		}
	}
	n := func(part byte) int { return int(got[part]) }
	month, day, hour := max(n('M'), 1), n('D'), n('H')
	if dateB {
		month, day = 1, n('d')
	}
	if timeB {
		hour = n('h')
		if hour == 12 {
			hour = 0
		}
		if n('P') == 1 {
			hour += 12
		}
	}
	year := n('Y')
	if year >= 0 && year <= 99 {
		year += 1900 // as JavaScript's Date.UTC
	}
	t := time.Date(year, time.Month(month), day, hour, n('m'), n('s'), 0, time.UTC)
	millis := float64(t.UnixMilli()) + math.Floor(got['f']+1e-9)
	zone := got['Z']
	if zone == 0 {
		zone = got['z']
	}
	return box(millis - zone*60000)
}
