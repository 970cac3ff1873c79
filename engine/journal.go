package engine

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"salamander/asl"
	"salamander/internal/arn"
)

// A Journal tells which events of an execution are logged, and where.
type Journal struct {
	Level string // ALL, ERROR or FATAL
	Data  bool   // whether the records have input and output
	Group string // ARN of the log group, without ":*"
}

// journalOf reads a logging configuration; nil means that nothing is logged.
func journalOf(doc json.RawMessage) *Journal {
	var c struct {
		Level                string
		IncludeExecutionData bool
		Destinations         []struct{ CloudWatchLogsLogGroup struct{ LogGroupArn string } }
	}
	if len(doc) == 0 || json.Unmarshal(doc, &c) != nil || c.Level == "" || c.Level == "OFF" || len(c.Destinations) == 0 {
		return nil
	}
	group := strings.TrimSuffix(c.Destinations[0].CloudWatchLogsLogGroup.LogGroupArn, ":*")
	return &Journal{Level: c.Level, Data: c.IncludeExecutionData, Group: group}
}

// logs reports whether events of a type are logged.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-log-level
func (j *Journal) logs(kind string) bool {
	failure := strings.HasSuffix(kind, "Failed") || strings.HasSuffix(kind, "TimedOut") || strings.HasSuffix(kind, "Aborted")
	switch j.Level {
	case "ALL":
		return true
	case "ERROR":
		return failure || kind == "FailStateEntered"
	case "FATAL":
		return failure && strings.HasPrefix(kind, "Execution")
	}
	return false
}

// Records are log records of one execution, on their way to a log stream.
type Records struct {
	Account string
	Region  string
	Group   string
	Stream  string
	Records []Record
}

// A Record is one log record.
type Record struct {
	At      time.Time
	Message string // JSON
}

// A Recorder writes log records. Records that come again after a failure may
// be written twice. A log group that is not there is no failure.
type Recorder interface {
	Record(ctx context.Context, r Records) error
}

// Record writes the log records that a commit put into the outbox.
func (e *Engine) Record(ctx context.Context, payload []byte) error {
	var r Records
	if err := json.Unmarshal(payload, &r); err != nil {
		return fmt.Errorf("read log records: %w", err)
	}
	if e.opt.Recorder == nil {
		return nil
	}
	return e.opt.Recorder.Record(ctx, r)
}

// add adds the record of an event, where the execution logs it.
func (r *Records) add(ex Execution, ev asl.HistoryEvent) error {
	if ex.Journal == nil || !ex.Journal.logs(ev.Type) {
		return nil
	}
	details, err := ex.Journal.details(ev.Details)
	if err != nil {
		return fmt.Errorf("read event %d: %w", ev.ID, err)
	}
	millis := ev.At.UnixMilli()
	message := func() string {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		err = enc.Encode(struct {
			ID        string         `json:"id"`
			Type      string         `json:"type"`
			Details   map[string]any `json:"details"`
			Previous  string         `json:"previous_event_id"`
			Timestamp string         `json:"event_timestamp"`
			Execution string         `json:"execution_arn"`
			Redrives  string         `json:"redrive_count"`
		}{strconv.FormatInt(ev.ID, 10), ev.Type, details, strconv.FormatInt(ev.PreviousID, 10), strconv.FormatInt(millis, 10), ex.ARN, strconv.Itoa(ex.Redrives)})
		return strings.TrimRight(b.String(), "\n")
	}
	text := message()
	for len(text) > maxRecord && err == nil && shorten(details) {
		text = message()
	}
	r.Records = append(r.Records, Record{At: time.UnixMilli(millis).UTC(), Message: text})
	return err
}

// maxRecord is the length of a record at most, in bytes: CloudWatch's limit
// on a message.
const maxRecord = 256 << 10

// dataMembers are the members of details that are an execution's data, with
// the ones that tell whether they were cut.
var dataMembers = [...][2]string{{"input", "inputDetails"}, {"output", "outputDetails"}, {"parameters", ""}, {"assignedVariables", "assignedVariablesDetails"}}

// details returns the details of an event as a record has them.
func (j *Journal) details(text json.RawMessage) (map[string]any, error) {
	details := map[string]any{}
	if text == nil {
		return details, nil
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&details); err != nil {
		return nil, err
	}
	if !j.Data {
		for _, m := range dataMembers {
			delete(details, m[0])
			delete(details, m[1])
		}
	}
	return details, nil
}

// shorten cuts the longest data of details to half.
func shorten(details map[string]any) bool {
	longest, length := -1, 0
	for i, m := range dataMembers {
		if text, ok := details[m[0]].(string); ok && len(text) > length {
			longest, length = i, len(text)
		}
	}
	if longest < 0 {
		return false
	}
	m := dataMembers[longest]
	text := details[m[0]].(string)
	details[m[0]] = strings.ToValidUTF8(text[:len(text)/2], "")
	if m[1] != "" {
		details[m[1]] = map[string]bool{"truncated": true}
	}
	return true
}

// payload gives the records their place; nil where there are none.
func (r *Records) payload(ex Execution) []byte {
	if len(r.Records) == 0 {
		return nil
	}
	group, err := arn.Parse(ex.Journal.Group)
	if err != nil {
		return nil // no place to write to
	}
	machine := ex.Machine[strings.LastIndexByte(ex.Machine, ':')+1:]
	sum := sha256.Sum256([]byte(ex.ARN))
	r.Account, r.Region, r.Group = group.Account, group.Region, strings.TrimPrefix(group.Resource, "log-group:")
	r.Stream = "states/" + machine + "/" + ex.Start.Format("2006-01-02-15-04") + "/" + hex.EncodeToString(sum[:4])
	b, err := json.Marshal(r)
	if err != nil {
		panic(err) // texts and times
	}
	return b
}
