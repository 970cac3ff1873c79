package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	web "salamander/console"
)

// A backfillOrder is the first line of a backfill's journal: what was asked
// for, and the dates that were to run then.
type backfillOrder struct {
	ID      string   `json:"id"`
	Machine string   `json:"machine"` // ARN
	From    string   `json:"from"`
	To      string   `json:"to"`
	Input   string   `json:"input"` // with {date}
	Max     int      `json:"max"`
	Missing bool     `json:"onlyMissing"`
	Started int64    `json:"started"` // milliseconds since 1970
	Dates   []string `json:"dates"`   // in the order in which they begin
}

// A backfillLine is a later line of the journal: one member is set.
type backfillLine struct {
	Date    string `json:"date,omitempty"` // has ended, as Outcome and Detail tell
	Outcome string `json:"outcome,omitempty"`
	Detail  string `json:"detail,omitempty"`
	Stop    bool   `json:"stop,omitempty"`  // no more dates are begun
	Ended   int64  `json:"ended,omitempty"` // milliseconds since 1970
}

// A backfillJournal is the file of one backfill: its order, then a line for
// each thing that happened. A date without a line may have begun: its
// execution's name tells. One goroutine at a time may use it.
type backfillJournal string

// newBackfillJournal makes the file of an order, durably.
func newBackfillJournal(dir string, order backfillOrder) (backfillJournal, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	text, err := json.Marshal(order)
	if err != nil {
		return "", err
	}
	j := backfillJournal(filepath.Join(dir, fmt.Sprintf("%013d-%s.jsonl", order.Started, order.ID)))
	return j, replaceFile(string(j), append(text, '\n'))
}

// add appends a line. What a crash takes of the outcomes is found again at
// their executions; a stop and the end are made durable.
func (j backfillJournal) add(line backfillLine) error {
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(string(j), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write(append(text, '\n')); err != nil {
		return err
	}
	if line.Stop || line.Ended > 0 {
		return f.Sync()
	}
	return nil
}

func (j backfillJournal) remove() error { return os.Remove(string(j)) }

// read returns the order and what the lines say. A line that a crash has left
// half written, and what stands behind it, is cut off.
func (j backfillJournal) read() (order backfillOrder, lines []backfillLine, err error) {
	text, err := os.ReadFile(string(j))
	if err != nil {
		return order, nil, err
	}
	order, lines, good, err := parseBackfill(text)
	if err == nil && good < len(text) {
		err = os.Truncate(string(j), int64(good))
	}
	if err != nil {
		return order, nil, fmt.Errorf("read %s: %w", string(j), err)
	}
	return order, lines, nil
}

// parseBackfill reads a journal's text and tells how many bytes of it are whole
// lines.
func parseBackfill(text []byte) (order backfillOrder, lines []backfillLine, good int, err error) {
	first, rest, whole := bytes.Cut(text, []byte("\n"))
	if !whole {
		return order, nil, 0, errors.New("it has no order")
	}
	if err := json.Unmarshal(first, &order); err != nil {
		return order, nil, 0, fmt.Errorf("its order: %w", err)
	}
	if order.ID == "" || order.Machine == "" || order.Max < 1 {
		return order, nil, 0, errors.New("its order lacks the id, the machine or the number at a time")
	}
	good = len(first) + 1
	for len(rest) > 0 {
		line, after, whole := bytes.Cut(rest, []byte("\n"))
		var one backfillLine
		if !whole || json.Unmarshal(line, &one) != nil {
			break
		}
		lines, good, rest = append(lines, one), good+len(line)+1, after
	}
	return order, lines, good, nil
}

// backfillJournals lists the journals of a directory, the oldest first.
func backfillJournals(dir string) ([]backfillJournal, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var all []backfillJournal
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".jsonl") {
			all = append(all, backfillJournal(filepath.Join(dir, e.Name())))
		}
	}
	slices.Sort(all)
	return all, err
}

// backfillRecord is a backfill as its journal tells it, and the dates that have
// not ended.
func backfillRecord(order backfillOrder, lines []backfillLine) (b web.Backfill, left []string) {
	b = web.Backfill{ID: order.ID, Machine: order.Machine, From: order.From, To: order.To, Started: order.Started,
		Of: len(order.Dates), State: "running", Failures: []web.BackfillFailure{}}
	done := map[string]bool{}
	for _, line := range lines {
		switch {
		case line.Date != "" && !done[line.Date]:
			done[line.Date] = true
			countBackfill(&b, line)
		case line.Stop:
			b.State = "stopping"
		case line.Ended > 0:
			b.Ended, b.State = line.Ended, "done"
		}
	}
	if b.Ended > 0 && b.Done < b.Of {
		b.State = "stopped"
	}
	for _, d := range order.Dates {
		if !done[d] {
			left = append(left, d)
		}
	}
	return b, left
}

// countBackfill counts a date that has ended.
func countBackfill(b *web.Backfill, line backfillLine) {
	b.Done++
	switch line.Outcome {
	case "SUCCEEDED":
		b.Succeeded++
	case "already":
		b.Already++
	default:
		b.Failed++
		if len(b.Failures) < shownFailures {
			b.Failures = append(b.Failures, web.BackfillFailure{Date: line.Date, Detail: strings.TrimSuffix(line.Outcome+": "+line.Detail, ": "),
				ARN: backfillExecution(b.Machine, line.Date, b.ID)})
		}
	}
}

// backfillExecution is the ARN of the execution that a backfill starts for a
// date: one, however often the server restarts meanwhile.
func backfillExecution(machine, date, id string) string {
	return strings.Replace(machine, ":stateMachine:", ":execution:", 1) + ":" + backfillName(date, id)
}

func backfillName(date, id string) string { return "backfill-" + date + "-" + id }
