// Package logs is the operations of CloudWatch Logs.
package logs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"salamander/internal/arn"
	"salamander/internal/pagetoken"
	"salamander/logs"
	"salamander/operation"
)

// A Service is the operations of CloudWatch Logs over log groups.
type Service struct{ logs *logs.Logs }

// New returns the service over l.
func New(l *logs.Logs) *Service { return &Service{l} }

// Register registers the operations of s.
func Register(r *operation.Registry, s *Service) {
	spec := operation.SpecsOf("logs")
	operation.Register(r, spec("CreateLogGroup", true, "STANDARD groups; keys and deletion protection are refused"), s.CreateLogGroup)
	operation.Register(r, spec("DeleteLogGroup", true, ""), s.DeleteLogGroup)
	operation.Register(r, spec("DescribeLogGroups", false, "other accounts are refused"), s.DescribeLogGroups)
	operation.Register(r, spec("PutRetentionPolicy", true, ""), s.PutRetentionPolicy)
	operation.Register(r, spec("DeleteRetentionPolicy", true, ""), s.DeleteRetentionPolicy)
	operation.Register(r, spec("CreateLogStream", true, ""), s.CreateLogStream)
	operation.Register(r, spec("DeleteLogStream", true, ""), s.DeleteLogStream)
	operation.Register(r, spec("DescribeLogStreams", false, ""), s.DescribeLogStreams)
	operation.Register(r, spec("PutLogEvents", true, "entities are refused"), s.PutLogEvents)
	operation.Register(r, spec("GetLogEvents", false, ""), s.GetLogEvents)
	operation.Register(r, spec("FilterLogEvents", false, "patterns of terms; those for JSON, columns and regular expressions are refused"), s.FilterLogEvents)
	operation.Register(r, spec("ListTagsForResource", false, ""), s.ListTagsForResource)
	operation.Register(r, spec("TagResource", true, ""), s.TagResource)
	operation.Register(r, spec("UntagResource", true, ""), s.UntagResource)
}

// fault turns the errors of the domain to AWS's.
func fault(err error) error {
	switch {
	case errors.Is(err, logs.ErrNoGroup):
		return operation.Errorf("ResourceNotFoundException", "The specified log group does not exist.")
	case errors.Is(err, logs.ErrNoStream):
		return operation.Errorf("ResourceNotFoundException", "The specified log stream does not exist.")
	case errors.Is(err, logs.ErrGroupExists):
		return operation.Errorf("ResourceAlreadyExistsException", "The specified log group already exists")
	case errors.Is(err, logs.ErrStreamExists):
		return operation.Errorf("ResourceAlreadyExistsException", "The specified log stream already exists")
	}
	return err
}

func invalid(format string, args ...any) error {
	return operation.Errorf("InvalidParameterException", format, args...)
}

func refuse(op, what string) error { return operation.NotImplemented("logs", op, what) }

// None is the output of operations that answer nothing.
type None struct{}

func groupID(ctx context.Context, name string) logs.GroupID {
	c := operation.CallerOf(ctx)
	return logs.GroupID{Account: c.Account, Region: c.Region, Group: name}
}

// identify returns the group that a name or an identifier, which is a name or an ARN, tells.
func identify(ctx context.Context, name, identifier string) (logs.GroupID, error) {
	switch {
	case name != "" && identifier != "":
		return logs.GroupID{}, invalid("LogGroupName and LogGroupIdentifier are mutually exclusive. Please provide only one of them.")
	case name == "" && identifier == "":
		return logs.GroupID{}, invalid("At least one of LogGroupName or LogGroupIdentifier must be provided.")
	case name != "":
		return groupID(ctx, name), nil
	case strings.HasPrefix(identifier, "arn:"):
		return ofARN(ctx, identifier)
	}
	return groupID(ctx, identifier), nil
}

// ofARN reads the ARN of a group of the caller's account.
func ofARN(ctx context.Context, text string) (logs.GroupID, error) {
	a, err := arn.Parse(text)
	name, ok := strings.CutPrefix(a.Resource, "log-group:")
	if err != nil || !ok || a.Service != "logs" {
		return logs.GroupID{}, invalid("Invalid ARN: %s", text)
	}
	g := groupID(ctx, strings.TrimSuffix(name, ":*"))
	if a.Account != g.Account || a.Region != g.Region {
		return logs.GroupID{}, fault(logs.ErrNoGroup)
	}
	return g, nil
}

func groupARN(g logs.GroupID) string {
	return arn.New("logs", g.Region, g.Account, "log-group:"+g.Group)
}

// millis writes a time as CloudWatch Logs does, or nil for none.
func millis(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	ms := t.UnixMilli()
	return &ms
}

func timeOf(ms *int64) time.Time {
	if ms == nil {
		return time.Time{}
	}
	return time.UnixMilli(*ms).UTC()
}

func orDefault(n, whenZero int) int {
	if n == 0 {
		return whenZero
	}
	return n
}

// readToken reads the token of a list into v; an empty one is the start.
func readToken(token string, v any) error {
	if pagetoken.Decode(token, v) != nil {
		return invalid("The specified nextToken is invalid.")
	}
	return nil
}

// eventID is the 56 digits that name an event: its time and order.
func eventID(p logs.Position) string { return fmt.Sprintf("%037d%019d", max(p.Millis, 0), p.Seq) }
