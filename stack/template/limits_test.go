package template

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// repeat makes a text of 400 kB, which is enough to tell a square from a line.
func repeat(head string, line func(i int) string, tail string) string {
	var b strings.Builder
	b.WriteString(head)
	for i := 0; b.Len() < 400_000; i++ {
		b.WriteString(line(i))
	}
	return b.String() + tail
}

// A long text of any kind is read or refused in the time that its length takes,
// not the square of it.
func TestLongTexts(t *testing.T) {
	if testing.Short() {
		t.Skip("20 long texts take seconds")
	}
	const head = "Resources:\n  R:\n    Type: X\n    Properties:\n"
	const function = "Transform: AWS::Serverless-2016-10-31\nGlobals: {Function: {Tags: {a: b}}}\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      InlineCode: x\n      Handler: a\n"
	for name, text := range map[string]string{
		"refs":       repeat(head+"      P:\n", func(i int) string { return fmt.Sprintf("        - !Ref X%d\n", i) }, ""),
		"references": repeat(head, func(i int) string { return fmt.Sprintf("      k%d: '{{resolve:ssm:a}}'\n", i) }, ""),
		"json":       repeat(`{"a":[`, func(int) string { return "[]," }, "1]}"),
		"flow":       repeat("a: {", func(i int) string { return fmt.Sprintf("k%d: v, ", i) }, "}"),
		"sections":   repeat("", func(i int) string { return fmt.Sprintf("k%d: v\n", i) }, ""),
		"conditions": repeat("Conditions:\n", func(i int) string { return fmt.Sprintf("  k%d: !Not [!Condition k%d]\n", i+1, i) }, "  k0: !Equals [a, a]\n"+head+"      a: b"),
		"tabs":       repeat("a:\n", func(int) string { return "\t" }, ""),
		"blanks":     repeat("a:", func(int) string { return " " }, "b"),
		"lines":      repeat("a: b", func(int) string { return "\n\n  c" }, ""),
		"lists":      repeat("a:\n", func(int) string { return "- " }, ""),
		"brackets":   repeat("a: ", func(int) string { return "[" }, ""),
		"quotes":     repeat("a: \"", func(int) string { return `\\` }, ""),
		"tags":       repeat("a: ", func(int) string { return "!a " }, ""),
		"anchors":    repeat("a: ", func(int) string { return "&a " }, ""),
		"names":      repeat(head+"      P: !Sub '", func(int) string { return "${X}" }, "'\n"),
		"open names": repeat(head+"      P: !Sub '", func(int) string { return "${X" }, "'\n"),
		"colons":     repeat("a: ", func(int) string { return "b:" }, ""),
		"events":     repeat(function+"      Events:\n", func(i int) string { return fmt.Sprintf("        e%d: {Type: Schedule}\n", i) }, ""),
		"tag pairs":  repeat(function+"      Tags:\n", func(i int) string { return fmt.Sprintf("        e%d: a\n", i) }, ""),
		"loops":      repeat("Transform: AWS::LanguageExtensions\n"+head, func(i int) string { return fmt.Sprintf("      e%d: a\n", i) }, ""),
	} {
		if len(text) > MaxBody {
			t.Fatalf("%s has %d bytes", name, len(text))
		}
		start := time.Now()
		if tmpl, err := Parse([]byte(text)); err == nil {
			if b, err := tmpl.Bind(Inputs{Pseudo: pseudo}); err == nil {
				for _, r := range b.Order() {
					_, _ = b.Properties(r, world{})
				}
			}
		}
		if d := time.Since(start); d > 20*time.Second { // a square takes minutes
			t.Errorf("%s: %v", name, d)
		}
	}
}
