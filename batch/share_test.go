package batch

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func of(share string, priority ...int) func(*Submission) {
	return func(s *Submission) {
		s.Queue, s.Share = "fair", share
		if len(priority) > 0 {
			s.Priority = &priority[0]
		}
	}
}

func fair(w *world, p Policy) {
	w.t.Helper()
	p.Scope, p.ID, p.Name = scope, randomHex(16), "p"
	if _, err := w.CreatePolicy(w.t.Context(), p); err != nil {
		w.t.Fatal(err)
	}
	q := Queue{Scope: scope, ID: randomHex(16), Name: "fair", Priority: 1, Policy: "p", Order: []EnvironmentRank{{1, "ce"}}}
	if _, err := w.CreateQueue(w.t.Context(), q); err != nil {
		w.t.Fatal(err)
	}
}

// Of four vCPUs, two shares get two each, whoever came first.
func TestFairShares(t *testing.T) {
	inWorld(t, func(w *world) {
		fair(w, Policy{})
		w.submit("full", []string{"10s", "0"}, needs(4)) // in another queue: all wait for it
		var a, b []string
		for i := range 6 {
			a = append(a, w.submit(fmt.Sprint("a", i), []string{"1h", "0"}, of("a")))
		}
		for i := range 6 {
			b = append(b, w.submit(fmt.Sprint("b", i), []string{"1h", "0"}, of("b")))
		}
		after(10 * time.Second)
		for _, ids := range [][]string{a, b} {
			for i, id := range ids {
				want := Runnable
				if i < 2 {
					want = Running
				}
				w.wants(id, want, "*")
			}
		}
	})
}

// A share with a quarter of the weight gets four times as much.
func TestShareWeights(t *testing.T) {
	inWorld(t, func(w *world) {
		fair(w, Policy{Shares: []ShareWeight{{"big*", 0.25}, {"b*", 9}, {"exact", 2}}})
		eight := 5
		if _, err := w.UpdateEnvironment(t.Context(), scope, "ce", func(e *Environment) error { e.Resources.MaxvCPUs = &eight; return nil }); err != nil {
			t.Fatal(err)
		}
		w.submit("full", []string{"10s", "0"}, needs(5))
		var small, big []string
		for i := range 5 {
			small = append(small, w.submit(fmt.Sprint("s", i), []string{"1h", "0"}, of("small")))
			big = append(big, w.submit(fmt.Sprint("b", i), []string{"1h", "0"}, of("bigone")))
		}
		after(10 * time.Second)
		count := func(ids []string) (n int) {
			for _, id := range ids {
				if w.job(id).Status == Running {
					n++
				}
			}
			return n
		}
		if count(small) != 1 || count(big) != 4 {
			t.Errorf("got %d of small and %d of big; want 1 and 4", count(small), count(big))
		}
	})
}

// Within a share the higher priority goes first, and what ran lately counts.
func TestSharePriorityAndDecay(t *testing.T) {
	inWorld(t, func(w *world) {
		fair(w, Policy{DecaySeconds: 3600})
		w.submit("full", []string{"1m", "0"}, of("a"), needs(4), func(s *Submission) { s.Queue = "fair" })
		low := w.submit("low", []string{"10s", "0"}, of("b", 1), needs(4))
		high := w.submit("high", []string{"10s", "0"}, of("b", 2), needs(4))
		again := w.submit("again", []string{"10s", "0"}, of("a", 9), needs(4))
		after(time.Minute)
		w.wants(high, Running, "") // a ran for a minute
		w.wants(low, Runnable, "*")
		w.wants(again, Runnable, "*")
		after(10 * time.Second)
		w.wants(low, Running, "") // b ran for ten seconds
		after(10 * time.Second)
		w.wants(again, Running, "")
		synctest.Wait()
	})
}

func TestShareRules(t *testing.T) {
	inWorld(t, func(w *world) {
		fair(w, Policy{})
		for want, change := range map[string]func(*Submission){
			"shareIdentifier must be specified: JobQueue fair has a scheduling policy.":   in("fair"),
			"shareIdentifier must not be specified: JobQueue q has no scheduling policy.": func(s *Submission) { s.Share = "a" },
			`shareIdentifier "a b" must be 1 to 255 letters and digits.`:                  of("a b"),
			"schedulingPriorityOverride must be between 0 and 9999.":                      of("a", 10000),
		} {
			s := Submission{Scope: scope, ID: randomHex(16), Name: "j", Queue: "q", Definition: "d"}
			change(&s)
			if _, err := w.Submit(t.Context(), s); err == nil || err.Error() != "ClientException: "+want {
				t.Errorf("got %v; want %s", err, want)
			}
		}
		ref := Policy{Scope: scope, Name: "p"}.ARN()
		if err := w.DeletePolicy(t.Context(), scope, ref); err == nil {
			t.Error("a policy was deleted that a queue has")
		}
		for _, p := range []Policy{{Name: "a b"}, {Name: "x", DecaySeconds: maxDecay + 1}, {Name: "x", Shares: []ShareWeight{{"a", 1}, {"a", 2}}},
			{Name: "x", Shares: []ShareWeight{{"*a", 1}}}, {Name: "x", Shares: []ShareWeight{{"a", 1000}}}, {Name: "p"}} {
			p.Scope, p.ID = scope, randomHex(16)
			if _, err := w.CreatePolicy(t.Context(), p); err == nil {
				t.Errorf("%+v was taken", p)
			}
		}
	})
}
