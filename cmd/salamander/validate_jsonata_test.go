package main

import "testing"

// The place is that of the character at fault, whatever stands before it.
func TestWithinExpression(t *testing.T) {
	for text, want := range map[string]string{
		`"{% $sum(a +) %}"`:                    `) %}"`,
		`"{%  'é😀\u00e9\ud83d\ude00\n' +) %}"`: `) %}"`,
		`"{% 1 %}"`: "",
		`"plain"`:   "",
		`12`:        "",
		`"{% (`:     "",
	} {
		at, ok := withinExpression([]byte(text), 0)
		got := ""
		if ok {
			got = text[at:]
		}
		if got != want {
			t.Errorf("%s: got %q; want %q", text, got, want)
		}
	}
}

func FuzzWithinExpression(f *testing.F) {
	f.Add([]byte(`"{% a \u00e9 +) %}"`), 0)
	f.Add([]byte(`"{%é😀(%}`), 0)
	f.Fuzz(func(t *testing.T, text []byte, at int) {
		if at < 0 {
			return
		}
		if offset, ok := withinExpression(text, at); ok && (offset < at || offset >= len(text)) {
			t.Errorf("got offset %d in a text of %d", offset, len(text))
		}
	})
}
