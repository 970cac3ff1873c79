package refresh

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"os/exec"
	"testing"

	"github.com/google/go-cmp/cmp"

	"salamander/function"
	"salamander/store"
)

// stubBoto3 is a Batch that knows one queue and one job.
const stubBoto3 = `
class Batch:
    def submit_job(self, **request):
        if request['jobQueue'] == 'down':
            raise RuntimeError('no Batch today')
        return {'jobId': 'id of ' + request['jobName'] + ' ' + str(sorted(request)) + str(request['parameters'])}

    def describe_jobs(self, jobs):
        return {'jobs': [{'status': 'RUNNABLE'}] if jobs == ['known'] else []}


def client(name):
    assert name == 'batch'
    return Batch()
`

// The functions do what the published ones do, in the real runtime.
func TestFunctions(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("no python3 on this machine")
	}
	db, err := store.Open(t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	f, err := function.New(t.Context(), store.NewFunctions(db), function.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	key := func(name string) function.Key {
		return function.Key{Account: "000000000000", Region: "us-east-1", Name: name}
	}
	for _, name := range []string{"submit_job", "check_job"} {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for file, text := range map[string]string{"index.py": read(t, "functions/"+name+".py"), "boto3.py": stubBoto3} {
			w, err := z.Create(file)
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(w, text)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		fn := function.Function{Key: key(name), Runtime: "python3.12", Handler: "index.lambda_handler", Timeout: 25, MemorySize: 128, Creation: name}
		if _, err := f.Create(t.Context(), fn, b.Bytes()); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name, function, event string
		failed                bool
		want                  map[string]any // of an error: its type and message
		text                  string
	}{
		{name: "submit", function: "submit_job", event: `{"stepId": "ItemDim", "ItemDim": {"jobName": "item", "jobQueue": "q", "jobDefinition": "d"}, "kept": [1]}`,
			text: `{"ItemDim":{"jobDefinition":"d","jobName":"item","jobQueue":"q"},"jobId":"id of item ['containerOverrides', 'jobDefinition', 'jobName', 'jobQueue', 'parameters']{}","kept":[1],"stepId":"ItemDim"}`},
		{name: "submit fails", function: "submit_job", event: `{"stepId": "ItemDim", "ItemDim": {"jobName": "item", "jobQueue": "down", "jobDefinition": "d"}}`,
			failed: true, want: map[string]any{"errorType": "Exception", "errorMessage": "Error submitting Batch Job"}},
		{name: "no queue", function: "submit_job", event: `{"stepId": "ItemDim", "ItemDim": {"jobName": "item"}}`,
			failed: true, want: map[string]any{"errorType": "KeyError", "errorMessage": "'jobQueue'"}},
		{name: "check", function: "check_job", event: `{"jobId": "known"}`, text: `"RUNNABLE"`},
		{name: "unknown job", function: "check_job", event: `{"jobId": "unknown"}`,
			failed: true, want: map[string]any{"errorType": "Exception", "errorMessage": "Error getting Batch Job status"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := f.Invoke(t.Context(), key(c.function), function.Invocation{ID: "i", Payload: []byte(c.event)})
			if err != nil {
				t.Fatal(err)
			}
			var got any
			if err := json.Unmarshal(r.Payload, &got); err != nil {
				t.Fatal(err)
			}
			if m, ok := got.(map[string]any); ok && c.failed {
				if diff := cmp.Diff(c.want, map[string]any{"errorType": m["errorType"], "errorMessage": m["errorMessage"]}); diff != "" {
					t.Errorf("error (-want +got):\n%s", diff)
				}
			} else if text, _ := json.Marshal(got); string(text) != c.text {
				t.Errorf("got  %s\nwant %s", text, c.text)
			}
			if r.Failed != c.failed {
				t.Errorf("failed: got %v; want %v: %s", r.Failed, c.failed, r.Payload)
			}
		})
	}
}
