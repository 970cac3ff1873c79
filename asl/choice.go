package asl

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"salamander/internal/value"
)

// A test is a compiled Choice Rule.
type test func(e *env) (bool, *failure)

// An operator is a comparison of a Choice Rule. want is what its operand must
// be in the definition, and holds compares.
type operator struct {
	want  kind
	holds func(v, operand value.Value) bool
}

type kind uint8

const (
	aString kind = iota
	aNumber
	aBoolean
	aTimestamp
)

func (k kind) String() string { return [...]string{"string", "number", "boolean", "timestamp"}[k] }

// is reports whether v can be compared as the kind.
func (k kind) is(v value.Value) bool {
	switch v := v.(type) {
	case string:
		if k == aTimestamp {
			_, err := parseTimestamp(v)
			return err == nil
		}
		return k == aString
	case value.Number:
		return k == aNumber
	case bool:
		return k == aBoolean
	}
	return false
}

// compared makes an operator that orders its operands; values of another kind
// do not match.
func compared(k kind, holds func(order int) bool) operator {
	return operator{k, func(v, operand value.Value) bool {
		if !k.is(v) || !k.is(operand) {
			return false
		}
		switch k {
		case aNumber:
			return holds(v.(value.Number).Compare(operand.(value.Number)))
		case aTimestamp:
			a, _ := parseTimestamp(v.(string))
			b, _ := parseTimestamp(operand.(string))
			return holds(a.Compare(b))
		case aBoolean:
			if v == operand {
				return holds(0)
			}
			return holds(1)
		}
		return holds(strings.Compare(v.(string), operand.(string)))
	}}
}

// orders are the endings of the operators' names.
var orders = map[string]func(int) bool{
	"Equals":            func(o int) bool { return o == 0 },
	"GreaterThan":       func(o int) bool { return o > 0 },
	"GreaterThanEquals": func(o int) bool { return o >= 0 },
	"LessThan":          func(o int) bool { return o < 0 },
	"LessThanEquals":    func(o int) bool { return o <= 0 },
}

// operators are the comparisons by name. All but StringMatches and the Is…
// ones have a …Path form too.
//
// https://states-language.net/spec.html#choice-state
var operators = func() map[string]operator {
	all := map[string]operator{
		"BooleanEquals": compared(aBoolean, orders["Equals"]),
		"StringMatches": {aString, func(v, pattern value.Value) bool {
			s, ok := v.(string)
			return ok && matches(s, pattern.(string))
		}},
	}
	for ending, holds := range orders {
		all["String"+ending] = compared(aString, holds)
		all["Numeric"+ending] = compared(aNumber, holds)
		all["Timestamp"+ending] = compared(aTimestamp, holds)
	}
	for name, is := range map[string]func(v value.Value) bool{
		"IsNull":      func(v value.Value) bool { return v == nil },
		"IsString":    func(v value.Value) bool { return aString.is(v) },
		"IsNumeric":   func(v value.Value) bool { return aNumber.is(v) },
		"IsBoolean":   func(v value.Value) bool { return aBoolean.is(v) },
		"IsTimestamp": func(v value.Value) bool { return aTimestamp.is(v) },
	} {
		all[name] = operator{aBoolean, func(v, want value.Value) bool { return is(v) == want.(bool) }}
	}
	return all
}()

// hasPathForm reports whether an operator has a …Path form.
func hasPathForm(name string) bool { return name != "StringMatches" && !strings.HasPrefix(name, "Is") }

// invalidVariable words an error of a path that a Choice Rule compares.
func invalidVariable(p *pathExpr, err error) *failure {
	if errors.Is(err, errNull) {
		return runtime("%s", nullInput)
	}
	return runtime("Invalid path '%s': The choice state's condition path references an invalid value.", p.source)
}

// comparison makes the test of one operator.
func comparison(variable *pathExpr, op operator, operand value.Value, path *pathExpr) test {
	return func(e *env) (bool, *failure) {
		v, err := variable.eval(e)
		if err != nil {
			return false, invalidVariable(variable, err)
		}
		other := operand
		if path != nil {
			if other, err = path.eval(e); err != nil {
				return false, invalidVariable(path, err)
			}
		}
		return op.holds(v, other), nil
	}
}

// present makes the test of IsPresent, the one that may ask for what is not
// there.
func present(variable *pathExpr, want bool) test {
	return func(e *env) (bool, *failure) {
		v, err := variable.eval(e)
		found := err == nil
		if list, ok := v.(value.Array); ok && !variable.path.Definite() {
			found = len(list) > 0
		}
		return found == want, nil
	}
}

func allOf(tests []test) test {
	return func(e *env) (bool, *failure) {
		for _, t := range tests {
			if ok, bad := t(e); !ok || bad != nil {
				return false, bad
			}
		}
		return true, nil
	}
}

func anyOf(tests []test) test {
	return func(e *env) (bool, *failure) {
		for _, t := range tests {
			if ok, bad := t(e); ok || bad != nil {
				return ok, bad
			}
		}
		return false, nil
	}
}

func not(t test) test {
	return func(e *env) (bool, *failure) {
		ok, bad := t(e)
		return !ok && bad == nil, bad
	}
}

// matches reports whether s matches a pattern in which * stands for any run of
// characters, \* for an asterisk and \\ for a backslash. It takes time linear
// in the product of the lengths at worst.
func matches(s, pattern string) bool {
	type unit struct {
		c    byte
		star bool
	}
	var p []unit
	for i := 0; i < len(pattern); i++ {
		switch {
		case pattern[i] == '*':
			p = append(p, unit{star: true})
		case pattern[i] == '\\' && i+1 < len(pattern):
			i++
			p = append(p, unit{c: pattern[i]})
		default:
			p = append(p, unit{c: pattern[i]})
		}
	}
	i, j, star, mark := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case j < len(p) && p[j].star:
			star, mark = j, i
			j++
		case j < len(p) && p[j].c == s[i]:
			i, j = i+1, j+1
		case star >= 0:
			mark++
			i, j = mark, star+1
		default:
			return false
		}
	}
	for j < len(p) && p[j].star {
		j++
	}
	return j == len(p)
}

// parseTimestamp reads a timestamp of the States Language: RFC 3339 with an
// uppercase T and Z or an offset.
//
// https://states-language.net/spec.html#timestamps
func parseTimestamp(s string) (time.Time, error) {
	if len(s) < len("2006-01-02T15:04:05Z") || s[10] != 'T' || strings.ContainsAny(s, "tz,") {
		return time.Time{}, fmt.Errorf("not a timestamp: %q", s)
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("not a timestamp: %q", s)
	}
	return t, nil
}
