package main

import (
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf16"

	"salamander/jsonata"
)

// withinExpression gives the offset, in a text of JSON, of the mistake in an
// expression of JSONata: at is where its string begins. ok is false if there is
// no such mistake.
func withinExpression(text []byte, at int) (offset int, ok bool) {
	if at >= len(text) || text[at] != '"' {
		return 0, false
	}
	units, decoded := unitsOf(text[at:])
	source := strings.TrimPrefix(decoded, "{%")
	if len(source) == len(decoded) {
		return 0, false
	}
	source = strings.TrimSuffix(source, "%}")
	expression := strings.TrimSpace(source)
	_, err := jsonata.CompileStepFunctions(expression)
	var bad *jsonata.Error
	if !errors.As(err, &bad) || bad.Position == 0 {
		return 0, false
	}
	before := 2 + len(source) - len(strings.TrimLeft(source, " \t\r\n")) // in the string; all of one unit
	i := before + bad.Position - 1
	if i >= len(units) {
		return 0, false
	}
	return at + units[i], true
}

// unitsOf decodes the string that a text begins with. units holds the offset
// in the text of each of its UTF-16 units.
func unitsOf(text []byte) (units []int, decoded string) {
	i := 1
	for i < len(text) && text[i] != '"' {
		n := 1
		switch {
		case text[i] == '\\' && i+1 < len(text) && text[i+1] == 'u':
			n = 6
		case text[i] == '\\':
			n = 2
		case text[i] >= 0xc0: // the length of a character of UTF-8
			for i+n < len(text) && text[i+n]&0xc0 == 0x80 {
				n++
			}
		}
		end := min(i+n, len(text))
		width := 1
		if n == 4 {
			width = utf16.RuneLen(0x10000)
		}
		for range width {
			units = append(units, i)
		}
		i = end
	}
	if json.Unmarshal(text[:min(i+1, len(text))], &decoded) != nil {
		return nil, ""
	}
	return units, decoded
}
