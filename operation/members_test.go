package operation

import (
	"context"
	"encoding/json"
	"reflect"
	"testing"
)

type embedded struct {
	Region string `json:"region"`
}

type membersInput struct {
	embedded
	Name string            `json:"name"`
	Tags map[string]string `json:"tags"`
	List []struct {
		Key string `json:"key"`
	} `json:"list"`
	Deep *struct {
		At  Time            `json:"at"`
		Any json.RawMessage `json:"any"`
	} `json:"deep"`
	skipped string
}

func TestUnimplementedMembers(t *testing.T) {
	_ = membersInput{}.skipped
	for doc, want := range map[string]string{
		`{"name":"a","region":"r","tags":{"x":"y"},"list":[{"key":"k"}],"deep":{"at":1,"any":{"z":1}}}`: "",
		`{"NAME":"a"}`:                         "",
		`{"kmsKey":"k"}`:                       "kmsKey",
		`{"kmsKey":""}`:                        "",
		`{"flag":false}`:                       "",
		`{"flag":true}`:                        "flag",
		`{"count":0}`:                          "count",
		`{"more":[]}`:                          "",
		`{"more":{"a":{}}}`:                    "",
		`{"list":[{"key":"k"},{"value":"v"}]}`: "list[1].value",
		`{"deep":{"other":1}}`:                 "deep.other",
		`{"skipped":"x"}`:                      "skipped",
		`[`:                                    "",
		`"text"`:                               "",
	} {
		if got := unimplemented(reflect.TypeFor[membersInput](), json.RawMessage(doc)); got != want {
			t.Errorf("%s: got %q; want %q", doc, got, want)
		}
	}
}

func TestAnUnimplementedMemberIsRefusedByName(t *testing.T) {
	var r Registry
	Register(&r, Spec{Service: "hello", Name: "Greet"}, func(context.Context, *greetInput) (*greetOutput, error) {
		t.Error("the operation was called")
		return nil, nil
	})
	_, err := r.Call(t.Context(), "hello", "Greet", &Request{Input: json.RawMessage(`{"name":"Ada","loudness":11}`)})
	if e := AsError(err); e.Code != "NotImplementedException" || e.Message != "Salamander does not implement hello:Greet: the member loudness." {
		t.Errorf("got %v", err)
	}
}
