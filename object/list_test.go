package object_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"salamander/object"
)

// listAll pages through a listing.
func listAll(t *testing.T, o *object.Objects, opt object.ListOptions) (names []string) {
	t.Helper()
	for {
		page, err := o.List(t.Context(), "bucket", opt)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(page.Objects) + len(page.Prefixes); n > opt.Max || page.More && n != opt.Max {
			t.Fatalf("a page of %d with Max %d, more %v", n, opt.Max, page.More)
		}
		var these []string
		for _, obj := range page.Objects {
			these = append(these, obj.Key)
		}
		for _, p := range page.Prefixes {
			these = append(these, p+" (prefix)")
		}
		slices.Sort(these)
		names = append(names, these...)
		if !page.More {
			return names
		}
		opt.After = page.Last
	}
}

// wanted lists as the documentation says, from all keys.
func wanted(keys []string, opt object.ListOptions) (names []string) {
	for _, key := range keys {
		if !strings.HasPrefix(key, opt.Prefix) {
			continue
		}
		name := key
		if opt.Delimiter != "" {
			if i := strings.Index(key[len(opt.Prefix):], opt.Delimiter); i >= 0 {
				name = key[:len(opt.Prefix)+i+len(opt.Delimiter)]
				if name > opt.After && !slices.Contains(names, name+" (prefix)") {
					names = append(names, name+" (prefix)")
				}
				continue
			}
		}
		if name > opt.After {
			names = append(names, name)
		}
	}
	return names
}

func TestListAgreesWithItsDefinition(t *testing.T) {
	o, _ := open(t, t.TempDir())
	keys := []string{"a", "a/", "a/b", "a/b/c", "a/b/d", "a/ü", "a!", "a0", "b/a", "b/b", "ba", "ü", "ü/x", "\U0001F98E", "\uffff", "x//y", "x//z", "x/"}
	for _, key := range keys {
		put(t, o, key, "")
	}
	slices.Sort(keys)
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.SampledFrom(append([]string{"", "", "/", "c", "a/b/", "x/", "x//"}, keys...))
		opt := object.ListOptions{
			Prefix: text.Draw(rt, "prefix"), After: text.Draw(rt, "after"),
			Delimiter: rapid.SampledFrom([]string{"", "/", "/", "b", "//"}).Draw(rt, "delimiter"),
			Max:       rapid.IntRange(1, 6).Draw(rt, "max"),
		}
		if got, want := listAll(t, o, opt), wanted(keys, opt); !slices.Equal(got, want) {
			rt.Errorf("%+v: got %q; want %q", opt, got, want)
		}
	})
	if page, err := o.List(t.Context(), "bucket", object.ListOptions{Max: 0}); err != nil || page.More || page.Objects != nil {
		t.Errorf("no names wanted: got %+v, %v", page, err)
	}
}
