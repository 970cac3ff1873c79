package stack

import "sync"

// walk runs f for every node once those that it waits for are done, at most
// limit at a time. A node whose f fails holds back those that wait for it;
// with stop, no node is begun after a failure. It returns the nodes that
// failed.
func walk(waits map[string][]string, limit int, stop bool, f func(node string) bool) (failed []string) {
	w := &walker{waits: waits, left: map[string]int{}, next: map[string][]string{}, f: f, stop: stop, limit: limit}
	w.cond.L = &w.mu
	for _, node := range sortedKeys(waits) {
		for _, on := range waits[node] {
			if _, ok := waits[on]; ok {
				w.left[node]++
				w.next[on] = append(w.next[on], node)
			}
		}
		if w.left[node] == 0 {
			w.ready = append(w.ready, node)
		}
	}
	return w.run()
}

type walker struct {
	waits map[string][]string
	next  map[string][]string
	f     func(string) bool
	stop  bool
	limit int

	mu     sync.Mutex // guards the fields below
	cond   sync.Cond
	left   map[string]int
	ready  []string
	busy   int
	failed []string
}

func (w *walker) run() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		halted := w.stop && len(w.failed) > 0
		switch {
		case len(w.ready) > 0 && !halted && w.busy < w.limit:
			node := w.ready[0]
			w.ready = w.ready[1:]
			w.busy++
			go w.one(node)
		case w.busy > 0:
			w.cond.Wait()
		default:
			return w.failed
		}
	}
}

func (w *walker) one(node string) {
	ok := w.f(node)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy--
	if !ok {
		w.failed = append(w.failed, node)
	} else {
		for _, n := range w.next[node] {
			if w.left[n]--; w.left[n] == 0 {
				w.ready = append(w.ready, n)
			}
		}
	}
	w.cond.Signal()
}

// reversed turns "waits for" around: what depends on a node comes before it.
func reversed(depends map[string][]string) map[string][]string {
	out := make(map[string][]string, len(depends))
	for node := range depends {
		out[node] = append(out[node], []string{}...)
	}
	for node, on := range depends {
		for _, d := range on {
			if _, ok := depends[d]; ok {
				out[d] = append(out[d], node)
			}
		}
	}
	return out
}
