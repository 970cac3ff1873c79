package asl

import (
	"testing"
	"time"
)

// An express execution runs for five minutes at most.
func TestExpressTimeout(t *testing.T) {
	for _, test := range []struct {
		definition string
		opt        ParseOptions
		want       time.Duration // of the first timer
	}{
		{`{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":900,"End":true}}}`, ParseOptions{Express: true}, 300 * time.Second},
		{`{"StartAt":"A","TimeoutSeconds":400,"States":{"A":{"Type":"Wait","Seconds":900,"End":true}}}`, ParseOptions{Express: true}, 300 * time.Second},
		{`{"StartAt":"A","TimeoutSeconds":200,"States":{"A":{"Type":"Wait","Seconds":900,"End":true}}}`, ParseOptions{Express: true}, 200 * time.Second},
		{`{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":900,"End":true}}}`, ParseOptions{Express: true, NoLimits: true}, 900 * time.Second},
		{`{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":900,"End":true}}}`, ParseOptions{}, 900 * time.Second},
	} {
		m, err := Parse([]byte(test.definition), test.opt)
		if err != nil {
			t.Fatal(err)
		}
		dec, err := m.Start(Start{At: began})
		if err != nil || len(dec.Commands) == 0 || dec.Commands[0].At.Sub(began) != test.want {
			t.Errorf("%s: got %v, %v; want %s", test.definition, dec.Commands, err, test.want)
		}
	}
}
