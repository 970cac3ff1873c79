package arn

import "testing"

func TestParse(t *testing.T) {
	const text = "arn:aws:states:us-east-1:111122223333:execution:Refresh:day-1"
	a, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if a.Service != "states" || a.Account != "111122223333" || a.Resource != "execution:Refresh:day-1" {
		t.Errorf("got %+v", a)
	}
	if a.String() != text || New(a.Service, a.Region, a.Account, a.Resource) != text {
		t.Errorf("round trip: got %s", a)
	}
	for _, bad := range []string{"", "arn:aws:s3", "urn:aws:a:b:c:d"} {
		if _, err := Parse(bad); err == nil {
			t.Errorf("Parse(%q) succeeded", bad)
		}
	}
}
