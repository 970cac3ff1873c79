package s3rest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestWriteXML(t *testing.T) {
	out := `{"Buckets":[{"Name":"a&b","CreationDate":1.5},{"Name":"c","CreationDate":0}],"Owner":{"ID":"x"},"IsTruncated":false}`
	var w bytes.Buffer
	if err := writeXML(&w, route{root: "R"}, json.RawMessage(out), nil); err != nil {
		t.Fatal(err)
	}
	want := `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<R xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Buckets><Bucket><Name>a&amp;b</Name><CreationDate>1970-01-01T00:00:01.500Z</CreationDate></Bucket>` +
		`<Bucket><Name>c</Name><CreationDate>1970-01-01T00:00:00.000Z</CreationDate></Bucket></Buckets><Owner><ID>x</ID></Owner><IsTruncated>false</IsTruncated></R>`
	if w.String() != want {
		t.Errorf("got %s; want %s", &w, want)
	}
}

func FuzzParseXML(f *testing.F) {
	f.Add([]byte(`<Delete><Quiet>true</Quiet><Object><Key>a</Key></Object></Delete>`))
	f.Add([]byte(`<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>`))
	f.Fuzz(func(t *testing.T, body []byte) {
		_, v, err := parseXML(body)
		if err != nil {
			return
		}
		if _, err := json.Marshal(v); err != nil {
			t.Error(err)
		}
	})
}

func FuzzTarget(f *testing.F) {
	f.Add("GET", "/bucket/key", "list-type=2", "127.0.0.1:4566")
	f.Add("PUT", "//", "uploadId&acl", "a.s3.localhost")
	f.Fuzz(func(t *testing.T, method, path, query, host string) {
		r := httptest.NewRequest("GET", "http://h/", nil)
		r.Method, r.URL.Path, r.URL.RawQuery, r.Host = method, path, query, host
		s := &server{}
		if got, err := s.parseTarget(r); err == nil && got.operation == "" {
			t.Errorf("no operation and no error: %+v", got)
		}
	})
}

func FuzzPolicy(f *testing.F) {
	f.Add(`{"expiration":"2030-01-01T00:00:00Z","conditions":[{"bucket":"b"},["starts-with","$key","x"],["content-length-range",1,2]]}`)
	f.Add(`{"expiration":"2030-01-01T00:00:00Z","conditions":[[]]}`)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parsePolicy(base64.StdEncoding.EncodeToString([]byte(text)))
		if err == nil && p.expires.IsZero() && !strings.Contains(text, "0001-01-01") {
			t.Error("a policy without an end")
		}
	})
}
