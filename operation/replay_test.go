package operation

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"sync"
	"testing"
)

// memory is Replays in memory. fail makes the next Save fail.
type memory struct {
	mu   sync.Mutex
	by   map[string]map[int][]byte
	fail error
}

func (m *memory) Load(_ context.Context, invocation string) (map[int][]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.by[invocation]), nil
}

func (m *memory) Save(_ context.Context, invocation string, call int, record []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.fail; err != nil {
		m.fail = nil
		return err
	}
	if m.by == nil {
		m.by = map[string]map[int][]byte{}
	}
	if m.by[invocation] == nil {
		m.by[invocation] = map[int][]byte{}
	}
	m.by[invocation][call] = record
	return nil
}

type submitInput struct {
	JobName     string `json:"jobName"`
	ClientToken string `json:"clientToken"`
}

type submitOutput struct {
	JobID string `json:"jobId"`
}

// host is a process with one operation; jobs counts what was really made.
type host struct {
	reg  Registry
	jobs *[]string
	err  error
}

func newHost(m Replays, jobs *[]string) *host {
	h := &host{jobs: jobs}
	h.reg.Use(Replay(m))
	Register(&h.reg, Spec{Service: "batch", Name: "SubmitJob", Mutates: true}, func(ctx context.Context, in *submitInput) (*submitOutput, error) {
		if h.err != nil {
			return nil, h.err
		}
		id := NewID(ctx)
		for _, j := range *jobs {
			if j == id { // already there with that id
				return &submitOutput{id}, nil
			}
		}
		*jobs = append(*jobs, id)
		return &submitOutput{id}, nil
	})
	return h
}

func (h *host) submit(t *testing.T, session, name string) (string, error) {
	t.Helper()
	caller := Caller{AccessKey: session, Invocation: Invocation{ID: "inv"}}
	resp, err := h.reg.Call(t.Context(), "batch", "SubmitJob", &Request{Caller: caller, Input: json.RawMessage(`{"jobName":"` + name + `"}`)})
	if err != nil {
		return "", err
	}
	var out submitOutput
	if err := json.Unmarshal(resp.Output, &out); err != nil {
		t.Fatal(err)
	}
	return out.JobID, nil
}

func (h *host) must(t *testing.T, session, name string) string {
	t.Helper()
	id, err := h.submit(t, session, name)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestACutInvocationMakesNothingTwice(t *testing.T) {
	var m memory
	var jobs []string
	first := newHost(&m, &jobs)
	a, a2, b := first.must(t, "s1", "a"), first.must(t, "s1", "a"), first.must(t, "s1", "b")
	if len(jobs) != 3 || a == a2 {
		t.Fatalf("first run: got %d jobs; want 3 of their own", len(jobs))
	}
	// The engine died; the calls come again, in another order.
	second := newHost(&m, &jobs)
	if got := second.must(t, "s2", "b"); got != b {
		t.Errorf("b again: got %s; want %s", got, b)
	}
	if got := second.must(t, "s2", "a"); got != a {
		t.Errorf("a again: got %s; want %s", got, a)
	}
	if got := second.must(t, "s2", "a"); got != a2 {
		t.Errorf("second a again: got %s; want %s", got, a2)
	}
	if len(jobs) != 3 {
		t.Errorf("jobs after the second run: got %d; want 3", len(jobs))
	}
	// What the first run never made is made now.
	c := second.must(t, "s2", "c")
	if len(jobs) != 4 || c == a || c == b {
		t.Errorf("a new call: got %s, %d jobs", c, len(jobs))
	}
}

func TestACommitWithoutARecordKeepsItsOrder(t *testing.T) {
	var m memory
	var jobs []string
	first := newHost(&m, &jobs)
	a := first.must(t, "s1", "a")
	m.fail = errors.New("disk on fire")
	if _, err := first.submit(t, "s1", "b"); err == nil {
		t.Fatal("an unrecorded call was acknowledged")
	}
	if len(jobs) != 2 {
		t.Fatalf("got %d jobs; want 2", len(jobs))
	}
	second := newHost(&m, &jobs)
	if got := second.must(t, "s2", "a"); got != a {
		t.Errorf("a: got %s; want %s", got, a)
	}
	if got := second.must(t, "s2", "b"); got != jobs[1] || len(jobs) != 2 {
		t.Errorf("b: got %s, %d jobs; want %s", got, len(jobs), jobs[1])
	}
}

func TestErrorsAreRecordedUnlessOurFault(t *testing.T) {
	var m memory
	var jobs []string
	h := newHost(&m, &jobs)
	h.err = Errorf("ClientException", "no queue")
	if _, err := h.submit(t, "s1", "a"); AsError(err).Code != "ClientException" {
		t.Fatal(err)
	}
	h.err = errors.New("boom")
	if _, err := h.submit(t, "s1", "b"); AsError(err).Status != 500 {
		t.Fatal(err)
	}
	again := newHost(&m, &jobs)
	if _, err := again.submit(t, "s2", "a"); AsError(err).Message != "no queue" {
		t.Errorf("recorded error: got %v", err)
	}
	again.must(t, "s2", "b")
	if len(jobs) != 1 {
		t.Errorf("got %d jobs; want 1", len(jobs))
	}
}

func TestOutsideAnInvocationNothingIsRecorded(t *testing.T) {
	var m memory
	var jobs []string
	h := newHost(&m, &jobs)
	for range 2 {
		if _, err := h.reg.Call(t.Context(), "batch", "SubmitJob", &Request{Input: json.RawMessage(`{"jobName":"a"}`)}); err != nil {
			t.Fatal(err)
		}
	}
	if len(jobs) != 2 || len(m.by) != 0 {
		t.Errorf("got %d jobs, %d records; want 2, 0", len(jobs), len(m.by))
	}
}

func TestBodiesAndTokens(t *testing.T) {
	tokens := Spec{Service: "lambda", Name: "Invoke", Mutates: true}
	key := func(spec Spec, input string, body io.Reader) (string, bool) {
		k, err := callKeyOf(spec, &Request{Input: json.RawMessage(input), Body: body})
		if err != nil {
			t.Fatal(err)
		}
		return k, k != ""
	}
	body := bytes.NewReader([]byte("abc"))
	a, ok := key(tokens, `{"b":1,"a":2}`, body)
	if b, _ := key(tokens, `{"a":2,"b":1}`, bytes.NewReader([]byte("abc"))); !ok || a != b {
		t.Error("the order of members makes another call")
	}
	if b, _ := key(tokens, `{"a":2,"b":1}`, bytes.NewReader([]byte("abd"))); a == b {
		t.Error("the body does not count")
	}
	if rest, _ := io.ReadAll(body); string(rest) != "abc" {
		t.Errorf("the body was consumed: %q left", rest)
	}
	if _, ok := key(tokens, `{}`, io.MultiReader(body)); ok {
		t.Error("a stream was recognized")
	}
	update := Spec{Service: "batch", Name: "SubmitServiceJob"}
	x, _ := key(update, `{"jobName":"a","clientToken":"one"}`, nil)
	if y, _ := key(update, `{"jobName":"a","clientToken":"two"}`, nil); x != y {
		t.Error("an idempotency token makes another call")
	}
}

func TestCallersWithinTheProcessNumberTheirCalls(t *testing.T) {
	var m memory
	var jobs []string
	submit := func(h *host, id string, number int, name string) string {
		caller := Caller{Invocation: Invocation{ID: id, Call: number}}
		resp, err := h.reg.Call(t.Context(), "batch", "SubmitJob", &Request{Caller: caller, Input: json.RawMessage(`{"jobName":"` + name + `"}`)})
		if err != nil {
			t.Fatal(err)
		}
		return string(resp.Output)
	}
	h := newHost(&m, &jobs)
	a, b := submit(h, "task-1", 0, "a"), submit(h, "task-2", 0, "a")
	if a == b || submit(h, "task-1", 0, "a") != a || submit(h, "task-1", 1, "a") == a {
		t.Error("the number does not tell calls apart")
	}
	if again := newHost(&m, &jobs); submit(again, "task-2", 0, "a") != b || len(jobs) != 3 {
		t.Errorf("after a restart: got %d jobs; want 3", len(jobs))
	}
}

func TestObjectsAreWrittenAgain(t *testing.T) {
	var m memory
	var reg Registry
	reg.Use(Replay(&m))
	ids := map[string]bool{}
	Register(&reg, Spec{Service: "s3", Name: "CreateMultipartUpload", Mutates: true}, func(ctx context.Context, in *submitInput) (*submitOutput, error) {
		ids[NewID(ctx)] = true
		return &submitOutput{}, nil
	})
	for range 3 {
		_, err := reg.Call(t.Context(), "s3", "CreateMultipartUpload", &Request{Caller: Caller{AccessKey: "s", Invocation: Invocation{ID: "i"}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(ids) != 3 || len(m.by) != 0 {
		t.Errorf("got %d uploads, %d records; want 3, 0", len(ids), len(m.by))
	}
}

func TestConcurrentCallsTakeTheirOwnOrders(t *testing.T) {
	var m memory
	var reg Registry
	var mu sync.Mutex
	seen := map[int]int{}
	reg.Use(Replay(&m))
	Register(&reg, Spec{Service: "batch", Name: "SubmitJob", Mutates: true}, func(ctx context.Context, in *submitInput) (*submitOutput, error) {
		mu.Lock()
		defer mu.Unlock()
		seen[CallerOf(ctx).Invocation.Call]++
		return &submitOutput{}, nil
	})
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			_, err := reg.Call(t.Context(), "batch", "SubmitJob", &Request{Caller: Caller{AccessKey: "s", Invocation: Invocation{ID: "i"}}})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for order := range 50 {
		if seen[order] != 1 {
			t.Errorf("order %d was taken %d times", order, seen[order])
		}
	}
}
