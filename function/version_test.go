package function_test

import (
	"fmt"
	"testing"

	"salamander/function"
)

// The code of a version stays when the function's own is another, and the
// program starts again.
func TestVersionOutlivesRestart(t *testing.T) {
	python(t)
	dir := t.TempDir()
	b := open(t, dir, function.Options{})
	b.create("f", "def handler(e, c):\n    return 'one'\n")
	v, err := b.Publish(t.Context(), key("f"), function.Publication{Revision: "r1"})
	if err != nil || v.Version != "1" || v.Revision != "r1" {
		t.Fatalf("published %+v, %v", v, err)
	}
	if _, err := b.UpdateCode(t.Context(), key("f"), archive(t, map[string]string{"index.py": "def handler(e, c):\n    return 'two'\n"}), function.CodeUpdate{Revision: "r2"}); err != nil {
		t.Fatal(err)
	}
	a := function.Alias{Key: key("f"), Alias: "live", Version: "1", Creation: "a"}
	for range 2 { // a repeat of the call is answered
		if got, err := b.CreateAlias(t.Context(), a); err != nil || got.Revision != "a" {
			t.Fatalf("alias %+v, %v", got, err)
		}
	}
	b.close()
	b = open(t, dir, function.Options{})
	for qualifier, want := range map[string]string{"": `"two"`, "1": `"one"`, "live": `"one"`, function.Latest: `"two"`} {
		r, err := b.Invoke(t.Context(), key("f"), function.Invocation{ID: "i" + qualifier, Qualifier: qualifier})
		if err != nil || string(r.Payload) != want {
			t.Errorf("%q: %s, %v; want %s", qualifier, r.Payload, err, want)
		}
	}
}

// An alias sends an invocation where it sent it before, and others by their
// share.
func TestAliasWeights(t *testing.T) {
	python(t)
	b := open(t, t.TempDir(), function.Options{})
	b.create("f", "def handler(e, c):\n    return c.function_version\n")
	for _, revision := range []string{"r1", "r2"} {
		if _, err := b.Publish(t.Context(), key("f"), function.Publication{Revision: revision}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.UpdateConfiguration(t.Context(), key("f"), "u"+revision, "", func(f *function.Function) error { f.Timeout++; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.CreateAlias(t.Context(), function.Alias{Key: key("f"), Alias: "live", Version: "1", Other: "2", Weight: 0.25, Creation: "a"}); err != nil {
		t.Fatal(err)
	}
	share := map[string]int{}
	const n = 60
	for i := range n {
		inv := function.Invocation{ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", i), Qualifier: "live"}
		var before string
		for range 2 {
			r, err := b.Invoke(t.Context(), key("f"), inv)
			if err != nil || string(r.Payload) != `"`+r.Version+`"` {
				t.Fatalf("%s ran as %s: %v", r.Payload, r.Version, err)
			}
			if before != "" && r.Version != before {
				t.Errorf("%s ran as %s and as %s", inv.ID, before, r.Version)
			}
			before = r.Version
		}
		share[before]++
	}
	if share["2"] < n/10 || share["2"] > n/2 {
		t.Errorf("got %v of %d; want about a quarter for version 2", share, n)
	}
}
