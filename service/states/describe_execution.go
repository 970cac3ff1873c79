package states

import (
	"context"

	"salamander/operation"
)

// DescribeExecutionInput is the input of [Service.DescribeExecution].
type DescribeExecutionInput struct {
	ExecutionArn string `json:"executionArn"`
	IncludedData string `json:"includedData"` // ALL_DATA or METADATA_ONLY
}

// DataDetails tells whether data is in the answer.
type DataDetails struct {
	Included bool `json:"included"`
}

// DescribeExecutionOutput is the output of [Service.DescribeExecution].
type DescribeExecutionOutput struct {
	ExecutionArn           string         `json:"executionArn"`
	StateMachineArn        string         `json:"stateMachineArn"`
	Name                   string         `json:"name"`
	Status                 string         `json:"status"`
	StartDate              operation.Time `json:"startDate"`
	StopDate               operation.Time `json:"stopDate,omitzero"`
	Input                  *string        `json:"input,omitempty"`
	InputDetails           *DataDetails   `json:"inputDetails,omitempty"`
	Output                 *string        `json:"output,omitempty"`
	OutputDetails          *DataDetails   `json:"outputDetails,omitempty"`
	TraceHeader            string         `json:"traceHeader,omitempty"`
	Error                  *string        `json:"error,omitempty"`
	Cause                  *string        `json:"cause,omitempty"`
	StateMachineVersionArn string         `json:"stateMachineVersionArn,omitempty"`
	StateMachineAliasArn   string         `json:"stateMachineAliasArn,omitempty"`
	MapRunArn              string         `json:"mapRunArn,omitempty"`
	RedriveCount           int            `json:"redriveCount"`
	RedriveDate            operation.Time `json:"redriveDate,omitzero"`
	RedriveStatus          string         `json:"redriveStatus"`
	RedriveStatusReason    string         `json:"redriveStatusReason,omitempty"`
	Own                    *OwnDetails    `json:"salamander,omitempty"`
}

// DescribeExecution tells how an execution stands.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html
func (s *Service) DescribeExecution(ctx context.Context, in *DescribeExecutionInput) (*DescribeExecutionOutput, error) {
	ex, err := s.execution(ctx, in.ExecutionArn)
	if err != nil {
		var ok bool
		if ex, ok = s.expressChild(ctx, in.ExecutionArn); !ok {
			return nil, err
		}
	}
	ex = s.standing(ex)
	out := &DescribeExecutionOutput{ExecutionArn: ex.ARN, StateMachineArn: ex.Machine, Name: ex.Name, Status: ex.Status,
		StartDate: operation.Time{Time: ex.Start}, StopDate: operation.Time{Time: ex.Stop}, TraceHeader: ex.Trace, Error: ex.Error, Cause: ex.Cause,
		StateMachineVersionArn: ex.Version, StateMachineAliasArn: ex.Alias, RedriveCount: ex.Redrives, RedriveDate: operation.Time{Time: ex.Redriven}, MapRunArn: ex.MapRun}
	if in.IncludedData != "METADATA_ONLY" {
		out.Input, out.InputDetails = &ex.Input, &DataDetails{true}
		if ex.Output != nil {
			out.Output, out.OutputDetails = ex.Output, &DataDetails{true}
		}
	}
	if out.Own, err = s.ownDetails(ctx, ex); err != nil {
		return nil, err
	}
	out.RedriveStatus, out.RedriveStatusReason, err = s.redriveStatus(ctx, ex)
	return out, err
}
