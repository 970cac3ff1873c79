package redshift

import "testing"

func TestStrtol(t *testing.T) {
	for _, c := range []struct {
		text string
		base int
		want int64
		bad  bool
	}{
		{"ff", 16, 255, false}, {"FF", 16, 255, false}, {"0xff", 16, 255, false}, {"-0xff", 16, -255, false}, {" 12", 10, 12, false},
		{"zzzzzzzzzzzz", 36, 4738381338321616895, false}, {"ffffffffffff", 16, 1<<48 - 1, false}, {"7fffffffffffffff", 16, 1<<63 - 1, false},
		{"8000000000000000", 16, 0, true}, {"2", 2, 0, true}, {"1_0", 10, 0, true}, {"", 10, 0, true}, {"g", 16, 0, true}, {"é", 16, 0, true}, {"1", 1, 0, true}, {"1", 37, 0, true},
	} {
		got, err := Strtol(c.text, c.base)
		if (err != nil) != c.bad || got != c.want {
			t.Errorf("Strtol(%q, %d): got %d, %v; want %d", c.text, c.base, got, err, c.want)
		}
	}
}
