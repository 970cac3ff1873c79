package notify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// An Execution is what an alert tells of one.
type Execution struct {
	ARN        string
	Name       string
	Machine    string // name
	MachineARN string
	Account    string
	Region     string
	Status     string
	Error      string
	Cause      string
	State      string // in which the failure was
	Started    time.Time
	Stopped    time.Time // zero while it runs
	Retries    int       // failures of tasks beside the last
	Jobs       []Job     // that failed
	Hints      []string  // commands that tell more
}

// A Job is a failed job of an execution.
type Job struct {
	ID       string
	Name     string
	Reason   string
	ExitCode *int
	Group    string // of its log
	Stream   string
	Lines    []string // the last ones of its log
}

// maxCause is how much of a cause a message has, in bytes.
const maxCause = 4000

func shorten(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "…"
}

// subject is a line for mail and topics: plain characters, at most 100.
func (e Execution) subject(what string) string {
	text := what + ": " + e.Machine
	if e.Name != "" {
		text += " (" + e.Name + ")"
	}
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, text)
	return text[:min(len(text), 100)]
}

// text is the message in plain text.
func (e Execution) text(r Rule, what string, withheld int) string {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-9s %s\n", name+":", strings.ReplaceAll(value, "\n", "\n          "))
		}
	}
	b.WriteString(e.headline(what) + "\n\n")
	line("State", e.State)
	line("Error", e.Error)
	line("Cause", shorten(e.Cause, maxCause))
	line("Execution", e.ARN)
	if !e.Started.IsZero() {
		line("Started", e.Started.Format(time.RFC3339))
	}
	if !e.Stopped.IsZero() {
		line("Stopped", e.Stopped.Format(time.RFC3339))
	}
	if e.Retries > 0 {
		line("Retries", fmt.Sprint(e.Retries))
	}
	for _, j := range e.Jobs {
		fmt.Fprintf(&b, "\n%s\n", j.headline())
		if len(j.Lines) > 0 {
			b.WriteString("The last lines of its log:\n")
			for _, l := range j.Lines {
				b.WriteString("  " + l + "\n")
			}
		}
	}
	if withheld > 0 {
		fmt.Fprintf(&b, "\n%d more like this since the last message.\n", withheld)
	}
	if len(e.Hints) > 0 {
		b.WriteString("\nLook further:\n")
		for _, h := range e.Hints {
			b.WriteString("  " + h + "\n")
		}
	}
	fmt.Fprintf(&b, "\nSent by the rule %q of salamander.yaml.\n", r.Name)
	return b.String()
}

func (e Execution) headline(what string) string {
	text := e.Machine + " " + what
	if e.Name != "" {
		text = "Execution " + e.Name + " of " + e.Machine + " " + what
	}
	if !e.Stopped.IsZero() {
		text += " after " + e.Stopped.Sub(e.Started).Round(100*time.Millisecond).String()
	}
	return text + "."
}

func (j Job) headline() string {
	text := "Job " + j.Name + " (" + j.ID + ") failed"
	if j.Reason != "" {
		text += ": " + j.Reason
	}
	if j.ExitCode != nil {
		text += fmt.Sprintf(", exit code %d", *j.ExitCode)
	}
	return text
}

func document(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // texts and numbers
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// slack is the message for a webhook of Slack, and of what understands the
// same: Mattermost, Discord's /slack, Rocket.Chat.
//
// https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/
func (e Execution) slack(r Rule, what string, withheld int) string {
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "```", "'''")
	_, rest, _ := strings.Cut(e.text(r, what, withheld), "\n\n")
	return document(map[string]string{"text": "*" + escape.Replace(e.headline(what)) + "*\n```" + escape.Replace(shorten(rest, 30000)) + "```"})
}

// document is the message for a webhook.
func (e Execution) document(r Rule, what string, withheld int) string {
	type job struct {
		ID       string   `json:"id"`
		Name     string   `json:"name"`
		Reason   string   `json:"reason,omitempty"`
		ExitCode *int     `json:"exitCode,omitempty"`
		Log      []string `json:"log,omitempty"`
	}
	doc := struct {
		Rule         string     `json:"rule"`
		What         string     `json:"what"`
		Status       string     `json:"status,omitempty"`
		StateMachine string     `json:"stateMachineArn"`
		Execution    string     `json:"executionArn,omitempty"`
		State        string     `json:"state,omitempty"`
		Error        string     `json:"error,omitempty"`
		Cause        string     `json:"cause,omitempty"`
		Started      *time.Time `json:"startDate,omitempty"`
		Stopped      *time.Time `json:"stopDate,omitempty"`
		Retries      int        `json:"retries"`
		Jobs         []job      `json:"jobs,omitempty"`
		Withheld     int        `json:"withheld"`
		Hints        []string   `json:"lookFurther,omitempty"`
		Text         string     `json:"text"`
	}{Rule: r.Name, What: what, Status: e.Status, StateMachine: e.MachineARN, Execution: e.ARN, State: e.State, Error: e.Error, Cause: e.Cause,
		Retries: e.Retries, Withheld: withheld, Hints: e.Hints, Text: e.text(r, what, withheld)}
	if !e.Started.IsZero() {
		doc.Started = &e.Started
	}
	if !e.Stopped.IsZero() {
		doc.Stopped = &e.Stopped
	}
	for _, j := range e.Jobs {
		doc.Jobs = append(doc.Jobs, job{j.ID, j.Name, j.Reason, j.ExitCode, j.Lines})
	}
	return document(doc)
}
