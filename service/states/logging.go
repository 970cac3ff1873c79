package states

import (
	"context"
	"encoding/json"
	"strings"

	"salamander/internal/arn"
	"salamander/operation"
)

// LogGroups knows the log groups that executions can log to.
type LogGroups interface {
	// Exists reports whether a group is there.
	Exists(ctx context.Context, account, region, group string) (bool, error)
}

// A loggingConfiguration tells which events of executions are logged, and
// where.
type loggingConfiguration struct {
	Level                string           `json:"level"`
	IncludeExecutionData bool             `json:"includeExecutionData"`
	Destinations         []logDestination `json:"destinations,omitempty"`
}

type logDestination struct {
	CloudWatchLogsLogGroup struct {
		LogGroupArn string `json:"logGroupArn"`
	} `json:"cloudWatchLogsLogGroup"`
}

// checkLogging judges a logging configuration and returns it with what it
// leaves out.
func (s *Service) checkLogging(ctx context.Context, doc json.RawMessage) (json.RawMessage, error) {
	c := loggingConfiguration{Level: "OFF"}
	if len(doc) > 0 {
		if err := json.Unmarshal(doc, &c); err != nil {
			return nil, invalidLogging(err.Error())
		}
	}
	if c.Level == "" {
		c.Level = "OFF"
	}
	if len(c.Destinations) != 1 && (c.Level != "OFF" || len(c.Destinations) > 1) {
		return nil, invalidLogging("Must specify exactly one Log Destination.")
	}
	for _, d := range c.Destinations {
		if err := s.checkDestination(ctx, d.CloudWatchLogsLogGroup.LogGroupArn); err != nil {
			return nil, err
		}
	}
	return json.Marshal(c)
}

func (s *Service) checkDestination(ctx context.Context, text string) error {
	a, err := arn.Parse(text)
	group, named := strings.CutPrefix(a.Resource, "log-group:")
	group, all := strings.CutSuffix(group, ":*")
	if err != nil || a.Service != "logs" || !named || !all {
		return invalidLogging("The Log Destination must be the ARN of a log group that ends with ':*'.")
	}
	found := own(ctx, a)
	if found {
		if found, err = s.groups.Exists(ctx, a.Account, a.Region, group); err != nil {
			return err
		}
	}
	if !found {
		return invalidLogging("Log Destination not found.")
	}
	return nil
}

func invalidLogging(why string) error {
	return operation.Errorf("InvalidLoggingConfiguration", "Invalid Logging Configuration: %s", why)
}
