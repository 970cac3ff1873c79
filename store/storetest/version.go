package storetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"salamander/engine"
)

func testVersions(t *testing.T, s engine.Store, reopen func() engine.Store) {
	ctx := t.Context()
	m := engine.StateMachine{ARN: "arn:m", Account: account, Region: region, Name: "m", Definition: "d", Created: at,
		Logging: json.RawMessage(`{}`), Tracing: json.RawMessage(`{}`), Encryption: json.RawMessage(`{}`)}
	for n := int64(1); n <= 3; n++ {
		m.Published = n
		ok(t, s.Publish(ctx, m, engine.Version{ARN: fmt.Sprintf("arn:m:%d", n), Number: n, Description: "é", Machine: m, Created: at}))
	}
	ok(t, s.PutAlias(ctx, engine.Alias{ARN: "arn:m:b", Machine: "arn:m", Name: "b", Created: at}))
	alias := engine.Alias{ARN: "arn:m:a", Machine: "arn:m", Name: "a", Routes: []engine.Route{{Version: "arn:m:1", Weight: 100}}, Created: at, Updated: at}
	ok(t, s.PutAlias(ctx, engine.Alias{ARN: alias.ARN, Machine: "arn:m", Name: "a"}))
	ok(t, s.PutAlias(ctx, alias))
	ok(t, s.DeleteVersion(ctx, "arn:m:2"))
	s = reopen()
	if got, err := s.Machine(ctx, "arn:m"); err != nil || got.Published != 3 {
		t.Errorf("machine: got %+v, %v", got, err)
	}
	got, err := s.Version(ctx, "arn:m:3")
	ok(t, err)
	if diff := cmp.Diff(engine.Version{ARN: "arn:m:3", Number: 3, Description: "é", Machine: m, Created: at}, got); diff != "" {
		t.Errorf("version (-want +got):\n%s", diff)
	}
	if _, err := s.Version(ctx, "arn:m:2"); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("deleted version: got %v; want ErrNotFound", err)
	}
	for below, want := range map[int64]string{0: "[3 1]", 3: "[1]"} {
		all, err := s.Versions(ctx, "arn:m", below, 9)
		ok(t, err)
		numbers := []int64{}
		for _, v := range all {
			numbers = append(numbers, v.Number)
		}
		if fmt.Sprint(numbers) != want {
			t.Errorf("versions below %d: got %v; want %s", below, numbers, want)
		}
	}
	all, err := s.Aliases(ctx, "arn:m", "", 1)
	ok(t, err)
	if diff := cmp.Diff([]engine.Alias{alias}, all); diff != "" {
		t.Errorf("aliases (-want +got):\n%s", diff)
	}
	if all, err := s.Aliases(ctx, "arn:m", "a", 9); err != nil || len(all) != 1 || all[0].Name != "b" {
		t.Errorf("aliases after a: got %v, %v", all, err)
	}
	ok(t, s.DeleteAlias(ctx, "arn:m:b"))
	ok(t, s.DeleteMachine(ctx, "arn:m"))
	_, errVersion := s.Version(ctx, "arn:m:1")
	_, errAlias := s.Alias(ctx, "arn:m:a")
	if !errors.Is(errVersion, engine.ErrNotFound) || !errors.Is(errAlias, engine.ErrNotFound) {
		t.Errorf("after the machine's end: got %v, %v; want ErrNotFound", errVersion, errAlias)
	}
}
