package batch

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// A share is what the jobs of a share identifier use in a queue. Batch.mu
// guards it.
//
// AWS tells what its scheduler weighs, not how: it adds up the vCPU seconds of
// the jobs that run and of those that ended lately, the latter fading. Here
// the usage of a share is the vCPUs of its running jobs and the mean over the
// window of what ended ones took, which fades exponentially; times the weight.
// What ended before the engine started is not known to it.
//
// https://docs.aws.amazon.com/batch/latest/userguide/job_scheduling.html
type share struct {
	running int // thousandths of a vCPU
	past    float64
	at      time.Time // that past is of
}

// faded returns what past is worth at a time.
func (s *share) faded(at time.Time, window time.Duration) float64 {
	return s.past * math.Exp(-at.Sub(s.at).Seconds()/window.Seconds())
}

func (p Policy) window() time.Duration {
	return time.Duration(cmp.Or(p.DecaySeconds, 600)) * time.Second
}

// head brings the job that is next in a queue to the front of those that wait:
// of the share that used least of what it is due, the one with the highest
// priority, and of these the oldest. Without a policy the oldest is there
// already. mu is held.
func (b *Batch) head(q *queue) *liveJob {
	p, ok := b.policies[key{q.Scope, q.Policy}]
	if q.Policy == "" || !ok || len(q.waiting) == 1 {
		return q.waiting[0]
	}
	now, usage := b.opt.Now(), map[string]float64{}
	for _, j := range q.waiting {
		if _, ok := usage[j.share]; ok {
			continue
		}
		used := 0.0
		if s := q.shares[j.share]; s != nil {
			used = float64(s.running) + s.faded(now, p.window())
		}
		usage[j.share] = used * p.weight(j.share)
	}
	first := slices.MinFunc(q.waiting, func(a, b *liveJob) int {
		return cmp.Or(cmp.Compare(usage[a.share], usage[b.share]), cmp.Compare(b.priority, a.priority), cmp.Compare(a.seq, b.seq))
	})
	if i := slices.Index(q.waiting, first); i > 0 {
		q.waiting = slices.Insert(slices.Delete(q.waiting, i, i+1), 0, first)
	}
	return first
}

// occupy gives j room in an environment. mu is held.
func (b *Batch) occupy(j *liveJob, env *environment) {
	j.owned, j.env, j.why, j.since = true, env, "", b.opt.Now()
	env.used += j.need
	if q := b.queues[j.key]; q != nil && j.share != "" {
		if q.shares == nil {
			q.shares = map[string]*share{}
		}
		if q.shares[j.share] == nil {
			q.shares[j.share] = &share{at: j.since}
		}
		q.shares[j.share].running += j.need
	}
}

// vacate takes from j what it occupies. mu is held.
func (b *Batch) vacate(j *liveJob) {
	if j.env == nil {
		return
	}
	j.env.used -= j.need
	j.env = nil
	q := b.queues[j.key]
	if q == nil || q.shares[j.share] == nil {
		return
	}
	s, now := q.shares[j.share], b.opt.Now()
	window := b.policies[key{q.Scope, q.Policy}].window()
	s.past = s.faded(now, window) + float64(j.need)*min(1, now.Sub(j.since).Seconds()/window.Seconds())
	s.at = now
	s.running -= j.need
}
