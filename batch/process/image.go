package process

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"salamander/batch"
)

// An image is a pattern of image names with the beginning of the command line
// of those that match.
type image struct {
	pattern string
	argv    []string
}

// newImage returns the entry for a pattern. A relative path to the program
// counts from the directory this process works in, not from the job's.
func newImage(pattern string, argv []string) image {
	argv = slices.Clone(argv)
	if len(argv) > 0 && strings.Contains(argv[0], "/") {
		if abs, err := filepath.Abs(argv[0]); err == nil {
			argv[0] = abs
		}
	}
	return image{pattern, argv}
}

// lookup returns the beginning of the command line of jobs with the image.
func (x *Executor) lookup(name string) ([]string, error) {
	forms := names(name)
	best, found := image{}, false
	for _, i := range x.images {
		if !slices.ContainsFunc(forms, func(form string) bool { return matches(i.pattern, form) }) {
			continue
		}
		if !found || i.beats(best) {
			best, found = i, true
		}
	}
	if !found {
		return nil, &batch.ImageError{Reason: fmt.Sprintf(
			"CannotPullContainerError: no command is mapped to the image %q: map it in salamander.yaml under images", name)}
	}
	return best.argv, nil
}

// beats reports whether i counts before other: the longer pattern, of two as
// long the one with fewer stars, then the first in order.
func (i image) beats(other image) bool {
	if len(i.pattern) != len(other.pattern) {
		return len(i.pattern) > len(other.pattern)
	}
	if a, b := strings.Count(i.pattern, "*"), strings.Count(other.pattern, "*"); a != b {
		return a < b
	}
	return i.pattern < other.pattern
}

// names returns the forms of an image's name: as given, and without its
// digest, tag and registry.
//
// https://github.com/distribution/reference, "Grammar"
func names(name string) []string {
	forms := []string{name}
	add := func(form string) {
		if form != "" && !slices.Contains(forms, form) {
			forms = append(forms, form)
		}
	}
	plain, _, _ := strings.Cut(name, "@")
	add(plain)
	add(withoutTag(plain))
	for _, form := range slices.Clone(forms) {
		host, rest, ok := strings.Cut(form, "/")
		if !ok || !strings.ContainsAny(host, ".:") && host != "localhost" {
			continue
		}
		add(rest)
		if host == "docker.io" {
			add(strings.TrimPrefix(rest, "library/"))
		}
	}
	return forms
}

// withoutTag removes a tag, which is behind a colon that no slash follows.
func withoutTag(name string) string {
	i := strings.LastIndexByte(name, ':')
	if i < 0 || strings.Contains(name[i:], "/") {
		return name
	}
	return name[:i]
}

// matches reports whether s is what pattern says, where * stands for any
// characters, none included.
func matches(pattern, s string) bool {
	star, mark := -1, 0 // the last star seen, and where in s it was
	p, i := 0, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, i
			p++
		case p < len(pattern) && pattern[p] == s[i]:
			p++
			i++
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
