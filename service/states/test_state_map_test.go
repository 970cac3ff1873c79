package states_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTestStateMap(t *testing.T) {
	s := serve(t, t.TempDir())
	const (
		processor = `"ItemProcessor":{"StartAt":"Item","States":{"Item":{"Type":"Pass","End":true}}},"End":true`
		far       = `"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"},"StartAt":"Item","States":{"Item":{"Type":"Pass","End":true}}},"End":true`
		debug     = `,"inspectionLevel":"DEBUG"`
		mock      = debug + `,"mock":{"result":"[1]"}`
	)
	for name, test := range map[string]struct{ definition, input, more, want string }{
		"selector": {`{"Type":"Map","ItemsPath":"$.l","ItemSelector":{"i.$":"$$.Map.Item.Index","v.$":"$$.Map.Item.Value","k.$":"$.k"},` + processor + `}`, `{"l": [ "a" ],"k":7}`, mock,
			`{"output":"[1]","status":"SUCCEEDED","inspectionData":{"input":"{\"l\": [ \"a\" ],\"k\":7}","afterInputPath":"{\"l\": [ \"a\" ],\"k\":7}","afterItemsPath":"[ \"a\" ]",
				"afterItemSelector":"[{\"i\":0,\"v\":\"a\",\"k\":7}]","afterResultSelector":"[1]","afterResultPath":"[1]"}}`},
		"jsonata": {`{"Type":"Map","QueryLanguage":"JSONata","Items":"{% $states.input.l %}","ItemSelector":{"v":"{% $states.context.Map.Item.Value * $w %}"},"MaxConcurrency":"{% 1 + 1 %}","Output":"{% $states.result[0] + $w %}",` + processor + `}`,
			`{"l":[2,3]}`, mock + `,"variables":"{\"w\":10}"`,
			`{"output":"11","status":"SUCCEEDED","inspectionData":{"input":"{\"l\":[2,3]}","afterItemSelector":"[{\"v\":20},{\"v\":30}]","maxConcurrency":2,"variables":"{\"w\":10}"}}`},
		"batches": {`{"Type":"Map","ItemBatcher":{"MaxItemsPerBatch":2,"BatchInput":{"b":1}},` + far + `}`, `[1,2,3]`, mock,
			`{"output":"[1]","status":"SUCCEEDED","inspectionData":{"input":"[1,2,3]","afterInputPath":"[1,2,3]","afterItemBatcher":"[{\"BatchInput\":{\"b\":1},\"Items\":[1,2]},{\"BatchInput\":{\"b\":1},\"Items\":[3]}]",
				"afterResultSelector":"[1]","afterResultPath":"[1]"}}`},
		"reader": {`{"Type":"Map","ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW","MaxItems":1},"Parameters":{"Bucket":"b","Key.$":"$.k"}},
			"ItemSelector":{"v.$":"$$.Map.Item.Value"},` + far + `}`, `{"k":"x.csv"}`, mock + `,"stateConfiguration":{"mapItemReaderData":"a,b\n1,2\n3,4\n"}`,
			`{"output":"[1]","status":"SUCCEEDED","inspectionData":{"input":"{\"k\":\"x.csv\"}","afterInputPath":"{\"k\":\"x.csv\"}","afterItemSelector":"[{\"v\":{\"a\":\"1\",\"b\":\"2\"}}]",
				"afterResultSelector":"[1]","afterResultPath":"[1]"}}`},
		"pointer": {`{"Type":"Map","QueryLanguage":"JSONata","ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"JSON","ItemsPointer":"/a/b"},"Arguments":{"Bucket":"b","Key":"k"}},
			"ItemSelector":"{% $states.context.Map.Item.Value + 1 %}",` + far + `}`, `{}`, mock + `,"stateConfiguration":{"mapItemReaderData":"{\"a\":{\"b\":[ 1, 2 ]}}"}`,
			`{"output":"[1]","status":"SUCCEEDED","inspectionData":{"input":"{}","afterItemsPointer":"[ 1, 2 ]","afterItemSelector":"[2,3]"}}`},
		"per cent": {`{"Type":"Map","QueryLanguage":"JSONata","Items":[1,2,3,4],"ToleratedFailurePercentage":"{% 25 %}","Catch":[{"ErrorEquals":["States.ExceedToleratedFailureThreshold"],"Next":"C","Output":"{% $states.errorOutput.Error %}"}],` + far + `}`,
			`{}`, `,"mock":{"result":"[1]"},"stateConfiguration":{"mapIterationFailureCount":2}`,
			`{"output":"\"States.ExceedToleratedFailureThreshold\"","error":"States.ExceedToleratedFailureThreshold","cause":"The specified tolerated failure threshold was exceeded","nextState":"C","status":"CAUGHT_ERROR"}`},
		"caught query": {`{"Type":"Map","QueryLanguage":"JSONata","Items":"{% $states.input.x.y %}","Catch":[{"ErrorEquals":["States.QueryEvaluationError"],"Next":"C","Output":"{% $states.errorOutput.Error %}"}],` + processor + `}`,
			`{}`, mock, `{"output":"\"States.QueryEvaluationError\"","error":"States.QueryEvaluationError","cause":"The JSONata expression '$states.input.x.y' specified for the field 'Items' returned nothing (undefined).","nextState":"C","status":"CAUGHT_ERROR",
				"inspectionData":{"input":"{}","errorDetails":{"catchIndex":0}}}`},
		"an object inline": {`{"Type":"Map",` + processor + `}`, `{}`, mock,
			`{"error":"States.Runtime","cause":"Reference path \"$\" must point to array.","status":"FAILED","inspectionData":{"input":"{}","afterInputPath":"{}"}}`},
		"failing item": {`{"Type":"Map","QueryLanguage":"JSONata","Items":[1],"Retry":[{"ErrorEquals":["E"]}],` + processor + `}`, `{}`,
			debug + `,"mock":{"errorOutput":{"error":"E","cause":"c"}},"stateConfiguration":{"errorCausedByState":"Item","retrierRetryCount":1}`,
			`{"error":"E","cause":"c","status":"RETRIABLE","inspectionData":{"input":"{}","errorDetails":{"retryIndex":0,"retryBackoffIntervalSeconds":2}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			s.t = t
			got := s.call("TestState", fmt.Sprintf(`{"definition":%q,"input":%q%s}`, test.definition, test.input, test.more), "")
			if data, ok := got["inspectionData"].(map[string]any); ok && data["maxConcurrency"] == 0.0 {
				delete(data, "maxConcurrency")
			}
			var want map[string]any
			if err := json.Unmarshal([]byte(test.want), &want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	s.t = t
	for _, test := range []struct{ definition, more, code string }{
		{`{"Type":"Map",` + processor + `}`, mock + `,"stateConfiguration":{"errorCausedByState":"None"}`, "ValidationException"},
		{`{"Type":"Map","ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"JSON"},"Parameters":{"Bucket":"b","Key":"k"}},` + far + `}`, mock + `,"stateConfiguration":{"mapItemReaderData":"a,b"}`, "ValidationException"},
		{`{"Type":"Map",` + far + `}`, mock + `,"stateConfiguration":{"mapItemReaderData":"[]"}`, "ValidationException"},
	} {
		s.call("TestState", fmt.Sprintf(`{"definition":%q,"input":"{}"%s}`, test.definition, test.more), test.code)
	}
}
