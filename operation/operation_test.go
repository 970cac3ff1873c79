package operation

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"
)

type greetInput struct {
	Name string `json:"name"`
}

type greetOutput struct {
	Text string `json:"text"`
	At   Time   `json:"at,omitzero"`
}

func TestRegisterAndCall(t *testing.T) {
	var r Registry
	Register(&r, Spec{Service: "hello", Name: "Greet"}, func(ctx context.Context, in *greetInput) (*greetOutput, error) {
		if in.Name == "" {
			return nil, Errorf("ValidationException", "name is empty")
		}
		return &greetOutput{Text: in.Name + "@" + CallerOf(ctx).Account, At: Time{time.UnixMilli(1500)}}, nil
	})
	resp, err := r.Call(t.Context(), "hello", "Greet", &Request{
		Caller: Caller{Account: "111122223333"}, Input: json.RawMessage(`{"name":"Ada"}`)})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(resp.Output), `{"text":"Ada@111122223333","at":1.5}`; got != want {
		t.Errorf("output: got %s; want %s", got, want)
	}
	if _, err := r.Call(t.Context(), "hello", "Greet", &Request{}); AsError(err).Code != "ValidationException" {
		t.Errorf("empty name: got %v; want ValidationException", err)
	}
	if _, err := r.Call(t.Context(), "hello", "Part", &Request{}); AsError(err).Code != "NotImplementedException" {
		t.Errorf("unknown operation: got %v; want NotImplementedException", err)
	}
	if _, ok := r.Find("hello", "greet"); !ok {
		t.Error("Find does not find greet")
	}
}

func TestRefusedIsListed(t *testing.T) {
	var r Registry
	r.Refuse("hello", "Shout", "too loud")
	_, err := r.Call(t.Context(), "hello", "Shout", &Request{})
	if e := AsError(err); e.Status != 501 || e.Message != "Salamander does not implement hello:Shout: too loud." {
		t.Errorf("got %v", e)
	}
	if specs := r.Specs(); len(specs) != 1 || specs[0].Status != Refused {
		t.Errorf("specs: got %v", specs)
	}
}

func TestInternalErrorsStayInside(t *testing.T) {
	cause := errors.New("disk on fire")
	e := AsError(cause)
	if e.Message != "Internal error" || e.Status != 500 || !errors.Is(e, cause) {
		t.Errorf("got %+v", e)
	}
}

func TestNewIDWithinAnInvocationRepeats(t *testing.T) {
	ids := func(n int) (a, b string) {
		ctx := WithCaller(t.Context(), Caller{Invocation: Invocation{ID: "i", Call: n}})
		return NewID(ctx), NewID(ctx)
	}
	a0, b0 := ids(0)
	a1, b1 := ids(0)
	if a0 != a1 || b0 != b1 {
		t.Error("the same call of the same invocation makes other identifiers")
	}
	c0, _ := ids(1)
	if a0 == b0 || a0 == c0 {
		t.Error("identifiers collide")
	}
	if a, b := NewID(t.Context()), NewID(t.Context()); a == b {
		t.Error("identifiers outside an invocation are not random")
	}
}
