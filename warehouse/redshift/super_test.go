package redshift

import "testing"

func TestCastSuper(t *testing.T) {
	for _, tc := range []struct {
		super, target, want string
		ok, fails           bool
	}{
		{`"ab"`, "text", "ab", true, false},
		{`5`, "text", "5", true, false},
		{`true`, "text", "true", true, false},
		{`5`, "number", "5", true, false},
		{`5`, "boolean", "true", true, false},
		{`0`, "boolean", "false", true, false},
		{`5.0`, "boolean", "true", false, false}, // documented: null
		{`[1]`, "number", "", false, false},
		{`null`, "text", "", false, false},
		{`"2024-01-02"`, "time", "2024-01-02", true, false},
		{`5`, "time", "", false, false},
		{`[1]`, "text", "", false, true},
		{`"5"`, "number", "", false, true},
	} {
		got, ok, err := CastSuper(tc.super, tc.target)
		if ok != tc.ok || (err != nil) != tc.fails || ok && got != tc.want {
			t.Errorf("CastSuper(%s, %s) = %q, %t, %v", tc.super, tc.target, got, ok, err)
		}
	}
}

func FuzzCastSuper(f *testing.F) {
	f.Add(`{"a":[1,"x",null]}`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSuper(text)
		if err != nil {
			return
		}
		if again, err := ParseSuper(s); err != nil || again != s {
			t.Fatalf("%q became %q, then %q, %v", text, s, again, err)
		}
		for _, target := range []string{"text", "number", "boolean", "time"} {
			CastSuper(s, target)
		}
	})
}
