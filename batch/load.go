package batch

// A Load is how many jobs a queue has, of those that have not ended.
type Load struct {
	Queue   Queue
	Waiting int // for capacity
}

// Loads returns the queues of all accounts with what waits in them, in no
// order, and how many attempts run now.
func (b *Batch) Loads() (loads []Load, running int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, q := range b.queues {
		loads = append(loads, Load{q.Queue, len(q.waiting)})
	}
	for _, j := range b.jobs {
		if j.proc != nil {
			running++
		}
	}
	return loads, running
}
