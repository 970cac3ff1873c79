package states

import (
	"context"
	"errors"

	"salamander/asl"
	"salamander/engine"
	"salamander/operation"
)

// DescribeMapRunInput is the input of [Service.DescribeMapRun].
type DescribeMapRunInput struct {
	MapRunArn string `json:"mapRunArn"`
}

// MapRunCounts count the items or the child executions of a map run by their
// statuses.
type MapRunCounts struct {
	Pending        int64 `json:"pending"`
	Running        int64 `json:"running"`
	Succeeded      int64 `json:"succeeded"`
	Failed         int64 `json:"failed"`
	TimedOut       int64 `json:"timedOut"`
	Aborted        int64 `json:"aborted"`
	Total          int64 `json:"total"`
	ResultsWritten int64 `json:"resultsWritten"`
	// FailuresNotRedrivable and PendingRedrive are told of a map run that was
	// redriven.
	FailuresNotRedrivable *int64 `json:"failuresNotRedrivable,omitempty"`
	PendingRedrive        *int64 `json:"pendingRedrive,omitempty"`
}

// DescribeMapRunOutput is the output of [Service.DescribeMapRun].
type DescribeMapRunOutput struct {
	MapRunArn                  string         `json:"mapRunArn"`
	ExecutionArn               string         `json:"executionArn"`
	Status                     string         `json:"status"`
	StartDate                  operation.Time `json:"startDate"`
	StopDate                   operation.Time `json:"stopDate,omitzero"`
	MaxConcurrency             int64          `json:"maxConcurrency"`
	ToleratedFailurePercentage float64        `json:"toleratedFailurePercentage"`
	ToleratedFailureCount      int64          `json:"toleratedFailureCount"`
	ItemCounts                 MapRunCounts   `json:"itemCounts"`
	ExecutionCounts            MapRunCounts   `json:"executionCounts"`
	RedriveCount               int            `json:"redriveCount"`
	RedriveDate                operation.Time `json:"redriveDate,omitzero"`
}

// DescribeMapRun tells how a map run stands.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeMapRun.html
func (s *Service) DescribeMapRun(ctx context.Context, in *DescribeMapRunInput) (*DescribeMapRunOutput, error) {
	r, err := s.mapRun(ctx, in.MapRunArn)
	if err != nil {
		return nil, err
	}
	return &DescribeMapRunOutput{MapRunArn: r.ARN, ExecutionArn: r.Execution, Status: r.Status, StartDate: operation.Time{Time: r.Start},
		StopDate: operation.Time{Time: r.Stop}, MaxConcurrency: r.MaxConcurrency, ToleratedFailurePercentage: r.ToleratedFailurePercentage,
		ToleratedFailureCount: r.ToleratedFailureCount, ItemCounts: countsOf(r.Items, r.Redrives), ExecutionCounts: countsOf(r.Executions, r.Redrives),
		RedriveCount: r.Redrives, RedriveDate: operation.Time{Time: r.Redriven}}, nil
}

func countsOf(c engine.MapCounts, redrives int) MapRunCounts {
	counts := MapRunCounts{Pending: c.Pending, Running: c.Running, Succeeded: c.Succeeded, Failed: c.Failed, TimedOut: c.TimedOut,
		Aborted: c.Aborted, Total: c.Total, ResultsWritten: c.ResultsWritten}
	if redrives > 0 {
		counts.FailuresNotRedrivable, counts.PendingRedrive = &c.FailuresNotRedrivable, &c.PendingRedrive
	}
	return counts
}

// mapRun finds a map run of the caller by its ARN.
func (s *Service) mapRun(ctx context.Context, text string) (engine.MapRun, error) {
	a, err := parseARN(text, "mapRun")
	if err != nil {
		return engine.MapRun{}, err
	}
	if _, _, _, err := asl.ParseMapRunARN(text); err != nil {
		return engine.MapRun{}, invalidARN("Invalid ARN: " + text)
	}
	missing := operation.Errorf("ResourceNotFound", "Resource not found: '%s'", text)
	if !own(ctx, a) {
		return engine.MapRun{}, missing
	}
	r, err := s.engine.MapRun(ctx, text)
	if errors.Is(err, engine.ErrNotFound) {
		err = missing
	}
	return r, atEngine(err)
}

// expressChild finds an express execution that has ended and that a map run
// has started: of all express executions only these are kept.
func (s *Service) expressChild(ctx context.Context, text string) (engine.Execution, bool) {
	a, err := parseARN(text, "express")
	if err != nil || !own(ctx, a) {
		return engine.Execution{}, false
	}
	ex, err := s.store.Execution(ctx, text)
	return ex, err == nil && ex.MapRun != ""
}
