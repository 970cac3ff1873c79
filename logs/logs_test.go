package logs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// appendOnly is a store that only takes events. fail is what Append answers.
type appendOnly struct {
	Store
	mu      sync.Mutex
	events  []Event
	batches int
	fail    error
}

func (s *appendOnly) Append(_ context.Context, _ GroupID, _ string, events []Event, _ bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return s.fail
	}
	s.events = append(s.events, events...)
	if len(events) > 0 {
		s.batches++
	}
	return nil
}

func (s *appendOnly) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	for _, e := range s.events {
		b.WriteString(e.Message + "|")
	}
	return b.String()
}

func TestWriterSplitsLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &appendOnly{}
		w := New(s, Options{}).Writer("a", "r", "g", "s")
		for _, p := range []string{"on", "e\ntwo\r\n\n", "three \xff\nfo"} {
			if n, err := w.Write([]byte(p)); n != len(p) || err != nil {
				t.Fatalf("write: got %d, %v", n, err)
			}
		}
		if s.text() != "" {
			t.Errorf("before the flush: got %q", s.text())
		}
		time.Sleep(flushAfter)
		synctest.Wait()
		if got, want := s.text(), "one|two|three \uFFFD|"; got != want || s.batches != 1 {
			t.Errorf("after 100 ms: got %q in %d batches; want %q in one", got, s.batches, want)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if got, want := s.text(), "one|two|three \uFFFD|fo|"; got != want {
			t.Errorf("after close: got %q; want %q", got, want)
		}
		if _, err := w.Write([]byte("x\n")); err == nil {
			t.Error("a closed writer takes lines")
		}
	})
}

func TestWriterCutsLongLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &appendOnly{}
		w := New(s, Options{}).Writer("a", "r", "g", "s")
		text := strings.Repeat("ä", MaxMessage) // two bytes each
		for rest := text; rest != ""; {
			n := min(len(rest), 10_001)
			if _, err := w.Write([]byte(rest[:n])); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if got := strings.ReplaceAll(s.text(), "|", ""); got != text {
			t.Errorf("got %d bytes back of %d, or characters were cut", len(got), len(text))
		}
		for _, e := range s.events {
			if len(e.Message) > MaxMessage {
				t.Errorf("an event of %d bytes", len(e.Message))
			}
		}
	})
}

func TestWriterKeepsEventsWhileTheStoreFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := errors.New("disk full")
		s := &appendOnly{fail: full}
		w := New(s, Options{}).Writer("a", "r", "g", "s")
		fmt.Fprintln(w, "one")
		time.Sleep(3 * time.Second)
		synctest.Wait()
		s.mu.Lock()
		s.fail = nil
		s.mu.Unlock()
		fmt.Fprintln(w, "two")
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if got := s.text(); got != "one|two|" {
			t.Errorf("got %q; want both lines", got)
		}
		s.mu.Lock()
		s.fail = full
		s.mu.Unlock()
		var err error
		for i := 0; i < 1000 && err == nil; i++ {
			_, err = w.Write([]byte(strings.Repeat("x", 10_000) + "\n"))
			if i%100 == 0 {
				time.Sleep(2 * time.Second)
			}
		}
		if !errors.Is(err, full) {
			t.Errorf("an endless backlog: got %v", err)
		}
		if err := w.Close(); !errors.Is(err, full) {
			t.Errorf("close: got %v", err)
		}
		time.Sleep(time.Minute)
	})
}

// expiring is a store whose Expire fails at first.
type expiring struct {
	Store
	calls int
}

func (s *expiring) Expire(context.Context, time.Time) error {
	if s.calls++; s.calls == 1 {
		return errors.New("disk on fire")
	}
	return nil
}

func TestSweepGoesOnAfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, failures := &expiring{}, 0
		ctx, stop := context.WithCancel(t.Context())
		go New(s, Options{OnError: func(error) { failures++ }}).Sweep(ctx)
		time.Sleep(150 * time.Minute)
		stop()
		synctest.Wait()
		if s.calls != 3 || failures != 1 {
			t.Errorf("got %d sweeps, %d failures; want 3, 1", s.calls, failures)
		}
	})
}

func TestFilters(t *testing.T) {
	for _, c := range []struct {
		pattern, message string
		want             bool
	}{
		{"", "anything", true},
		{"ERROR", "an ERROR here", true},
		{"ERROR", "an error here", false},
		{"ERROR code", "code and ERROR", true},
		{"ERROR code", "ERROR", false},
		{`"not found"`, "x not found y", true},
		{`"a \"b\""`, `say a "b"`, true},
		{"?ERROR ?WARN", "WARN", true},
		{"?ERROR ?WARN", "INFO", false},
		{"ERROR -ignore", "ERROR", true},
		{"ERROR -ignore", "ERROR ignore", false},
		{"?WARN ERROR", "ERROR", true},
		{`-"a b"`, "a b", false},
	} {
		f, err := ParseFilter(c.pattern)
		if err != nil {
			t.Errorf("%q: %v", c.pattern, err)
			continue
		}
		if got := f.Match(c.message); got != c.want {
			t.Errorf("%q on %q: got %v; want %v", c.pattern, c.message, got, c.want)
		}
	}
	for pattern, unsupported := range map[string]bool{`{ $.a = 1 }`: true, `[a, b]`: true, `%x%`: true, `"open`: false, `a.b`: false, `-`: false} {
		_, err := ParseFilter(pattern)
		var e *FilterError
		if !errors.As(err, &e) || e.Unsupported != unsupported {
			t.Errorf("%q: got %v; want an error, unsupported %v", pattern, err, unsupported)
		}
	}
}

func FuzzFilter(f *testing.F) {
	for _, s := range []string{`a "b c" -d ?e`, `"\`, `?`, `{`} {
		f.Add(s, "a b c")
	}
	f.Fuzz(func(t *testing.T, pattern, message string) {
		if f, err := ParseFilter(pattern); err == nil {
			f.Match(message)
		}
	})
}
