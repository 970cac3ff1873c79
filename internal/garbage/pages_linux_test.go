package garbage

import (
	"os"
	"strings"
	"testing"
)

// A program goes on as before when its pages are released, and holds less.
func TestReleasePages(t *testing.T) {
	if _, err := os.Stat("/proc/self/smaps"); err != nil {
		t.Skip("there is no /proc/self/smaps")
	}
	for range 3 {
		if _, err := ReleasePages(); err != nil {
			t.Fatal(err)
		}
		if got := strings.Repeat("go on ", 1000); len(got) != 6000 {
			t.Errorf("got %d", len(got))
		}
	}
}

func TestParseMapping(t *testing.T) {
	for line, want := range map[string]mapping{
		"00400000-02a7f000 r-xp 00000000 fd:00 1234   /usr/bin/salamander": {start: 0x400000, end: 0x2a7f000, clean: true},
		"02a7f000-02b00000 r--p 00000000 fd:00 1234   /a b":                {start: 0x2a7f000, end: 0x2b00000, clean: true},
		"02a7f000-02b00000 rw-p 00000000 fd:00 1234   /usr/bin/salamander": {start: 0x2a7f000, end: 0x2b00000},
		"02a7f000-02b00000 r--s 00000000 fd:00 1234   /data/state.db-shm":  {start: 0x2a7f000, end: 0x2b00000},
		"c000000000-c000400000 rw-p 00000000 00:00 0 ":                     {start: 0xc000000000, end: 0xc000400000},
		"7ffd0000-7ffd1000 r-xp 00000000 00:00 0      [vdso]":              {start: 0x7ffd0000, end: 0x7ffd1000},
	} {
		if got, ok := parseMapping(line); !ok || got != want {
			t.Errorf("%s: got %+v, %t; want %+v", line, got, ok, want)
		}
	}
	for _, line := range []string{"Rss:                 456 kB", "VmFlags: rd ex mr mw me", ""} {
		if _, ok := parseMapping(line); ok {
			t.Errorf("%q is no mapping", line)
		}
	}
}
