package template

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSummary(t *testing.T) {
	for _, c := range []struct {
		resources, needed, reason string
	}{
		{"T: {Type: AWS::SNS::Topic}", "", ""},
		{"R: {Type: AWS::IAM::Role}\n  P: {Type: AWS::IAM::Policy, Properties: {PolicyName: x}}\n  Q: {Type: AWS::IAM::Role}", "CAPABILITY_IAM",
			"The following resource(s) require capabilities: [AWS::IAM::Role, AWS::IAM::Policy]"},
		{"R: {Type: AWS::IAM::Role, Properties: {RoleName: x}}", "CAPABILITY_NAMED_IAM",
			"The following resource(s) require capabilities: [AWS::IAM::Role]"},
	} {
		tmpl, err := Parse([]byte("Metadata: {A: [1, 2.50]}\nResources:\n  " + c.resources))
		if err != nil {
			t.Fatal(err)
		}
		needed, reason := tmpl.Capabilities()
		if got := strings.Join(needed, " "); got != c.needed || reason != c.reason {
			t.Errorf("%s: got %q, %q; want %q, %q", c.resources, got, reason, c.needed, c.reason)
		}
		if diff := cmp.Diff(`{"A":[1,2.5]}`, tmpl.Metadata()); diff != "" {
			t.Errorf("metadata (-want +got):\n%s", diff)
		}
	}
}
