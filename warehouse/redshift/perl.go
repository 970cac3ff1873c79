package redshift

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"salamander/internal/regex"
)

// A matcher finds the matches of a pattern in a text: the bytes of each, and
// of its groups, -1 for those that took no part.
type matcher interface {
	all(s string) ([][]int, error)
}

type plainMatcher struct{ re *regexp.Regexp }

func (m plainMatcher) all(s string) ([][]int, error) {
	return m.re.FindAllStringSubmatchIndex(s, -1), nil
}

// A perlMatcher has what no automaton has: look-around and back-references.
type perlMatcher struct{ re *regex.Regexp }

// maxSteps bounds one search, so that no pattern can run for ever.
const maxSteps = 5_000_000

// unknownPerl are parts of Perl's patterns that the engine below would read as
// something else.
var unknownPerl = regexp.MustCompile(`\[:|\(\?[^:=!<]|\(\?<[^=!]|\\[AZzGKhHRXQEpPN]|[*+?}]\+`)

func compilePerl(pattern, flags string) (matcher, error) {
	if at := unknownPerl.FindString(pattern); at != "" {
		return nil, fmt.Errorf("the regular expression %q is not supported: it has %q beside look-around or references", pattern, at)
	}
	var f regex.Flags
	if strings.Contains(flags, "i") {
		f = regex.IgnoreCase
	}
	re, err := regex.Compile(pattern, f)
	if err != nil {
		return nil, err
	}
	return perlMatcher{re}, nil
}

func (m perlMatcher) all(s string) ([][]int, error) {
	text := []rune(s)
	var found [][]int
	steps := maxSteps
	bytesAt, runes, offset := make([]int, 0, len(text)+1), text, 0
	for _, r := range runes {
		bytesAt = append(bytesAt, offset)
		offset += utf8.RuneLen(r)
	}
	bytesAt = append(bytesAt, offset)
	for at := 0; at <= len(text); {
		loc, err := m.re.Match(text, at, &steps)
		if err != nil {
			return nil, err
		}
		if loc == nil {
			break
		}
		at = loc[1]
		if loc[1] == loc[0] {
			at++
		}
		in := make([]int, len(loc))
		for i, v := range loc {
			if in[i] = -1; v >= 0 {
				in[i] = bytesAt[v]
			}
		}
		found = append(found, in)
	}
	return found, nil
}
