package stack_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"salamander/operation"
	"salamander/stack"
	"salamander/store"
)

// A world is what operations make: log groups and job definitions, in memory.
type world struct {
	mu      sync.Mutex
	groups  map[string]*group
	jobs    map[string]string // ARN by identifier of the creating call
	active  map[string]bool   // ARNs
	calls   int
	strikes func(op string, call int) error // before a call has effect
	after   func(op string, call int)       // after its effect, before its answer
}

type group struct {
	days int
	tags map[string]string
}

type groupInput struct {
	Name string            `json:"logGroupName"`
	Tags map[string]string `json:"tags"`
	Days int               `json:"retentionInDays"`
}

type jobInput struct {
	Name      string            `json:"jobDefinitionName"`
	Type      string            `json:"type"`
	Container map[string]any    `json:"containerProperties"`
	Tags      map[string]string `json:"tags"`
	ARN       string            `json:"jobDefinition"`
}

type jobOutput struct {
	ARN string `json:"jobDefinitionArn"`
}

type none struct{}

func newWorld() *world {
	return &world{groups: map[string]*group{}, jobs: map[string]string{}, active: map[string]bool{}}
}

// act runs the effect of an operation.
func (w *world) act(op string, f func() error) error {
	w.mu.Lock()
	w.calls++
	n := w.calls
	strikes, after := w.strikes, w.after
	w.mu.Unlock()
	if strikes != nil {
		if err := strikes(op, n); err != nil {
			return err
		}
	}
	w.mu.Lock()
	err := f()
	w.mu.Unlock()
	if after != nil {
		after(op, n)
	}
	return err
}

func (w *world) register(r *operation.Registry) {
	logs := func(op string, f func(in *groupInput) error) {
		operation.Register(r, operation.Spec{Service: "logs", Name: op, Mutates: true}, func(_ context.Context, in *groupInput) (*none, error) {
			return &none{}, w.act(op, func() error { return f(in) })
		})
	}
	there := func(in *groupInput) (*group, error) {
		if g, ok := w.groups[in.Name]; ok {
			return g, nil
		}
		return nil, operation.Errorf("ResourceNotFoundException", "The specified log group does not exist.")
	}
	logs("CreateLogGroup", func(in *groupInput) error {
		if w.groups[in.Name] != nil {
			return operation.Errorf("ResourceAlreadyExistsException", "The specified log group already exists")
		}
		w.groups[in.Name] = &group{tags: in.Tags}
		return nil
	})
	logs("PutRetentionPolicy", func(in *groupInput) error {
		if in.Days == 8 {
			return operation.Errorf("InvalidParameterException", "Invalid retention value: 8.")
		}
		g, err := there(in)
		if err == nil {
			g.days = in.Days
		}
		return err
	})
	logs("DeleteRetentionPolicy", func(in *groupInput) error {
		g, err := there(in)
		if err == nil {
			g.days = 0
		}
		return err
	})
	logs("DeleteLogGroup", func(in *groupInput) error {
		_, err := there(in)
		delete(w.groups, in.Name)
		return err
	})
	operation.Register(r, operation.Spec{Service: "batch", Name: "RegisterJobDefinition", Mutates: true}, func(ctx context.Context, in *jobInput) (*jobOutput, error) {
		id, out := operation.NewID(ctx), &jobOutput{}
		return out, w.act("RegisterJobDefinition", func() error {
			if out.ARN = w.jobs[id]; out.ARN == "" {
				out.ARN = fmt.Sprintf("arn:aws:batch:us-east-1:000000000000:job-definition/%s:%d", in.Name, len(w.jobs)+1)
				w.jobs[id], w.active[out.ARN] = out.ARN, true
			}
			return nil
		})
	})
	operation.Register(r, operation.Spec{Service: "batch", Name: "DeregisterJobDefinition", Mutates: true}, func(_ context.Context, in *jobInput) (*none, error) {
		return &none{}, w.act("DeregisterJobDefinition", func() error { delete(w.active, in.ARN); return nil })
	})
}

// state tells what is there, names without what is random in them.
func (w *world) state() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for name, g := range w.groups {
		if i := strings.LastIndexByte(name, '-'); i > 0 {
			name = name[:i]
		}
		out = append(out, fmt.Sprintf("%s=%d", name, g.days))
	}
	for range w.active {
		out = append(out, "job")
	}
	sortStrings(out)
	return strings.Join(out, " ")
}

func sortStrings(s []string) {
	for i := range s {
		for j := i; j > 0 && s[j] < s[j-1]; j-- {
			s[j], s[j-1] = s[j-1], s[j]
		}
	}
}

// A host is a process over a data directory.
type host struct {
	*stack.Stacks
	db *store.DB
}

func open(t *testing.T, dir string, w *world) host {
	t.Helper()
	return openWith(t, dir, w, nil)
}

func openWith(t *testing.T, dir string, w *world, more func(*operation.Registry)) host {
	t.Helper()
	return openAt(t, dir, w, "http://127.0.0.1:1", more)
}

func openAt(t *testing.T, dir string, w *world, endpoint string, more func(*operation.Registry)) host {
	t.Helper()
	db, err := store.Open(filepath.Join(dir, "db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := &operation.Registry{}
	r.Use(operation.Replay(store.NewReplays(db)))
	w.register(r)
	if more != nil {
		more(r)
	}
	h := host{stack.New(stack.Options{Store: store.NewStacks(db), Registry: r, Endpoint: func() string { return endpoint }}), db}
	if err := h.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h host) close() {
	h.Stacks.Close()
	h.db.Close()
}

func scope() stack.Scope { return stack.Scope{Account: "000000000000", Region: "us-east-1"} }

func request(name, template string, params ...string) stack.Request {
	req := stack.Request{Scope: scope(), ID: operation.NewID(context.Background()), Name: name, Settings: stack.Settings{Template: template}}
	for i := 0; i+1 < len(params); i += 2 {
		req.Parameters = append(req.Parameters, stack.Parameter{Key: params[i], Value: params[i+1]})
	}
	return req
}

// settle waits for the stack and checks its status.
func settle(t *testing.T, h host, id, want string) *stack.Stack {
	t.Helper()
	st, err := h.Wait(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if st.Status != want {
		t.Fatalf("status: got %s (%s); want %s\n%s", st.Status, st.Reason, want, events(t, h, id))
	}
	return st
}

func events(t *testing.T, h host, id string) string {
	t.Helper()
	all, err := h.Events(t.Context(), id, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for i := len(all) - 1; i >= 0; i-- {
		fmt.Fprintf(&b, "%s %s %s\n", all[i].Logical, all[i].Status, all[i].Reason)
	}
	return b.String()
}
