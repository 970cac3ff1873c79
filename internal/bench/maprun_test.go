package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"salamander/engine"
	"salamander/engine/dataset"
	"salamander/store"
)

// files are objects in a directory.
type files struct{ dir string }

func (f files) Get(_ context.Context, arguments json.RawMessage) (io.ReadCloser, error) {
	var in struct{ Key string }
	if err := json.Unmarshal(arguments, &in); err != nil {
		return nil, err
	}
	return os.Open(filepath.Join(f.dir, in.Key))
}

func (f files) List(context.Context, json.RawMessage) (dataset.Page, error) {
	return dataset.Page{}, nil
}

func (f files) Put(_ context.Context, _, key string, body []byte) error {
	return os.WriteFile(filepath.Join(f.dir, strings.ReplaceAll(key, "/", "_")), body, 0o600)
}

// BenchmarkMapRun is a distributed Map whose items are the lines of one object
// and whose child is a Pass state: each child is durable with its history, and
// the results are written to objects.
func BenchmarkMapRun(b *testing.B) {
	for b.Loop() {
		measureMapRun(b, sized(100_000, 1_000_000))
	}
}

func measureMapRun(b *testing.B, n int) {
	objects := files{b.TempDir()}
	f, err := os.Create(filepath.Join(objects.dir, "items.jsonl"))
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(f)
	for i := range n {
		fmt.Fprintf(w, `{"id":%d,"store":"store number %d","amount":%d.25}`+"\n", i, i%1000, i%777)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	db, err := store.Open(b.TempDir(), store.Options{OnError: func(err error) { b.Error(err) }})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.Subscribe("states.execution", func(context.Context, store.Message) error { return nil })
	turns, err := store.OpenEngine(b.Context(), db)
	if err != nil {
		b.Fatal(err)
	}
	e := engine.New(engine.Options{Store: turns, Runner: &inProcess{}, Log: slog.New(slog.DiscardHandler), Objects: func(engine.Execution) dataset.Objects { return objects }})
	defer e.Close()
	if err := e.Recover(b.Context()); err != nil {
		b.Fatal(err)
	}
	db.Deliver()
	forgetPeak(b)
	used, began := cpu(b), time.Now()
	machine := machineOf(`{"StartAt":"M","States":{"M":{"Type":"Map","End":true,"Label":"L",
		"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"JSONL"},"Parameters":{"Bucket":"b","Key":"items.jsonl"}},
		"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"b"},"WriterConfig":{"Transformation":"COMPACT","OutputType":"JSONL"}},
		"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}}}}`)
	res, err := e.StartAndWait(b.Context(), engine.StartRequest{Machine: machine, Name: "x", Input: "{}"})
	if err != nil || res.Execution.Status != engine.Succeeded {
		b.Fatalf("got %+v, %v", res.Execution, err)
	}
	took, used := time.Since(began), cpu(b)-used
	runs, err := e.MapRuns(b.Context(), res.Execution.ARN, 0, 1)
	if err != nil || len(runs) != 1 || runs[0].Executions.Succeeded != int64(n) || runs[0].Items.ResultsWritten != int64(n) {
		b.Fatalf("got %+v, %v", runs, err)
	}
	b.ReportMetric(float64(n)/took.Seconds(), "items/s")
	b.ReportMetric(used.Seconds()*1e6/float64(n), "µs")
	b.ReportMetric(peak(b), "MB")
}

// forgetPeak begins to measure the peak of the resident memory anew.
func forgetPeak(b *testing.B) {
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		b.Logf("the peak of the memory is that of the whole process: %v", err)
	}
}

// peak is the most memory that this process has had resident, in megabytes.
func peak(b *testing.B) float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip("no /proc/self/status to read the memory from")
	}
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	kb := 0.0
	fmt.Sscan(rest, &kb)
	return kb / 1024
}
