package main

import (
	"strings"
	"testing"
)

// Of two triggers with different inputs nobody chooses silently.
func TestBackfillAsksWhichTrigger(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	writeFiles(t, dir, map[string]string{"salamander.yaml": `
triggers:
  early: {bucket: b, keys: ["a/{date}.csv"], start: refresh, input: {day: "{date}"}}
  late: {bucket: b, keys: ["b/{date}.csv"], start: refresh, input: {date: "{date}"}}
  other: {bucket: b, keys: ["c/{date}.csv"], start: load, input: {on: "{date}"}}
`})
	args := []string{"backfill", "refresh", "--from", "2026-01-01", "--to", "2026-01-02", "--data", dir}
	for want, more := range map[string][]string{
		"the triggers early, late start": nil,
		`no trigger "none"`:              {"--trigger", "none"},
		`no trigger "other"`:             {"--trigger", "other"},
	} {
		if status, _, stderr := runCommand(t, append(args, more...)...); status != exitUsage || !strings.Contains(stderr, want) {
			t.Errorf("%v: got status %d, %s; want %s", more, status, stderr, want)
		}
	}
	for _, more := range [][]string{{"--trigger", "late"}, {"--input", `{"d":"{date}"}`}} {
		if status, _, stderr := runCommand(t, append(args, more...)...); status == exitUsage {
			t.Errorf("%v: got a usage error: %s", more, stderr)
		}
	}
}
