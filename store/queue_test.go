package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"salamander/operation"
	"salamander/queue"
	"salamander/store"
)

// A queueHost is queues over a store with a clock of their own.
type queueHost struct {
	t   *testing.T
	dir string
	db  *store.DB
	q   *queue.Queues
	now time.Time
	ids int
}

func newQueueHost(t *testing.T) *queueHost {
	h := &queueHost{t: t, dir: t.TempDir(), now: time.UnixMilli(1_700_000_000_000).UTC()}
	h.open()
	t.Cleanup(func() { h.db.Close() })
	return h
}

func (h *queueHost) open() {
	h.t.Helper()
	db, err := store.Open(h.dir, store.Options{})
	if err != nil {
		h.t.Fatal(err)
	}
	h.db = db
	h.q = queue.New(queue.Options{Store: store.NewQueues(db), Now: func() time.Time { return h.now }})
}

func key(name string) queue.Key {
	return queue.Key{Account: "000000000000", Region: "us-east-1", Name: name}
}

func (h *queueHost) create(name string, attributes ...string) queue.Key {
	h.t.Helper()
	q := queue.Queue{Key: key(name), Attributes: map[string]string{}}
	for i := 0; i < len(attributes); i += 2 {
		q.Attributes[attributes[i]] = attributes[i+1]
	}
	if _, err := h.q.Create(h.t.Context(), q); err != nil {
		h.t.Fatal(err)
	}
	return q.Key
}

func (h *queueHost) send(k queue.Key, body, group, dedup string) queue.Message {
	h.t.Helper()
	h.ids++
	m := queue.Message{ID: fmt.Sprintf("id-%d", h.ids), Body: body, Group: group, Dedup: dedup}
	sent, errs, err := h.q.Send(h.t.Context(), k, []queue.Outgoing{{Message: m}})
	if err := errors.Join(append(errs, err)...); err != nil {
		h.t.Fatal(err)
	}
	return sent[0]
}

func (h *queueHost) receive(k queue.Key, most int) (bodies []string, got []queue.Message) {
	h.t.Helper()
	none := time.Duration(0)
	got, err := h.q.Receive(h.t.Context(), k, queue.Receive{Max: most, Wait: &none})
	if err != nil {
		h.t.Fatal(err)
	}
	for _, m := range got {
		bodies = append(bodies, m.Body)
	}
	return bodies, got
}

func (h *queueHost) remove(k queue.Key, m queue.Message) queue.Found {
	h.t.Helper()
	found, ok, err := h.q.DeleteMessage(h.t.Context(), k, m.Handle())
	if err != nil || !ok {
		h.t.Fatal(ok, err)
	}
	return found
}

func (h *queueHost) want(what string, got []string, want ...string) {
	h.t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		h.t.Errorf("%s: got %q; want %q", what, got, want)
	}
}

func TestQueueVisibilityAndHandles(t *testing.T) {
	h := newQueueHost(t)
	k := h.create("q", "VisibilityTimeout", "10")
	h.send(k, "a", "", "")
	h.send(k, "b", "", "")
	got, first := h.receive(k, 10)
	h.want("first", got, "a", "b")
	got, _ = h.receive(k, 10)
	h.want("hidden", got)
	if c, _ := h.q.Counts(t.Context(), queue.Queue{Key: k}); c != (queue.Counts{InFlight: 2}) {
		t.Errorf("counts: got %+v", c)
	}
	h.now = h.now.Add(10 * time.Second)
	got, second := h.receive(k, 1)
	h.want("again", got, "a")
	if second[0].Receives != 2 || !second[0].First.Equal(h.now.Add(-10*time.Second)) {
		t.Errorf("second receive: got %+v", second[0])
	}
	if found := h.remove(k, first[0]); found != queue.Stale {
		t.Errorf("an old handle: got %v", found)
	}
	if found := h.remove(k, second[0]); found != queue.Current {
		t.Errorf("the last handle: got %v", found)
	}
	if found := h.remove(k, second[0]); found != queue.Gone {
		t.Errorf("twice: got %v", found)
	}
	if _, ok, err := h.q.DeleteMessage(t.Context(), k, "nonsense"); ok || err != nil {
		t.Errorf("no handle: got %v, %v", ok, err)
	}
	_, third := h.receive(k, 1)
	if found, _, err := h.q.Hide(t.Context(), k, third[0].Handle(), 0); found != queue.Current || err != nil {
		t.Errorf("hide: got %v, %v", found, err)
	}
	got, _ = h.receive(k, 1)
	h.want("made visible", got, "b")
}

func TestQueueSurvivesAKill(t *testing.T) {
	h := newQueueHost(t)
	k := h.create("q")
	h.send(k, "a", "", "")
	h.send(k, "b", "", "")
	_, held := h.receive(k, 1)
	h.db.Close()
	h.open()
	got, _ := h.receive(k, 10)
	h.want("the one nobody has", got, "b")
	if found := h.remove(k, held[0]); found != queue.Current {
		t.Errorf("a handle from before: got %v", found)
	}
}

func TestQueueMovesDeadLetters(t *testing.T) {
	h := newQueueHost(t)
	dead := h.create("dead")
	k := h.create("q", "VisibilityTimeout", "1", "RedrivePolicy", `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":"2"}`)
	m := h.send(k, "poison", "", "")
	h.send(k, "poison too", "", "")
	for range 2 {
		got, _ := h.receive(k, 10)
		h.want("tries", got, "poison", "poison too")
		h.now = h.now.Add(time.Second)
	}
	h.send(k, "good", "", "")
	got, _ := h.receive(k, 1)
	h.want("after", got, "good")
	got, moved := h.receive(dead, 10)
	h.want("dead letters", got, "poison", "poison too")
	if moved[0].ID != m.ID || moved[0].DeadSource != k.ARN() || !moved[0].Sent.Equal(m.Sent) {
		t.Errorf("dead letter: got %+v", moved[0])
	}
}

func TestFifoQueues(t *testing.T) {
	h := newQueueHost(t)
	k := h.create("q.fifo", "FifoQueue", "true", "VisibilityTimeout", "10")
	a1 := h.send(k, "a1", "a", "1")
	h.send(k, "a2", "a", "2")
	h.send(k, "b1", "b", "3")
	if again := h.send(k, "other body", "a", "1"); again.ID != a1.ID || again.Sequence != a1.Sequence {
		t.Errorf("deduplication: got %+v; want %+v", again, a1)
	}
	got, first := h.receive(k, 1)
	h.want("first", got, "a1")
	got, other := h.receive(k, 10)
	h.want("the other group", got, "b1")
	h.remove(k, first[0])
	got, _ = h.receive(k, 10)
	h.want("the group goes on", got, "a2")
	h.now = h.now.Add(10 * time.Second)
	if found := h.remove(k, other[0]); found != queue.Stale {
		t.Errorf("an expired handle: got %v", found)
	}
	got, _ = h.receive(k, 10)
	h.want("in order again", got, "a2", "b1")
	h.now = h.now.Add(5 * time.Minute)
	if again := h.send(k, "a1", "a", "1"); again.ID == a1.ID {
		t.Error("deduplication did not end")
	}
}

func TestQueueRetentionAndDelay(t *testing.T) {
	h := newQueueHost(t)
	k := h.create("q", "MessageRetentionPeriod", "60", "DelaySeconds", "5")
	h.send(k, "a", "", "")
	got, _ := h.receive(k, 1)
	h.want("delayed", got)
	h.now = h.now.Add(5 * time.Second)
	got, held := h.receive(k, 1)
	h.want("delay over", got, "a")
	if _, _, err := h.q.Hide(t.Context(), k, held[0].Handle(), 0); err != nil {
		t.Fatal(err)
	}
	h.now = h.now.Add(56 * time.Second)
	got, _ = h.receive(k, 1)
	h.want("expired", got)
	if err := store.NewQueues(h.db).Expire(t.Context(), h.now); err != nil {
		t.Fatal(err)
	}
	h.now = h.now.Add(-56 * time.Second)
	got, _ = h.receive(k, 1)
	h.want("removed", got)
}

func TestQueueAttributes(t *testing.T) {
	h := newQueueHost(t)
	h.create("q", "VisibilityTimeout", "10")
	h.create("q") // the same
	for name, q := range map[string]queue.Queue{
		"QueueNameExists":       {Key: key("q"), Attributes: map[string]string{"VisibilityTimeout": "11"}},
		"InvalidAttributeValue": {Key: key("n"), Attributes: map[string]string{"DelaySeconds": "901"}},
		"InvalidAttributeName":  {Key: key("n"), Attributes: map[string]string{"Nonsense": "1"}},
		"InvalidParameterValue": {Key: key("n.fifo")},
	} {
		_, err := h.q.Create(t.Context(), q)
		if e := operation.AsError(err); e.Code != name {
			t.Errorf("got %v; want %s", err, name)
		}
	}
	if err := h.q.Delete(t.Context(), key("q")); err != nil {
		t.Error(err)
	}
	if _, err := h.q.Queue(t.Context(), key("q")); !errors.Is(err, queue.ErrNotFound) {
		t.Errorf("deleted: got %v", err)
	}
}

// Two hundred messages and eight receivers: each message is received once,
// and the long polls wake when messages come.
func TestLongPolling(t *testing.T) {
	dir := t.TempDir()
	db, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	q := queue.New(queue.Options{Store: store.NewQueues(db)})
	k := key("q")
	if _, err := q.Create(t.Context(), queue.Queue{Key: k}); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	seen := map[string]int{}
	total := 0
	var wg sync.WaitGroup
	wait := 20 * time.Second
	for range 8 {
		wg.Go(func() {
			for {
				got, err := q.Receive(t.Context(), k, queue.Receive{Max: 10, Wait: &wait})
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				over := false
				for _, m := range got {
					if m.Body == "end" {
						over = true
						continue
					}
					seen[m.ID]++
					total++
				}
				mu.Unlock()
				if over {
					return
				}
			}
		})
	}
	for i := range 200 {
		if _, _, err := q.Send(t.Context(), k, []queue.Outgoing{{Message: queue.Message{ID: fmt.Sprint(i), Body: "x"}}}); err != nil {
			t.Fatal(err)
		}
	}
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		mu.Lock()
		done := total >= 200
		mu.Unlock()
		if done {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	for i := range 8 {
		if _, _, err := q.Send(t.Context(), k, []queue.Outgoing{{Message: queue.Message{ID: fmt.Sprint("end", i), Body: "end"}}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	// A receiver may take two ends: purge is not needed, the rest ends with its wait.
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	for i := 0; ; i++ {
		select {
		case <-done:
		case <-time.After(50 * time.Millisecond):
			_, _, _ = q.Send(t.Context(), k, []queue.Outgoing{{Message: queue.Message{ID: fmt.Sprint("more", i), Body: "end"}}})
			continue
		}
		break
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("message %s was received %d times", id, n)
		}
	}
	if len(seen) != 200 {
		t.Errorf("got %d messages; want 200", len(seen))
	}
}
