package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"salamander/event"
	"salamander/internal/arn"
)

// A policyConfig is the policies of a rule ("rule/NAME"), a schedule
// ("schedule/GROUP/NAME") or a trigger ("trigger/NAME").
type policyConfig struct {
	CatchUp string `yaml:"catch-up"` // "skip", "last" or "all"
	Overlap string `yaml:"overlap"`  // "allow", "skip" or "queue"
}

// A triggerConfig is a trigger for files that must be complete.
type triggerConfig struct {
	Bucket       string   `yaml:"bucket"`
	Keys         []string `yaml:"keys"`          // patterns with {date} and *
	Count        int      `yaml:"count"`         // keys that must be there in all
	Manifest     string   `yaml:"manifest"`      // pattern of a key that lists keys
	Success      string   `yaml:"success"`       // pattern of the key that is written last
	DateFormat   string   `yaml:"date-format"`   // YYYY-MM-DD, YYYYMMDD or YYYY/MM/DD
	Quiet        string   `yaml:"quiet"`         // "30s"
	Deadline     string   `yaml:"deadline"`      // "06:00"
	DeadlineDays *int     `yaml:"deadline-days"` // from the date to its deadline; 1 when missing
	Weekdays     []string `yaml:"weekdays"`
	Timezone     string   `yaml:"timezone"`
	Start        string   `yaml:"start"` // name of a state machine, or the ARN of a target
	Input        any      `yaml:"input"` // with {date}
}

// eventPolicies are the policies of the configuration.
func (c *config) eventPolicies() (map[string]event.Policy, error) {
	all := map[string]event.Policy{}
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(c.Schedules)) {
		p := c.Schedules[name]
		kind, _, _ := strings.Cut(name, "/")
		if !slices.Contains([]string{"rule", "schedule", "trigger"}, kind) || kind == "schedule" && strings.Count(name, "/") != 2 {
			problems = append(problems, fmt.Errorf("schedules: %q: need rule/NAME, schedule/GROUP/NAME or trigger/NAME", name))
		}
		if !slices.Contains([]string{"", "skip", "last", "all"}, p.CatchUp) {
			problems = append(problems, fmt.Errorf("schedules: %s: catch-up: got %q; need skip, last or all", name, p.CatchUp))
		}
		if !slices.Contains([]string{"", "allow", "skip", "queue"}, p.Overlap) {
			problems = append(problems, fmt.Errorf("schedules: %s: overlap: got %q; need allow, skip or queue", name, p.Overlap))
		}
		all[name] = event.Policy(p)
	}
	return all, errors.Join(problems...)
}

// eventTriggers are the triggers of the configuration, by name.
func (c *config) eventTriggers() ([]event.Trigger, error) {
	var all []event.Trigger
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(c.Triggers)) {
		t, err := c.eventTrigger(name, c.Triggers[name])
		if err == nil {
			err = t.Validate()
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("triggers: %s: %w", name, err))
		}
		all = append(all, t)
	}
	return all, errors.Join(problems...)
}

func (c *config) eventTrigger(name string, in triggerConfig) (event.Trigger, error) {
	t := event.Trigger{Scope: event.Scope{Account: defaultAccount, Region: c.Region}, Name: name, Bucket: in.Bucket, Keys: in.Keys,
		Count: in.Count, Manifest: in.Manifest, Marker: in.Success, Format: in.DateFormat, Deadline: in.Deadline, Days: 1,
		Weekdays: in.Weekdays, Zone: in.Timezone, Target: c.machineARN(in.Start)}
	if in.DeadlineDays != nil {
		t.Days = *in.DeadlineDays
	}
	if in.Quiet != "" {
		d, err := time.ParseDuration(in.Quiet)
		if err != nil {
			return t, fmt.Errorf("quiet: got %q; need a duration such as 30s", in.Quiet)
		}
		t.Quiet = d
	}
	if in.Input != nil {
		doc, err := json.Marshal(in.Input)
		if err != nil {
			return t, fmt.Errorf("input: %w", err)
		}
		t.Input = string(doc)
	}
	return t, nil
}

// machineARN is the ARN of a state machine that is given by name or ARN.
func (c *config) machineARN(given string) string {
	if given == "" || strings.HasPrefix(given, "arn:") {
		return given
	}
	return arn.New("states", c.Region, defaultAccount, "stateMachine:"+given)
}
