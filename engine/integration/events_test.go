package integration

import (
	"testing"

	"salamander/asl"
	"salamander/operation"
)

func TestPutEvents(t *testing.T) {
	var reg operation.Registry
	var got, answer string
	handle(&reg, "events", "PutEvents", func(req *operation.Request) (string, error) {
		got = string(req.Input)
		return answer, nil
	})
	r := New(Options{Registry: &reg})
	job := task(asl.ServiceTask, "arn:aws:states:::events:putEvents", `{"Entries":[{"Detail":{"a": 1},"DetailType":"d","Source":"s","Resources":["r"]},{"Detail":"{}"}]}`)
	job.Machine, job.Execution = "arn:m", "arn:x"
	answer = `{"Entries":[{"EventId":"1"},{"EventId":"2"}],"FailedEntryCount":0}`
	out, err := r.Run(t.Context(), job, &told{})
	if err != nil || members(t, out)["FailedEntryCount"] != 0.0 || members(t, out)["SdkHttpMetadata"] == nil {
		t.Errorf("got %s, %v", out, err)
	}
	const want = `{"Entries":[{"Detail":"{\"a\": 1}","DetailType":"d","Resources":["r","arn:m","arn:x"],"Source":"s"},{"Detail":"{}","Resources":["arn:m","arn:x"]}]}`
	if got != want {
		t.Errorf("input: got %s; want %s", got, want)
	}
	answer = `{"Entries":[{"ErrorCode":"MalformedDetail","ErrorMessage":"Detail is malformed."}],"FailedEntryCount":1}`
	_, err = r.Run(t.Context(), job, &told{})
	wantError(t, err, "EventBridge.FailedEntry", answer)
	job.Parameters = []byte(`{"Entries":7}`)
	if _, err = r.Run(t.Context(), job, &told{}); err == nil {
		t.Error("entries of another type were taken")
	}
}
