package pattern

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"salamander/internal/value"
)

const event = `{"version":"0","id":"1","detail-type":"Object Created","source":"aws.s3","account":"000000000000","time":"2026-01-02T03:04:05Z",
"region":"us-east-1","resources":["arn:aws:s3:::landing","arn:x"],"detail":{"bucket":{"name":"landing"},"object":{"key":"sales/2026-01-02/part-1.csv","size":300.0},
"ip":"10.0.0.17","ip6":"2001:db8::7","nothing":null,"yes":true,"empty":"","list":["a","b"],"none":[],"obj":{},"star":"a*b\\c",
"people":[{"first":"Ann","last":"Lee","tags":["x"]},{"first":"Bob","last":"Ray"}]}}`

func TestMatches(t *testing.T) {
	e, err := value.Parse([]byte(event))
	if err != nil {
		t.Fatal(err)
	}
	detail := func(s string) string { return `{"detail":{` + s + `}}` }
	for _, tt := range []struct {
		pattern string
		want    bool
	}{
		{`{"source":["aws.s3"]}`, true},
		{`{"source":["aws.s3"],"detail-type":["Object Deleted"]}`, false},
		{`{"source":["aws.batch","aws.s3"]}`, true},
		{`{"resources":["arn:x"]}`, true},
		{`{"resources":["arn:y"]}`, false},
		{detail(`"bucket":{"name":["landing"]},"object":{"key":[{"prefix":"sales/"}]}`), true},
		{detail(`"object":{"key":[{"prefix":"Sales/"}]}`), false},
		{detail(`"object":{"key":[{"prefix":{"equals-ignore-case":"SALES/"}}]}`), true},
		{detail(`"object":{"key":[{"suffix":".csv"}]}`), true},
		{detail(`"object":{"key":[{"suffix":".CSV"}]}`), false},
		{detail(`"object":{"key":[{"suffix":{"equals-ignore-case":".CSV"}}]}`), true},
		{detail(`"object":{"key":[{"suffix":".json"},{"suffix":".csv"}]}`), true},
		{detail(`"object":{"key":[{"wildcard":"sales/*/part-*.csv"}]}`), true},
		{detail(`"object":{"key":[{"wildcard":"sales/*/part-*.cs"}]}`), false},
		{detail(`"object":{"key":[{"wildcard":"*"}]}`), true},
		{detail(`"star":[{"wildcard":"a\\*b\\\\c"}]`), true},
		{detail(`"bucket":{"name":[{"wildcard":"land*landing"}]}`), false},
		{detail(`"object":{"size":[300]}`), true},
		{detail(`"object":{"size":[3.0e2]}`), true},
		{detail(`"object":{"size":["300"]}`), false},
		{detail(`"object":{"size":[{"numeric":["=",300]}]}`), true},
		{detail(`"object":{"size":[{"numeric":[">",0,"<=",300]}]}`), true},
		{detail(`"object":{"size":[{"numeric":[">",0,"<",300]}]}`), false},
		{detail(`"object":{"size":[{"numeric":[">=",300.5]}]}`), false},
		{detail(`"bucket":{"name":[{"numeric":[">",0]}]}`), false},
		{detail(`"ip":[{"cidr":"10.0.0.0/24"}]`), true},
		{detail(`"ip":[{"cidr":"10.0.1.0/24"}]`), false},
		{detail(`"ip6":[{"cidr":"2001:db8::/32"}]`), true},
		{detail(`"bucket":{"name":[{"equals-ignore-case":"LANDING"}]}`), true},
		{detail(`"bucket":{"name":[{"anything-but":"landing"}]}`), false},
		{detail(`"bucket":{"name":[{"anything-but":["a","b"]}]}`), true},
		{detail(`"bucket":{"name":[{"anything-but":[1,2]}]}`), true},
		{detail(`"object":{"size":[{"anything-but":[300]}]}`), false},
		{detail(`"nothing":[{"anything-but":"x"}]`), true},
		{detail(`"missing":[{"anything-but":"x"}]`), false},
		{detail(`"bucket":{"name":[{"anything-but":{"prefix":"land"}}]}`), false},
		{detail(`"bucket":{"name":[{"anything-but":{"prefix":["x","land"]}}]}`), false},
		{detail(`"bucket":{"name":[{"anything-but":{"suffix":"x"}}]}`), true},
		{detail(`"bucket":{"name":[{"anything-but":{"equals-ignore-case":["LANDING"]}}]}`), false},
		{detail(`"bucket":{"name":[{"anything-but":{"wildcard":"*ing"}}]}`), false},
		{detail(`"list":[{"anything-but":"a"}]`), true},
		{detail(`"list":["b"]`), true},
		{detail(`"nothing":[null]`), true},
		{detail(`"empty":[null]`), false},
		{detail(`"empty":[""]`), true},
		{detail(`"yes":[true]`), true},
		{detail(`"yes":["true"]`), false},
		{detail(`"yes":[{"exists":true}]`), true},
		{detail(`"nothing":[{"exists":true}]`), true},
		{detail(`"yes":[{"exists":false}]`), false},
		{detail(`"missing":[{"exists":false}]`), true},
		{detail(`"missing":[{"exists":true}]`), false},
		{detail(`"bucket":[{"exists":true}]`), false},
		{detail(`"bucket":[{"exists":false}]`), true},
		{detail(`"none":[{"exists":true}]`), false},
		{detail(`"none":{"a":[{"exists":false}]}`), true},
		{detail(`"missing":{"deep":[{"exists":false}]}`), true},
		{detail(`"missing":[{"exists":false},"x"]`), true},
		{detail(`"yes":[{"exists":false},true]`), true},
		{detail(`"people":{"first":["Ann"],"last":["Lee"]}`), true},
		{detail(`"people":{"first":["Ann"],"last":["Ray"]}`), false},
		{detail(`"people":{"tags":[{"exists":false}]}`), false},
		{`{"$or":[{"source":["x"]},{"region":["us-east-1"]}]}`, true},
		{`{"$or":[{"source":["x"]},{"region":["eu-west-1"]}]}`, false},
		{`{"source":["aws.s3"],"detail":{"$or":[{"yes":[false]},{"object":{"size":[{"numeric":["<",10]}]}},{"$or":[{"ip":["10.0.0.17"]},{"ip":["x"]}]}]}}`, true},
		{detail(`"$or":["x"]`), false},
	} {
		p, err := Compile(tt.pattern)
		if err != nil {
			t.Errorf("%s: %v", tt.pattern, err)
		} else if got := p.Matches(e); got != tt.want {
			t.Errorf("%s: got %v; want %v", tt.pattern, got, tt.want)
		}
	}
}

func TestErrorsAreEventBridges(t *testing.T) {
	for _, tt := range []struct{ pattern, reason, at string }{
		{`{}`, "Empty objects are not allowed", "line: 1, column: 3"},
		{`[]`, "Filter is not an object", ""},
		{`{"a":"x"}`, `"a" must be an object or an array`, "line: 1, column: 7"},
		{"{\n \"b\": {\n  \"slug\": \"some\"}}", `"slug" must be an object or an array`, "line: 3, column: 12"},
		{`{"a":[]}`, "Empty arrays are not allowed", "line: 1, column: 8"},
		{`{"a":[["x"]]}`, "Match value must be String, number, true, false, or null", "line: 1, column: 8"},
		{`{"a":[{"prefix":1}]}`, "prefix match pattern must be a string", ""},
		{`{"a":[{"prefix":"x","suffix":"y"}]}`, "Only one key allowed in match expression", ""},
		{`{"a":[{"like":"x"}]}`, "Unrecognized match type like", "line: 1, column: 16"},
		{`{"a":[{}]}`, "Match expression name not found", ""},
		{`{"a":[{"numeric":5}]}`, "Value of numeric must be an array.", ""},
		{`{"a":[{"numeric":["!",5]}]}`, "Unrecognized numeric range operator: !", ""},
		{`{"a":[{"numeric":["=","5"]}]}`, "Value of equals must be numeric", ""},
		{`{"a":[{"numeric":["<",5,">",4]}]}`, "Too many elements in numeric expression", ""},
		{`{"a":[{"numeric":[">",5,"<",4]}]}`, "Bottom must be less than top", ""},
		{`{"a":[{"anything-but":[]}]}`, "Inside anything but list, either all values are number or string, mixed type is not supported", ""},
		{`{"a":[{"anything-but":["x",1]}]}`, "Inside anything but list, either all values are number or string, mixed type is not supported", ""},
		{`{"a":[{"anything-but":true}]}`, "Value of anything-but must be an array or single string/number value.", ""},
		{`{"a":[{"anything-but":{"cidr":"x"}}]}`, "Unsupported anything-but pattern: cidr", ""},
		{`{"a":[{"anything-but":{"prefix":""}}]}`, "Null prefix/suffix not allowed", ""},
		{`{"a":[{"exists":"x"}]}`, "exists match pattern must be either true or false.", ""},
		{`{"a":[{"cidr":"10.0.0.0"}]}`, "Malformed CIDR, one '/' required", ""},
		{`{"a":[{"wildcard":"a**b"}]}`, "Consecutive wildcard characters at pos 2", ""},
		{`{"a":[{"wildcard":"a\\b"}]}`, "Invalid escape character at pos 2", ""},
		{`{"$or":[{"a":{"$or":[{"b":["x"]}]}},{"c":["y"]}]}`, "There must have at least 2 Objects in $or relationship.", ""},
		{`nope`, "Unrecognized token 'nope': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')", "line: 1, column: 5"},
		{`{"a":["x"`, "Unexpected end-of-input: was expecting comma to separate Array entries", ""},
	} {
		_, err := Compile(tt.pattern)
		var e *Error
		if !errors.As(err, &e) || !strings.HasPrefix(e.Reason, tt.reason) || !strings.Contains(e.Reason, tt.at) {
			t.Errorf("%s: got %v; want %s … %s", tt.pattern, err, tt.reason, tt.at)
		}
	}
	_, err := Compile(`{"a":"x"}`)
	want := "Event pattern is not valid. Reason: \"a\" must be an object or an array\n at [Source: (String)\"{\"a\":\"x\"}\"; line: 1, column: 7]"
	if err == nil || err.Error() != want {
		t.Errorf("got %v; want %s", err, want)
	}
}

func FuzzCompile(f *testing.F) {
	f.Add(`{"source":["a",{"prefix":"b"}],"detail":{"$or":[{"x":[{"numeric":[">",1]}]},{"y":[{"anything-but":{"wildcard":"a*"}}]}]}}`)
	f.Add(`{"a":[{"cidr":"10.0.0.0/8"},null,true,1e3]}`)
	f.Add(`{"a":"x`)
	e, err := value.Parse([]byte(event))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, source string) {
		p, err := Compile(source)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("%q: %v", source, err)
			}
			return
		}
		p.Matches(e)
	})
}

func BenchmarkMatches(b *testing.B) {
	e, err := value.Parse([]byte(event))
	if err != nil {
		b.Fatal(err)
	}
	for _, rules := range []int{1, 100} {
		var all []*Pattern
		for i := range rules {
			p, err := Compile(fmt.Sprintf(`{"source":["aws.s3"],"detail":{"bucket":{"name":["landing"]},"object":{"key":[{"wildcard":"sales/*/part-%d.csv"}]}}}`, i))
			if err != nil {
				b.Fatal(err)
			}
			all = append(all, p)
		}
		b.Run(fmt.Sprintf("rules=%d", rules), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, p := range all {
					p.Matches(e)
				}
			}
		})
	}
}
