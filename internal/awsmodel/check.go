package awsmodel

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Check returns AWS's text for what is wrong with the input in, a canonical
// tree that [Shape.Conform] or [Parse] gave, or "" when it satisfies the
// model's constraints.
//
// The form of the text is the one that AWS services answer: "1 validation
// error detected: Value null at 'name' failed to satisfy constraint: Member
// must not be null".
func (o *Op) Check(in any) string {
	if o.Input == nil {
		return ""
	}
	var c checker
	c.structure(o.Input, in, "")
	switch len(c.found) {
	case 0:
		return ""
	case 1:
		return "1 validation error detected: " + c.found[0]
	}
	return fmt.Sprintf("%d validation errors detected: %s", len(c.found), strings.Join(c.found, "; "))
}

type checker struct{ found []string }

func (c *checker) add(s *Shape, v any, path, constraint string) {
	value := "Value '" + javaText(v) + "'"
	switch {
	case v == nil:
		value = "Value null"
	case s != nil && s.Sensitive:
		value = "Value"
	}
	c.found = append(c.found, fmt.Sprintf("%s at '%s' failed to satisfy constraint: %s", value, path, constraint))
}

func (c *checker) structure(s *Shape, v any, path string) {
	obj, _ := v.(map[string]any)
	for _, m := range s.Members {
		at := join(path, lowerFirst(m.Name))
		w := obj[m.Name]
		if w == nil {
			if m.Required && !m.Streaming {
				c.add(nil, nil, at, "Member must not be null")
			}
			continue
		}
		c.value(m.Shape, w, at)
	}
}

func (c *checker) value(s *Shape, v any, path string) {
	for _, r := range s.rules() {
		if !r.holds(v) {
			c.add(s, v, path, r.text)
		}
	}
	switch v := v.(type) {
	case map[string]any:
		if s.Type == "structure" {
			c.structure(s, v, path)
		} else if s.Type == "map" {
			c.entries(s, v, path)
		}
	case []any:
		if s.Type == "list" {
			c.elements(s, v, path)
		}
	}
}

func (c *checker) elements(s *Shape, list []any, path string) {
	if compound(s.Elem) {
		for i, v := range list {
			if v != nil {
				c.value(s.Elem, v, path+"."+strconv.Itoa(i+1)+".member")
			}
		}
		return
	}
	for _, v := range list {
		if v == nil || !holdAll(s.Elem.rules(), v) {
			c.add(s.Elem, list, path, "Member must satisfy constraint: "+ruleTexts(s.Elem.rules()))
			return
		}
	}
}

func (c *checker) entries(s *Shape, obj map[string]any, path string) {
	keys := make([]string, 0, len(obj))
	for k := range obj {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		if !holdAll(s.Key.rules(), k) {
			c.add(s.Value, obj, path, "Map keys must satisfy constraint: "+ruleTexts(s.Key.rules()))
			break
		}
	}
	for _, k := range keys {
		if compound(s.Value) {
			c.value(s.Value, obj[k], path+"."+k+".member")
		} else if !holdAll(s.Value.rules(), obj[k]) {
			c.add(s.Value, obj, path, "Map value must satisfy constraint: "+ruleTexts(s.Value.rules()))
			return
		}
	}
}

func compound(s *Shape) bool { return s.Type == "structure" || s.Type == "list" || s.Type == "map" }

// A rule is one constraint of a shape.
type rule struct {
	text  string
	holds func(v any) bool
}

func holdAll(rules []rule, v any) bool {
	for _, r := range rules {
		if !r.holds(v) {
			return false
		}
	}
	return true
}

func ruleTexts(rules []rule) string {
	texts := make([]string, len(rules))
	for i, r := range rules {
		texts[i] = r.text
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

func (s *Shape) rules() []rule {
	var rules []rule
	what := "length"
	if isNumber(s.Type) {
		what = "value"
	}
	bound := func(limit *float64, words string, ok func(size, limit float64) bool) {
		if limit != nil {
			rules = append(rules, rule{fmt.Sprintf("Member must have %s %s than or equal to %s", what, words,
				strconv.FormatFloat(*limit, 'f', -1, 64)),
				func(v any) bool { n, known := size(s, v); return !known || ok(n, *limit) }})
		}
	}
	bound(s.Max, "less", func(n, limit float64) bool { return n <= limit })
	bound(s.Min, "greater", func(n, limit float64) bool { return n >= limit })
	if s.Pattern != "" && s.Type == "string" {
		rules = append(rules, rule{"Member must satisfy regular expression pattern: " + s.Pattern,
			func(v any) bool { text, ok := v.(string); return !ok || matches(s.Pattern, text) }})
	}
	if len(s.Enum) > 0 {
		rules = append(rules, rule{"Member must satisfy enum value set: [" + cmp.Or(enumOrders[strings.Join(s.Enum, ", ")], strings.Join(s.Enum, ", ")) + "]",
			func(v any) bool { text, ok := v.(string); return !ok || contains(s.Enum, text) }})
	}
	return rules
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

func isNumber(t string) bool {
	switch t {
	case "integer", "long", "short", "float", "double":
		return true
	}
	return false
}

func size(s *Shape, v any) (float64, bool) {
	switch v := v.(type) {
	case json.Number:
		f, err := v.Float64()
		return f, err == nil
	case string:
		if s.Type == "blob" {
			b, err := base64.StdEncoding.DecodeString(v)
			return float64(len(b)), err == nil
		}
		return float64(utf8.RuneCountInString(v)), true
	case []any:
		return float64(len(v)), true
	case map[string]any:
		return float64(len(v)), true
	}
	return 0, false
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// javaText writes v as the services' Java does.
func javaText(v any) string {
	switch v := v.(type) {
	case []any:
		parts := make([]string, len(v))
		for i, w := range v {
			parts[i] = javaText(w)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		var parts []string
		for k, w := range v {
			parts = append(parts, k+"="+javaText(w))
		}
		sort.Strings(parts)
		return "{" + strings.Join(parts, ", ") + "}"
	case nil:
		return "null"
	}
	return fmt.Sprint(v)
}

// enumOrders are the orders in which AWS lists an enum's values in messages,
// as recorded, by the order of the model, which is that of most messages.
var enumOrders = map[string]string{
	"RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED, PENDING_REDRIVE": "SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING",
}
