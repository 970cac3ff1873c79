package awsmodel

import (
	"regexp"
	"sync"
	"time"

	"github.com/dlclark/regexp2"
)

// matches reports whether the whole of text matches a pattern of the model,
// which is a Java regular expression.
func matches(pattern, text string) bool { return compiled(pattern)(text) }

// patterns caches what compile makes; the tables are finite.
var patterns sync.Map // pattern -> func(string) bool

func compiled(pattern string) func(string) bool {
	if f, ok := patterns.Load(pattern); ok {
		return f.(func(string) bool)
	}
	f := compile(pattern)
	patterns.Store(pattern, f)
	return f
}

// compile prefers the linear-time engine. Patterns with look-around go to
// regexp2 with a limit. A pattern that neither can read (none of the tables',
// which a test sees to) constrains nothing.
func compile(pattern string) func(string) bool {
	whole := "^(?:" + javaEscapes(pattern) + `)\z`
	if re, err := regexp.Compile("(?s)" + whole); err == nil {
		return re.MatchString
	}
	re, err := regexp2.Compile("^(?:"+pattern+`)\z`, regexp2.Singleline)
	if err != nil {
		return func(string) bool { return true }
	}
	re.MatchTimeout = time.Second
	return func(text string) bool {
		ok, err := re.MatchString(text)
		return ok && err == nil
	}
}

var (
	unicodeEscape  = regexp.MustCompile(`\\u([0-9A-Fa-f]{4})`)
	surrogateRange = regexp.MustCompile(`-\\x\{[dD][89abAB][0-9A-Fa-f]{2}\}`)
)

// javaEscapes rewrites what Java spells otherwise than RE2.
func javaEscapes(p string) string {
	p = unicodeEscape.ReplaceAllString(p, `\x{$1}`)
	p = surrogateRange.ReplaceAllString(p, `-\x{D7FF}`)
	return regexp.MustCompile(`\\p\{ASCII\}`).ReplaceAllString(p, `[\x00-\x7F]`)
}
