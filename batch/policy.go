package batch

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"

	"salamander/internal/arn"
)

// A Policy is a scheduling policy of fair shares.
//
// https://docs.aws.amazon.com/batch/latest/APIReference/API_SchedulingPolicyDetail.html
type Policy struct {
	Scope
	ID           string            `json:"id"` // of the call that made it
	Name         string            `json:"name"`
	DecaySeconds int               `json:"decaySeconds,omitempty"` // window of usage; 10 minutes when 0
	Shares       []ShareWeight     `json:"shares,omitempty"`
	Tags         map[string]string `json:"tags,omitempty"`
}

// A ShareWeight is the weight of a share identifier, or of those that begin
// with it where it ends with an asterisk. The smaller the weight, the more the
// share gets.
type ShareWeight struct {
	Share  string  `json:"share"`
	Weight float64 `json:"weight"` // 1 when 0
}

// ARN returns the policy's ARN.
func (p Policy) ARN() string {
	return arn.New("batch", p.Region, p.Account, "scheduling-policy/"+p.Name)
}

// weight returns the weight of a share: that of its name, else of the longest
// prefix, else 1.
func (p Policy) weight(share string) float64 {
	weight, length := 1.0, -1
	for _, s := range p.Shares {
		prefix, wild := strings.CutSuffix(s.Share, "*")
		switch {
		case s.Share == share:
			return cmp.Or(s.Weight, 1)
		case wild && strings.HasPrefix(share, prefix) && len(prefix) > length:
			weight, length = cmp.Or(s.Weight, 1), len(prefix)
		}
	}
	return weight
}

// maxDecay is a week in seconds.
const maxDecay = 604800

var (
	sharePattern  = regexp.MustCompile(`^[a-zA-Z0-9]{1,255}$`)
	weightPattern = regexp.MustCompile(`^([a-zA-Z0-9]{1,254}\*?|[a-zA-Z0-9]{255}|\*)$`)
)

func (p Policy) check() error {
	if err := checkName("name", p.Name); err != nil {
		return err
	}
	if p.DecaySeconds < 0 || p.DecaySeconds > maxDecay {
		return clientError("shareDecaySeconds must be between 0 and %d.", maxDecay)
	}
	if len(p.Shares) > 500 {
		return clientError("shareDistribution can have at most 500 share identifiers.")
	}
	seen := map[string]bool{}
	for _, s := range p.Shares {
		switch {
		case !weightPattern.MatchString(s.Share):
			return clientError("shareIdentifier %q must be 1 to 255 letters and digits, and may end with an asterisk.", s.Share)
		case seen[s.Share]:
			return clientError("shareIdentifier %q is there twice.", s.Share)
		case s.Weight != 0 && !(s.Weight >= 0.0001 && s.Weight <= 999.9999):
			return clientError("weightFactor of shareIdentifier %q must be between 0.0001 and 999.9999.", s.Share)
		}
		seen[s.Share] = true
	}
	return nil
}

// CreatePolicy stores p. A repeat with the same ID is answered with the first
// result.
func (b *Batch) CreatePolicy(ctx context.Context, p Policy) (Policy, error) {
	b.loaded()
	if err := p.check(); err != nil {
		return Policy{}, err
	}
	b.admin.Lock()
	defer b.admin.Unlock()
	if have, ok := b.policy(p.Scope, p.Name); ok {
		if have.ID == p.ID {
			return have, nil
		}
		return Policy{}, clientError("Object already exists")
	}
	return p, b.putPolicy(ctx, p)
}

// UpdatePolicy changes the policy with an ARN; its queues go by it at once.
func (b *Batch) UpdatePolicy(ctx context.Context, scope Scope, ref string, change func(*Policy) error) error {
	b.admin.Lock()
	defer b.admin.Unlock()
	p, err := b.Policy(scope, ref)
	if err != nil {
		return err
	}
	if err := change(&p); err != nil {
		return err
	}
	if err := p.check(); err != nil {
		return err
	}
	return b.putPolicy(ctx, p)
}

// putPolicy commits p and puts it to use. admin is held.
func (b *Batch) putPolicy(ctx context.Context, p Policy) error {
	if err := b.opt.Store.PutPolicy(ctx, p); err != nil {
		return err
	}
	b.mu.Lock()
	b.policies[key{p.Scope, p.Name}] = p
	b.mu.Unlock()
	b.schedule()
	return nil
}

// DeletePolicy deletes the policy with an ARN, which no queue may have.
func (b *Batch) DeletePolicy(ctx context.Context, scope Scope, ref string) error {
	b.admin.Lock()
	defer b.admin.Unlock()
	p, err := b.Policy(scope, ref)
	if err != nil {
		return err
	}
	for _, q := range b.Queues(scope, nil) {
		if q.Policy == p.Name {
			return clientError("Cannot delete scheduling policy %s: job queue %s has it.", ref, q.Name)
		}
	}
	if err := b.opt.Store.DeletePolicy(ctx, scope, p.Name); err != nil {
		return err
	}
	b.mu.Lock()
	delete(b.policies, key{scope, p.Name})
	b.mu.Unlock()
	return nil
}

func (b *Batch) policy(scope Scope, name string) (Policy, bool) {
	b.loaded()
	b.mu.Lock()
	defer b.mu.Unlock()
	p, ok := b.policies[key{scope, name}]
	return p, ok
}

// Policy returns the scheduling policy with an ARN.
func (b *Batch) Policy(scope Scope, ref string) (Policy, error) {
	if name, err := resourceName(scope, "scheduling-policy", ref); err == nil && name != ref {
		if p, ok := b.policy(scope, name); ok {
			return p, nil
		}
	}
	return Policy{}, clientError("Scheduling policy %s does not exist.", ref)
}

// Policies returns the scheduling policies with the given ARNs that exist, or
// all, by name.
func (b *Batch) Policies(scope Scope, refs []string) []Policy {
	b.loaded()
	b.mu.Lock()
	defer b.mu.Unlock()
	var found []Policy
	for k, p := range b.policies {
		if k.Scope == scope && (len(refs) == 0 || slices.Contains(refs, p.ARN())) {
			found = append(found, p)
		}
	}
	slices.SortFunc(found, func(a, b Policy) int { return cmp.Compare(a.Name, b.Name) })
	return found
}

// checkShare holds the share of a submission to the rules of its queue.
func checkShare(q Queue, share string, priority *int) error {
	switch {
	case q.Policy == "" && share != "":
		return clientError("shareIdentifier must not be specified: JobQueue %s has no scheduling policy.", q.Name)
	case q.Policy == "":
	case share == "":
		return clientError("shareIdentifier must be specified: JobQueue %s has a scheduling policy.", q.Name)
	case !sharePattern.MatchString(share):
		return clientError("shareIdentifier %q must be 1 to 255 letters and digits.", share)
	}
	if priority != nil && (*priority < 0 || *priority > 9999) {
		return clientError("schedulingPriorityOverride must be between 0 and 9999.")
	}
	return nil
}
