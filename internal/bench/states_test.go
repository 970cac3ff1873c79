package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"salamander/engine"
	"salamander/internal/garbage"
	"salamander/store"
	"salamander/store/turnlog"
)

// full asks for the measures at the size that the issue names, instead of one
// that takes a CI minute.
func full() bool { return os.Getenv("BENCH_FULL") != "" }

// sized is large where [full] asks for it, else small.
func sized(small, large int) int {
	if full() {
		return large
	}
	return small
}

// chainOf is a machine of n Task states in a row.
func chainOf(n int) engine.StateMachine {
	var b strings.Builder
	b.WriteString(`{"StartAt":"T0","States":{`)
	for i := range n {
		next := fmt.Sprintf(`"Next":"T%d"},`, i+1)
		if i == n-1 {
			next = `"End":true}`
		}
		fmt.Fprintf(&b, `"T%d":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:f",%s`, i, next)
	}
	b.WriteString(`}}`)
	return machineOf(b.String())
}

func machineOf(definition string) engine.StateMachine {
	return engine.StateMachine{ARN: "arn:aws:states:us-east-1:000000000000:stateMachine:m", Account: "000000000000", Region: "us-east-1",
		Name: "m", Type: engine.Standard, Role: "arn:aws:iam::000000000000:role/r", Definition: definition}
}

// payload is the input and every output: 100 bytes.
var payload = json.RawMessage(`{"note":"` + strings.Repeat("n", 89) + `"}`)

// inProcess answers every task at once. It notes for each worker how long it
// was from one task to the next, a durable commit between them.
type inProcess struct {
	done  atomic.Int64
	each  []worker
	after int64 // no times before so many tasks, to warm up
}

type worker struct {
	execution string
	last      time.Time
	times     []float32 // ms
}

func (r *inProcess) Run(_ context.Context, t engine.Task, report engine.Report) (json.RawMessage, error) {
	report.Started()
	n := r.done.Add(1)
	if r.each != nil {
		i := 0
		fmt.Sscanf(t.Execution[strings.LastIndexByte(t.Execution, ':')+1:], "w%d-", &i)
		w, now := &r.each[i], time.Now()
		if w.execution == t.Execution && n > r.after {
			w.times = append(w.times, float32(now.Sub(w.last).Seconds()*1e3))
		}
		w.execution, w.last = t.Execution, now
	}
	return payload, nil
}

func (r *inProcess) Cancel(context.Context, engine.Task) error { return nil }

// A running engine over a store on disk, with a subscriber as the program has.
type running struct {
	dir    string
	db     *store.DB
	store  *counted
	turns  *turnlog.Store
	engine *engine.Engine
	runner *inProcess
}

// counted counts the bytes that turns bring to the store.
type counted struct {
	engine.Store
	bytes, turns atomic.Int64
}

func (c *counted) Commit(ctx context.Context, t engine.Turn) error {
	n := len(t.State)
	for _, ev := range t.History {
		n += len(ev.Data)
	}
	for _, p := range t.Open {
		n += len(p.Data)
	}
	c.bytes.Add(int64(n))
	c.turns.Add(1)
	return c.Store.Commit(ctx, t)
}

func start(b *testing.B, dir string, runner *inProcess) *running {
	b.Helper()
	db, err := store.Open(dir, store.Options{OnError: func(err error) { b.Error(err) }})
	if err != nil {
		b.Fatal(err)
	}
	db.Subscribe("states.execution", func(context.Context, store.Message) error { return nil })
	r := &running{dir: dir, db: db, runner: runner}
	turns, err := store.OpenEngine(b.Context(), db)
	if err != nil {
		b.Fatal(err)
	}
	r.store, r.turns = &counted{Store: turns}, turns
	r.engine = engine.New(engine.Options{Store: r.store, Runner: runner, Log: slog.New(slog.DiscardHandler)})
	if err := r.engine.Recover(b.Context()); err != nil {
		b.Fatal(err)
	}
	db.Deliver()
	return r
}

func (r *running) close() {
	r.engine.Close()
	r.db.Close()
}

func TestMain(m *testing.M) {
	garbage.Allow(64 << 20) // as the program does
	os.Exit(m.Run())
}

// statesEach is how many Task states one execution has.
const statesEach = 20

// BenchmarkTaskStates is N executions at once of Task states that are run in
// process: entered, scheduled, run, succeeded and exited, with all events of
// the history, durable before the next begins. Against it, in the same run, is
// a log that does nothing but append as many bytes for each, by as many
// writers, and sync them in groups.
func BenchmarkTaskStates(b *testing.B) {
	for _, n := range []int{1, 16, 256, 1024, 4096} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				measureStates(b, n)
			}
		})
	}
}

func measureStates(b *testing.B, n int) {
	length := time.Duration(sized(2000, 10000)) * time.Millisecond
	r := start(b, b.TempDir(), &inProcess{each: make([]worker, n), after: int64(2 * n)})
	defer r.close()
	machine := chainOf(statesEach)
	var stop atomic.Bool
	var wg sync.WaitGroup
	for w := range n {
		wg.Go(func() {
			for i := 0; !stop.Load(); i++ {
				res, err := r.engine.StartAndWait(b.Context(), engine.StartRequest{Machine: machine, Name: fmt.Sprintf("w%d-%d", w, i), Input: string(payload)})
				if err != nil || res.Execution.Status != engine.Succeeded {
					b.Errorf("got %s, %v", res.Execution.Status, err)
					return
				}
			}
		})
	}
	time.Sleep(length / 4)
	done, bytes, turns, used, began := r.runner.done.Load(), r.store.bytes.Load(), r.store.turns.Load(), cpu(b), time.Now()
	time.Sleep(length)
	states := float64(r.runner.done.Load() - done)
	took, used := time.Since(began), cpu(b)-used
	each := int(r.store.bytes.Load()-bytes) / int(max(r.store.turns.Load()-turns, 1))
	stop.Store(true)
	wg.Wait()
	var times []float32
	for i := range r.runner.each {
		times = append(times, r.runner.each[i].times...)
	}
	slices.Sort(times)
	rate := states / took.Seconds()
	raw := rawLog(b, n, each, length/2)
	b.ReportMetric(rate, "1/s")
	b.ReportMetric(raw, "baseline-1/s")
	b.ReportMetric(rate/raw, "ratio")
	b.ReportMetric(used.Seconds()*1e6/states, "µs")
	if len(times) > 0 {
		b.ReportMetric(float64(times[len(times)/2]), "p50-ms")
		b.ReportMetric(float64(times[len(times)*99/100]), "p99-ms")
	}
	b.ReportMetric(float64(each), "B")
}

// rawLog is how many records of a size a second n writers append to a file
// that one goroutine writes and syncs in groups.
func rawLog(b *testing.B, n, size int, length time.Duration) float64 {
	f, err := os.CreateTemp(b.TempDir(), "raw")
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	type record struct {
		data []byte
		done chan struct{}
	}
	records := make(chan record, n)
	var written atomic.Int64
	var wg sync.WaitGroup
	var stop atomic.Bool
	for range n {
		wg.Go(func() {
			rec := record{make([]byte, size), make(chan struct{}, 1)}
			for !stop.Load() {
				records <- rec
				<-rec.done
			}
		})
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		var group []record
		var buf []byte
		for first := range records {
			group, buf = append(group[:0], first), append(buf[:0], first.data...)
			for more := true; more; {
				select {
				case rec, ok := <-records:
					if more = ok; ok {
						group, buf = append(group, rec), append(buf, rec.data...)
					}
				default:
					more = false
				}
			}
			if _, err := f.Write(buf); err != nil {
				b.Error(err)
			}
			if err := datasync(f); err != nil {
				b.Error(err)
			}
			written.Add(int64(len(group)))
			for _, rec := range group {
				rec.done <- struct{}{}
			}
		}
	}()
	began := time.Now()
	time.Sleep(length)
	rate := float64(written.Load()) / time.Since(began).Seconds()
	stop.Store(true)
	wg.Wait()
	close(records)
	<-ended
	return rate
}

// BenchmarkChain is one execution of five Task states alone, from its start to
// its end.
func BenchmarkChain(b *testing.B) {
	for b.Loop() {
		r := start(b, b.TempDir(), &inProcess{})
		machine := chainOf(5)
		var times []float64
		for i := range sized(200, 1000) {
			began := time.Now()
			res, err := r.engine.StartAndWait(b.Context(), engine.StartRequest{Machine: machine, Name: fmt.Sprint(i), Input: string(payload)})
			if err != nil || res.Execution.Status != engine.Succeeded {
				b.Fatalf("got %s, %v", res.Execution.Status, err)
			}
			times = append(times, float64(time.Since(began))/1e6)
		}
		r.close()
		slices.Sort(times)
		b.ReportMetric(times[len(times)/2], "ms")
		b.ReportMetric(times[len(times)*99/100], "p99-ms")
	}
}

// BenchmarkResume is the time in which an engine takes up the executions that
// were open when another one was killed: half wait, half are at a task.
func BenchmarkResume(b *testing.B) {
	for b.Loop() {
		r := start(b, b.TempDir(), &inProcess{})
		machine := machineOf(`{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:f","Next":"W"},"W":{"Type":"Wait","Seconds":86400,"End":true}}}`)
		n := sized(10_000, 100_000)
		var wg sync.WaitGroup
		for w := range 256 {
			wg.Go(func() {
				for i := w; i < n; i += 256 {
					if _, err := r.engine.Start(b.Context(), engine.StartRequest{Machine: machine, Name: fmt.Sprint(i), Input: string(payload)}); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		for r.runner.done.Load() < int64(n) {
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(500 * time.Millisecond)
		r.engine.Close()
		r.turns.Crash() // what the tables do not have yet stays in the log
		r.db.Close()
		began := time.Now()
		r = start(b, r.dir, &inProcess{})
		b.ReportMetric(time.Since(began).Seconds(), "s")
		if got := r.engine.Open(); got != n {
			b.Errorf("got %d open executions; want %d", got, n)
		}
		r.close()
	}
}

// BenchmarkHistory reads the 25,000 events of an execution, all pages.
func BenchmarkHistory(b *testing.B) {
	for b.Loop() {
		r := start(b, b.TempDir(), &inProcess{})
		machine := chainOf(4_999)
		res, err := r.engine.StartAndWait(b.Context(), engine.StartRequest{Machine: machine, Name: "x", Input: "{}"})
		if err != nil || res.Execution.Status != engine.Succeeded {
			b.Fatalf("got %s, %v", res.Execution.Status, err)
		}
		var times []float64
		for range 5 {
			began, n := time.Now(), 0
			for after := int64(0); ; {
				page, err := r.store.History(b.Context(), engine.HistoryQuery{Key: res.Execution.Key, After: after, Limit: 1000})
				if err != nil {
					b.Fatal(err)
				}
				if len(page) == 0 {
					break
				}
				n, after = n+len(page), page[len(page)-1].ID
			}
			if n < 24_990 {
				b.Fatalf("got %d events", n)
			}
			times = append(times, float64(time.Since(began))/1e6)
		}
		r.close()
		b.ReportMetric(slices.Min(times), "ms")
	}
}
