package states_test

import (
	"context"
	"testing"

	"salamander/operation"
	"salamander/service/states"
)

// FuzzTestState tests any state with any mock: it answers or refuses.
func FuzzTestState(f *testing.F) {
	const processor = `"ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Pass","End":true}}},"End":true}`
	for _, definition := range []string{
		`{"Type":"Pass","InputPath":"$.a[0].b","Parameters":{"x.$":"$"},"ResultPath":"$.y","End":true}`,
		`{"Type":"Map","ItemsPath":"$$.Execution.Input.l","ItemSelector":{"v.$":"$$.Map.Item.Value"},"ToleratedFailurePercentage":1,` + processor,
		`{"Type":"Map","QueryLanguage":"JSONata","Items":"{% $states.input %}","MaxConcurrency":"{% $v %}",` + processor,
		`{"Type":"Map","ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW"},"Parameters":{"Bucket":"b","Key":"k"}},"ItemBatcher":{"MaxItemsPerBatch":2},
			"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"I","States":{"I":{"Type":"Pass","End":true}}},"End":true}`,
		`{"Type":"Parallel","Branches":[{"StartAt":"I","States":{"I":{"Type":"Pass","End":true}}}],"Catch":[{"ErrorEquals":["States.ALL"],"Next":"C"}],"End":true}`,
		`{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:dynamodb:getItem","Retry":[{"ErrorEquals":["E"]}],"ResultSelector":{"x.$":"$.Item"},"End":true}`,
		`{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}`,
	} {
		f.Add(definition, `{"l":[1,{"k":2}],"a":[{"b":1}]}`, `[1]`, "", "a,b\n1,2", `{"v":1}`, "")
		f.Add(definition, `[[1],"x"]`, "", "E", `{"a":[1]}`, `{"v":[]}`, "A")
	}
	s := states.New(nil, nil, nil)
	caller := operation.Caller{Account: "111111111111", Region: "us-east-1"}
	f.Fuzz(func(t *testing.T, definition, input, result, failure, data, variables, name string) {
		in := &states.TestStateInput{Definition: definition, Input: &input, InspectionLevel: "TRACE", Variables: variables, StateName: name,
			Mock: &states.Mock{}, StateConfiguration: &states.StateConfiguration{}}
		if failure != "" {
			in.Mock.ErrorOutput = &states.MockError{Error: &failure}
		} else {
			in.Mock.Result = &result
		}
		for _, read := range []*string{nil, &data} {
			in.StateConfiguration.MapItemReaderData = read
			out, err := s.TestState(operation.WithCaller(context.Background(), caller), in)
			if (out == nil) == (err == nil) {
				t.Fatalf("got %v, %v", out, err)
			}
		}
		in.Mock, in.StateConfiguration = nil, nil
		if _, err := s.TestState(operation.WithCaller(context.Background(), caller), in); err != nil && operation.AsError(err).Status >= 500 {
			t.Fatal(err)
		}
	})
}
