package apitest

import (
	"strings"
	"testing"

	"salamander/identity"
	"salamander/operation"
	"salamander/service/sts"
)

func TestClients(t *testing.T) {
	reg := &operation.Registry{}
	sts.Register(reg, sts.New(identity.New(identity.Keys{}, identity.Options{})))
	url := Serve(t, reg).URL
	c := AWS(t)
	c.Args = []string{"sts", "--output", "text"}
	if got := c.Run(url, "get-caller-identity", "--query", "Arn"); got != "arn:aws:iam::000000000000:root" {
		t.Errorf("got %q", got)
	}
	c.Env = []string{"AWS_SECRET_ACCESS_KEY=wrong"}
	if out, err := c.Try(url, "get-caller-identity"); err == nil || !strings.Contains(out, "(SignatureDoesNotMatch)") {
		t.Errorf("a wrong secret: got %q, %v", out, err)
	}
}
