package s3rest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"salamander/operation"
)

// A policy says what a posted form may contain.
type policy struct {
	expires    time.Time
	conditions []formCondition
	min, max   int64 // bytes of the file
}

// A formCondition is one field's: equal to a value, or beginning with it.
type formCondition struct {
	op, field, value string
}

// maxObject is the most that one upload may have: 5 GiB.
const maxObject = 5 << 30

func badPolicy(why string) error {
	return &operation.Error{Code: "InvalidPolicyDocument", Message: "Invalid Policy: " + why}
}

func parsePolicy(text string) (*policy, error) {
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return nil, badPolicy("Invalid Base64.")
	}
	var doc struct {
		Expiration string
		Conditions []json.RawMessage
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, badPolicy("Invalid JSON.")
	}
	p := &policy{max: maxObject}
	if p.expires, err = time.Parse(time.RFC3339, doc.Expiration); err != nil {
		return nil, badPolicy("Invalid 'expiration' value: '" + doc.Expiration + "'")
	}
	for _, c := range doc.Conditions {
		if err := p.add(c); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// add reads {"field": "value"}, ["eq", "$field", "value"],
// ["starts-with", "$field", "prefix"] or ["content-length-range", min, max].
func (p *policy) add(raw json.RawMessage) error {
	var exact map[string]string
	if json.Unmarshal(raw, &exact) == nil {
		for field, value := range exact {
			p.conditions = append(p.conditions, formCondition{"eq", strings.ToLower(field), value})
		}
		return nil
	}
	var list []json.RawMessage
	var op, field, value string
	if json.Unmarshal(raw, &list) != nil || len(list) != 3 || json.Unmarshal(list[0], &op) != nil {
		return badPolicy("Invalid condition: " + string(raw))
	}
	op = strings.ToLower(op)
	if op == "content-length-range" {
		if json.Unmarshal(list[1], &p.min) != nil || json.Unmarshal(list[2], &p.max) != nil {
			return badPolicy("Invalid content-length-range: " + string(raw))
		}
		return nil
	}
	if op != "eq" && op != "starts-with" || json.Unmarshal(list[1], &field) != nil || json.Unmarshal(list[2], &value) != nil || !strings.HasPrefix(field, "$") {
		return badPolicy("Invalid condition: " + string(raw))
	}
	p.conditions = append(p.conditions, formCondition{op, strings.ToLower(field[1:]), value})
	return nil
}

// check holds the form against the policy. Every field must have a condition.
func (p *policy) check(f form, bucket string, now time.Time) error {
	refuse := func(why string) error { return accessDenied("Invalid according to Policy: " + why) }
	if now.After(p.expires) {
		return refuse("Policy expired.")
	}
	covered := []string{"policy", "x-amz-signature", "signature", "awsaccesskeyid", "file"}
	for _, c := range p.conditions {
		covered = append(covered, c.field)
		got := f.fields[c.field]
		if c.field == "bucket" {
			got = bucket
		}
		if c.op == "eq" && got != c.value || !strings.HasPrefix(got, c.value) {
			return refuse(fmt.Sprintf(`Policy Condition failed: [%q, "$%s", %q]`, c.op, c.field, c.value))
		}
	}
	for name := range f.fields {
		if !slices.Contains(covered, name) && !strings.HasPrefix(name, "x-ignore-") {
			return refuse("Extra input fields: " + name)
		}
	}
	return nil
}

func (p *policy) limit(r io.Reader) io.Reader { return &bounded{r: r, min: p.min, max: p.max} }
