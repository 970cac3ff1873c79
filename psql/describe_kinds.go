package psql

import "strings"

// kindsOf returns the kinds of relations that a command such as \dtv lists, or
// "" where it is no such command or names one kind only. In it "s" is a
// sequence; "S" asks for those of the system.
func kindsOf(name string) string {
	letters, ok := strings.CutPrefix(name, "d")
	if !ok {
		return ""
	}
	letters = strings.NewReplacer("S", "", "+", "").Replace(letters)
	if len(letters) < 2 || !strings.ContainsRune("tvmisE", rune(letters[0])) {
		return ""
	}
	return letters // others are passed over, as psql does
}

// relations is the listing of several kinds of relations: that of indexes where
// they are among them, else of tables or views, with all kinds in its WHERE.
func relations(kinds string) listing {
	base := "dv"
	switch {
	case strings.Contains(kinds, "i"):
		base = "di"
	case strings.ContainsAny(kinds, "tm"):
		base = "dt"
	}
	l, _ := listingOf(base)
	list := func(wide bool) string { // wide with those of the system
		var b strings.Builder
		for _, k := range [...]struct{ letter, kinds, more string }{
			{"t", "'r','p',", "'t',"}, {"v", "'v',", ""}, {"m", "'m',", ""}, {"i", "'i','I',", ""}, {"s", "'S',", ""}, {"", "", "'s',"}, {"E", "'f',", ""},
		} {
			if !strings.Contains(kinds, k.letter) {
				continue
			}
			if b.WriteString(k.kinds); wide {
				b.WriteString(k.more)
			}
		}
		return "WHERE c.relkind IN (" + b.String() + "'')"
	}
	for i, line := range l.lines {
		if strings.HasPrefix(line, "WHERE c.relkind IN (") {
			l.lines[i] = list(strings.Contains(line, "'s'"))
		}
	}
	return l
}
