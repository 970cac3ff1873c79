package dataset

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"salamander/asl"
	"salamander/internal/value"
)

// objects is a bucket in memory whose listings have pages of two.
type objects map[string]string

func (o objects) Get(_ context.Context, arguments json.RawMessage) (io.ReadCloser, error) {
	var in struct{ Key string }
	if err := json.Unmarshal(arguments, &in); err != nil {
		return nil, err
	}
	body, ok := o[in.Key]
	if !ok {
		return nil, errors.New("no such key")
	}
	return io.NopCloser(strings.NewReader(body)), nil
}

func (o objects) List(_ context.Context, arguments json.RawMessage) (Page, error) {
	var in struct{ Prefix, ContinuationToken string }
	if err := json.Unmarshal(arguments, &in); err != nil {
		return Page{}, err
	}
	names := []string{"d/", "d/1.jsonl", "d/2.jsonl"}
	if in.ContinuationToken != "" {
		names = names[2:]
	}
	var page Page
	for _, name := range names[:min(2, len(names))] {
		page.Objects = append(page.Objects, Object{Key: name, ETag: `"e"`, Modified: time.Unix(1700000000, 0), Size: int64(len(o[name])), StorageClass: "STANDARD"})
	}
	if len(names) > 2 {
		page.Next = "more"
	}
	return page, nil
}

func (o objects) Put(context.Context, string, string, []byte) error { return errors.New("read only") }

// read reads all items as text.
func read(t testing.TB, r asl.ItemReader, o objects) (string, error) {
	t.Helper()
	d, err := Open(t.Context(), &r, o)
	if err != nil {
		return "", err
	}
	defer d.Close()
	var b strings.Builder
	for {
		it, err := d.Next()
		if errors.Is(err, io.EOF) {
			return b.String(), nil
		} else if err != nil {
			return b.String(), err
		}
		if it.Key != nil {
			fmt.Fprintf(&b, "%s: ", *it.Key)
		}
		b.WriteString(value.Text(it.Value) + "\n")
	}
}

func gzipped(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, s)
	w.Close()
	return b.String()
}

func zstded(s string) string {
	w, _ := zstd.NewWriter(nil)
	return string(w.EncodeAll([]byte(s), nil))
}

func TestRead(t *testing.T) {
	first := asl.ItemReader{InputType: "CSV", HeaderLocation: "FIRST_ROW"}
	tests := []struct {
		name   string
		r      asl.ItemReader
		key    string
		body   string
		want   string
		failed string
	}{
		{"json array", asl.ItemReader{InputType: "JSON"}, "", ` [1, "a", {"b": [1.50]}] `, "1\n\"a\"\n{\"b\":[1.50]}\n", ""},
		{"json object", asl.ItemReader{InputType: "JSON"}, "", `{"x": 1, "y": [2]}`, "x: 1\ny: [2]\n", ""},
		{"json scalar", asl.ItemReader{InputType: "JSON"}, "", `17`, "", "Attempting to map over non-iterable node."},
		{"json empty", asl.ItemReader{InputType: "JSON"}, "", ``, "", "the JSON document is empty"},
		{"json cut", asl.ItemReader{InputType: "JSON"}, "", `[1,`, "1\n", "the JSON document ends in the middle"},
		{"json pointer", asl.ItemReader{InputType: "JSON", ItemsPointer: "/a~1b/1/c"}, "", `{"z":[{}],"a/b":[[0],{"c":[7,8]}]}`, "7\n8\n", ""},
		{"json pointer to nowhere", asl.ItemReader{InputType: "JSON", ItemsPointer: "/a/2"}, "", `{"a":[1]}`, "", `the ItemsPointer "/a/2" is not in the document`},
		{"jsonl", asl.ItemReader{InputType: "JSONL"}, "", "\ufeff{\"a\":1}\r\n\n  2 \n\"x\"", "{\"a\":1}\n2\n\"x\"\n", ""},
		{"jsonl bad", asl.ItemReader{InputType: "JSONL"}, "", "1\nx\n", "1\n", "line 2 is no JSON: unexpected character 'x' at byte 0"},
		{"csv", first, "", "a,b\n1,2\n\"x,\"\"y\"\"\nz\",\\,\\q\\\\\n3\n4,5,6\n\n   \n", `{"a":"1","b":"2"}` + "\n" + `{"a":"x,\"y\"\nz","b":",q\\"}` + "\n" + `{"a":"3","b":""}` + "\n" + `{"a":"4","b":"5"}` + "\n" + `{"a":"   ","b":""}` + "\n", ""},
		{"csv crlf", first, "", "\ufeffa\r\n1\r\n2", "{\"a\":\"1\"}\n{\"a\":\"2\"}\n", ""},
		{"csv pipes", asl.ItemReader{InputType: "CSV", HeaderLocation: "GIVEN", Headers: []string{"h"}, Delimiter: "PIPE"}, "", "a,b|c\n", "{\"h\":\"a,b\"}\n", ""},
		{"csv twice", first, "", "a,a\n", "", "CSV headers cannot contain duplicates."},
		{"csv open", first, "", "a\n\"x", "", "row at line 2: a quoted field does not end"},
		{"csv none", first, "", "", "", ""},
		{"some", asl.ItemReader{InputType: "JSON", MaxItems: 2}, "", "[1,2,3]", "1\n2\n", ""},
		{"fewer than none", asl.ItemReader{InputType: "JSON", MaxItems: -1}, "", "[1,2,3]", "", "field MaxItems must be positive"},
		{"gzip", asl.ItemReader{InputType: "JSONL"}, "a.gz", gzipped("1\n2\n"), "1\n2\n", ""},
		{"no gzip", asl.ItemReader{InputType: "JSONL"}, "a.gz", "[1, 2, 3, 4, 5, 6]", "", "S3://b/a.gz is not a GZIP file: gzip: invalid header"},
		{"zstd", asl.ItemReader{InputType: "JSONL"}, "a.zstd", zstded("1\n2\n"), "1\n2\n", ""},
		{"manifest", asl.ItemReader{InputType: "XML"}, "", "", "", "InputType XML is not implemented"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			key := tc.key
			if key == "" {
				key = "k"
			}
			tc.r.Action, tc.r.Arguments = "getObject", json.RawMessage(`{"Bucket":"b","Key":"`+key+`"}`)
			got, err := read(t, tc.r, objects{key: tc.body})
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("items (-want +got):\n%s", diff)
			}
			var bad *asl.MapFailure
			switch {
			case tc.failed == "" && err != nil:
				t.Errorf("got %v", err)
			case tc.failed != "" && (!errors.As(err, &bad) || bad.Name != asl.ItemReaderFailed || bad.Cause != tc.failed):
				t.Errorf("got %v; want %s", err, tc.failed)
			}
		})
	}
}

func TestReadMany(t *testing.T) {
	o := objects{"d/1.jsonl": "1\n2\n", "d/2.jsonl": "3\n",
		"athena.csv":    "\"s3://b/d/1.jsonl\"\ns3://b/d/2.jsonl\n",
		"manifest.json": `{"destinationBucket":"arn:aws:s3:::b","fileFormat":"CSV","fileSchema":"Bucket, Key","files":[{"key":"x.csv.gz"},{"key":"y.csv"}]}`,
		"x.csv.gz":      gzipped("\"b\",\"k1\"\n"), "y.csv": "b,k2\n"}
	tests := []struct {
		name string
		r    asl.ItemReader
		want string
	}{
		{"listing", asl.ItemReader{Action: "listObjectsV2", Arguments: json.RawMessage(`{"Bucket":"b"}`)},
			`{"Etag":"\"e\"","LastModified":1700000000,"Key":"d/","Size":0,"StorageClass":"STANDARD"}
{"Etag":"\"e\"","LastModified":1700000000,"Key":"d/1.jsonl","Size":4,"StorageClass":"STANDARD"}
{"Etag":"\"e\"","LastModified":1700000000,"Key":"d/2.jsonl","Size":2,"StorageClass":"STANDARD"}
`},
		{"flattened", asl.ItemReader{Action: "listObjectsV2", InputType: "JSONL", Transformation: "LOAD_AND_FLATTEN", Arguments: json.RawMessage(`{"Bucket":"b"}`)}, "1\n2\n3\n"},
		{"athena", asl.ItemReader{Action: "getObject", InputType: "JSONL", ManifestType: "ATHENA_DATA", Arguments: json.RawMessage(`{"Bucket":"b","Key":"athena.csv"}`)}, "1\n2\n3\n"},
		{"inventory", asl.ItemReader{Action: "getObject", InputType: "MANIFEST", Arguments: json.RawMessage(`{"Bucket":"b","Key":"manifest.json"}`)},
			"{\"Bucket\":\"b\",\"Key\":\"k1\"}\n{\"Bucket\":\"b\",\"Key\":\"k2\"}\n"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			got, err := read(t, tc.r, o)
			if diff := cmp.Diff(tc.want, got); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// FuzzRead reads whatever comes, and every item again as it was read.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"", "[1,{}]", `{"a":[1]}`, "a,b\n1,\"2\n\"\"3\"\n", "\\", "\"", "1\n2", "\xff", "[[[[", `{"a":1,"a":2}`} {
		f.Add(s, uint8(0))
		f.Add(s, uint8(7))
	}
	f.Fuzz(func(t *testing.T, body string, how uint8) {
		r := asl.ItemReader{Action: "getObject", Arguments: json.RawMessage(`{"Bucket":"b","Key":"k"}`),
			InputType: []string{"JSON", "JSONL", "CSV", "CSV"}[how%4], HeaderLocation: []string{"FIRST_ROW", "GIVEN"}[how>>2%2], Headers: []string{"a", "b"}}
		if how&16 != 0 && r.InputType == "JSON" {
			r.ItemsPointer = "/a/0"
		}
		got, err := read(t, r, objects{"k": body})
		if err != nil || r.InputType == "JSON" {
			return
		}
		again, err := read(t, asl.ItemReader{Action: "getObject", Arguments: r.Arguments, InputType: "JSONL"}, objects{"k": got})
		if err != nil || again != got {
			t.Errorf("items %q come again as %q, %v", got, again, err)
		}
	})
}
