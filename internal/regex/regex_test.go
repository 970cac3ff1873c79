package regex

import (
	"errors"
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, flags, text string
		want                 string // groups joined by |, "-" for none, "no" for no match
	}{
		{`ab+`, "", "xabbb", "abbb"},
		{`a(b)?c`, "", "ac", "ac|-"},
		{`(a|ab)(c|bcd)(d*)`, "", "abcd", "abcd|a|bcd|"},
		{`(z)((a+)?(b+)?(c))*`, "", "zaacbbbcac", "zaacbbbcac|z|ac|a|-|c"}, // ECMA-262, RepeatMatcher, note 3
		{`(?=(a+))a*b\1`, "", "baaabac", "aba|a"},                          // ECMA-262, note on look-ahead
		{`(.*?)a(?!(a+)b\2c)\2(.*)`, "", "baaabaac", "baaabaac|ba|-|abaac"},
		{`(a*)*`, "", "b", "|-"},
		{`(?:a*)*b`, "", "aaab", "aaab"},
		{`(?<=\$)\d+(\.\d*)?`, "", "cost $10.50", "10.50|.50"},
		{`(?<!\$)\b\d+`, "", "$10 20", "20"},
		{`(?<year>\d{4})-\k<year>`, "", "1999-2000-2000", "2000-2000|2000"},
		{`[^a-c\d]+`, "", "ab1xyz9", "xyz"},
		{`HELLO`, "i", "say hello", "hello"},
		{`[a-z]+`, "i", "ABC", "ABC"},
		{`^b$`, "m", "a\nb\nc", "b"},
		{`^b$`, "", "a\nb\nc", "no"},
		{`a{2,3}`, "", "aaaa", "aaa"},
		{`a{2,3}?`, "", "aaaa", "aa"},
		{`a{,3}`, "", "a{,3}", "a{,3}"},
		{`x*?y`, "", "xxy", "xxy"},
		{`\u00e9\x41\cA`, "", "éA\x01", "éA\x01"},
		{`😀.`, "", "a😀b", "😀b"},
		{`\bfoo\B`, "", "foo foobar", "foo"},
		{`(?:)`, "", "", ""},
		{`[]`, "", "a", "no"},
		{`[^]`, "", "\n", "\n"},
		{`(a)|b`, "", "b", "b|-"},
	} {
		var flags Flags
		if strings.Contains(c.flags, "i") {
			flags |= IgnoreCase
		}
		if strings.Contains(c.flags, "m") {
			flags |= Multiline
		}
		re, err := Compile(c.pattern, flags)
		if err != nil {
			t.Errorf("Compile(%q): %v", c.pattern, err)
			continue
		}
		steps := 100_000
		text := []rune(c.text)
		loc, err := re.Match(text, 0, &steps)
		if err != nil {
			t.Errorf("%q on %q: %v", c.pattern, c.text, err)
			continue
		}
		if got := show(text, loc); got != c.want {
			t.Errorf("%q on %q = %q; want %q", c.pattern, c.text, got, c.want)
		}
	}
}

func show(text []rune, loc []int) string {
	if loc == nil {
		return "no"
	}
	var parts []string
	for i := 0; i < len(loc); i += 2 {
		if loc[i] < 0 {
			parts = append(parts, "-")
		} else {
			parts = append(parts, string(text[loc[i]:loc[i+1]]))
		}
	}
	return strings.Join(parts, "|")
}

func TestBadPatterns(t *testing.T) {
	for _, p := range []string{`(`, `)`, `a**`, `*a`, `[a`, `[z-a]`, `a{2,1}`, `\`, `(?x)`, `(?<1>a)`, `(?<a>.)(?<a>.)`, `(?<a>.)\k<b>`, `^*`,
		strings.Repeat("(", 1000), `((a{1000}){1000}){1000}`} {
		if _, err := Compile(p, 0); err == nil {
			t.Errorf("Compile(%.20q) gives no error", p)
		}
	}
}

func TestStepsAreBounded(t *testing.T) {
	re, err := Compile(`(a+)+$`, 0)
	if err != nil {
		t.Fatal(err)
	}
	steps := 200_000
	if _, err := re.Match([]rune(strings.Repeat("a", 60)+"b"), 0, &steps); !errors.Is(err, ErrSteps) {
		t.Errorf("got %v; want ErrSteps", err)
	}
}

func FuzzMatch(f *testing.F) {
	for _, s := range []string{`a(b|c)*?d`, `(?<=a)b`, `[\d-x]{2,}`, `\1(a)`, `(?!x)+y`, `\u{12}\x4`} {
		f.Add(s, "abcdbxyy112")
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		for _, flags := range []Flags{0, IgnoreCase | Multiline} {
			re, err := Compile(pattern, flags)
			if err != nil {
				return
			}
			steps := 20_000
			runes := []rune(text)
			loc, _ := re.Match(runes, 0, &steps)
			for i := 0; i < len(loc); i += 2 {
				if loc[i] > loc[i+1] || loc[i+1] > len(runes) || (loc[i] < 0) != (loc[i+1] < 0) {
					t.Fatalf("%q on %q: bounds %v", pattern, text, loc)
				}
			}
		}
	})
}
