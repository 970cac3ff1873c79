package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"salamander/engine/dataset"
)

// bucket is a bucket in memory.
type bucket struct {
	mu      sync.Mutex
	objects map[string]string
}

func (b *bucket) Get(_ context.Context, arguments json.RawMessage) (io.ReadCloser, error) {
	var in struct{ Key string }
	if err := json.Unmarshal(arguments, &in); err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	body, ok := b.objects[in.Key]
	if !ok {
		return nil, fmt.Errorf("%s", "The specified key does not exist.")
	}
	return io.NopCloser(strings.NewReader(body)), nil
}

func (b *bucket) List(_ context.Context, arguments json.RawMessage) (dataset.Page, error) {
	var in struct{ Bucket string }
	if err := json.Unmarshal(arguments, &in); err != nil {
		return dataset.Page{}, err
	}
	if in.Bucket != "b" {
		return dataset.Page{}, fmt.Errorf("%s", "The specified bucket does not exist")
	}
	return dataset.Page{}, nil
}

func (b *bucket) Put(_ context.Context, _, key string, body []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.objects[key] = string(body)
	return nil
}

// mapOptions are those of an engine that runs the language itself.
func mapOptions(store Store, runner Runner, objects *bucket) Options {
	opt := options(store, runner)
	opt.parse = nil
	opt.Objects = func(Execution) dataset.Objects { return objects }
	return opt
}

// distributed is a machine of one distributed Map over $.
func distributed(fields, states string) string {
	return `{"StartAt":"M","States":{"M":{"Type":"Map","End":true` + fields + `,"ItemProcessor":{
		"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"A","States":` + states + `}}}}`
}

const (
	passes = `{"A":{"Type":"Pass","End":true}}`
	task   = `{"A":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"f","Payload.$":"$"},"OutputPath":"$.by","End":true}}`
	choose = `{"A":{"Type":"Choice","Choices":[{"Variable":"$","NumericGreaterThan":2,"Next":"F"}],"Default":"S"},"S":{"Type":"Succeed"},"F":{"Type":"Fail","Error":"Big","Cause":"it is"}}`
)

// mapRunOf returns the map run of an execution.
func (m *memory) mapRunOf(t *testing.T, arn string) MapRun {
	t.Helper()
	all, _ := m.MapRuns(t.Context(), arn, 0, 10)
	if len(all) != 1 {
		t.Fatalf("map runs of %s: got %d; want 1", arn, len(all))
	}
	return all[0]
}

func (m *memory) outcome(arn string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	ex := m.runs[arn].ex
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return " " + *s
	}
	return ex.Status + text(ex.Output) + text(ex.Error) + text(ex.Cause)
}

// runMap runs a machine to its end and returns its outcome and map run.
func runMap(t *testing.T, store *memory, objects *bucket, definition, input string) (string, MapRun) {
	t.Helper()
	e := open(t, mapOptions(store, &runs{}, objects))
	req := request("x", definition)
	req.Input = input
	ex, err := e.Start(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	e.Close()
	return store.outcome(ex.ARN), store.mapRunOf(t, ex.ARN)
}

func TestMapRun(t *testing.T) {
	type want struct {
		outcome  string
		items    MapCounts
		children int64
	}
	tests := []struct {
		name, fields, states, input string
		want                        want
	}{
		{"array", ``, passes, `[1,"a",null]`, want{`SUCCEEDED [1,"a",null]`, MapCounts{Succeeded: 3, Total: 3, ResultsWritten: 3}, 3}},
		{"none", ``, passes, `[]`, want{`SUCCEEDED []`, MapCounts{}, 0}},
		{"object", `,"ItemSelector":{"k.$":"$$.Map.Item.Key","v.$":"$$.Map.Item.Value","s.$":"$$.Map.Item.Source","i.$":"$$.Map.Item.Index"}`, passes, `{"a":1,"b":2}`,
			want{`SUCCEEDED [{"k":"a","v":1,"s":"STATE_DATA","i":0},{"k":"b","v":2,"s":"STATE_DATA","i":1}]`, MapCounts{Succeeded: 2, Total: 2, ResultsWritten: 2}, 2}},
		{"pairs", ``, passes, `{"a":1}`, want{`SUCCEEDED [{"Key":"a","Value":1}]`, MapCounts{Succeeded: 1, Total: 1, ResultsWritten: 1}, 1}},
		{"batches", `,"ItemBatcher":{"MaxItemsPerBatch":2,"BatchInput":{"n.$":"$[0]"}}`, passes, `[1,2,3]`,
			want{`SUCCEEDED [{"BatchInput":{"n":1},"Items":[1,2]},{"BatchInput":{"n":1},"Items":[3]}]`, MapCounts{Succeeded: 3, Total: 3, ResultsWritten: 3}, 2}},
		{"bytes", `,"ItemBatcher":{"MaxInputBytesPerBatch":20}`, passes, `["abc","def","ghi"]`,
			want{`SUCCEEDED [{"Items":["abc"]},{"Items":["def"]},{"Items":["ghi"]}]`, MapCounts{Succeeded: 3, Total: 3, ResultsWritten: 3}, 3}},
		{"intolerant", `,"MaxConcurrency":1`, choose, `[1,3,2]`,
			want{"FAILED States.ExceedToleratedFailureThreshold The specified tolerated failure threshold was exceeded", MapCounts{Succeeded: 1, Failed: 1, Pending: 1, Total: 3}, 2}},
		{"count", `,"MaxConcurrency":1,"ToleratedFailureCount":1`, choose, `[1,3,4,2]`,
			want{"FAILED States.ExceedToleratedFailureThreshold The specified tolerated failure threshold was exceeded", MapCounts{Succeeded: 1, Failed: 2, Pending: 1, Total: 4}, 3}},
		{"percentage", `,"ToleratedFailurePercentage":50,"ResultSelector":{"n.$":"States.ArrayLength($)","last.$":"$[0]"}`, choose, `[1,3]`,
			want{`SUCCEEDED {"n":2,"last":1}`, MapCounts{Succeeded: 1, Failed: 1, Total: 2, ResultsWritten: 2}, 2}},
		{"flattened", `,"ResultWriter":{"WriterConfig":{"Transformation":"FLATTEN"}}`, passes, `[[1,2],3,[[4]]]`,
			want{`SUCCEEDED [1,2,3,[4]]`, MapCounts{Succeeded: 3, Total: 3, ResultsWritten: 3}, 3}},
		{"lines", `,"ResultWriter":{"WriterConfig":{"OutputType":"JSONL"}}`, passes, `[1,{"a":2}]`,
			want{`SUCCEEDED "1\n{\"a\":2}\n"`, MapCounts{Succeeded: 2, Total: 2, ResultsWritten: 2}, 2}},
		{"selector", `,"ItemSelector":{"v.$":"$.none"}`, passes, `[1]`,
			want{"FAILED States.Runtime An error occurred while executing the state 'M' (entered at the event id #2). The JSONPath '$.none' specified for the field 'v.$' could not be found in the input '[1]'", MapCounts{}, 0}},
		{"reader", `,"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"JSONL"},"Parameters":{"Bucket":"b","Key.$":"$.key"}}`, passes, `{"key":"two.jsonl"}`,
			want{`SUCCEEDED [1,{"a":2}]`, MapCounts{Succeeded: 2, Total: 2, ResultsWritten: 2}, 2}},
		{"no object", `,"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"JSON"},"Parameters":{"Bucket":"b","Key":"none"}}`, passes, `{}`,
			want{`FAILED States.ItemReaderFailed The specified key does not exist.`, MapCounts{}, 0}},
		{"no bucket", `,"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"none"}}`, passes, `[1]`,
			want{`FAILED States.ResultWriterFailed The specified bucket does not exist`, MapCounts{}, 0}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				objects := &bucket{objects: map[string]string{"two.jsonl": "1\n\n{\"a\":2}\n"}}
				outcome, run := runMap(t, newMemory(), objects, distributed(tc.fields, tc.states), tc.input)
				if diff := cmp.Diff(tc.want, want{outcome, run.Items, run.Executions.Ended()}, cmp.AllowUnexported(want{})); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		})
	}
}

// Results that are too large for a state's data are an error, unless they are
// exported or limits are lifted.
func TestMapRunTooLarge(t *testing.T) {
	big := `[` + strings.Repeat(`"`+strings.Repeat("x", 100)+`",`, 2000) + `1]`
	definition := distributed(``, `{"A":{"Type":"Pass","Parameters":{"a.$":"$","b.$":"$"},"End":true}}`)
	for _, lifted := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			store := newMemory()
			opt := mapOptions(store, &runs{}, &bucket{})
			opt.NoLimits = lifted
			e := open(t, opt)
			req := request("x", definition)
			req.Input = big
			ex, err := e.Start(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			e.Close()
			got, want := store.outcome(ex.ARN), "FAILED States.DataLimitExceeded The state/task 'M' returned a result"
			if lifted {
				want = `SUCCEEDED [{"b":"xxx`
			}
			if !strings.HasPrefix(strings.Replace(got, `"a":"`+strings.Repeat("x", 100)+`",`, "", 1), want) {
				t.Errorf("limits lifted %v: got %.200s; want %s", lifted, got, want)
			}
		})
	}
}

// A failed child is told with all its metadata, whatever the transformation.
func TestMapRunExports(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		objects := &bucket{objects: map[string]string{}}
		outcome, run := runMap(t, newMemory(), objects, distributed(`,"Label":"L","ToleratedFailureCount":1,"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"b","Prefix":"p/"}}`, choose), `[1,3]`)
		id := run.ARN[strings.LastIndexByte(run.ARN, ':')+1:]
		if want := `SUCCEEDED {"MapRunArn":"` + run.ARN + `","ResultWriterDetails":{"Bucket":"b","Key":"p/` + id + `/manifest.json"}}`; outcome != want {
			t.Errorf("got %s; want %s", outcome, want)
		}
		if want := "arn:aws:states:us-east-1:000000000000:mapRun:m/L:" + id; run.ARN != want {
			t.Errorf("map run: got %s; want %s", run.ARN, want)
		}
		file := func(name string) string { return "p/" + id + "/" + name }
		sizes := fmt.Sprintf(`{"DestinationBucket":"b","MapRunArn":"%s","ResultFiles":{"FAILED":[{"Key":"%s","Size":%d}],"PENDING":[],"SUCCEEDED":[{"Key":"%s","Size":%d}]}}`,
			run.ARN, file("FAILED_0.json"), len(objects.objects[file("FAILED_0.json")]), file("SUCCEEDED_0.json"), len(objects.objects[file("SUCCEEDED_0.json")]))
		if got := objects.objects[file("manifest.json")]; got != sizes {
			t.Errorf("manifest: got %s; want %s", got, sizes)
		}
		var failed []struct{ Input, Status, Error, Cause, StateMachineArn, ExecutionArn, Name string }
		if err := json.NewDecoder(bytes.NewReader([]byte(objects.objects[file("FAILED_0.json")]))).Decode(&failed); err != nil {
			t.Fatal(err)
		}
		if f := failed[0]; len(failed) != 1 || f.Input != "3" || f.Status != Failed || f.Error != "Big" || f.Cause != "it is" ||
			f.StateMachineArn != "arn:aws:states:us-east-1:000000000000:stateMachine:m/L" || f.ExecutionArn != "arn:aws:states:us-east-1:000000000000:execution:m/L:"+f.Name {
			t.Errorf("FAILED_0.json: got %+v", failed)
		}
	})
}

// Of a map run that fails, what was read and not started is exported too.
func TestMapRunExportsPending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		objects := &bucket{objects: map[string]string{}}
		_, run := runMap(t, newMemory(), objects, distributed(`,"MaxConcurrency":1,"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"b"}}`, choose), `[3,1,2]`)
		if run.Status != Failed || run.Items != (MapCounts{Failed: 1, Pending: 2, Total: 3, ResultsWritten: 1}) {
			t.Errorf("got %+v", run)
		}
		var left []struct{ Input, Status string }
		if err := json.Unmarshal([]byte(objects.objects[run.ARN[strings.LastIndexByte(run.ARN, ':')+1:]+"/PENDING_0.json"]), &left); err != nil {
			t.Fatal(err)
		}
		if len(left) != 2 || left[0].Input != "1" || left[1].Input != "2" || left[0].Status != "PENDING" {
			t.Errorf("PENDING_0.json: got %+v", left)
		}
	})
}

// A store that dies at any commit loses no child and repeats none.
func TestMapRunSurvives(t *testing.T) {
	definition := distributed(`,"MaxConcurrency":2,"ItemBatcher":{"MaxItemsPerBatch":2}`,
		`{"A":{"Type":"Pass","Next":"W"},"W":{"Type":"Wait","Seconds":10,"End":true}}`)
	const want = `SUCCEEDED [{"Items":[1,2]},{"Items":[3,4]},{"Items":[5]}]`
	for dies := 1; ; dies++ {
		done := false
		synctest.Test(t, func(t *testing.T) {
			store, objects := newMemory(), &bucket{}
			died := make(chan struct{})
			store.fail = func(n int) error {
				if n < dies {
					return nil
				}
				if n == dies {
					close(died)
				}
				return errors.New("dead")
			}
			e := New(mapOptions(store, &runs{}, objects))
			if err := e.Recover(t.Context()); err != nil {
				t.Fatal(err)
			}
			req := request("x", definition)
			req.Input = "[1,2,3,4,5]"
			ex, err := e.Start(t.Context(), req)
			if err == nil {
				select {
				case <-died:
				case <-time.After(time.Hour):
					done = true
				}
			}
			e.Close()
			store.mu.Lock()
			store.fail = nil
			store.mu.Unlock()
			e = New(mapOptions(store, &runs{}, objects))
			if errRecover := e.Recover(t.Context()); errRecover != nil {
				t.Fatal(errRecover)
			}
			if err != nil {
				if ex, err = e.Start(t.Context(), req); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(time.Hour)
			synctest.Wait()
			e.Close()
			if got := store.outcome(ex.ARN); got != want {
				t.Errorf("dies at commit %d: got %s; want %s", dies, got, want)
			}
			if run := store.mapRunOf(t, ex.ARN); run.Status != Succeeded || run.Executions.Succeeded != 3 || run.Items.Succeeded != 5 || run.Items.Total != 5 {
				t.Errorf("dies at commit %d: got %+v", dies, run)
			}
			if n := len(store.runs); n != 4 {
				t.Errorf("dies at commit %d: got %d executions; want 4", dies, n)
			}
		})
		if done || t.Failed() {
			if dies < 10 {
				t.Errorf("died only %d times", dies)
			}
			return
		}
	}
}

// Whatever ends the Map state's execution ends the children too, also when
// the engine died before it could.
func TestMapRunStopsItsChildren(t *testing.T) {
	for _, dies := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			store, objects := newMemory(), &bucket{}
			e := open(t, mapOptions(store, &runs{}, objects))
			req := request("x", distributed(`,"MaxConcurrency":2`, `{"A":{"Type":"Wait","Seconds":1000,"End":true}}`))
			req.Input = "[1,2,3]"
			ex, err := e.Start(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			run, err := e.MapRun(t.Context(), store.mapRunOf(t, ex.ARN).ARN)
			if err != nil || run.Items != (MapCounts{Running: 2, Pending: 1, Total: 3}) {
				t.Errorf("running: got %+v, %v", run.Items, err)
			}
			if dies { // only the commit of the end survives
				store.after = func(int) { store.fail = func(int) error { return errors.New("dead") } }
			}
			if _, err := e.Stop(t.Context(), ex.ARN, nil, nil); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			e.Close()
			if dies {
				store.fail, store.after = nil, nil
				e = open(t, mapOptions(store, &runs{}, objects))
				synctest.Wait()
				e.Close()
			}
			run = store.mapRunOf(t, ex.ARN)
			if run.Status != Aborted || run.Executions.Aborted != 2 || run.Stop.IsZero() {
				t.Errorf("engine died %v: got %+v", dies, run)
			}
			for arn, k := range store.runs {
				if k.ex.Status != Aborted {
					t.Errorf("engine died %v: %s is %s", dies, arn, k.ex.Status)
				}
			}
		})
	}
}

func TestUpdateMapRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, objects := newMemory(), &bucket{}
		e := open(t, mapOptions(store, &runs{}, objects))
		req := request("x", distributed(`,"MaxConcurrency":1`, `{"A":{"Type":"Wait","Seconds":10,"Next":"F"},"F":{"Type":"Fail"}}`))
		req.Input = "[1,2,3,4]"
		ex, err := e.Start(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		arn := store.mapRunOf(t, ex.ARN).ARN
		three, two := int64(3), int64(2)
		if err := e.UpdateMapRun(t.Context(), arn, MapRunUpdate{MaxConcurrency: &three, ToleratedFailureCount: &two}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if run, err := e.MapRun(t.Context(), arn); err != nil || run.Items.Running != 3 || run.MaxConcurrency != 3 || run.ToleratedFailureCount != 2 {
			t.Errorf("updated: got %+v, %v", run, err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := store.outcome(ex.ARN); !strings.HasPrefix(got, "FAILED States.Exceed") {
			t.Errorf("got %s", got)
		}
		if err := e.UpdateMapRun(t.Context(), arn, MapRunUpdate{MaxConcurrency: &three}); !errors.Is(err, ErrMapRunEnded) {
			t.Errorf("ended: got %v", err)
		}
		if err := e.UpdateMapRun(t.Context(), arn+"x", MapRunUpdate{MaxConcurrency: &three}); !errors.Is(err, ErrNotFound) {
			t.Errorf("unknown: got %v", err)
		}
		e.Close()
	})
}

// Express children leave their results only, and are run again after a crash.
func TestMapRunExpress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, objects := newMemory(), &bucket{}
		definition := strings.Replace(distributed(``, task), `"STANDARD"`, `"EXPRESS"`, 1)
		outcome, run := runMap(t, store, objects, definition, `[1,2]`)
		if outcome != `SUCCEEDED ["A","A"]` || run.Executions.Succeeded != 2 {
			t.Errorf("got %s, %+v", outcome, run)
		}
		children, _ := store.Children(t.Context(), run.ARN, 0, 10)
		if len(children) != 2 || !strings.HasPrefix(children[1].ARN, "arn:aws:states:us-east-1:000000000000:express:m/") || children[1].Type != Express {
			t.Errorf("children: got %+v", children)
		}
	})
}

// A distributed Map in a child of another one.
func TestMapRunNested(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		e := open(t, mapOptions(store, &runs{}, &bucket{}))
		inner := `{"A":{"Type":"Map","End":true,"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"I","States":{"I":{"Type":"Pass","End":true}}}}}`
		req := request("x", distributed(``, inner))
		req.Input = "[[1,2],[3]]"
		ex, err := e.Start(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		e.Close()
		if got := store.outcome(ex.ARN); got != "SUCCEEDED [[1,2],[3]]" {
			t.Errorf("got %s", got)
		}
		types := store.types(ex.ARN)
		want := []string{"ExecutionStarted", "MapStateEntered", "MapStateStarted", "MapRunStarted", "MapRunSucceeded", "MapStateSucceeded", "MapStateExited", "ExecutionSucceeded"}
		if !slices.Equal(types, want) {
			t.Errorf("history: got %v; want %v", types, want)
		}
	})
}

func (m *memory) types(arn string) (all []string) {
	for _, text := range m.history(arn) {
		var ev struct{ Type string }
		if err := json.Unmarshal([]byte(text), &ev); err != nil {
			panic(err)
		}
		all = append(all, ev.Type)
	}
	return all
}

// However many items there are, only so many children run, and so much of the
// items is read ahead.
func TestMapRunBoundsMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var items strings.Builder
		const n, each = 200_000, 100
		for i := range n {
			fmt.Fprintf(&items, "\"%0*d\"\n", each-2, i)
		}
		store, objects := newMemory(), &bucket{objects: map[string]string{"items": items.String()}}
		e := open(t, mapOptions(store, &runs{}, objects))
		ex, err := e.Start(t.Context(), request("x", distributed(`,"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"JSONL"},"Parameters":{"Bucket":"b","Key":"items"}}`,
			`{"A":{"Type":"Wait","Seconds":1000,"End":true}}`)))
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got, want := e.Open(), defaultMapConcurrency+1; got != want {
			t.Errorf("open executions: got %d; want %d", got, want)
		}
		r := e.mapRun(store.mapRunOf(t, ex.ARN).ARN)
		r.mu.Lock()
		read, queued, length := r.rec.Items.Total, r.queued, int64(len(r.queue))
		r.mu.Unlock()
		if queued > maxQueue+each+inputOverhead || length != read-defaultMapConcurrency || read >= n {
			t.Errorf("read ahead: got %d items of %d bytes in all, of %d read; want %d bytes at most", length, queued, read, maxQueue)
		}
		e.Close()
	})
}
