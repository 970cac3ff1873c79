package process

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestLookup(t *testing.T) {
	x := New(Options{Images: map[string][]string{
		"*fetchrunpsql":           {"fetch"},
		"busybox":                 {"busybox"},
		"busybox:1.36":            {"old"},
		"team/*":                  {"team"},
		"team/*-gpu":              {"gpu"},
		"registry:5000/team/tool": {"theirs"},
		"*python*":                {"python"},
	}})
	const ecr = "123456789012.dkr.ecr.us-east-1.amazonaws.com/"
	for image, want := range map[string]string{
		"salamander/fetchrunpsql":               "fetch",
		ecr + "fetchrunpsql":                    "fetch",
		ecr + "fetchrunpsql:latest":             "fetch",
		ecr + "fetchrunpsql:v1@sha256:00":       "fetch",
		"fetchrunpsql2":                         "",
		"busybox":                               "busybox",
		"busybox:latest":                        "busybox",
		"busybox:1.36":                          "old",
		"docker.io/library/busybox:1.36":        "old",
		"public.ecr.aws/docker/library/busybox": "",
		"team/tool":                             "team",
		ecr + "team/tool:3":                     "team",
		ecr + "team/tool-gpu:3":                 "gpu",
		"registry:5000/team/tool:7":             "theirs",
		"registry:5000/team/other":              "team",
		"public.ecr.aws/lambda/python:3.12":     "python",
		"localhost/busybox":                     "busybox",
		"other/busybox":                         "",
		"":                                      "",
	} {
		got, err := x.lookup(image)
		if (err == nil) != (want != "") || strings.Join(got, " ") != want {
			t.Errorf("%q: got %q, %v; want %q", image, got, err, want)
		}
	}
}

func TestImageWithRelativePath(t *testing.T) {
	abs, err := filepath.Abs("tools/x")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{abs, "./y"}, newImage("p", []string{"tools/x", "./y"}).argv); diff != "" {
		t.Errorf("argv (-want +got):\n%s", diff)
	}
}

func FuzzMatches(f *testing.F) {
	for _, s := range [][2]string{{"*", ""}, {"a*b*c", "axxbyyc"}, {"**", "x"}, {"*ab", "aab"}, {"a*", "b"}, {"", "a"}, {"*a*a*a*b", "aaaaaaaaaa"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if len(pattern) > 20 || len(s) > 20 {
			return
		}
		if got, want := matches(pattern, s), simple(pattern, s); got != want {
			t.Errorf("matches(%q, %q): got %t; want %t", pattern, s, got, want)
		}
		for _, form := range names(s) {
			if len(form) > len(s) {
				t.Errorf("names(%q) has %q", s, form)
			}
		}
	})
}

// simple is matches by its definition.
func simple(pattern, s string) bool {
	if pattern == "" {
		return s == ""
	}
	if pattern[0] != '*' {
		return s != "" && s[0] == pattern[0] && simple(pattern[1:], s[1:])
	}
	for i := 0; i <= len(s); i++ {
		if simple(pattern[1:], s[i:]) {
			return true
		}
	}
	return false
}

// Lines hold what was written, however it is cut into writes.
func FuzzSplitter(f *testing.F) {
	f.Add([]byte("a\nb"), 1)
	f.Add([]byte("\n\nä\r\n"), 2)
	f.Add([]byte("\xff\xc3"), 3)
	f.Fuzz(func(t *testing.T, p []byte, n int) {
		if n < 1 {
			return
		}
		var got []string
		var s splitter
		add := func(line string) { got = append(got, line) }
		for rest := p; len(rest) > 0; {
			k := min(n, len(rest))
			s.write(rest[:k], add)
			rest = rest[k:]
		}
		s.end(add)
		var want []string
		if len(p) > 0 {
			for line := range strings.SplitSeq(strings.TrimSuffix(string(p), "\n"), "\n") {
				want = append(want, strings.ToValidUTF8(line, "\uFFFD"))
			}
		}
		if diff := cmp.Diff(want, got); diff != "" && len(p) < maxLine {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
	})
}

func TestLongLinesAreCutBetweenCharacters(t *testing.T) {
	long := strings.Repeat("ä", maxLine) + "x"
	var got []string
	var s splitter
	for p := []byte(long + "\nnext\n"); len(p) > 0; {
		n := min(1000, len(p))
		s.write(p[:n], func(line string) { got = append(got, line) })
		p = p[n:]
	}
	if n := len(got); n != 4 || got[3] != "next" || strings.Join(got[:3], "") != long {
		t.Errorf("got %d lines", n)
	}
	for _, line := range got {
		if len(line) > maxLine || !utf8.ValidString(line) {
			t.Errorf("a line of %d bytes", len(line))
		}
	}
}
