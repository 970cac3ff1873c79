package asl

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"salamander/internal/value"
)

// mapMachine is a machine of one distributed Map, M, behind the states of
// before.
func mapMachine(fields string) string {
	return `{"StartAt":"M","States":{"M":{"Type":"Map"` + fields + `,"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
		"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}}}}`
}

func TestDistributedFields(t *testing.T) {
	tests := []struct{ name, fields, want string }{
		{"all", `,"End":true,"Label":"L","ToleratedFailureCount":3,"ToleratedFailurePercentagePath":"$.p","MaxConcurrency":5,
			"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","Parameters":{"Bucket":"b","Key.$":"$.k"},"ReaderConfig":{"InputType":"CSV","CSVHeaderLocation":"GIVEN","CSVHeaders":["a"],"CSVDelimiter":"TAB","MaxItems":7}},
			"ItemBatcher":{"MaxItemsPerBatchPath":"$.n","MaxInputBytesPerBatch":100,"BatchInput":{"x.$":"$.k"}},
			"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"b","Prefix":"p"},"WriterConfig":{"Transformation":"FLATTEN","OutputType":"JSONL"}}`, ""},
		{"listing", `,"End":true,"ItemReader":{"Resource":"arn:aws-cn:states:::s3:listObjectsV2","Parameters":{"Bucket":"b"}}`, ""},
		{"label", `,"End":true,"Label":"a b"`, "/States/M/Label: Label has a character that is not allowed"},
		{"empty label", `,"End":true,"Label":""`, "/States/M/Label: Label must have 1 to 40 characters"},
		{"long label", `,"End":true,"Label":"` + strings.Repeat("l", 41) + `"`, "/States/M/Label: Label must have 1 to 40 characters"},
		{"counts", `,"End":true,"ToleratedFailureCount":-1,"ToleratedFailurePercentage":100.5`,
			"/States/M/ToleratedFailureCount: Value must be between 0 and 2147483647\n/States/M/ToleratedFailurePercentage: Value must be between 0 and 100"},
		{"both", `,"End":true,"ToleratedFailureCount":1,"ToleratedFailureCountPath":"$.n"`, "/States/M: Only one of these fields is allowed: [ToleratedFailureCount, ToleratedFailureCountPath]"},
		{"language", `,"End":true,"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","Arguments":{},"ReaderConfig":{"InputType":"JSON"}}`,
			"The QueryLanguage is set to 'JSONPath', but field 'Arguments' is only supported for the 'JSONata' QueryLanguage"},
		{"resource", `,"End":true,"ItemReader":{"Resource":"arn:aws:states:::s3:headObject","ReaderConfig":{"InputType":"JSON"}}`, "/States/M/ItemReader/Resource: Value is not a valid resource ARN"},
		{"type", `,"End":true,"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"XML"}}`, "/ReaderConfig/InputType: Value must be one of: [CSV, JSON, JSONL, PARQUET, MANIFEST]"},
		{"no type", `,"End":true,"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{}}`, "These fields are required: [InputType]"},
		{"headers", `,"End":true,"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"CSV"}}`, "These fields are required: [CSVHeaderLocation]"},
		{"given headers", `,"End":true,"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"CSV","CSVHeaderLocation":"GIVEN"}}`, "These fields are required: [CSVHeaders]"},
		{"parquet", `,"End":true,"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"PARQUET"}}`, ""},
		{"batcher", `,"End":true,"ItemBatcher":{"BatchInput":{}}`, "/States/M/ItemBatcher: One of these fields is required: [MaxItemsPerBatch, MaxItemsPerBatchPath,"},
		{"writer", `,"End":true,"ResultWriter":{}`, "/States/M/ResultWriter: One of these fields is required: [Resource, WriterConfig]"},
		{"transformation", `,"End":true,"ResultWriter":{"WriterConfig":{"Transformation":"ZIP"}}`, "/WriterConfig/Transformation: Value must be one of: [NONE, COMPACT, FLATTEN]"},
		{"types", `,"End":true,"ItemReader":[],"ItemBatcher":1,"ResultWriter":"x","Label":7`, "/States/M/ItemReader: Expected value of type Object"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			got := ""
			if _, err := Parse([]byte(mapMachine(tc.fields)), ParseOptions{}); err != nil {
				for _, e := range err.(Errors) {
					e.Line = 0
				}
				got = err.Error()
			}
			for line := range strings.SplitSeq(tc.want, "\n") {
				if !strings.Contains(got, line) || tc.want == "" && got != "" {
					t.Errorf("got %s; want %s", got, line)
				}
			}
		})
	}
	if _, err := Parse([]byte(mapMachine(`,"End":true`)), ParseOptions{Express: true}); err == nil {
		t.Error("an express machine takes a distributed Map")
	}
	sync := strings.Replace(mapMachine(`,"End":true`), `{"Type":"Pass","End":true}`, `{"Type":"Task","Resource":"arn:aws:states:::batch:submitJob.sync","End":true}`, 1)
	if _, err := Parse([]byte(sync), ParseOptions{}); err != nil {
		t.Errorf("a .sync task in a STANDARD child: %v", err)
	}
	if _, err := Parse([]byte(strings.Replace(sync, "STANDARD", "EXPRESS", 1)), ParseOptions{}); err == nil {
		t.Error("an express child takes a .sync task")
	}
}

// A played is a machine that is driven by hand. Its state goes through JSON
// after every turn.
type played struct {
	t      *testing.T
	m      *Machine
	ex     *Execution
	events []string
	run    *MapRun
	id     int64
	others []Command
	end    *Outcome
}

func play(t *testing.T, definition, input string) *played {
	t.Helper()
	m, err := Parse([]byte(definition), ParseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p := &played{t: t, m: m}
	p.take(m.Start(Start{At: began, Input: json.RawMessage(input), Context: ContextInfo{ExecutionArn: "arn:aws:states:us-east-1:000000000000:execution:m:e", ExecutionName: "e",
		StateMachineArn: "arn:aws:states:us-east-1:000000000000:stateMachine:m", StateMachineName: "m", StartTime: began}}))
	return p
}

func (p *played) take(d Decision, err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
	p.others = nil
	for _, e := range d.History {
		p.events = append(p.events, fmt.Sprintf("%d<%d %s", e.ID, e.PreviousID, e.Type))
	}
	for _, c := range d.Commands {
		if c.Kind == RunMap {
			p.run, p.id = c.Map, c.ID
		} else {
			p.others = append(p.others, c)
		}
	}
	p.end = d.Outcome
	b, err := json.Marshal(d.Execution)
	if err != nil {
		p.t.Fatal(err)
	}
	p.ex = new(Execution)
	if err := json.Unmarshal(b, p.ex); err != nil {
		p.t.Fatal(err)
	}
}

func (p *played) step(ev Event) {
	p.t.Helper()
	ev.At = began.Add(time.Second)
	p.take(p.m.Step(p.ex, ev))
}

// inputs gives the inputs of the children.
func (p *played) inputs(items ...MapItem) string {
	p.t.Helper()
	in, err := p.m.Items(p.run)
	if err != nil {
		p.t.Fatal(err)
	}
	if items == nil {
		if items, err = in.Own(); err != nil {
			p.t.Fatal(err)
		}
	}
	var all []string
	add := func(children []ChildInput, bad *MapFailure) {
		for _, c := range children {
			all = append(all, fmt.Sprintf("%d*%d %s", c.Number, c.Count, c.Text))
		}
		if bad != nil {
			all = append(all, bad.Error())
		}
	}
	for _, it := range items {
		add(in.Add(it))
	}
	add(in.Flush())
	return strings.Join(all, "\n")
}

func TestMapRunEvents(t *testing.T) {
	const catching = `,"Retry":[{"ErrorEquals":["States.ItemReaderFailed"],"MaxAttempts":1}],"Catch":[{"ErrorEquals":["States.ALL"],"ResultPath":"$.e","Next":"End"}],"Next":"End"`
	definition := strings.Replace(mapMachine(catching), `"M":{`, `"End":{"Type":"Succeed"},"M":{`, 1)
	p := play(t, strings.Replace(definition, `,"ItemProcessor"`, `,"ItemsPath":"$.l","ItemProcessor"`, 1), `{"l":[1,2]}`)
	p.step(Event{Kind: MapRunFailed, Command: p.id, Error: ItemReaderFailed, Cause: "c"})
	if len(p.others) != 1 || p.others[0].Kind != SetTimer {
		t.Fatalf("commands: got %+v; want a timer", p.others)
	}
	first := p.run.ARN
	p.step(Event{Kind: TimerFired, Command: p.others[0].ID})
	if p.run.ARN == first {
		t.Error("the retry has the map run of the first attempt")
	}
	p.step(Event{Kind: MapRunFailed, Command: p.id, Error: ToleranceExceeded, Cause: toleranceCause})
	want := []string{"1<0 ExecutionStarted", "2<0 MapStateEntered", "3<2 MapStateStarted", "4<3 MapRunStarted", "5<4 MapRunFailed",
		"6<5 MapStateStarted", "7<6 MapRunStarted", "8<7 MapRunFailed", "9<8 MapStateFailed", "10<9 MapStateExited",
		"11<10 SucceedStateEntered", "12<11 SucceedStateExited", "13<12 ExecutionSucceeded"}
	if diff := cmp.Diff(want, p.events); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got, want := string(p.end.Output), `{"l":[1,2],"e":{"Error":"States.ExceedToleratedFailureThreshold","Cause":"The specified tolerated failure threshold was exceeded"}}`; got != want {
		t.Errorf("output: got %s; want %s", got, want)
	}
}

// The failure of a sibling and the end of the execution cancel the map run.
func TestMapRunCancelled(t *testing.T) {
	branch := mapMachine(`,"End":true`)
	p := play(t, `{"StartAt":"Both","States":{"Both":{"Type":"Parallel","End":true,"Branches":[`+branch+`,{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1,"Next":"F"},"F":{"Type":"Fail"}}}]}}}`, `[1]`)
	p.step(Event{Kind: TimerFired, Command: p.others[0].ID})
	if len(p.others) != 1 || p.others[0] != (Command{ID: p.id, Kind: CancelMap}) || p.end == nil || p.end.Status != Failed {
		t.Errorf("a sibling fails: got %+v, %+v", p.others, p.end)
	}
	if got := strings.Join(p.events[len(p.events)-5:], ", "); !strings.Contains(got, "MapRunAborted") || !strings.Contains(got, "MapStateAborted") {
		t.Errorf("a sibling fails: got %s", got)
	}
	p = play(t, branch, `[1]`)
	p.step(Event{Kind: Aborted})
	if len(p.others) != 1 || p.others[0] != (Command{ID: p.id, Kind: CancelMap}) {
		t.Errorf("aborted: got %+v", p.others)
	}
	if _, err := p.m.Step(p.ex, Event{Kind: MapRunSucceeded, Command: p.id}); err != ErrEnded {
		t.Errorf("after the end: got %v", err)
	}
}

func TestMapInputs(t *testing.T) {
	set := func(language, items, selector string) string {
		return `{"QueryLanguage":"` + language + `","StartAt":"S","States":{"S":{"Type":"Pass","Assign":{"v":"w"},"Next":"M"},"M":{"Type":"Map"` + items + `,"ItemSelector":` + selector +
			`,"End":true,"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}}}}`
	}
	path := `{"i.$":"$$.Map.Item.Index","k.$":"$$.Map.Item.Value","in.$":"$.x","var.$":"$v","state.$":"$$.State.Name"}`
	query := `{"i":"{% $states.context.Map.Item.Index %}","k":"{% $states.context.Map.Item.Value %}","in":"{% $states.input.x %}","var":"{% $v %}","state":"{% $states.context.State.Name %}"}`
	const want = "0*1 {\"i\":0,\"k\":\"a\",\"in\":1,\"var\":\"w\",\"state\":\"M\"}\n1*1 {\"i\":1,\"k\":2,\"in\":1,\"var\":\"w\",\"state\":\"M\"}"
	for name, definition := range map[string]string{"JSONPath": set("JSONPath", `,"ItemsPath":"$.l"`, path), "JSONata": set("JSONata", `,"Items":"{% $states.input.l %}"`, query)} {
		if got := play(t, definition, `{"x":1,"l":["a",2]}`).inputs(); got != want {
			t.Errorf("%s: got %s; want %s", name, got, want)
		}
	}
	object := `{"k":"{% $states.context.Map.Item.Key %}","v":"{% $states.context.Map.Item.Value %}","s":"{% $states.context.Map.Item.Source %}"}`
	if got, want := play(t, set("JSONata", `,"Items":{"a":1,"b":"{% $states.input.x %}"}`, object), `{"x":5}`).inputs(), "0*1 {\"k\":\"a\",\"v\":1,\"s\":\"STATE_DATA\"}\n1*1 {\"k\":\"b\",\"v\":5,\"s\":\"STATE_DATA\"}"; got != want {
		t.Errorf("object: got %s; want %s", got, want)
	}
	random := play(t, set("JSONata", `,"Items":[1,2]`, `"{% $uuid() %}"`), `{}`)
	if a, b := random.inputs(), random.inputs(); a != b || a[4:] == a[strings.Index(a, "\n")+5:] {
		t.Errorf("random inputs: got %s, then %s", a, b)
	}
	big := MapItem{Value: strings.Repeat("x", maxData)}
	if got := play(t, mapMachine(`,"End":true`), `[1]`).inputs(big); !strings.HasPrefix(got, "States.ItemReaderFailed: The input of child workflow execution 0 has 262146 bytes") {
		t.Errorf("large: got %.100s", got)
	}
	batched := play(t, mapMachine(`,"End":true,"ItemBatcher":{"MaxItemsPerBatch":10}`), `[1]`)
	half := MapItem{Value: strings.Repeat("x", maxData/2)}
	if got := strings.Count(batched.inputs(half, half, MapItem{Value: value.Int(1)}), "*"); got != 2 {
		t.Errorf("batches of large items: got %d; want 2", got)
	}
}

func TestExceeded(t *testing.T) {
	tests := []struct {
		count         int64
		percentage    float64
		failed, total int64
		want          bool
	}{
		{0, 0, 0, 10, false}, {0, 0, 1, 0, true}, {2, 0, 2, 10, false}, {2, 0, 3, 10, true},
		{0, 30, 3, 10, false}, {0, 30, 4, 10, true}, {0, 30, 4, 0, false}, {5, 10, 2, 10, true}, {1, 50, 2, 10, true}, {0, 100, 10, 10, false},
	}
	for _, tc := range tests {
		if got := Exceeded(tc.count, tc.percentage, tc.failed, tc.total); got != tc.want {
			t.Errorf("%+v: got %v", tc, got)
		}
	}
}

func TestChildDefinition(t *testing.T) {
	m, err := Parse([]byte(strings.Replace(mapMachine(`,"End":true`), `{"StartAt":"M"`, `{"QueryLanguage":"JSONata","StartAt":"M"`, 1)), ParseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := m.Child(1), `{"QueryLanguage":"JSONata","StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}`; got != want {
		t.Errorf("got %s; want %s", got, want)
	}
	if _, err := Parse([]byte(m.Child(1)), ParseOptions{}); err != nil {
		t.Error(err)
	}
	if got := m.Child(0); got != "" {
		t.Errorf("scope 0: got %s", got)
	}
}
