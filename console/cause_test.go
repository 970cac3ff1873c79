package console

import (
	"strings"
	"testing"
)

func TestEssenceOfCauses(t *testing.T) {
	for _, c := range []struct{ cause, want string }{
		{"", ""},
		{"a bad day", "a bad day"},
		{`{"errorMessage":"no such table","errorType":"KeyError","stackTrace":[]}`, "no such table"},
		{`{"JobId":"x","StatusReason":"Essential container in task exited","Container":{"ExitCode":3}}`, "Essential container in task exited (exit code 3)"},
		{`{"StatusReason":"Task failed to start","Container":{"Reason":"OutOfMemoryError"}}`, "Task failed to start: OutOfMemoryError"},
		{`{"ExecutionArn":"x","Status":"FAILED","Error":"E","Cause":"the child fell"}`, "the child fell"},
		{`{"StatusReason":3,"errorMessage":"<b>"}`, "<b>"},
		{`{"other":1}`, `{"other":1}`},
		{`{"torn`, `{"torn`},
		{strings.Repeat("é", 300), strings.Repeat("é", 200) + "…"},
	} {
		if got := essence(c.cause); got != c.want {
			t.Errorf("%s: got %q; want %q", c.cause, got, c.want)
		}
	}
}

func FuzzEssence(f *testing.F) {
	f.Add(`{"StatusReason":"x","Container":{"ExitCode":1}}`)
	f.Add("{")
	f.Fuzz(func(t *testing.T, cause string) {
		if got := essence(cause); len(got) > shownCause+len("…") {
			t.Errorf("got %d bytes", len(got))
		}
	})
}
