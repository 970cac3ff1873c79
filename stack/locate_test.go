package stack

import "testing"

func TestLocate(t *testing.T) {
	for address, want := range map[string]string{
		"https://b.s3.amazonaws.com/a/t.yaml":            "b a/t.yaml",
		"https://b.s3.us-west-2.amazonaws.com/t.yaml":    "b t.yaml",
		"https://b.s3-us-west-2.amazonaws.com/t.yaml":    "b t.yaml",
		"https://s3.amazonaws.com/b/a/t.yaml":            "b a/t.yaml",
		"https://s3.us-east-1.amazonaws.com/b/t%20.yaml": "b t .yaml",
		"http://127.0.0.1:4566/b/t.yaml":                 "b t.yaml",
		"s3://b/a/t.yaml":                                "b a/t.yaml",
		"ftp://b/t":                                      "",
		"https://s3.amazonaws.com/b":                     "",
		"child.yaml":                                     "",
		"":                                               "",
	} {
		bucket, key, err := locate(address)
		got := bucket + " " + key
		if err != nil {
			got = ""
		}
		if got != want {
			t.Errorf("%q: got %q; want %q", address, got, want)
		}
	}
}

func FuzzLocate(f *testing.F) {
	f.Add("https://b.s3.amazonaws.com/a/t.yaml")
	f.Add("s3://b/k")
	f.Add("http://.s3./")
	f.Fuzz(func(t *testing.T, address string) {
		bucket, key, err := locate(address)
		if err == nil && (bucket == "" || key == "") {
			t.Errorf("%q: got %q and %q without an error", address, bucket, key)
		}
	})
}

// Every generated name keeps within its limit and tells its resource.
func TestGeneratedNames(t *testing.T) {
	c := &call{token: "t", logical: "SubmitJobFunction", stack: &Stack{Name: "StepFunctionsSample-JobStatusPoller0d58b3d4"}}
	if got := c.generate(naming{}); len(got) != 63 || got[:51] != "StepFunctionsSample-JobStatusPol-SubmitJobFunction-" {
		t.Errorf("got %q of %d characters", got, len(got))
	}
	c.logical = "JobQueue"
	if got := c.generate(naming{max: 128, noStack: true, hex: true}); len(got) != len("SampleJobQueue-4d9d696031e1449")-6 {
		t.Errorf("got %q", got)
	}
	for _, n := range []int{20, 63, 64, 128} {
		for _, logical := range []string{"A", "VeryLongLogicalIdentifierOfAResourceThatSomebodyHasWrittenWithCareForDetail"} {
			c.logical = logical
			if got := c.generate(naming{max: n}); len(got) >= n+1 {
				t.Errorf("max %d: got %q of %d characters", n, got, len(got))
			}
		}
	}
}
