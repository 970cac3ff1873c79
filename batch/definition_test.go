package batch

import (
	"strconv"
	"testing"
)

// Whatever is taken for a reference is the reference of what it gives.
func FuzzParseDefinition(f *testing.F) {
	for _, seed := range []string{"d", "d:1", "d:0", "d:01", "d:", ":", "d:1:2", "", ":1",
		"arn::batch:us-east-1:000000000000:job-definition/d", "arn:aws:batch:us-east-1:000000000000:job-definition/",
		"arn:aws:batch:us-east-1:000000000000:job-definition/d:3", "arn:aws:batch:us-east-1:000000000000:job-queue/d"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, ref string) {
		name, revision, err := ParseDefinition(scope, ref)
		if err != nil {
			return
		}
		if name == "" {
			t.Errorf("%q names nothing, and so everything", ref)
		}
		again := name
		if revision != 0 {
			again += ":" + strconv.Itoa(revision)
		}
		arn := "arn:aws:batch:us-east-1:000000000000:job-definition/" + again
		if ref != again && ref != arn {
			t.Errorf("%q was read as %q, revision %d", ref, name, revision)
		}
	})
}
