package redshift

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"
)

// A cache keeps compiled patterns; queries use few of them on many rows.
type cache struct {
	mu   sync.Mutex // guards known
	many map[string]matcher
}

const maxCached = 256

var patterns cache

// compile compiles a POSIX pattern: of matches that begin at the same place
// the longest counts. The parameters are letters: i ignores case, c does not,
// e extracts a group, and p asks for Perl's dialect.
func compile(pattern, parameters string) (matcher, error) {
	key := parameters + "\x00" + pattern
	patterns.mu.Lock()
	defer patterns.mu.Unlock()
	if re, ok := patterns.many[key]; ok {
		return re, nil
	}
	flags := "s"
	for _, p := range parameters {
		switch p {
		case 'i':
			flags += "i"
		case 'c':
			flags = strings.ReplaceAll(flags, "i", "")
		case 'e', 'p':
		default:
			return nil, fmt.Errorf("invalid regular expression parameter %q", p)
		}
	}
	perl := strings.Contains(parameters, "p")
	re, err := regexp.Compile("(?" + flags + ")" + pattern)
	var m matcher = plainMatcher{re}
	switch {
	case err == nil && !perl:
		re.Longest()
	case err != nil && perl:
		m, err = compilePerl(pattern, flags)
	}
	if err != nil {
		return nil, fmt.Errorf("invalid regular expression %q: %w", pattern, err)
	}
	if len(patterns.many) >= maxCached || patterns.many == nil {
		patterns.many = map[string]matcher{}
	}
	patterns.many[key] = m
	return m, nil
}

// from returns the byte offset of character position, from 1.
func from(s string, position int) (int, error) {
	if position < 1 {
		return 0, fmt.Errorf("the position must be a positive integer, not %d", position)
	}
	at := 0
	for i := 1; i < position && at < len(s); i++ {
		_, n := utf8.DecodeRuneInString(s[at:])
		at += n
	}
	return at, nil
}

// each calls do for the matches of a pattern from a position on, until do
// returns false. Offsets are those of s.
func each(m matcher, s string, start int, do func(loc []int) bool) error {
	found, err := m.all(s[start:])
	for _, loc := range found {
		for i := range loc {
			if loc[i] >= 0 {
				loc[i] += start
			}
		}
		if !do(loc) {
			break
		}
	}
	return err
}

// RegexpCount counts the matches.
//
// https://docs.aws.amazon.com/redshift/latest/dg/REGEXP_COUNT.html
func RegexpCount(s, pattern string, position int, parameters string) (int, error) {
	re, err := compile(pattern, parameters)
	if err != nil {
		return 0, err
	}
	start, err := from(s, position)
	if err != nil {
		return 0, err
	}
	n := 0
	err = each(re, s, start, func([]int) bool { n++; return true })
	return n, err
}

// find returns where the match of a number is, or nil.
func find(s, pattern string, position, occurrence int, parameters string) ([]int, error) {
	re, err := compile(pattern, parameters)
	if err != nil {
		return nil, err
	}
	start, err := from(s, position)
	if err != nil {
		return nil, err
	}
	if occurrence < 1 {
		return nil, fmt.Errorf("the occurrence must be a positive integer, not %d", occurrence)
	}
	var found []int
	err = each(re, s, start, func(loc []int) bool {
		if occurrence--; occurrence == 0 {
			found = loc
		}
		return occurrence > 0
	})
	return found, err
}

// RegexpInstr returns the position of a match, from 1, or that after it where
// option is 1; 0 where there is none.
//
// https://docs.aws.amazon.com/redshift/latest/dg/REGEXP_INSTR.html
func RegexpInstr(s, pattern string, position, occurrence, option int, parameters string) (int, error) {
	loc, err := find(s, pattern, position, occurrence, parameters)
	if loc == nil || err != nil {
		return 0, err
	}
	at := loc[0]
	if option == 1 {
		at = loc[1]
	}
	return utf8.RuneCountInString(s[:at]) + 1, nil
}

// RegexpSubstr returns a match, or with the parameter e its first group; the
// empty text where there is none.
//
// https://docs.aws.amazon.com/redshift/latest/dg/REGEXP_SUBSTR.html
func RegexpSubstr(s, pattern string, position, occurrence int, parameters string) (string, error) {
	loc, err := find(s, pattern, position, occurrence, parameters)
	if loc == nil || err != nil {
		return "", err
	}
	if strings.Contains(parameters, "e") && len(loc) >= 4 {
		if loc[2] < 0 {
			return "", nil
		}
		return s[loc[2]:loc[3]], nil
	}
	return s[loc[0]:loc[1]], nil
}

// RegexpReplace replaces all matches with a text.
//
// https://docs.aws.amazon.com/redshift/latest/dg/REGEXP_REPLACE.html
func RegexpReplace(s, pattern, with string, position int, parameters string) (string, error) {
	re, err := compile(pattern, parameters)
	if err != nil {
		return "", err
	}
	start, err := from(s, position)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	last := 0
	err = each(re, s, start, func(loc []int) bool {
		b.WriteString(s[last:loc[0]])
		b.WriteString(with)
		last = loc[1]
		return true
	})
	b.WriteString(s[last:])
	return b.String(), err
}

// SimilarPattern turns a pattern of SIMILAR TO into a regular expression of
// the whole text. The escape may be 0 for none.
//
// https://docs.aws.amazon.com/redshift/latest/dg/pattern-matching-conditions-similar-to.html
func SimilarPattern(pattern string, escape rune) string {
	var b strings.Builder
	b.WriteString("(?s)(?:")
	set, escaped := false, false
	for _, r := range pattern {
		switch {
		case escaped:
			b.WriteString(regexp.QuoteMeta(string(r)))
			escaped = false
		case escape != 0 && r == escape:
			escaped = true
		case set:
			b.WriteRune(r)
			set = r != ']'
		case r == '[':
			b.WriteRune(r)
			set = true
		case r == '%':
			b.WriteString(".*")
		case r == '_':
			b.WriteString(".")
		case strings.ContainsRune(`.^$\`, r):
			b.WriteString(`\` + string(r))
		default:
			b.WriteRune(r)
		}
	}
	b.WriteString(")")
	return b.String()
}
