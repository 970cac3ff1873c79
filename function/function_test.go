package function_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"salamander/function"
	"salamander/store"
)

// A bench is functions over a real store, with logs and sessions to look at.
type bench struct {
	*function.Functions
	t    *testing.T
	dir  string
	db   *store.DB
	logs *recorder

	mu     sync.Mutex
	served []string
}

type recorder struct {
	mu   sync.Mutex
	text map[string]string // by group
}

type stream struct {
	r     *recorder
	group string
}

func (s stream) Write(p []byte) (int, error) {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	s.r.text[s.group] += string(p)
	return len(p), nil
}

func (s stream) Close() error { return nil }

func (r *recorder) of(name string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text["/aws/lambda/"+name]
}

func python(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("no python3 on this machine")
	}
}

func open(t *testing.T, dir string, opt function.Options) *bench {
	t.Helper()
	db, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, dir: dir, db: db, logs: &recorder{text: map[string]string{}}}
	opt.Dir = filepath.Join(dir, "functions")
	opt.Logs = func(_, _, group, _ string) io.WriteCloser { return stream{b.logs, group} }
	opt.OnError = func(err error) { t.Log(err) }
	opt.Issue = func(account, region, principal string) (function.Session, error) {
		return function.Session{AccessKey: "ASIATEST", Secret: "s", Token: "t", End: func() {}, Serve: func(id string) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.served = append(b.served, id)
		}}, nil
	}
	if b.Functions, err = function.New(t.Context(), store.NewFunctions(db), opt); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.close)
	return b
}

func (b *bench) close() {
	b.Functions.Close()
	b.db.Close()
}

func archive(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range files {
		h := &zip.FileHeader{Name: name, Method: zip.Deflate}
		h.SetMode(0o755)
		w, err := z.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, text)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func key(name string) function.Key {
	return function.Key{Account: "000000000000", Region: "us-east-1", Name: name}
}

func (b *bench) create(name, code string, change ...func(*function.Function)) {
	b.t.Helper()
	fn := function.Function{Key: key(name), Runtime: "python3.12", Handler: "index.handler", Role: "arn:aws:iam::000000000000:role/r",
		Timeout: 3, MemorySize: 128, Creation: "c-" + name}
	for _, f := range change {
		f(&fn)
	}
	if _, err := b.Create(b.t.Context(), fn, archive(b.t, map[string]string{"index.py": code})); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) invoke(name, id, payload string) function.Result {
	b.t.Helper()
	r, err := b.Invoke(b.t.Context(), key(name), function.Invocation{ID: id, Payload: []byte(payload)})
	if err != nil {
		b.t.Fatalf("%s: %v", name, err)
	}
	return r
}

func TestInvokePython(t *testing.T) {
	python(t)
	b := open(t, t.TempDir(), function.Options{Endpoint: func() string { return "http://127.0.0.1:1" }})
	b.create("echo", `
import os, logging
calls = 0
def handler(event, context):
    global calls
    calls += 1
    print("call", calls)
    logging.getLogger().warning("careful")
    return {"event": event, "calls": calls, "id": context.aws_request_id, "left": context.get_remaining_time_in_millis() > 1000,
            "arn": context.invoked_function_arn, "env": [os.environ[n] for n in ("AWS_REGION", "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "MINE", "AWS_LAMBDA_FUNCTION_NAME")],
            "name": "Zoë"}
`, func(f *function.Function) { f.Environment = map[string]string{"MINE": "a b"} })
	r := b.invoke("echo", "id-1", `{"x":"é"}`)
	want := `{"event": {"x": "é"}, "calls": 1, "id": "id-1", "left": true, "arn": "arn:aws:lambda:us-east-1:000000000000:function:echo", ` +
		`"env": ["us-east-1", "http://127.0.0.1:1", "ASIATEST", "a b", "echo"], "name": "Zoë"}`
	if r.Failed || string(r.Payload) != want {
		t.Errorf("got  %s\nwant %s", r.Payload, want)
	}
	r = b.invoke("echo", "id-2", `null`)
	if !strings.Contains(string(r.Payload), `"calls": 2`) {
		t.Errorf("the environment was not used again: %s", r.Payload)
	}
	log := string(r.Log)
	for _, part := range []string{"START RequestId: id-2 Version: $LATEST\ncall 2\n[WARNING]\t", "Z\tid-2\tcareful\nEND RequestId: id-2\nREPORT RequestId: id-2\tDuration: ",
		"Memory Size: 128 MB\tMax Memory Used: "} {
		if !strings.Contains(log, part) {
			t.Errorf("no %q in the tail:\n%s", part, log)
		}
	}
	if all := b.logs.of("echo"); !strings.Contains(all, "Init Duration: ") || strings.Count(all, "REPORT") != 2 {
		t.Errorf("log:\n%s", all)
	}
	if all, idle := b.Environments(); all != 1 || idle != 1 {
		t.Errorf("environments: got %d, %d idle; want 1, 1", all, idle)
	}
	if got := fmt.Sprint(b.served); got != "[id-1  id-2 ]" {
		t.Errorf("sessions served %s", got)
	}
}

func TestErrorsAreTheRuntimes(t *testing.T) {
	python(t)
	b := open(t, t.TempDir(), function.Options{})
	for _, c := range []struct{ name, code, want string }{
		{"raise", "def handler(event, context):\n    inner()\n\ndef inner():\n    raise Exception('Error submitting Batch Job')\n",
			`{"errorMessage": "Error submitting Batch Job", "errorType": "Exception", "requestId": "i", "stackTrace": ["  File \"/var/task/index.py\", line 2, in handler\n    inner()\n", "  File \"/var/task/index.py\", line 5, in inner\n    raise Exception('Error submitting Batch Job')\n"]}`},
		{"key", "def handler(event, context):\n    return event['stepId']\n",
			`{"errorMessage": "'stepId'", "errorType": "KeyError", "requestId": "i", "stackTrace": ["  File \"/var/task/index.py\", line 2, in handler\n    return event['stepId']\n"]}`},
		{"module", "import nowhere\n", `{"errorMessage": "Unable to import module 'index': No module named 'nowhere'", "errorType": "Runtime.ImportModuleError", "requestId": "", "stackTrace": []}`},
		{"nohandler", "x = 1\n", `{"errorMessage": "Handler 'handler' missing on module 'index'", "errorType": "Runtime.HandlerNotFound", "requestId": "", "stackTrace": []}`},
		{"init", "raise ValueError('early')\n", `{"errorMessage": "early", "errorType": "ValueError", "requestId": "", "stackTrace": ["  File \"/var/task/index.py\", line 1, in <module>\n    raise ValueError('early')\n"]}`},
		{"marshal", "def handler(event, context):\n    return {1, 2}\n",
			`{"errorMessage": "Unable to marshal response: Object of type set is not JSON serializable", "errorType": "Runtime.MarshalError", "requestId": "i", "stackTrace": []}`},
		{"exit", "import os\ndef handler(event, context):\n    os._exit(3)\n", `{"errorType":"Runtime.ExitError","errorMessage":"RequestId: i Error: Runtime exited with error: exit status 3"}`},
		{"leave", "import os\ndef handler(event, context):\n    os._exit(0)\n", `{"errorType":"Runtime.ExitError","errorMessage":"RequestId: i Error: Runtime exited without providing a reason"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			b.create(c.name, c.code)
			got := map[string]any{}
			want := map[string]any{}
			r := b.invoke(c.name, "i", "{}")
			if err := errors.Join(json.Unmarshal(r.Payload, &got), json.Unmarshal([]byte(c.want), &want)); err != nil {
				t.Fatalf("%v in %s", err, r.Payload)
			}
			// Python 3.13 and later draw carets below the line in no list of frames; all agree.
			if !r.Failed || string(r.Payload) != c.want {
				t.Errorf("failed %v\ngot  %s\nwant %s", r.Failed, r.Payload, c.want)
			}
			if log := b.logs.of(c.name); !strings.Contains(log, "END RequestId: i") {
				t.Errorf("log:\n%s", log)
			}
		})
	}
	if log := b.logs.of("raise"); !strings.Contains(log, "[ERROR] Exception: Error submitting Batch Job\nTraceback (most recent call last):\n  File \"/var/task/index.py\", line 2, in handler\n") {
		t.Errorf("log:\n%s", log)
	}
}

func TestTimeoutKillsTheEnvironment(t *testing.T) {
	python(t)
	b := open(t, t.TempDir(), function.Options{})
	b.create("slow", "import time\ndef handler(event, context):\n    print('begun', flush=True)\n    time.sleep(event)\n    return 'done'\n", func(f *function.Function) { f.Timeout = 1 })
	r := b.invoke("slow", "i", "60")
	want := `{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: i Error: Task timed out after 1.00 seconds"}`
	if !r.Failed || string(r.Payload) != want {
		t.Errorf("got %s; want %s", r.Payload, want)
	}
	if log := string(r.Log); !strings.Contains(log, "begun\n") || !strings.Contains(log, "i Task timed out after 1.00 seconds\n") {
		t.Errorf("log:\n%s", log)
	}
	if all, _ := b.Environments(); all != 0 {
		t.Errorf("%d environments are left", all)
	}
	if r := b.invoke("slow", "j", "0"); string(r.Payload) != `"done"` {
		t.Errorf("after the timeout: got %s", r.Payload)
	}
}

// Invocations at a time get environments of their own, up to the limit; the
// others wait.
func TestConcurrency(t *testing.T) {
	python(t)
	b := open(t, t.TempDir(), function.Options{MaxEnvironments: 2})
	b.create("pid", "import os, time\ndef handler(event, context):\n    time.sleep(0.05)\n    return os.getpid()\n")
	pids := make(chan string, 8)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			r, err := b.Invoke(t.Context(), key("pid"), function.Invocation{ID: fmt.Sprint(i)})
			if err != nil || r.Failed {
				t.Errorf("invocation %d: %v %s", i, err, r.Payload)
			}
			pids <- string(r.Payload)
		})
	}
	wg.Wait()
	close(pids)
	seen := map[string]bool{}
	for pid := range pids {
		seen[pid] = true
	}
	if len(seen) != 2 {
		t.Errorf("processes: got %d; want 2", len(seen))
	}
	// Another function takes the place of an idle environment.
	b.create("other", "def handler(event, context):\n    return 1\n")
	if r := b.invoke("other", "o", "{}"); string(r.Payload) != "1" {
		t.Errorf("got %s", r.Payload)
	}
	if all, _ := b.Environments(); all != 2 {
		t.Errorf("environments: got %d; want 2", all)
	}
}

func TestUpdatesTakeEffect(t *testing.T) {
	python(t)
	b := open(t, t.TempDir(), function.Options{})
	b.create("f", "import os\ndef handler(event, context):\n    return ['one', os.environ.get('V')]\n")
	b.invoke("f", "a", "{}")
	fn, err := b.UpdateCode(t.Context(), key("f"), archive(t, map[string]string{"index.py": "import os\ndef handler(event, context):\n    return ['two', os.environ.get('V')]\n"}), function.CodeUpdate{Revision: "r2"})
	if err != nil || fn.Revision != "r2" {
		t.Fatal(fn, err)
	}
	if _, err := b.UpdateConfiguration(t.Context(), key("f"), "r3", "r1", nil); !errors.Is(err, function.ErrChanged) {
		t.Errorf("another revision: got %v; want ErrChanged", err)
	}
	_, err = b.UpdateConfiguration(t.Context(), key("f"), "r3", "r2", func(f *function.Function) error {
		f.Environment = map[string]string{"V": "v"}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if r := b.invoke("f", "b", "{}"); string(r.Payload) != `["two", "v"]` {
		t.Errorf("got %s", r.Payload)
	}
	if err := b.Delete(t.Context(), key("f")); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Invoke(t.Context(), key("f"), function.Invocation{ID: "c"}); !errors.Is(err, function.ErrNotFound) {
		t.Errorf("deleted: got %v; want ErrNotFound", err)
	}
	if all, _ := b.Environments(); all != 0 {
		t.Errorf("%d environments are left", all)
	}
}

func TestIdleEnvironmentsEnd(t *testing.T) {
	python(t)
	b := open(t, t.TempDir(), function.Options{IdleAfter: time.Millisecond})
	b.create("f", "def handler(event, context):\n    return 1\n")
	b.invoke("f", "a", "{}")
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		if all, _ := b.Environments(); all == 0 {
			return
		} else if time.Now().After(deadline) {
			t.Fatal("an idle environment lives on")
		}
	}
}

// An accepted event runs, and one whose process was closed before runs in the
// next.
func TestEventsOutliveTheProcess(t *testing.T) {
	python(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "ran")
	b := open(t, dir, function.Options{})
	code := `
import os, time
def handler(event, context):
    with open(event["file"], "a") as f:
        f.write(context.aws_request_id + "\n")
    if event["first"] and not os.path.exists(event["file"] + ".again"):
        time.sleep(60)
`
	b.create("f", code, func(f *function.Function) { f.Timeout = 60 })
	payload := fmt.Appendf(nil, `{"file": %q, "first": true}`, file)
	if err := b.Accept(t.Context(), key("f"), function.Invocation{ID: "e1", Payload: payload}); err != nil {
		t.Fatal(err)
	}
	ran := func(want string) {
		t.Helper()
		for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
			if text, _ := os.ReadFile(file); string(text) == want {
				return
			} else if time.Now().After(deadline) {
				t.Fatalf("got %q; want %q", text, want)
			}
		}
	}
	ran("e1\n")
	b.close()
	if err := os.WriteFile(file+".again", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	b = open(t, dir, function.Options{})
	ran("e1\ne1\n")
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		events, err := store.NewFunctions(b.db).Events(t.Context(), 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(events) == 0 {
			break
		} else if time.Now().After(deadline) {
			t.Fatal("the event stays")
		}
	}
	if err := b.Accept(t.Context(), key("nothing"), function.Invocation{ID: "e2"}); !errors.Is(err, function.ErrNotFound) {
		t.Errorf("no function: got %v", err)
	}
}

func TestCloseCutsInvocations(t *testing.T) {
	python(t)
	b := open(t, t.TempDir(), function.Options{})
	b.create("f", "import time\ndef handler(event, context):\n    time.sleep(60)\n", func(f *function.Function) { f.Timeout = 60 })
	cut := make(chan error)
	go func() {
		_, err := b.Invoke(context.Background(), key("f"), function.Invocation{ID: "a"})
		cut <- err
	}()
	for deadline := time.Now().Add(5 * time.Second); !strings.Contains(b.logs.of("f"), "START"); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not start")
		}
	}
	b.Functions.Close()
	if err := <-cut; !errors.Is(err, function.ErrClosed) {
		t.Errorf("got %v; want ErrClosed", err)
	}
	if left, _ := filepath.Glob(filepath.Join(b.dir, "functions", "tmp", "*")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func TestCreateIsRepeatable(t *testing.T) {
	python(t)
	b := open(t, t.TempDir(), function.Options{})
	b.create("f", "x = 1\n")
	b.create("f", "x = 1\n") // the same call
	fn := function.Function{Key: key("f"), Runtime: "python3.12", Creation: "another"}
	if _, err := b.Create(t.Context(), fn, archive(t, nil)); !errors.Is(err, function.ErrExists) {
		t.Errorf("another call: got %v; want ErrExists", err)
	}
}

func TestBadPackagesAndRuntimes(t *testing.T) {
	b := open(t, t.TempDir(), function.Options{})
	var bad *function.PackageError
	for what, zip := range map[string][]byte{"no zip": []byte("x"), "outside": archive(t, map[string]string{"../x": "y"})} {
		fn := function.Function{Key: key("f"), Runtime: "provided.al2023", Creation: "c"}
		if _, err := b.Create(t.Context(), fn, zip); !errors.As(err, &bad) {
			t.Errorf("%s: got %v; want a PackageError", what, err)
		}
	}
	var none *function.RuntimeError
	if _, err := b.Create(t.Context(), function.Function{Key: key("f"), Runtime: "ruby3.3"}, nil); !errors.As(err, &none) {
		t.Errorf("ruby: got %v; want a RuntimeError", err)
	}
	t.Setenv("PATH", t.TempDir())
	_, err := b.Create(t.Context(), function.Function{Key: key("f"), Runtime: "python3.12"}, nil)
	if !errors.As(err, &none) || !strings.Contains(err.Error(), "no python3") {
		t.Errorf("no python3: got %v", err)
	}
}

// A provided runtime is the package's own program.
func TestProvidedRuntime(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("no curl on this machine")
	}
	b := open(t, t.TempDir(), function.Options{})
	loop := `#!/bin/sh
while true; do
  headers=$(mktemp)
  event=$(curl -sS -LD "$headers" "http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/next")
  id=$(tr -d '\r' < "$headers" | sed -n 's/^Lambda-Runtime-Aws-Request-Id: //ip')
  curl -sS "http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/$id/response" -d "{\"got\":$event}" > /dev/null
done
`
	fn := function.Function{Key: key("p"), Runtime: "provided.al2023", Handler: "h", Timeout: 10, MemorySize: 128, Creation: "c"}
	if _, err := b.Create(t.Context(), fn, archive(t, map[string]string{"bootstrap": loop})); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if r := b.invoke("p", "i", `{"a":1}`); string(r.Payload) != `{"got":{"a":1}}` {
			t.Errorf("got %s", r.Payload)
		}
	}
}

func BenchmarkInvokeWarm(b *testing.B) {
	if _, err := exec.LookPath("python3"); err != nil {
		b.Skip("no python3 on this machine")
	}
	db, err := store.Open(b.TempDir(), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	f, err := function.New(b.Context(), store.NewFunctions(db), function.Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	w, _ := z.Create("index.py")
	io.WriteString(w, "def handler(event, context):\n    return event\n")
	z.Close()
	fn := function.Function{Key: key("f"), Runtime: "python3.12", Handler: "index.handler", Timeout: 3, MemorySize: 128, Creation: "c"}
	if _, err := f.Create(b.Context(), fn, buf.Bytes()); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if r, err := f.Invoke(b.Context(), fn.Key, function.Invocation{ID: "i"}); err != nil || r.Failed {
			b.Fatal(err, string(r.Payload))
		}
	}
}
