package turnlog_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"salamander/asl"
	"salamander/engine"
	"salamander/store/segment/faultdisk"
	"salamander/store/turnlog"
)

// A simulation runs random executions on an engine whose clock, disk and
// executors are simulated, and kills it at random moments. Its seed decides
// the definitions, how long tasks take and what fails, what the disk refuses,
// tears and loses, and when the power goes; what happens at the same instant
// comes in the order that the Go scheduler gives it.
//
// What must hold, whatever happens:
//
//   - what was acknowledged is there after every crash, byte for byte
//   - histories have no gaps, and nothing behind their one terminal event
//   - a turn follows on the one before it: nothing is decided twice
//   - a task's result is in the history once, and is one that the task gave
//   - every execution ends
type simulation struct {
	seed   uint64
	random *rand.Rand // of the harness
	disk   *faultdisk.Disk
	index  *memory

	mu       sync.Mutex
	acked    map[string][]engine.Event // by ARN
	turns    map[string]int64          // the last that was acknowledged
	outcomes map[string]string
	results  map[string]map[string]bool // that tasks gave, by their IDs
	crashes  int
	seeds    uint64
	store    *turnlog.Store
	engine   *engine.Engine
}

// simulated is the machine of all executions, in many revisions.
const simulated = "arn:aws:states:us-east-1:000000000000:stateMachine:m"

// TestSimulation runs 10,000 crashes, or as many as SIMULATED_CRASHES says,
// from a seed that it prints, or SIMULATION_SEED.
func TestSimulation(t *testing.T) {
	crashes := number(t, "SIMULATED_CRASHES", 10_000)
	if testing.Short() {
		crashes = min(crashes, 500)
	}
	seed := uint64(number(t, "SIMULATION_SEED", int(time.Now().UnixNano()&0xffffffff)))
	t.Logf("seed %d", seed)
	began, done, runs, events := time.Now(), 0, 0, 0
	for ; done < crashes && !t.Failed(); seed++ {
		synctest.Test(t, func(t *testing.T) {
			s := &simulation{seed: seed, random: rand.New(rand.NewPCG(seed, 1)), disk: disk(seed), index: newMemory(),
				acked: map[string][]engine.Event{}, turns: map[string]int64{}, outcomes: map[string]string{}, results: map[string]map[string]bool{}}
			s.run(t)
			done += s.crashes
			for _, all := range s.acked {
				events += len(all)
			}
		})
		runs++
	}
	t.Logf("%d crashes in %d runs, %d events, %s", done, runs, events, time.Since(began).Round(time.Millisecond))
}

func number(t *testing.T, name string, n int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return n
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

func (s *simulation) errorf(t *testing.T, format string, args ...any) {
	t.Helper()
	t.Errorf("seed %d: %s", s.seed, fmt.Sprintf(format, args...))
}

// run is one life of a data directory: executions, crashes, and the end of
// all of them.
func (s *simulation) run(t *testing.T) {
	requests := make([]engine.StartRequest, 1+s.random.IntN(4))
	for i := range requests {
		requests[i] = engine.StartRequest{Name: fmt.Sprint("x", i), Input: `{"items":[1,2,3]}`, Machine: engine.StateMachine{
			ARN: simulated, Account: "000000000000", Region: "us-east-1", Name: "m",
			Type: engine.Standard, Definition: definition(s.random)}}
	}
	for life, lives := 0, 4+s.random.IntN(10); ; life++ {
		if !s.begin(t) || !s.boot(t) {
			return
		}
		last := life == lives
		dead := make(chan struct{})
		s.trouble(last, dead)
		for _, req := range requests {
			go s.start(req, dead)
		}
		if last {
			s.finish(t, requests)
			close(dead)
			s.end(t)
			return
		}
		time.Sleep(time.Duration(s.random.Int64N(int64(25 * time.Second))))
		close(dead)
		s.crash()
		if t.Failed() {
			return
		}
	}
}

// begin opens the store and the engine, and looks whether all that was
// acknowledged is there.
func (s *simulation) begin(t *testing.T) bool {
	store, err := turnlog.Open(t.Context(), turnlog.Options{FS: s.disk, Index: s.index, Size: 4096})
	if err != nil {
		s.errorf(t, "open: %v", err)
		return false
	}
	s.store = store
	all, err := store.Executions(t.Context(), engine.Query{Machine: simulated, Limit: 100})
	if err != nil {
		s.errorf(t, "list: %v", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range all { // those whose creation was not acknowledged too
		s.acked[x.ARN] = slices.Clip(s.acked[x.ARN])
	}
	for arn, acked := range s.acked {
		x, err := store.Execution(t.Context(), arn)
		if err != nil {
			s.errorf(t, "%s: %v", arn, err)
			continue
		}
		events, err := store.History(t.Context(), engine.HistoryQuery{Key: x.Key, Limit: 1 << 20})
		if err != nil || len(events) < len(acked) {
			s.errorf(t, "%s: got %d events, %v; want the %d acknowledged ones", arn, len(events), err, len(acked))
			continue
		}
		for i, ev := range acked {
			if ev.ID != events[i].ID || !bytes.Equal(ev.Data, events[i].Data) {
				s.errorf(t, "%s: event %d: got %s; want %s", arn, ev.ID, events[i].Data, ev.Data)
			}
		}
		turn, running, err := store.Turn(t.Context(), x.Key)
		if want := s.turns[arn]; err != nil || running && turn < want {
			s.errorf(t, "%s: got turn %d, %v; want %d", arn, turn, err, want)
		}
		if want := s.outcomes[arn]; want != "" && x.Status != want {
			s.errorf(t, "%s: got %s; want %s", arn, x.Status, want)
		}
		// What was durable and not acknowledged counts from now on.
		s.acked[arn] = events
		if s.turns[arn] = turn; x.Status != engine.Running {
			s.outcomes[arn] = x.Status
		}
	}
	return !t.Failed()
}

// boot starts an engine on the store.
func (s *simulation) boot(t *testing.T) bool {
	e := engine.New(engine.Options{Store: witness{s.store, s}, Runner: s, Log: slog.New(slog.DiscardHandler),
		Seed: s.executionSeed})
	s.engine = e
	if err := e.Recover(t.Context()); err != nil {
		s.errorf(t, "recover: %v", err)
		return false
	}
	return !t.Failed()
}

// executionSeed is another one for each execution.
func (s *simulation) executionSeed() (seed [32]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seeds++
	binary.LittleEndian.PutUint64(seed[:], s.seed)
	binary.LittleEndian.PutUint64(seed[8:], s.seeds)
	return seed
}

// trouble makes the disk and the index fail now and then; after the last
// crash only for a while.
func (s *simulation) trouble(last bool, dead chan struct{}) {
	kind := s.random.IntN(4)
	faults := rand.New(rand.NewPCG(s.seed, s.random.Uint64()))
	set := func(on bool) {
		s.index.mu.Lock()
		s.index.fail = nil
		s.index.mu.Unlock()
		s.disk.Room(0)
		s.disk.Fail(nil)
		switch {
		case !on:
		case kind == 1:
			s.disk.Fail(func(faultdisk.Op) error {
				if faults.IntN(6) == 0 {
					return syscall.EIO
				}
				return nil
			})
		case kind == 2:
			s.index.mu.Lock()
			s.index.fail = func() error {
				if faults.IntN(2) == 0 {
					return errors.New("the index fails")
				}
				return nil
			}
			s.index.mu.Unlock()
		case kind == 3:
			s.disk.Room(20_000)
		}
	}
	set(true)
	if last {
		go func() {
			select {
			case <-time.After(10 * time.Second):
			case <-dead:
			}
			set(false)
		}()
	}
}

// start asks for an execution until it is there.
func (s *simulation) start(req engine.StartRequest, dead chan struct{}) {
	for {
		_, err := s.engine.Start(context.Background(), req)
		if err == nil || errors.Is(err, engine.ErrExists) || errors.Is(err, engine.ErrClosed) {
			return
		}
		select {
		case <-time.After(500 * time.Millisecond):
		case <-dead:
			return
		}
	}
}

// crash loses power.
func (s *simulation) crash() {
	s.disk.Fail(func(faultdisk.Op) error { return syscall.EIO })
	s.index.mu.Lock()
	s.index.fail = func() error { return errors.New("dead") }
	s.index.mu.Unlock()
	s.engine.Close()
	s.store.Crash()
	synctest.Wait() // for those who were about to note an answer
	s.disk.Crash()
	s.index.mu.Lock()
	s.index.fail = nil
	s.index.mu.Unlock()
	s.disk.Room(0)
	s.crashes++
}

// finish waits for the end of all executions.
func (s *simulation) finish(t *testing.T, requests []engine.StartRequest) {
	for range 200 {
		time.Sleep(time.Minute)
		synctest.Wait()
		s.mu.Lock()
		ended := len(s.outcomes)
		s.mu.Unlock()
		if ended == len(requests) {
			return
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for arn := range s.turns {
		if s.outcomes[arn] == "" {
			s.errorf(t, "%s has not ended: %d events, the last is %s", arn, len(s.acked[arn]), s.acked[arn][len(s.acked[arn])-1].Data)
		}
	}
	if len(s.turns) < len(requests) {
		s.errorf(t, "%d of %d executions are there", len(s.turns), len(requests))
	}
}

// end closes everything in peace and checks the histories.
func (s *simulation) end(t *testing.T) {
	s.engine.Close()
	if err := s.store.Close(); err != nil {
		s.errorf(t, "close: %v", err)
	}
	for arn := range s.acked {
		x, err := s.index.Execution(t.Context(), arn)
		if err != nil {
			s.errorf(t, "%s: %v", arn, err)
			continue
		}
		all, err := s.index.History(t.Context(), engine.HistoryQuery{Key: x.Key, Limit: 1 << 20})
		if err != nil || len(all) != len(s.acked[arn]) {
			s.errorf(t, "%s: got %d events, %v; want %d", arn, len(all), err, len(s.acked[arn]))
		}
		s.history(t, arn, x.Status, all)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	ends := map[string]int{}
	for _, m := range s.index.outbox {
		if m.Topic == "states.execution" && !strings.Contains(string(m.Payload), engine.Running) {
			ends[m.Key]++
		}
	}
	for arn, n := range ends {
		if n != 1 {
			s.errorf(t, "%s: its end was told %d times", arn, n)
		}
	}
	if len(ends) != len(s.acked) {
		s.errorf(t, "the ends of %d executions were told; want %d", len(ends), len(s.acked))
	}
}

// history checks what holds for every history of an ended execution.
func (s *simulation) history(t *testing.T, arn, status string, all []engine.Event) {
	entered, open := map[string]int{}, map[string]int{}
	given := map[string]bool{}
	for i, ev := range all {
		var doc struct {
			ID       int64   `json:"id"`
			Previous int64   `json:"previousEventId"`
			Type     string  `json:"type"`
			At       float64 `json:"timestamp"`
			Entered  struct {
				Name string `json:"name"`
			} `json:"stateEnteredEventDetails"`
			Exited struct {
				Name string `json:"name"`
			} `json:"stateExitedEventDetails"`
			Succeeded struct {
				Output string `json:"output"`
			} `json:"taskSucceededEventDetails"`
		}
		if err := json.Unmarshal(ev.Data, &doc); err != nil {
			s.errorf(t, "%s: event %d: %v", arn, i+1, err)
			return
		}
		terminal := doc.Type == "ExecutionSucceeded" || doc.Type == "ExecutionFailed" || doc.Type == "ExecutionAborted" || doc.Type == "ExecutionTimedOut"
		switch {
		case doc.ID != int64(i+1) || ev.ID != doc.ID:
			s.errorf(t, "%s: event %d has the id %d", arn, i+1, doc.ID)
		case doc.Previous >= doc.ID:
			s.errorf(t, "%s: event %d comes after event %d", arn, doc.ID, doc.Previous)
		case (i == 0) != (doc.Type == "ExecutionStarted"):
			s.errorf(t, "%s: event %d is %s", arn, doc.ID, doc.Type)
		case terminal != (i == len(all)-1):
			s.errorf(t, "%s: event %d of %d is %s", arn, doc.ID, len(all), doc.Type)
		case terminal && !strings.EqualFold("Execution"+status, doc.Type):
			s.errorf(t, "%s is %s and ends with %s", arn, status, doc.Type)
		}
		if strings.HasSuffix(doc.Type, "StateEntered") {
			entered[doc.Entered.Name]++
			open[doc.Entered.Name]++
		}
		if strings.HasSuffix(doc.Type, "StateExited") {
			if open[doc.Exited.Name]--; open[doc.Exited.Name] < 0 {
				s.errorf(t, "%s: %s was left more often than entered", arn, doc.Exited.Name)
			}
		}
		if doc.Type == "TaskSucceeded" {
			var result struct{ Task, Run string }
			if err := json.Unmarshal([]byte(doc.Succeeded.Output), &result); err != nil {
				s.errorf(t, "%s: %s: %v", arn, doc.Succeeded.Output, err)
			}
			if given[result.Task] {
				s.errorf(t, "%s: task %s succeeded twice", arn, result.Task)
			}
			given[result.Task] = true
			if !s.results[result.Task][result.Run] {
				s.errorf(t, "%s: task %s never gave %s", arn, result.Task, result.Run)
			}
		}
	}
}

// A witness sees what the store acknowledges.
type witness struct {
	*turnlog.Store
	s *simulation
}

func (w witness) Create(ctx context.Context, x engine.Execution, definition string, first engine.Turn) (int64, error) {
	key, err := w.Store.Create(ctx, x, definition, first)
	if err == nil {
		w.s.witness(x.ARN, first)
	}
	return key, err
}

func (w witness) Commit(ctx context.Context, t engine.Turn) error {
	err := w.Store.Commit(ctx, t)
	if err == nil {
		w.s.witness(t.ARN, t)
	}
	return err
}

func (s *simulation) witness(arn string, t engine.Turn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.turns[arn] == t.Number {
		return
	}
	if s.turns[arn] != t.Follows {
		panic(fmt.Sprintf("seed %d: %s: turn %d follows on %d; want %d", s.seed, arn, t.Number, t.Follows, s.turns[arn]))
	}
	s.turns[arn] = t.Number
	s.acked[arn] = append(slices.Clip(s.acked[arn]), t.History...)
	if t.Outcome != nil {
		s.outcomes[arn] = t.Outcome.Status
	}
}

// Run is the simulated executor. What a task does is decided by its
// identifier and by how often it was run.
func (s *simulation) Run(ctx context.Context, task engine.Task, report engine.Report) (json.RawMessage, error) {
	s.mu.Lock()
	if s.results[task.ID] == nil {
		s.results[task.ID] = map[string]bool{}
	}
	run := fmt.Sprint(len(s.results[task.ID]))
	s.results[task.ID][run] = true
	s.mu.Unlock()
	seed := s.seed
	for _, c := range task.ID {
		seed = seed*31 + uint64(c)
	}
	random := rand.New(rand.NewPCG(seed, uint64(len(run))))
	result := json.RawMessage(fmt.Sprintf(`{"Task":%q,"Run":%q,"pad":%q}`, task.ID, run, strings.Repeat("p", random.IntN(300))))
	report.Started()
	if task.Integration.Pattern == asl.WaitForToken {
		report.Submitted(json.RawMessage(`{}`))
		e := s.engine
		go func() {
			for range 20 {
				time.Sleep(time.Duration(random.Int64N(int64(5 * time.Second))))
				if err := e.TaskSuccess(context.Background(), task.Token, result); err == nil || errors.Is(err, engine.ErrNoTask) {
					return
				}
			}
		}()
		return nil, engine.ErrAwaitToken
	}
	select {
	case <-time.After(time.Duration(random.Int64N(int64(4 * time.Second)))):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if random.IntN(4) == 0 {
		return nil, &engine.TaskError{Name: "Flaky", Cause: "now and then"}
	}
	return result, nil
}

// Cancel does nothing: the simulated tasks end by themselves.
func (s *simulation) Cancel(context.Context, engine.Task) error { return nil }
