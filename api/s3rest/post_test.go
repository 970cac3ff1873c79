package s3rest_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

// A form signed with version 2, which needs no date in its fields.
func form(policy string, fields ...string) string {
	encoded := base64.StdEncoding.EncodeToString([]byte(policy))
	h := hmac.New(sha1.New, []byte("test"))
	h.Write([]byte(encoded))
	fields = append(fields, "AWSAccessKeyId", "test", "Policy", encoded, "Signature", base64.StdEncoding.EncodeToString(h.Sum(nil)))
	var b strings.Builder
	for i := 0; i < len(fields); i += 2 {
		b.WriteString("--edge\r\nContent-Disposition: form-data; name=\"" + fields[i] + "\"\r\n\r\n" + fields[i+1] + "\r\n")
	}
	return b.String() + "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f.txt\"\r\n\r\nhello\r\n--edge--\r\n"
}

func TestPostedForms(t *testing.T) {
	c := client{t, serve(t)}
	c.do("PUT", "/bucket", "")
	post := func(body string) answer {
		return c.send(c.request("POST", "/bucket", body, "Content-Type", "multipart/form-data; boundary=edge"))
	}
	expires := time.Now().Add(time.Minute).UTC().Format(time.RFC3339)
	policy := `{"expiration":"` + expires + `","conditions":[{"bucket":"bucket"},["starts-with","$key","up/"],{"success_action_status":"201"},["content-length-range",1,10]]}`
	c.want(post(form(policy, "key", "up/${filename}", "success_action_status", "201")), 201,
		`<PostResponse xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Location>`+c.srv.URL+`/bucket/up/f.txt</Location><Bucket>bucket</Bucket><Key>up/f.txt</Key><ETag>&#34;5d41402abc4b2a76b9719d911017c592&#34;</ETag></PostResponse>`)
	c.want(c.do("GET", "/bucket/up/f.txt", ""), 200, "hello")

	for _, tc := range []struct{ body, want string }{
		{form(policy, "key", "other", "success_action_status", "201"), `Policy Condition failed: [&#34;starts-with&#34;, &#34;$key&#34;, &#34;up/&#34;]`},
		{form(policy, "key", "up/x", "success_action_status", "201", "acl", "private"), "Extra input fields: acl"},
		{form(strings.Replace(policy, `"bucket":"bucket"`, `"bucket":"another"`, 1), "key", "up/x", "success_action_status", "201"), "Policy Condition failed"},
		{form(strings.Replace(policy, expires, "2020-01-01T00:00:00Z", 1), "key", "up/x", "success_action_status", "201"), "Policy expired."},
		{strings.Replace(form(policy, "key", "up/x"), "\"Signature\"\r\n\r\n", "\"Signature\"\r\n\r\nx", 1), "SignatureDoesNotMatch"},
		{"--edge\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nk\r\n--edge\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n--edge--\r\n", "AccessDenied"},
	} {
		c.want(post(tc.body), 403, tc.want)
	}
	c.want(post(form(strings.Replace(policy, "1,10", "1,4", 1), "key", "up/x", "success_action_status", "201")), 400, "EntityTooLarge")
	c.want(post(form(strings.Replace(policy, "1,10", "6,10", 1), "key", "up/x", "success_action_status", "201")), 400, "EntityTooSmall")
	c.want(post("nonsense"), 400, "POST requires exactly one file upload per request.")
	c.want(post("--edge\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nk"), 400, "MalformedPOSTRequest")
	c.want(c.do("GET", "/bucket/up/x", ""), 404, "NoSuchKey")
}
