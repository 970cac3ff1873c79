package notify

import (
	"testing"
)

func TestFilters(t *testing.T) {
	str := func(text string) Attribute { return Attribute{Type: "String", Text: text} }
	for _, c := range []struct {
		policy string
		body   bool
		m      Message
		want   bool
	}{
		{`{"a":["x"]}`, false, Message{Attributes: map[string]Attribute{"a": str("x")}}, true},
		{`{"a":["x"]}`, false, Message{}, false},
		{`{"a":["x"],"b":["y"]}`, false, Message{Attributes: map[string]Attribute{"a": str("x")}}, false},
		{`{"a":[{"exists":false}]}`, false, Message{}, true},
		{`{"a":[{"anything-but":["x"]}]}`, false, Message{Attributes: map[string]Attribute{"a": str("z")}}, true},
		{`{"a":[{"anything-but":{"prefix":"x"}}]}`, false, Message{Attributes: map[string]Attribute{"a": str("xy")}}, false},
		{`{"a":[{"suffix":"png"}]}`, false, Message{Attributes: map[string]Attribute{"a": str("a.png")}}, true},
		{`{"a":[{"equals-ignore-case":"X"}]}`, false, Message{Attributes: map[string]Attribute{"a": str("x")}}, true},
		{`{"a":[{"cidr":"10.0.0.0/24"}]}`, false, Message{Attributes: map[string]Attribute{"a": str("10.0.0.255")}}, true},
		{`{"a":[{"numeric":[">",0,"<=",5]}]}`, false, Message{Attributes: map[string]Attribute{"a": {Type: "Number", Text: "5.0"}}}, true},
		{`{"a":[{"numeric":["=",300]}]}`, false, Message{Attributes: map[string]Attribute{"a": str("300")}}, false},
		{`{"a":["x"]}`, false, Message{Attributes: map[string]Attribute{"a": {Type: "String.Array", Text: `["y","x"]`}}}, true},
		{`{"$or":[{"a":["x"]},{"b":["y"]}]}`, false, Message{Attributes: map[string]Attribute{"b": str("y")}}, true},
		{`{"a":[{"wildcard":"x*z"}]}`, false, Message{Attributes: map[string]Attribute{"a": str("xyz")}}, true},
		{`{"a":{"b":[1]}}`, true, Message{Text: `{"a":{"b":1.0}}`}, true},
		{`{"a":{"b":[1]}}`, true, Message{Text: `{"a":[{"b":2},{"b":1}]}`}, true},
		{`{"a":[null]}`, true, Message{Text: `{"a":null}`}, true},
		{`{"a":[null]}`, true, Message{Text: `{}`}, false},
		{`{"a":["x"]}`, true, Message{Text: `no JSON`}, false},
	} {
		s := Subscription{Attributes: map[string]string{"FilterPolicy": c.policy}}
		if c.body {
			s.Attributes["FilterPolicyScope"] = "MessageBody"
		}
		if _, err := parseFilter(c.policy, c.body); err != nil {
			t.Errorf("%s: %v", c.policy, err)
		}
		if got := s.wants(c.m); got != c.want {
			t.Errorf("%s with %+v: got %v; want %v", c.policy, c.m, got, c.want)
		}
	}
	for _, bad := range []string{`[]`, `{"a":1}`, `{"a":[]}`, `{"a":{"b":[1]}}`, `{"a":[{"nonsense":1}]}`, `{"a":[[1]]}`, `{"$or":[{"a":["x"]}]}`, `{"a":[{"numeric":[">"]}]}`} {
		if _, err := parseFilter(bad, false); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

func FuzzFilter(f *testing.F) {
	f.Add(`{"a":["x",{"numeric":[">",0]}],"$or":[{"a":[1]},{"b":[{"wildcard":"*a*"}]}]}`, `{"a":1,"b":["x"]}`)
	f.Add(`{"a":{"b":[{"anything-but":{"suffix":"x"}}]}}`, `{"a":[{"b":"y"}]}`)
	f.Fuzz(func(t *testing.T, policy, body string) {
		if _, err := parseFilter(policy, true); err != nil {
			return
		}
		s := Subscription{Attributes: map[string]string{"FilterPolicy": policy, "FilterPolicyScope": "MessageBody"}}
		s.wants(Message{Text: body})
	})
}
