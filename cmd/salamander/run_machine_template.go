package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A placeholder is ${Name}, as the DefinitionSubstitutions of CloudFormation
// and SAM write it, or a pseudo parameter such as ${AWS::Region}.
//
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-statemachine.html
var placeholder = regexp.MustCompile(`^\$\{\s*((?:AWS::)?[A-Za-z0-9_.-]+)\s*\}`)

// A filledTemplate is a definition with values in the place of its
// placeholders. It knows where each byte of the text stood before.
type filledTemplate struct {
	source []byte // as it was written
	text   []byte // with values
	holes  []templateHole
}

// A templateHole is one placeholder, by its offsets in source and in text.
type templateHole struct {
	name              string
	source, sourceEnd int
	text, textEnd     int
}

// fillTemplate replaces the placeholders of source by the given values, or else
// by plausible ones: those for which most definitions are valid. Inside of
// strings values are escaped.
func fillTemplate(source []byte, values map[string]string) *filledTemplate {
	f := &filledTemplate{source: source}
	var key string // of the member that we are in
	stringStart := -1
	for i := 0; i < len(source); {
		m := placeholder.FindSubmatchIndex(source[i:min(i+300, len(source))])
		inString := stringStart >= 0
		switch c := source[i]; {
		case c == '$' && m != nil:
			end := i + m[1]
			hole := templateHole{name: string(source[i+m[2] : i+m[3]]), source: i, sourceEnd: end, text: len(f.text)}
			v, given := values[hole.name]
			if !given {
				whole := i == stringStart+1 && inString && end < len(source) && source[end] == '"'
				v = plausible(hole.name, key, whole, inString)
			}
			if inString {
				b, _ := json.Marshal(v) // a string always can
				f.text = append(f.text, b[1:len(b)-1]...)
			} else {
				f.text = append(f.text, v...)
			}
			hole.textEnd = len(f.text)
			f.holes = append(f.holes, hole)
			i = end
			continue
		case inString && c == '\\' && i+1 < len(source):
			f.text = append(f.text, c)
			i++
		case c == '"' && inString:
			if rest := strings.TrimLeft(string(source[i+1:min(i+65, len(source))]), " \t\r\n"); strings.HasPrefix(rest, ":") {
				key = string(source[stringStart+1 : i])
			}
			stringStart = -1
		case c == '"':
			stringStart = i
		}
		f.text = append(f.text, source[i])
		i++
	}
	return f
}

// plausible makes up a value for a placeholder that stands in the member key,
// as the whole string or as a part of it, or outside of strings.
func plausible(name, key string, whole, inString bool) string {
	plain := strings.NewReplacer(":", "", ".", "-").Replace(strings.TrimPrefix(name, "AWS::"))
	lower := strings.ToLower(plain)
	switch {
	case !inString && key == "End":
		return "true"
	case !inString:
		return "1"
	case whole && key == "Resource":
		return "arn:aws:lambda:us-east-1:000000000000:function:" + plain
	case whole && key == "RoleArn":
		return "arn:aws:iam::000000000000:role/" + plain
	case whole && (strings.HasSuffix(key, "Path") || strings.HasSuffix(key, ".$")):
		return "$." + strings.ReplaceAll(plain, "-", "_")
	case whole && strings.HasPrefix(key, "Timestamp"):
		return "2026-01-01T00:00:00Z"
	case whole && key == "QueryLanguage":
		return "JSONPath"
	case lower == "partition":
		return "aws"
	case strings.HasSuffix(lower, "region"):
		return "us-east-1"
	case strings.HasSuffix(lower, "account") || strings.HasSuffix(lower, "accountid"):
		return "000000000000"
	}
	return plain
}

// place translates a line and a column, in bytes from 1, of the text to those
// of the source. What lies inside of a value is where its placeholder begins.
func (f *filledTemplate) place(text, source lineIndex, line, column int) (int, int) {
	if line < 1 || len(f.holes) == 0 {
		return line, column
	}
	at := min(text.start(line)+column-1, len(f.text))
	shift := 0
	for _, h := range f.holes {
		if at < h.text {
			break
		}
		if at < h.textEnd {
			shift = h.source - at
			break
		}
		shift = h.sourceEnd - h.textEnd
	}
	return source.place(at + shift)
}

// A lineIndex holds the offset of each line's beginning.
type lineIndex []int

func indexLines(text []byte) lineIndex {
	lines := lineIndex{0}
	for i, c := range text {
		if c == '\n' {
			lines = append(lines, i+1)
		}
	}
	return lines
}

// start gives the offset of a line, which is counted from 1.
func (l lineIndex) start(line int) int { return l[min(max(line, 1), len(l))-1] }

// place gives the line and the column, in bytes from 1, of an offset.
func (l lineIndex) place(offset int) (line, column int) {
	line, found := slices.BinarySearch(l, offset)
	if found {
		line++
	}
	return line, offset - l[line-1] + 1
}

// substitutions are what --substitute NAME=VALUE gave.
type substitutions struct{ pairs []string }

// values reads the pairs.
func (s *substitutions) values() (map[string]string, error) {
	values := map[string]string{}
	for _, pair := range s.pairs {
		name, value, ok := strings.Cut(pair, "=")
		name = strings.TrimSuffix(strings.TrimPrefix(name, "${"), "}")
		if !ok || name == "" {
			return nil, exitf(exitUsage, "--substitute: got %q; need NAME=VALUE", pair)
		}
		if _, twice := values[name]; twice {
			return nil, exitf(exitUsage, "--substitute: %q is there twice", name)
		}
		values[name] = value
	}
	return values, nil
}

// unusedSubstitution names the values that no template has a placeholder for.
func unusedSubstitution(values map[string]string, templates ...*filledTemplate) error {
	used := map[string]bool{}
	for _, t := range templates {
		for _, h := range t.holes {
			used[h.name] = true
		}
	}
	var unused []string
	for name := range values {
		if !used[name] {
			unused = append(unused, name)
		}
	}
	if len(unused) == 0 {
		return nil
	}
	slices.Sort(unused)
	return exitf(exitUsage, "--substitute: no placeholder %s", fmt.Sprintf("${%s}", strings.Join(unused, "}, ${")))
}
