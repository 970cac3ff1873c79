package asl

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"salamander/internal/value"
)

// plain are the types as encoding/json sees them, without their methods.
type plainThread thread

type plainForm struct {
	Format      int
	Context     ContextInfo
	Input       held
	LastEvent   int64
	LastCommand int64
	Timer       int64 `json:",omitempty"`
	Ended       bool  `json:",omitempty"`
	Root        *thread
	Given       map[string]held `json:",omitempty"`
}

// Every field of a state, alone and with all others, is written as
// encoding/json writes it.
func TestStatesAreWrittenAsEncodingJSONDoes(t *testing.T) {
	same := func(t *testing.T, got, want any) {
		t.Helper()
		g, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		w, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		if string(g) != string(w) {
			t.Errorf("got  %s\nwant %s", g, w)
		}
	}
	whole := thread{}
	v := reflect.ValueOf(&whole).Elem()
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() {
			continue
		}
		t.Run(field.Name, func(t *testing.T) {
			one := thread{}
			for _, th := range []*thread{&one, &whole} {
				fill(t, reflect.ValueOf(th).Elem().Field(i))
				same(t, th, (*plainThread)(th))
			}
		})
	}
	same(t, &thread{}, &plainThread{})
	ex := &Execution{}
	for _, root := range []*thread{nil, {}, &whole} {
		ex.Root = root
		same(t, ex, plainForm(ex.form))
	}
	v = reflect.ValueOf(&ex.form).Elem()
	if got, want := v.NumField(), reflect.TypeFor[plainForm]().NumField(); got != want {
		t.Errorf("a state has %d members; the test knows %d", got, want)
	}
	for i := range v.NumField() {
		if v.Type().Field(i).Name != "Root" {
			fill(t, v.Field(i))
			same(t, ex, plainForm(ex.form))
		}
	}
	var read Execution
	ex.Format = formatNumber
	text, err := ex.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	again, err := read.MarshalJSON()
	if diff := cmp.Diff(string(text), string(again)); diff != "" || err != nil {
		t.Errorf("read and written again: %v (-want +got):\n%s", err, diff)
	}
}

// fill gives a field a value that is not its zero value.
func fill(t *testing.T, v reflect.Value) {
	t.Helper()
	some := held{value.Value("h\"\n")}
	switch x := v.Addr().Interface().(type) {
	case *held:
		*x = some
	case **held:
		*x = &some
	case *[]held:
		*x = []held{some, {}}
	case *time.Time:
		*x = time.Date(2026, 1, 2, 3, 4, 5, 678_900_000, time.UTC)
	case **Integration:
		*x = &Integration{}
		fill(t, reflect.ValueOf(*x).Elem())
	case **thread:
		*x = &thread{State: "kept"}
	case **MapRun:
		*x = &MapRun{ARN: "arn", Items: json.RawMessage(`[1,"é<"]`), Seed: []byte{1}, Redrives: 2}
	case *pages[thread]:
		*x = newPages[thread](pageSize + 3)
		x.set(&maker{}, 1, &thread{State: "child"})
		x.set(&maker{}, pageSize+1, &thread{State: "other"})
	case *map[string]held:
		*x = map[string]held{"b": some, "a\"": {}}
	case *pages[held]:
		*x = newPages[held](3)
		x.set(&maker{}, 0, &some)
	case *[]int64:
		*x = []int64{3, 0}
	case *json.RawMessage:
		*x = json.RawMessage(`{"a":1}`)
	default:
		switch v.Kind() {
		case reflect.String:
			v.SetString("text \"é\"\t" + fmt.Sprint(v.Type().Name()))
		case reflect.Int, reflect.Int64:
			v.SetInt(-7)
		case reflect.Bool:
			v.SetBool(true)
		case reflect.Struct:
			for i := range v.NumField() {
				fill(t, v.Field(i))
			}
		default:
			t.Fatalf("a field of type %s: write it in encode.go, and give it a value here", v.Type())
		}
	}
}
