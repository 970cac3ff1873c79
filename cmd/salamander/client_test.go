package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"salamander/operation"
)

// Errors come in XML from S3 and Query services, in JSON from the program.
func TestToldErrors(t *testing.T) {
	for text, want := range map[string]*operation.Error{
		"<Error><Code>NoSuchBucket</Code><Message>gone</Message></Error>":                                                                          {Code: "NoSuchBucket", Message: "gone"},
		"<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack [x] does not exist</Message></Error></ErrorResponse>": {Code: "ValidationError", Message: "Stack [x] does not exist"},
		`{"code":"AccessDenied","message":"no"}`:                                                                                                   {Code: "AccessDenied", Message: "no"},
		`{}`:                                                                                                                                       nil,
		`<html><body>Bad gateway</body></html>`:                                                                                                    nil,
		`Bad gateway`:                                                                                                                              nil,
	} {
		if diff := cmp.Diff(want, told([]byte(text))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}
