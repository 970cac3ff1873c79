package template

import (
	"cmp"
	"slices"
	"strings"

	"salamander/internal/value"
)

// dynamic replaces the dynamic references in the texts of v. n is where v
// stands.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
func dynamic(v value.Value, r Resolver, n *Node) (value.Value, error) {
	if !hasDynamic(v) {
		return v, nil
	}
	switch v := v.(type) {
	case string:
		return dynamicText(v, r, n)
	case value.Array:
		for i, item := range v {
			replaced, err := dynamic(item, r, n)
			if err != nil {
				return nil, err
			}
			v[i] = replaced
		}
	case *value.Object:
		written := map[string]*Node{}
		if n.Kind == Map {
			for _, m := range n.Members {
				written[m.Key] = m.Value
			}
		}
		for _, m := range v.Members() {
			at := cmp.Or(written[m.Key], n)
			replaced, err := dynamic(m.Value, r, at)
			if err != nil {
				return nil, err
			}
			v.Set(m.Key, replaced)
		}
	}
	return v, nil
}

func hasDynamic(v value.Value) bool {
	switch v := v.(type) {
	case string:
		return strings.Contains(v, dynamicStart)
	case value.Array:
		return slices.ContainsFunc(v, hasDynamic)
	case *value.Object:
		return slices.ContainsFunc(v.Members(), func(m value.Member) bool { return hasDynamic(m.Value) })
	}
	return false
}

const dynamicStart = "{{resolve:"

func dynamicText(s string, r Resolver, n *Node) (value.Value, error) {
	if !strings.Contains(s, dynamicStart) {
		return s, nil
	}
	var b strings.Builder
	for {
		i := strings.Index(s, dynamicStart)
		if i < 0 {
			break
		}
		end := strings.Index(s[i:], "}}")
		if end < 0 {
			break
		}
		reference := s[i+2 : i+end]
		found, err := resolveReference(reference, r, n)
		if err != nil {
			return nil, err
		}
		b.WriteString(s[:i])
		b.WriteString(found)
		s = s[i+end+2:]
	}
	b.WriteString(s)
	return b.String(), nil
}

// resolveReference resolves "resolve:ssm:name:version" and its like.
func resolveReference(reference string, r Resolver, n *Node) (string, error) {
	fail := func() (string, error) {
		return "", errorAt(n, "Incorrect format is used in the following SSM reference: [{{%s}}]", reference)
	}
	parts := strings.Split(reference, ":")
	if r == nil || len(parts) < 3 {
		return fail()
	}
	switch parts[1] {
	case "ssm", "ssm-secure":
		name, version := parts[2], ""
		if len(parts) == 4 {
			version = parts[3]
		}
		if name == "" || len(parts) > 4 || strings.Trim(version, "0123456789") != "" {
			return fail()
		}
		v, err := r.Parameter(name, version, parts[1] == "ssm-secure")
		if err != nil {
			return "", &EvalError{n.Path(), n.At, err}
		}
		return v, nil
	case "secretsmanager":
		return secretReference(reference, parts[2:], r, n)
	}
	return "", errorAt(n, "Template error: unknown service %s in a dynamic reference", parts[1]).hint("{{%s}}", reference)
}

// secretReference resolves id:SecretString:key:stage:version; the id may be an
// ARN, which has colons of its own.
func secretReference(reference string, parts []string, r Resolver, n *Node) (string, error) {
	id := parts[0]
	rest := parts[1:]
	if id == "arn" && len(parts) >= 7 {
		id, rest = strings.Join(parts[:7], ":"), parts[7:]
	}
	var fields [4]string // SecretString, key, stage, version
	if len(rest) > len(fields) || id == "" {
		return "", errorAt(n, "Template error: incorrect format in the dynamic reference {{%s}}", reference)
	}
	copy(fields[:], rest)
	if fields[0] != "" && fields[0] != "SecretString" || fields[2] != "" && fields[3] != "" {
		return "", errorAt(n, "Template error: incorrect format in the dynamic reference {{%s}}", reference)
	}
	secret, err := r.Secret(id, fields[2], fields[3])
	if err != nil {
		return "", &EvalError{n.Path(), n.At, err}
	}
	key := fields[1]
	if key == "" {
		return secret, nil
	}
	doc, err := value.Parse([]byte(secret))
	o, ok := doc.(*value.Object)
	if err != nil || !ok {
		return "", errorAt(n, "Could not parse SecretString JSON")
	}
	v, ok := o.Get(key)
	if !ok {
		return "", errorAt(n, "Could not find a value associated with JSONKey in SecretString").hint("the key is %q", key)
	}
	if s, ok := text(v); ok {
		return s, nil
	}
	return value.Text(v), nil
}
