package states

import (
	"context"

	"salamander/engine"
	"salamander/operation"
)

// StartSyncExecutionInput is the input of [Service.StartSyncExecution].
type StartSyncExecutionInput struct {
	StateMachineArn string  `json:"stateMachineArn"`
	Name            string  `json:"name"`
	Input           *string `json:"input"`
	TraceHeader     string  `json:"traceHeader"`
	IncludedData    string  `json:"includedData"` // ALL_DATA or METADATA_ONLY
}

// BillingDetails tells what AWS would charge.
type BillingDetails struct {
	BilledMemoryUsedInMB         int64 `json:"billedMemoryUsedInMB"`
	BilledDurationInMilliseconds int64 `json:"billedDurationInMilliseconds"`
}

// StartSyncExecutionOutput is the output of [Service.StartSyncExecution].
type StartSyncExecutionOutput struct {
	ExecutionArn    string         `json:"executionArn"`
	StateMachineArn string         `json:"stateMachineArn"`
	Name            string         `json:"name"`
	StartDate       operation.Time `json:"startDate"`
	StopDate        operation.Time `json:"stopDate"`
	Status          string         `json:"status"`
	Error           *string        `json:"error,omitempty"`
	Cause           *string        `json:"cause,omitempty"`
	Input           *string        `json:"input,omitempty"`
	InputDetails    *DataDetails   `json:"inputDetails,omitempty"`
	Output          *string        `json:"output,omitempty"`
	OutputDetails   *DataDetails   `json:"outputDetails,omitempty"`
	TraceHeader     string         `json:"traceHeader,omitempty"`
	BillingDetails  BillingDetails `json:"billingDetails"`
}

// StartSyncExecution starts an execution of an express machine and waits for
// its end.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartSyncExecution.html
func (s *Service) StartSyncExecution(ctx context.Context, in *StartSyncExecutionInput) (*StartSyncExecutionOutput, error) {
	req, err := s.startRequest(ctx, &StartExecutionInput{in.StateMachineArn, in.Name, in.Input, in.TraceHeader})
	if err != nil {
		return nil, err
	}
	if req.Machine.Type != engine.Express {
		return nil, notForThisType()
	}
	result, err := s.engine.StartAndWait(ctx, req)
	if err != nil {
		return nil, atEngine(err)
	}
	ex := result.Execution
	millis := ex.Stop.Sub(ex.Start).Milliseconds()
	out := &StartSyncExecutionOutput{ExecutionArn: ex.ARN, StateMachineArn: ex.Machine, Name: ex.Name, Status: ex.Status,
		StartDate: operation.Time{Time: ex.Start}, StopDate: operation.Time{Time: ex.Stop}, Error: ex.Error, Cause: ex.Cause, TraceHeader: ex.Trace,
		BillingDetails: BillingDetails{BilledMemoryUsedInMB: 64, BilledDurationInMilliseconds: (millis + 99) / 100 * 100}}
	if in.IncludedData != "METADATA_ONLY" {
		out.Input, out.InputDetails = &ex.Input, &DataDetails{true}
		out.Output, out.OutputDetails = ex.Output, &DataDetails{true}
	}
	return out, nil
}
