package template

import (
	"strings"
	"testing"

	"salamander/internal/value"
)

// A template of any text is read or refused; what it is read to says the same
// as JSON, and evaluates or fails.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		strings.Replace(etl, "!Foo.bar x", "x", 1),
		"Resources:\n  A: {Type: X}\n",
		`{"Resources": {"A": {"Type": "X", "Properties": {"P": {"Fn::Sub": ["${A}", {"A": 1}]}}}}}`,
		"Resources:\n  A:\n    Type: X\n    Properties:\n      T: >-\n        a\n\n        b\n      ? L\n      : [1, {a: b}, !If [x, y, z]]\n",
		"Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties: {InlineCode: x, Handler: a.b, Runtime: python3.12, Events: {E: {Type: Schedule, Properties: {Schedule: rate(1 day)}}}}\n",
		"a: &x [1]\nb: *x", "- - - -", "\"\\u00", "'", "|2\n  a", "? a\n: b", "!!binary x", "{a: [b, {c}]}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := read(text)
		if err != nil {
			return
		}
		again, err := readJSON(value.Text(n.Value()))
		if err != nil {
			t.Fatalf("not JSON: %v", err)
		}
		if got, want := value.Text(again.Value()), value.Text(n.Value()); got != want {
			t.Fatalf("got %s; want %s", got, want)
		}
		tmpl, err := Parse([]byte(text))
		if err != nil {
			return
		}
		values := map[string]string{}
		for _, p := range tmpl.Parameters {
			if p.Default == nil {
				values[p.Name] = "1"
			}
		}
		b, err := tmpl.Bind(Inputs{Values: values, Pseudo: pseudo, Resolver: world{}})
		if err != nil {
			return
		}
		for _, r := range b.Order() {
			_, _ = b.Properties(r, world{})
			_, _ = b.MaskedProperties(r, world{})
		}
		_, _ = b.Outputs(world{})
	})
}

// The pieces of a text of Fn::Sub, put together, are the text.
func FuzzSub(f *testing.F) {
	for _, seed := range []string{"a ${B} c", "${A.B}${!C}", "$${X}", "${", "${}", "${a${b}}", "${AWS::Region}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		pieces, _, ok := parseSub(s)
		if !ok {
			return
		}
		var b strings.Builder
		for _, p := range pieces {
			if p.name {
				b.WriteString("${" + p.text + "}")
			} else {
				b.WriteString(p.text)
			}
		}
		if got, want := b.String(), strings.ReplaceAll(s, "${!", "${"); !strings.Contains(s, "${!") && got != want || len(got) > len(s) {
			t.Fatalf("got %q; want %q", got, want)
		}
	})
}
