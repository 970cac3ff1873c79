package s3rest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"salamander/api"
	"salamander/operation"
)

// Through the AWS port's own router nothing changes: odd keys, presigned
// URLs of both versions, posted forms and unsigned requests find their way.
func TestThroughThePort(t *testing.T) {
	inner := serve(t)
	var reg operation.Registry
	port := httptest.NewServer(api.New(&reg, keys{}, api.Options{Mounts: map[string]http.Handler{"s3": inner.Config.Handler}}))
	t.Cleanup(port.Close)
	c := client{t, port}
	c.want(c.do("PUT", "/bucket", ""), 200, "")
	c.want(c.do("PUT", "/bucket//a/./b/../%2F?x-id=PutObject", "odd"), 200, "")
	c.want(c.do("GET", "/bucket//a/./b/../%2F", ""), 200, "odd")
	c.want(c.do("GET", "/bucket?list-type=2", ""), 200, "<Key>/a/./b/..//</Key>")
	c.want(c.send(c.request("GET", "/bucket/k", "")), 403, "<Code>AccessDenied</Code>")
	policy := `{"expiration":"` + time.Now().Add(time.Minute).UTC().Format(time.RFC3339) + `","conditions":[{"bucket":"bucket"},{"key":"k"}]}`
	c.want(c.send(c.request("POST", "/bucket", form(policy, "key", "k"), "Content-Type", "multipart/form-data; boundary=edge")), 204, "")
	c.want(c.do("GET", "/bucket/k", ""), 200, "hello")
	r := c.request("GET", "/k", "")
	r.Host = "bucket.localhost"
	if a := c.send(r); a.status != 403 || !strings.Contains(a.body, "AccessDenied") {
		t.Errorf("got %+v", a)
	}
}
