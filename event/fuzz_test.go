package event

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func FuzzTransformer(f *testing.F) {
	f.Add(`{"a": <x>, "b": "got <x> of <y>"}`, `$.detail.x`)
	f.Add(`"text <x>\" <aws.events.rule-name>"`, `$.detail.list[0]`)
	f.Add(`<x`, `$`)
	ev := Event{ID: "1", Source: "s", Type: "t", Detail: json.RawMessage(`{"x":"a\"b","list":[1,{"k":null}]}`)}
	src := sourceOf(ev, RuleID{Name: "r"}, time.Unix(0, 0))
	f.Fuzz(func(t *testing.T, template, path string) {
		x := &Transformer{Paths: map[string]string{"x": path, "y": "$.source"}, Template: template}
		if x.Check() != nil {
			return
		}
		out, err := x.apply(src)
		if trimmed := strings.TrimSpace(template); err == nil && (strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[")) && !json.Valid([]byte(out)) {
			t.Fatalf("%q gave %q, which is no JSON", template, out)
		}
	})
}

func FuzzDatePattern(f *testing.F) {
	f.Add("sales/{date}/part-*.csv", "sales/2026-01-02/part-1.csv")
	f.Add("y={year}/m={month}/d={day}/{date}", "y=2026/m=01/d=02/2026-01-02")
	f.Add("{date}{date}*{", "x")
	f.Fuzz(func(t *testing.T, pattern, key string) {
		if !utf8.ValidString(pattern) {
			return // Validate refuses it
		}
		tr := Trigger{Format: "YYYY-MM-DD"}
		p := tr.datePattern(pattern)
		if date, ok := p.date(tr, key); ok && !glob(tr.fillDate(pattern, date)).MatchString(key) {
			t.Fatalf("%q found %s in %q, which it does not match", pattern, date, key)
		}
	})
}

func TestDatesOfKeys(t *testing.T) {
	for _, tt := range []struct{ pattern, format, key, want string }{
		{"sales/{date}/part-*.csv", "", "sales/2026-01-02/part-1.csv", "2026-01-02"},
		{"sales/{date}/part-*.csv", "", "sales/2026-01-02/other.csv", ""},
		{"sales/{date}/x", "", "sales/2026-13-02/x", ""},
		{"sales_{date}.csv", "YYYYMMDD", "sales_20260102.csv", "2026-01-02"},
		{"in/{date}/a", "YYYY/MM/DD", "in/2026/01/02/a", "2026-01-02"},
		{"y={year}/m={month}/d={day}/*", "", "y=2026/m=01/d=02/p", "2026-01-02"},
		{"{date}/{date}.csv", "", "2026-01-02/2026-01-02.csv", "2026-01-02"},
		{"{date}/{date}.csv", "", "2026-01-02/2026-01-03.csv", ""},
		{"a.b/{date}", "", "axb/2026-01-02", ""},
	} {
		tr := Trigger{Format: tt.format}
		got := ""
		if date, ok := tr.datePattern(tt.pattern).date(tr, tt.key); ok {
			got = date.Format(dateLayout)
		}
		if got != tt.want {
			t.Errorf("%s in %s: got %q; want %q", tt.pattern, tt.key, got, tt.want)
		}
	}
}

func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"entries":[{"url":"s3://b/k"}]}`))
	f.Add([]byte(`["a","b/c"]`))
	f.Add([]byte("a\n# no\n b \n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, k := range manifestKeys(text, "b", "dir/manifest") {
			if k == "" && len(text) == 0 {
				t.Fatal("a key of nothing")
			}
		}
	})
}

func TestInputsThatAreEqual(t *testing.T) {
	if HashInput(`{"a":1,"b":[1.0,"x"]}`) != HashInput(` {"b":[1.0, "x"], "a":1}`) || HashInput(`{"a":1}`) == HashInput(`{"a":"1"}`) || HashInput(`[1,2]`) == HashInput(`[12]`) {
		t.Error("hashes do not follow the values")
	}
}
