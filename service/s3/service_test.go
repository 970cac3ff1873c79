package s3_test

import (
	"encoding/json"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"salamander/object"
	"salamander/operation"
	"salamander/service/s3"
	"salamander/store"
)

func registry(t *testing.T) *operation.Registry {
	t.Helper()
	dir := t.TempDir()
	db, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	objects, err := object.New(filepath.Join(dir, "objects"), store.NewObjects(db), object.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var reg operation.Registry
	s3.New(objects).Register(&reg)
	return &reg
}

// call returns the output, the body and the code of the error.
func call(t *testing.T, reg *operation.Registry, caller operation.Caller, name, input, body string) (doc map[string]any, content, code string) {
	t.Helper()
	resp, err := reg.Call(t.Context(), "s3", name, &operation.Request{Caller: caller, Input: json.RawMessage(input), Body: strings.NewReader(body)})
	if err != nil {
		return nil, "", operation.AsError(err).Code + " " + operation.AsError(err).Message
	}
	if err := json.Unmarshal(resp.Output, &doc); err != nil {
		t.Fatal(err)
	}
	if resp.Body != nil {
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		content = string(b)
	}
	return doc, content, ""
}

func TestByDocuments(t *testing.T) {
	reg := registry(t)
	me := operation.Caller{Account: "000000000000", Region: "us-east-1"}
	if _, _, code := call(t, reg, me, "CreateBucket", `{"Bucket":"bucket"}`, ""); code != "" {
		t.Fatal(code)
	}
	doc, _, code := call(t, reg, me, "PutObject", `{"Bucket":"bucket","Key":"k","Metadata":{"a":"b"}}`, "hello")
	if code != "" || doc["ETag"] != `"5d41402abc4b2a76b9719d911017c592"` {
		t.Errorf("put: got %v, %s", doc, code)
	}
	doc, content, code := call(t, reg, me, "GetObject", `{"Bucket":"bucket","Key":"k","Range":"bytes=1-2"}`, "")
	if code != "" || content != "el" || doc["ContentRange"] != "bytes 1-2/5" || doc["ContentType"] != "binary/octet-stream" {
		t.Errorf("get: got %v, %q, %s", doc, content, code)
	}
	for name, want := range map[string]string{
		`{"Bucket":"bucket","Key":"k","Tagging":"a=b"}`:                 "NotImplementedException Salamander does not implement s3:PutObject: the member Tagging.",
		`{"Bucket":"bucket","Key":"k","StorageClass":"GLACIER"}`:        "NotImplementedException Salamander does not implement s3:PutObject: the storage class GLACIER.",
		`{"Bucket":"bucket","Key":"k","IfNoneMatch":"\"x\""}`:           "NotImplementedException Salamander does not implement s3:PutObject: If-None-Match with an ETag; S3 takes only *.",
		`{"Bucket":"bucket","Key":"k","ChecksumAlgorithm":"XXH"}`:       "NotImplementedException Salamander does not implement s3:PutObject: the checksum algorithm XXH.",
		`{"Bucket":"none","Key":"k"}`:                                   "NoSuchBucket The specified bucket does not exist",
		`{"Bucket":"bucket","Key":"` + strings.Repeat("k", 1025) + `"}`: "KeyTooLongError Your key is too long",
	} {
		if _, _, code := call(t, reg, me, "PutObject", name, ""); code != want {
			t.Errorf("%s: got %s; want %s", name, code, want)
		}
	}
}

func TestRegions(t *testing.T) {
	reg := registry(t)
	for _, tc := range []struct{ region, constraint, want string }{
		{"us-east-1", "", ""}, {"us-east-1", "eu-west-1", ""}, {"eu-west-1", "eu-west-1", ""},
		{"eu-west-1", "", "IllegalLocationConstraintException The unspecified location constraint"},
		{"eu-west-1", "eu-north-1", "IllegalLocationConstraintException The eu-north-1 location constraint"},
		{"us-east-1", "us-east-1", "InvalidLocationConstraint"},
	} {
		name := "b-" + tc.region + tc.constraint
		input := `{"Bucket":"` + name + `"}`
		if tc.constraint != "" {
			input = `{"Bucket":"` + name + `","CreateBucketConfiguration":{"LocationConstraint":"` + tc.constraint + `"}}`
		}
		_, _, code := call(t, reg, operation.Caller{Account: "000000000000", Region: tc.region}, "CreateBucket", input, "")
		if !strings.HasPrefix(code, tc.want) || (code == "") != (tc.want == "") {
			t.Errorf("%+v: got %s", tc, code)
		}
	}
}

// A call repeated within an invocation finds the upload that the first made.
func TestARepeatedUploadIsTheSame(t *testing.T) {
	reg := registry(t)
	me := operation.Caller{Account: "000000000000", Region: "us-east-1", Invocation: operation.Invocation{ID: "i"}}
	call(t, reg, me, "CreateBucket", `{"Bucket":"bucket"}`, "")
	one, _, _ := call(t, reg, me, "CreateMultipartUpload", `{"Bucket":"bucket","Key":"k"}`, "")
	two, _, _ := call(t, reg, me, "CreateMultipartUpload", `{"Bucket":"bucket","Key":"k"}`, "")
	if one["UploadId"] == nil || one["UploadId"] != two["UploadId"] {
		t.Errorf("got %v and %v", one, two)
	}
	all, _, _ := call(t, reg, me, "ListMultipartUploads", `{"Bucket":"bucket"}`, "")
	if n := len(all["Uploads"].([]any)); n != 1 {
		t.Errorf("%d uploads; want 1", n)
	}
}
