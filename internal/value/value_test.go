package value

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestRoundTrip(t *testing.T) {
	for in, want := range map[string]string{
		` {"b":1.0,"a":[1e3,-0,{}],"b":2} `: `{"b":2,"a":[1e3,0,{}]}`,
		`"a\u00e9\ud83d\ude00\/\u001f"`:     "\"aé😀/\\u001F\"",
		`[]`:                                `[]`,
		`12345678901234567890123`:           `12345678901234567890123`,
		`"\ud83d"`:                          "\"\uFFFD\"",
	} {
		v, err := Parse([]byte(in))
		if err != nil {
			t.Errorf("Parse(%s): %v", in, err)
		} else if got := Text(v); got != want {
			t.Errorf("Parse(%s) = %s; want %s", in, got, want)
		}
	}
	for _, in := range []string{``, `{`, `[1,]`, `{"a":1,}`, `01`, `1.`, `"`, "\"\xff\"", `nul`, `1 2`, `"\x"`, "\"\n\"", `{"a"}`, `-`, `[1 2]`} {
		if v, err := Parse([]byte(in)); err == nil {
			t.Errorf("Parse(%s) = %s; want an error", in, Text(v))
		}
	}
}

func TestEqualAndCompare(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{`1`, `1.0`, true}, {`[1,{"a":1,"b":2}]`, `[1,{"b":2,"a":1.0}]`, true},
		{`1e999999999`, `2e999999999`, true}, {`"a"`, `"b"`, false}, {`null`, `false`, false},
		{`9007199254740993`, `9007199254740992.0`, false}, {`{"a":1}`, `{"b":1}`, false},
	} {
		a, _ := Parse([]byte(c.a))
		b, _ := Parse([]byte(c.b))
		if got := Equal(a, b); got != c.want {
			t.Errorf("Equal(%s, %s) = %v; want %v", c.a, c.b, got, c.want)
		}
	}
}

func TestObjectKeepsOrderBeyondIndex(t *testing.T) {
	o := new(Object)
	for i := range 40 {
		o.Set(Text(Int(int64(i))), Int(int64(i)))
	}
	c := o.With("7", nil).With("new", true)
	if v, ok := c.Get("new"); !ok || v != true || c.Len() != 41 || o.Len() != 40 {
		t.Errorf("With changed the original or lost the member")
	}
	if v, _ := o.Get("7"); v != Number("7") {
		t.Errorf("original has %v; want 7", v)
	}
}

func TestHashOrdered(t *testing.T) {
	// Recorded from AWS: States.JsonMerge gives HashMap's order.
	o := NewObject(Member{"constant_in_literal", 1}, Member{"constant_input_field", 2}).HashOrdered()
	if got := o.Members()[0].Key; got != "constant_input_field" {
		t.Errorf("first is %q; want constant_input_field", got)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5e-3,"x\n\u0041",null,true]}`, `"\ud800\udc00"`, `[[[[]]]]`, "\"\xff\""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		v, err := Parse(in)
		if (err == nil) != json.Valid(in) && !odd(in) {
			t.Fatalf("Parse(%q): %v; encoding/json disagrees", in, err)
		}
		if err != nil {
			return
		}
		text := Append(nil, v)
		again, err := Parse(text)
		if err != nil || !Equal(v, again) {
			t.Fatalf("%q is not read back: %v", text, err)
		}
	})
}

// odd reports texts on which encoding/json is more lenient: bytes that are not
// UTF-8, and more depth.
func odd(in []byte) bool {
	depth := 0
	for _, c := range in {
		if c >= 0x80 {
			return true
		}
		if c == '[' || c == '{' {
			depth++
		}
	}
	return depth > MaxDepth
}

// AppendString agrees with encoding/json but for the escapes that AWS writes
// otherwise, whatever stands at which of eight places.
func TestAppendStringAtEachPlace(t *testing.T) {
	for _, special := range []string{"", `"`, `\`, "\x00", "\x1f", "\n", "\x7f", "é", "\u2028", "😀", "\xff", "\xc3", `"\`, "é\""} {
		for before := range 18 {
			for after := range 18 {
				in := strings.Repeat("a", before) + special + strings.Repeat("!", after)
				var out string
				if err := json.Unmarshal(AppendString(nil, in), &out); err != nil || out != strings.ToValidUTF8(in, "\uFFFD") {
					t.Fatalf("%q: got %q, %v", in, out, err)
				}
			}
		}
	}
}

func BenchmarkAppendString(b *testing.B) {
	text := strings.Repeat(`{"id":12,"name":"row number","ok":true},`, 25)
	buf := make([]byte, 0, 2048)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		buf = AppendString(buf[:0], text)
	}
}
