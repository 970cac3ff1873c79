package jsonpath

import (
	"errors"
	"strings"
	"testing"

	"salamander/internal/value"
)

const store = `{"store":{"book":[
 {"category":"reference","author":"Nigel Rees","title":"Sayings of the Century","price":8.95},
 {"category":"fiction","author":"Evelyn Waugh","title":"Sword of Honour","price":12.99},
 {"category":"fiction","author":"Herman Melville","title":"Moby Dick","isbn":"0-553-21311-3","price":8.99},
 {"category":"fiction","author":"J. R. R. Tolkien","title":"The Lord of the Rings","isbn":"0-395-19395-8","price":22.99}],
 "bicycle":{"color":"red","price":19.95}},"expensive":10,"a b":{"c.d":1},"null":null,"tags":["x","y"],"nested":[[1,2],[3]]}`

func read(t testing.TB, text string) value.Value {
	t.Helper()
	v, err := value.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestGet(t *testing.T) {
	root := read(t, store)
	for _, c := range []struct{ path, want string }{
		{"$.expensive", `10`},
		{"$['a b']['c.d']", `1`},
		{"$.null", `null`},
		{"$.store.book[0].title", `"Sayings of the Century"`},
		{"$.store.book[-1].price", `22.99`},
		{"$.store.book[*].price", `[8.95,12.99,8.99,22.99]`},
		{"$..price", `[8.95,12.99,8.99,22.99,19.95]`},
		{"$.store..author", `["Nigel Rees","Evelyn Waugh","Herman Melville","J. R. R. Tolkien"]`},
		{"$..book[2].title", `["Moby Dick"]`},
		{"$.store.book[0,1].price", `[8.95,12.99]`},
		{"$.store.book[:2].price", `[8.95,12.99]`},
		{"$.store.book[1:3].price", `[12.99,8.99]`},
		{"$.store.book[-1:].price", `[22.99]`},
		{"$.store.book[:-3].price", `[8.95]`},
		{"$.store.book[1:99].price", `[12.99,8.99,22.99]`},
		{"$.store.book[?(@.isbn)].price", `[8.99,22.99]`},
		{"$.store.book[?(!@.isbn)].price", `[8.95,12.99]`},
		{"$.store.book[?(@.price < 10)].title", `["Sayings of the Century","Moby Dick"]`},
		{"$.store.book[?(@.price <= $.expensive)].title", `["Sayings of the Century","Moby Dick"]`},
		{"$.store.book[?(@.author =~ /.*REES/i)].price", `[8.95]`},
		{"$.store.book[?(@.category == 'fiction' && @.price > 20 || @.price == 8.95)].price", `[8.95,22.99]`},
		{"$.store.book[?(@.category in ['reference'])].price", `[8.95]`},
		{"$.store.book[?(@.isbn == null)].price", `[]`},
		{"$.store.book[?(@.title contains 'Dick')].price", `[8.99]`},
		{"$.store.book[?(@.title size 9)].price", `[8.99]`},
		{"$.store.bicycle['color','price']", `{"color":"red","price":19.95}`},
		{"$.store.book.length()", `4`},
		{"$..price.max()", `22.99`},
		{"$..price.sum()", `73.87`},
		{"$..book.length()", `4`},
		{"$.nested[*].length()", `[2,1]`},
		{"$.tags.first()", `"x"`},
		{"$.expensive.length()", `null`},
		{"$.store.bicycle.keys()", `["color","price"]`},
		{"$.tags.*", `["x","y"]`},
		{"$.nested[*][0]", `[1,3]`},
		{"$.tags[7][*]", `[]`},
		{"$.nothing[*].x", `[]`},
		{"$.expensive[?(@.x)]", `[]`},
		{"$.store[0:1].x", `[]`},
		{"$.store[?(@.none[*])].x", `[]`},
		{"$.store.book[?(!@.none[*])].price", `[8.95,12.99,8.99,22.99]`},
		{"$.store.*.color", `["red"]`},
		{"$['store','a b'].bicycle.color", `["red"]`},
		{"$.store.['bicycle'].color", `"red"`},
		{"$..['color','price']", `[{"color":"red","price":19.95}]`},
		{"$..[?(@.isbn)].price", `[8.99,22.99]`},
		{"$..[?(@ == 'x')]", `[]`},
		{"$.nested..[0]", `[[1,2],1,3]`},
		{"$.tags[1:-1]", `[]`},
		{"$.tags[-1:1]", `["y","x"]`},
		{"$.tags[-2:-1]", `["x"]`},
		{"$.tags[0:1:5]", `["x"]`},
		{"$.tags[0,-1,9,0]", `["x","y","x"]`},
		{"$.store[?(@.color == 'red')]", `[]`},
		{"$.store.bicycle[?(@.color == 'red')].price", `[19.95]`},
		{"$.store.book[?(@.price == '8.950')].price", `[8.95]`},
		{"$.store.book[?('8.95' == @.price)].price", `[8.95]`},
		{"$.store.book[?(@.price === '8.95')].price", `[]`},
		{"$.store.book[?(@.isbn != @.none)].price", `[8.95,12.99,8.99,22.99]`},
		{"$.store.book[?(@.none == @.none)].price", `[]`},
		{"$.store.book[?(@.isbn NIN ['0-553-21311-3'])].price", `[8.95,12.99,22.99]`},
		{"$.store.book[?(@.price > '12')].price", `[8.95,12.99,8.99,22.99]`},
		{"$.store.book[?(@.price =~ /8.*/)].price", `[8.95,8.99]`},
		{"$.store.book[?(@.isbn =~ /^(?!0-3).*/)].price", `[8.95,12.99,8.99]`},
		{"$.store.book[?(@.none =~ /x*/)].price", `[8.95,12.99,8.99,22.99]`},
		{"$.store[?(@.bicycle empty false)].bicycle.color", `["red"]`},
		{"$.nested[?(@ size 2)]", `[[1,2]]`},
		{"$.nested[?(@ subsetof [1,2,5])]", `[[1,2]]`},
		{"$.nested[?(@ anyof [3,5])]", `[[3]]`},
		{"$.nested[?(@ noneof [3,5])]", `[[1,2]]`},
		{"$.nested[?(@.length() == 1)]", `[[3]]`},
		{"$[*].x", `[]`},
	} {
		p, err := Parse(c.path)
		if err != nil {
			t.Errorf("Parse(%q): %v", c.path, err)
			continue
		}
		got, err := p.Get(root)
		if err != nil {
			t.Errorf("%s: %v", c.path, err)
		} else if text := value.Text(got); text != c.want {
			t.Errorf("%s = %s; want %s", c.path, text, c.want)
		}
	}
}

func member(v value.Value, key string) value.Value {
	m, _ := v.(*value.Object).Get(key)
	return m
}

func TestJavaText(t *testing.T) {
	if got, want := javaText(read(t, `{"a":[1,"b",null,{"c":true}],"d":1.5}`)), "{a=[1, b, null, {c=true}], d=1.5}"; got != want {
		t.Errorf("got %s; want %s", got, want)
	}
}

func TestGetMissing(t *testing.T) {
	root := read(t, store)
	for path, want := range map[string]string{
		"$.nope":                      "No results for path: $['nope']",
		"$.nothing.length()":          "Missing property in path $['nothing']",
		"$[\"nope\"]":                 "No results for path: $[\"nope\"]",
		"$.tags[9].x":                 "No results for path: $['tags'][9]['x']",
		"$.store.book[*].price.sum()": "Aggregation function attempted to calculate value using empty array",
		"$.store[0:1].length()":       "Filter: [0:1] can only be applied to arrays. Current context is: " + javaText(member(root, "store")),
		"$.expensive[?(@.x)].sum()":   "Filter: [?] can not be applied to primitives. Current context is: 10",
		"$.null.x":                    "Expected to find an object with property ['x'] in path $['null'] but found 'null'. This is not a json object according to the JsonProvider: '" + provider + "'.",
		"$.no.such":                   "Missing property in path $['no']",
		"$.store.x.y.z":               "Missing property in path $['store']['x']",
		"$.tags[9]":                   "No results for path: $['tags'][9]",
		"$.expensive[0]":              "Filter: [0] can only be applied to arrays. Current context is: 10",
		"$.null[0]":                   "The path $['null'] is null",
		"$.expensive.sub":             "Expected to find an object with property ['sub'] in path $['expensive'] but found 'java.lang.Integer'. This is not a json object according to the JsonProvider: '" + provider + "'.",
	} {
		p, err := Parse(path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Get(root)
		var missing *NotFoundError
		if !errors.As(err, &missing) || err.Error() != want {
			t.Errorf("%s: %v; want %s", path, err, want)
		}
	}
}

func TestSyntaxErrors(t *testing.T) {
	for _, path := range []string{"", "x", "$[?(@.a =~ /(/)]", "$x", "$.", "$[", "$[]", "$['a'", "$['a", "$[:]", "$[?(@.a ==)]", "$[?(@.a", "$...", "$.a.foo()", "$[(@.length-1)]", "$.a b", "$[99999999999]", "$[?(1)]", "$.a]"} {
		if p, err := Parse(path); err == nil {
			t.Errorf("Parse(%q) = %s; want an error", path, p.Normal())
		}
	}
}

func TestReference(t *testing.T) {
	for path, want := range map[string]bool{"$": true, "$.a[0]['b c']": true, "$[*]": false, "$..a": false, "$.a[-1]": false, "$.a[0:1]": false, "$.a[0,1]": false, "$.a.length()": false} {
		p, err := Parse(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Reference(); got != want {
			t.Errorf("%s is a Reference Path: %v; want %v", path, got, want)
		}
	}
}

func TestSet(t *testing.T) {
	for _, c := range []struct{ root, path, v, want string }{
		{`{"a":1}`, "$", `2`, `2`},
		{`{"a":1,"c":3}`, "$.a", `2`, `{"a":2,"c":3}`},
		{`{"a":1}`, "$.b.c", `2`, `{"a":1,"b":{"c":2}}`},
		{`{"a":[1,2]}`, "$.a[1]", `9`, `{"a":[1,9]}`},
		{`{"a":[1,2]}`, "$.a[2]", `9`, ``},
		{`{"a":1}`, "$.a.b", `2`, ``},
		{`[1]`, "$.a", `2`, ``},
	} {
		p, err := Parse(c.path)
		if err != nil {
			t.Fatal(err)
		}
		root := read(t, c.root)
		got, err := p.Set(root, read(t, c.v))
		if (err != nil) != (c.want == "") {
			t.Errorf("%s: %v", c.path, err)
		} else if err == nil && value.Text(got) != c.want {
			t.Errorf("%s in %s = %s; want %s", c.path, c.root, value.Text(got), c.want)
		}
		if value.Text(root) != c.root {
			t.Errorf("Set(%s) changed its argument to %s", c.path, value.Text(root))
		}
	}
}

func FuzzPath(f *testing.F) {
	for _, s := range []string{"$..[?(@.a =~ /(?=x)x*/)][-1:]", "$.a.['b'].keys()", "$.*.*[?(@ nin $.x)]", "$.a[0]", "$..x", "$[?(@.a == 'b' && !(@.c > 1))]", "$['a','b'][1:2].length()", "$[?(@ in [1,'x'])]", "$[?(@.a =~ /x+/i)]", "$..*..*"} {
		f.Add(s)
	}
	root := read(f, store)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse(text)
		if err != nil {
			return
		}
		v, err := p.Get(root)
		if err == nil {
			value.Append(nil, v)
		}
		if p.Reference() {
			if out, err := p.Set(root, "v"); err == nil {
				if got, err := p.Get(out); err != nil || got != "v" {
					t.Errorf("Set then Get of %q: %v, %v", text, got, err)
				}
			}
		}
	})
}

// A regular expression that backtracks without an end is cut off.
func TestPatternsAreBounded(t *testing.T) {
	p, err := Parse(`$[?(@ =~ /(?=a)(a*)*\1b/)]`)
	if err != nil {
		t.Fatal(err)
	}
	var limit *LimitError
	if v, err := p.Get(value.Array{strings.Repeat("a", 60), "ab"}); !errors.As(err, &limit) {
		t.Errorf("got %v, %v; want a LimitError", v, err)
	}
}

func TestScansAreBounded(t *testing.T) {
	deep := value.Value(value.Array{})
	for range 300 {
		deep = value.Array{deep, deep} // doubles, though it is small in memory
	}
	p, err := Parse("$..*..*")
	if err != nil {
		t.Fatal(err)
	}
	var limit *LimitError
	if _, err := p.Get(deep); !errors.As(err, &limit) {
		t.Errorf("got %v; want a LimitError", err)
	}
}
