package pagetoken

import "testing"

func TestRoundTrip(t *testing.T) {
	type place struct {
		Name string
		N    int
	}
	want := place{"a/ü", 7}
	var got place
	if err := Decode(Encode(want), &got); err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	if err := Decode("", &got); err != nil || got != want {
		t.Errorf("empty token: got %+v, %v; want %+v", got, err, want)
	}
	for _, bad := range []string{"%", "AA", Encode("text")} {
		if err := Decode(bad, &got); err == nil {
			t.Errorf("Decode(%q) succeeded", bad)
		}
	}
}
