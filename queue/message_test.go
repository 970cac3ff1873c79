package queue

import "testing"

func TestDigests(t *testing.T) {
	if got := MD5("test"); got != "098f6bcd4621d373cade4e832627b4f6" {
		t.Errorf("body: got %s", got)
	}
	if got := AttributesMD5(nil); got != "" {
		t.Errorf("no attributes: got %s", got)
	}
	a := AttributesMD5(map[string]Attribute{"n": {Type: "Number", Text: "1"}, "s": {Type: "String", Text: "x"}})
	b := AttributesMD5(map[string]Attribute{"s": {Type: "String", Text: "x"}, "n": {Type: "Number", Text: "1"}})
	if a != b || a == AttributesMD5(map[string]Attribute{"n": {Type: "Number", Text: "1"}}) {
		t.Errorf("attributes: got %s and %s", a, b)
	}
}

func FuzzHandle(f *testing.F) {
	f.Add(Message{ID: "a", Receipt: "b"}.Handle())
	f.Add("AQEB")
	f.Fuzz(func(t *testing.T, text string) {
		if id, receipt, ok := parseHandle(text); ok && (id == "" || receipt == "") {
			t.Errorf("%q: an empty part", text)
		}
	})
}

func FuzzRedrivePolicy(f *testing.F) {
	f.Add(`{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":"2"}`)
	f.Add(`{"deadLetterTargetArn":"x","maxReceiveCount":[2]}`)
	f.Fuzz(func(t *testing.T, text string) {
		if p, problem := parseRedrive(text); problem == "" && (p.MaxReceive < 1 || p.Target.Name == "") {
			t.Errorf("%q: got %+v", text, p)
		}
	})
}
