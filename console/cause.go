package console

import (
	"encoding/json"
	"fmt"
)

// essence is what a cause says in a list: of the document that a function or a
// job leaves, the message in it.
func essence(cause string) string {
	if len(cause) == 0 || cause[0] != '{' {
		return shorten(cause, shownCause)
	}
	var doc struct {
		Message   string `json:"errorMessage"` // of functions
		Reason    string `json:"StatusReason"` // of jobs
		Cause     string // of executions
		Container struct {
			ExitCode *int
			Reason   string
		}
	}
	_ = json.Unmarshal([]byte(cause), &doc) // what is of another form stays as it is
	text := cause
	switch {
	case doc.Message != "":
		text = doc.Message
	case doc.Reason != "":
		text = doc.Reason
		if doc.Container.Reason != "" && doc.Container.Reason != doc.Reason {
			text += ": " + doc.Container.Reason
		}
		if doc.Container.ExitCode != nil {
			text += fmt.Sprintf(" (exit code %d)", *doc.Container.ExitCode)
		}
	case doc.Cause != "":
		text = doc.Cause
	}
	return shorten(text, shownCause)
}
