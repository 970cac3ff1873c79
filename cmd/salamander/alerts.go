package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"salamander/notify"
	"salamander/store"
)

// smtpConfig is the mail server of salamander.yaml.
type smtpConfig struct {
	Host         string `yaml:"host"`
	Port         int    `yaml:"port"` // 587; 465 with tls implicit
	User         string `yaml:"user"`
	Password     string `yaml:"password"`      // or in the variable SALAMANDER_SMTP_PASSWORD
	PasswordFile string `yaml:"password-file"` // or in this file
	From         string `yaml:"from"`
	TLS          string `yaml:"tls"` // starttls, required, implicit or none
}

// mailer returns what sends mail, or nil when no server is configured.
func (c *smtpConfig) mailer() (notify.Mailer, error) {
	if c == nil {
		return nil, nil
	}
	password := c.Password
	if v := os.Getenv("SALAMANDER_SMTP_PASSWORD"); v != "" {
		password = v
	}
	if c.PasswordFile != "" {
		text, err := os.ReadFile(c.PasswordFile)
		if err != nil {
			return nil, fmt.Errorf("smtp: password-file: %w", err)
		}
		password = strings.TrimSpace(string(text))
	}
	s := &notify.SMTP{Host: c.Host, Port: c.Port, User: c.User, Password: password, From: c.From, TLS: c.TLS}
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("smtp: %w", err)
	}
	return s, nil
}

// alertConfig is one rule of alerts in salamander.yaml.
type alertConfig struct {
	Name       string   `yaml:"name"`
	Machines   []string `yaml:"machines"`    // names or ARNs, * for anything; all when left out
	On         []string `yaml:"on"`          // FAILED, TIMED_OUT, ABORTED, SUCCEEDED
	LongerThan string   `yaml:"longer-than"` // "45m"
	By         string   `yaml:"by"`          // "06:30"
	Zone       string   `yaml:"zone"`        // "Europe/Berlin"
	Days       []string `yaml:"days"`        // mon … sun
	Retries    int      `yaml:"retries"`
	To         []string `yaml:"to"`    // arn:aws:sns:…, mailto:…, slack:https://…, https://…
	Every      string   `yaml:"every"` // "15m": the same error of a machine once in this time; "0s": each
}

// rule returns the rule, or every problem of it.
func (c alertConfig) rule() (notify.Rule, error) {
	r := notify.Rule{Name: c.Name, Machines: c.Machines, On: c.On, By: c.By, Retries: c.Retries, To: c.To}
	var problems []error
	duration := func(name, text string) time.Duration {
		d, err := time.ParseDuration(text)
		if text != "" && (err != nil || d < 0) {
			problems = append(problems, fmt.Errorf("%s: got %q; need a time such as 45m", name, text))
		}
		return d
	}
	r.LongerThan, r.Every = duration("longer-than", c.LongerThan), duration("every", c.Every)
	if c.Every != "" && r.Every == 0 {
		r.Every = -1
	}
	if c.Zone != "" {
		var err error
		if r.Zone, err = time.LoadLocation(c.Zone); err != nil {
			problems = append(problems, fmt.Errorf("zone: got %q; need a time zone such as Europe/Berlin", c.Zone))
		}
	}
	for _, text := range c.Days {
		day, ok := map[string]time.Weekday{"mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6, "sun": 0}[strings.ToLower(text)]
		if !ok {
			problems = append(problems, fmt.Errorf("days: got %q; need mon, tue, wed, thu, fri, sat or sun", text))
		}
		r.Days = append(r.Days, day)
	}
	return r, errors.Join(append(problems, r.Validate())...)
}

// alertRules returns the rules of the configuration, or every problem of them.
func alertRules(list []alertConfig) (rules []notify.Rule, err error) {
	var problems []error
	names := map[string]bool{}
	for i, c := range list {
		r, err := c.rule()
		if err == nil && names[c.Name] {
			err = errors.New("name: another rule has it")
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("alerts: rule %d %q: %w", i+1, c.Name, err))
		}
		names[c.Name] = true
		rules = append(rules, r)
	}
	return rules, errors.Join(problems...)
}

// startNotify delivers messages, and has people told about executions.
func (a *app) startNotify(ctx context.Context) {
	a.notifying.Go(func() { a.notify.Run(ctx) })
	a.notifying.Go(func() { a.notify.Watch(ctx, defaultAccount, a.config.Region) })
	a.db.Subscribe("states.execution", func(ctx context.Context, m store.Message) error {
		var change struct{ Status string }
		if err := json.Unmarshal(m.Payload, &change); err != nil {
			return nil // written by another release: nobody is told
		}
		return a.notify.Ended(ctx, m.Key, change.Status)
	})
}
