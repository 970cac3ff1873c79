package event

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"salamander/internal/value"
	"salamander/jsonpath"
)

// A source is the event that an input is made of.
type source struct {
	event    Event
	text     []byte      // its JSON
	doc      value.Value // its JSON, read
	rule     RuleID
	ingested time.Time
}

// input makes the input of t of an event that its rule has matched.
func (t Target) input(src source) (string, error) {
	switch {
	case t.Input != nil && *t.Input != "":
		return *t.Input, nil
	case t.InputPath != nil && *t.InputPath != "":
		v, ok, err := pick(src.doc, *t.InputPath)
		if err != nil {
			return "", err
		}
		if !ok {
			return "", fmt.Errorf("the input path %q finds nothing in the event", *t.InputPath)
		}
		return value.Text(v), nil
	case t.Transformer != nil:
		return t.Transformer.apply(src)
	}
	return string(src.text), nil
}

// pick returns what a path finds.
func pick(doc value.Value, path string) (value.Value, bool, error) {
	p, err := jsonpath.Parse(path)
	if err != nil {
		return nil, false, err
	}
	v, err := p.Get(doc)
	return v, err == nil, nil
}

// CheckPath tells what is wrong with an input path.
func CheckPath(path string) error {
	_, err := jsonpath.Parse(path)
	return err
}

// placeholder is a variable in a template.
var placeholder = regexp.MustCompile(`<([A-Za-z0-9_.\-]+)>`)

// Check tells what is wrong with a transformer: a path that is none, a
// variable that nothing defines, a template that would be no JSON.
func (t *Transformer) Check() error {
	for name, path := range t.Paths {
		if strings.HasPrefix(name, "AWS.") || strings.HasPrefix(name, "aws.") {
			return fmt.Errorf("the variable %q is reserved", name)
		}
		if err := CheckPath(path); err != nil {
			return err
		}
	}
	for _, m := range placeholder.FindAllStringSubmatch(t.Template, -1) {
		if _, ok := t.Paths[m[1]]; !ok && !reservedVariable(m[1]) {
			return fmt.Errorf("invalid placeholder <%s>", m[1])
		}
	}
	return nil
}

func reservedVariable(name string) bool {
	switch name {
	case "aws.events.rule-arn", "aws.events.rule-name", "aws.events.event.ingestion-time", "aws.events.event", "aws.events.event.json":
		return true
	}
	return false
}

// apply fills the template. Within quotes a variable becomes text, outside of
// them JSON. One that finds nothing is empty, and null where JSON needs a
// value.
func (t *Transformer) apply(src source) (string, error) {
	find := func(name string) (value.Value, bool, error) {
		switch name {
		case "aws.events.rule-arn":
			return src.rule.ARN(), true, nil
		case "aws.events.rule-name":
			return src.rule.Name, true, nil
		case "aws.events.event.ingestion-time":
			return src.ingested.UTC().Format("2006-01-02T15:04:05Z"), true, nil
		case "aws.events.event.json":
			return src.doc, true, nil
		case "aws.events.event":
			// Without the detail, as EventBridge documents it.
			obj, _ := src.doc.(*value.Object)
			short := value.NewObject()
			for _, m := range obj.Members() {
				if m.Key != "detail" {
					short.Set(m.Key, m.Value)
				}
			}
			return short, true, nil
		}
		return pick(src.doc, t.Paths[name])
	}
	text, err := fill(t.Template, find)
	if err != nil {
		return "", err
	}
	if trimmed := strings.TrimSpace(t.Template); strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[") {
		var compact bytes.Buffer
		if err := json.Compact(&compact, []byte(text)); err != nil {
			return "", fmt.Errorf("the input template gives no JSON: %w", err)
		}
		return compact.String(), nil
	}
	return text, nil
}

// fill replaces the variables of a template.
func fill(template string, find func(name string) (value.Value, bool, error)) (string, error) {
	var b []byte
	asJSON := strings.HasPrefix(strings.TrimSpace(template), "{") || strings.HasPrefix(strings.TrimSpace(template), "[")
	quoted, at := false, 0
	copyTo := func(end int) {
		for ; at < end; at++ {
			switch template[at] {
			case '\\':
				if quoted && at+1 < end {
					b = append(b, template[at])
					at++
				}
			case '"':
				quoted = !quoted
			}
			b = append(b, template[at])
		}
	}
	for _, m := range placeholder.FindAllStringSubmatchIndex(template, -1) {
		copyTo(m[0])
		v, ok, err := find(template[m[2]:m[3]])
		if err != nil {
			return "", err
		}
		b = substitute(b, v, ok, quoted, asJSON)
		at = m[1]
	}
	copyTo(len(template))
	return string(b), nil
}

func substitute(b []byte, v value.Value, found, quoted, asJSON bool) []byte {
	s, isText := v.(string)
	switch {
	case !found && (quoted || !asJSON):
		return b
	case !found:
		return append(b, "null"...)
	case quoted:
		if !isText {
			s = value.Text(v)
		}
		q := value.AppendString(nil, s)
		return append(b, q[1:len(q)-1]...)
	case isText && !asJSON:
		return append(b, s...)
	}
	return value.Append(b, v)
}
